package arm

import (
	"context"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// The paths of Microsoft.Authorization, below a scope.
const (
	authorization = "/providers/Microsoft.Authorization/"
	assignments   = authorization + "roleAssignments"
	definitions   = authorization + "roleDefinitions"
)

// roleID is the id of a role as requests name it.
func roleID(t *suite.T, role string) string {
	return t.World.SubscriptionID() + definitions + "/" + role
}

// grantBody is the body of an assignment; further properties come in pairs.
func grantBody(t *suite.T, role, principal string, more ...string) map[string]any {
	properties := map[string]any{"roleDefinitionId": roleID(t, role), "principalId": principal}
	for i := 0; i+1 < len(more); i += 2 {
		properties[more[i]] = more[i+1]
	}
	return map[string]any{"properties": properties}
}

// servicePrincipal says what an identity is, for the sake of a directory that does not know it yet.
func servicePrincipal(t *suite.T, role, principal string, more ...string) map[string]any {
	return grantBody(t, role, principal, append(more, "principalType", "ServicePrincipal")...)
}

// assign makes an assignment at an identity, which is no other spec's.
func assign(ctx context.Context, t *suite.T, at, name, role, principal string, more ...string) *wire.Answer {
	t.Owns("roleAssignment", at+assignments+"/"+name, suite.AssignmentVersion)
	return put(ctx, t, at+assignments+"/"+name, suite.AssignmentVersion, servicePrincipal(t, role, principal, more...))
}

// instant reads a member that is an instant.
func instant(t *suite.T, a *wire.Answer, path string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, match.Text(a, path))
	if err != nil {
		t.Broken("%s: %v, in %.300s", path, err, a.Body)
	}
	return at
}

// assignmentSpecs are about one assignment: made, read, changed and deleted.
func assignmentSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-AUTHZ-003/life", Title: "makes an assignment, changes and deletes it",
			Covers: []string{"ARM-AUTHZ-009", "ARM-AUTHZ-010", "ARM-AUTHZ-012", "ARM-AUTHZ-021", "ARM-AUTHZ-022"},
			Run:    assignmentLife,
		},
		{
			ID: "ARM-AUTHZ-001/scopes", Title: "makes, reads, lists and deletes assignments at every scope",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Identity(ctx)
				for _, scope := range []string{t.World.GroupID(), t.World.AccountID(), who.ID} {
					name := suite.GUID()
					at := scope + assignments + "/" + name
					made := assign(ctx, t, scope, name, suite.RoleReader, who.PrincipalID)
					t.Rule("ARM-AUTHZ-001").Expect(made, "PUT at "+scope).To(match.JSON("id", gomega.HaveSuffix(assignments+"/"+name)))
					t.Rule("ARM-AUTHZ-001").Expect(get(ctx, t, at, suite.AssignmentVersion), "GET at "+scope).To(match.JSON("name", name))
					t.Rule("ARM-AUTHZ-001").Expect(members(get(ctx, t, scope+assignments, suite.AssignmentVersion), "name"), "the list at "+scope).To(gomega.ContainElement(name))
					t.Rule("ARM-AUTHZ-001").Expect(remove(ctx, t, at, suite.AssignmentVersion), "DELETE at "+scope).To(match.Status(200))
				}
			},
		},
		{
			ID: "ARM-AUTHZ-007/properties", Title: "answers an assignment's properties",
			Covers: []string{"ARM-AUTHZ-004", "ARM-AUTHZ-005", "ARM-AUTHZ-006", "ARM-AUTHZ-008", "ARM-AUTHZ-011", "ARM-AUTHZ-018"},
			Run:    assignmentProperties,
		},
	}
}

