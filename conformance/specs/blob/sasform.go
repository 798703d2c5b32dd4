package blob

import (
	"context"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

const hour = time.Hour

// sasFormSpecs are about the parameters, one by one.
func sasFormSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-SAS-019/resources", Title: "knows the values of sr", Run: knowsResources},
		{ID: "BLOB-SAS-020/missing", Title: "refuses a signature that lacks a mandatory parameter", Covers: []string{"BLOB-SAS-027"}, Run: lacksParameter},
		{ID: "BLOB-SAS-021/malformed", Title: "refuses a parameter that is not of its form", Covers: []string{"BLOB-SAS-047"}, Run: malformedParameter},
		{
			ID: "BLOB-SAS-023/order", Title: "refuses the letters of a service SAS in another order",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				s.works(ctx, s.service(func(v *sign.SAS) { v.Permissions = "rwd" }), "sp=rwd")
				s.closed(ctx, "BLOB-SAS-023", s.service(func(v *sign.SAS) { v.Permissions = "wr" }), "sp=wr")
				s.works(ctx, s.service(func(v *sign.SAS) { v.Permissions, v.Resource = "rltf", "c" }), "sp=rltf")
				s.closed(ctx, "BLOB-SAS-023", s.service(func(v *sign.SAS) { v.Permissions, v.Resource = "rlft", "c" }), "sp=rlft")
			},
		},
		{
			ID: "BLOB-SAS-024/any-order", Title: "takes the letters of an account SAS in any order",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				for _, letters := range []string{"wr", "dclr"} {
					s.opens(ctx, "BLOB-SAS-024", s.all(func(v *sign.AccountSAS) { v.Permissions = letters }), "sp="+letters)
				}
			},
		},
		{
			ID: "BLOB-SAS-025/twice", Title: "refuses a parameter that is there twice",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				query := s.service(unchanged)
				s.works(ctx, query, "once")
				s.failed(ctx, "BLOB-SAS-025", query+"&sp=r", "sp twice")
			},
		},
		{
			ID: "BLOB-SAS-026/letter-of-later", Title: "refuses a letter that the version does not know",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				v := s.toRead()
				v.Permissions, v.Version = "rt", "2019-12-12"
				s.works(ctx, v.Query(s.key), "a version that knows t")
				v.Version = "2019-02-02"
				s.failed(ctx, "BLOB-SAS-026", v.Query(s.key), "a version that does not")
			},
		},
		{
			ID: "BLOB-SAS-062/protocols", Title: "takes https and https,http for spr",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				s.opens(ctx, "BLOB-SAS-062", s.service(func(v *sign.SAS) { v.Protocol = "https,http" }), "spr=https,http")
				if !plain(t) {
					s.opens(ctx, "BLOB-SAS-062", s.service(func(v *sign.SAS) { v.Protocol = "https" }), "spr=https")
				}
				s.closed(ctx, "BLOB-SAS-062", s.service(func(v *sign.SAS) { v.Protocol = "http" }), "spr=http")
			},
		},
		{ID: "BLOB-SAS-063/addresses", Title: "takes an address or a range for sip", Run: addressForms},
		{
			ID: "BLOB-SAS-064/first-version", Title: "refuses an account SAS from before there were any",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				v := s.toAll()
				v.Version = "2015-04-05"
				s.works(ctx, v.Query(s.key), "the first version")
				v.Version = "2015-02-21"
				a := t.Send(ctx, s.get(v.Query(s.key)))
				t.Rule("BLOB-SAS-064").Expect(a).To(match.Status(403))
			},
		},
		{ID: "BLOB-SAS-068/not-signed", Title: "takes no notice of a parameter that is not signed", Run: ignoresUnsigned},
	}
}

