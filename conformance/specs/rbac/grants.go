package rbac

import (
	"context"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// grantSpecs are about what assignments give together, and when.
func grantSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "RBAC-EVAL-001/nothing-assigned", Title: "refuses a caller without any assignment",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				ask := func() *suite.Request { return as(t, who, "GET", t.World.GroupID()+vaults, suite.VaultVersion) }
				t.Rule("RBAC-EVAL-001").Expect(t.Send(ctx, ask())).To(match.Status(403))
				t.Grant(ctx, who, suite.RoleReader, t.World.GroupID())
				t.Until(ctx, 200, ask)
			},
		},
		{
			ID: "RBAC-EVAL-002/actions", Title: "allows what a pattern in actions matches, soon after the assignment",
			Covers: []string{"RBAC-EVAL-023"},
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				ask := func() *suite.Request {
					return as(t, who, "GET", t.World.GroupID()+machines, suite.MachineVersion)
				}
				opens(ctx, t, "RBAC-EVAL-002", ask, func() { t.Grant(ctx, who, suite.RoleReader, t.World.GroupID()) }, 200)
				// Eventually gives up when the time of the rule is over.
				t.Rule("RBAC-EVAL-023").Expect(t.Send(ctx, ask())).To(match.Status(200))
			},
		},
		{
			ID: "RBAC-EVAL-003/not-actions", Title: "takes notActions away from one role's actions, and not from another's",
			Covers: []string{"RBAC-EVAL-004"},
			Run:    notActions,
		},
		{
			ID: "RBAC-EVAL-005/united", Title: "unites the rights of all assignments",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				keys := func() *suite.Request {
					return as(t, who, "POST", t.World.AccountID()+"/listKeys", suite.StorageVersion).Text("")
				}
				t.Grant(ctx, who, suite.RoleStorageContrib, t.World.AccountID())
				t.Until(ctx, 200, keys)
				ask := func() *suite.Request {
					return as(t, who, "GET", t.World.GroupID()+machineSets, suite.MachineVersion)
				}
				opens(ctx, t, "RBAC-EVAL-005", ask, func() { t.Grant(ctx, who, suite.RoleReader, t.World.GroupID()) }, 200)
				t.Require(t.Send(ctx, keys()), match.Status(200), "what the first assignment gives")
			},
		},
		{
			ID: "RBAC-EVAL-022/deleted", Title: "refuses again when the assignment is deleted",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				ask := func() *suite.Request {
					return as(t, who, "GET", t.World.VaultID(t.World.Vault), suite.VaultVersion)
				}
				assignment := t.Grant(ctx, who, suite.RoleReader, t.World.VaultID(t.World.Vault))
				t.Until(ctx, 200, ask)
				t.Require(t.Send(ctx, t.ARM("DELETE", assignment+"?api-version="+suite.AssignmentVersion)), match.Status(200), "deleting the assignment")
				t.Rule("RBAC-EVAL-022").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask()) }, match.Status(403))
			},
		},
	}
}

// notActions: Contributor excludes what changes roles and assignments, User Access Administrator
// has it. What is deleted is not there, so nothing is.
func notActions(ctx context.Context, t *suite.T) {
	who, none := t.Stranger(ctx), suite.GUID()
	ask := func() *suite.Request {
		return as(t, who, "DELETE", t.World.GroupID()+authorization+"roleDefinitions/"+none, suite.AssignmentVersion)
	}
	t.Grant(ctx, who, suite.RoleContributor, t.World.GroupID())
	t.Until(ctx, 200, func() *suite.Request {
		return as(t, who, "GET", t.World.GroupID()+identities, suite.IdentityVersion)
	})
	t.Rule("RBAC-EVAL-003").Expect(t.Send(ctx, ask())).To(match.Status(403))
	t.Grant(ctx, who, suite.RoleUserAccessAdmin, t.World.GroupID())
	t.Rule("RBAC-EVAL-004").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask()) }, match.Status(204))
}