// assignmentRights are about who may assign roles.
func assignmentRights() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-AUTHZ-002/root", Title: "has the tenant's root as a scope without a name",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				t.Require(t.Send(ctx, as(t, who, "GET", definitions+"/"+suite.RoleReader, suite.AssignmentVersion)), match.Status(200), "a role at the root")
				t.Rule("ARM-AUTHZ-002").Expect(t.Send(ctx, as(t, who, "GET", assignments, suite.AssignmentVersion)), "whoever has no rights at the root").To(match.Status(403))
			},
		},
		{
			ID: "ARM-AUTHZ-057/contributor", Title: "lets a Contributor assign no roles",
			Run: func(ctx context.Context, t *suite.T) {
				who, other := t.Stranger(ctx), t.Identity(ctx)
				id := other.ID + assignments + "/" + suite.GUID()
				t.Grant(ctx, who, suite.RoleContributor, other.ID)
				t.Until(ctx, 200, func() *suite.Request {
					return as(t, who, "PATCH", other.ID, suite.IdentityVersion).JSON(map[string]any{"tags": t.World.Tags()})
				})
				ask := func() *suite.Request {
					return as(t, who, "PUT", id, suite.AssignmentVersion).JSON(servicePrincipal(t, suite.RoleReader, other.PrincipalID))
				}
				t.Rule("ARM-AUTHZ-057").Expect(t.Send(ctx, ask())).To(match.Status(403))
				t.Grant(ctx, who, suite.RoleUserAccessAdmin, other.ID)
				t.Owns("roleAssignment", id, suite.AssignmentVersion)
				made(ctx, t, ask)
			},
		},
		{
			ID: "ARM-AUTHZ-036/refusals", Title: "names in a refusal the action and the thing that was asked for",
			Run: func(ctx context.Context, t *suite.T) {
				who, other := t.Stranger(ctx), t.Identity(ctx)
				at := t.World.AccountID() + assignments
				id := at + "/" + suite.GUID()
				write := t.Send(ctx, as(t, who, "PUT", id, suite.AssignmentVersion).JSON(servicePrincipal(t, suite.RoleReader, other.PrincipalID)))
				t.Rule("ARM-AUTHZ-036").Expect(write, "a write").To(match.Message(gomega.ContainSubstring("action 'Microsoft.Authorization/roleAssignments/write' over scope '" + id + "'")))
				list := func() *suite.Request { return as(t, who, "GET", at, suite.AssignmentVersion) }
				t.Rule("ARM-AUTHZ-036").Expect(t.Send(ctx, list()), "a list").To(match.Message(gomega.ContainSubstring("over scope '" + t.World.AccountID() + "/providers/Microsoft.Authorization'")))
				t.Grant(ctx, who, suite.RoleReader, t.World.AccountID())
				t.Until(ctx, 200, list)
			},
		},
	}
}

func assignmentLife(ctx context.Context, t *suite.T) {
	who := t.Identity(ctx)
	name := suite.GUID()
	id := who.ID + assignments + "/" + name
	me, _ := suite.ClaimsOf(t.Token(ctx, t.Deployer(), t.Cloud.ARMAudience))
	const created, updated, by = "properties.createdOn", "properties.updatedOn", "properties.createdBy"

	t.Rule("ARM-AUTHZ-021").Expect(get(ctx, t, id, suite.AssignmentVersion)).To(match.Status(404))
	t.Rule("ARM-AUTHZ-021").Expect(get(ctx, t, id, suite.AssignmentVersion)).To(match.Code("RoleAssignmentNotFound"))
	t.Rule("ARM-AUTHZ-022").Expect(remove(ctx, t, id, suite.AssignmentVersion)).To(match.Status(204))

	made := assign(ctx, t, who.ID, name, suite.RoleReader, who.PrincipalID)
	t.Rule("ARM-AUTHZ-003").Expect(made, "the first").To(match.Status(201))
	first := get(ctx, t, id, suite.AssignmentVersion)
	t.Rule("ARM-AUTHZ-009").Expect(made, "PUT").To(match.JSON(by, gomega.BeNil()))
	t.Rule("ARM-AUTHZ-009").Expect(instant(t, made, created).Before(instant(t, made, updated)), "created before updated in the answer to PUT").To(gomega.BeTrue())
	t.Rule("ARM-AUTHZ-009").Expect(first, "GET").To(match.JSON(by, me["oid"]))
	t.Rule("ARM-AUTHZ-009").Expect(instant(t, first, created).Equal(instant(t, made, updated)), "GET has the instant of the first PUT").To(gomega.BeTrue())

	t.Rule("ARM-AUTHZ-003").Expect(assign(ctx, t, who.ID, name, suite.RoleReader, who.PrincipalID), "again").To(match.Status(201))
	t.Rule("ARM-AUTHZ-003").Expect(assign(ctx, t, who.ID, name, suite.RoleReader, who.PrincipalID, "description", "why"), "an update").To(match.Status(201))
	second := get(ctx, t, id, suite.AssignmentVersion)
	t.Require(second, match.JSON("properties.description", "why"), "the update")
	t.Rule("ARM-AUTHZ-010").Expect(instant(t, second, updated).After(instant(t, first, updated)), "updatedOn is later").To(gomega.BeTrue())
	t.Rule("ARM-AUTHZ-010").Expect(second).To(match.JSON(created, match.Text(first, created)))
	t.Rule("ARM-AUTHZ-010").Expect(second).To(match.JSON(by, match.Value(first, by)))

	gone := remove(ctx, t, id, suite.AssignmentVersion)
	t.Rule("ARM-AUTHZ-012").Expect(gone).To(match.Status(200))
	t.Rule("ARM-AUTHZ-012").Expect(gone).To(match.JSON("name", name))
	if gone.Status == 200 {
		t.Rule("ARM-AUTHZ-012").Expect(instant(t, gone, updated).After(instant(t, second, updated)), "updatedOn is that of the deletion").To(gomega.BeTrue())
	}
	t.Rule("ARM-AUTHZ-022").Expect(remove(ctx, t, id, suite.AssignmentVersion)).To(match.Status(204))
}

