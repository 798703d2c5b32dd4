package blob

import (
	"context"
	"crypto/md5" //nolint:gosec // Content-MD5 is what the service speaks; it protects nothing
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// done is what writes of all kinds answer.
func done() gomega.OmegaMatcher { return match.Status(gomega.BeElementOf(200, 201, 202, 204)) }

// refused holds an answer to a status and a code, as one rule says both.
func refused(t *suite.T, rule string, a *wire.Answer, status int, code string, about ...string) {
	t.Rule(rule).Expect(a, about...).To(match.Status(status))
	t.Rule(rule).Expect(a, about...).To(match.Code(code))
}

// names holds a refusal to an element beside its code, by a rule.
func names(t *suite.T, rule string, a *wire.Answer, element, want string) {
	t.Rule(rule).Expect(a).To(match.XML(element, want))
}

// stored puts a blob into a container of its own, and sees that its content is there.
func stored(ctx context.Context, t *suite.T, content string, header ...string) (path string) {
	path, _ = storedAs(ctx, t, content, header...)
	return path
}

// storedAs is stored with the answer of Put Blob.
func storedAs(ctx context.Context, t *suite.T, content string, header ...string) (path string, put *wire.Answer) {
	path = t.Container(ctx) + "/b"
	put = t.PutBlob(ctx, path, content, header...)
	holds(ctx, t, path, content)
	return path, put
}

// holds sees that a blob has a content.
func holds(ctx context.Context, t *suite.T, path, content string) {
	t.Require(t.Send(ctx, t.Blob("GET", path)), match.Body(content), "the content of the blob")
}

// putting is a Put Blob of a block blob, to change something in.
func putting(t *suite.T, path, content string) *suite.Request {
	return t.Blob("PUT", path).Set("x-ms-blob-type", "BlockBlob").Set("Content-Type", "text/plain").Text(content)
}

// blockID is a block id of a short text.
func blockID(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// staging is a Put Block.
func staging(t *suite.T, path, id, content string) *suite.Request {
	return t.Blob("PUT", path+"?comp=block").Query("blockid", id).Text(content)
}

// stage puts blocks: ids and contents in turn.
func stage(ctx context.Context, t *suite.T, path string, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		t.Require(t.Send(ctx, staging(t, path, blockID(pairs[i]), pairs[i+1])), match.Status(201), "staging a block")
	}
}

// committing is a Put Block List of kinds and ids in turn.
func committing(t *suite.T, path string, pairs ...string) *suite.Request {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><BlockList>`)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteString("<" + pairs[i] + ">" + blockID(pairs[i+1]) + "</" + pairs[i] + ">")
	}
	b.WriteString("</BlockList>")
	return t.Blob("PUT", path+"?comp=blocklist").Text(b.String())
}

// commit sends a Put Block List that has to succeed.
func commit(ctx context.Context, t *suite.T, path string, pairs ...string) *wire.Answer {
	a := t.Send(ctx, committing(t, path, pairs...))
	t.Require(a, match.Status(201), "committing blocks")
	return a
}

// md5Of is the MD5 of a text as headers have it.
func md5Of(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // see the import
	return base64.StdEncoding.EncodeToString(sum[:])
}

// modifiedOf is the time that an answer says something was modified at.
func modifiedOf(t *suite.T, a *wire.Answer) time.Time {
	at, err := http.ParseTime(a.Header.Get("Last-Modified"))
	if err != nil {
		t.Broken("Last-Modified %q is no date", a.Header.Get("Last-Modified"))
	}
	return at
}

// date is a time as headers have it.
func date(at time.Time) string { return at.UTC().Format(http.TimeFormat) }

// headers are the names and values that each answer of a kind must have, in turn.
func headers(t *suite.T, rule string, a *wire.Answer, pairs ...any) {
	for i := 0; i+1 < len(pairs); i += 2 {
		t.Rule(rule).Expect(a).To(match.Header(pairs[i].(string), pairs[i+1]))
	}
}

// there is a header field with some value.
func there() any { return gomega.Not(gomega.BeEmpty()) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
