package arm

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// roleSpecs are about definitions of roles.
func roleSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-AUTHZ-037/built-in", Title: "answers a built-in role at every scope",
			Covers: []string{"ARM-AUTHZ-038", "ARM-AUTHZ-039", "ARM-AUTHZ-040", "ARM-AUTHZ-052", "ARM-AUTHZ-053"},
			Run:    builtInRole,
		},
		{
			ID: "ARM-AUTHZ-041/root", Title: "shows the built-in roles at the root to everybody",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				custom := t.Role(ctx, map[string][]string{"actions": {"*/read"}})
				a := t.Send(ctx, as(t, who, "GET", definitions, suite.AssignmentVersion))
				t.Rule("ARM-AUTHZ-041").Expect(a).To(match.Status(200))
				t.Rule("ARM-AUTHZ-041").Expect(members(a, "name")).To(gomega.And(gomega.ContainElement(suite.RoleReader), gomega.Not(gomega.ContainElement(custom))))
			},
		},
		{
			ID: "ARM-AUTHZ-042/custom", Title: "makes a custom role, and changes it",
			Covers: []string{"ARM-AUTHZ-043", "ARM-AUTHZ-044", "ARM-AUTHZ-047"},
			Run:    customRole,
		},
		{
			ID: "ARM-AUTHZ-045/list", Title: "lists the custom roles that are assignable at a scope",
			Subscription: true,
			Run:          listedRoles,
		},
	}
}

// listedRoles makes a role that is assignable in the group, and one in the whole subscription, and lists them at
// an account in the group, at the group, at another group, and at the subscription.
func listedRoles(ctx context.Context, t *suite.T) {
	low, high, other := t.Role(ctx, map[string][]string{"actions": {"*/read"}}), suite.GUID(), newGroup(ctx, t)
	at := t.World.SubscriptionID() + definitions + "/" + high
	t.Owns("roleDefinition", at, suite.AssignmentVersion)
	t.Require(put(ctx, t, at, suite.AssignmentVersion, roleBody(t, t.World.RunID+" "+high, t.World.SubscriptionID())), match.Status(gomega.BeElementOf(200, 201)), "a role of the subscription")
	list := func(scope, filter string) []string {
		r := t.ARM("GET", scope+definitions+"?api-version="+suite.AssignmentVersion)
		if filter != "" {
			r.Query("$filter", filter)
		}
		return pages(ctx, t, r, "name")
	}
	rule := t.Rule("ARM-AUTHZ-045")
	both := gomega.ContainElements(low, high, suite.RoleReader)
	highAlone := gomega.And(gomega.ContainElements(high, suite.RoleReader), gomega.Not(gomega.ContainElement(low)))
	const withBelow = "atScopeAndBelow()"
	for _, scope := range []string{t.World.GroupID(), t.World.AccountID()} {
		for _, filter := range []string{"", withBelow} {
			rule.Eventually(ctx, func(context.Context) any { return list(scope, filter) }, both)
		}
	}
	rule.Eventually(ctx, func(context.Context) any { return list(t.World.SubscriptionID(), "") }, highAlone)
	rule.Eventually(ctx, func(context.Context) any { return list(t.World.SubscriptionID(), withBelow) }, both)
	for _, filter := range []string{"", withBelow} { // beside where it is assignable
		rule.Eventually(ctx, func(context.Context) any { return list(other, filter) }, highAlone)
	}
}

// roleRefusals are about custom roles that cannot be made.
func roleRefusals() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-AUTHZ-046/refusals", Title: "refuses a custom role that another is called, or that cannot be",
			Covers: []string{"ARM-AUTHZ-049"},
			Run: func(ctx context.Context, t *suite.T) {
				name := t.World.RunID + " " + suite.GUID()
				t.Require(putRole(ctx, t, suite.GUID(), roleBody(t, name)), match.JSON("properties.roleName", name), "a role")
				a := putRole(ctx, t, suite.GUID(), roleBody(t, name))
				t.Rule("ARM-AUTHZ-046").Expect(a).To(match.Status(409))
				t.Rule("ARM-AUTHZ-046").Expect(a).To(match.Code("RoleDefinitionWithSameNameExists"))
				for _, scope := range []string{"/", t.World.AccountID()} {
					a = putRole(ctx, t, suite.GUID(), roleBody(t, name+" 2", scope))
					t.Rule("ARM-AUTHZ-049").Expect(a, scope).To(match.Status(400))
					t.Rule("ARM-AUTHZ-049").Expect(a, scope).To(match.Code("LinkedInvalidPropertyId"))
				}
			},
		},
		{
			ID: "ARM-AUTHZ-050/every-scope", Title: "needs the right to define roles at every scope of a custom role",
			Run: func(ctx context.Context, t *suite.T) {
				who, name := t.Stranger(ctx), t.World.RunID+" "+suite.GUID()
				id := t.World.GroupID() + definitions + "/" + suite.GUID()
				t.Owns("roleDefinition", id, suite.AssignmentVersion)
				ask := func(scopes ...string) *suite.Request {
					return as(t, who, "PUT", id, suite.AssignmentVersion).JSON(roleBody(t, name, scopes...))
				}
				t.Grant(ctx, who, suite.RoleUserAccessAdmin, t.World.GroupID())
				made(ctx, t, func() *suite.Request { return ask(t.World.GroupID()) })
				t.Rule("ARM-AUTHZ-050").Expect(t.Send(ctx, ask(t.World.GroupID(), t.World.SubscriptionID()))).To(match.Status(403))
			},
		},
	}
}

