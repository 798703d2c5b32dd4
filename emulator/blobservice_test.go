package emulator_test

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

// What recordings show of refused URLs and of service properties, beside statuses and codes.
func TestBlobAsRecorded(t *testing.T) { onCarriers(t, checkBlobAsRecorded) }

func checkBlobAsRecorded(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	at := func(path string) string { return r.devBlob(path, true) }
	const version = "x-ms-version: 2018-11-09"
	r.want("container", r.signed("PUT", at("/recorded?restype=container"), ""), 201)
	r.want("blob", r.signed("PUT", at("/recorded/b"), "x", "x-ms-blob-type: BlockBlob"), 201)

	// BLOB-COMMON-051
	for _, method := range []string{"GET", "HEAD"} {
		a := r.signed(method, at("/recorded/b?snapshot=1"), "", version)
		if a.status != 400 || a.header.Get("x-ms-error-code") != "" || a.header.Get("x-ms-version") != "" || a.header.Get("x-ms-request-id") == "" || !strings.HasPrefix(a.header.Get("Server"), "Windows-Azure-Blob/") {
			t.Errorf("%s of a URL that cannot be read: %d %v", method, a.status, a.header)
		}
		const want = "\"utf-8\"?>\n<Error><Code>InvalidQueryParameterValue</Code>"
		if got := strings.Contains(a.body, want) && strings.HasSuffix(a.body, "<QueryParameterName>snapshot</QueryParameterName><QueryParameterValue>1</QueryParameterValue></Error>"); got != (method == "GET") {
			t.Errorf("%s of a URL that cannot be read: %q", method, a.body)
		}
	}

	// BLOB-CONT-020
	properties := at("/?restype=service&comp=properties")
	r.want("rules", r.signed("PUT", properties, "<StorageServiceProperties><Cors><CorsRule><AllowedOrigins>www.xyz.com</AllowedOrigins><AllowedMethods>GET</AllowedMethods><MaxAgeInSeconds>5</MaxAgeInSeconds>"+
		"<ExposedHeaders>x-ms-meta-data*,x-ms-meta-source*,x-ms-meta-abc,x-ms-meta-bcd</ExposedHeaders><AllowedHeaders>*</AllowedHeaders></CorsRule></Cors></StorageServiceProperties>", version), 202)
	if a := r.want("rules", r.signed("GET", properties, "", version), 200); !strings.Contains(a.body, "<ExposedHeaders>x-ms-meta-abc,x-ms-meta-bcd,x-ms-meta-data*,x-ms-meta-source*</ExposedHeaders>") || !strings.Contains(a.body, "<AllowedHeaders>*</AllowedHeaders>") {
		t.Error(a.body)
	}

	// BLOB-CONT-021
	const head = "<?xml version='1.0' encoding='utf-8'?>\n<StorageServiceProperties><DeleteRetentionPolicy><Enabled>True</Enabled>"
	for days, want := range map[string]string{
		"<Days>0</Days>":      "<LineNumber>2</LineNumber><LinePosition>89</LinePosition>",
		"<Days>366</Days>":    "<LineNumber>2</LineNumber><LinePosition>91</LinePosition>",
		"<Days>0</Days><x />": "<LineNumber>2</LineNumber><LinePosition>88</LinePosition>",
		"":                    "<LineNumber>0</LineNumber><LinePosition>0</LinePosition>", // of nothing
	} {
		a := r.signed("PUT", properties, head+days+"</DeleteRetentionPolicy></StorageServiceProperties>", version)
		if a.status != 400 || !strings.Contains(a.body, want) {
			t.Errorf("days %q: %d %s", days, a.status, a.body)
		}
	}
}
