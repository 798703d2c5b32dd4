package entra

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"net/url"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// keySpecs are about the published keys, and about the list of clouds.
func keySpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ENTRA-OIDC-020/keys", Title: "publishes the keys of tokens",
			Covers: []string{"ENTRA-OIDC-021", "ENTRA-OIDC-022", "ENTRA-OIDC-023", "ENTRA-OIDC-024", "ENTRA-OIDC-025"}, Run: keys,
		},
		{ID: "ENTRA-OIDC-026/every-token", Title: "publishes the key of every token that is valid", Needs: []string{"entra.token.clientSecret"}, Run: keyOfEveryToken},
		{
			ID: "ENTRA-OIDC-027/instances", Title: "lists the hosts of all clouds",
			Covers: []string{"ENTRA-OIDC-028", "ENTRA-OIDC-029", "ENTRA-OIDC-030", "ENTRA-OIDC-031", "ENTRA-OIDC-034"}, Run: instances,
		},
		{ID: "ENTRA-OIDC-032/unknown-host", Title: "vouches for no host of somebody else's", Covers: []string{"ENTRA-OIDC-033"}, Run: unknownHost},
	}
}

// ofKey matches a member that each key of a set has.
func ofKey(name string, want types.GomegaMatcher) types.GomegaMatcher {
	return match.JSON("keys", gomega.And(gomega.Not(gomega.BeEmpty()), gomega.HaveEach(gomega.HaveKeyWithValue(name, want))))
}

func keys(ctx context.Context, t *suite.T) {
	for _, version := range []string{"/v2.0", ""} {
		a := t.Send(ctx, t.Login("GET", "/"+t.World.Tenant+"/discovery"+version+"/keys"))
		t.Require(a, match.JSON("keys.0.n", gomega.Not(gomega.BeEmpty())), "a key")
		t.Rule("ENTRA-OIDC-020").Expect(a).To(match.Status(200))
		t.Rule("ENTRA-OIDC-020").Expect(a).To(ofKey("kty", gomega.Equal("RSA")))
		t.Rule("ENTRA-OIDC-020").Expect(a).To(ofKey("use", gomega.Equal("sig")))
		t.Rule("ENTRA-OIDC-021").Expect(a).To(ofKey("n", gomega.MatchRegexp(`^[\w-]{300,}$`)))
		t.Rule("ENTRA-OIDC-021").Expect(a).To(ofKey("e", gomega.MatchRegexp(`^[\w-]+$`)))
		t.Rule("ENTRA-OIDC-022").Expect(a).To(ofKey("x5c", gomega.And(gomega.Not(gomega.BeEmpty()), gomega.HaveEach(gomega.Satisfy(certificate)))))
		t.Rule("ENTRA-OIDC-025").Expect(a).To(match.JSON("keys.1.kid", gomega.Not(gomega.BeEmpty())))
		for _, k := range list(a, "keys") {
			key, _ := k.(map[string]any)
			t.Rule("ENTRA-OIDC-022").Expect(key, "the certificate's key").To(gomega.Satisfy(isItsOwn))
			t.Rule("ENTRA-OIDC-023").Expect(key).To(gomega.HaveKeyWithValue("x5t", gomega.BeEquivalentTo(key["kid"])))
			if version == "" {
				t.Rule("ENTRA-OIDC-024").Expect(key, "a key of the first set").NotTo(gomega.HaveKey("issuer"))
			} else {
				t.Rule("ENTRA-OIDC-024").Expect(key, "a key of the second set").To(gomega.HaveKeyWithValue("issuer", gomega.HavePrefix("https://")))
			}
		}
	}
}

// certificate tells whether a value is a certificate in standard base64.
func certificate(v any) bool {
	text, _ := v.(string)
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	_, err = x509.ParseCertificate(der)
	return err == nil
}

