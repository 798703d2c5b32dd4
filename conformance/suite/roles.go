package suite

import (
	"context"
	"maps"

	"github.com/linarite/linarite/clientlib/wire"
)

// Role makes a custom role of one permission (actions, notActions, dataActions and
// notDataActions, those left out are empty), assignable in the run's group, and deletes it when
// the spec has ended. It returns the role's GUID, for Grant.
func (t *T) Role(ctx context.Context, permission map[string][]string) string {
	role := GUID()
	t.RoleAs(ctx, role, permission)
	return role
}

// RoleAs is Role with a GUID of the spec's own; it returns the answer.
func (t *T) RoleAs(ctx context.Context, role string, permission map[string][]string) *wire.Answer {
	whole := map[string][]string{"actions": {}, "notActions": {}, "dataActions": {}, "notDataActions": {}}
	maps.Copy(whole, permission)
	id := t.World.GroupID() + roleDefinitionsPrefix + role
	a := t.Put(ctx, "roleDefinition", id, AssignmentVersion, map[string]any{"properties": map[string]any{
		"roleName": t.World.RunID + " " + role, "type": "CustomRole", "description": "made by a run of the conformance suite",
		"permissions": []any{whole}, "assignableScopes": []string{t.World.GroupID()},
	}})
	t.Until(ctx, 200, func() *Request { return t.ARM("GET", id+"?api-version="+AssignmentVersion) })
	return a
}
