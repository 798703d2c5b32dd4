package selftest

func blobGetFaults() []Fault {
	get := On{Plane: "blob", Method: "GET", Path: aBlob, NoQuery: ".", Status: 200}
	part := On{Plane: "blob", Method: "GET", Path: aBlob, NoQuery: ".", Status: 206}
	metadata := On{Plane: "blob", Path: aBlob, Query: "^comp=metadata$", Status: 200}
	return []Fault{
		{Name: "blob-get-no-creation-time", Rule: "BLOB-GET-001", Also: []string{"BLOB-GET-011"}, On: get, Do: NoHeader("x-ms-creation-time")},
		{Name: "blob-get-none-other-code", Rule: "BLOB-GET-002", Also: []string{"BLOB-PUT-024", "BLOB-COMMON-007", "BLOB-COMMON-009"},
			On: On{Plane: "blob", Code: "BlobNotFound"}, Do: Code("ResourceNotFound")},
		{Name: "blob-range-200", Rule: "BLOB-GET-003",
			On: On{Plane: "blob", Method: "GET", Path: aBlob, Header: []string{"Range: .", "!x-ms-range"}, Status: 206}, Do: Status(200)},
		{Name: "blob-range-off-by-one", Rule: "BLOB-GET-003", On: part, Do: ReplaceHeader("Content-Range", "^bytes 7-9/", "bytes 7-10/")},
		{Name: "blob-range-plain-wins", Rule: "BLOB-GET-004",
			On: On{Plane: "blob", Method: "GET", Header: []string{"Range: .", "x-ms-range: ."}, Status: 206}, Do: Replace("^56$", "01")},
		{Name: "blob-range-no-size", Rule: "BLOB-GET-005", On: On{Plane: "blob", Method: "GET", Status: 416}, Do: NoHeader("Content-Range")},
		{Name: "blob-range-behind-empty", Rule: "BLOB-GET-005", On: On{Plane: "blob", Method: "GET", Status: 416}, Do: Status(206)},
		{Name: "blob-range-not-cut", Rule: "BLOB-GET-006",
			On: On{Plane: "blob", Method: "GET", Header: []string{"Range: -99$"}, Status: 206}, Do: ReplaceHeader("Content-Range", "-9/10", "-99/10")},
		{Name: "blob-range-no-md5", Rule: "BLOB-GET-007", On: part, Do: NoHeader("x-ms-blob-content-md5")},
		{Name: "blob-range-md5-not-asked", Rule: "BLOB-GET-007", On: part, Do: without("Content-MD5", Header("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="))},
		{Name: "blob-range-md5-missing", Rule: "BLOB-GET-008", On: On{Plane: "blob", Method: "GET",
			Header: []string{"x-ms-range-get-content-md5: true", "Range: -3$"}, Status: 206}, Do: NoHeader("Content-MD5")},
		{Name: "blob-head-ranged", Rule: "BLOB-GET-011",
			On: On{Plane: "blob", Method: "HEAD", Header: []string{"Range: ."}, Status: 200}, Do: Status(206)},
		{Name: "blob-get-no-tier", Rule: "BLOB-GET-012", On: get, Do: NoHeader("x-ms-access-tier")},
		{Name: "blob-metadata-with-type", Rule: "BLOB-GET-013", On: metadata, Do: where("ETag", Header("x-ms-blob-type", "BlockBlob"))},
		{Name: "blob-get-no-encoding", Rule: "BLOB-GET-014", On: get, Do: NoHeader("Content-Encoding")},
	}
}

func blobListFaults() []Fault {
	list := func(query string) On {
		return On{Plane: "blob", Method: "GET", Query: "restype=container&comp=list" + query, Status: 200}
	}
	return []Fault{
		{Name: "blob-list-unordered", Rule: "BLOB-LIST-001", Also: []string{"BLOB-COMMON-020"}, On: list("$"), Do: swapNames()},
		{Name: "blob-list-no-mark", Rule: "BLOB-LIST-001", On: list(""), Do: Replace(`^\x{feff}`, "")},
		{Name: "blob-list-no-maxresults", Rule: "BLOB-LIST-002", On: list(".*maxresults"), Do: NoXML("MaxResults")},
		{Name: "blob-list-no-prefixes", Rule: "BLOB-LIST-003", Also: []string{"BLOB-LIST-004"}, On: list(".*delimiter"), Do: NoXML("BlobPrefix")},
		{Name: "blob-list-prefixes-uncounted", Rule: "BLOB-LIST-004",
			On: list("&delimiter=.*&maxresults=2"), Do: Replace("</Blobs>", "<BlobPrefix><Name>z/</Name></BlobPrefix></Blobs>")},
		{Name: "blob-list-long-page-refused", Rule: "BLOB-LIST-004", On: list(".*maxresults=5001"), Do: Status(400)},
		{Name: "blob-list-any-size", Rule: "BLOB-LIST-005",
			On: On{Plane: "blob", Method: "GET", Query: "comp=list", Code: "OutOfRangeQueryParameterValue"}, Do: Status(200)},
		{Name: "blob-list-one-page", Rule: "BLOB-LIST-006", Also: []string{"BLOB-LIST-007"}, On: list(".*maxresults=2"), Do: XML("NextMarker", "")},
		{Name: "blob-list-page-again", Rule: "BLOB-LIST-006",
			On: list("&maxresults=2&marker=."), Do: Replace("<Name>c/1</Name>", "<Name>b</Name>")},
		{Name: "blob-list-no-metadata", Rule: "BLOB-LIST-009", On: list("&include=metadata"), Do: NoXML("Metadata")},
		{Name: "blob-list-tags-unasked", Rule: "BLOB-LIST-009", On: list("$"),
			Do: Replace("</Properties>", "</Properties><Tags><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tags>")},
		{Name: "blob-list-versions-rolled-up", Rule: "BLOB-LIST-012",
			On: On{Plane: "blob", Query: "delimiter=.*versions", Code: "InvalidQueryParameterValue"}, Do: Status(200)},
		{Name: "blob-list-name-not-marked", Rule: "BLOB-LIST-011", On: list(""), Do: Replace(` Encoded="true"`, "")},
	}
}
