package blob

import (
	"context"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// skeyHeaderSpecs are about the headers that begin with x-ms-.
func skeyHeaderSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-SKEY-008/lines", Title: "signs x-ms- headers in lower case and sorted",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				m := mac{t, "BLOB-SKEY-008", t.Blob("PUT", s.path()+"?comp=metadata").Set("X-MS-Meta-Second", "2").Set("x-ms-meta-first", "1").Text("")}
				m.accepted(ctx, "sorted and in lower case")
				m.refused(ctx, "not sorted", replaced(t, "x-ms-meta-first:1\nx-ms-meta-second:2\n", "x-ms-meta-second:2\nx-ms-meta-first:1\n"))
				m.refused(ctx, "as it was written", replaced(t, "x-ms-meta-second:", "X-MS-Meta-Second:"))
				m.refused(ctx, "one left out", replaced(t, "x-ms-meta-second:2\n", ""))
				t.Require(t.Send(ctx, t.Blob("GET", s.path())), match.Header("x-ms-meta-second", "2"), "what was set")
			},
		},
		{
			ID: "BLOB-SKEY-009/culture", Title: "sorts names as the culture en-US does",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				a := t.Send(ctx, rewritten(t, hyphens(t, s), func(text string) string { return text }))
				t.Rule("BLOB-SKEY-009").Expect(a).To(match.Body(s.content))
				t.Require(t.Send(ctx, rewritten(t, hyphens(t, s), replaced(t, "x-ms-lza-b:", "x-ms-lza-c:"))), match.Status(403), "another header signed")
			},
		},
		{
			ID: "BLOB-SKEY-010/bytes", Title: "takes names sorted by their bytes too",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				a := t.Send(ctx, rewritten(t, hyphens(t, s), replaced(t, "x-ms-lzaa:1\nx-ms-lza-b:2\n", "x-ms-lza-b:2\nx-ms-lzaa:1\n")))
				t.Rule("BLOB-SKEY-010").Expect(a).To(match.Body(s.content))
			},
		},
		{
			ID: "BLOB-SKEY-011/blanks", Title: "signs a run of blanks as one",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				m := mac{t, "BLOB-SKEY-011", t.Blob("PUT", s.path()+"?comp=metadata").Set("x-ms-meta-a", `one   two  "three  four"`).Text("")}
				a := t.Send(ctx, rewritten(t, m.r, replaced(t, `x-ms-meta-a:one two "three  four"`, `x-ms-meta-a:one two "three  four"`)))
				t.Rule("BLOB-SKEY-011").Expect(a).To(match.Status(200))
				m.refused(ctx, "one inside quotation marks", replaced(t, `"three  four"`, `"three four"`))
			},
		},
		{
			ID: "BLOB-SKEY-012/twice", Title: "refuses an x-ms- header that is there twice",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				r := t.Blob("GET", s.path())
				r.Header = append(r.Header, wire.Field{Name: "x-ms-lztwice", Value: "1"})
				t.Require(t.Send(ctx, r.Clone()), match.Body(s.content), "once")
				r.Header = append(r.Header, wire.Field{Name: "x-ms-lztwice", Value: "2"})
				t.Rule("BLOB-SKEY-012").Expect(t.Send(ctx, r)).To(match.Status(400))
			},
		},
		{
			ID: "BLOB-SKEY-013/empty", Title: "signs an x-ms- header with an empty value",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				for _, version := range []string{"2016-05-31", t.Env.Target.Versions.Blob} {
					m := mac{t, "BLOB-SKEY-013", t.Blob("GET", s.path()).Set("x-ms-version", version).Set("x-ms-lzempty", "")}
					m.accepted(ctx, version)
					m.refused(ctx, version+" without it", replaced(t, "x-ms-lzempty:\n", ""))
				}
			},
		},
	}
}

// hyphens is a request with two headers that have one order by bytes and another by the culture.
// The service takes no notice of headers that it does not know.
func hyphens(t *suite.T, s sharing) *suite.Request {
	return t.Blob("GET", s.path()).Set("x-ms-lza-b", "2").Set("x-ms-lzaa", "1")
}
