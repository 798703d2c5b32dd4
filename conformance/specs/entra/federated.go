package entra

import (
	"context"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// federatedSpecs are about tokens of other issuers. The issuer is a container of the run's own
// account, so that Azure can read its keys.
func federatedSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ENTRA-FED-001/pod", Title: "gives an identity's token for a foreign token that it trusts",
			Covers: []string{"ENTRA-FED-002", "ENTRA-ASSERT-001", "ENTRA-ASSERT-002"}, Needs: federatedNeeds(), Slow: true, Run: pod,
		},
		{
			ID: "ENTRA-FED-009/keys", Title: "believes the keys that the issuer publishes, and no others",
			Covers: []string{"ENTRA-FED-010", "ENTRA-FED-011"}, Needs: federatedNeeds(), Slow: true, Run: issuerKeys,
		},
		{
			ID: "ENTRA-FED-004/mismatch", Title: "says which of issuer, subject and audience no credential has",
			Covers: []string{"ENTRA-FED-005", "ENTRA-FED-006", "ENTRA-FED-007"}, Needs: federatedNeeds(), Slow: true, Run: mismatch,
		},
		{
			ID: "ENTRA-FED-003/none", Title: "refuses a foreign token of a client that trusts none",
			Needs: federatedNeeds(), Slow: true, Run: func(ctx context.Context, t *suite.T) {
				c := newCluster(ctx, t)
				trusts := c.ready(ctx)
				c.who = t.Identity(ctx)
				refusedAs(t, "ENTRA-FED-003", t.Send(ctx, c.asks(c.token(nil))), 401, "invalid_client", 70025)
				t.Require(trusts, hasToken(), "an identity that trusts it")
			},
		},
		{
			ID: "ENTRA-FED-008/unreached", Title: "cannot read what an issuer does not publish",
			Covers: []string{"ENTRA-FED-012"}, Needs: federatedNeeds(), Slow: true, Run: unreached,
		},
		{
			ID: "ENTRA-ASSERT-009/time", Title: "refuses an assertion outside its time",
			Covers: []string{"ENTRA-ASSERT-010", "ENTRA-ASSERT-011"}, Needs: federatedNeeds(), Slow: true, Run: assertionTime,
		},
		{
			ID: "ENTRA-ASSERT-006/form", Title: "refuses what is no signed token for one audience",
			Covers: []string{"ENTRA-ASSERT-004", "ENTRA-ASSERT-005", "ENTRA-ASSERT-007", "ENTRA-ASSERT-008"}, Needs: federatedNeeds(), Slow: true,
			Run: assertionForm,
		},
	}
}

func pod(ctx context.Context, t *suite.T) {
	c := newCluster(ctx, t)
	a := c.ready(ctx)
	for _, rule := range []string{"ENTRA-FED-001", "ENTRA-ASSERT-001"} {
		t.Rule(rule).Expect(a).To(match.Status(200))
		t.Rule(rule).Expect(a).To(match.Claim("oid", c.who.PrincipalID))
	}
	t.Rule("ENTRA-FED-001").Expect(a).To(match.Claim("appid", c.who.ClientID))
	t.Rule("ENTRA-FED-002").Expect(a).To(match.JSON("expires_in", gomega.BeNumerically(">", 23*3600)))
	list := t.Send(ctx, c.asks(c.token(object{"aud": []string{podAudience}})))
	t.Rule("ENTRA-FED-001").Expect(list, "with a list of one audience").To(match.Claim("oid", c.who.PrincipalID))
	t.Rule("ENTRA-ASSERT-002").Expect(t.Send(ctx, c.asks(c.token(nil), "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer")), "another type").
		To(match.Refused())
	other := t.Identity(ctx)
	t.Rule("ENTRA-FED-001").Expect(t.Send(ctx, c.asks(c.token(nil), "client_id", other.ClientID)), "another identity").To(match.Refused())
}

func issuerKeys(ctx context.Context, t *suite.T) {
	c := newCluster(ctx, t)
	c.ready(ctx)
	other := func() *suite.Request {
		return c.asks(signed(t, c.key, object{"kid": "second-key"}, c.claims()))
	}
	a := t.Send(ctx, other())
	refusedAs(t, "ENTRA-FED-009", a, 401, "invalid_client", 7000272)
	t.Rule("ENTRA-FED-009").Expect(a).To(match.JSON("error_description", gomega.ContainSubstring(c.issuer)))
	t.Rule("ENTRA-FED-010").Expect(t.Send(ctx, c.asks(tampered(c.token(nil))))).To(match.Refused())
	c.publish(ctx, firstKey, "second-key")
	var now *wire.Answer
	t.Settle(ctx, "the key that is published now", func(ctx context.Context) bool {
		now = t.Send(ctx, other())
		return code(now) != 7000272
	})
	t.Rule("ENTRA-FED-011").Expect(now).To(match.Claim("oid", c.who.PrincipalID))
}

