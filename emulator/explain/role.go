package explain

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

// right is an action or data action.
type right struct {
	action string
	data   bool
}

// reads tells whether a right changes nothing and shows no secret.
func (r right) reads() bool { return strings.HasSuffix(strings.ToLower(r.action), "/read") }

// known lists the rights that built-in roles speak of, with one that stands for each pattern: the
// measure of how much a role grants.
var known = sync.OnceValue(func() []right {
	var all []right
	for _, role := range rbac.BuiltInRoles() {
		for _, p := range role.Permissions {
			for _, action := range p.Actions {
				all = append(all, right{strings.ReplaceAll(action, "*", "any"), false})
			}
			for _, action := range p.DataActions {
				all = append(all, right{strings.ReplaceAll(action, "*", "any"), true})
			}
		}
	}
	order := func(a, b right) int {
		return cmp.Or(cmp.Compare(a.action, b.action), cmp.Compare(map[bool]int{true: 1}[a.data], map[bool]int{true: 1}[b.data]))
	}
	slices.SortFunc(all, order)
	return slices.Compact(all)
})

// leastRole is the built-in role that grants a right and as little as possible beside it: first as
// few rights as possible to change things, then as few as possible to read.
func leastRole(want right) (best state.RoleDefinition, found bool) {
	type extra struct{ changes, reads int }
	var least extra
	for _, role := range rbac.BuiltInRoles() {
		if !rbac.Grants(role, want.action, want.data) {
			continue
		}
		var more extra
		for _, r := range known() {
			switch {
			case r.data == want.data && strings.EqualFold(r.action, want.action) || !rbac.Grants(role, r.action, r.data):
			case r.reads():
				more.reads++
			default:
				more.changes++
			}
		}
		if !found || cmp.Or(cmp.Compare(more.changes, least.changes), cmp.Compare(more.reads, least.reads), cmp.Compare(role.Name, best.Name)) < 0 {
			best, least, found = role, more, true
		}
	}
	return best, found
}
