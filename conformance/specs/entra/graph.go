package entra

import (
	"context"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// principals is the collection that clients look most into.
const principals = "/v1.0/servicePrincipals"

// graphAppID is the client id of Microsoft Graph itself.
const graphAppID = "00000003-0000-0000-c000-000000000000"

// graphSpecs are about whom Graph lets in, and what it refuses.
func graphSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "ENTRA-GRAPH-001/error", Title: "says in an error which request it was", Covers: []string{"ENTRA-GRAPH-013"}, Run: graphError},
		{ID: "ENTRA-GRAPH-002/no-token", Title: "refuses whoever has no good token", Covers: []string{"ENTRA-GRAPH-003", "ENTRA-GRAPH-004", "ENTRA-GRAPH-009"}, Run: graphToken},
		{ID: "ENTRA-GRAPH-007/audience", Title: "takes tokens for Graph alone", Covers: []string{"ENTRA-GRAPH-008"}, Run: graphAudience},
		{ID: "ENTRA-GRAPH-010/gone", Title: "does not know a principal that is deleted", Run: graphGone},
		{ID: "ENTRA-GRAPH-011/no-app-role", Title: "lets nobody read without an app role", Covers: []string{"ENTRA-GRAPH-012"}, Run: graphRole},
		{ID: "ENTRA-GRAPH-014/me", Title: "has nothing to say to an application about itself", Run: graphMe},
		{ID: "ENTRA-GRAPH-015/segment", Title: "refuses paths that it does not know, after the token", Covers: []string{"ENTRA-GRAPH-016", "ENTRA-GRAPH-017"}, Run: graphPath},
	}
}

// graph asks as the suite's application, which may read the directory.
func graph(t *suite.T, method, path string) *suite.Request {
	return t.As(t.Application(), t.Graph(method, path))
}

// refused matches a refusal with a status and a code.
func refused(status int, code string) types.GomegaMatcher {
	return gomega.And(match.Status(status), match.JSON("error.code", code))
}

// readable requires that the application may read.
func readable(ctx context.Context, t *suite.T) {
	t.Require(t.Send(ctx, graph(t, "GET", principals+"?$top=1")), match.JSON("value.0.id", gomega.MatchRegexp(guid)), "reading as the application, which needs Directory.Read.All")
}

