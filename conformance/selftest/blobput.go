package selftest

// aBlob is the path of a blob in a container.
const aBlob = "^/[^/]+/.+"

func blobPutFaults() []Fault {
	put := On{Plane: "blob", Method: "PUT", Path: aBlob, NoQuery: ".", Status: 201}
	get := On{Plane: "blob", Method: "GET", Path: aBlob, NoQuery: "comp=", Status: 200}
	head := On{Plane: "blob", Method: "HEAD", Path: aBlob, NoQuery: "comp=", Status: 200}
	return []Fault{
		{Name: "blob-put-no-md5", Rule: "BLOB-PUT-001", On: put, Do: NoHeader("Content-MD5")},
		{Name: "blob-put-no-crc64", Rule: "BLOB-PUT-002", Also: []string{"BLOB-COMMON-032"}, On: put, Do: NoHeader("x-ms-content-crc64")},
		{Name: "blob-put-without-type", Rule: "BLOB-PUT-003",
			On: On{Plane: "blob", Method: "PUT", Header: []string{"!x-ms-blob-type"}, Code: "MissingRequiredHeader", NoQuery: "."}, Do: Status(201)},
		{Name: "blob-put-plain-headers-win", Rule: "BLOB-PUT-004", On: get, Do: where("Content-Language", Header("Content-Language", "de"))},
		{Name: "blob-put-other-default-type", Rule: "BLOB-PUT-005", On: get, Do: where("Content-Type", ReplaceHeader("Content-Type", "^application/octet-stream$", "text/plain"))},
		{Name: "blob-put-no-stored-md5", Rule: "BLOB-PUT-006", Also: []string{"BLOB-GET-011", "BLOB-PUT-021", "BLOB-PROP-001"}, On: head, Do: NoHeader("Content-MD5")},
		{Name: "blob-put-keeps-metadata", Rule: "BLOB-PUT-007", On: head, Do: where("ETag", Header("x-ms-meta-before", "1"))},
		{Name: "blob-put-over-existing", Rule: "BLOB-PUT-008", On: On{Plane: "blob", Method: "PUT", Code: "BlobAlreadyExists"}, Do: Status(201)},
		{Name: "blob-put-any-length", Rule: "BLOB-PUT-009", Also: []string{"BLOB-COMMON-033"}, On: On{Plane: "blob", Method: "PUT", Status: 413}, Do: Status(201)},
		{Name: "blob-block-etag", Rule: "BLOB-PUT-010",
			On: On{Plane: "blob", Method: "PUT", Query: "comp=block&", Status: 201}, Do: Header("ETag", `"0x8DF4D0AF083C6D7"`)},
		{Name: "blob-block-any-id-length", Rule: "BLOB-PUT-011", On: On{Plane: "blob", Method: "PUT", Code: "InvalidBlobOrBlock"}, Do: Status(201)},
		{Name: "blob-block-any-id", Rule: "BLOB-PUT-012", On: On{Plane: "blob", Method: "PUT", Code: "InvalidBlockId"}, Do: Status(201)},
		{Name: "blob-block-empty", Rule: "BLOB-PUT-013",
			On: On{Plane: "blob", Method: "PUT", Query: "comp=block&", Code: "InvalidHeaderValue"}, Do: Status(201)},
		{Name: "blob-block-staged-twice", Rule: "BLOB-PUT-014", Also: []string{"BLOB-PUT-022"},
			On: On{Plane: "blob", Method: "GET", Query: "comp=blocklist", Status: 200}, Do: Replace("(<UncommittedBlocks>)(<Block>.*?</Block>)", "$1$2$2")},
		{Name: "blob-block-first-stays", Rule: "BLOB-PUT-014", On: get, Do: Replace("^second$", "first")},
		{Name: "blob-blocks-sorted", Rule: "BLOB-PUT-017", On: get, Do: Replace("^second-first-$", "first-second-")},
		{Name: "blob-blocks-committed-first", Rule: "BLOB-PUT-017", On: get, Do: Replace("^staged-$", "b-")},
		{Name: "blob-blocks-missing", Rule: "BLOB-PUT-018",
			On: On{Plane: "blob", Method: "PUT", Query: "comp=blocklist", Body: "<Latest>", Code: "InvalidBlockList"}, Do: Status(201)},
		{Name: "blob-blocks-too-many", Rule: "BLOB-PUT-019", On: On{Plane: "blob", Method: "PUT", Code: "BlockListTooLong"}, Do: Status(201)},
		{Name: "blob-blocks-kept", Rule: "BLOB-PUT-020",
			On: On{Plane: "blob", Method: "PUT", Query: "comp=blocklist", Body: "<Uncommitted>", Code: "InvalidBlockList"}, Do: Status(201)},
		{Name: "blob-blocks-type-of-xml", Rule: "BLOB-PUT-021", On: head,
			Do: where("Content-Type", ReplaceHeader("Content-Type", "^application/octet-stream$", "application/xml"))},
		{Name: "blob-blocks-unordered", Rule: "BLOB-PUT-022",
			On: On{Plane: "blob", Method: "GET", Query: "comp=blocklist", Status: 200}, Do: swapNames()},
		{Name: "blob-blocks-staged-tag", Rule: "BLOB-PUT-023",
			On: On{Plane: "blob", Method: "GET", Query: "comp=blocklist", Status: 200}, Do: without("ETag", Header("ETag", `"0x8DF4D0AF083C6D7"`))},
		{Name: "blob-blocks-staged-found", Rule: "BLOB-PUT-024", Also: []string{"BLOB-COMMON-010"},
			On: On{Plane: "blob", Method: "HEAD", Code: "BlobNotFound"}, Do: Status(200)},
	}
}
