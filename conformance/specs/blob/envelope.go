package blob

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// envelopeSpecs are about what all answers and errors have in common.
func envelopeSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-COMMON-001/headers", Title: "answers who and when it is, by which version", Covers: []string{"BLOB-COMMON-002"}, Run: commonHeaders},
		{ID: "BLOB-COMMON-003/echo", Title: "gives the client's request id back", Run: clientRequestID},
		{ID: "BLOB-COMMON-007/error", Title: "writes errors as XML", Covers: []string{"BLOB-COMMON-008"}, Run: errorBody},
		{ID: "BLOB-COMMON-009/code", Title: "has the code of an error in a header too", Run: errorHeader},
		{ID: "BLOB-COMMON-010/head", Title: "answers a refused HEAD without a body", Run: refusedHead},
		{ID: "BLOB-COMMON-011/front", Title: "refuses before the service without its name and version", Needs: []string{"blob.auth.sharedKey"}, Run: frontEnd},
		{ID: "BLOB-COMMON-012/etag", Title: "makes the tag of the instant of the modification", Covers: []string{"BLOB-COMMON-013"}, Run: tagForm},
		{ID: "BLOB-COMMON-014/writes", Title: "gives a greater tag for each write", Needs: []string{"blob.put", "blob.properties", "blob.block"}, Run: greaterTags},
		{ID: "BLOB-COMMON-015/others", Title: "keeps the tag when tier, tags or staged blocks change", Needs: []string{"blob.tier", "blob.tags", "blob.block"}, Run: sameTag},
	}
}

func commonHeaders(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	for _, version := range []string{"2019-12-12", "2021-12-02"} {
		for _, name := range []string{path, path + "2"} {
			a := t.Send(ctx, t.Blob("GET", name).Set("x-ms-version", version))
			headers(t, "BLOB-COMMON-001", a, "Server", there(), "Date", there(), "x-ms-request-id", there(), "x-ms-version", version)
			headers(t, "BLOB-COMMON-002", a, "x-ms-request-id", gomega.MatchRegexp("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{6}000000$"))
		}
	}
}

func clientRequestID(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	longest := strings.Repeat("x", 1024)
	for _, id := range []string{"of-the-client!", longest} {
		for _, name := range []string{path, path + "2"} {
			a := t.Send(ctx, t.Blob("GET", name).Set("x-ms-client-request-id", id))
			headers(t, "BLOB-COMMON-003", a, "x-ms-client-request-id", id)
		}
	}
	a := t.Send(ctx, t.Blob("GET", path).Set("x-ms-client-request-id", longest+"x"))
	t.Require(a, match.HasHeader("x-ms-request-id"), "the answer to an id that is too long")
	headers(t, "BLOB-COMMON-003", a, "x-ms-client-request-id", match.Absent())
}

// missing asks for a blob that is not there, in a container that is.
func missing(ctx context.Context, t *suite.T, method, version string) *wire.Answer {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, t.Blob(method, path+"2").Set("x-ms-version", version))
	t.Require(a, match.Status(404), "a blob that is not there")
	return a
}

func errorBody(ctx context.Context, t *suite.T) {
	a := missing(ctx, t, "GET", t.Env.Target.Versions.Blob)
	rule := t.Rule("BLOB-COMMON-007")
	rule.Expect(a).To(match.Body(gomega.HavePrefix("\ufeff<?xml ")))
	rule.Expect(a).To(match.Root("Error"))
	rule.Expect(a).To(match.XML("Code", "BlobNotFound"))
	rule.Expect(a).To(match.XML("Message", gomega.HavePrefix("The specified blob does not exist.")))
	headers(t, "BLOB-COMMON-007", a, "Content-Type", gomega.HavePrefix("application/xml"), "Content-Length", strconv.Itoa(len(a.Body)))
	t.Rule("BLOB-COMMON-008").Expect(a).To(match.XML("Message", gomega.MatchRegexp(
		`^[^\n]+\nRequestId:`+a.Header.Get("x-ms-request-id")+`\nTime:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$`)))
}

func errorHeader(ctx context.Context, t *suite.T) {
	headers(t, "BLOB-COMMON-009", missing(ctx, t, "GET", "2017-07-29"), "x-ms-error-code", "BlobNotFound")
}

func refusedHead(ctx context.Context, t *suite.T) {
	a := missing(ctx, t, "HEAD", t.Env.Target.Versions.Blob)
	t.Rule("BLOB-COMMON-010").Expect(a).To(match.Body(""))
	seen, err := t.Try(ctx, headToTheEnd(t, t.Container(ctx)+"/b"))
	if failure := (*wire.Error)(nil); errors.As(err, &failure) { // a body that was announced, say
		seen = failure.Answer
	}
	if seen == nil {
		t.Broken("no answer to HEAD: %v", err)
	}
	t.Require(seen, match.Status(404), "the answer to HEAD")
	t.Rule("BLOB-COMMON-010").Expect(string(seen.Body), "behind the head").To(gomega.BeEmpty())
}

