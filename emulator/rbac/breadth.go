package rbac

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/linarite/linarite/emulator/state"
)

// Breadth is how much a role grants, in rights that the built-in roles speak of. Fewer rights to
// secrets weigh most, that is to the values of a vault and to the use of its private keys; then
// fewer rights to change things, then fewer to read.
type Breadth struct{ Secrets, Changes, Reads int }

// Compare orders breadths, the narrower first.
func (b Breadth) Compare(other Breadth) int {
	return cmp.Or(cmp.Compare(b.Secrets, other.Secrets), cmp.Compare(b.Changes, other.Changes), cmp.Compare(b.Reads, other.Reads))
}

// Plus is the breadth of two roles together, what both grant counted twice.
func (b Breadth) Plus(other Breadth) Breadth {
	return Breadth{b.Secrets + other.Secrets, b.Changes + other.Changes, b.Reads + other.Reads}
}

// BreadthOf measures a role.
func BreadthOf(role state.RoleDefinition) (b Breadth) {
	for _, r := range known() {
		switch {
		case !Grants(role, r.action, r.data):
		case r.data && opens(r.action):
			b.Secrets++
		case strings.HasSuffix(strings.ToLower(r.action), "/read"):
			b.Reads++
		default:
			b.Changes++
		}
	}
	return b
}

// opens tells whether a data action hands out what a vault keeps, or acts in its place.
func opens(action string) bool {
	if !strings.HasPrefix(action, "Microsoft.KeyVault/") {
		return false
	}
	for _, verb := range []string{"getSecret", "backup", "decrypt", "unwrap", "sign", "release"} {
		if strings.HasSuffix(action, "/"+verb+"/action") {
			return true
		}
	}
	return false
}

// right is an action or data action.
type right struct {
	action string
	data   bool
}

// known lists the rights that built-in roles speak of, with one that stands for each pattern: the
// measure of how much a role grants.
var known = sync.OnceValue(func() []right {
	var all []right
	for _, role := range BuiltInRoles() {
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
