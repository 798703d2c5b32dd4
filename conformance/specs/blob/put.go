package blob

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// putSpecs are about putting a blob whole.
func putSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-PUT-001/answer", Title: "answers Put Blob with tag, time and MD5", Run: putBlob},
		{ID: "BLOB-PUT-002/crc64", Title: "answers Put Blob with a CRC-64", Run: putBlobCRC64},
		{ID: "BLOB-PUT-003/no-type", Title: "refuses Put Blob without the type of the blob", Covers: []string{"BLOB-COMMON-041"}, Run: putWithoutType},
		{ID: "BLOB-PUT-004/own-headers", Title: "lets the blob's own headers win over the plain ones", Run: ownHeadersWin},
		{ID: "BLOB-PUT-005/default", Title: "takes a blob without a type for a stream of bytes", Run: defaultType},
		{ID: "BLOB-PUT-006/md5", Title: "stores the MD5 that was given, or the body's", Run: storedMD5},
		{ID: "BLOB-PUT-025/held", Title: "holds the body to the MD5 that is to be stored", Run: heldMD5},
		{ID: "BLOB-PUT-007/replace", Title: "replaces all of a blob", Needs: []string{"blob.tags", "blob.block", "blob.metadata"}, Run: putReplaces},
		{ID: "BLOB-PUT-008/exists", Title: "refuses to put a blob that is there where none is wanted", Run: putIfNone},
		{ID: "BLOB-PUT-009/bytes", Title: "takes blocks of 4 MiB before 2016-05-31, and longer ones since", Needs: []string{"blob.block"}, Run: blockLimit},
		{ID: "BLOB-PUT-009/declared", Title: "refuses bodies that are said to be too long", Needs: []string{"blob.block", "blob.auth.bearer"},
			Run: declaredLimits},
	}
}

// hello is a content whose checksums are known.
const (
	hello      = "Hello World"
	helloMD5   = "sQqNsWTgdUEFt6mb5y4/5Q=="
	helloCRC64 = "YeJLfssylmU="
)

func putBlob(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	a := t.Send(ctx, putting(t, path, hello))
	t.Rule("BLOB-PUT-001").Expect(a).To(match.Status(201))
	headers(t, "BLOB-PUT-001", a, "ETag", there(), "Last-Modified", there(), "Content-MD5", helloMD5, "x-ms-request-server-encrypted", "true")
	holds(ctx, t, path, hello)
}

func putBlobCRC64(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	a := t.Send(ctx, putting(t, path, hello).Set("x-ms-version", "2019-02-02"))
	headers(t, "BLOB-PUT-002", a, "x-ms-content-crc64", there())
	holds(ctx, t, path, hello)
}

func putWithoutType(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	a := t.Send(ctx, putting(t, path, hello).Without("x-ms-blob-type"))
	refused(t, "BLOB-PUT-003", a, 400, "MissingRequiredHeader")
	names(t, "BLOB-COMMON-041", a, "HeaderName", "x-ms-blob-type")
	t.Require(t.Send(ctx, putting(t, path, hello)), match.Status(201), "with the type")
	holds(ctx, t, path, hello)
}

func ownHeadersWin(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello, "Content-Type", "text/plain", "x-ms-blob-content-type", "text/html",
		"Content-Language", "de", "x-ms-blob-content-language", "en", "Cache-Control", "no-cache", "x-ms-blob-cache-control", "no-store")
	headers(t, "BLOB-PUT-004", t.Send(ctx, t.Blob("GET", path)), "Content-Type", "text/html", "Content-Language", "en", "Cache-Control", "no-store")
}

func defaultType(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	t.Require(t.Send(ctx, putting(t, path, hello).Without("Content-Type")), match.Status(201), "putting a blob")
	a := t.Send(ctx, t.Blob("GET", path))
	t.Require(a, match.Body(hello), "the blob")
	headers(t, "BLOB-PUT-005", a, "Content-Type", "application/octet-stream")
}

func storedMD5(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	headers(t, "BLOB-PUT-006", t.Send(ctx, t.Blob("HEAD", path)), "Content-MD5", helloMD5)
	t.PutBlob(ctx, path, "other", "x-ms-blob-content-md5", md5Of("other"))
	headers(t, "BLOB-PUT-006", t.Send(ctx, t.Blob("HEAD", path)), "Content-MD5", md5Of("other"))
}

