package blobspec_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/linarite/linarite/conformance/truth/blobspec"
)

const description = `{
 "x-ms-paths": {
  "/{containerName}/{blob}": {"get": {"operationId": "Download", "responses": {"200": {"headers": {"x-ms-meta": {"type": "string", "x-ms-header-collection-prefix": "x-ms-meta-"},
    "x-ms-kind": {"type": "string", "enum": ["a", "b"]}, "x-ms-count": {"type": "integer"}, "Last-Modified": {"type": "string", "format": "date-time-rfc1123"}}, "schema": {"type": "object", "format": "file"}}}}},
  "/{containerName}/{blob}?BlockBlob": {"put": {"operationId": "Upload", "responses": {"201": {}, "default": {}}}},
  "/{containerName}/{blob}?BlockBlob&fromUrl": {"put": {"operationId": "UploadFromURL", "responses": {"201": {}}}},
  "/{containerName}?restype=container&comp=list&flat": {"get": {"operationId": "List", "responses": {"200": {"schema": {"$ref": "#/definitions/List"}}}}}
 },
 "definitions": {
  "List": {"type": "object", "xml": {"name": "Results"}, "required": ["Endpoint", "Segment", "Next"],
    "properties": {"Endpoint": {"type": "string", "xml": {"attribute": true}}, "Segment": {"$ref": "#/definitions/Segment"}, "Next": {"type": "string"}}},
  "Segment": {"type": "object", "xml": {"name": "Blobs"}, "required": ["Items"], "properties": {"Items": {"type": "array", "items": {"$ref": "#/definitions/Item"}}}},
  "Item": {"xml": {"name": "Blob"}, "required": ["Name"], "properties": {"Name": {"type": "string"}, "Size": {"type": "integer"}, "Metadata": {"$ref": "#/definitions/Metadata"},
    "Tags": {"type": "array", "xml": {"wrapped": true}, "items": {"$ref": "#/definitions/Tag"}}}},
  "Metadata": {"type": "object", "additionalProperties": {"type": "string"}},
  "Tag": {"type": "object", "properties": {"Key": {"type": "string"}}}
 }}`

func load(t *testing.T, text string) (blobspec.Spec, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "blob.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return blobspec.Load(file)
}

func TestCheck(t *testing.T) {
	spec, err := load(t, description)
	if err != nil {
		t.Fatal(err)
	}
	const host = "https://a.blob.core.windows.net"
	list := func(body string) blobspec.Answer {
		return blobspec.Answer{Method: "GET", URL: host + "/c?comp=list&restype=container", Status: 200, Body: []byte("\xef\xbb\xbf<?xml version=\"1.0\"?>" + body)}
	}
	get := func(header map[string]string) blobspec.Answer {
		return blobspec.Answer{Method: "GET", URL: host + "/c/dir/b", Status: 200, ResponseHeader: header, Body: []byte("any")}
	}
	put := func(status int, header map[string]string) blobspec.Answer {
		return blobspec.Answer{Method: "PUT", URL: host + "/c/b", Status: status, Header: header}
	}
	block := map[string]string{"x-ms-blob-type": "BlockBlob"}
	for name, test := range map[string]struct {
		answer    blobspec.Answer
		operation string
		want      []blobspec.Finding
	}{
		"right headers":     {get(map[string]string{"x-ms-meta-any": "x", "x-ms-kind": "b", "x-ms-count": "3", "last-modified": "Thu, 09 May 2019 00:52:27 GMT", "server": "x"}), "Download", nil},
		"header of nobody":  {get(map[string]string{"x-ms-other": "x"}), "Download", []blobspec.Finding{{"header not described", "x-ms-other", ""}}},
		"no such kind":      {get(map[string]string{"x-ms-kind": "c"}), "Download", []blobspec.Finding{{"header of another type", "x-ms-kind", "c"}}},
		"no number":         {get(map[string]string{"x-ms-count": "many"}), "Download", []blobspec.Finding{{"header of another type", "x-ms-count", "many"}}},
		"no instant":        {get(map[string]string{"last-modified": "2019"}), "Download", []blobspec.Finding{{"header of another type", "last-modified", "2019"}}},
		"put":               {put(201, block), "Upload", nil},
		"refused":           {put(409, block), "Upload", nil},
		"another status":    {put(200, block), "Upload", []blobspec.Finding{{"status not described", "200", ""}}},
		"from a URL":        {put(201, map[string]string{"x-ms-blob-type": "BlockBlob", "x-ms-copy-source": "https://x"}), "UploadFromURL", nil},
		"right list":        {list(`<Results Endpoint="x"><Blobs><Blob><Name>a</Name><Size>1</Size><Metadata><any>x</any></Metadata><Tags><Tag><Key>k</Key></Tag></Tags></Blob></Blobs><Next /></Results>`), "List", nil},
		"empty list":        {list(`<Results Endpoint="x"><Blobs /><Next /></Results>`), "List", nil},
		"element of nobody": {list(`<Results Endpoint="x"><Blobs><Blob><Name>a</Name><Colour>x</Colour></Blob></Blobs><Next /></Results>`), "List", []blobspec.Finding{{"element not described", "Results/Blobs/Blob/Colour", ""}}},
		"no name":           {list(`<Results Endpoint="x"><Blobs><Blob /></Blobs><Next /></Results>`), "List", []blobspec.Finding{{"required element missing", "Results/Blobs/Blob/Name", ""}}},
		"no attribute":      {list(`<Results Other="x"><Blobs /><Next /></Results>`), "List", []blobspec.Finding{{"attribute not described", "Results@Other", ""}, {"required element missing", "Results/Endpoint", ""}}},
		"no size":           {list(`<Results Endpoint="x"><Blobs><Blob><Name>a</Name><Size>big</Size></Blob></Blobs><Next /></Results>`), "List", []blobspec.Finding{{"element of another type", "Results/Blobs/Blob/Size", "big"}}},
		"of another tag":    {list(`<Results Endpoint="x"><Blobs><Blob><Name>a</Name><Tags><Label /></Tags></Blob></Blobs><Next /></Results>`), "List", []blobspec.Finding{{"element not described", "Results/Blobs/Blob/Tags/Label", ""}}},
		"another document":  {list(`<Other />`), "List", []blobspec.Finding{{"another element", "Results", "Other"}}},
		"no XML":            {list(``), "List", []blobspec.Finding{{"no XML", "", "EOF"}}},
	} {
		t.Run(name, func(t *testing.T) {
			operation, findings, known := spec.Check(test.answer)
			if !known || operation != test.operation || !slices.Equal(findings, test.want) {
				t.Errorf("%q (%t): %q", operation, known, findings)
			}
		})
	}
	for _, a := range []blobspec.Answer{{Method: "DELETE", URL: host + "/c/b"}, {Method: "GET", URL: host + "/c/b?comp=tags"}, {Method: "GET", URL: host + "/c?comp=list&restype=container&delimiter=x"}, {Method: "GET", URL: "%"}} {
		if operation, _, known := spec.Check(a); known {
			t.Errorf("%s %s is %s", a.Method, a.URL, operation)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, text := range []string{"", "{}", "[]"} {
		if _, err := load(t, text); err == nil {
			t.Errorf("loaded %q", text)
		}
	}
}
