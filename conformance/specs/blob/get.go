package blob

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// getSpecs are about reading blobs and what describes them.
func getSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-GET-001/whole", Title: "answers a blob with what describes it", Run: getBlob},
		{ID: "BLOB-GET-002/none", Title: "refuses a blob that is not there", Run: getNone},
		{ID: "BLOB-GET-011/head", Title: "answers the properties of a blob without its content", Run: headBlob},
		{ID: "BLOB-GET-012/tier", Title: "answers the tier with the content", Needs: []string{"blob.tier"}, Run: getTier},
		{ID: "BLOB-GET-013/metadata", Title: "answers the metadata of a blob alone", Run: getMetadata},
		{ID: "BLOB-GET-014/encoding", Title: "answers content as it was stored, whatever its encoding says", Run: getEncoded},
	}
}

// rangeSpecs are about reading parts of blobs.
func rangeSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-GET-003/part", Title: "answers a range with 206, also where it covers all", Run: getRange},
		{ID: "BLOB-GET-004/own", Title: "lets x-ms-range win over Range", Run: ownRangeWins},
		{ID: "BLOB-GET-005/behind", Title: "refuses a range that begins behind the end", Run: rangeBehind},
		{ID: "BLOB-GET-006/cut", Title: "cuts a range at the end", Run: rangeCut},
		{ID: "BLOB-GET-007/md5", Title: "answers a range with the MD5 of the blob", Run: rangeWithMD5},
		{ID: "BLOB-GET-008/md5", Title: "answers the MD5 of a range that is asked for", Run: rangeMD5},
		{ID: "BLOB-GET-009/long", Title: "refuses the MD5 of a range of more than 4 MiB", Run: rangeMD5Long},
		{ID: "BLOB-GET-010/form", Title: "ignores a Range of another form, and refuses such an x-ms-range", Run: rangeForm},
	}
}

func getBlob(ctx context.Context, t *suite.T) {
	path, put := storedAs(ctx, t, hello, "x-ms-meta-color", "red")
	a := t.Send(ctx, t.Blob("GET", path))
	t.Rule("BLOB-GET-001").Expect(a).To(match.Status(200))
	t.Rule("BLOB-GET-001").Expect(a).To(match.Body(hello))
	headers(t, "BLOB-GET-001", a, "Content-Type", "text/plain", "Content-Length", "11", "ETag", put.Header.Get("ETag"),
		"Last-Modified", put.Header.Get("Last-Modified"), "Content-MD5", helloMD5, "x-ms-creation-time", there(),
		"x-ms-lease-state", "available", "x-ms-lease-status", "unlocked", "x-ms-blob-type", "BlockBlob",
		"Accept-Ranges", "bytes", "x-ms-server-encrypted", "true", "x-ms-meta-color", "red")
}

func getNone(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	for what, r := range map[string]*suite.Request{
		"reading": t.Blob("GET", path), "its metadata": t.Blob("GET", path+"?comp=metadata"), "its blocks": t.Blob("GET", path+"?comp=blocklist"),
		"deleting": t.Blob("DELETE", path), "setting metadata": t.Blob("PUT", path+"?comp=metadata").Set("x-ms-meta-a", "1"),
	} {
		refused(t, "BLOB-GET-002", t.Send(ctx, r), 404, "BlobNotFound", what)
	}
	t.PutBlob(ctx, path, hello)
	holds(ctx, t, path, hello)
	for _, r := range []*suite.Request{t.Blob("GET", path+"?comp=metadata"), t.Blob("GET", path+"?comp=blocklist"),
		t.Blob("PUT", path+"?comp=metadata").Set("x-ms-meta-a", "1"), t.Blob("DELETE", path)} {
		t.Require(t.Send(ctx, r), done(), "with the blob")
	}
}

// described are the header fields that Get Blob and Get Blob Properties have in common.
var described = [...]string{"ETag", "Last-Modified", "Content-Type", "Content-Length", "Content-MD5", "Accept-Ranges", "x-ms-creation-time",
	"x-ms-blob-type", "x-ms-lease-state", "x-ms-lease-status", "x-ms-server-encrypted", "x-ms-meta-color"}

func headBlob(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello, "x-ms-meta-color", "red")
	get := t.Send(ctx, t.Blob("GET", path))
	t.Require(get, match.Body(hello), "the blob")
	head := t.Send(ctx, t.Blob("HEAD", path).Set("Range", "bytes=1-2"))
	t.Rule("BLOB-GET-011").Expect(head).To(match.Status(200))
	t.Rule("BLOB-GET-011").Expect(head).To(match.Body(""))
	for _, name := range described {
		headers(t, "BLOB-GET-011", head, name, get.Header.Get(name))
	}
	headers(t, "BLOB-GET-011", head, "Content-Range", match.Absent(), "x-ms-access-tier", there())
}

func getTier(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, t.Blob("GET", path).Set("x-ms-version", "2026-04-06"))
	headers(t, "BLOB-GET-012", a, "x-ms-access-tier", there())
}

func getMetadata(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello, "x-ms-meta-color", "red")
	for _, method := range []string{"GET", "HEAD"} {
		a := t.Send(ctx, t.Blob(method, path+"?comp=metadata"))
		t.Rule("BLOB-GET-013").Expect(a, method).To(match.Status(200))
		headers(t, "BLOB-GET-013", a, "ETag", there(), "Last-Modified", there(), "x-ms-meta-color", "red",
			"x-ms-blob-type", match.Absent(), "x-ms-lease-state", match.Absent(), "Content-MD5", match.Absent())
	}
}

