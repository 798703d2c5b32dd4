package entra

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// jwtSpecs are about the tokens themselves. Those of the machine are for storage.
func jwtSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ENTRA-JWT-001/signature", Title: "signs tokens with a key that the tenant publishes",
			Covers: []string{"ENTRA-JWT-002", "ENTRA-JWT-003", "ENTRA-JWT-005"}, Needs: []string{"entra.token.clientSecret"}, Run: signature,
		},
		{ID: "ENTRA-JWT-006/audience", Title: "makes a machine's token for the resource as it was asked for", Run: audience},
		{
			ID: "ENTRA-JWT-007/every-token", Title: "says in each token who issued it, to whom, when",
			Covers: []string{
				"ENTRA-JWT-011", "ENTRA-JWT-015", "ENTRA-JWT-019", "ENTRA-JWT-020", "ENTRA-JWT-021",
				"ENTRA-JWT-022", "ENTRA-JWT-023", "ENTRA-JWT-024", "ENTRA-JWT-026", "ENTRA-JWT-033",
			},
			Needs: []string{"entra.token.clientSecret"}, Run: everyToken,
		},
		{
			ID: "ENTRA-JWT-009/version", Title: "makes tokens of the resource's version at either endpoint",
			Covers: []string{"ENTRA-JWT-010"}, Needs: []string{"entra.token.clientSecret"}, Run: tokenVersion,
		},
		{
			ID: "ENTRA-JWT-012/machine", Title: "makes tokens of a day for a machine",
			Covers: []string{"ENTRA-JWT-014", "ENTRA-JWT-016", "ENTRA-JWT-027", "ENTRA-JWT-029"}, Run: machineToken,
		},
		{
			ID: "ENTRA-JWT-028/identity", Title: "says in a user-assigned identity's token which it is and where it is used",
			Covers: []string{"ENTRA-JWT-013", "ENTRA-JWT-031"}, Run: identityToken,
		},
		{
			ID: "ENTRA-JWT-008/exchange", Title: "makes a machine's token of version 2.0 for the token exchange",
			Covers: []string{"ENTRA-JWT-004", "ENTRA-JWT-018"}, Run: exchange,
		},
		{ID: "ENTRA-JWT-017/application", Title: "makes tokens of about an hour for an application", Covers: []string{"ENTRA-JWT-034"}, Run: applicationToken},
		{ID: "ENTRA-JWT-025/unique", Title: "gives each token an id of its own", Needs: []string{"entra.token.clientSecret"}, Run: unique},
	}
}

// source is somebody who has a token, and how it is asked for.
type source struct {
	name      string
	clientID  string
	principal string // empty where it is not known
	answer    *wire.Answer
}

// sources are the tokens of the machine, of a user-assigned identity, and of an application from
// either endpoint, all for storage.
func sources(ctx context.Context, t *suite.T) []source {
	who := t.Stranger(ctx)
	application := t.Application().ClientID
	machine := t.Send(ctx, t.ARM("GET", t.World.Machine+"?api-version="+suite.MachineVersion))
	t.Require(machine, match.JSON("identity.principalId", gomega.MatchRegexp(guid)), "the machine's own identity")
	all := []source{
		{"the machine", "", match.Text(machine, "identity.principalId"), machineAsks(ctx, t)},
		{"a user-assigned identity", who.ClientID, who.PrincipalID, imds(ctx, t, t.IMDSToken(t.Cloud.StorageAudience).Query("client_id", who.ClientID))},
		{"an application at the first endpoint", application, "", t.Send(ctx, v1().ask(t, t.Cloud.StorageAudience))},
		{"an application at the second endpoint", application, "", t.Send(ctx, v2().ask(t, scope(t.Cloud.StorageAudience)))},
	}
	for _, s := range all {
		t.Require(s.answer, hasToken(), s.name)
	}
	return all
}

// machineAsks is the machine's own token.
func machineAsks(ctx context.Context, t *suite.T) *wire.Answer {
	return imds(ctx, t, t.IMDSToken(t.Cloud.StorageAudience))
}

// keySet is the tenant's.
func keySet(ctx context.Context, t *suite.T) *wire.Answer {
	return t.Send(ctx, t.Login("GET", "/"+t.World.Tenant+"/discovery/v2.0/keys"))
}

// kids are the ids of the keys of a set.
func kids(set *wire.Answer) (ids []any) {
	for _, k := range list(set, "keys") {
		if key, ok := k.(map[string]any); ok {
			ids = append(ids, key["kid"])
		}
	}
	return ids
}

