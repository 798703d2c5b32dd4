package arm

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// frontDoorSpecs are about versions and paths.
func frontDoorSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-COMMON-001/no-version", Title: "refuses a request without api-version",
			Covers: []string{"ARM-COMMON-002", "ARM-COMMON-003", "ARM-COMMON-004", "ARM-COMMON-038", "ARM-COMMON-039", "ARM-COMMON-040"},
			Run: func(ctx context.Context, t *suite.T) {
				path := t.World.GroupID() + "/resources"
				a := t.Send(ctx, t.ARM("GET", path))
				t.Rule("ARM-COMMON-001").Expect(a).To(match.Status(400))
				t.Rule("ARM-COMMON-002").Expect(a).To(match.Code("MissingApiVersionParameter"))
				t.Rule("ARM-COMMON-003").Expect(a).To(match.Message("The api-version query parameter (?api-version=) is required for all requests."))
				t.Rule("ARM-COMMON-038").Expect(a).To(match.JSON("error.code", some()))
				t.Rule("ARM-COMMON-038").Expect(a).To(match.JSON("error.message", some()))
				t.Rule("ARM-COMMON-040").Expect(a).To(match.Header("x-ms-failure-cause", "gateway"))
				a = t.Send(ctx, t.ARM("HEAD", t.World.GroupID()))
				t.Require(a, match.Status(400), "a HEAD that is refused")
				t.Rule("ARM-COMMON-039").Expect(a, "HEAD").To(empty())
				t.Rule("ARM-COMMON-004").Expect(t.Send(ctx, t.ARM("GET", path+"?API-Version="+suite.GroupVersion)), "in other letters").To(match.JSON("value", gomega.Not(gomega.BeEmpty())))
			},
		},
		{
			ID: "ARM-COMMON-005/unknown-version", Title: "refuses a version that a type does not have",
			Covers: []string{"ARM-COMMON-006", "ARM-COMMON-007", "ARM-COMMON-008"},
			Run: func(ctx context.Context, t *suite.T) {
				a := get(ctx, t, t.World.GroupID(), "2001-01-01")
				t.Rule("ARM-COMMON-005").Expect(a).To(match.Status(400))
				t.Rule("ARM-COMMON-005").Expect(a).To(match.Code("InvalidApiVersionParameter"))
				t.Rule("ARM-COMMON-006").Expect(a).To(match.Message(gomega.MatchRegexp(`^The api-version '2001-01-01' is invalid\. The supported versions are '\d{4}-\d\d-\d\d[^']*,2021-04-01,[^']*'\.$`)))
				a = get(ctx, t, t.World.AccountID(), "2001-01-01")
				t.Rule("ARM-COMMON-007").Expect(a).To(match.Status(400))
				t.Rule("ARM-COMMON-007").Expect(a).To(match.Code("NoRegisteredProviderFound"))
				t.Rule("ARM-COMMON-008").Expect(a).To(match.Message(gomega.MatchRegexp(`^No registered resource provider found for location '[a-z0-9]+' and API version '2001-01-01' for type 'storageAccounts'\. ` +
					`The supported api-versions are '[^']*, 2023-01-01, [^']*'\. The supported locations are '[a-z0-9]+(, [^']+)*'\.$`)))
				t.Require(get(ctx, t, t.World.AccountID(), suite.StorageVersion), match.JSON("name", t.World.Account), "a version that it has")
			},
		},
		{
			ID: "ARM-COMMON-029/subscription", Title: "refuses a subscription that is none",
			Covers: []string{"ARM-COMMON-030", "ARM-COMMON-031", "ARM-COMMON-080"},
			Run: func(ctx context.Context, t *suite.T) {
				path := strings.TrimPrefix(t.World.GroupID(), t.World.SubscriptionID()) + "/resources"
				unknown := suite.GUID()
				a := get(ctx, t, "/subscriptions/"+unknown+path, suite.GroupVersion)
				t.Rule("ARM-COMMON-029").Expect(a).To(match.Status(404))
				t.Rule("ARM-COMMON-029").Expect(a).To(match.Code("SubscriptionNotFound"))
				t.Rule("ARM-COMMON-030").Expect(a).To(match.Message("The subscription '" + unknown + "' could not be found."))
				a = get(ctx, t, "/subscriptions/mine"+path, suite.GroupVersion)
				t.Rule("ARM-COMMON-031").Expect(a).To(match.Status(400))
				t.Rule("ARM-COMMON-031").Expect(a).To(match.Code("InvalidSubscriptionId"))
				a = get(ctx, t, path, suite.GroupVersion)
				t.Rule("ARM-COMMON-080").Expect(a).To(match.Status(404))
				t.Rule("ARM-COMMON-080").Expect(a).To(match.Code("MissingSubscription"))
				t.Require(t.Send(ctx, resources(t)), match.JSON("value", gomega.Not(gomega.BeEmpty())), "with the subscription")
			},
		},
	}
}

