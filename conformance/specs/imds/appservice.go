package imds

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// The versions of the endpoint.
const (
	version2017 = "2017-09-01"
	version2019 = "2019-08-01"
)

// appServiceSpecs are about App Service's endpoint. Its site has the identities of the target's
// machine.
func appServiceSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "IMDS-APPSVC-001/answer", Title: "answers with a token and what is to be known of it",
			Covers: []string{"IMDS-APPSVC-005", "IMDS-APPSVC-006", "IMDS-APPSVC-007", "IMDS-APPSVC-008", "IMDS-APPSVC-009", "IMDS-APPSVC-010"},
			Run:    siteAnswer,
		},
		{ID: "IMDS-APPSVC-004/no-metadata-header", Title: "answers without the Metadata header", Run: siteWithoutMetadata},
		{ID: "IMDS-APPSVC-002/secret", Title: "refuses whoever does not know the secret", Covers: []string{"IMDS-APPSVC-003"}, Run: siteSecret},
		{ID: "IMDS-APPSVC-011/none", Title: "uses the site's own identity where none is named", Run: siteOwn},
		{
			ID: "IMDS-APPSVC-013/selectors", Title: "uses the identity that is named",
			Covers: []string{"IMDS-APPSVC-014", "IMDS-APPSVC-015", "IMDS-APPSVC-016"}, Run: siteSelectors,
		},
		{ID: "IMDS-APPSVC-017/unknown", Title: "refuses a selector that names nobody", Covers: []string{"IMDS-APPSVC-018"}, Run: siteUnknown},
		{
			ID: "IMDS-APPSVC-020/first-version", Title: "answers its first version as that was",
			Covers: []string{"IMDS-APPSVC-021", "IMDS-APPSVC-022"}, Run: siteFirstVersion,
		},
		{
			ID: "IMDS-APPSVC-019/refusals", Title: "refuses what it cannot answer",
			Covers: []string{"IMDS-APPSVC-023", "IMDS-APPSVC-024", "IMDS-APPSVC-025", "IMDS-APPSVC-026", "IMDS-APPSVC-027", "IMDS-APPSVC-028"}, Run: siteRefusals,
		},
	}
}

// site asks the endpoint for a token for Resource Manager, with a header that it does not need, as
// some clients do.
func site(t *suite.T, pairs ...string) *suite.Request {
	r := t.AppService("api-version="+version2019+"&resource="+url.QueryEscape(t.Cloud.ARMAudience)).Set("Metadata", "true")
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Query(pairs[i], pairs[i+1])
	}
	return r
}

func siteAnswer(ctx context.Context, t *suite.T) {
	const digits = `^\d+$`
	text := gomega.BeAssignableToTypeOf("")
	a := t.Send(ctx, site(t))
	t.Rule("IMDS-APPSVC-001").Expect(a).To(match.Status(200))
	t.Require(a, hasToken(), "the token")
	t.Rule("IMDS-APPSVC-005").Expect(a).To(match.JSON("expires_on", gomega.MatchRegexp(digits)))
	t.Rule("IMDS-APPSVC-005").Expect(a).To(match.JSON("expires_on", gomega.BeEquivalentTo(claim(a, "exp"))))
	t.Rule("IMDS-APPSVC-006").Expect(a).To(match.JSON("expires_in", match.Absent()))
	for _, member := range []string{"access_token", "resource", "token_type"} {
		t.Rule("IMDS-APPSVC-007").Expect(a).To(match.JSON(member, text))
	}
	t.Rule("IMDS-APPSVC-008").Expect(strings.ToLower(match.Text(a, "client_id")), "client_id").To(gomega.Equal(strings.ToLower(claim(a, "appid"))))
	t.Rule("IMDS-APPSVC-009").Expect(a).To(match.JSON("not_before", gomega.MatchRegexp(digits)))
	t.Rule("IMDS-APPSVC-009").Expect(a).To(match.JSON("not_before", gomega.BeEquivalentTo(claim(a, "nbf"))))
	t.Rule("IMDS-APPSVC-010").Expect(a).To(match.JSON("token_type", "Bearer"))
}

func siteWithoutMetadata(ctx context.Context, t *suite.T) {
	t.Rule("IMDS-APPSVC-004").Expect(t.Send(ctx, site(t).Without("Metadata"))).To(hasToken())
	t.Require(t.Send(ctx, site(t)), hasToken(), "with it")
}

func siteSecret(ctx context.Context, t *suite.T) {
	refused := match.Refused()
	t.Rule("IMDS-APPSVC-002").Expect(t.Send(ctx, site(t).Without("X-IDENTITY-HEADER"))).To(refused)
	t.Rule("IMDS-APPSVC-002").Expect(t.Send(ctx, site(t).Without("X-IDENTITY-HEADER").Without("Metadata")), "without Metadata").To(refused)
	secret := t.AppServiceSecret()
	for _, wrong := range []string{secret + "0", secret[:len(secret)-1], ""} {
		t.Rule("IMDS-APPSVC-003").Expect(t.Send(ctx, site(t).Set("X-IDENTITY-HEADER", wrong))).To(refused)
	}
	t.Require(t.Send(ctx, site(t)), hasToken(), "with the secret")
}

