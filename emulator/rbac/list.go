package rbac

import (
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
)

// Permissions lists what a principal may do at a scope, as
// {scope}/providers/Microsoft.Authorization/permissions does: the entries of each role
// that it holds in effect at or above the scope, each role once. An assignment's condition
// is carried over to entries that have none of their own.
func Permissions(f Facts, principalID, scope string, now time.Time) []state.Permission {
	type grant struct{ roleID, condition string }
	seen := map[grant]bool{}
	var list []state.Permission
	for a := range held(f, principalID) {
		key := grant{a.RoleID, a.Condition}
		if a.EffectiveFrom.After(now) || seen[key] || !armid.Contains(a.Scope, scope) {
			continue
		}
		seen[key] = true
		role, _ := f.RoleDefinition(a.RoleID)
		for _, entry := range role.Permissions {
			if entry.Condition == "" {
				entry.Condition, entry.ConditionVersion = a.Condition, a.ConditionVersion
			}
			list = append(list, entry)
		}
	}
	return list
}

// Any tells whether a principal holds any role in effect at, above or below a scope: what
// makes a subscription or group show up in the lists it is given.
func Any(f Facts, principalID, scope string, now time.Time) bool {
	for a := range held(f, principalID) {
		if a.EffectiveFrom.After(now) {
			continue
		}
		if armid.Contains(a.Scope, scope) || armid.Contains(scope, a.Scope) {
			return true
		}
	}
	return false
}