// kid names the key of the token in an answer.
func kid(a *wire.Answer) string {
	head, _, _ := strings.Cut(match.Text(a, "access_token"), ".")
	text, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return ""
	}
	var members struct{ Kid string }
	_ = json.Unmarshal(text, &members) // none where it is no JSON
	return members.Kid
}

func signature(ctx context.Context, t *suite.T) {
	set := keySet(ctx, t)
	for _, s := range sources(ctx, t) {
		t.Rule("ENTRA-JWT-001").Expect(s.answer, s.name).To(match.TokenHeader("alg", "RS256"))
		t.Rule("ENTRA-JWT-001").Expect(s.answer, s.name).To(match.SignedBy(set))
		t.Rule("ENTRA-JWT-002").Expect(s.answer, s.name).To(match.TokenHeader("kid", gomega.BeElementOf(kids(set)...)))
		t.Rule("ENTRA-JWT-003").Expect(s.answer, s.name).To(match.TokenHeader("x5t", gomega.BeEquivalentTo(kid(s.answer))))
		t.Rule("ENTRA-JWT-005").Expect(s.answer, s.name).To(match.TokenHeader("typ", "JWT"))
	}
}

func audience(ctx context.Context, t *suite.T) {
	short := strings.TrimSuffix(t.Cloud.StorageAudience, "/")
	for _, resource := range []string{short, short + "/"} {
		a := imds(ctx, t, t.IMDSToken(resource))
		t.Require(a, hasToken(), resource)
		t.Rule("ENTRA-JWT-006").Expect(a, resource).To(match.Claim("aud", resource))
	}
}

// v1Issuer is who issues tokens of version 1 in the cloud.
func v1Issuer(t *suite.T) string {
	host := "sts.windows.net"
	if t.Cloud.Name == "china" {
		host = "sts.chinacloudapi.cn"
	}
	return "https://" + host + "/" + t.World.Tenant + "/"
}

func everyToken(ctx context.Context, t *suite.T) {
	text, numeric := gomega.MatchRegexp("."), gomega.BeNumerically(">", 1e9)
	for _, s := range sources(ctx, t) {
		for _, c := range []struct {
			rule, claim string
			want        any
		}{
			{"ENTRA-JWT-007", "iss", v1Issuer(t)},
			{"ENTRA-JWT-011", "iat", numeric}, {"ENTRA-JWT-011", "nbf", numeric}, {"ENTRA-JWT-011", "exp", numeric},
			{"ENTRA-JWT-020", "sub", gomega.BeEquivalentTo(claim(s.answer, "oid"))},
			{"ENTRA-JWT-021", "tid", t.World.Tenant},
			{"ENTRA-JWT-022", "idtyp", "app"},
			{"ENTRA-JWT-023", "idp", gomega.BeEquivalentTo(claim(s.answer, "iss"))},
			{"ENTRA-JWT-024", "ver", "1.0"},
			{"ENTRA-JWT-026", "rh", text}, {"ENTRA-JWT-026", "aio", text},
			{"ENTRA-JWT-033", "groups", match.Absent()},
		} {
			t.Rule(c.rule).Expect(s.answer, s.name).To(match.Claim(c.claim, c.want))
		}
		t.Rule("ENTRA-JWT-015").Expect(s.answer, s.name).To(match.Claim("appid", whose(s.clientID)))
		t.Rule("ENTRA-JWT-019").Expect(s.answer, s.name).To(match.Claim("oid", whose(s.principal)))
	}
}

// whose matches an id, or any where it is not known beforehand.
func whose(id string) types.GomegaMatcher {
	if id == "" {
		return gomega.MatchRegexp(guid)
	}
	return gomega.BeEquivalentTo(id)
}

func tokenVersion(ctx context.Context, t *suite.T) {
	for _, resource := range []string{bare(t), t.Cloud.StorageAudience, t.Cloud.VaultAudience} {
		first, second := t.Send(ctx, v1().ask(t, resource)), t.Send(ctx, v2().ask(t, scope(resource)))
		t.Require(first, hasToken(), resource, "at the first endpoint")
		t.Require(second, hasToken(), resource, "at the second endpoint")
		t.Rule("ENTRA-JWT-009").Expect(second, resource).To(match.Claim("ver", gomega.BeEquivalentTo(claim(first, "ver"))))
		t.Rule("ENTRA-JWT-009").Expect(second, resource).To(match.Claim("iss", gomega.BeEquivalentTo(claim(first, "iss"))))
		t.Rule("ENTRA-JWT-010").Expect(second, resource).To(match.Claim("ver", "1.0"))
	}
}

