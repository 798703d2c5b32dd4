package vault

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// networkSpecs are about vaults that are closed to the public network.
func networkSpecs() []suite.Spec {
	return []suite.Spec{{
		ID: "KV-AUTH-032/closed", Title: "refuses everybody where public network access is disabled, after the token",
		Run: func(ctx context.Context, t *suite.T) {
			vault := policyVault(ctx, t, every(t))
			t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
			a := t.Send(ctx, t.ARM("PATCH", t.World.VaultID(vault)+"?api-version="+suite.VaultVersion).JSON(object{"properties": object{"publicNetworkAccess": "Disabled"}}))
			t.Require(a, match.Status(gomega.BeElementOf(200, 201)), "closing the vault")
			ask := func(ctx context.Context) any { return t.Send(ctx, t.VaultOf(vault, "GET", "secrets")) }
			t.Rule("KV-AUTH-032").Eventually(ctx, ask, match.Status(403))
			last := ask(ctx)
			t.Rule("KV-AUTH-032").Expect(last).To(match.Code("Forbidden"))
			t.Rule("KV-AUTH-032").Expect(last).To(inner("ForbiddenByConnection"))
			t.Rule("KV-AUTH-032").Expect(t.Send(ctx, t.VaultOf(vault, "GET", "secrets").Anonymous()), "without a token").To(match.Status(401))
		},
	}}
}

// versionSpecs are about api-version.
func versionSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-AUTH-034/none", Title: "refuses a request without an api-version in its query",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.Secret(ctx, "value")
				base := t.World.VaultBase(t.World.Vault) + "/secrets/" + name
				ask := t.Vault("GET", "secrets/"+name)
				t.Require(t.Send(ctx, ask.Clone()), match.JSON("value", "value"), "with an api-version")
				ask.URL = base
				t.Rule("KV-AUTH-034").Expect(t.Send(ctx, ask.Clone())).To(match.Status(400))
				ask.Set("api-version", t.Env.Target.Versions.Vault)
				t.Rule("KV-AUTH-034").Expect(t.Send(ctx, ask), "in a header").To(match.Status(400))
			},
		},
		{
			ID: "KV-AUTH-035/unknown", Title: "refuses an api-version that it does not know, and recommends one",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.Secret(ctx, "value")
				t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name+"?api-version=7.4")), match.JSON("value", "value"), "a known version")
				for _, version := range []string{"7.7", "1999-01-01"} {
					a := t.Send(ctx, t.Vault("GET", "secrets/"+name+"?api-version="+version))
					t.Rule("KV-AUTH-035").Expect(a, version).To(match.Status(400))
					t.Rule("KV-AUTH-035").Expect(a, version).To(match.Code("BadParameter"))
					t.Rule("KV-AUTH-035").Expect(a, version).To(match.Message(text(`The specified version \(` + quote(version) +
						`\) is not recognized\. Consider using the latest supported version \([\w.-]+\)\.`)))
				}
			},
		},
		{
			ID: "KV-AUTH-036/token-first", Title: "refuses for the token before it looks at the api-version",
			Run: func(ctx context.Context, t *suite.T) {
				unknown := t.Vault("GET", "secrets?api-version=7.7")
				t.Require(t.Send(ctx, unknown.Clone()), match.Status(400), "with a token")
				t.Rule("KV-AUTH-036").Expect(t.Send(ctx, unknown.Anonymous())).To(match.Status(401))
				none := t.Vault("GET", "secrets").Anonymous()
				none.URL, _, _ = strings.Cut(none.URL, "?")
				t.Rule("KV-AUTH-036").Expect(t.Send(ctx, none), "no version").To(match.Status(401))
			},
		},
	}
}

