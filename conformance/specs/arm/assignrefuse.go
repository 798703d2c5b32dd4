package arm

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// hex32 is a GUID as messages of the provider write it.
func hex32(guid string) string { return strings.ReplaceAll(guid, "-", "") }

// assignmentRefusals are about assignments that cannot be made.
func assignmentRefusals() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-AUTHZ-013/update", Title: "refuses another role, principal or scope for an assignment that is there",
			Run: func(ctx context.Context, t *suite.T) {
				who, other := t.Identity(ctx), t.Identity(ctx)
				name := suite.GUID()
				t.Require(assign(ctx, t, who.ID, name, suite.RoleReader, who.PrincipalID), match.JSON("name", name), "an assignment")
				for what, body := range map[string]map[string]any{
					"another role": servicePrincipal(t, suite.RoleContributor, who.PrincipalID), "another principal": servicePrincipal(t, suite.RoleReader, other.PrincipalID),
				} {
					a := put(ctx, t, who.ID+assignments+"/"+name, suite.AssignmentVersion, body)
					t.Rule("ARM-AUTHZ-013").Expect(a, what).To(match.Status(400))
					t.Rule("ARM-AUTHZ-013").Expect(a, what).To(match.Code("RoleAssignmentUpdateNotPermitted"))
				}
				t.Owns("roleAssignment", other.ID+assignments+"/"+name, suite.AssignmentVersion)
				a := put(ctx, t, other.ID+assignments+"/"+name, suite.AssignmentVersion, servicePrincipal(t, suite.RoleReader, who.PrincipalID))
				t.Rule("ARM-AUTHZ-013").Expect(a, "another scope").To(match.Code("RoleAssignmentUpdateNotPermitted"))
			},
		},
		{
			ID: "ARM-AUTHZ-014/exists", Title: "refuses to assign the same role twice",
			Covers: []string{"ARM-AUTHZ-015"},
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Identity(ctx)
				name := suite.GUID()
				t.Require(assign(ctx, t, who.ID, name, suite.RoleReader, who.PrincipalID), match.JSON("name", name), "an assignment")
				a := assign(ctx, t, who.ID, suite.GUID(), suite.RoleReader, who.PrincipalID)
				t.Rule("ARM-AUTHZ-014").Expect(a).To(match.Status(409))
				t.Rule("ARM-AUTHZ-014").Expect(a).To(match.Code("RoleAssignmentExists"))
				t.Rule("ARM-AUTHZ-014").Expect(a).To(match.Message(gomega.ContainSubstring("role assignment already exists")))
				t.Rule("ARM-AUTHZ-015").Expect(a).To(match.Message(gomega.ContainSubstring(hex32(name))))
			},
		},
		{
			ID: "ARM-AUTHZ-016/unknown-principal", Title: "refuses a principal that the directory does not know, unless its type is given",
			Covers: []string{"ARM-AUTHZ-017"},
			Run: func(ctx context.Context, t *suite.T) {
				at, nobody := t.Identity(ctx).ID, suite.GUID()
				id := at + assignments + "/" + suite.GUID()
				t.Owns("roleAssignment", id, suite.AssignmentVersion)
				a := put(ctx, t, id, suite.AssignmentVersion, grantBody(t, suite.RoleReader, nobody))
				t.Rule("ARM-AUTHZ-016").Expect(a).To(match.Status(400))
				t.Rule("ARM-AUTHZ-016").Expect(a).To(match.Code("PrincipalNotFound"))
				t.Rule("ARM-AUTHZ-016").Expect(a).To(match.Message(gomega.ContainSubstring("Principal " + hex32(nobody) + " does not exist in the directory " + t.World.Tenant)))
				a = put(ctx, t, id, suite.AssignmentVersion, servicePrincipal(t, suite.RoleReader, nobody))
				t.Rule("ARM-AUTHZ-017").Expect(a).To(match.Status(201))
				t.Rule("ARM-AUTHZ-017").Expect(a).To(match.JSON("properties.principalId", nobody))
			},
		},
		{
			ID: "ARM-AUTHZ-029/body", Title: "refuses a body that is no assignment",
			Covers: []string{"ARM-AUTHZ-019", "ARM-AUTHZ-030", "ARM-AUTHZ-032", "ARM-AUTHZ-033", "ARM-AUTHZ-035"},
			Run:    assignmentBodies,
		},
		{
			ID: "ARM-AUTHZ-058/assignable-scopes", Title: "refuses to assign a custom role where it is not assignable",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				who, role, group := t.Identity(ctx), t.Role(ctx, map[string][]string{"actions": {"*/read"}}), newGroup(ctx, t)
				t.Rule("ARM-AUTHZ-058").Expect(assign(ctx, t, group, suite.GUID(), role, who.PrincipalID)).To(match.Code("RoleDefinitionDoesNotExist"))
				t.Require(assign(ctx, t, t.World.GroupID(), suite.GUID(), role, who.PrincipalID), match.JSON("name", some()), "where it is assignable")
			},
		},
	}
}

