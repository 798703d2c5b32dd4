package arm

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// authenticationSpecs are about tokens: who is refused before anybody looks at rights.
func authenticationSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-COMMON-010/no-token", Title: "refuses a request without an Authorization header",
			Covers: []string{"ARM-COMMON-009", "ARM-COMMON-011"},
			Run: func(ctx context.Context, t *suite.T) {
				a := t.Send(ctx, resources(t).Anonymous())
				t.Rule("ARM-COMMON-010").Expect(a).To(match.Status(401))
				t.Rule("ARM-COMMON-010").Expect(a).To(match.Code("AuthenticationFailed"))
				t.Rule("ARM-COMMON-011").Expect(a).To(match.Message("Authentication failed. The 'Authorization' header is missing."))
				t.Rule("ARM-COMMON-009").Expect(t.Send(ctx, t.ARM("GET", t.World.GroupID()+"/resources").Anonymous())).To(match.Code("MissingApiVersionParameter"))
				t.Require(t.Send(ctx, resources(t)), match.JSON("value", gomega.Not(gomega.BeEmpty())), "with a token")
			},
		},
		{
			ID: "ARM-COMMON-012/no-bearer", Title: "refuses an Authorization header of another form",
			Covers: []string{"ARM-COMMON-013"},
			Run: func(ctx context.Context, t *suite.T) {
				for _, value := range []string{"Basic YTpi", "Bearer", "nothing"} {
					a := t.Send(ctx, resources(t).Anonymous().Set("Authorization", value))
					t.Rule("ARM-COMMON-012").Expect(a, value).To(match.Status(401))
					t.Rule("ARM-COMMON-012").Expect(a, value).To(match.Code("AuthenticationFailedInvalidHeader"))
					t.Rule("ARM-COMMON-013").Expect(a, value).To(match.Message("Authentication failed. The 'Authorization' header is provided in an invalid format."))
				}
				t.Require(t.Send(ctx, resources(t)), match.JSON("value", gomega.Not(gomega.BeEmpty())), "with a token")
			},
		},
		{
			ID: "ARM-COMMON-014/bad-token", Title: "refuses a token that is none, or whose signature is wrong",
			Covers: []string{"ARM-COMMON-015", "ARM-COMMON-016"},
			Run: func(ctx context.Context, t *suite.T) {
				for _, token := range []string{"garbage", "a.b.c"} {
					a := t.Send(ctx, resources(t).Bearer(token))
					t.Rule("ARM-COMMON-014").Expect(a, token).To(match.Status(401))
					t.Rule("ARM-COMMON-014").Expect(a, token).To(match.Code("InvalidAuthenticationToken"))
				}
				good := t.Token(ctx, t.Deployer(), t.Cloud.ARMAudience)
				a := t.Send(ctx, resources(t).Bearer(forged(good)))
				t.Rule("ARM-COMMON-015").Expect(a).To(match.Status(401))
				t.Rule("ARM-COMMON-015").Expect(a).To(match.Code("InvalidAuthenticationToken"))
				t.Rule("ARM-COMMON-016").Expect(a).To(match.Message("The access token is invalid."))
				t.Require(t.Send(ctx, resources(t).Bearer(good)), match.JSON("value", gomega.Not(gomega.BeEmpty())), "with the good signature")
			},
		},
	}
}

// audienceSpecs are about whom a token is for, and about the challenge for a better one.
func audienceSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-COMMON-019/audience", Title: "refuses a token for another audience",
			Covers: []string{"ARM-COMMON-020"},
			Run: func(ctx context.Context, t *suite.T) {
				a := t.Send(ctx, resources(t).Bearer(t.Token(ctx, t.Deployer(), t.Cloud.StorageAudience)))
				t.Rule("ARM-COMMON-019").Expect(a).To(match.Status(401))
				t.Rule("ARM-COMMON-019").Expect(a).To(match.Code("InvalidAuthenticationTokenAudience"))
				// Newer front doors say: The 'EvolvedSecurityTokenService' access token …
				t.Rule("ARM-COMMON-020").Expect(a).To(match.Message(gomega.MatchRegexp(`access token has been obtained for wrong audience or resource '` + strings.TrimSuffix(t.Cloud.StorageAudience, "/") +
					`/?'\. It should exactly match with one of the allowed audiences '[^,]+','[^,]+','[^,]+','[^,]+'\.$`)))
				t.Require(t.Send(ctx, resources(t)), match.JSON("value", gomega.Not(gomega.BeEmpty())), "for Resource Manager")
			},
		},
		{
			ID: "ARM-COMMON-021/audiences", Title: "takes tokens for each of its four audiences",
			Run: func(ctx context.Context, t *suite.T) {
				for _, audience := range []string{"https://management.core.windows.net/", "https://management.core.windows.net", "https://management.azure.com/", "https://management.azure.com"} {
					token := t.Token(ctx, t.Deployer(), audience)
					t.Rule("ARM-COMMON-021").Expect(t.Send(ctx, resources(t).Bearer(token)), audience).To(match.JSON("value", gomega.Not(gomega.BeEmpty())))
				}
			},
		},
		{
			ID: "ARM-COMMON-024/challenge", Title: "challenges whoever is refused for the token",
			Covers: []string{"ARM-COMMON-025", "ARM-COMMON-026", "ARM-COMMON-027"},
			Run:    challenges,
		},
	}
}