// routeSpecs are about paths and verbs.
func routeSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-AUTH-037/slash", Title: "ignores a slash behind the last segment of the path",
			Covers: []string{"KV-AUTH-050"},
			Run: func(ctx context.Context, t *suite.T) {
				name, version := t.Secret(ctx, "value")
				for _, path := range []string{"secrets/" + name + "/", "secrets/" + name + "/" + version + "/"} {
					t.Rule("KV-AUTH-037").Expect(t.Send(ctx, t.Vault("GET", path)), path).To(match.JSON("value", "value"))
				}
				t.Rule("KV-AUTH-037").Expect(t.Send(ctx, t.Vault("GET", "secrets/")), "the list").To(match.JSON("value.0.id", gomega.HavePrefix("https://")))
				t.Rule("KV-AUTH-050").Expect(t.Send(ctx, t.Vault("GET", "//secrets/"+name))).To(match.JSON("value", "value"))
			},
		},
		{ID: "KV-AUTH-038/wrong-verb", Title: "refuses a verb that a path does not take, after the token and before permissions", Run: wrongVerb},
		{
			ID: "KV-AUTH-039/no-operation", Title: "refuses a path that no operation has",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.Secret(ctx, "value")
				t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name)), match.JSON("value", "value"), "a path of an operation")
				t.Rule("KV-AUTH-039").Expect(t.Send(ctx, t.Vault("GET", "nothing/there"))).To(match.Status(404))
			},
		},
		{
			ID: "KV-AUTH-044/letter-case", Title: "compares names without regard to letter case, and shows the stored spelling",
			Run: func(ctx context.Context, t *suite.T) {
				name := "Mixed-" + t.Unique("S")
				id := match.Text(put(ctx, t, name, object{"value": "value"}), "id")
				for _, path := range []string{"secrets/" + strings.ToLower(name), "Secrets/" + strings.ToUpper(name)} {
					a := t.Send(ctx, t.Vault("GET", path))
					t.Rule("KV-AUTH-044").Expect(a, path).To(match.JSON("value", "value"))
					t.Rule("KV-AUTH-044").Expect(a, path).To(match.JSON("id", id))
				}
				again := put(ctx, t, strings.ToUpper(name), object{"value": "second"})
				t.Rule("KV-AUTH-044").Expect(again, "set in another spelling").To(match.JSON("id", gomega.ContainSubstring("/secrets/"+name+"/")))
				t.Rule("KV-AUTH-044").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+name)), "the same secret").To(match.JSON("value", "second"))
			},
		},
		{
			ID: "KV-AUTH-046/health", Title: "tells of its health without a token",
			Run: func(ctx context.Context, t *suite.T) {
				t.Require(t.Send(ctx, t.Vault("GET", "secrets")), match.Status(200), "with a token")
				t.Require(t.Send(ctx, t.Vault("GET", "secrets").Anonymous()), match.Status(401), "secrets without a token")
				a := t.Send(ctx, t.Vault("GET", "healthstatus").Anonymous())
				t.Rule("KV-AUTH-046").Expect(a).To(match.Status(200))
			},
		},
	}
}

func wrongVerb(ctx context.Context, t *suite.T) {
	vault := policyVault(ctx, t)
	t.Require(t.Send(ctx, t.Vault("GET", "secrets")), match.Status(200), "a verb that it takes")
	for _, ask := range []struct{ method, path string }{{"PUT", "secrets"}, {"POST", "secrets/some"}, {"PUT", "secrets/"}} {
		what := ask.method + " " + ask.path
		for _, at := range []string{t.World.Vault, vault} { // with permissions, and without
			a := t.Send(ctx, t.VaultOf(at, ask.method, ask.path).JSON(object{"value": "x"}))
			t.Rule("KV-AUTH-038").Expect(a, what).To(match.Status(405))
			t.Rule("KV-AUTH-038").Expect(a, what).To(match.Code("MethodNotAllowed"))
			t.Rule("KV-AUTH-038").Expect(a, what).To(match.Message("HTTP " + ask.method + " not allowed"))
		}
		a := t.Send(ctx, t.VaultOf(vault, ask.method, ask.path).JSON(object{"value": "x"}).Anonymous())
		t.Rule("KV-AUTH-038").Expect(a, what+" without a token").To(match.Status(401))
	}
}

