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
			Covers: []string{"IMDS-TOKEN-003", "IMDS-TOKEN-004"},
			Run: func(ctx context.Context, t *suite.T) {
				ask := t.IMDSToken(t.Cloud.ARMAudience)
				a := t.Send(ctx, ask.Clone().Without("Metadata"))
				t.Rule("IMDS-TOKEN-002").Expect(a).To(match.Status(400))
				t.Rule("IMDS-TOKEN-003").Expect(a).To(match.JSON("error", "invalid_request"))
				t.Rule("IMDS-TOKEN-004").Expect(a).To(match.JSON("error_description", "Required metadata header not specified"))
				t.Require(t.Send(ctx, ask), match.JSON("access_token", gomega.Not(gomega.BeEmpty())), "with the header")
			},
		},
		{
			ID: "IMDS-TOKEN-008/forwarded", Title: "refuses a token request that was forwarded",
			Run: func(ctx context.Context, t *suite.T) {
				ask := t.IMDSToken(t.Cloud.ARMAudience)
				for _, value := range []string{"127.0.0.1", ""} {
					a := t.Send(ctx, ask.Clone().Set("X-Forwarded-For", value))
					t.Rule("IMDS-TOKEN-008").Expect(a, "X-Forwarded-For: "+value).To(match.Status(gomega.BeNumerically(">=", 400)))
				}
				t.Require(t.Send(ctx, ask), match.Status(200), "without X-Forwarded-For")
			},
		},
	}
}
