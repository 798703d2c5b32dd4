package blob

import (
	"context"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// sasRightSpecs are about what a good signature may be used for, and from where.
func sasRightSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-SAS-032/other-address", Title: "refuses a signature from an address that sip does not name",
			Covers: []string{"BLOB-SAS-053", "BLOB-AUTH-026"}, Run: fromElsewhere,
		},
		{
			ID: "BLOB-SAS-033/without-tls", Title: "refuses a signature for https alone without TLS",
			Covers: []string{"BLOB-SAS-054", "BLOB-AUTH-027"}, Run: withoutTLS,
		},
		{
			ID: "BLOB-SAS-034/letter-missing", Title: "refuses what sp does not allow",
			Covers: []string{"BLOB-SAS-055", "BLOB-AUTH-025"}, Run: letterMissing,
		},
		{
			ID: "BLOB-SAS-035/other-service", Title: "refuses an account SAS for other services",
			Covers: []string{"BLOB-SAS-056", "BLOB-AUTH-028"},
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				s.works(ctx, s.all(func(v *sign.AccountSAS) { v.Services = "bq" }), "ss=bq")
				a := t.Send(ctx, s.get(s.all(func(v *sign.AccountSAS) { v.Services = "q" })))
				for _, rule := range []string{"BLOB-SAS-035", "BLOB-AUTH-028"} {
					refused(t, rule, a, 403, "AuthorizationServiceMismatch")
				}
				worded(t, "BLOB-SAS-056", a, notAuthorized+" using this service.")
			},
		},
		{
			ID: "BLOB-SAS-037/no-signature-allows", Title: "refuses by any signature to change an access control list",
			Covers: []string{"BLOB-SAS-058", "BLOB-AUTH-030"},
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				set := func(query string) *suite.Request { return s.by("PUT", s.level("&comp=acl"), query).Text("") }
				for about, query := range map[string]string{
					"account SAS": s.all(unchanged),
					"service SAS": s.service(func(v *sign.SAS) { v.Resource, v.Permissions = "c", "racwdl" }),
				} {
					s.works(ctx, query, about)
					a := t.Send(ctx, set(query))
					for _, rule := range []string{"BLOB-SAS-037", "BLOB-AUTH-030"} {
						refused(t, rule, a, 403, "AuthorizationFailure", about)
					}
					worded(t, "BLOB-SAS-058", a, notAuthorized+".", about)
				}
				t.Require(t.Send(ctx, t.Blob("PUT", s.level("&comp=acl")).Text("")), match.Status(200), "by the key")
			},
		},
		{
			ID: "BLOB-AUTH-031/create-alone", Title: "refuses to overwrite a blob where only creating is allowed",
			Covers: []string{"BLOB-SAS-039", "BLOB-SAS-059"}, Run: overwrites,
		},
		{
			ID: "BLOB-SAS-040/one-letter", Title: "takes one of the letters that an operation can have",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				for _, letter := range []string{"c", "w"} {
					a := t.Send(ctx, s.put("by-"+letter, s.service(func(v *sign.SAS) { v.Resource, v.Permissions = "c", letter })))
					t.Rule("BLOB-SAS-040").Expect(a, "sp="+letter).To(match.Status(201))
				}
			},
		},
		{
			ID: "BLOB-SAS-052/before-2015", Title: "tells nothing to a signature of before 2015-04-05 that does not allow a request",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				v := s.toRead()
				v.Version, v.Permissions = "2014-02-14", "rw"
				s.opens(ctx, "BLOB-SAS-052", v.Query(s.key), "with the letter")
				v.Permissions = "w"
				refused(t, "BLOB-SAS-052", t.Send(ctx, s.get(v.Query(s.key))), 404, "ResourceNotFound")
			},
		},
		{ID: "BLOB-SAS-067/blocks-of-a-new-blob", Title: "lets blocks of a new blob be written by c alone", Run: newBlocks},
		{ID: "BLOB-AUTH-032/headers-of-the-answer", Title: "answers with the headers that a signature says", Run: overrides},
	}
}

func fromElsewhere(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	query := s.service(unchanged)
	s.works(ctx, query, "from anywhere")
	for about, query := range map[string]string{
		"an address":     s.service(func(v *sign.SAS) { v.IP = "192.0.2.1" }),
		"a range":        s.service(func(v *sign.SAS) { v.IP = "192.0.2.0-192.0.2.255" }),
		"an account SAS": s.all(func(v *sign.AccountSAS) { v.IP = "192.0.2.1" }),
	} {
		a := t.Send(ctx, s.get(query))
		for _, rule := range []string{"BLOB-SAS-032", "BLOB-AUTH-026"} {
			refused(t, rule, a, 403, "AuthorizationSourceIPMismatch", about)
		}
		worded(t, "BLOB-SAS-053", a, like(notAuthorized+" using this source IP [0-9a-fA-F.:]+\\."), about)
	}
}

