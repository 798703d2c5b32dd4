package blob

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// corsSpecs are about what browsers ask and are told. Each has an account of its own: the rules are the account's.
func corsSpecs() []suite.Spec {
	needs := []string{"arm.storage"}
	return []suite.Spec{
		{ID: "BLOB-CORS-001/preflight", Title: "answers a preflight request by the first rule that fits", Needs: needs,
			Covers: []string{"BLOB-CORS-002", "BLOB-CORS-003", "BLOB-CORS-004"}, Run: preflight},
		{ID: "BLOB-CORS-005/answers", Title: "tells a browser what a page may see of an answer", Needs: needs,
			Covers: []string{"BLOB-CORS-006", "BLOB-CORS-007"}, Run: crossOrigin},
	}
}

// corsAccount is an account with two rules, once they hold: one for a page by name, and one for all pages.
func corsAccount(ctx context.Context, t *suite.T) own {
	o := newAccount(ctx, t, "Standard_LRS", nil)
	const rules = "<Cors>" +
		"<CorsRule><AllowedOrigins>https://named.example</AllowedOrigins><AllowedMethods>GET,PUT</AllowedMethods><MaxAgeInSeconds>60</MaxAgeInSeconds>" +
		"<ExposedHeaders>x-ms-meta-*,ETag</ExposedHeaders><AllowedHeaders>x-ms-*,content-type</AllowedHeaders></CorsRule>" +
		"<CorsRule><AllowedOrigins>*</AllowedOrigins><AllowedMethods>GET</AllowedMethods><MaxAgeInSeconds>5</MaxAgeInSeconds>" +
		"<ExposedHeaders/><AllowedHeaders/></CorsRule></Cors>"
	set := o.signed(o.request("https", "PUT", "/?restype=service&comp=properties").
		Text(`<?xml version="1.0" encoding="utf-8"?><StorageServiceProperties>` + rules + `</StorageServiceProperties>`))
	t.Require(t.Send(ctx, set), match.Status(202), "setting the rules")
	t.Settle(ctx, "the rules of "+o.name, func(ctx context.Context) bool {
		a, err := t.Try(ctx, o.preflight("https://named.example", "PUT", "x-ms-version"))
		return err == nil && a.Status == 200
	})
	return o
}

// preflight is what a browser asks about something that is not there.
func (o own) preflight(origin, method, headers string) *suite.Request {
	r := o.request("https", "OPTIONS", "/nowhere/nothing")
	for name, value := range map[string]string{"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers} {
		if value != "" {
			r.Set(name, value)
		}
	}
	return r
}

func preflight(ctx context.Context, t *suite.T) {
	o := corsAccount(ctx, t)
	ask := func(origin, method, headers string) *wire.Answer {
		return t.Send(ctx, o.preflight(origin, method, headers))
	}
	allowed := ask("https://named.example", "PUT", "x-ms-version,Content-Type")
	t.Rule("BLOB-CORS-001").Expect(allowed).To(match.Status(200))
	headers(t, "BLOB-CORS-002", allowed, "Access-Control-Allow-Origin", "https://named.example", "Access-Control-Allow-Methods", gomega.ContainSubstring("PUT"),
		"Access-Control-Allow-Headers", gomega.WithTransform(strings.ToLower, gomega.And(gomega.ContainSubstring("x-ms-version"), gomega.ContainSubstring("content-type"))),
		"Access-Control-Max-Age", "60")
	headers(t, "BLOB-CORS-002", ask("https://other.example", "GET", ""), "Access-Control-Allow-Origin", "*", "Access-Control-Max-Age", "5")
	for about, a := range map[string]*wire.Answer{
		"a method that no rule has for the page": ask("https://other.example", "PUT", ""),
		"a header that the rule does not cover":  ask("https://named.example", "GET", "x-own"),
	} {
		refused(t, "BLOB-CORS-003", a, 403, "CorsPreflightFailure", about)
	}
	refused(t, "BLOB-CORS-004", ask("", "GET", ""), 400, "InvalidHeaderValue", "without Origin")
	refused(t, "BLOB-CORS-004", ask("https://named.example", "", ""), 400, "InvalidHeaderValue", "without Access-Control-Request-Method")
}

func crossOrigin(ctx context.Context, t *suite.T) {
	o := corsAccount(ctx, t)
	t.Require(t.Send(ctx, o.keyed("PUT", "/ccc?restype=container")), match.Status(201), "a container")
	put := o.signed(o.request("https", "PUT", "/ccc/b").Set("x-ms-blob-type", "BlockBlob").Set("x-ms-meta-own", "1").Text("hello"))
	t.Require(t.Send(ctx, put), match.Status(201), "a blob")
	from := func(origin, path string) *wire.Answer {
		r := o.request("https", "GET", path)
		if origin != "" {
			r.Set("Origin", origin)
		}
		return t.Send(ctx, o.signed(r))
	}
	named, other, none := from("https://named.example", "/ccc/b"), from("https://other.example", "/ccc/b"), from("", "/ccc/b")
	headers(t, "BLOB-CORS-005", named, "Access-Control-Allow-Origin", "https://named.example",
		"Access-Control-Expose-Headers", gomega.WithTransform(strings.ToLower, gomega.And(gomega.ContainSubstring("x-ms-meta-own"), gomega.ContainSubstring("etag"))))
	headers(t, "BLOB-CORS-005", other, "Access-Control-Allow-Origin", "*")
	headers(t, "BLOB-CORS-005", none, "Access-Control-Allow-Origin", match.Absent())
	headers(t, "BLOB-CORS-006", named, "Access-Control-Allow-Credentials", "true")
	headers(t, "BLOB-CORS-006", other, "Access-Control-Allow-Credentials", match.Absent())
	for _, a := range []*wire.Answer{named, other, none, from("https://named.example", "/ccc/missing")} {
		headers(t, "BLOB-CORS-007", a, "Vary", gomega.ContainSubstring("Origin"))
	}
}