// assignmentBodies sends bodies that differ from a good one in one thing, and then that.
func assignmentBodies(ctx context.Context, t *suite.T) {
	who := t.Identity(ctx)
	id := who.ID + assignments + "/" + suite.GUID()
	t.Owns("roleAssignment", id, suite.AssignmentVersion)
	good := servicePrincipal(t, suite.RoleReader, who.PrincipalID)
	for _, row := range []struct {
		rule, what, id string
		body           map[string]any
		status         int
		code           string
	}{
		{"ARM-AUTHZ-029", "no properties", id, map[string]any{}, 400, "BadRequestFormat"},
		{"ARM-AUTHZ-029", "the role's GUID alone", id, servicePrincipal(t, suite.RoleReader, who.PrincipalID, "roleDefinitionId", suite.RoleReader), 400, "BadRequestFormat"},
		{"ARM-AUTHZ-019", "another type", id, grantBody(t, suite.RoleReader, who.PrincipalID, "principalType", "User"), 400, "UnmatchedPrincipalType"},
		{"ARM-AUTHZ-030", "a principal that is no GUID", id, servicePrincipal(t, suite.RoleReader, "me"), 400, "InvalidPrincipalId"},
		{"ARM-AUTHZ-032", "a role that is no GUID", id, servicePrincipal(t, "Reader", who.PrincipalID), 400, "InvalidRoleDefinitionId"},
		{"ARM-AUTHZ-033", "a name that is no GUID", who.ID + assignments + "/mine", good, 400, "InvalidRoleAssignmentId"},
		{"ARM-AUTHZ-035", "a scope that is not there", who.ID + "x" + assignments + "/" + suite.GUID(), good, 404, "ResourceNotFound"},
	} {
		a := put(ctx, t, row.id, suite.AssignmentVersion, row.body)
		t.Rule(row.rule).Expect(a, row.what).To(match.Status(row.status))
		t.Rule(row.rule).Expect(a, row.what).To(match.Code(row.code))
		if row.rule == "ARM-AUTHZ-019" {
			t.Rule(row.rule).Expect(a).To(match.Message("The PrincipalId '" + hex32(who.PrincipalID) + "' has type 'ServicePrincipal' , which is different from specified PrinciaplType 'User'."))
		}
	}
	t.Require(put(ctx, t, id, suite.AssignmentVersion, good), match.JSON("name", some()), "a good body")
}

