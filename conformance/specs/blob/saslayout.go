package blob

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// sasLayoutSpecs are about what is signed, and how.
func sasLayoutSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-SAS-001/any-order", Title: "takes the parameters of a signature in any order",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				parts := strings.Split(s.service(func(v *sign.SAS) { v.Start, v.Protocol = s.until(-hour), "https,http" }), "&")
				slices.Reverse(parts)
				s.opens(ctx, "BLOB-SAS-001", strings.Join(parts, "&"), "reversed")
				slices.Sort(parts)
				s.opens(ctx, "BLOB-SAS-001", strings.Join(parts, "&"), "sorted")
				s.closed(ctx, "BLOB-SAS-001", strings.Join(slices.DeleteFunc(parts, func(p string) bool { return strings.HasPrefix(p, "st=") }), "&"), "without one of them")
			},
		},
		serviceLayout("BLOB-SAS-002", "2012-02-12", ""),
		serviceLayout("BLOB-SAS-003", "2013-08-15", "2012-02-12"),
		serviceLayout("BLOB-SAS-004", "2015-04-05", "2013-08-15", "2014-02-14"),
		serviceLayout("BLOB-SAS-005", "2018-11-09", "2015-04-05", "2018-03-28"),
		serviceLayout("BLOB-SAS-006", "2020-12-06", "2018-11-09", "2020-10-02"),
		serviceLayout("BLOB-SAS-007", "2020-10-02", "2020-12-06", "2022-11-02"),
		accountLayout("BLOB-SAS-008", "2020-12-06", "2015-04-05", "2020-10-02"),
		accountLayout("BLOB-SAS-009", "2020-10-02", "2020-12-06", "2022-11-02"),
		{ID: "BLOB-SAS-016/snapshot-and-version", Title: "signs the snapshot or the version of a blob", Run: signsObject},
		{
			ID: "BLOB-SAS-017/begins-with-blob", Title: "begins the canonicalized resource with the service",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				v := s.toRead()
				v.Version = "2015-02-21"
				s.opens(ctx, "BLOB-SAS-017", v.Query(s.key), "with /blob")
				v.CanonicalResource = "/" + s.account + "/" + s.container + "/" + s.name
				s.closed(ctx, "BLOB-SAS-017", v.Query(s.key), "without /blob")
			},
		},
		{
			ID: "BLOB-SAS-018/decoded", Title: "signs the name of a blob as it is, not as it is encoded",
			Run: func(ctx context.Context, t *suite.T) {
				s := shareNamed(ctx, t, "a b/ü+.txt")
				v := s.toRead()
				s.opens(ctx, "BLOB-SAS-018", v.Query(s.key), "decoded")
				v.CanonicalResource = "/blob/" + s.account + "/" + s.container + "/" + url.PathEscape(s.name)
				s.closed(ctx, "BLOB-SAS-018", v.Query(s.key), "encoded")
				v.CanonicalResource = "/blob/" + s.account + "/" + s.account + "/" + s.container + "/" + s.name
				s.closed(ctx, "BLOB-SAS-018", v.Query(s.key), "with the account twice")
			},
		},
	}
}

// serviceLayout is the spec of a rule about what a service SAS signs at some versions. What is
// signed in the layout of another version is refused.
func serviceLayout(rule, other string, versions ...string) suite.Spec {
	return suite.Spec{
		ID: rule + "/layout", Title: "signs what a service SAS of its version signs",
		Run: func(ctx context.Context, t *suite.T) {
			s := share(ctx, t)
			for _, version := range versions {
				v := s.toRead()
				v.Version, v.Start = version, s.until(-hour)
				s.opens(ctx, rule, v.Query(s.key), "sv="+version)
				s.closed(ctx, rule, s.signed(v.Params(), v.StringToSign(other)), "sv="+version+" in the layout of "+other)
				if version >= "2013-08-15" { // the headers to answer with are signed too
					v.ContentType, v.CacheControl = "text/x-signed", "no-cache"
					s.opens(ctx, rule, v.Query(s.key), "sv="+version+" with rsct")
					s.closed(ctx, rule, s.signed(v.Params(), strings.Replace(v.StringToSign(version), "text/x-signed", "", 1)), "sv="+version+" without rsct")
				}
			}
		},
	}
}

// accountLayout is the same of an account SAS.
func accountLayout(rule, other string, versions ...string) suite.Spec {
	return suite.Spec{
		ID: rule + "/layout", Title: "signs what an account SAS of its version signs",
		Run: func(ctx context.Context, t *suite.T) {
			s := share(ctx, t)
			for _, version := range versions {
				v := s.toAll()
				v.Version, v.Start, v.Protocol = version, s.until(-hour), "https,http"
				text := v.StringToSign(version)
				s.opens(ctx, rule, v.Query(s.key), "sv="+version)
				s.closed(ctx, rule, s.signed(v.Params(), v.StringToSign(other)), "sv="+version+" in the layout of "+other)
				s.closed(ctx, rule, s.signed(v.Params(), strings.TrimSuffix(text, "\n")), "sv="+version+" without the last newline")
			}
		},
	}
}

// signsObject asks for a snapshot and for a version that are not there: whoever signed for them
// is told so, and nobody else.
func signsObject(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	at := t.Now().Add(-hour).UTC().Format("2006-01-02T15:04:05.0000000Z")
	for _, resource := range []string{"bs", "bv"} {
		v := s.toRead()
		v.Resource, v.Snapshot = resource, at
		a := t.Send(ctx, s.get(v.Query(s.key)))
		t.Rule("BLOB-SAS-016").Expect(a, "sr="+resource).To(match.Status(404))
		t.Rule("BLOB-SAS-016").Expect(a, "sr="+resource).To(match.Code(gomega.Not(gomega.Equal("AuthenticationFailed"))))
		s.closed(ctx, "BLOB-SAS-016", s.signed(v.Params(), strings.Replace(v.StringToSign(v.Version), at, "", 1)), "sr="+resource+" without the time signed")
	}
}
