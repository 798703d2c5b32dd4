package imds

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// answerSpecs are about the form of a token answer.
func answerSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "IMDS-TOKEN-001/answer", Title: "answers with a token and what is to be known of it",
			Covers: []string{
				"IMDS-TOKEN-033", "IMDS-TOKEN-035", "IMDS-TOKEN-036", "IMDS-TOKEN-037", "IMDS-TOKEN-038",
				"IMDS-TOKEN-039", "IMDS-TOKEN-041", "IMDS-TOKEN-042",
			},
			Run: answer,
		},
		{ID: "IMDS-TOKEN-043/no-refresh-token", Title: "hands out no refresh token", Run: noRefreshToken},
		{ID: "IMDS-TOKEN-040/resource", Title: "repeats the resource byte for byte", Run: echo},
		{
			ID: "IMDS-TOKEN-045/header", Title: "sends the header fields of the metadata service",
			Covers: []string{"IMDS-TOKEN-046", "IMDS-TOKEN-047", "IMDS-TOKEN-048"}, Run: header,
		},
	}
}

func answer(ctx context.Context, t *suite.T) {
	const digits = `^\d+$`
	a := send(ctx, t, armToken(t))
	t.Rule("IMDS-TOKEN-001").Expect(a).To(match.Status(200))
	t.Rule("IMDS-TOKEN-001").Expect(a).To(match.JSON("access_token", gomega.Not(gomega.BeNil())))
	t.Rule("IMDS-TOKEN-033").Expect(a).To(match.JSON("access_token", gomega.MatchRegexp(`^[\w-]+\.[\w-]+\.[\w-]+$`)))
	t.Rule("IMDS-TOKEN-035").Expect(a).To(match.JSON("expires_in", gomega.MatchRegexp(digits)))
	t.Rule("IMDS-TOKEN-035").Expect(a).To(match.JSON("expires_in", near(left(t, a, number(a, "expires_on")))))
	t.Rule("IMDS-TOKEN-036").Expect(a).To(match.JSON("expires_on", gomega.MatchRegexp(digits)))
	t.Rule("IMDS-TOKEN-037").Expect(a).To(match.JSON("expires_on", gomega.BeEquivalentTo(claim(a, "exp"))))
	t.Rule("IMDS-TOKEN-038").Expect(a).To(match.JSON("ext_expires_in", "86399"))
	t.Rule("IMDS-TOKEN-039").Expect(a).To(match.JSON("not_before", gomega.MatchRegexp(digits)))
	t.Rule("IMDS-TOKEN-039").Expect(a).To(match.JSON("not_before", gomega.BeEquivalentTo(claim(a, "nbf"))))
	t.Rule("IMDS-TOKEN-041").Expect(a).To(match.JSON("token_type", "Bearer"))
	t.Rule("IMDS-TOKEN-042").Expect(members(a), "the members").To(gomega.And(gomega.Not(gomega.BeEmpty()), gomega.Satisfy(slices.IsSorted[[]string])))
	t.Require(a, hasToken(), "the token")
}

func noRefreshToken(ctx context.Context, t *suite.T) {
	a := send(ctx, t, armToken(t))
	t.Require(a, hasToken(), "the token")
	t.Rule("IMDS-TOKEN-043").Expect(a).To(match.JSON("refresh_token", match.Absent()))
}

func echo(ctx context.Context, t *suite.T) {
	bare := strings.TrimSuffix(t.Cloud.ARMAudience, "/")
	for _, resource := range []string{bare, bare + "/", strings.ToUpper(bare[:10]) + bare[10:]} {
		a := send(ctx, t, t.IMDSToken(resource))
		t.Require(a, hasToken(), resource)
		t.Rule("IMDS-TOKEN-040").Expect(a, strconv.Quote(resource)).To(match.JSON("resource", resource))
	}
}

func header(ctx context.Context, t *suite.T) {
	good := send(ctx, t, armToken(t))
	t.Require(good, hasToken(), "the token")
	for _, a := range []*wire.Answer{good, send(ctx, t, armToken(t).Without("Metadata"))} {
		t.Rule("IMDS-TOKEN-046").Expect(a).To(match.Header("Server", gomega.HavePrefix("IMDS/")))
		t.Rule("IMDS-TOKEN-048").Expect(a).To(match.HasHeader("Content-Length"))
		t.Rule("IMDS-TOKEN-048").Expect(a).To(match.Header("Transfer-Encoding", match.Absent()))
	}
	t.Rule("IMDS-TOKEN-045").Expect(good).To(match.Header("Content-Type", "application/json; charset=utf-8"))
	t.Rule("IMDS-TOKEN-047").Expect(good).To(match.Header("x-ms-request-id", gomega.MatchRegexp(guid)))
}
