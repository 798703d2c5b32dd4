package arm

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// assignmentFilter reads the $filter of a list of role assignments at a scope:
//
//	(none)                             at the scope, above and below it
//	atScope()                          at the scope and above it
//	principalId eq '{id}'              as none, of exactly that principal; stands alone
//	assignedTo('{id}')                 as before, and of the groups that contain it
//	atScope() and assignedTo('{id}')   both
func assignmentFilter(tx *state.Tx, filter, scope string) (func(state.RoleAssignment) bool, error) {
	terms, err := wire.ParseFilter(filter)
	if err != nil {
		return nil, wire.Refuse(apierr.AuthzAssignmentFilter, filter)
	}
	below := true
	var holders []string // none means all
	for _, t := range terms {
		switch {
		case t.Is("atScope", true, 0):
			below = false
		case t.Is("assignedTo", true, 1) && holders == nil && t.Args[0] != "":
			id := strings.ToLower(t.Args[0])
			holders = append(tx.GroupsOf(id), id)
		case t.Is("principalId", false, 1) && len(terms) == 1 && !t.Bare && t.Args[0] != "":
			holders = []string{strings.ToLower(t.Args[0])}
		default:
			return nil, wire.Refuse(apierr.AuthzAssignmentFilter, filter)
		}
	}
	return func(a state.RoleAssignment) bool {
		placed := armid.Contains(a.Scope, scope) || below && armid.Contains(scope, a.Scope)
		return placed && (holders == nil || slices.Contains(holders, a.PrincipalID))
	}, nil
}

// definitionFilter reads the $filter of a list of role definitions at a scope: roleName
// eq '{name}', type eq 'CustomRole' or 'BuiltInRole', and atScopeAndBelow(), joined by
// and. Names and types compare without regard to case. Without atScopeAndBelow() the
// list has what may be assigned at the scope.
func definitionFilter(filter, scope string) (func(state.RoleDefinition) bool, error) {
	terms, err := wire.ParseFilter(filter)
	if err != nil {
		return nil, wire.Refuse(apierr.AuthzRoleFilter, filter)
	}
	below := false
	conditions := []func(state.RoleDefinition) bool{}
	for _, t := range terms {
		switch {
		case t.Is("atScopeAndBelow", true, 0):
			below = true
		case t.Is("roleName", false, 1):
			conditions = append(conditions, func(r state.RoleDefinition) bool { return strings.EqualFold(r.Name, t.Args[0]) })
		case t.Is("type", false, 1):
			conditions = append(conditions, func(r state.RoleDefinition) bool { return strings.EqualFold(roleType(r), t.Args[0]) })
		default:
			return nil, wire.Refuse(apierr.AuthzRoleFilter, filter)
		}
	}
	return func(r state.RoleDefinition) bool {
		for _, holds := range conditions {
			if !holds(r) {
				return false
			}
		}
		return assignable(r, scope) || below && slices.ContainsFunc(r.AssignableScopes, func(s string) bool { return armid.Contains(scope, s) })
	}, nil
}

// assignable tells whether a role may be assigned at a scope.
func assignable(r state.RoleDefinition, scope string) bool {
	return slices.ContainsFunc(r.AssignableScopes, func(s string) bool { return armid.Contains(s, scope) })
}