// headToTheEnd is a HEAD whose answer is read as that to a GET: whatever comes before the
// connection ends.
func headToTheEnd(t *suite.T, path string) *suite.Request {
	return t.Blob("HEAD", path).Set("Connection", "close").Authorize(func(ctx context.Context, w *wire.Request) error {
		key, err := t.Env.AccountKey(ctx)
		if err != nil {
			return err
		}
		sign.SharedKey(w, t.World.Account, key, t.Now())
		target, err := w.RequestTarget()
		if err != nil {
			return err
		}
		fields, err := w.Fields()
		raw := "HEAD " + target + " HTTP/1.1\r\n"
		for _, f := range fields {
			raw += f.Name + ": " + f.Value + "\r\n"
		}
		w.Raw, w.Method = []byte(raw+"\r\n"), "GET"
		return err
	})
}

func frontEnd(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	r := t.Blob("GET", path).Authorize(func(_ context.Context, w *wire.Request) error {
		sign.SharedKey(w, t.World.Account, []byte("not the key of the account"), t.Now())
		return nil
	})
	a := t.Send(ctx, r)
	headers(t, "BLOB-COMMON-011", a, "Server", "Microsoft-HTTPAPI/2.0", "x-ms-version", match.Absent())
	t.Require(t.Send(ctx, t.Blob("GET", path+"2")), match.HasHeader("x-ms-version"), "what the service refuses")
}

// instant is the time that a tag is made of: ticks of 100 ns since the year 1.
func instant(tag string) (time.Time, bool) {
	ticks, err := strconv.ParseInt(strings.TrimPrefix(strings.Trim(tag, `"`), "0x"), 16, 64)
	const unix = 621_355_968_000_000_000 // 1970
	return time.Unix((ticks-unix)/1e7, (ticks-unix)%1e7*100).UTC(), err == nil
}

func tagForm(ctx context.Context, t *suite.T) {
	path, put := storedAs(ctx, t, hello)
	a := t.Send(ctx, t.Blob("HEAD", path))
	headers(t, "BLOB-COMMON-012", a, "ETag", gomega.MatchRegexp(`^"0x[0-9A-F]{15}"$`))
	at, _ := instant(a.Header.Get("ETag"))
	now, err := http.ParseTime(put.Header.Get("Date"))
	t.Require(err, gomega.Succeed(), "the date of the answer")
	t.Rule("BLOB-COMMON-012").Expect(at, "the instant of the tag").To(gomega.BeTemporally("~", now, time.Minute))
	t.Rule("BLOB-COMMON-013").Expect(a).To(match.Header("Last-Modified", date(at.Truncate(time.Second))))
}

// greaterTags writes twice in each way: tags made by chance are hardly in order nine times.
func greaterTags(ctx context.Context, t *suite.T) {
	path, put := storedAs(ctx, t, hello)
	last, readable := instant(put.Header.Get("ETag"))
	t.Require(readable, gomega.BeTrue(), "the first tag")
	for range 2 {
		stage(ctx, t, path, "a", "x")
		for _, write := range []struct {
			what string
			r    *suite.Request
		}{
			{"Set Blob Metadata", settingMetadata(t, path, "color", "red")},
			{"Set Blob Properties", t.Blob("PUT", path+"?comp=properties").Set("x-ms-blob-content-type", "text/html")},
			{"Put Block List", committing(t, path, "Latest", "a")},
			{"Put Blob", putting(t, path, hello)},
		} {
			a := t.Send(ctx, write.r)
			t.Require(a, done(), write.what)
			tag, _ := instant(a.Header.Get("ETag"))
			t.Rule("BLOB-COMMON-014").Expect(tag, "the tag of", write.what).To(gomega.BeTemporally(">", last))
			last = tag
			t.Rule("BLOB-COMMON-014").Expect(t.Send(ctx, t.Blob("HEAD", path)), write.what).To(match.Header("ETag", a.Header.Get("ETag")))
		}
	}
}

func sameTag(ctx context.Context, t *suite.T) {
	path, put := storedAs(ctx, t, hello)
	for _, write := range []struct {
		what string
		r    *suite.Request
	}{
		{"Set Blob Tags", settingTags(t, path, tags("k", "v"))},
		{"Put Block", staging(t, path, blockID("a"), "x")},
		{"Set Blob Tier", settingTier(t, path, "Cool")},
	} {
		t.Require(t.Send(ctx, write.r), done(), write.what)
		headers(t, "BLOB-COMMON-015", t.Send(ctx, t.Blob("HEAD", path)),
			"ETag", put.Header.Get("ETag"), "Last-Modified", put.Header.Get("Last-Modified"))
	}
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), gomega.And(match.Header("x-ms-tag-count", "1"), match.Header("x-ms-access-tier", "Cool")), "the changes")
}

// zeros are bytes whose checksum was seen in recordings.
const zeros, zerosCRC64 = 1024, "iknlm7CyG2k="

// encoded is bytes in base64.
func encoded(n int) string { return base64.StdEncoding.EncodeToString(make([]byte, n)) }