// headerSpecs are about what every answer has.
func headerSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-AUTH-040/every-answer", Title: "sends the same headers with every answer, refusals too",
			Covers: []string{"KV-AUTH-043"},
			Run: func(ctx context.Context, t *suite.T) {
				for what, a := range someAnswers(ctx, t) {
					everyHeader(t, a, what)
				}
			},
		},
		{
			ID: "KV-AUTH-041/envelope", Title: "puts code and message of a refusal below error, and a second code where there is one",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value", "attributes": object{"enabled": false}})
				for path, status := range map[string]int{"secrets/absent": 404, "secrets/in_valid": 400, "secrets/" + name: 403} {
					a := t.Send(ctx, t.Vault("GET", path))
					t.Require(a, match.Status(status), path)
					t.Rule("KV-AUTH-041").Expect(a, path).To(match.JSON("error.code", there()))
					t.Rule("KV-AUTH-041").Expect(a, path).To(match.JSON("error.message", there()))
					second := match.Absent()
					if status == 403 {
						second = there()
					}
					t.Rule("KV-AUTH-041").Expect(a, path).To(inner(second))
				}
				a := t.Send(ctx, t.Vault("GET", "secrets").Anonymous())
				t.Require(a, match.Status(401), "without a token")
				t.Rule("KV-AUTH-041").Expect(a, "without a token").To(match.JSON("error.code", there()))
				t.Rule("KV-AUTH-041").Expect(a, "without a token").To(match.JSON("error.message", there()))
			},
		},
		{
			ID: "KV-AUTH-042/client-request-id", Title: "sends the caller's request id back if, and only if, there was one",
			Run: func(ctx context.Context, t *suite.T) {
				id := suite.GUID()
				for path, status := range map[string]int{"secrets": 200, "secrets/absent": 404} {
					a := t.Send(ctx, t.Vault("GET", path).Set("x-ms-client-request-id", id))
					t.Require(a, match.Status(status), path)
					t.Rule("KV-AUTH-042").Expect(a, path).To(match.Header("x-ms-client-request-id", id))
					a = t.Send(ctx, t.Vault("GET", path))
					t.Require(a, match.Status(status), path)
					t.Rule("KV-AUTH-042").Expect(a, path+", no id").To(match.Header("x-ms-client-request-id", match.Absent()))
				}
			},
		},
	}
}

// someAnswers are one of each kind: with content, without, and refusals.
func someAnswers(ctx context.Context, t *suite.T) map[string]*wire.Answer {
	name, gone := t.Unique("s"), t.Unique("s")
	put(ctx, t, gone, object{"value": "value"})
	remove(ctx, t, gone)
	out := map[string]*wire.Answer{"PUT": put(ctx, t, name, object{"value": "value"}), "purge": purge(ctx, t, gone)}
	for path, status := range map[string]int{"secrets/" + name: 200, "secrets": 200, "secrets/absent": 404, "secrets/in_valid": 400} {
		out[path] = t.Send(ctx, t.Vault("GET", path))
		t.Require(out[path], match.Status(status), path)
	}
	out["no token"] = t.Send(ctx, t.Vault("GET", "secrets").Anonymous())
	return out
}

func everyHeader(t *suite.T, a *wire.Answer, what string) {
	what = fmt.Sprintf("%s (%d)", what, a.Status)
	for name, want := range map[string]any{
		"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1", "X-Content-Type-Options": "nosniff",
		"Strict-Transport-Security": "max-age=31536000;includeSubDomains", "x-ms-request-id": there(), "x-ms-keyvault-region": there(),
		"x-ms-keyvault-service-version": gomega.MatchRegexp(`^\d+(\.\d+){3}$`), "x-ms-keyvault-network-info": gomega.ContainSubstring("addr="),
	} {
		t.Rule("KV-AUTH-040").Expect(a, what).To(match.Header(name, want))
	}
	for _, name := range []string{"Server", "ETag", "x-ms-version"} {
		t.Rule("KV-AUTH-043").Expect(a, what).To(match.Header(name, match.Absent()))
	}
}
