package blob_test

import (
	"crypto/md5" //nolint:gosec // the service's own checksum
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/blob"
)

// TestARefusalStands: what is there looks just like what was sent, and yet the upload cannot have written it: it was sent
// once, or the version is the one that was to be replaced.
func TestARefusalStands(t *testing.T) {
	sum := md5.Sum([]byte("hello")) //nolint:gosec // see the import
	same := step{want: "HEAD /c/b", status: 200, header: []string{
		"Content-Length", "5", "Content-MD5", base64.StdEncoding.EncodeToString(sum[:]), "Content-Type", "application/octet-stream", "ETag", `"0x1"`,
	}}
	for code, conditions := range map[string]blob.Conditions{"BlobAlreadyExists": {IfNoneMatch: "*"}, "ConditionNotMet": {IfMatch: `"0x1"`}} {
		refused := step{want: "PUT /c/b", status: 409, header: []string{"x-ms-error-code", code}}
		upload := func(t *testing.T, steps ...step) error {
			t.Helper()
			_, err := script(t, steps...).Container("c").Blob("b").Upload(t.Context(), strings.NewReader("hello"), &blob.UploadOptions{Conditions: conditions})
			return err
		}
		if err := upload(t, refused); !clientlib.HasCode(err, code) {
			t.Errorf("refused at once: %v", err)
		}
		if code == "ConditionNotMet" {
			synctest.Test(t, func(t *testing.T) {
				if err := upload(t, step{want: "PUT /c/b", status: 500}, refused, same); !clientlib.HasCode(err, code) {
					t.Errorf("the version before: %v", err)
				}
			})
		}
	}
}

// TestBlocksShowTheLease: a blob that is leased takes no block without the lease's id.
func TestBlocksShowTheLease(t *testing.T) {
	n := 0
	c := must(blob.New("https://acct.blob.core.windows.net", nil, clientlib.Options{Transport: clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
		n++
		if got := req.Header.Get("x-ms-lease-id"); got != "L" {
			t.Errorf("%s %s has the lease %q", req.Method, req.URL, got)
		}
		_, _ = io.Copy(io.Discard, req.Body)
		return answer(req, http.StatusCreated, ""), nil
	})}))(t)
	o := &blob.UploadOptions{BlockSize: 2, Parallel: 1, Conditions: blob.Conditions{Lease: "L"}}
	if _, err := c.Container("c").Blob("b").Upload(t.Context(), strings.NewReader("hello"), o); err != nil || n != 4 {
		t.Errorf("%v after %d requests", err, n)
	}
}

// TestRangesThatDoNotBelong: without an ETag nobody can tell of which blob a range is, and with another size it is of
// another.
func TestRangesThatDoNotBelong(t *testing.T) {
	first := step{want: "GET /c/b | Range: bytes=0-1", status: 206, header: []string{"Content-Range", "bytes 0-1/4"}, body: "ab"}
	read := func(steps ...step) error {
		_, err := script(t, steps...).Container("c").Blob("b").Download(t.Context(), io.Discard, &blob.DownloadOptions{RangeSize: 2, Parallel: 2})
		return err
	}
	if err := read(first); err == nil || !strings.Contains(err.Error(), "no ETag") {
		t.Errorf("no ETag: %v", err)
	}
	first.header = append(first.header, "ETag", `"0x1"`)
	grown := step{want: "GET /c/b | Range: bytes=2-3; If-Match: \"0x1\"", status: 206, header: []string{"Content-Range", "bytes 2-3/9", "ETag", `"0x1"`}, body: "cd"}
	if err := read(first, grown); !errors.Is(err, blob.ErrChanged) {
		t.Errorf("another size: %v", err)
	}
}
