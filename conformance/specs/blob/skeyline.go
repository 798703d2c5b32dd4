package blob

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// keyText is a key as it is handed out.
func keyText(key []byte) string { return base64.StdEncoding.EncodeToString(key) }

// skeyLineSpecs are about the lines that each have one header.
func skeyLineSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-SKEY-002/lines", Title: "signs the lines of a request", Run: lines},
		{
			ID: "BLOB-SKEY-004/empty-body", Title: "signs an empty line for a length of zero",
			Run: func(ctx context.Context, t *suite.T) { emptyBody(ctx, t, "BLOB-SKEY-004", "2015-02-21", "", "0") },
		},
		{
			ID: "BLOB-SKEY-005/empty-body", Title: "signs 0 for a length of zero, in old versions",
			Run: func(ctx context.Context, t *suite.T) { emptyBody(ctx, t, "BLOB-SKEY-005", "2014-02-14", "0", "") },
		},
		{
			ID: "BLOB-SKEY-006/both-dates", Title: "signs no line for Date where x-ms-date is there",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				now := sign.Date(t.Now())
				m := mac{t, "BLOB-SKEY-006", t.Blob("GET", s.path()).Set("Date", now).Set("x-ms-date", now)}
				m.accepted(ctx, "both dates")
				m.refused(ctx, "Date signed too", line(t, 6, now))
			},
		},
		{
			ID: "BLOB-SKEY-007/range", Title: "signs x-ms-range among the headers of that kind",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				m := mac{t, "BLOB-SKEY-007", t.Blob("GET", s.path()).Set("x-ms-range", "bytes=0-1")}
				m.accepted(ctx, "x-ms-range")
				m.refused(ctx, "signed as Range too", line(t, 11, "bytes=0-1"))
				m.refused(ctx, "not signed", replaced(t, "x-ms-range:bytes=0-1\n", ""))
			},
		},
	}
}

// lines leaves out each line in turn that a request has a header for.
func lines(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	now := sign.Date(t.Now())
	put := t.Blob("PUT", s.path()).Set("x-ms-blob-type", "BlockBlob").Set("Content-Encoding", "identity").Set("Content-Language", "en").
		Set("Content-MD5", md5Of("text")).Set("Content-Type", "text/plain").Set("Date", now).
		Set("If-Unmodified-Since", sign.Date(t.Now().Add(hour))).Text("text")
	tag := t.Send(ctx, t.Blob("GET", s.path())).Header.Get("ETag")
	get := t.Blob("GET", s.path()).Set("If-Match", tag).Set("Range", "bytes=0-0")
	changed := t.Blob("GET", s.path()).Set("If-Modified-Since", sign.Date(t.Now().Add(-hour))).Set("If-None-Match", `"0x0"`)
	mac{t, "BLOB-SKEY-002", get}.accepted(ctx, "Range and If-Match")
	mac{t, "BLOB-SKEY-002", changed}.accepted(ctx, "If-None-Match and If-Modified-Since")
	for _, of := range []struct {
		r     *suite.Request
		names string
		place []int
	}{
		{put, "verb encoding language length MD5 type date If-Unmodified-Since", []int{0, 1, 2, 3, 4, 5, 6, 10}},
		{get, "If-Match Range", []int{8, 11}},
		{changed, "If-Modified-Since If-None-Match", []int{7, 9}},
	} {
		for i, name := range strings.Fields(of.names) {
			mac{t, "BLOB-SKEY-002", of.r}.refused(ctx, "without "+name, line(t, of.place[i], ""))
		}
	}
	mac{t, "BLOB-SKEY-002", put}.accepted(ctx, "all headers of a write")
	t.Require(t.Send(ctx, t.Blob("GET", s.path())), match.Body("text"), "what was written")
}

// emptyBody makes a change without a body.
func emptyBody(ctx context.Context, t *suite.T, rule, version, right, wrong string) {
	s := share(ctx, t)
	m := mac{t, rule, t.Blob("PUT", s.path()+"?comp=metadata").Set("x-ms-version", version).Set("x-ms-meta-a", "b").Set("Content-Length", "0").Text("")}
	a := t.Send(ctx, rewritten(t, m.r, func(text string) string {
		lines := strings.Split(text, "\n")
		lines[3] = right
		return strings.Join(lines, "\n")
	}))
	t.Rule(rule).Expect(a, version).To(match.Status(200))
	m.refused(ctx, version+" with the other line", line(t, 3, wrong))
}
