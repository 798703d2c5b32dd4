package explain

import (
	"cmp"

	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

// right is an action or data action.
type right struct {
	action string
	data   bool
}

// leastRole is the built-in role that grants a right and as little as possible beside it, by
// the measure of rbac.Breadth.
func leastRole(want right) (best state.RoleDefinition, found bool) {
	var least rbac.Breadth
	for _, role := range rbac.BuiltInRoles() {
		if !rbac.Grants(role, want.action, want.data) {
			continue
		}
		if b := rbac.BreadthOf(role); !found || cmp.Or(b.Compare(least), cmp.Compare(role.Name, best.Name)) < 0 {
			best, least, found = role, b, true
		}
	}
	return best, found
}
