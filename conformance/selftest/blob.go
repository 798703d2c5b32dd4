package selftest

import "slices"

func blobFaults() []Fault {
	return slices.Concat(containerFaults(), blobAuthFaults())
}

func containerFaults() []Fault {
	return []Fault{
		{Name: "blob-container-no-etag", Rule: "BLOB-CONT-001",
			On: On{Plane: "blob", Method: "PUT", Query: "^restype=container$", Status: 201}, Do: NoHeader("ETag")},
		{Name: "blob-container-made-twice", Rule: "BLOB-CONT-002",
			On: On{Plane: "blob", Method: "PUT", Query: "^restype=container$", Code: "ContainerAlreadyExists"}, Do: Status(201)},
	}
}

func blobWithoutSpec() []Uncovered { return slices.Concat(blobAuthWithoutSpec()) }

func blobWithoutFault() []Uncovered { return slices.Concat(blobAuthWithoutFault()) }
