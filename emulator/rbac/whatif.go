package rbac

import (
	"iter"
	"strings"

	"github.com/linarite/linarite/emulator/state"
)

// Grants tells whether a role by itself, assigned without a condition, grants an action or data
// action.
func Grants(role state.RoleDefinition, action string, data bool) bool {
	return judge(role.Permissions, action, data) == grants
}

// With returns the facts with one assignment more: what would be if it were made.
func With(f Facts, extra state.RoleAssignment) Facts { return moreFacts{f, extra} }

type moreFacts struct {
	Facts
	extra state.RoleAssignment
}

func (f moreFacts) RoleAssignmentsOf(principalID string) iter.Seq[state.RoleAssignment] {
	return func(yield func(state.RoleAssignment) bool) {
		for a := range f.Facts.RoleAssignmentsOf(principalID) {
			if !yield(a) {
				return
			}
		}
		if strings.EqualFold(f.extra.PrincipalID, principalID) {
			yield(f.extra)
		}
	}
}
