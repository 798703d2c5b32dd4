package wire

import "testing"

func TestParseError(t *testing.T) {
	const id = "11111111-2222-3333-4444-555555555555"
	for _, test := range []struct {
		name, body         string
		header             Header
		code, message, ids string
	}{
		{"ARM", `{"error":{"code":"ResourceGroupNotFound","message":"Resource group 'x' could not be found."}}`, Header{{"x-ms-request-id", id}},
			"ResourceGroupNotFound", "Resource group 'x' could not be found.", id},
		{"Graph", `{"error":{"code":"Request_ResourceNotFound","message":"m","innerError":{"date":"d"}}}`, Header{{"request-id", id}}, "Request_ResourceNotFound", "m", id},
		{"Storage", "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.\nRequestId:" + id +
			"\nTime:2022-11-18T06:30:04.3055998Z</Message><X>1</X></Error>", Header{{"x-ms-error-code", "BlobNotFound"}}, "BlobNotFound", "The specified blob does not exist.", id},
		{"Storage, HEAD", "", Header{{"X-Ms-Error-Code", "BlobNotFound"}, {"x-ms-request-id", id}}, "BlobNotFound", "", id},
		{"Vault", `{"error":{"code":"Forbidden","message":"m\r\nn","innererror":{"code":"ForbiddenByPolicy"}}}`, nil, "Forbidden", "m\r\nn", ""},
		{"Entra", `{"error":"invalid_client","error_description":"AADSTS7000215: no.\r\nTrace ID: a\r\nCorrelation ID: b\r\nTimestamp: c","error_codes":[7000215],"trace_id":"` + id + `"}`,
			nil, "invalid_client", "AADSTS7000215: no.", id},
		{"IMDS", `{"error":"invalid_request","error_description":"Required metadata header not specified"}`, Header{{"x-ms-request-id", id}},
			"invalid_request", "Required metadata header not specified", id},
		{"IMDS, relayed", `{"error":"invalid_resource","error_description":"AADSTS500011: no.\r\nTrace ID: ` + id + `\r\nTimestamp: c"}`, nil, "invalid_resource", "AADSTS500011: no.", id},
		{"IMDS, one member", `{ "error": "Not found" }`, nil, "Not found", "", ""},
		{"App Service", `{"statusCode":400,"message":"no"}`, nil, "", "no", ""},
		{"text", "no healthy upstream", nil, "", "", ""},
		{"nothing", "", nil, "", "", ""},
		{"other XML", "<html><Code>1</Code></html>", nil, "", "", ""},
		{"broken XML", "<Error><Code>1</Code>", nil, "", "", ""},
		{"other JSON", `{"error":[1],"message":2}`, nil, "", "", ""},
		{"a list", `[1]`, nil, "", "", ""},
		{"null", `null`, nil, "", "", ""},
	} {
		code, message, requestID := ParseError(&Answer{Body: []byte(test.body), Header: test.header})
		if code != test.code || message != test.message || requestID != test.ids {
			t.Errorf("%s: %q, %q, %q", test.name, code, message, requestID)
		}
	}
}
