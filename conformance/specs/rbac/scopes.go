package rbac

import (
	"context"
	"strings"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// permissionsVersion is a version of the list of the caller's rights.
const permissionsVersion = "2018-07-01"

// downSpecs are about assignments that hold below their scope.
func downSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "RBAC-SCOPE-001/subscription-to-group", Title: "lets a role at the subscription count in its groups",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				ask := func() *suite.Request { return as(t, who, "HEAD", t.World.GroupID(), suite.GroupVersion) }
				opens(ctx, t, "RBAC-SCOPE-001", ask, func() { t.Grant(ctx, who, suite.RoleReader, t.World.SubscriptionID()) }, 204)
			},
		},
		{
			ID: "RBAC-SCOPE-002/subscription-to-resource", Title: "lets a role at the subscription count for resources in its groups",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				ask := func() *suite.Request {
					return as(t, who, "GET", t.World.AccountID()+authorization+"permissions", permissionsVersion)
				}
				opens(ctx, t, "RBAC-SCOPE-002", ask, func() { t.Grant(ctx, who, suite.RoleReader, t.World.SubscriptionID()) }, 200)
			},
		},
		{
			ID: "RBAC-SCOPE-003/group-to-resource", Title: "lets a role at the group count for resources in it",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				ask := func() *suite.Request {
					return as(t, who, "GET", t.World.AccountID()+authorization+"denyAssignments", suite.AssignmentVersion)
				}
				opens(ctx, t, "RBAC-SCOPE-003", ask, func() { t.Grant(ctx, who, suite.RoleReader, t.World.GroupID()) }, 200)
			},
		},
		{
			ID: "RBAC-SCOPE-004/account-to-container", Title: "lets a role at the account count for its containers",
			Needs: []string{"blob.auth.bearer", "blob.container"},
			Run: func(ctx context.Context, t *suite.T) {
				who, container := t.Stranger(ctx), t.Container(ctx)
				ask := func() *suite.Request { return t.As(who, t.Blob("GET", container+"?restype=container")) }
				opens(ctx, t, "RBAC-SCOPE-004", ask, func() { t.Grant(ctx, who, suite.RoleBlobDataReader, t.World.AccountID()) }, 200)
			},
		},
		{
			ID: "RBAC-SCOPE-009/letter-case", Title: "compares scopes without regard to letter case",
			Run: func(ctx context.Context, t *suite.T) {
				who, other := t.Stranger(ctx), t.Identity(ctx)
				ask := func() *suite.Request {
					return as(t, who, "GET", other.ID+authorization+"permissions", permissionsVersion)
				}
				shouted := t.World.SubscriptionID() + "/RESOURCEGROUPS/" + strings.ToUpper(t.World.Group)
				opens(ctx, t, "RBAC-SCOPE-009", ask, func() { t.Grant(ctx, who, suite.RoleReader, shouted) }, 200)
			},
		},
	}
}

// asideSpecs are about assignments that do not hold above and beside their scope.
func asideSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "RBAC-SCOPE-005/group-to-subscription", Title: "does not let a role at the group count at the subscription",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				t.Grant(ctx, who, suite.RoleReader, t.World.GroupID())
				at := func(scope string) func() *suite.Request {
					return func() *suite.Request {
						return as(t, who, "GET", scope+authorization+"roleAssignments", suite.AssignmentVersion)
					}
				}
				t.Until(ctx, 200, at(t.World.GroupID()))
				t.Rule("RBAC-SCOPE-005").Expect(t.Send(ctx, at(t.World.SubscriptionID())())).To(match.Status(403))
			},
		},
		{
			ID: "RBAC-SCOPE-006/other-group", Title: "does not let a role at the group count in another group",
			Run: func(ctx context.Context, t *suite.T) {
				elsewhere(ctx, t, "RBAC-SCOPE-006", t.World.SubscriptionID()+"/resourceGroups/"+t.Unique("other"), authorization+"denyAssignments", suite.AssignmentVersion)
			},
		},
		{
			ID: "RBAC-SCOPE-008/whole-segments", Title: "does not let a role at a group count in one whose name only begins so",
			Run: func(ctx context.Context, t *suite.T) {
				elsewhere(ctx, t, "RBAC-SCOPE-008", t.World.GroupID()+"0", authorization+"roleDefinitions", suite.AssignmentVersion)
			},
		},
		{
			ID: "RBAC-SCOPE-007/neighbour", Title: "does not let a role at a resource count for its neighbour",
			Run: func(ctx context.Context, t *suite.T) {
				who, one, other := t.Stranger(ctx), t.Identity(ctx), t.Identity(ctx)
				t.Grant(ctx, who, suite.RoleReader, one.ID)
				of := func(id string) func() *suite.Request {
					return func() *suite.Request { return as(t, who, "GET", id, suite.IdentityVersion) }
				}
				shut(ctx, t, "RBAC-SCOPE-007", of(one.ID), of(other.ID), func() { t.Grant(ctx, who, suite.RoleReader, other.ID) }, 200)
			},
		},
	}
}

// elsewhere asks for something below the group as its Reader, and for the same below another
// group. That there is no such group makes no difference to whoever has no rights there.
func elsewhere(ctx context.Context, t *suite.T, rule, other, path, apiVersion string) {
	who := t.Stranger(ctx)
	t.Grant(ctx, who, suite.RoleReader, t.World.GroupID())
	t.Until(ctx, 200, func() *suite.Request { return as(t, who, "GET", t.World.GroupID()+path, apiVersion) })
	t.Rule(rule).Expect(t.Send(ctx, as(t, who, "GET", other+path, apiVersion))).To(match.Status(403))
}