// withoutTLS asks the world's account where that takes no TLS anyway, else one that takes both.
func withoutTLS(ctx context.Context, t *suite.T) {
	account := newAccount(ctx, t, "Standard_LRS", map[string]any{"supportsHttpsTrafficOnly": false})
	v := &sign.AccountSAS{
		Account: account.name, Version: t.Env.Target.Versions.Blob, Services: "b", ResourceTypes: "s", Permissions: "l",
		Expiry: stamp(t.Now().Add(hour)), Protocol: "https,http",
	}
	list := func() *suite.Request { return account.request("http", "GET", "/?comp=list").Raw(v.Query(account.key)) }
	t.Until(ctx, 200, list)
	t.Require(t.Send(ctx, list()), match.XML("Containers", gomega.BeEmpty()), "spr=https,http")
	v.Protocol = "https"
	a := t.Send(ctx, list())
	for _, rule := range []string{"BLOB-SAS-033", "BLOB-AUTH-027"} {
		refused(t, rule, a, 403, "AuthorizationProtocolMismatch")
	}
	worded(t, "BLOB-SAS-054", a, notAuthorized+" using this protocol.")
}

func letterMissing(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	s.works(ctx, s.service(func(v *sign.SAS) { v.Permissions = "rw" }), "sp=rw")
	s.works(ctx, s.all(func(v *sign.AccountSAS) { v.Permissions = "rw" }), "sp=rw of an account SAS")
	toDelete := s.by("DELETE", s.path(), s.service(func(v *sign.SAS) { v.Permissions = "rw" }))
	toList := s.by("GET", s.level("&comp=list"), s.service(func(v *sign.SAS) { v.Resource, v.Permissions = "c", "r" }))
	for about, r := range map[string]*suite.Request{
		"reading by w":                  s.get(s.service(func(v *sign.SAS) { v.Permissions = "w" })),
		"reading by w of account SAS":   s.get(s.all(func(v *sign.AccountSAS) { v.Permissions = "w" })),
		"writing by r":                  s.put("new", s.service(func(v *sign.SAS) { v.Resource, v.Permissions = "c", "r" })),
		"deleting by rw":                toDelete,
		"listing by r":                  toList,
		"writing by r of account SAS":   s.put("new", s.all(func(v *sign.AccountSAS) { v.Permissions = "r" })),
		"reading a blob not there by w": s.by("GET", s.container+"/none", s.service(func(v *sign.SAS) { v.Resource, v.Permissions = "c", "w" })),
	} {
		a := t.Send(ctx, r)
		for _, rule := range []string{"BLOB-SAS-034", "BLOB-AUTH-025"} {
			refused(t, rule, a, 403, "AuthorizationPermissionMismatch", about)
		}
		worded(t, "BLOB-SAS-055", a, notAuthorized+" using this permission.", about)
	}
	s.works(ctx, s.service(unchanged), "the blob is still there")
}

func overwrites(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	with := func(letters string) string {
		return s.service(func(v *sign.SAS) { v.Permissions = letters })
	}
	a := t.Send(ctx, s.put(s.name, with("c")))
	for _, rule := range []string{"BLOB-AUTH-031", "BLOB-SAS-039"} {
		refused(t, rule, a, 403, "UnauthorizedBlobOverwrite")
	}
	worded(t, "BLOB-SAS-059", a, "This request is not authorized to perform blob overwrites.")
	s.works(ctx, with("r"), "the blob as it was")
	t.Require(t.Send(ctx, s.put(s.name, with("cw"))), match.Status(201), "sp=cw")
}

func newBlocks(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	stage := func(signed, asked string) *wire.Answer {
		query := s.service(func(v *sign.SAS) { v.Resource, v.Permissions, v.Version = "c", "c", signed })
		return t.Send(ctx, s.by("PUT", suite.Path(s.container, "new")+"?comp=block&blockid=YQ%3D%3D", query).Set("x-ms-version", asked).Text("block"))
	}
	t.Rule("BLOB-SAS-067").Expect(stage("2026-04-06", "2026-02-06"), "an older x-ms-version").To(match.Status(403))
	t.Rule("BLOB-SAS-067").Expect(stage("2026-02-06", "2026-04-06"), "an older sv").To(match.Status(403))
	t.Rule("BLOB-SAS-067").Expect(stage("2026-04-06", "2026-04-06")).To(match.Status(201))
}

func overrides(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	query := s.service(func(v *sign.SAS) {
		v.CacheControl, v.ContentDisposition, v.ContentEncoding = "no-store", `attachment; filename="a b.txt"`, "identity"
		v.ContentLanguage, v.ContentType = "de", "text/x-said"
	})
	s.works(ctx, query, "the blob")
	for _, method := range []string{"GET", "HEAD"} {
		a := t.Send(ctx, s.by(method, s.path(), query))
		for name, value := range map[string]string{
			"Cache-Control": "no-store", "Content-Disposition": `attachment; filename="a b.txt"`, "Content-Encoding": "identity",
			"Content-Language": "de", "Content-Type": "text/x-said",
		} {
			t.Rule("BLOB-AUTH-032").Expect(a, method).To(match.Header(name, value))
		}
	}
	a := t.Send(ctx, s.by("GET", s.path()+"none", s.service(func(v *sign.SAS) { v.Blob, v.ContentType = s.name+"none", "text/x-said" })))
	t.Require(a, match.Status(404), "a blob that is not there")
	t.Rule("BLOB-AUTH-032").Expect(a, "a blob that is not there").To(match.Header("Content-Type", gomega.Not(gomega.Equal("text/x-said"))))
}