// isID matches a resource id without regard to case.
func isID(id string) types.GomegaMatcher {
	return gomega.WithTransform(func(v any) string { text, _ := v.(string); return strings.ToLower(text) }, gomega.Equal(strings.ToLower(id)))
}

func machineToken(ctx context.Context, t *suite.T) {
	a := machineAsks(ctx, t)
	t.Require(a, hasToken(), "the machine's token")
	t.Rule("ENTRA-JWT-012").Expect(a).To(match.Claim("iat", gomega.BeEquivalentTo(number(a, "nbf"))))
	t.Rule("ENTRA-JWT-014").Expect(a).To(match.Claim("exp", number(a, "nbf")+86700))
	t.Rule("ENTRA-JWT-016").Expect(a).To(match.Claim("appidacr", "2"))
	t.Rule("ENTRA-JWT-027").Expect(a).To(match.Claim("xms_mirid", isID(t.World.Machine)))
	t.Rule("ENTRA-JWT-029").Expect(a).To(match.Claim("xms_mirid", gomega.MatchRegexp("^/subscriptions/[^/]+/resourcegroups/")))
}

// identityToken is of an identity that is new, and so no older than the spec.
func identityToken(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	before := t.Now()
	a := imds(ctx, t, t.IMDSToken(t.Cloud.StorageAudience).Query("client_id", who.ClientID))
	t.Require(a, hasToken(), "the identity's token")
	t.Rule("ENTRA-JWT-028").Expect(a).To(match.Claim("xms_mirid", isID(who.ID)))
	t.Rule("ENTRA-JWT-031").Expect(a).To(match.Claim("xms_az_rid", isID(t.World.Machine)))
	allowance := 60 + t.Now().Sub(before).Seconds()
	t.Rule("ENTRA-JWT-013").Expect(a).To(match.Claim("nbf", gomega.BeNumerically("~", at(t, a).Unix()-300, allowance)))
}

// exchange asks for a token of the one resource that every tenant has and that is registered
// for version 2.0. Its audience and issuer differ from cloud to cloud.
func exchange(ctx context.Context, t *suite.T) {
	resource, host := "api://AzureADTokenExchange", "login.microsoftonline.com"
	switch t.Cloud.Name {
	case "china":
		resource, host = resource+"China", "login.partner.microsoftonline.cn"
	case "usgov":
		resource, host = resource+"USGov", "login.microsoftonline.us"
	}
	who := t.Stranger(ctx)
	a := imds(ctx, t, t.IMDSToken(resource).Query("client_id", who.ClientID))
	t.Require(a, hasToken(), resource)
	t.Require(a, match.Claim("ver", "2.0"), "a token of version 2.0")
	t.Rule("ENTRA-JWT-004").Expect(a).To(match.TokenHeader("x5t", match.Absent()))
	t.Rule("ENTRA-JWT-008").Expect(a).To(match.Claim("iss", "https://"+host+"/"+t.World.Tenant+"/v2.0"))
	t.Rule("ENTRA-JWT-018").Expect(a).To(match.Claim("azp", who.ClientID))
	t.Rule("ENTRA-JWT-018").Expect(a).To(match.Claim("azpacr", "2"))
	for _, old := range []string{"appid", "appidacr"} {
		t.Rule("ENTRA-JWT-018").Expect(a).To(match.Claim(old, match.Absent()))
	}
}

func applicationToken(ctx context.Context, t *suite.T) {
	a := t.Send(ctx, v2().ask(t, scope(bare(t))))
	t.Require(a, hasToken(), "the application's token")
	t.Rule("ENTRA-JWT-017").Expect(a).To(match.Claim("appidacr", "1"))
	const slack = 60
	t.Rule("ENTRA-JWT-034").Expect(a).To(match.Claim("exp", gomega.BeNumerically(">=", at(t, a).Unix()+3600-slack)))
	t.Rule("ENTRA-JWT-034").Expect(a).To(match.Claim("exp", gomega.BeNumerically("<=", at(t, a).Unix()+5400+slack)))
}

func unique(ctx context.Context, t *suite.T) {
	seen := map[any]string{}
	for _, s := range sources(ctx, t) {
		t.Rule("ENTRA-JWT-025").Expect(s.answer, s.name).To(match.Claim("uti", gomega.MatchRegexp(".")))
		uti := claims(s.answer)["uti"]
		t.Rule("ENTRA-JWT-025").Expect(seen[uti], "who has "+s.name+"'s id already").To(gomega.BeEmpty())
		seen[uti] = s.name
	}
}
