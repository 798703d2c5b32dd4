package imds

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// cacheSpecs are about the tokens that the machine's host keeps. Each has an identity of its
// own, so that nobody else's requests renew its tokens.
func cacheSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "IMDS-TOKEN-060/same-token", Title: "hands out the same token again", Covers: []string{"IMDS-TOKEN-063"}, Run: sameToken},
		{ID: "IMDS-TOKEN-061/entries", Title: "keeps a token for each identity and resource", Covers: []string{"IMDS-TOKEN-062"}, Run: entries},
		{ID: "IMDS-TOKEN-064/bypass", Title: "fetches a new token where the cache is to be bypassed", Run: bypass},
		{ID: "IMDS-TOKEN-065/deleted-identity", Title: "leaves a token good when its identity is deleted", Run: deletedIdentity},
	}
}

// own asks for a token of an identity.
func own(t *suite.T, who suite.Who, audience string) *suite.Request {
	return t.IMDSToken(audience).Query("object_id", who.PrincipalID)
}

func sameToken(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	first := send(ctx, t, own(t, who, t.Cloud.ARMAudience))
	t.Require(first, hasToken(), "the token")
	t.Rule("IMDS-TOKEN-060").Expect(send(ctx, t, own(t, who, t.Cloud.ARMAudience))).To(match.JSON("access_token", match.Text(first, "access_token")))
	t.Rule("IMDS-TOKEN-063").NextSecond(ctx, func(ctx context.Context) any {
		return t.Send(ctx, own(t, who, t.Cloud.ARMAudience))
	}, match.JSON("expires_in", gomega.And(gomega.MatchRegexp(`^\d+$`), gomega.WithTransform(seconds, gomega.BeNumerically("<", number(first, "expires_in"))))))
}

// entries asks for the tokens of two identities for three resources, twice: six tokens.
func entries(ctx context.Context, t *suite.T) {
	bare := strings.TrimSuffix(t.Cloud.ARMAudience, "/")
	seen := map[string]string{}
	for _, who := range []suite.Who{t.Stranger(ctx), t.Stranger(ctx)} {
		slash := map[string]bool{}
		for _, resource := range []string{bare, bare + "/", t.Cloud.StorageAudience} {
			a := send(ctx, t, own(t, who, resource))
			t.Require(a, hasToken(), resource)
			token := match.Text(a, "access_token")
			if strings.HasPrefix(resource, bare) {
				slash[token] = true
			}
			t.Rule("IMDS-TOKEN-061").Expect(seen[token], "who has the token already").To(gomega.BeEmpty())
			seen[token] = who.PrincipalID + " for " + resource
			t.Rule("IMDS-TOKEN-061").Expect(send(ctx, t, own(t, who, resource)), "again").To(match.JSON("access_token", token))
		}
		t.Rule("IMDS-TOKEN-062").Expect(slash, "the tokens for two resources that differ in a slash").To(gomega.HaveLen(2))
	}
}

func bypass(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	first := send(ctx, t, own(t, who, t.Cloud.ARMAudience))
	t.Require(first, hasToken(), "the token")
	token := match.Text(first, "access_token")
	t.Require(send(ctx, t, own(t, who, t.Cloud.ARMAudience)), match.JSON("access_token", token), "the token in the cache")
	a := send(ctx, t, own(t, who, t.Cloud.ARMAudience).Query("bypass_cache", "true"))
	t.Rule("IMDS-TOKEN-064").Expect(a).To(match.JSON("access_token", gomega.And(gomega.Not(gomega.BeEmpty()), gomega.Not(gomega.Equal(token)))))
}

// lives uses the token of an answer.
func lives(ctx context.Context, t *suite.T, a *wire.Answer, path string) *wire.Answer {
	return t.Send(ctx, t.ARM("GET", path+"?api-version=2022-12-01").Bearer(match.Text(a, "access_token")))
}

// deletedIdentity shows that Resource Manager still knows who asks: it answers, or says what he
// may not, and does not refuse the token.
func deletedIdentity(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	a := send(ctx, t, own(t, who, t.Cloud.ARMAudience))
	t.Require(a, hasToken(), "the token")
	t.Require(lives(ctx, t, a, "/subscriptions"), match.Status(200), "the token while its identity is there")
	t.Attach(ctx, map[string]any{who.ID: nil})
	t.Require(t.Send(ctx, t.ARM("DELETE", who.ID+"?api-version="+suite.IdentityVersion)), match.Status(gomega.BeElementOf(200, 204)), "deleting the identity")
	t.Until(ctx, 404, func() *suite.Request { return t.ARM("GET", who.ID+"?api-version="+suite.IdentityVersion) })
	t.Rule("IMDS-TOKEN-065").Expect(lives(ctx, t, a, "/tenants")).To(match.Status(gomega.BeElementOf(200, 403)))
}
