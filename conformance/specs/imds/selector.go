package imds

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// selectorSpecs are about which identity a token is for.
func selectorSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "IMDS-TOKEN-019/selectors", Title: "hands out the token of the user-assigned identity that is named",
			Covers: []string{"IMDS-TOKEN-020", "IMDS-TOKEN-021", "IMDS-TOKEN-022", "IMDS-TOKEN-023", "IMDS-TOKEN-044"}, Run: selectors,
		},
		{ID: "IMDS-TOKEN-017/exclusive", Title: "refuses two selectors in one request", Run: exclusive},
		{ID: "IMDS-TOKEN-024/none", Title: "hands out the machine's own token where none is named", Covers: []string{"IMDS-TOKEN-034"}, Run: noSelector},
		{ID: "IMDS-TOKEN-031/unknown", Title: "refuses a selector that names nobody", Run: unknownSelector},
		{ID: "IMDS-TOKEN-032/not-assigned", Title: "refuses a user-assigned identity that the machine does not have", Run: notAssigned},
	}
}

func selectors(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	for _, c := range []struct{ rule, name, value string }{
		{"IMDS-TOKEN-019", "client_id", who.ClientID},
		{"IMDS-TOKEN-020", "object_id", who.PrincipalID},
		{"IMDS-TOKEN-021", "msi_res_id", who.ID},
		{"IMDS-TOKEN-022", "mi_res_id", who.ID},
		{"IMDS-TOKEN-023", "msi_res_id", strings.ToUpper(who.ID)},
		{"IMDS-TOKEN-023", "msi_res_id", strings.ToLower(who.ID)},
	} {
		a := send(ctx, t, armToken(t, c.name, c.value))
		t.Rule(c.rule).Expect(a, c.name).To(match.Claim("oid", who.PrincipalID))
		switch c.rule {
		case "IMDS-TOKEN-020", "IMDS-TOKEN-021":
			t.Rule("IMDS-TOKEN-044").Expect(a).To(match.JSON(c.name, c.value))
		}
	}
}

func exclusive(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	pairs := [][]string{{"client_id", who.ClientID}, {"object_id", who.PrincipalID}, {"msi_res_id", who.ID}}
	for i, one := range pairs {
		other := pairs[(i+1)%len(pairs)]
		a := send(ctx, t, armToken(t, append(one, other...)...))
		t.Rule("IMDS-TOKEN-017").Expect(a, one[0], "and", other[0]).To(match.Status(400))
		t.Require(send(ctx, t, armToken(t, one...)), hasToken(), one[0], "alone")
	}
}

// noSelector asks on a machine that has a user-assigned identity beside its own.
func noSelector(ctx context.Context, t *suite.T) {
	other := t.Stranger(ctx)
	machine := t.Send(ctx, t.ARM("GET", t.World.Machine+"?api-version="+suite.MachineVersion))
	principal := match.Text(machine, "identity.principalId")
	t.Require(machine, match.JSON("identity.principalId", gomega.MatchRegexp(guid)), "the machine's own identity")
	for _, c := range []struct {
		principal string
		a         *wire.Answer
	}{
		{principal, send(ctx, t, armToken(t))},
		{other.PrincipalID, send(ctx, t, armToken(t, "object_id", other.PrincipalID))},
	} {
		if c.principal == principal {
			t.Rule("IMDS-TOKEN-024").Expect(c.a).To(match.Claim("oid", principal))
		} else {
			t.Require(c.a, match.Claim("oid", c.principal), "the other identity")
		}
		t.Rule("IMDS-TOKEN-034").Expect(c.a).To(match.JSON("client_id", gomega.MatchRegexp(guid)))
		t.Rule("IMDS-TOKEN-034").Expect(c.a).To(match.JSON("client_id", gomega.BeEquivalentTo(claim(c.a, "appid"))))
	}
}

func unknownSelector(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	for _, c := range []struct{ name, unknown, known string }{
		{"client_id", noOne, who.ClientID}, {"object_id", noOne, who.PrincipalID}, {"msi_res_id", who.ID + "x", who.ID},
	} {
		a := send(ctx, t, armToken(t, c.name, c.unknown))
		t.Rule("IMDS-TOKEN-031").Expect(a, c.name).To(match.Status(400))
		t.Rule("IMDS-TOKEN-031").Expect(a, c.name).To(match.JSON("error_description", "Identity not found"))
		t.Require(send(ctx, t, armToken(t, c.name, c.known)), hasToken(), "a", c.name, "of the machine's")
	}
}

// notAssigned asks for an identity before and after the machine has it.
func notAssigned(ctx context.Context, t *suite.T) {
	who := t.Identity(ctx)
	a := send(ctx, t, armToken(t, "client_id", who.ClientID))
	t.Rule("IMDS-TOKEN-032").Expect(a).To(match.Status(400))
	t.Rule("IMDS-TOKEN-032").Expect(a).To(match.JSON("error_description", "Identity not found"))
	t.Cleanup(func(ctx context.Context) { t.Attach(ctx, map[string]any{who.ID: nil}) })
	t.Attach(ctx, map[string]any{who.ID: map[string]any{}})
	t.Settle(ctx, "a token when the machine has it", func(ctx context.Context) bool {
		return match.Text(t.Send(ctx, armToken(t, "client_id", who.ClientID)), "access_token") != ""
	})
}
