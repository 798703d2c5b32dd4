package advise

import (
	"cmp"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

// held compares a plan with the assignments that there are: which of those advised the principal
// has, and which of its own the plan does without.
func (a *adviser) held(p *Principal) {
	facts := rbac.FactsOf(a.tx)
	for has := range facts.RoleAssignmentsOf(p.ObjectID) {
		i := slices.IndexFunc(p.Assignments, func(g Assignment) bool { return g.RoleID == has.RoleID && armid.Equal(g.Scope, has.Scope) })
		if i >= 0 && has.Condition == "" && !p.Assignments[i].There {
			p.Assignments[i].There = true
			continue
		}
		p.Surplus = append(p.Surplus, surplusOf(facts, has, "", p))
	}
	for _, group := range facts.GroupsOf(p.ObjectID) {
		for has := range facts.RoleAssignmentsOf(group) {
			p.Surplus = append(p.Surplus, surplusOf(facts, has, group, p))
		}
	}
	slices.SortFunc(p.Surplus, func(a, b Held) int {
		return cmp.Or(compareScopes(a.Scope, b.Scope), strings.Compare(a.Role, b.Role), strings.Compare(a.ID, b.ID))
	})
}

func surplusOf(facts rbac.Facts, has state.RoleAssignment, group string, p *Principal) Held {
	definition, _ := facts.RoleDefinition(has.RoleID)
	return Held{
		ID: has.ID, Role: definition.Name, RoleID: has.RoleID, Scope: has.Scope, Group: group,
		Wider: slices.ContainsFunc(p.Needs, func(n Need) bool {
			return !n.Policy && armid.Contains(has.Scope, n.Scope) && rbac.Grants(definition, n.Action, n.Data)
		}),
	}
}