func getEncoded(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	t.PutBlob(ctx, path, "not compressed", "x-ms-blob-content-encoding", "gzip")
	for _, accept := range []string{"", "gzip", "identity"} {
		r := t.Blob("GET", path)
		if accept != "" {
			r.Set("Accept-Encoding", accept)
		}
		a := t.Send(ctx, r)
		t.Rule("BLOB-GET-014").Expect(a, accept).To(match.Body("not compressed"))
		headers(t, "BLOB-GET-014", a, "Content-Encoding", "gzip")
	}
}

const digits = "0123456789"

// ranged reads a blob with header fields: names and values in turn.
func ranged(ctx context.Context, t *suite.T, path string, pairs ...string) *wire.Answer {
	r := t.Blob("GET", path)
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Set(pairs[i], pairs[i+1])
	}
	return t.Send(ctx, r)
}

func getRange(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, digits)
	for _, row := range []struct{ asked, content, got string }{
		{"bytes=1-3", "123", "bytes 1-3/10"}, {"bytes=7-", "789", "bytes 7-9/10"}, {"bytes=0-9", digits, "bytes 0-9/10"}, {"bytes=0-", digits, "bytes 0-9/10"},
	} {
		for _, name := range []string{"Range", "x-ms-range"} {
			a := ranged(ctx, t, path, name, row.asked)
			t.Rule("BLOB-GET-003").Expect(a, name, row.asked).To(match.Status(206))
			t.Rule("BLOB-GET-003").Expect(a, name, row.asked).To(match.Body(row.content))
			headers(t, "BLOB-GET-003", a, "Content-Range", row.got, "Content-Length", itoa(int64(len(row.content))))
		}
	}
}

func ownRangeWins(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, digits)
	t.Require(ranged(ctx, t, path, "Range", "bytes=0-1"), match.Body(gomega.HavePrefix("0")), "Range alone")
	a := ranged(ctx, t, path, "Range", "bytes=0-1", "x-ms-range", "bytes=5-6")
	t.Rule("BLOB-GET-004").Expect(a).To(match.Body(gomega.HavePrefix("5")))
}

func rangeBehind(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, digits)
	a := ranged(ctx, t, path, "x-ms-range", "bytes=10-12")
	refused(t, "BLOB-GET-005", a, 416, "InvalidRange")
	headers(t, "BLOB-GET-005", a, "Content-Range", "bytes */10")
	t.Require(ranged(ctx, t, path, "x-ms-range", "bytes=9-12"), match.Body("9"), "a range that begins before the end")
	t.PutBlob(ctx, path, "")
	a = ranged(ctx, t, path, "x-ms-range", "bytes=0-1")
	refused(t, "BLOB-GET-005", a, 416, "InvalidRange", "nothing")
	headers(t, "BLOB-GET-005", a, "Content-Range", "bytes */0")
}

func rangeCut(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, digits)
	a := ranged(ctx, t, path, "Range", "bytes=8-99")
	t.Rule("BLOB-GET-006").Expect(a).To(match.Body("89"))
	headers(t, "BLOB-GET-006", a, "Content-Range", "bytes 8-9/10")
}

func rangeWithMD5(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, digits)
	a := t.Send(ctx, t.Blob("GET", path).Set("Range", "bytes=0-3").Set("x-ms-version", "2016-05-31"))
	t.Require(a, match.Body(gomega.HavePrefix("0")), "the range")
	headers(t, "BLOB-GET-007", a, "x-ms-blob-content-md5", md5Of(digits), "Content-MD5", match.Absent())
}

func rangeMD5(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, digits)
	a := ranged(ctx, t, path, "Range", "bytes=0-3", "x-ms-range-get-content-md5", "true")
	t.Require(a, match.Body(gomega.And(gomega.HavePrefix("0"), gomega.Not(gomega.Equal(digits)))), "the range")
	headers(t, "BLOB-GET-008", a, "Content-MD5", md5Of(string(a.Body)))
}

func rangeMD5Long(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	t.PutBlob(ctx, path, strings.Repeat("x", 4*mib+1))
	a := ranged(ctx, t, path, "Range", "bytes=0-4194304", "x-ms-range-get-content-md5", "true")
	refused(t, "BLOB-GET-009", a, 400, "OutOfRangeInput")
	a = ranged(ctx, t, path, "Range", "bytes=0-4194303", "x-ms-range-get-content-md5", "true")
	t.Require(a, match.HasHeader("Content-MD5"), "4 MiB")
}

func rangeForm(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, digits)
	for _, bad := range []string{"bytes=3", "chars=1-2"} {
		a := ranged(ctx, t, path, "Range", bad)
		t.Rule("BLOB-GET-010").Expect(a, bad).To(match.Status(200))
		t.Rule("BLOB-GET-010").Expect(a, bad).To(match.Body(digits))
		refused(t, "BLOB-GET-010", ranged(ctx, t, path, "x-ms-range", bad), 400, "InvalidHeaderValue", bad)
	}
	for _, name := range []string{"Range", "x-ms-range"} {
		t.Require(ranged(ctx, t, path, name, "bytes=1-2"), match.Body(gomega.HavePrefix("1")), name)
	}
}