// resources lists what is in the group, as the deployer.
func resources(t *suite.T) *suite.Request {
	return t.ARM("GET", t.World.GroupID()+"/resources?api-version="+suite.GroupVersion)
}

// forged changes a token's signature.
func forged(token string) string {
	i := strings.LastIndexByte(token, '.') + 1
	first := "A"
	if token[i:i+1] == first {
		first = "B"
	}
	return token[:i] + first + token[i+1:]
}

func challenges(ctx context.Context, t *suite.T) {
	const header = "WWW-Authenticate"
	storage := t.Token(ctx, t.Deployer(), t.Cloud.StorageAudience)
	for what, ask := range map[string]func(r *suite.Request) *suite.Request{
		"no token":         func(r *suite.Request) *suite.Request { return r.Anonymous() },
		"another scheme":   func(r *suite.Request) *suite.Request { return r.Anonymous().Set("Authorization", "Basic YTpi") },
		"garbage":          func(r *suite.Request) *suite.Request { return r.Bearer("garbage") },
		"another audience": func(r *suite.Request) *suite.Request { return r.Bearer(storage) },
	} {
		a := t.Send(ctx, ask(resources(t)))
		t.Rule("ARM-COMMON-024").Expect(a, what).To(match.Header(header, gomega.HavePrefix("Bearer ")))
		t.Rule("ARM-COMMON-025").Expect(a, what).To(match.Header(header, gomega.MatchRegexp(`authorization_uri="https://[^"]+/`+t.World.Tenant+`"`)))
		t.Rule("ARM-COMMON-027").Expect(a, what).To(match.Header(header, gomega.MatchRegexp(`error="invalid_token", *error_description="[^"]+"`)))
	}
	a := t.Send(ctx, t.ARM("GET", "/subscriptions?api-version=2020-01-01").Anonymous())
	t.Rule("ARM-COMMON-026").Expect(a, "without a subscription").To(match.Header(header, gomega.MatchRegexp(`authorization_uri="https://[^"/]+/?"`)))
	t.Require(t.Send(ctx, resources(t)), match.JSON("value", gomega.Not(gomega.BeEmpty())), "with a token")
}

// authorizationSpecs are about the refusal of whoever has no rights.
func authorizationSpecs() []suite.Spec {
	return []suite.Spec{{
		ID: "ARM-COMMON-032/forbidden", Title: "refuses a caller without rights, whether the thing is there or not",
		Covers: []string{"ARM-COMMON-033", "ARM-COMMON-035", "ARM-COMMON-036", "ARM-COMMON-037"},
		Run: func(ctx context.Context, t *suite.T) {
			who := t.Stranger(ctx)
			ask := func() *suite.Request {
				return as(t, who, "GET", strings.ToLower(t.World.GroupID())+"/providers/microsoft.storage/STORAGEACCOUNTS/"+t.World.Account, suite.StorageVersion)
			}
			a := t.Send(ctx, ask())
			t.Rule("ARM-COMMON-032").Expect(a).To(match.Status(403))
			t.Rule("ARM-COMMON-032").Expect(a).To(match.Code("AuthorizationFailed"))
			t.Rule("ARM-COMMON-037").Expect(a).To(match.Header("x-ms-failure-cause", "gateway"))
			// Older traffic names the object id as the client, newer the application's.
			t.Rule("ARM-COMMON-035").Expect(a).To(match.Message(gomega.MatchRegexp(`^The client '(` + who.ClientID + `|` + who.PrincipalID + `)' with object id '` + who.PrincipalID +
				`' does not have authorization to perform action '(?i:Microsoft.Storage/storageAccounts/read)' over scope '[^']+'`)))
			t.Rule("ARM-COMMON-036").Expect(a).To(match.Message(gomega.MatchRegexp(`over scope '` + t.World.SubscriptionID() + `/resourceGroups/(?i:` + t.World.Group + `/providers/Microsoft.Storage/storageAccounts/` + t.World.Account + `)'`)))
			nothing := groupID(t)
			t.Rule("ARM-COMMON-033").Expect(t.Send(ctx, as(t, who, "GET", nothing, suite.GroupVersion)), "a group that is not there").To(match.Status(403))
			t.Grant(ctx, who, suite.RoleReader, t.World.AccountID())
			t.Until(ctx, 200, ask)
		},
	}}
}

// status is the status of an answer to a request of a method, for one line each.
func status(ctx context.Context, t *suite.T, method, path, apiVersion string) *wire.Answer {
	return t.Send(ctx, t.ARM(method, path+"?api-version="+apiVersion))
}
