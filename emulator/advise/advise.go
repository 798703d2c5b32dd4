package advise

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

// Of advises on what the entries of a journal say was done, in a world as the store has it now; now is
// the world's time. The store is only read: the proof is held on forks of it. Errors wrap
// ErrOptions or ErrProof.
func Of(entries []journal.Entry, world *state.Store, now time.Time, o Options) (Plan, error) {
	if o.Merge < 0 || o.Merge == 1 {
		return Plan{}, fmt.Errorf("%w: merge from %d scopes on: give 2 or more, or 0 for never", ErrOptions, o.Merge)
	}
	fork := world.Fork() // all that follows sees one version
	plan := Plan{At: now.UTC(), Principals: []Principal{}}
	fork.View(func(tx *state.Tx) {
		a := &adviser{tx: tx, options: o, roles: measured(), spellings: map[string]string{}}
		plan.Principals, plan.Notes = a.advise(entries)
	})
	var err error
	plan.Proof, err = prove(fork, &plan)
	return plan, err
}

// adviser is what the steps of one piece of advice share.
type adviser struct {
	tx      *state.Tx
	options Options
	roles   []role
	notes   []string
	// spellings are the ids met, by their lower case.
	spellings map[string]string
}

// role is a built-in role and how much it grants.
type role struct {
	state.RoleDefinition
	breadth rbac.Breadth
}

// measured lists the built-in roles by name.
func measured() (all []role) {
	for _, r := range rbac.BuiltInRoles() {
		all = append(all, role{r, rbac.BreadthOf(r)})
	}
	slices.SortFunc(all, func(a, b role) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (r role) grants(n Need) bool { return rbac.Grants(r.RoleDefinition, n.Action, n.Data) }

func (a *adviser) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(a.notes, text) {
		a.notes = append(a.notes, text)
	}
}

func (a *adviser) advise(entries []journal.Entry) ([]Principal, []string) {
	all := []Principal{}
	for id, needs := range a.needs(entries) {
		p, ok := a.tx.Principals.Get(id)
		if !ok {
			a.note("%s did something and is no principal of this world (any more): nothing is advised for it.", id)
			continue
		}
		out := Principal{
			ObjectID: p.ObjectID, ClientID: p.AppID, TenantID: p.TenantID, Ref: reference(p),
			Needs: needs, Assignments: []Assignment{},
		}
		a.plan(&out)
		all = append(all, out)
	}
	slices.SortFunc(all, func(a, b Principal) int {
		return cmp.Or(strings.Compare(a.Ref, b.Ref), strings.Compare(a.ObjectID, b.ObjectID))
	})
	slices.Sort(a.notes)
	return all, a.notes
}

// reference names a principal as world files do.
func reference(p state.Principal) string {
	name := p.ResourceID[strings.LastIndexByte(p.ResourceID, '/')+1:]
	switch p.Kind {
	case state.PrincipalSystemAssigned:
		return "machine/" + name
	case state.PrincipalUserAssigned:
		return "identity/" + name
	}
	return "application/" + p.DisplayName
}

// plan finds what a principal's needs take.
func (a *adviser) plan(p *Principal) {
	var byRole []Need
	for _, n := range p.Needs {
		switch {
		case n.Policy:
		case slices.ContainsFunc(a.roles, func(r role) bool { return r.grants(n) }):
			byRole = append(byRole, n)
		default:
			p.Unmet = append(p.Unmet, n)
		}
	}
	grants := a.cover(p, byRole)
	if a.options.Merge > 0 {
		grants = merge(grants, byRole, a.options.Merge)
	}
	sortGrants(grants)
	for _, g := range grants {
		out := Assignment{Role: g.role.Name, RoleID: g.role.ID, Scope: g.scope, Merged: g.merged}
		for _, n := range byRole {
			if g.grants(n) {
				out.For = append(out.For, n)
			}
		}
		p.Assignments = append(p.Assignments, out)
	}
	a.policies(p)
	a.held(p)
}

// grant is a role at a scope.
type grant struct {
	role   role
	scope  string
	merged []string
}

func (g grant) grants(n Need) bool {
	return armid.Contains(g.scope, n.Place) && g.role.grants(n)
}

// sortGrants puts the widest scopes first, then goes by name.
func sortGrants(grants []grant) {
	slices.SortFunc(grants, func(a, b grant) int {
		return cmp.Or(compareScopes(a.scope, b.scope), strings.Compare(a.role.Name, b.role.Name))
	})
}

// compareScopes puts the widest first, then goes by name, whatever the case.
func compareScopes(a, b string) int {
	return cmp.Or(cmp.Compare(depth(a), depth(b)), strings.Compare(strings.ToLower(a), strings.ToLower(b)))
}

// depth is how many segments a scope has.
func depth(scope string) int { return armid.Shared(scope, scope) }