// assignmentProperties makes one with a scope in capitals and blanks, and a role without its
// subscription.
func assignmentProperties(ctx context.Context, t *suite.T) {
	who := t.Identity(ctx)
	name := suite.GUID()
	scope := t.World.SubscriptionID() + "/resourceGroups/" + strings.ToUpper(t.World.Group) + who.ID[len(t.World.GroupID()):]
	id := scope + assignments + "/" + name
	t.Owns("roleAssignment", id, suite.AssignmentVersion)
	body := grantBody(t, suite.RoleReader, who.PrincipalID, "roleDefinitionId", definitions+"/"+suite.RoleReader)
	// A directory may not know the identity for a minute yet.
	first := made(ctx, t, func() *suite.Request {
		return t.ARM("PUT", scope+assignments+"/"+strings.ToUpper(name)+"?api-version="+suite.AssignmentVersion).JSON(body)
	})
	t.Rule("ARM-AUTHZ-004").Expect(first).To(match.JSON("properties.scope", scope))
	t.Rule("ARM-AUTHZ-005").Expect(first).To(match.JSON("name", name))
	t.Rule("ARM-AUTHZ-011").Expect(first).To(match.JSON("properties.roleDefinitionId", roleID(t, suite.RoleReader)))
	t.Rule("ARM-AUTHZ-018").Expect(first).To(match.JSON("properties.principalType", "ServicePrincipal"))

	now := get(ctx, t, id, suite.AssignmentVersion)
	recent := []string{"condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description"}
	t.Rule("ARM-AUTHZ-007").Expect(now).To(match.Keys("properties", inOrder("roleDefinitionId", "principalId", "principalType", "scope", "condition", "conditionVersion",
		"createdOn", "updatedOn", "createdBy", "updatedBy", "delegatedManagedIdentityResourceId", "description")))
	for _, absent := range recent {
		t.Rule("ARM-AUTHZ-007").Expect(now).To(match.JSON("properties."+absent, gomega.BeNil()))
	}
	for _, version := range []string{"2018-01-01-preview", "2015-07-01"} {
		old := get(ctx, t, id, version)
		t.Require(old, match.JSON("properties.principalId", who.PrincipalID), "an old version")
		for _, member := range recent {
			t.Rule("ARM-AUTHZ-008").Expect(old, version).To(match.JSON("properties."+member, match.Absent()))
		}
		t.Rule("ARM-AUTHZ-008").Expect(match.Text(old, "properties.principalType") != "", "principalType in "+version).To(gomega.Equal(version >= "2018"))
	}

	blank := suite.GUID()
	t.Owns("roleAssignment", who.ID+assignments+"/"+blank, suite.AssignmentVersion)
	a := put(ctx, t, who.ID+"%20%20"+assignments+"/"+blank, suite.AssignmentVersion, servicePrincipal(t, suite.RoleContributor, who.PrincipalID))
	t.Rule("ARM-AUTHZ-006").Expect(a).To(match.JSON("properties.scope", who.ID))
}