func builtInRole(ctx context.Context, t *suite.T) {
	const reader = definitions + "/" + suite.RoleReader
	group := t.World.GroupID()
	for _, scope := range []string{group, t.World.AccountID()} {
		t.Rule("ARM-AUTHZ-037").Expect(get(ctx, t, scope+reader, suite.AssignmentVersion), "at "+scope).To(match.JSON("id", t.World.SubscriptionID()+reader))
	}
	a := get(ctx, t, reader, suite.AssignmentVersion)
	t.Rule("ARM-AUTHZ-037").Expect(a, "at the root").To(match.JSON("id", reader))
	t.Rule("ARM-AUTHZ-039").Expect(a).To(match.Keys("", inOrder("properties", "id", "type", "name")))
	t.Rule("ARM-AUTHZ-039").Expect(a).To(match.Keys("properties", inOrder("roleName", "type", "description", "assignableScopes", "permissions", "createdOn", "updatedOn", "createdBy", "updatedBy")))

	a = get(ctx, t, group+definitions+"/"+suite.GUID(), suite.AssignmentVersion)
	t.Rule("ARM-AUTHZ-038").Expect(a).To(match.Status(404))
	t.Rule("ARM-AUTHZ-038").Expect(a).To(match.Code("RoleDefinitionDoesNotExist"))

	list := func(filter string) *wire.Answer {
		return t.Send(ctx, t.ARM("GET", group+definitions+"?api-version="+suite.AssignmentVersion).Query("$filter", filter))
	}
	t.Rule("ARM-AUTHZ-040").Expect(members(list("roleName eq 'rEADER'"), "name")).To(gomega.Equal([]string{suite.RoleReader}))
	t.Rule("ARM-AUTHZ-052").Expect(list("color eq 'blue'")).To(match.Refused())

	t.Rule("ARM-AUTHZ-053").Expect(put(ctx, t, group+reader, suite.AssignmentVersion, roleBody(t, t.World.RunID+" "+suite.GUID())), "PUT").To(match.Refused())
	t.Rule("ARM-AUTHZ-053").Expect(remove(ctx, t, group+reader, suite.AssignmentVersion), "DELETE").To(match.Refused())
	t.Require(get(ctx, t, group+reader, suite.AssignmentVersion), match.JSON("properties.roleName", "Reader"), "what was not to be changed")
}

// roleBody is the body of a custom role with one action; it is assignable in the run's group
// where no scope is given.
func roleBody(t *suite.T, name string, scopes ...string) map[string]any {
	if scopes == nil {
		scopes = []string{t.World.GroupID()}
	}
	return map[string]any{"properties": map[string]any{
		"roleName": name, "permissions": []any{map[string]any{"actions": []string{"Microsoft.Storage/storageAccounts/read"}}}, "assignableScopes": scopes,
	}}
}

// putRole makes or changes a role at the group.
func putRole(ctx context.Context, t *suite.T, role string, body map[string]any) *wire.Answer {
	id := t.World.GroupID() + definitions + "/" + role
	t.Owns("roleDefinition", id, suite.AssignmentVersion)
	return put(ctx, t, id, suite.AssignmentVersion, body)
}

func customRole(ctx context.Context, t *suite.T) {
	who, role := t.Identity(ctx), suite.GUID()
	id := t.World.GroupID() + definitions + "/" + role
	name := t.World.RunID + " " + role
	first := putRole(ctx, t, role, roleBody(t, name))
	t.Rule("ARM-AUTHZ-042").Expect(first, "a new role").To(match.Status(201))
	for _, list := range []string{"notActions", "dataActions", "notDataActions"} {
		t.Rule("ARM-AUTHZ-043").Expect(first).To(match.JSON("properties.permissions.0."+list, []any{}))
	}
	t.Rule("ARM-AUTHZ-044").Expect(first, "PUT").To(match.JSON("properties.createdBy", gomega.BeNil()))
	t.Rule("ARM-AUTHZ-044").Expect(first, "PUT").To(match.JSON("properties.createdOn", match.Text(first, "properties.updatedOn")))
	me, _ := suite.ClaimsOf(t.Token(ctx, t.Deployer(), t.Cloud.ARMAudience))
	t.Rule("ARM-AUTHZ-044").Eventually(ctx, func(ctx context.Context) any { return get(ctx, t, id, suite.AssignmentVersion) }, match.JSON("properties.createdBy", me["oid"]))
	t.Rule("ARM-AUTHZ-042").Expect(putRole(ctx, t, role, roleBody(t, strings.ToUpper(name))), "an update").To(match.Status(201))

	assignment := suite.GUID()
	t.Owns("roleAssignment", t.World.AccountID()+assignments+"/"+assignment, suite.AssignmentVersion)
	made(ctx, t, func() *suite.Request { // a new role is not assignable everywhere at once
		return t.ARM("PUT", t.World.AccountID()+assignments+"/"+assignment+"?api-version="+suite.AssignmentVersion).JSON(servicePrincipal(t, role, who.PrincipalID))
	})
	a := remove(ctx, t, id, suite.AssignmentVersion)
	t.Rule("ARM-AUTHZ-047").Expect(a).To(match.Status(400))
	t.Rule("ARM-AUTHZ-047").Expect(a).To(match.Code("RoleDefinitionHasAssignments"))
	t.Require(remove(ctx, t, t.World.AccountID()+assignments+"/"+assignment, suite.AssignmentVersion), match.Status(200), "the assignment")
	t.Until(ctx, 200, func() *suite.Request { return t.ARM("DELETE", id+"?api-version="+suite.AssignmentVersion) })
}