// pathSpecs are about what is not there, and about lists in pages.
func pathSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-COMMON-041/unknown", Title: "refuses a namespace, a type and a resource that is not there",
			Covers: []string{"ARM-COMMON-042", "ARM-COMMON-043", "ARM-COMMON-044", "ARM-COMMON-079", "ARM-COMMON-081"},
			Run:    unknownPaths,
		},
		{
			ID: "ARM-COMMON-071/metadata", Title: "describes the cloud's endpoints to everybody",
			Covers: []string{"ARM-COMMON-082"},
			Run: func(ctx context.Context, t *suite.T) {
				a := t.Send(ctx, t.ARM("GET", "/metadata/endpoints?api-version=2022-09-01").Anonymous())
				t.Rule("ARM-COMMON-071").Expect(a).To(match.Status(200))
				t.Rule("ARM-COMMON-071").Expect(a).To(match.JSON("authentication.loginEndpoint", gomega.HavePrefix("https://")))
				t.Rule("ARM-COMMON-082").Expect(t.Send(ctx, t.ARM("GET", "/metadata/endpoints?api-version=1999-01-01").Anonymous())).To(match.Status(400))
				t.Require(a, match.JSON("name", gomega.HavePrefix("Azure")), "the name of the cloud")
			},
		},
		{
			ID: "ARM-COMMON-066/pages", Title: "gives a list page by page",
			Covers: []string{"ARM-COMMON-067", "ARM-COMMON-068"}, Subscription: true,
			Run: listPages,
		},
		{
			ID: "ARM-COMMON-034/missing", Title: "says to whom has rights that a group is not there",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				id := groupID(t)
				t.Rule("ARM-COMMON-034").Expect(get(ctx, t, id, suite.GroupVersion)).To(match.Status(404))
				t.Put(ctx, "resourceGroup", id, suite.GroupVersion, ofGroup(t))
				t.Require(get(ctx, t, id, suite.GroupVersion), match.JSON("name", some()), "the group when it is made")
			},
		},
		{
			ID: "ARM-COMMON-083/paging", Title: "refuses to page by what it did not give",
			Covers: []string{"ARM-COMMON-084"}, Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				ask := func(query string) *suite.Request { return t.ARM("GET", groupsOf(t)+query) }
				t.Rule("ARM-COMMON-083").Expect(t.Send(ctx, ask("&$skiptoken=%21"))).To(match.Status(400))
				for _, top := range []string{"0", "-1", "x"} {
					t.Rule("ARM-COMMON-084").Expect(t.Send(ctx, ask("&$top="+top)), top).To(match.Status(400))
				}
				t.Require(t.Send(ctx, ask("&$top=5")), match.JSON("value", gomega.Not(gomega.BeEmpty())), "a good page")
			},
		},
	}
}

// listPages reads a list of two groups or more one by one. On real Azure others may make and
// delete groups meanwhile.
func listPages(ctx context.Context, t *suite.T) {
	newGroup(ctx, t)
	first := t.Send(ctx, t.ARM("GET", groupsOf(t)).Query("$top", "1"))
	t.Rule("ARM-COMMON-066").Expect(first).To(match.JSON("value", gomega.BeAssignableToTypeOf([]any{})))
	t.Rule("ARM-COMMON-067").Expect(first).To(match.JSON("nextLink", gomega.HavePrefix("https://")))
	seen, last := members(first, "name"), first
	for next := match.Text(first, "nextLink"); next != "" && len(seen) < 1000; next = match.Text(last, "nextLink") {
		last = t.Send(ctx, absolute(t, next))
		t.Require(last, match.Status(200), "the next page")
		seen = append(seen, members(last, "name")...)
	}
	t.Require(seen, gomega.ContainElement(t.World.Group), "all pages")
	t.Rule("ARM-COMMON-068").Expect(last, "the last page").To(match.JSON("nextLink", match.Absent()))
}

func unknownPaths(ctx context.Context, t *suite.T) {
	group := t.World.GroupID() + "/providers/"
	a := get(ctx, t, group+"Microsoft.Storage/things/x", suite.StorageVersion)
	t.Rule("ARM-COMMON-041").Expect(a).To(match.Status(404))
	t.Rule("ARM-COMMON-041").Expect(a).To(match.Code("InvalidResourceType"))
	a = get(ctx, t, group+"Microsoft.Nobody/things/x", suite.StorageVersion)
	t.Rule("ARM-COMMON-042").Expect(a).To(match.Status(404))
	t.Rule("ARM-COMMON-042").Expect(a).To(match.Code("InvalidResourceNamespace"))

	name := t.Unique("id")
	a = get(ctx, t, group+"Microsoft.ManagedIdentity/userAssignedIdentities/"+name, suite.IdentityVersion)
	t.Rule("ARM-COMMON-043").Expect(a).To(match.Status(404))
	t.Rule("ARM-COMMON-043").Expect(a).To(match.Code("ResourceNotFound"))
	t.Rule("ARM-COMMON-044").Expect(a).To(match.Message("The Resource 'Microsoft.ManagedIdentity/userAssignedIdentities/" + name + "' under resource group '" + t.World.Group +
		"' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"))
	t.Rule("ARM-COMMON-079").Expect(status(ctx, t, "DELETE", t.World.GroupID()+"/resources", suite.GroupVersion)).To(match.Status(405))
	t.Rule("ARM-COMMON-081").Expect(get(ctx, t, t.World.SubscriptionID()+"/nothing", suite.GroupVersion)).To(match.Status(404))
	other := t.Identity(ctx)
	t.Require(get(ctx, t, other.ID, suite.IdentityVersion), match.JSON("name", some()), "what is there")
}
