package arm

import (
	"context"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// headerSpecs are about the header fields of every answer.
func headerSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-COMMON-050/ids", Title: "gives every answer ids to trace it by",
			Covers: []string{"ARM-COMMON-051", "ARM-COMMON-052", "ARM-COMMON-053", "ARM-COMMON-054", "ARM-COMMON-055", "ARM-COMMON-056"},
			Run:    traceIDs,
		},
		{
			ID: "ARM-COMMON-057/usual", Title: "gives every answer the usual header fields",
			Covers: []string{"ARM-COMMON-058", "ARM-COMMON-059", "ARM-COMMON-060", "ARM-COMMON-061"},
			Run: func(ctx context.Context, t *suite.T) {
				for what, a := range samples(ctx, t) {
					for rule, field := range map[string][2]string{
						"ARM-COMMON-057": {"Cache-Control", "no-cache"}, "ARM-COMMON-058": {"Pragma", "no-cache"}, "ARM-COMMON-059": {"Expires", "-1"},
						"ARM-COMMON-060": {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"}, "ARM-COMMON-061": {"X-Content-Type-Options", "nosniff"},
					} {
						t.Rule(rule).Expect(a, what).To(match.Header(field[0], field[1]))
					}
				}
			},
		},
		{
			ID: "ARM-COMMON-062/content-type", Title: "names the type of a body, and none without one",
			Covers: []string{"ARM-COMMON-063"},
			Run: func(ctx context.Context, t *suite.T) {
				for what, a := range samples(ctx, t) {
					if len(a.Body) > 0 {
						t.Rule("ARM-COMMON-062").Expect(a, what).To(match.Header("Content-Type", "application/json; charset=utf-8"))
						continue
					}
					t.Rule("ARM-COMMON-063").Expect(a, what).To(match.Header("Content-Type", match.Absent()))
				}
			},
		},
	}
}

// samples are answers of several kinds: good ones of the front door and of a provider, with and
// without a body, and refusals.
func samples(ctx context.Context, t *suite.T) map[string]*wire.Answer {
	other := t.Identity(ctx)
	all := map[string]*wire.Answer{
		"a list":                  t.Send(ctx, resources(t)),
		"a resource":              get(ctx, t, other.ID, suite.IdentityVersion),
		"a vault":                 get(ctx, t, t.World.VaultID(t.World.Vault), suite.VaultVersion),
		"whether it is there":     status(ctx, t, "HEAD", other.ID, suite.IdentityVersion),
		"nothing to delete":       remove(ctx, t, other.ID+"x", suite.IdentityVersion),
		"a resource not there":    get(ctx, t, other.ID+"x", suite.IdentityVersion),
		"a request without token": t.Send(ctx, resources(t).Anonymous()),
		"an unknown version":      get(ctx, t, t.World.GroupID(), "2001-01-01"),
	}
	for what, a := range all { // which status each has, other rules say
		t.Require(a, match.Status(gomega.BeNumerically("<", 500)), what)
	}
	t.Require(all["a resource"], match.JSON("name", some()), "a resource")
	return all
}

func traceIDs(ctx context.Context, t *suite.T) {
	const requestID, correlationID, clientID = "x-ms-request-id", "x-ms-correlation-request-id", "x-ms-client-request-id"
	for what, a := range samples(ctx, t) {
		t.Rule("ARM-COMMON-050").Expect(a, what).To(match.Header(requestID, aGUID()))
		t.Rule("ARM-COMMON-051").Expect(a, what).To(match.Header(correlationID, aGUID()))
		t.Rule("ARM-COMMON-054").Expect(a, what).To(match.Header("x-ms-routing-request-id", gomega.MatchRegexp(`^[A-Z0-9]+:\d{8}T\d{6}Z:`+a.Header.Get(correlationID)+`$`)))
	}
	mine := suite.GUID()
	a := t.Send(ctx, resources(t).Set(correlationID, mine))
	t.Rule("ARM-COMMON-052").Expect(a).To(match.Header(correlationID, mine))
	a = get(ctx, t, t.World.GroupID(), suite.GroupVersion)
	t.Rule("ARM-COMMON-053").Expect(a).To(match.Header(requestID, a.Header.Get(correlationID)))
	a = t.Send(ctx, resources(t).Set(clientID, mine).Set("x-ms-return-client-request-id", "true"))
	t.Rule("ARM-COMMON-055").Expect(a).To(match.Header(clientID, mine))
	a = t.Send(ctx, resources(t).Set(clientID, mine))
	t.Require(a, match.Status(200), "a list")
	t.Rule("ARM-COMMON-056").Expect(a).To(match.Header(clientID, match.Absent()))
}
