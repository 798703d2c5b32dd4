package selftest

import (
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
)

func blobEnvelopeFaults() []Fault {
	head := On{Plane: "blob", Method: "HEAD", Path: aBlob, NoQuery: ".", Status: 200}
	return []Fault{
		{Name: "blob-other-version", Rule: "BLOB-COMMON-001",
			On: On{Plane: "blob", Method: "GET", Path: aBlob, Header: []string{"x-ms-version: ."}, Status: 200}, Do: Header("x-ms-version", "2009-09-19")},
		{Name: "blob-no-date", Rule: "BLOB-COMMON-001", On: On{Plane: "blob", Method: "GET"}, Do: NoHeader("Date")},
		{Name: "blob-no-client-request-id", Rule: "BLOB-COMMON-003", On: On{Plane: "blob"}, Do: NoHeader("x-ms-client-request-id")},
		{Name: "blob-error-no-mark", Rule: "BLOB-COMMON-007", On: On{Plane: "blob", Answer: "<Error>"}, Do: Replace(`^\x{feff}`, "")},
		{Name: "blob-error-no-length", Rule: "BLOB-COMMON-007", On: On{Plane: "blob", Answer: "<Error>"}, Do: NoHeader("Content-Length")},
		{Name: "blob-error-no-header", Rule: "BLOB-COMMON-009", On: On{Plane: "blob", Method: "GET", Status: 404}, Do: NoHeader("x-ms-error-code")},
		{Name: "blob-head-error-body", Rule: "BLOB-COMMON-010", On: On{Plane: "blob", Method: "HEAD", Status: 404}, Do: Body("<Error />")},
		{Name: "blob-etag-lower-case", Rule: "BLOB-COMMON-012", Also: []string{"BLOB-COMMON-014", "BLOB-COMMON-015", "BLOB-GET-011"}, On: head, Do: func(a *wire.Answer) { a.Header.Set("ETag", strings.ToLower(a.Header.Get("ETag"))) }},
		{Name: "blob-modified-rounded", Rule: "BLOB-COMMON-013", Also: []string{"BLOB-COMMON-015", "BLOB-GET-011"}, On: head, Do: Header("Last-Modified", "Thu, 01 Jan 2015 00:00:00 GMT")},
		{Name: "blob-metadata-same-etag", Rule: "BLOB-COMMON-014",
			On: On{Plane: "blob", Method: "PUT", Path: aBlob, Query: "^comp=metadata$", Status: 200}, Do: Header("ETag", `"0x8D0000000000000"`)},
		{Name: "blob-tier-new-etag", Rule: "BLOB-COMMON-015", On: head, Do: where("x-ms-access-tier-change-time", Header("ETag", `"0x8FFFFFFFFFFFFFF"`))},
		{Name: "blob-tags-new-time", Rule: "BLOB-COMMON-015", On: head, Do: where("x-ms-tag-count", Header("Last-Modified", "Thu, 01 Jan 2015 00:00:00 GMT"))},
	}
}

func blobCommonFaults() []Fault {
	return []Fault{
		{Name: "blob-any-version", Rule: "BLOB-COMMON-004",
			On: On{Plane: "blob", Header: []string{"x-ms-version: ^[^2]|-13-"}, Code: "InvalidHeaderValue"}, Do: Status(200)},
		{Name: "blob-plain-http", Rule: "BLOB-COMMON-016", On: On{Plane: "blob", Code: "AccountRequiresHttps"}, Do: Status(200)},
		{Name: "blob-parameter-case", Rule: "BLOB-COMMON-019", On: On{Plane: "blob", Method: "GET", Query: "maxResults", Status: 200}, Do: NoXML("MaxResults")},
		{Name: "blob-slashes-folded", Rule: "BLOB-COMMON-020", On: On{Plane: "blob", Method: "GET", Path: "//", Status: 200}, Do: Replace("^two$", "one")},
		{Name: "blob-slash-encoded", Rule: "BLOB-COMMON-020", On: On{Plane: "blob", Method: "GET", Path: "%2F", Status: 200, Answer: "^(one|two)$"}, Do: Both(Status(404), Body(""))},
		{Name: "blob-no-root", Rule: "BLOB-COMMON-022", On: On{Plane: "blob", Method: "GET", Path: "^/[^/]+$", NoQuery: ".", Status: 200}, Do: Both(Status(400), Body(""))},
		{Name: "blob-metadata-lower-case", Rule: "BLOB-COMMON-023", On: On{Plane: "blob", Path: aBlob, Status: 200}, Do: rename("(?i)^x-ms-meta-", strings.ToLower)},
		{Name: "blob-metadata-any-name", Rule: "BLOB-COMMON-024", On: On{Plane: "blob", Method: "PUT", Code: "InvalidMetadata"}, Also: []string{"BLOB-COMMON-025"}, Do: Status(200)},
		{Name: "blob-metadata-any-size", Rule: "BLOB-COMMON-026", On: On{Plane: "blob", Method: "PUT", Code: "MetadataTooLarge"}, Do: Status(200)},
		{Name: "blob-md5-not-compared", Rule: "BLOB-COMMON-028", Also: []string{"BLOB-PUT-025"}, On: On{Plane: "blob", Method: "PUT", Code: "Md5Mismatch"}, Do: Status(201)},
		{Name: "blob-md5-any", Rule: "BLOB-COMMON-029", On: On{Plane: "blob", Method: "PUT", Code: "InvalidMd5"}, Do: Code("Md5Mismatch")},
		{Name: "blob-crc64-not-compared", Rule: "BLOB-COMMON-030", On: On{Plane: "blob", Method: "PUT", Code: "Crc64Mismatch"}, Do: Status(201)},
		{Name: "blob-crc64-other", Rule: "BLOB-COMMON-032", On: On{Plane: "blob", Method: "PUT", Path: aBlob, NoQuery: ".", Status: 201},
			Do: where("x-ms-content-crc64", Header("x-ms-content-crc64", "AAAAAAAAAAA="))},
		{Name: "blob-too-long-no-limit", Rule: "BLOB-COMMON-033", On: On{Plane: "blob", Method: "PUT", Status: 413}, Do: NoXML("MaxLimit")},
		{Name: "blob-no-length", Rule: "BLOB-COMMON-034", On: On{Plane: "blob", Method: "PUT", Status: 411}, Do: Status(201)},
		{Name: "blob-missing-header-unnamed", Rule: "BLOB-COMMON-041", On: On{Plane: "blob", Code: "MissingRequiredHeader"}, Do: NoXML("HeaderName")},
		{Name: "blob-missing-parameter-unnamed", Rule: "BLOB-COMMON-042", On: On{Plane: "blob", Code: "MissingRequiredQueryParameter"}, Do: NoXML("QueryParameterName")},
		{Name: "blob-no-block-id", Rule: "BLOB-COMMON-042", On: On{Plane: "blob", Method: "PUT", Query: "^comp=block$", Status: 400}, Do: Status(201)},
		{Name: "blob-header-value-unnamed", Rule: "BLOB-COMMON-044", Also: []string{"BLOB-COMMON-004", "BLOB-PUT-013"},
			On: On{Plane: "blob", Code: "InvalidHeaderValue"}, Do: NoXML("HeaderName")},
		{Name: "blob-lease-id-ignored", Rule: "BLOB-COMMON-046", On: On{Plane: "blob", Code: "LeaseNotPresentWithBlobOperation"}, Do: Status(200)},
		{Name: "blob-container-lease-id-ignored", Rule: "BLOB-COMMON-047",
			On: On{Plane: "blob", Code: "LeaseNotPresentWithContainerOperation"}, Do: Status(200)},
	}
}
