package entra

import (
	"context"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// refusal is a request that the v2.0 endpoint refuses, and how.
type refusal struct {
	rule, id, title string
	status          int
	code            string
	number          int
	request         func(t *suite.T) *suite.Request
}

// with is a grant of which some parameters are changed.
func with(changes ...string) func(t *suite.T) *suite.Request {
	return func(t *suite.T) *suite.Request { return v2().ask(t, scope(bare(t)), changes...) }
}

func refusals() []refusal {
	return []refusal{
		{"ENTRA-TOKEN-011", "wrong-secret", "refuses a secret that is not the application's", 401, "invalid_client", 7000215,
			func(t *suite.T) *suite.Request { return with("client_secret", t.ApplicationSecret()+"x")(t) }},
		{"ENTRA-TOKEN-012", "unknown-client", "refuses a client that the tenant does not have", 400, "unauthorized_client", 700016, with("client_id", noOne)},
		{"ENTRA-TOKEN-013", "no-credential", "refuses a grant without a credential", 401, "invalid_client", 7000216, with("client_secret", "")},
		{"ENTRA-TOKEN-014", "missing-parameter", "refuses a request that lacks a parameter", 400, "invalid_request", 900144, with("scope", "")},
		{"ENTRA-TOKEN-015", "missing-before-unknown", "misses a parameter before it looks for the client", 400, "invalid_request", 900144, with("scope", "", "client_id", noOne)},
		{"ENTRA-TOKEN-016", "grant-type", "refuses a grant type that it does not know", 400, "unsupported_grant_type", 70003, with("grant_type", "linarite")},
		{"ENTRA-TOKEN-017", "scope", "refuses a scope without /.default", 400, "invalid_scope", 1002012,
			func(t *suite.T) *suite.Request { return v2().ask(t, bare(t)+"/user_impersonation") }},
		{"ENTRA-TOKEN-018", "unknown-resource", "refuses a resource that the tenant does not have", 400, "invalid_resource", 500011,
			func(t *suite.T) *suite.Request { return v2().ask(t, scope("https://"+t.Unique("a")+".example.com")) }},
		{"ENTRA-TOKEN-019", "resource-parameter", "refuses the other endpoint's parameter resource", 400, "invalid_request", 901002,
			func(t *suite.T) *suite.Request { return with("resource", bare(t))(t) }},
		{"ENTRA-TOKEN-020", "unknown-tenant", "refuses a tenant that does not exist", 400, "invalid_request", 90002, inTenant(noOne)},
		{"ENTRA-TOKEN-021", "impossible-tenant", "refuses a tenant that is neither a GUID nor a domain", 400, "invalid_request", 900023, inTenant("linarite")},
		{"ENTRA-TOKEN-022", "method", "refuses another method than POST", 400, "invalid_request", 900561, func(t *suite.T) *suite.Request {
			return t.Login("GET", "/"+t.World.Tenant+v2().path)
		}},
		{"ENTRA-TOKEN-023", "malformed", "refuses a body that cannot be read", 400, "invalid_request", 9002313, func(t *suite.T) *suite.Request {
			return with()(t).Text("grant_type=%zz&client_id")
		}},
		{"ENTRA-TOKEN-030", "twice", "refuses a request with a parameter twice", 400, "invalid_request", 9000411, func(t *suite.T) *suite.Request {
			r := with()(t)
			return r.Text(string(r.Body) + "&client_id=" + noOne)
		}},
	}
}

// inTenant asks in another tenant.
func inTenant(tenant string) func(t *suite.T) *suite.Request {
	return func(t *suite.T) *suite.Request {
		r := with()(t)
		r.URL = t.World.Login + "/" + tenant + v2().path
		return r
	}
}

// refusalSpecs are one spec for each refusal: each stands beside the same grant, good.
func refusalSpecs() []suite.Spec {
	specs := []suite.Spec{{
		ID: "ENTRA-TOKEN-025/nowhere", Title: "has nothing at other paths",
		Run: func(ctx context.Context, t *suite.T) {
			r := with()(t)
			r.URL = t.World.Login + "/" + t.World.Tenant + "/oauth2/v2.0/tokens"
			t.Rule("ENTRA-TOKEN-025").Expect(t.Send(ctx, r)).To(match.Status(404))
			t.Require(t.Send(ctx, with()(t)), hasToken(), "at the endpoint's path")
		},
	}}
	for _, c := range refusals() {
		specs = append(specs, suite.Spec{
			ID: c.rule + "/" + c.id, Title: c.title,
			Run: func(ctx context.Context, t *suite.T) {
				a := t.Send(ctx, c.request(t))
				t.Rule(c.rule).Expect(a).To(match.Status(c.status))
				t.Rule(c.rule).Expect(a).To(match.JSON("error", c.code))
				t.Rule(c.rule).Expect(a).To(match.JSON("error_codes.0", c.number))
				t.Require(t.Send(ctx, with()(t)), hasToken(), "the grant as it should be")
			},
		})
	}
	return specs
}
