package entra

import (
	"context"
	"encoding/base64"
	"net/url"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// tokenSpecs are about the token endpoints and the form of their answers.
func tokenSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "ENTRA-TOKEN-001/answer", Title: "answers a client-credentials grant with a token", Covers: []string{"ENTRA-TOKEN-002"}, Run: tokenAnswer},
		{ID: "ENTRA-TOKEN-003/first-endpoint", Title: "answers at the first endpoint in strings", Run: firstEndpoint},
		{ID: "ENTRA-TOKEN-004/one-resource", Title: "takes a scope of one resource", Covers: []string{"ENTRA-TOKEN-005", "ENTRA-TOKEN-029"}, Run: oneResource},
		{ID: "ENTRA-TOKEN-006/basic", Title: "takes client and secret by HTTP Basic", Run: basic},
		{
			ID: "ENTRA-TOKEN-007/error", Title: "says in an error what went wrong, and when",
			Covers: []string{"ENTRA-TOKEN-008", "ENTRA-TOKEN-009", "ENTRA-TOKEN-010"}, Run: errorForm,
		},
	}
}

func tokenAnswer(ctx context.Context, t *suite.T) {
	a := t.Send(ctx, v2().ask(t, scope(bare(t))))
	t.Rule("ENTRA-TOKEN-001").Expect(a).To(match.Status(200))
	t.Rule("ENTRA-TOKEN-001").Expect(a).To(match.JSON("access_token", gomega.MatchRegexp(`^[\w-]+\.[\w-]+\.[\w-]+$`)))
	t.Require(a, hasToken(), "the token")
	for _, member := range []string{"expires_in", "ext_expires_in"} {
		t.Rule("ENTRA-TOKEN-002").Expect(a).To(match.JSON(member, gomega.BeAssignableToTypeOf(0.0)))
	}
}

func firstEndpoint(ctx context.Context, t *suite.T) {
	a := t.Send(ctx, v1().ask(t, t.Cloud.ARMAudience))
	t.Require(a, hasToken(), "the token")
	for _, member := range append(members(a.Body), "expires_in", "ext_expires_in", "expires_on", "not_before", "resource", "token_type") {
		t.Rule("ENTRA-TOKEN-003").Expect(a).To(match.JSON(member, gomega.BeAssignableToTypeOf("")))
	}
}

func oneResource(ctx context.Context, t *suite.T) {
	one, other := scope(bare(t)), scope(t.Cloud.VaultAudience)
	for _, resource := range []string{bare(t), t.Cloud.VaultAudience} {
		a := t.Send(ctx, v2().ask(t, scope(resource)))
		t.Require(a, hasToken(), resource)
		t.Rule("ENTRA-TOKEN-004").Expect(a).To(match.Claim("aud", gomega.HavePrefix(resource)))
	}
	t.Rule("ENTRA-TOKEN-004").Expect(t.Send(ctx, v2().ask(t, one+" "+other)), "two resources").To(match.Status(400))
	for _, resource := range []string{bare(t), bare(t) + "/"} {
		t.Rule("ENTRA-TOKEN-005").Expect(t.Send(ctx, v2().ask(t, scope(resource))), scope(resource)).To(match.Claim("aud", resource))
	}
	a := t.Send(ctx, v2().ask(t, one+" openid profile offline_access"))
	t.Rule("ENTRA-TOKEN-029").Expect(a).To(match.Status(200))
	t.Rule("ENTRA-TOKEN-029").Expect(a).To(match.Claim("aud", bare(t)))
}

func basic(ctx context.Context, t *suite.T) {
	ask := func(secret string) *suite.Request {
		pair := url.QueryEscape(t.Application().ClientID) + ":" + url.QueryEscape(secret)
		return v2().ask(t, scope(bare(t)), "client_id", "", "client_secret", "").Authorize(func(_ context.Context, r *wire.Request) error {
			r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(pair)))
			return nil
		})
	}
	t.Rule("ENTRA-TOKEN-006").Expect(t.Send(ctx, ask(t.ApplicationSecret()))).To(hasToken())
	t.Rule("ENTRA-TOKEN-006").Expect(t.Send(ctx, ask(t.ApplicationSecret()+"x")), "another secret").To(match.Status(401))
	t.Require(t.Send(ctx, v2().ask(t, scope(bare(t)))), hasToken(), "in the form")
}

// errorForm looks at a refusal of the first endpoint; its answers do not differ from the other's.
func errorForm(ctx context.Context, t *suite.T) {
	id := suite.GUID()
	a := t.Send(ctx, v1().ask(t, t.Cloud.ARMAudience, "client_secret", t.ApplicationSecret()+"x").Set("client-request-id", id))
	present := gomega.Not(gomega.BeNil())
	for _, member := range []string{"error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id", "error_uri"} {
		t.Rule("ENTRA-TOKEN-007").Expect(a).To(match.JSON(member, present))
	}
	t.Rule("ENTRA-TOKEN-008").Expect(a).To(match.JSON("error_codes", gomega.And(gomega.Not(gomega.BeEmpty()), gomega.HaveEach(gomega.BeAssignableToTypeOf(0.0)))))
	t.Rule("ENTRA-TOKEN-009").Expect(a).To(match.JSON("error_description", gomega.MatchRegexp(
		`\sTrace ID: [0-9a-f-]{36}\s+Correlation ID: [0-9a-f-]{36}\s+Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$`)))
	t.Rule("ENTRA-TOKEN-010").Expect(a).To(match.JSON("correlation_id", id))
	t.Require(t.Send(ctx, v1().ask(t, t.Cloud.ARMAudience)), hasToken(), "with the secret")
}
