package selftest

func blobPropertyFaults() []Fault {
	head := On{Plane: "blob", Method: "HEAD", Path: aBlob, NoQuery: ".", Status: 200}
	return []Fault{
		{Name: "blob-properties-type-stays", Rule: "BLOB-PROP-001", On: head, Do: without("Content-Type", Header("Content-Type", "text/plain"))},
		{Name: "blob-metadata-not-encrypted", Rule: "BLOB-PROP-002",
			On: On{Plane: "blob", Method: "PUT", Path: aBlob, Query: "^comp=metadata$", Status: 200}, Do: NoHeader("x-ms-request-server-encrypted")},
		{Name: "blob-metadata-merged", Rule: "BLOB-PROP-002", On: head, Do: where("x-ms-meta-second", Header("x-ms-meta-first", "1"))},
		{Name: "blob-tags-set-200", Rule: "BLOB-PROP-003", On: On{Plane: "blob", Method: "PUT", Query: "comp=tags", Status: 204}, Do: Status(200)},
		{Name: "blob-tags-other-value", Rule: "BLOB-PROP-003",
			On: On{Plane: "blob", Method: "GET", Query: "comp=tags", Status: 200}, Do: Replace("<Value>1<", "<Value>2<")},
		{Name: "blob-tags-with-stars", Rule: "BLOB-PROP-007",
			On: On{Plane: "blob", Method: "PUT", Query: "comp=tags", Body: `<Value>v\*<`, Code: "InvalidTag"}, Do: Status(204)},
		{Name: "blob-tags-uncounted", Rule: "BLOB-PROP-008",
			On: On{Plane: "blob", Method: "GET", Path: aBlob, NoQuery: ".", Status: 200}, Do: NoHeader("x-ms-tag-count")},
		{Name: "blob-tier-always-202", Rule: "BLOB-PROP-009", On: On{Plane: "blob", Method: "PUT", Query: "comp=tier", Status: 200}, Do: Status(202)},
		{Name: "blob-tier-woken-200", Rule: "BLOB-PROP-009", On: On{Plane: "blob", Method: "PUT", Query: "comp=tier", Status: 202}, Do: Status(200)},
		{Name: "blob-tier-any", Rule: "BLOB-PROP-010",
			On: On{Plane: "blob", Method: "PUT", Query: "comp=tier", Code: "InvalidHeaderValue"}, Do: Status(200)},
		{Name: "blob-archived-read", Rule: "BLOB-PROP-011", On: On{Plane: "blob", Code: "BlobArchived"}, Do: Status(200)},
		{Name: "blob-tier-not-inferred", Rule: "BLOB-PROP-012", On: head, Do: NoHeader("x-ms-access-tier-inferred")},
		{Name: "blob-tier-always-inferred", Rule: "BLOB-PROP-012", On: head, Do: where("x-ms-access-tier", Header("x-ms-access-tier-inferred", "true"))},
		{Name: "blob-delete-no-type", Rule: "BLOB-PROP-013",
			On: On{Plane: "blob", Method: "DELETE", Path: aBlob, Status: 202}, Do: NoHeader("x-ms-delete-type-permanent")},
	}
}

func blobConditionFaults() []Fault {
	return []Fault{
		{Name: "blob-read-tag-wins", Rule: "BLOB-COND-001",
			On: On{Plane: "blob", Method: "GET", Header: []string{"If-None-Match: .", "If-Modified-Since: .", "!If-Match"}, Status: 200}, Do: Status(304)},
		{Name: "blob-read-second-condition-ignored", Rule: "BLOB-COND-001",
			On: On{Plane: "blob", Method: "HEAD", Header: []string{"If-Match: .", "If-Unmodified-Since: ."}, Status: 412}, Do: Status(200)},
		{Name: "blob-read-condition-ignored", Rule: "BLOB-COND-002", Also: []string{"BLOB-COND-001", "BLOB-COND-009", "BLOB-COND-010"},
			On: On{Plane: "blob", Method: "GET", Code: "ConditionNotMet", Status: 412, Path: aBlob}, Do: Status(200)},
		{Name: "blob-unmodified-with-tag", Rule: "BLOB-COND-003", On: On{Plane: "blob", Status: 304}, Do: Header("ETag", `"0x8DF4D0AF083C6D7"`)},
		{Name: "blob-unmodified-no-code", Rule: "BLOB-COND-003", On: On{Plane: "blob", Status: 304}, Do: NoHeader("x-ms-error-code")},
		{Name: "blob-read-if-none-unmodified", Rule: "BLOB-COND-004", On: On{Plane: "blob", Code: "UnsatisfiableCondition"}, Do: Status(304)},
		{Name: "blob-write-both-count", Rule: "BLOB-COND-005",
			On: On{Plane: "blob", Method: "PUT", Header: []string{"If-Match: .", "If-Unmodified-Since: ."}, Status: 200}, Do: Status(412)},
		{Name: "blob-write-time-counts", Rule: "BLOB-COND-005",
			On: On{Plane: "blob", Method: "PUT", Header: []string{"If-None-Match: .", "If-Modified-Since: ."}, Status: 412}, Do: Status(200)},
		{Name: "blob-write-condition-ignored", Rule: "BLOB-COND-007", Also: []string{"BLOB-COND-008", "BLOB-COND-009"},
			On: On{Plane: "blob", Method: "PUT", Path: aBlob, Header: []string{"!If-Unmodified-Since", "!If-Modified-Since"}, Code: "ConditionNotMet"}, Do: Status(201)},
		{Name: "blob-write-time-ignored", Rule: "BLOB-COND-007",
			On: On{Plane: "blob", Method: "DELETE", Path: aBlob, Header: []string{"If-Unmodified-Since: ."}, Code: "ConditionNotMet"}, Do: Status(202)},
		{Name: "blob-write-none-not-found", Rule: "BLOB-COND-008",
			On: On{Plane: "blob", Header: []string{`If-Match: ^\*$`}, Code: "ConditionNotMet"}, Do: Both(Status(404), Code("BlobNotFound"))},
		{Name: "blob-tag-unquoted", Rule: "BLOB-COND-009",
			On: On{Plane: "blob", Method: "GET", Header: []string{"If-Match: ^0x"}, Status: 200}, Do: Status(412)},
		{Name: "blob-times-by-ticks", Rule: "BLOB-COND-010",
			On: On{Plane: "blob", Method: "GET", Header: []string{"If-Modified-Since: .", "!If-None-Match"}, Status: 304}, Also: []string{"BLOB-COND-003"}, Do: Status(200)},
		{Name: "blob-container-condition-ignored", Rule: "BLOB-COND-012",
			On: On{Plane: "blob", Method: "PUT", Query: "restype=container&comp=", Code: "ConditionNotMet"}, Do: Status(200)},
	}
}