func mismatch(ctx context.Context, t *suite.T) {
	c := newCluster(ctx, t)
	c.ready(ctx)
	for _, m := range []struct {
		rule, claim, value string
		number             int
	}{
		{"ENTRA-FED-004", "iss", strings.TrimSuffix(c.issuer, "/"), 700211},
		{"ENTRA-FED-005", "sub", "system:serviceaccount:default:another", 700213},
		{"ENTRA-FED-006", "sub", "system:serviceaccount:default:Pod", 7002138},
		{"ENTRA-FED-007", "aud", "https://kubernetes.default.svc", 700212},
	} {
		a := t.Send(ctx, c.asks(c.token(object{m.claim: m.value})))
		refusedAs(t, m.rule, a, 401, "invalid_client", m.number, m.value)
		t.Rule(m.rule).Expect(a, m.value).To(match.JSON("error_description", gomega.ContainSubstring("'"+m.value+"'")))
	}
	t.Require(t.Send(ctx, c.asks(c.token(nil))), hasToken(), "the token that is trusted")
}

func unreached(ctx context.Context, t *suite.T) {
	c := newCluster(ctx, t)
	c.ready(ctx)
	nowhere, own := c.issuer+"nowhere/", t.World.Login+"/"+t.World.Tenant+"/v2.0"
	c.trust(ctx, "nowhere", nowhere)
	c.trust(ctx, "own", own)
	send := func(issuer string) *wire.Answer {
		var a *wire.Answer
		t.Settle(ctx, "the credential for "+issuer, func(ctx context.Context) bool {
			a = t.Send(ctx, c.asks(c.token(object{"iss": issuer})))
			return code(a) != 700211
		})
		return a
	}
	refusedAs(t, "ENTRA-FED-008", send(nowhere), 400, "invalid_request", 50166)
	refusedAs(t, "ENTRA-FED-012", send(own), 401, "invalid_client", 700222)
	t.Require(t.Send(ctx, c.asks(c.token(nil))), hasToken(), "of the issuer that publishes")
}

func assertionTime(ctx context.Context, t *suite.T) {
	c := newCluster(ctx, t)
	now := at(t, c.ready(ctx))
	times := func(from, until time.Duration) object {
		return object{"nbf": now.Add(from).Unix(), "exp": now.Add(until).Unix()}
	}
	for about, changes := range map[string]object{
		"an hour old": times(-2*time.Hour, -time.Hour), "an hour early": times(time.Hour, 2*time.Hour),
	} {
		a := t.Send(ctx, c.asks(c.token(changes)))
		refusedAs(t, "ENTRA-ASSERT-009", a, 401, "invalid_client", 700024, about)
		t.Rule("ENTRA-ASSERT-009").Expect(a, about).To(match.JSON("error_description", gomega.MatchRegexp(
			`Current time: \S+Z, assertion valid from \d{4}-\d\d-\d\dT[\d:]{8}\.\d+Z, expiry time of assertion \d{4}-\d\d-\d\dT[\d:]{8}\.\d+Z\.`)))
	}
	old := t.Send(ctx, c.asks(c.token(object{"nbf": nil, "exp": now.Add(-time.Hour).Unix()})))
	t.Rule("ENTRA-ASSERT-010").Expect(old).To(match.JSON("error_description", gomega.ContainSubstring("valid from 1970-01-01T00:00:00.0000000Z")))
	t.Rule("ENTRA-ASSERT-011").Expect(t.Send(ctx, c.asks(c.token(times(-time.Hour, -2*time.Minute)))), "two minutes old").To(match.Status(200))
	t.Rule("ENTRA-ASSERT-011").Expect(t.Send(ctx, c.asks(c.token(times(2*time.Minute, time.Hour)))), "two minutes early").To(match.Status(200))
}

func assertionForm(ctx context.Context, t *suite.T) {
	c := newCluster(ctx, t)
	c.ready(ctx)
	refusedAs(t, "ENTRA-ASSERT-006", t.Send(ctx, c.asks("no-token")), gomega.BeElementOf(400, 401), "invalid_request", 50027)
	refusedAs(t, "ENTRA-ASSERT-007", t.Send(ctx, c.asks(unsigned(t, c.claims()))), gomega.BeElementOf(400, 401), "invalid_request", 5002730)
	two := t.Send(ctx, c.asks(c.token(object{"aud": []string{podAudience, "https://kubernetes.default.svc"}})))
	t.Rule("ENTRA-ASSERT-008").Expect(two).To(match.Refused())
	t.Rule("ENTRA-ASSERT-008").Expect(two).To(match.JSON("error_codes.0", 5002741))
	untyped := t.Send(ctx, c.asks(c.token(nil), "client_assertion_type", ""))
	refusedAs(t, "ENTRA-ASSERT-004", untyped, 400, "invalid_request", 900144)
	t.Rule("ENTRA-ASSERT-004").Expect(untyped).To(match.JSON("error_description", gomega.ContainSubstring("'client_assertion_type'")))
	refusedAs(t, "ENTRA-ASSERT-005", t.Send(ctx, c.asks(c.token(nil), "client_assertion_type", "urn:linarite")), 401, "invalid_client", 7000216)
	t.Require(t.Send(ctx, c.asks(c.token(nil))), hasToken(), "as it should be")
}
