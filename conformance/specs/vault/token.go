package vault

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// tokenSpecs are about which tokens a vault takes.
func tokenSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "KV-AUTH-008/resource-manager", Title: "refuses a token for Resource Manager", Run: otherAudience},
		{
			ID: "KV-AUTH-009/near-misses", Title: "refuses the audience with a slash at its end, and the vault's own URL",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.Secret(ctx, "value")
				ask := t.Vault("GET", "secrets/"+name)
				t.Require(t.Send(ctx, ask.Clone()), match.JSON("value", "value"), "the audience as it is")
				for _, audience := range []string{t.Cloud.VaultAudience + "/", t.World.VaultBase(t.World.Vault)} {
					a := t.Send(ctx, ask.Clone().Bearer(t.Token(ctx, t.Deployer(), audience)))
					t.Rule("KV-AUTH-009").Expect(a, audience).To(match.Status(401))
					t.Rule("KV-AUTH-009").Expect(a, audience).To(match.Message(gomega.HavePrefix("AKV10022")))
				}
			},
		},
		{
			ID: "KV-AUTH-010/application-id", Title: "takes the bare id of its application as audience, and not with spn: before it",
			Run: func(ctx context.Context, t *suite.T) {
				const id = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
				name, _ := t.Secret(ctx, "value")
				ask := t.Vault("GET", "secrets/"+name)
				a := t.Send(ctx, ask.Clone().Bearer(t.Token(ctx, t.Deployer(), id)))
				t.Rule("KV-AUTH-010").Expect(a).To(match.JSON("value", "value"))
				// Where Entra gives no such token, there is nothing to refuse.
				if token, err := t.Env.TokenFrom(ctx, t.Deployer().Source, "spn:"+id); err == nil {
					t.Rule("KV-AUTH-010").Expect(t.Send(ctx, ask.Clone().Bearer(token)), "spn:"+id).To(match.Status(401))
				}
			},
		},
		{
			ID: "KV-AUTH-011/another-tenant", Title: "refuses a token of another tenant than the vault's",
			Covers: []string{"KV-AUTH-049"},
			Run:    otherTenant,
		},
		{
			ID: "KV-AUTH-014/unknown-key", Title: "refuses a token signed with a key that nobody published",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.Secret(ctx, "value")
				ask := t.Vault("GET", "secrets/"+name)
				good := t.Token(ctx, t.Deployer(), t.Cloud.VaultAudience)
				bad := resigned(t, good)
				t.Require(t.Send(ctx, ask.Clone().Bearer(good)), match.JSON("value", "value"), "the claims with their own signature")
				a := t.Send(ctx, ask.Clone().Bearer(bad))
				t.Rule("KV-AUTH-014").Expect(a).To(match.Status(401))
				header, _, _ := strings.Cut(bad, ".")
				t.Rule("KV-AUTH-014").Expect(a).To(match.Message(
					"AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '" + header + "'."))
			},
		},
		{
			ID: "KV-AUTH-015/no-token-at-all", Title: "refuses what is no token",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.Secret(ctx, "value")
				ask := t.Vault("GET", "secrets/"+name)
				t.Require(t.Send(ctx, ask.Clone()), match.JSON("value", "value"), "with a token")
				for _, token := range []string{"garbage", "a.b.c", "eyJhbGciOiJSUzI1NiJ9"} {
					t.Rule("KV-AUTH-015").Expect(t.Send(ctx, ask.Clone().Bearer(token)), token).To(match.Status(401))
				}
			},
		},
		{
			ID: "KV-AUTH-016/wrong-signature", Title: "refuses a token whose signature was changed",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.Secret(ctx, "value")
				ask := t.Vault("GET", "secrets/"+name)
				good := t.Token(ctx, t.Deployer(), t.Cloud.VaultAudience)
				t.Require(t.Send(ctx, ask.Clone().Bearer(good)), match.JSON("value", "value"), "with its own signature")
				a := t.Send(ctx, ask.Clone().Bearer(changed(good)))
				t.Rule("KV-AUTH-016").Expect(a).To(match.Status(401))
				t.Rule("KV-AUTH-016").Expect(a).To(match.Message(gomega.HavePrefix("AKV10046")))
			},
		},
	}
}

func otherAudience(ctx context.Context, t *suite.T) {
	name, _ := t.Secret(ctx, "value")
	ask := t.Vault("GET", "secrets/"+name)
	t.Require(t.Send(ctx, ask.Clone()), match.JSON("value", "value"), "a token for vaults")
	a := t.Send(ctx, ask.Clone().Bearer(t.Token(ctx, t.Deployer(), t.Cloud.ARMAudience)))
	t.Rule("KV-AUTH-008").Expect(a).To(match.Status(401))
	// Since 2024 the expected audience may be followed by the id of the application.
	t.Rule("KV-AUTH-008").Expect(a).To(match.Message(text(`AKV10022: Invalid audience\. Expected ` + quote(t.Cloud.VaultAudience) +
		`( or [0-9a-f-]{36})?, found: ` + quote(t.Cloud.ARMAudience) + `\.`)))
}

func otherTenant(ctx context.Context, t *suite.T) {
	foreign := t.NewVault(ctx, object{"tenantId": elsewhere})
	own := policyVault(ctx, t, every(t))
	_, _, issuer := callerOf(ctx, t)
	t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(own, "GET", "secrets") })
	a := t.Send(ctx, t.VaultOf(foreign, "GET", "secrets"))
	t.Rule("KV-AUTH-011").Expect(a).To(match.Status(401))
	t.Rule("KV-AUTH-011").Expect(a).To(match.Message(text(`AKV10032: Invalid issuer\. Expected one of \S+/` + elsewhere + `/(, \S+/)*, found ` + quote(issuer) + `\.`)))
	for _, tenant := range []string{"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "e2d54eb5-3869-4f70-8578-dee5fc7331f4"} {
		t.Rule("KV-AUTH-049").Expect(a).To(match.Message(gomega.ContainSubstring("/" + tenant + "/")))
	}
}

// resigned is a token with the claims of another, signed with a new key.
func resigned(t *suite.T, token string) string {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Broken("making a key: %v", err)
	}
	kid := strings.ToUpper(t.Unique("kid"))
	header, _ := json.Marshal(map[string]string{"typ": "JWT", "alg": "RS256", "x5t": kid, "kid": kid})
	parts := strings.Split(token, ".")
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + parts[1]
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		t.Broken("signing: %v", err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// changed is a token with one letter in the middle of its signature changed.
func changed(token string) string {
	i := len(token) - 100
	letter := byte('A')
	if token[i] == letter {
		letter = 'B'
	}
	return token[:i] + string(letter) + token[i+1:]
}
