package imds

import (
	"context"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// guardSpecs are about what is refused before the request is looked at: what a confused deputy
// would send.
func guardSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "IMDS-TOKEN-002/no-metadata-header", Title: "refuses a token request without the Metadata header",
			Covers: []string{"IMDS-TOKEN-003", "IMDS-TOKEN-004", "IMDS-TOKEN-049"},
			Run:    withoutHeader,
		},
		{ID: "IMDS-TOKEN-005/letter-case", Title: "accepts the Metadata header in any letter case", Run: headerCase},
		{
			ID: "IMDS-TOKEN-006/before-the-query", Title: "looks at the Metadata header before the query",
			Covers: []string{"IMDS-TOKEN-007"}, Run: headerFirst,
		},
		{ID: "IMDS-TOKEN-008/forwarded", Title: "refuses a token request that was forwarded", Covers: []string{"IMDS-TOKEN-009"}, Run: forwarded},
		{ID: "IMDS-TOKEN-053/method", Title: "takes GET alone", Run: otherMethods},
		{ID: "IMDS-TOKEN-054/identity-alone", Title: "has nothing at /metadata/identity", Run: identityAlone},
		{ID: "IMDS-TOKEN-058/first-segment", Title: "takes the first segment in any letter case, the rest in one", Covers: []string{"IMDS-TOKEN-059"}, Run: pathCase},
		{ID: "IMDS-TOKEN-067/second-generation", Title: "has no getplatformmetadata, header or not", Run: secondGeneration},
		{ID: "IMDS-TOKEN-068/form-type", Title: "serves a GET with a form's Content-Type", Run: formType},
	}
}

func withoutHeader(ctx context.Context, t *suite.T) {
	ask := armToken(t)
	for _, r := range []*suite.Request{ask.Clone().Without("Metadata"), ask.Clone().Set("Metadata", "false")} {
		a := send(ctx, t, r)
		t.Rule("IMDS-TOKEN-002").Expect(a).To(match.Status(400))
		t.Rule("IMDS-TOKEN-003").Expect(a).To(match.JSON("error", "invalid_request"))
		t.Rule("IMDS-TOKEN-004").Expect(a).To(match.JSON("error_description", "Required metadata header not specified"))
		t.Rule("IMDS-TOKEN-004").Expect(a).To(match.Body(gomega.HaveLen(88)))
		t.Rule("IMDS-TOKEN-049").Expect(a).To(match.JSON("error", gomega.BeAssignableToTypeOf("")))
		t.Rule("IMDS-TOKEN-049").Expect(a).To(match.JSON("error_description", gomega.BeAssignableToTypeOf("")))
	}
	t.Require(send(ctx, t, ask), hasToken(), "with the header")
}

func headerCase(ctx context.Context, t *suite.T) {
	for _, value := range []string{"True", "TRUE"} {
		a := send(ctx, t, armToken(t).Set("Metadata", value))
		t.Rule("IMDS-TOKEN-005").Expect(a, "Metadata: "+value).To(hasToken())
	}
	t.Require(send(ctx, t, armToken(t)), hasToken(), "Metadata: true")
}

// headerFirst compares with the refusal of a request that lacks the header alone: it is the
// same, though the query or the method is wrong too.
func headerFirst(ctx context.Context, t *suite.T) {
	refusal := send(ctx, t, armToken(t).Without("Metadata"))
	t.Require(refusal, match.Status(400), "without the header")
	post := armToken(t).Text("")
	post.Method = "POST"
	for _, c := range []struct {
		rule string
		r    *suite.Request
	}{{"IMDS-TOKEN-006", t.IMDS(tokenPath)}, {"IMDS-TOKEN-006", t.IMDS(tokenPath + "?api-version=2018-02-01")}, {"IMDS-TOKEN-007", post}} {
		a := send(ctx, t, c.r.Clone().Without("Metadata"))
		t.Rule(c.rule).Expect(a).To(match.Status(400))
		t.Rule(c.rule).Expect(a).To(match.JSON("error_description", match.Text(refusal, "error_description")))
	}
	t.Require(send(ctx, t, t.IMDS(tokenPath)), match.JSON("error_description", gomega.Not(gomega.Equal(match.Text(refusal, "error_description")))), "with the header")
	t.Require(send(ctx, t, armToken(t)), hasToken(), "with header and query")
}

func forwarded(ctx context.Context, t *suite.T) {
	ask := armToken(t)
	for _, value := range []string{"127.0.0.1", "192.0.2.1, 192.0.2.2", ""} {
		a := send(ctx, t, ask.Clone().Set("X-Forwarded-For", value))
		t.Rule("IMDS-TOKEN-008").Expect(a, "X-Forwarded-For: "+value).To(match.Refused())
		t.Rule("IMDS-TOKEN-009").Expect(a, "X-Forwarded-For: "+value).To(match.Status(400))
	}
	t.Require(send(ctx, t, ask), hasToken(), "without X-Forwarded-For")
}

func otherMethods(ctx context.Context, t *suite.T) {
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		r := armToken(t).Text("")
		r.Method = method
		t.Rule("IMDS-TOKEN-053").Expect(send(ctx, t, r), method).To(match.Status(405))
	}
	t.Require(send(ctx, t, armToken(t)), hasToken(), "GET")
}

func identityAlone(ctx context.Context, t *suite.T) {
	a := send(ctx, t, t.IMDS("/metadata/identity?api-version=2018-02-01"))
	t.Rule("IMDS-TOKEN-054").Expect(a).To(match.Status(404))
	t.Rule("IMDS-TOKEN-054").Expect(a).To(match.JSON("", gomega.Equal(map[string]any{"error": "Not Found"})))
	t.Require(send(ctx, t, armToken(t)), hasToken(), "below it")
}

func pathCase(ctx context.Context, t *suite.T) {
	query := "?" + queryOf(armToken(t))
	for _, path := range []string{"/METADATA/identity/oauth2/token", "/Metadata/identity/oauth2/token"} {
		t.Rule("IMDS-TOKEN-058").Expect(send(ctx, t, t.IMDS(path+query)), path).To(hasToken())
	}
	for _, path := range []string{"/metadata/Identity/oauth2/token", "/metadata/identity/OAuth2/token", "/metadata/identity/oauth2/Token"} {
		t.Rule("IMDS-TOKEN-059").Expect(send(ctx, t, t.IMDS(path+query)), path).To(match.Status(404))
	}
	t.Require(send(ctx, t, t.IMDS(tokenPath+query)), hasToken(), "in lower case")
}

func secondGeneration(ctx context.Context, t *suite.T) {
	r := t.IMDS("/metadata/identity/getplatformmetadata?cred-api-version=2.0")
	t.Rule("IMDS-TOKEN-067").Expect(send(ctx, t, r), "with the header").To(match.Status(404))
	t.Rule("IMDS-TOKEN-067").Expect(send(ctx, t, r.Clone().Without("Metadata")), "without").To(match.Status(404))
	t.Require(send(ctx, t, armToken(t)), hasToken(), "the first generation")
}

func formType(ctx context.Context, t *suite.T) {
	a := send(ctx, t, armToken(t).Set("Content-Type", "application/x-www-form-urlencoded;charset=utf-8"))
	t.Rule("IMDS-TOKEN-068").Expect(a).To(hasToken())
	t.Require(send(ctx, t, armToken(t)), hasToken(), "without a Content-Type")
}
