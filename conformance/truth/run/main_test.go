package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

// serve serves the world of the replays, and returns its ready file.
func serve(t *testing.T) string {
	t.Helper()
	emu, err := emulator.Open(emulator.Options{World: filepath.Join("..", "world.yaml")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = emu.Close() })
	server, err := emu.Serve(emulator.ServeOptions{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(map[string]string{"url": server.URL, "httpsUrl": server.HTTPSURL, "blobUrl": server.BlobURL})
	if err != nil {
		t.Fatal(err)
	}
	return write(t, filepath.Join(t.TempDir(), "ready.json"), string(text))
}

func write(t *testing.T, file, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const emptyList = `{"check": "make replay", "scores": {}, "left": {}, "reasons": {}, "differences": []}`

// check runs a check and says what it wrote.
func check(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out strings.Builder
	if got := run(t.Context(), args, &out, &out); got != want {
		t.Fatalf("%q ended with %d, want %d:\n%s", args, got, want, out.String())
	}
	return out.String()
}

func contains(t *testing.T, text string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
}

// What a group goes through, as Azure would have recorded it, and two things that Azure would not say.
const group = `{"interactions": [
{"method": "PUT", "uri": "https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/made?api-version=2020-06-01", "reqHeaders": {"content-type": "application/json"}, "reqBody": null, "reqBodyRecorded": false,
 "status": 201, "respHeaders": {"content-type": "application/json; charset=utf-8"},
 "respBody": "{\"id\":\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/made\",\"name\":\"made\",\"type\":\"Microsoft.Resources/resourceGroups\",\"location\":\"eastus\",\"tags\":{\"a\":\"b\"},\"properties\":{\"provisioningState\":\"Succeeded\"}}"},
{"method": "DELETE", "uri": "https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/made?api-version=2020-06-01", "reqHeaders": {}, "reqBody": null,
 "status": 202, "respHeaders": {"location": "http://localhost:1234/subscriptions/00000000-0000-0000-0000-000000000000/operationresults/TOKEN?api-version=2020-06-01"}, "respBody": ""},
{"method": "GET", "uri": "https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000/operationresults/TOKEN?api-version=2020-06-01", "reqHeaders": {}, "reqBody": null, "status": 202, "respHeaders": {}, "respBody": ""},
{"method": "GET", "uri": "https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000/operationresults/TOKEN?api-version=2020-06-01", "reqHeaders": {}, "reqBody": null, "status": 200, "respHeaders": {}, "respBody": ""},
{"method": "GET", "uri": "https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/other?api-version=2020-06-01", "reqHeaders": {}, "reqBody": null,
 "status": 200, "respHeaders": {"x-no-such": "1"}, "respBody": "{\"id\":\"/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/other\",\"colour\":\"blue\",\"location\":\"eastus\",\"name\":\"another\"}"},
{"method": "GET", "uri": "https://management.azure.com/subscriptions/00000000-0000-0000-0000-000000000000/providers/Microsoft.Gadgets/gadgets?api-version=2020-06-01", "reqHeaders": {}, "reqBody": null, "status": 200, "respHeaders": {}, "respBody": "{}"}
]}`

func TestARM(t *testing.T) {
	ready, folder := serve(t), t.TempDir()
	write(t, filepath.Join(folder, "arm-test", "groups", "one.json"), group)
	list := write(t, filepath.Join(t.TempDir(), "list.json"), emptyList)
	args := []string{"arm", "-ready", ready, "-recordings", folder, "-list", list}
	found := check(t, 1, args...)
	contains(t, found, "one #4, headers missing: truth \"x-no-such\"", "one #4, members missing: truth \"colour:string\"", "members of ours", "value name: truth \"another\", ours \"other\"",
		"left out of not built: Microsoft.Gadgets/gadgets: listed 0, now 1", "Sent:5 Skipped:1 Status:5 All:4")
	if strings.Contains(found, "one #0") || strings.Contains(found, "one #1") || strings.Contains(found, "one #2") || strings.Contains(found, "one #3") {
		t.Errorf("what is as recorded differs:\n%s", found)
	}
	contains(t, check(t, 1, append(args, "-update")...), `no reason ""`)
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	done := strings.ReplaceAll(string(text), `"reason":""`, `"reason":"test"`)
	write(t, list, strings.Replace(done, `"reasons": {}`, `"reasons": {"test": {"kind": "artefact", "why": "A test."}}`, 1))
	contains(t, check(t, 0, args...), "80.0 %")
}

const blobs = `{"interactions": [
{"method": "PUT", "uri": "https://storagename.blob.core.windows.net/box/b?x=y", "reqHeaders": {"x-ms-date": "Thu, 09 May 2019 00:52:27 GMT", "x-ms-version": "2018-11-09", "x-ms-blob-type": "BlockBlob"}, "reqBody": "text", "status": 201,
 "respHeaders": {"etag": "\"0x8D6D418C4B6A2\"", "content-md5": "HLJtLGqFjKfMd3/BY3w/9g=="}, "respBody": ""},
{"method": "GET", "uri": "https://storagename.blob.core.windows.net/box/b", "reqHeaders": {"x-ms-date": "Thu, 09 May 2019 00:52:28 GMT", "x-ms-version": "2018-11-09", "if-match": "\"0x8D6D418C4B6A2\""}, "reqBody": null, "status": 200,
 "respHeaders": {"content-type": "text/html", "content-md5": "HLJtLGqFjKfMd3/BY3w/9g=="}, "respBody": "other"},
{"method": "PUT", "uri": "https://storagename.blob.core.windows.net/box/c", "reqHeaders": {"x-ms-date": "Thu, 09 May 2019 00:52:29 GMT", "x-ms-version": "2018-11-09", "x-ms-blob-type": "BlockBlob"}, "reqBody": "x", "status": 404,
 "respHeaders": {"x-ms-error-code": "ContainerNotFound"}, "respBody": "<?xml version=\"1.0\"?><Error><Code>ContainerNotFound</Code><Message>No.\nRequestId:1\nTime:2</Message></Error>"}
]}`

func TestBlobValues(t *testing.T) {
	ready, folder := serve(t), t.TempDir()
	write(t, filepath.Join(folder, "blob-azure-storage-python", "blobs", "one.json"), blobs)
	list := write(t, filepath.Join(t.TempDir(), "list.json"), emptyList)
	found := check(t, 1, "blob-values", "-ready", ready, "-recordings", folder, "-list", list)
	contains(t, found, `#1, header content-type: truth "text/html", ours "application/octet-stream"`, `#1, content: truth "5 bytes"`, `#0, header of ours last-modified`,
		`#2, text of Error/Message: truth "No.", ours "The specified container does not exist."`, "Sent:3 Skipped:0 Status:3")
	if strings.Contains(found, "text of Error/Code") || strings.Contains(found, "header etag") {
		t.Errorf("what is as recorded differs:\n%s", found)
	}
}

func TestBlobOfTheOtherReplayer(t *testing.T) {
	folder := t.TempDir()
	differences := write(t, filepath.Join(folder, "d.json"), `[
{"File": "f/one.json", "N": 2, "What": "status", "Want": "201 ", "Got": "501 NotImplementedNotImplemented"},
{"File": "f/one.json", "N": 3, "What": "xml elements", "Want": "R R/A R/A/B R/C", "Got": "R R/C R/C/D"}]`)
	table := write(t, filepath.Join(folder, "t.txt"), "family  sent skip | status code headers xml | all\nf  5 1 | 4 4 4 4 | 3\ntotal  5 1 | 4 4 4 4 | 3\n")
	list := write(t, filepath.Join(folder, "list.json"), emptyList)
	found := check(t, 1, "blob", "-differences", differences, "-table", table, "-list", list)
	contains(t, found, `f/one #2, status: truth "201", ours "501 NotImplemented"`, `f/one #3, xml element missing: truth "R/A"`, `f/one #3, xml element of ours: truth "", ours "R/C/D"`, "Sent:5 Skipped:1 Status:4 All:3")
	if strings.Contains(found, "R/A/B") {
		t.Errorf("an element inside of one that is missing is named:\n%s", found)
	}
	contains(t, check(t, 2, "blob", "-differences", differences, "-table", list, "-list", list), "no scores")
}

func TestTraffic(t *testing.T) {
	folder := t.TempDir()
	const one = `{"plane": "arm", "method": "GET", "url": "https://management.azure.com/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/g?api-version=2021-04-01", "status": 200, "undescribed": "",
 "findings": [{"side": "response", "code": "OBJECT_ADDITIONAL_PROPERTIES", "message": "Additional properties not allowed: x", "at": ["/value/3/x"]}]}`
	const other = `{"plane": "vault", "method": "GET", "url": "https://v.vault.azure.net/secrets?api-version=2026-04-01", "status": 200, "undescribed": "NOT_FOUND", "findings": []}`
	const spec = `{"x-ms-paths": {"/{containerName}?restype=container": {"put": {"operationId": "Create", "responses": {"201": {}}}}}}`
	const blob = `{"liveRequest": {"method": "PUT", "url": "https://a.blob.core.windows.net/c?restype=container", "headers": {"x-ms-version": "2021-12-02"}}, "liveResponse": {"statusCode": "201", "headers": {"x-new": "1"}}}`
	line := func(text string) string { return strings.ReplaceAll(text, "\n", "") + "\n" }
	findings := write(t, filepath.Join(folder, "f.jsonl"), line(one)+line(strings.Replace(one, "aaaa", "bbbb", 1))+line(other)+line(strings.Replace(one, `"status": 200`, `"status": 401`, 1)))
	sent := write(t, filepath.Join(folder, "t.jsonl"), line(blob)+line(blob)+line(strings.Replace(blob, "2021-12-02", "2026-12-06", 1))+line(strings.Replace(blob, "restype=container", "comp=unknown", 1)))
	write(t, filepath.Join(folder, "specification/storage/data-plane/Microsoft.BlobStorage/stable/2021-12-02/blob.json"), spec)
	list := write(t, filepath.Join(folder, "list.json"), emptyList)
	args := []string{"traffic", "-findings", findings, "-traffic", sent, "-descriptions", folder, "-list", list}
	found := check(t, 1, args...)
	contains(t, found, `arm GET /subscriptions/GUID/resourceGroups/g #200, response OBJECT_ADDITIONAL_PROPERTIES: truth "Additional properties not allowed: x", ours "/value/[]/x"`,
		"score of arm: listed {Sent:0 Skipped:0 Status:0 All:0}, now {Sent:1 Skipped:0 Status:1 All:0}", "vault, no description: 2026-04-01",
		`blob Create #201, header not described: truth "x-new"`, "score of blob: listed {Sent:0 Skipped:0 Status:0 All:0}, now {Sent:1 Skipped:0 Status:1 All:0}",
		"blob, no description: 2026-12-06", "blob, no description: PUT /c?comp=unknown")
	write(t, sent, "")
	contains(t, check(t, 2, args...), "nothing of Blob storage's version")
	write(t, findings, "")
	contains(t, check(t, 2, args...), "no exchanges")
}

func TestUsage(t *testing.T) {
	contains(t, check(t, 2), "say which check")
	contains(t, check(t, 2, "nonsense"), "no check")
	check(t, 2, "arm", "-nonsense")
	check(t, 2, "arm", "-ready", "gone.json")
	outside := write(t, filepath.Join(t.TempDir(), "ready.json"), `{"url": "http://127.0.0.1:1", "httpsUrl": "https://192.0.2.1:443", "blobUrl": "http://127.0.0.1:1"}`)
	contains(t, check(t, 2, "arm", "-ready", outside), "not on loopback")
}
