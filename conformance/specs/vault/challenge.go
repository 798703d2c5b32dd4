package vault

import (
	"context"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// challengeSpecs are about what whoever brings no token is told.
func challengeSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-AUTH-001/no-token", Title: "refuses whoever has no token, whatever is asked",
			Covers: []string{"KV-AUTH-003", "KV-AUTH-004", "KV-AUTH-005"},
			Run:    noToken,
		},
		{
			ID: "KV-AUTH-002/body-unread", Title: "refuses for the token before it looks at the body",
			Run: func(ctx context.Context, t *suite.T) {
				ask := t.Vault("PUT", "secrets/"+t.Unique("s")).Text("no JSON").Set("Content-Type", "application/json")
				t.Require(t.Send(ctx, ask.Clone()), match.Status(400), "the same body with a token")
				t.Rule("KV-AUTH-002").Expect(t.Send(ctx, ask.Clone().Anonymous()), "without a token").To(match.Status(401))
				t.Rule("KV-AUTH-002").Expect(t.Send(ctx, ask.Clone().Bearer("none")), "with what is no token").To(match.Status(401))
			},
		},
		{
			ID: "KV-AUTH-004/every-refusal", Title: "sends the challenge with every 401",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.Secret(ctx, "value")
				ask := t.Vault("GET", "secrets/"+name)
				other := t.Token(ctx, t.Deployer(), t.Cloud.ARMAudience)
				for _, token := range []string{"none", other} {
					a := t.Send(ctx, ask.Clone().Bearer(token))
					t.Rule("KV-AUTH-004").Expect(a).To(match.Header("WWW-Authenticate", challenge(t)))
				}
				t.Require(t.Send(ctx, ask), match.JSON("value", "value"), "with a good token")
			},
		},
		{
			ID: "KV-AUTH-005/of-the-vault", Title: "names the vault's tenant in the challenge, not the caller's",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.NewVault(ctx, object{"tenantId": elsewhere})
				t.Require(t.Send(ctx, t.Vault("GET", "secrets")), match.Status(200), "a vault of the caller's tenant")
				a := t.Send(ctx, t.VaultOf(name, "GET", "secrets").Anonymous())
				t.Rule("KV-AUTH-005").Expect(a).To(match.Header("WWW-Authenticate", gomega.ContainSubstring("/"+elsewhere)))
			},
		},
		authority("KV-AUTH-006", "public"),
		authority("KV-AUTH-007", "china"),
	}
}

// challenge is the form of the challenge.
func challenge(t *suite.T) types.GomegaMatcher {
	return text(`Bearer authorization="https://[^"/ ]+/[^"/ ]+", resource="` + quote(t.Cloud.VaultAudience) + `"`)
}

func noToken(ctx context.Context, t *suite.T) {
	name, _ := t.Secret(ctx, "value")
	t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name)), match.JSON("value", "value"), "with a token")
	for _, ask := range []struct{ method, path string }{
		{"GET", "secrets/" + name}, {"GET", "secrets/absent/"}, {"GET", "secrets/in_valid"}, {"GET", ""}, {"GET", "nothing/there"},
		{"PUT", "secrets/" + name}, {"PATCH", "secrets/" + name}, {"DELETE", "secrets/" + name}, {"POST", "keys/k//sign"},
	} {
		r := t.Vault(ask.method, ask.path).Anonymous()
		if ask.method == "PUT" || ask.method == "PATCH" {
			r.JSON(object{"value": "other"})
		}
		a := t.Send(ctx, r)
		what := ask.method + " " + ask.path
		t.Rule("KV-AUTH-001").Expect(a, what).To(match.Status(401))
		t.Rule("KV-AUTH-003").Expect(a, what).To(match.Code("Unauthorized"))
		t.Rule("KV-AUTH-003").Expect(a, what).To(match.Message("AKV10000: Request is missing a Bearer or PoP token."))
		t.Rule("KV-AUTH-004").Expect(a, what).To(match.Header("WWW-Authenticate", challenge(t)))
		t.Rule("KV-AUTH-005").Expect(a, what).To(match.Header("WWW-Authenticate", gomega.MatchRegexp(`authorization="[^"]*/`+quote(t.World.Tenant)+`"`)))
	}
}

// authority is a spec of the login endpoint in the challenge, which each cloud has a rule for. It
// is asked in that cloud alone.
func authority(rule, cloud string) suite.Spec {
	return suite.Spec{
		ID: rule + "/authority", Title: "names the login endpoint of the cloud in the challenge, in " + cloud,
		Run: func(ctx context.Context, t *suite.T) {
			t.Require(t.Send(ctx, t.Vault("GET", "secrets")), match.Status(200), "with a token")
			a := t.Send(ctx, t.Vault("GET", "secrets").Anonymous())
			t.Rule(rule).Expect(a).To(match.Header("WWW-Authenticate", gomega.HavePrefix(`Bearer authorization="`+t.Cloud.Login+`/`)))
		},
	}
}