func graphError(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	id := suite.GUID()
	a := t.Send(ctx, graph(t, "GET", principals+"/"+noOne).Set("client-request-id", id))
	t.Rule("ENTRA-GRAPH-013").Expect(a).To(match.Status(404))
	t.Rule("ENTRA-GRAPH-013").Expect(a).To(match.JSON("error.code", "Request_ResourceNotFound"))
	t.Rule("ENTRA-GRAPH-001").Expect(a).To(match.JSON("error.message", gomega.MatchRegexp(".")))
	t.Rule("ENTRA-GRAPH-001").Expect(a).To(match.JSON("error.innerError.date", gomega.MatchRegexp(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$`)))
	t.Rule("ENTRA-GRAPH-001").Expect(a).To(match.JSON("error.innerError.request-id", gomega.MatchRegexp(guid)))
	t.Rule("ENTRA-GRAPH-001").Expect(a).To(match.JSON("error.innerError.client-request-id", id))
}

func graphToken(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	const code = "InvalidAuthenticationToken"
	ask := t.Graph("GET", principals+"?$top=1")
	token := t.Token(ctx, t.Application(), t.Cloud.Graph)
	cut := strings.LastIndexByte(token, '.') + 1
	for _, c := range []struct {
		rule string
		r    *suite.Request
	}{
		{"ENTRA-GRAPH-002", ask.Clone().Anonymous()},
		{"ENTRA-GRAPH-003", ask.Clone().Bearer("linarite")},
		{"ENTRA-GRAPH-004", ask.Clone().Bearer(token[:cut] + strings.Repeat("A", len(token)-cut))},
	} {
		a := t.Send(ctx, c.r)
		t.Rule(c.rule).Expect(a).To(match.Status(401))
		t.Rule(c.rule).Expect(a).To(match.JSON("error.code", code))
		t.Rule("ENTRA-GRAPH-009").Expect(a).To(match.Header("WWW-Authenticate", gomega.And(
			gomega.HavePrefix("Bearer "), gomega.ContainSubstring("realm="), gomega.ContainSubstring(`authorization_uri="https://`), gomega.ContainSubstring(`client_id="`+graphAppID+`"`))))
	}
}

func graphAudience(ctx context.Context, t *suite.T) {
	token := func(resource string) string {
		a := t.Send(ctx, v1().ask(t, resource))
		t.Require(a, match.Claim("aud", resource), "a token for", resource)
		return match.Text(a, "access_token")
	}
	ask := t.Graph("GET", principals+"?$top=1")
	short := strings.TrimSuffix(t.Cloud.Graph, "/")
	for _, resource := range []string{short, short + "/"} {
		t.Rule("ENTRA-GRAPH-008").Expect(t.Send(ctx, ask.Clone().Bearer(token(resource))), resource).To(match.Status(200))
	}
	readable(ctx, t)
	for _, resource := range []string{t.Cloud.ARMAudience, t.Cloud.VaultAudience} {
		t.Rule("ENTRA-GRAPH-007").Expect(t.Send(ctx, ask.Clone().Bearer(token(resource))), resource).To(refused(401, "InvalidAuthenticationToken"))
	}
}

// graphGone uses a token that was good before its identity was deleted: it was let in then,
// though it might read nothing.
func graphGone(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	a := imds(ctx, t, t.IMDSToken(t.Cloud.Graph).Query("client_id", who.ClientID))
	t.Require(a, hasToken(), "the token")
	ask := t.Graph("GET", principals).Bearer(match.Text(a, "access_token"))
	t.Require(t.Send(ctx, ask), match.Status(403), "the token while its identity is there")
	t.Attach(ctx, map[string]any{who.ID: nil})
	t.Require(t.Send(ctx, t.ARM("DELETE", who.ID+"?api-version="+suite.IdentityVersion)), match.Status(gomega.BeElementOf(200, 204)), "deleting the identity")
	t.Rule("ENTRA-GRAPH-010").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask) }, refused(401, "Authorization_IdentityNotFound"))
}

func graphRole(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	for _, path := range []string{principals, "/v1.0/groups", "/v1.0/users"} {
		t.Require(t.Send(ctx, graph(t, "GET", path)), match.JSON("value", gomega.Not(gomega.BeNil())), "the application, at", path)
		a := t.Send(ctx, t.As(who, t.Graph("GET", path)))
		t.Rule("ENTRA-GRAPH-012").Expect(a, path).To(match.Status(403))
		t.Rule("ENTRA-GRAPH-011").Expect(a, path).To(match.JSON("error.code", "Authorization_RequestDenied"))
	}
}

func graphMe(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	a := t.Send(ctx, graph(t, "GET", "/v1.0/me"))
	t.Rule("ENTRA-GRAPH-014").Expect(a).To(match.Status(400))
	t.Rule("ENTRA-GRAPH-014").Expect(a).To(match.JSON("error.code", "BadRequest"))
}

func graphPath(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	var all []*wire.Answer
	for _, r := range []*suite.Request{graph(t, "GET", "/v1.0/linarites"), graph(t, "GET", "/v0.1/users"), graph(t, "DELETE", "/v1.0/users")} {
		all = append(all, t.Send(ctx, r))
	}
	t.Rule("ENTRA-GRAPH-015").Expect(all[0]).To(refused(400, "BadRequest"))
	t.Rule("ENTRA-GRAPH-015").Expect(t.Send(ctx, t.Graph("GET", "/v1.0/linarites").Anonymous()), "without a token").To(match.Status(401))
	t.Rule("ENTRA-GRAPH-016").Expect(all[1]).To(refused(400, "BadRequest"))
	t.Rule("ENTRA-GRAPH-017").Expect(all[2]).To(refused(405, "Request_BadRequest"))
}