func knowsResources(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	for _, resource := range []string{"b", "c"} {
		s.opens(ctx, "BLOB-SAS-019", s.service(func(v *sign.SAS) { v.Resource = resource }), "sr="+resource)
	}
	for _, resource := range []string{"x", "cb"} {
		s.closed(ctx, "BLOB-SAS-019", s.service(func(v *sign.SAS) { v.Resource = resource }), "sr="+resource)
	}
	s.closed(ctx, "BLOB-SAS-019", s.service(func(v *sign.SAS) { v.Resource = "d" }), "sr=d without sdd")
}

func lacksParameter(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	s.works(ctx, s.service(unchanged), "a service SAS with all parameters")
	s.works(ctx, s.all(unchanged), "an account SAS with all parameters")
	without := map[string]string{
		"sp": s.service(func(v *sign.SAS) { v.Permissions = "" }),
		"se": s.service(func(v *sign.SAS) { v.Expiry = "" }),
		"sr": s.service(func(v *sign.SAS) { v.Resource = "" }),
		"ss": s.all(func(v *sign.AccountSAS) { v.Services = "" }),
	}
	for _, name := range []string{"sp", "se", "sr", "ss"} {
		a := s.failed(ctx, "BLOB-SAS-020", without[name], "without "+name)
		detailed(t, "BLOB-SAS-027", a, name+" is mandatory. Cannot be empty", "without "+name)
	}
	s.failed(ctx, "BLOB-SAS-020", s.all(func(v *sign.AccountSAS) { v.ResourceTypes = "" }), "without srt")
	s.failed(ctx, "BLOB-SAS-020", s.all(func(v *sign.AccountSAS) { v.Expiry = "" }), "account SAS without se")
}

func malformedParameter(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	s.works(ctx, s.service(func(v *sign.SAS) { v.Start = s.until(-hour) }), "all parameters of their form")
	for _, wrong := range []struct{ about, query string }{
		{"sp=rz", s.service(func(v *sign.SAS) { v.Permissions = "rz" })},
		{"st=yesterday", s.service(func(v *sign.SAS) { v.Start = "yesterday" })},
		{"se=tomorrow", s.service(func(v *sign.SAS) { v.Expiry = "tomorrow" })},
		{"ss=x", s.all(func(v *sign.AccountSAS) { v.Services = "x" })},
		{"srt=x", s.all(func(v *sign.AccountSAS) { v.ResourceTypes = "x" })},
	} {
		a := s.failed(ctx, "BLOB-SAS-021", wrong.query, wrong.about)
		detailed(t, "BLOB-SAS-047", a, "Signature fields not well formed.", wrong.about)
	}
}

// addressForms finds out its own address by a signature for another.
func addressForms(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	from := func(ip string) string { return s.service(func(v *sign.SAS) { v.IP = ip }) }
	s.opens(ctx, "BLOB-SAS-063", from("0.0.0.0-255.255.255.255"), "a range of all addresses")
	if own := sourceOf(s.closed(ctx, "BLOB-SAS-063", from("192.0.2.1"), "another address")); own != "" {
		s.opens(ctx, "BLOB-SAS-063", from(own), "sip="+own)
		s.opens(ctx, "BLOB-SAS-063", from(own+"-"+own), "a range of that one")
	}
	for _, wrong := range []string{"somewhere", "192.0.2", "2001:db8::1"} {
		s.closed(ctx, "BLOB-SAS-063", from(wrong), "sip="+wrong)
	}
}

// ignoresUnsigned adds parameters that another kind or version signs.
func ignoresUnsigned(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	a := t.Send(ctx, s.get(s.all(unchanged)+"&rsct=text%2Fx-unsigned"))
	t.Rule("BLOB-SAS-068").Expect(a, "rsct of an account SAS").To(match.Status(200))
	t.Rule("BLOB-SAS-068").Expect(a, "rsct of an account SAS").To(match.Header("Content-Type", gomega.Not(gomega.Equal("text/x-unsigned"))))
	old := s.service(func(v *sign.SAS) { v.Version = "2014-02-14" })
	s.opens(ctx, "BLOB-SAS-068", old+"&sip=192.0.2.1", "sip of a version without it")
}