// siteOwn compares with the token of an identity that is named: it is another's.
func siteOwn(ctx context.Context, t *suite.T) {
	other := t.Stranger(ctx)
	t.Require(t.Send(ctx, site(t, "client_id", other.ClientID)), match.Claim("oid", other.PrincipalID), "the identity that is named")
	machine := t.Send(ctx, t.ARM("GET", t.World.Machine+"?api-version="+suite.MachineVersion))
	t.Require(machine, match.JSON("identity.principalId", gomega.MatchRegexp(guid)), "the site's own identity")
	t.Rule("IMDS-APPSVC-011").Expect(t.Send(ctx, site(t))).To(match.Claim("oid", match.Text(machine, "identity.principalId")))
}

func siteSelectors(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	t.Require(t.Send(ctx, site(t)), hasToken(), "without a selector")
	for _, c := range []struct{ rule, name, value string }{
		{"IMDS-APPSVC-013", "client_id", who.ClientID},
		{"IMDS-APPSVC-014", "principal_id", who.PrincipalID},
		{"IMDS-APPSVC-015", "object_id", who.PrincipalID},
		{"IMDS-APPSVC-016", "mi_res_id", who.ID},
	} {
		t.Rule(c.rule).Expect(t.Send(ctx, site(t, c.name, c.value)), c.name).To(match.Claim("oid", who.PrincipalID))
	}
}

func siteUnknown(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	for _, c := range []struct{ name, unknown, known string }{
		{"client_id", noOne, who.ClientID}, {"principal_id", noOne, who.PrincipalID}, {"mi_res_id", who.ID + "x", who.ID},
	} {
		a := t.Send(ctx, site(t, c.name, c.unknown))
		t.Rule("IMDS-APPSVC-017").Expect(a, c.name).To(match.Status(400))
		t.Rule("IMDS-APPSVC-018").Expect(a, c.name).To(match.JSON("statusCode", 400))
		t.Rule("IMDS-APPSVC-018").Expect(a, c.name).To(match.JSON("message", "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."))
		t.Require(t.Send(ctx, site(t, c.name, c.known)), hasToken(), "a", c.name, "of the site's")
	}
}

// siteFirstVersion tells the secret and the selector of one version from those of the other.
func siteFirstVersion(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	secret := t.AppServiceSecret()
	first := func(header string) *suite.Request {
		return t.AppService("api-version="+version2017+"&resource="+url.QueryEscape(t.Cloud.ARMAudience)).
			Without("X-IDENTITY-HEADER").Set(header, secret).Query("clientid", who.ClientID)
	}
	a := t.Send(ctx, first("secret"))
	t.Rule("IMDS-APPSVC-020").Expect(a).To(match.Status(200))
	t.Rule("IMDS-APPSVC-020").Expect(t.Send(ctx, first("secret").Set("secret", secret+"0")), "another secret").To(match.Refused())
	t.Require(a, hasToken(), "the token")
	t.Rule("IMDS-APPSVC-021").Expect(a).To(match.Claim("oid", who.PrincipalID))
	t.Rule("IMDS-APPSVC-022").Expect(a).To(match.JSON("expires_on", gomega.WithTransform(date, gomega.BeEquivalentTo(claim(a, "exp")))))
}

// date reads a date in one of the two forms that were seen, as Unix seconds.
func date(v any) string {
	text, _ := v.(string)
	for _, form := range []string{"01/02/2006 15:04:05 -07:00", "1/2/2006 3:04:05 PM -07:00", "1/2/2006 15:04:05 PM -07:00"} {
		if at, err := time.Parse(form, text); err == nil {
			return unix(at)
		}
	}
	return text
}

func siteRefusals(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx)
	post := site(t).Text("")
	post.Method = "POST"
	beside := site(t)
	beside.URL = strings.Replace(beside.URL, "/msi/token?", "/msi/tokens?", 1)
	for _, c := range []struct {
		rule   string
		r      *suite.Request
		status int
	}{
		{"IMDS-APPSVC-019", t.AppService("api-version=" + version2019 + "&resource=" + url.QueryEscape("https://"+t.Unique("a")+".example.com/")), 500},
		{"IMDS-APPSVC-023", t.AppService("api-version=2018-01-01&resource=" + url.QueryEscape(t.Cloud.ARMAudience)), 400},
		{"IMDS-APPSVC-024", t.AppService("api-version=" + version2019), 400},
		{"IMDS-APPSVC-025", site(t, "client_id", who.ClientID, "principal_id", who.PrincipalID), 400},
		{"IMDS-APPSVC-026", post, 405},
		{"IMDS-APPSVC-027", site(t).Raw("linarite=%zz"), 400},
		{"IMDS-APPSVC-028", beside, 404},
	} {
		a := t.Send(ctx, c.r)
		t.Rule(c.rule).Expect(a).To(match.Status(c.status))
	}
	for _, r := range []*suite.Request{site(t), site(t, "client_id", who.ClientID), site(t, "principal_id", who.PrincipalID)} {
		t.Require(t.Send(ctx, r), hasToken(), "what it can answer")
	}
}
