package rbac

import (
	"iter"
	"strings"
	"sync"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/fixtures/roles"
)

// Facts is what a decision rests on. What it returns is only read.
type Facts interface {
	// RoleAssignmentsOf yields the assignments whose PrincipalID is principalID.
	RoleAssignmentsOf(principalID string) iter.Seq[state.RoleAssignment]
	// RoleDefinition finds a built-in or custom role by its GUID.
	RoleDefinition(id string) (state.RoleDefinition, bool)
	// GroupsOf lists the directory groups that contain the object, transitively.
	GroupsOf(objectID string) []string
}

// FactsOf reads facts from a version of the world: its assignments, groups and custom
// roles, and the built-in roles.
func FactsOf(tx *state.Tx) Facts { return txFacts{tx} }

type txFacts struct{ *state.Tx }

func (f txFacts) RoleDefinition(id string) (state.RoleDefinition, bool) {
	id = strings.ToLower(id)
	if role, ok := builtin()[id]; ok {
		return role, true
	}
	return f.Roles.Get(id)
}

// BuiltInRoles returns the built-in roles in their fixed order. The caller owns them.
func BuiltInRoles() []state.RoleDefinition {
	all := roles.All()
	definitions := make([]state.RoleDefinition, len(all))
	for i, role := range all {
		definitions[i] = definition(role)
	}
	return definitions
}

// builtin is the built-in roles by id, for decisions, which only read them.
var builtin = sync.OnceValue(func() map[string]state.RoleDefinition {
	byID := map[string]state.RoleDefinition{}
	for _, role := range BuiltInRoles() {
		byID[role.ID] = role
	}
	return byID
})

func definition(role roles.Role) state.RoleDefinition {
	d := state.RoleDefinition{
		ID:               role.ID,
		Name:             role.Name,
		Description:      role.Description,
		BuiltIn:          true,
		AssignableScopes: []string{"/"},
		CreatedOn:        role.CreatedOn,
		UpdatedOn:        role.UpdatedOn,
	}
	for _, p := range role.Permissions {
		d.Permissions = append(d.Permissions, state.Permission(p))
	}
	return d
}