// assignmentLists are about the lists of assignments and what else says who may do what.
func assignmentLists() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-AUTHZ-023/filters", Title: "lists the assignments at a scope, above and below it",
			Covers: []string{"ARM-AUTHZ-024", "ARM-AUTHZ-025", "ARM-AUTHZ-027", "ARM-AUTHZ-028"},
			Run:    assignmentFilters,
		},
		{
			ID: "ARM-AUTHZ-054/deny", Title: "lists deny assignments",
			Run: func(ctx context.Context, t *suite.T) {
				t.Rule("ARM-AUTHZ-054").Expect(get(ctx, t, t.World.GroupID()+authorization+"denyAssignments", suite.AssignmentVersion)).To(match.JSON("value", gomega.BeAssignableToTypeOf([]any{})))
			},
		},
		{
			ID: "ARM-AUTHZ-055/classic", Title: "answers the list of the classic administrators of a subscription",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				a := get(ctx, t, t.World.SubscriptionID()+authorization+"classicAdministrators", "2015-06-01")
				t.Rule("ARM-AUTHZ-055").Expect(a).To(match.Status(200))
				t.Rule("ARM-AUTHZ-055").Expect(a).To(match.JSON("value", gomega.BeAssignableToTypeOf([]any{})))
			},
		},
		{
			ID: "ARM-AUTHZ-056/permissions", Title: "lists the caller's own permissions, role by role",
			Run: func(ctx context.Context, t *suite.T) {
				who, vault := t.Stranger(ctx), t.World.VaultID(t.World.Vault)
				ask := func() *suite.Request { return as(t, who, "GET", vault+authorization+"permissions", "2018-07-01") }
				t.Grant(ctx, who, suite.RoleReader, t.World.GroupID())
				t.Until(ctx, 200, ask)
				t.Grant(ctx, who, t.Role(ctx, map[string][]string{"actions": {"Microsoft.Support/*"}}), vault)
				t.Rule("ARM-AUTHZ-056").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask()) }, match.JSON("value", gomega.ConsistOf(
					gomega.HaveKeyWithValue("actions", []any{"*/read"}), gomega.HaveKeyWithValue("actions", []any{"Microsoft.Support/*"}))))
			},
		},
	}
}

func assignmentFilters(ctx context.Context, t *suite.T) {
	who, other := t.Identity(ctx), t.Identity(ctx)
	above, here, below, others := suite.GUID(), suite.GUID(), suite.GUID(), suite.GUID()
	// At the group, at an identity and at another; the group is above the identities.
	t.Require(assign(ctx, t, t.World.GroupID(), above, suite.RoleReader, who.PrincipalID), match.JSON("name", above), "at the group")
	t.Require(assign(ctx, t, who.ID, here, suite.RoleContributor, who.PrincipalID), match.JSON("name", here), "at an identity")
	t.Require(assign(ctx, t, other.ID, below, suite.RoleContributor, who.PrincipalID), match.JSON("name", below), "at another identity")
	t.Require(assign(ctx, t, who.ID, others, suite.RoleReader, other.PrincipalID), match.JSON("name", others), "of another principal")

	filtered := func(scope, filter string) *suite.Request {
		r := t.ARM("GET", scope+assignments+"?api-version="+suite.AssignmentVersion)
		if filter != "" {
			r.Query("$filter", filter)
		}
		return r
	}
	list := func(scope, filter string) []string { return pages(ctx, t, filtered(scope, filter), "name") }
	group := t.World.GroupID()
	t.Rule("ARM-AUTHZ-023").Expect(list(group, ""), "at the group").To(gomega.ContainElements(above, here, below, others))
	t.Rule("ARM-AUTHZ-023").Expect(list(who.ID, ""), "at an identity").To(gomega.And(gomega.ContainElements(above, here, others), gomega.Not(gomega.ContainElement(below))))

	t.Rule("ARM-AUTHZ-024").Expect(list(group, "atScope()"), "at the group").To(gomega.And(gomega.ContainElement(above), gomega.Not(gomega.ContainElement(here))))
	t.Rule("ARM-AUTHZ-024").Expect(list(who.ID, "atScope()"), "at an identity").To(gomega.And(gomega.ContainElements(above, here, others), gomega.Not(gomega.ContainElement(below))))
	t.Rule("ARM-AUTHZ-024").Expect(pages(ctx, t, filtered(who.ID, "atScope()"), "id"), "ids of what is above").To(gomega.ContainElement(group + assignments + "/" + above))

	principal := "principalId eq '" + who.PrincipalID + "'"
	t.Rule("ARM-AUTHZ-025").Expect(list(group, principal), "at the group").To(gomega.ConsistOf(above, here, below))
	t.Rule("ARM-AUTHZ-025").Expect(list(who.ID, principal), "at an identity").To(gomega.ConsistOf(above, here))
	t.Rule("ARM-AUTHZ-027").Expect(t.Send(ctx, filtered(group, principal+" and atScope()"))).To(match.Status(400))
	for _, bad := range []string{"color eq 'blue'", "principalId eq ''"} {
		a := t.Send(ctx, filtered(group, bad))
		t.Rule("ARM-AUTHZ-028").Expect(a, bad).To(match.Status(400))
		t.Rule("ARM-AUTHZ-028").Expect(a, bad).To(match.Message(gomega.ContainSubstring(bad)))
	}
}