func heldMD5(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	a := t.Send(ctx, putting(t, path, hello).Set("x-ms-blob-content-md5", otherMD5).Set("Content-MD5", helloMD5))
	refused(t, "BLOB-PUT-025", a, 400, "Md5Mismatch", "one that does not fit")
	a = t.Send(ctx, putting(t, path, hello).Set("x-ms-blob-content-md5", helloMD5).Set("Content-MD5", otherMD5))
	t.Rule("BLOB-PUT-025").Expect(a, "one that fits").To(match.Status(201))
	t.PutBlob(ctx, path, hello, "x-ms-blob-content-md5", helloMD5)
	holds(ctx, t, path, hello)
}

func putReplaces(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, "before", "x-ms-meta-before", "1", "x-ms-tags", "k=v", "x-ms-blob-content-disposition", "inline")
	stage(ctx, t, path, "a", "staged")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("x-ms-tag-count", "1"), "the tags")
	t.PutBlob(ctx, path, "after")
	t.Rule("BLOB-PUT-007").Expect(t.Send(ctx, t.Blob("GET", path))).To(match.Body("after"))
	headers(t, "BLOB-PUT-007", t.Send(ctx, t.Blob("HEAD", path)),
		"ETag", there(), "x-ms-meta-before", match.Absent(), "x-ms-tag-count", match.Absent(), "Content-Disposition", match.Absent())
	list := t.Send(ctx, t.Blob("GET", path+"?comp=blocklist&blocklisttype=all"))
	t.Require(list, match.Root("BlockList"), "the list of blocks")
	t.Rule("BLOB-PUT-007").Expect(list).To(match.All("UncommittedBlocks/Block/Name", gomega.BeEmpty()))
}

func putIfNone(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, putting(t, path, "other").Set("If-None-Match", "*"))
	refused(t, "BLOB-PUT-008", a, 409, "BlobAlreadyExists")
	holds(ctx, t, path, hello)
	t.Require(t.Send(ctx, putting(t, path+"2", "other").Set("If-None-Match", "*")), match.Status(201), "a blob that is not there")
	refused(t, "BLOB-PUT-008", t.Send(ctx, committing(t, path).Set("If-None-Match", "*")), 409, "BlobAlreadyExists", "Put Block List")
}

// mib is 2^20 bytes.
const mib = 1 << 20

func blockLimit(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	long := strings.Repeat("x", 4*mib+1)
	a := t.Send(ctx, staging(t, path, blockID("a"), long).Set("x-ms-version", "2015-12-11"))
	t.Rule("BLOB-PUT-009").Expect(a).To(match.Status(413))
	t.Rule("BLOB-PUT-009").Expect(t.Send(ctx, staging(t, path, blockID("a"), long[1:]).Set("x-ms-version", "2015-12-11"))).To(match.Status(201))
	t.Rule("BLOB-PUT-009").Expect(t.Send(ctx, staging(t, path, blockID("b"), long).Set("x-ms-version", "2016-05-31"))).To(match.Status(201))
}

// declaredLimits says how long a body will be, and sends none: the service refuses before it
// asks for the body.
func declaredLimits(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	for version, most := range map[string][2]int64{"2017-11-09": {100, 256}, "2019-12-12": {4000, 5000}} {
		block := t.As(t.Deployer(), staging(t, path, blockID("a"), "x").Set("x-ms-version", version))
		whole := t.As(t.Deployer(), putting(t, path, "x").Set("x-ms-version", version))
		for i, r := range []*suite.Request{block, whole} {
			t.Until(ctx, 201, func() *suite.Request { return r.Clone() })
			refused(t, "BLOB-PUT-009", t.Send(ctx, declaring(r, most[i]*mib+1)), 413, "RequestBodyTooLarge", version)
		}
	}
}

// declaring is a request that says how long its body is and waits to be asked for it.
func declaring(r *suite.Request, length int64) *suite.Request {
	r = r.Clone().Set("Content-Length", itoa(length))
	r.Request = wire.Request{Method: r.Method, URL: r.URL, Header: r.Header, Expect100: true}
	return r
}