// isItsOwn tells whether the certificate of a key is for that key.
func isItsOwn(key map[string]any) bool {
	chain, _ := key["x5c"].([]any)
	n, _ := key["n"].(string)
	if len(chain) == 0 {
		return false
	}
	text, _ := chain[0].(string)
	der, _ := base64.StdEncoding.DecodeString(text)
	is, err := x509.ParseCertificate(der)
	if err != nil {
		return false
	}
	public, ok := is.PublicKey.(*rsa.PublicKey)
	modulus, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(n, "="))
	return ok && err == nil && public.N.Cmp(new(big.Int).SetBytes(modulus)) == 0
}

func keyOfEveryToken(ctx context.Context, t *suite.T) {
	tokens := []*wire.Answer{machineAsks(ctx, t), t.Send(ctx, v1().ask(t, t.Cloud.VaultAudience)), t.Send(ctx, v2().ask(t, scope(bare(t))))}
	set := keySet(ctx, t)
	for _, a := range tokens {
		t.Require(a, hasToken(), "a token")
		t.Rule("ENTRA-OIDC-026").Expect(kids(set), "the ids of the keys").To(gomega.ContainElement(kid(a)))
	}
}

// discover asks whether a host is one of Microsoft's.
func discover(ctx context.Context, t *suite.T, host string) *wire.Answer {
	return t.Send(ctx, t.Login("GET", "/common/discovery/instance?api-version=1.1&authorization_endpoint="+
		url.QueryEscape("https://"+host+"/"+t.World.Tenant+"/oauth2/v2.0/authorize")))
}

func instances(ctx context.Context, t *suite.T) {
	for _, host := range []string{strings.TrimPrefix(t.Cloud.Login, "https://"), "login.microsoftonline.us"} {
		a := discover(ctx, t, host)
		t.Rule("ENTRA-OIDC-027").Expect(a, host).To(match.Status(200))
		t.Require(a, match.JSON("metadata", gomega.Not(gomega.BeEmpty())), "the list")
		t.Rule("ENTRA-OIDC-027").Expect(a, host).To(match.JSON("tenant_discovery_endpoint", "https://"+host+"/"+t.World.Tenant+"/v2.0/.well-known/openid-configuration"))
		t.Rule("ENTRA-OIDC-034").Expect(a, host).To(match.JSON("api-version", "1.1"))
		t.Rule("ENTRA-OIDC-028").Expect(a, host).To(match.JSON("metadata", gomega.HaveEach(gomega.And(
			gomega.HaveKey("preferred_network"), gomega.HaveKey("preferred_cache"), gomega.HaveKeyWithValue("aliases", gomega.Not(gomega.BeEmpty()))))))
		for _, network := range []string{"login.microsoftonline.com", "login.partner.microsoftonline.cn", "login.microsoftonline.us"} {
			t.Rule("ENTRA-OIDC-028").Expect(a, host).To(match.JSON("metadata", gomega.ContainElement(gomega.HaveKeyWithValue("preferred_network", network))))
		}
		t.Rule("ENTRA-OIDC-029").Expect(a, host).To(aliases("login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"))
		t.Rule("ENTRA-OIDC-030").Expect(a, host).To(aliases("login.partner.microsoftonline.cn", "login.chinacloudapi.cn"))
		t.Rule("ENTRA-OIDC-031").Expect(a, host).To(aliases("login.microsoftonline.us", "login.usgovcloudapi.net"))
	}
}

// aliases matches a list of clouds of which one has these hosts.
func aliases(hosts ...any) types.GomegaMatcher {
	return match.JSON("metadata", gomega.ContainElement(gomega.HaveKeyWithValue("aliases", gomega.ConsistOf(hosts...))))
}

func unknownHost(ctx context.Context, t *suite.T) {
	for _, host := range []string{"login.example.com", "login.microsoftonline.com.example.com"} {
		a := discover(ctx, t, host)
		t.Rule("ENTRA-OIDC-032").Expect(a, host).To(match.Status(400))
		t.Rule("ENTRA-OIDC-033").Expect(a, host).To(match.JSON("error", "invalid_instance"))
	}
	t.Require(discover(ctx, t, "login.microsoftonline.com"), match.JSON("metadata", gomega.Not(gomega.BeEmpty())), "a host that it knows")
}
