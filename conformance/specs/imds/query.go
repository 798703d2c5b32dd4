package imds

import (
	"context"
	"net/url"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// querySpecs are about the query of a token request.
func querySpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "IMDS-TOKEN-010/no-resource", Title: "refuses a token request without a resource", Covers: []string{"IMDS-TOKEN-011"}, Run: noResource},
		{ID: "IMDS-TOKEN-012/no-version", Title: "refuses a token request without an api-version", Covers: []string{"IMDS-TOKEN-013"}, Run: noVersion},
		{ID: "IMDS-TOKEN-014/later-versions", Title: "accepts later versions", Run: laterVersions},
		{ID: "IMDS-TOKEN-015/twice", Title: "refuses a query parameter given twice", Covers: []string{"IMDS-TOKEN-016"}, Run: twice},
		{ID: "IMDS-TOKEN-018/unknown-parameter", Title: "ignores a query parameter that it does not know", Run: unknownParameter},
		{ID: "IMDS-TOKEN-070/malformed-query", Title: "refuses a query that cannot be decoded", Run: malformedQuery},
		{
			ID: "IMDS-TOKEN-050/unknown-audience", Title: "refuses an audience that the tenant does not have",
			Covers: []string{"IMDS-TOKEN-051", "IMDS-TOKEN-052"}, Run: unknownAudience,
		},
	}
}

// queryOf is the query of a request.
func queryOf(r *suite.Request) string {
	_, query, _ := strings.Cut(r.URL, "?")
	return query
}

func noResource(ctx context.Context, t *suite.T) {
	for _, query := range []string{"?api-version=2018-02-01", "?api-version=2018-02-01&resource="} {
		a := send(ctx, t, t.IMDS(tokenPath+query))
		t.Rule("IMDS-TOKEN-010").Expect(a, query).To(match.Status(400))
		t.Rule("IMDS-TOKEN-011").Expect(a, query).To(match.JSON("error", "invalid_request"))
		t.Rule("IMDS-TOKEN-011").Expect(a, query).To(match.JSON("error_description", "Required query variable 'resource' is missing"))
	}
	t.Require(send(ctx, t, armToken(t)), hasToken(), "with a resource")
}

func noVersion(ctx context.Context, t *suite.T) {
	resource := "resource=" + url.QueryEscape(t.Cloud.ARMAudience)
	t.Rule("IMDS-TOKEN-012").Expect(send(ctx, t, t.IMDS(tokenPath+"?"+resource))).To(match.Status(400))
	for _, audience := range []string{t.Cloud.ARMAudience, t.Cloud.StorageAudience, t.Cloud.VaultAudience} {
		a := send(ctx, t, t.IMDS(tokenPath+"?api-version=2018-02-01&resource="+url.QueryEscape(audience)))
		t.Rule("IMDS-TOKEN-013").Expect(a, audience).To(hasToken())
	}
	t.Require(send(ctx, t, t.IMDS(tokenPath+"?api-version=2019-08-15&"+resource)), hasToken(), "with a version")
}

// laterVersions takes some of each year.
func laterVersions(ctx context.Context, t *suite.T) {
	for _, version := range []string{"2018-10-01", "2019-08-15", "2019-11-01", "2020-09-01", "2021-02-01", "2021-12-13", "2023-07-01"} {
		a := send(ctx, t, t.IMDS(tokenPath+"?api-version="+version+"&resource="+url.QueryEscape(t.Cloud.ARMAudience)))
		t.Rule("IMDS-TOKEN-014").Expect(a, version).To(hasToken())
	}
	t.Require(send(ctx, t, armToken(t)), hasToken(), "2018-02-01")
}

func twice(ctx context.Context, t *suite.T) {
	for _, again := range []string{"api-version=2018-02-01", "resource=" + url.QueryEscape(t.Cloud.ARMAudience)} {
		a := send(ctx, t, armToken(t).Raw(again))
		t.Rule("IMDS-TOKEN-015").Expect(a, again).To(match.Refused())
		t.Rule("IMDS-TOKEN-016").Expect(a, again).To(match.Status(400))
	}
	t.Require(send(ctx, t, armToken(t)), hasToken(), "each once")
}

func unknownParameter(ctx context.Context, t *suite.T) {
	t.Rule("IMDS-TOKEN-018").Expect(send(ctx, t, armToken(t, "xms_cc", "cp1", "linarite", "1"))).To(hasToken())
	t.Require(send(ctx, t, armToken(t)), hasToken(), "without them")
}

func malformedQuery(ctx context.Context, t *suite.T) {
	t.Rule("IMDS-TOKEN-070").Expect(send(ctx, t, armToken(t).Raw("linarite=%zz"))).To(match.Status(400))
	t.Require(send(ctx, t, armToken(t, "linarite", "z")), hasToken(), "a query that can be decoded")
}

func unknownAudience(ctx context.Context, t *suite.T) {
	a := send(ctx, t, t.IMDSToken("https://"+t.Unique("a")+".example.com/"))
	t.Rule("IMDS-TOKEN-050").Expect(a).To(match.Status(400))
	t.Rule("IMDS-TOKEN-051").Expect(a).To(match.JSON("error", "invalid_resource"))
	t.Rule("IMDS-TOKEN-052").Expect(a).To(match.JSON("error_description", gomega.MatchRegexp(
		`^AADSTS500011: (.|\n)*Trace ID: [0-9a-f-]{36}\s+Correlation ID: [0-9a-f-]{36}\s+Timestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$`)))
	t.Require(send(ctx, t, armToken(t)), hasToken(), "an audience that it has")
}
