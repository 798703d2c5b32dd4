package arm

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// identityType is the path of user-assigned identities below a group.
const identityType = "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"

// idSpecs are about ids and what stands behind them.
func idSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-COMMON-046/letter-case", Title: "finds a resource by its id in any letters, and keeps those of its making",
			Covers: []string{"ARM-COMMON-047", "ARM-COMMON-048"},
			Run: func(ctx context.Context, t *suite.T) {
				name := "Lz" + t.Unique("ID")
				id := t.World.GroupID() + identityType + name
				body := ofGroup(t, "id", t.World.SubscriptionID()+"/resourceGroups/elsewhere"+identityType+name)
				made := t.Put(ctx, "identity", id, suite.IdentityVersion, body)
				t.Rule("ARM-COMMON-048").Expect(made).To(match.JSON("id", gomega.MatchRegexp("(?i)^"+id+"$")))
				for _, spelling := range []string{strings.ToLower(id), "/SUBSCRIPTIONS" + strings.ToUpper(id[len("/subscriptions"):])} {
					a := get(ctx, t, spelling, suite.IdentityVersion)
					t.Rule("ARM-COMMON-046").Expect(a, spelling).To(match.Status(200))
					t.Rule("ARM-COMMON-047").Expect(a, spelling).To(match.JSON("name", name))
				}
			},
		},
		{
			ID: "ARM-COMMON-069/delete-of-nothing", Title: "deletes what is not there",
			Run: func(ctx context.Context, t *suite.T) {
				other := t.Identity(ctx)
				t.Rule("ARM-COMMON-069").Expect(remove(ctx, t, other.ID+"x", suite.IdentityVersion)).To(match.Status(204))
				t.Require(remove(ctx, t, other.ID, suite.IdentityVersion), match.Status(200), "what is there")
			},
		},
		{
			ID: "ARM-COMMON-070/head", Title: "answers HEAD of a resource without a body",
			Run: func(ctx context.Context, t *suite.T) {
				other := t.Identity(ctx)
				t.Rule("ARM-COMMON-070").Expect(status(ctx, t, "HEAD", other.ID, suite.IdentityVersion)).To(match.Status(204))
			},
		},
		{
			ID: "ARM-COMMON-088/region", Title: "refuses to make a resource in another region, or in none",
			Covers: []string{"ARM-COMMON-087"},
			Run: func(ctx context.Context, t *suite.T) {
				other := t.Identity(ctx)
				_, elsewhere := regions(ctx, t)
				a := put(ctx, t, other.ID, suite.IdentityVersion, ofGroup(t, "location", elsewhere))
				t.Rule("ARM-COMMON-088").Expect(a).To(match.Status(409))
				t.Rule("ARM-COMMON-088").Expect(a).To(match.Code("InvalidResourceLocation"))
				id := t.World.GroupID() + identityType + t.Unique("id")
				t.Owns("identity", id, suite.IdentityVersion)
				a = put(ctx, t, id, suite.IdentityVersion, ofGroup(t, "location", "atlantis"))
				t.Rule("ARM-COMMON-087").Expect(a).To(match.Status(400))
				t.Rule("ARM-COMMON-087").Expect(a).To(match.Code("LocationNotAvailableForResourceType"))
			},
		},
		{
			ID: "ARM-COMMON-089/linked-id", Title: "refuses a linked id that is no id",
			Needs: []string{"arm.compute.identity"},
			Run: func(ctx context.Context, t *suite.T) {
				a := changeMachine(ctx, t, "SystemAssigned, UserAssigned", map[string]any{"nobody": map[string]any{}})
				t.Rule("ARM-COMMON-089").Expect(a).To(match.Status(400))
				t.Rule("ARM-COMMON-089").Expect(a).To(match.Code("LinkedInvalidPropertyId"))
			},
		},
	}
}

// bodySpecs are about bodies, by the example of a group.
func bodySpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-COMMON-072/body", Title: "refuses a body that is not what the type has",
			Covers: []string{"ARM-COMMON-073", "ARM-COMMON-074"}, Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				id := newGroup(ctx, t)
				send := func(contentType, body string) *suite.Request {
					return t.ARM("PATCH", id+"?api-version="+suite.GroupVersion).Set("Content-Type", contentType).Text(body)
				}
				for _, body := range []string{`{"tags":`, `{"colour":"blue"}`} {
					a := t.Send(ctx, send("application/json", body))
					t.Rule("ARM-COMMON-072").Expect(a, body).To(match.Status(400))
					t.Rule("ARM-COMMON-072").Expect(a, body).To(match.Code("InvalidRequestContent"))
				}
				good := `{"tags":{"a":"b"}}`
				a := t.Send(ctx, send("text/plain", good))
				t.Rule("ARM-COMMON-073").Expect(a).To(match.Status(415))
				t.Rule("ARM-COMMON-073").Expect(a).To(match.Code("UnsupportedMediaType"))
				t.Rule("ARM-COMMON-074").Expect(t.Send(ctx, send("application/json", strings.Repeat(" ", 4<<20)+good))).To(match.Status(413))
				t.Require(t.Send(ctx, send("application/json", good)), match.JSON("tags.a", "b"), "a good body")
			},
		},
		{
			ID: "ARM-COMMON-075/tags", Title: "refuses tags that are too many or too long",
			Covers: []string{"ARM-COMMON-076", "ARM-COMMON-077", "ARM-COMMON-078"}, Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				id := newGroup(ctx, t)
				many := map[string]string{}
				for i := range 50 {
					many[fmt.Sprintf("tag%d", i)] = "x"
				}
				long := map[string]string{strings.Repeat("n", 512): strings.Repeat("v", 256)}
				tag := func(tags map[string]string) any {
					return patch(ctx, t, id, suite.GroupVersion, map[string]any{"tags": tags})
				}
				t.Require(tag(many), match.Status(200), "50 tags")
				many["one more"] = "x"
				t.Rule("ARM-COMMON-075").Expect(tag(many), "51 tags").To(match.Status(400))
				t.Require(tag(long), match.Status(200), "the longest tag")
				t.Rule("ARM-COMMON-077").Expect(tag(map[string]string{strings.Repeat("n", 513): "v"})).To(match.Status(400))
				t.Rule("ARM-COMMON-078").Expect(tag(map[string]string{"n": strings.Repeat("v", 257)})).To(match.Status(400))
				for _, c := range strings.Split(`< > % & \ ? /`, " ") {
					t.Rule("ARM-COMMON-076").Expect(tag(map[string]string{"a" + c + "b": "v"}), c).To(match.Status(400))
				}
			},
		},
	}
}
