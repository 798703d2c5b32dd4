package advise

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
)

// prove replays a plan on a fork of the world, which it changes: with the plan every need is allowed, and
// without any one of its grants some need is refused.
func prove(fork *state.Store, plan *Plan) (Proof, error) {
	var proof Proof
	if err := fork.Update(func(tx *state.Tx) error { replace(tx, plan); return nil }); err != nil {
		return proof, err
	}
	for i := range plan.Principals {
		p := &plan.Principals[i]
		met := p.met()
		proof.Needs += len(met)
		for _, n := range met {
			if !allowed(fork, p, n, plan.At) {
				return proof, fmt.Errorf("%w: %s may not do %s at %s", ErrProof, p.Ref, n.Action, n.Scope)
			}
			proof.Allowed++
		}
		for _, drop := range p.drops() {
			proof.Grants++
			less := fork.Fork()
			if err := less.Update(func(tx *state.Tx) error { drop.from(tx); return nil }); err != nil {
				return proof, err
			}
			if !slices.ContainsFunc(met, func(n Need) bool { return !allowed(less, p, n, plan.At) }) {
				return proof, fmt.Errorf("%w: %s does not need %s", ErrProof, p.Ref, drop.what)
			}
			proof.Necessary++
		}
	}
	return proof, nil
}

// met are the needs that the plan meets.
func (p *Principal) met() []Need {
	return slices.DeleteFunc(slices.Clone(p.Needs), func(n Need) bool { return slices.Contains(p.Unmet, n) })
}

// replace gives the principals what was advised and nothing else: what they had, by themselves
// and through groups, goes.
func replace(tx *state.Tx, plan *Plan) {
	for i := range plan.Principals {
		p := &plan.Principals[i]
		for _, has := range slices.Collect(tx.RoleAssignmentsOf(p.ObjectID)) {
			tx.Assignments.Delete(has.ID)
		}
		for _, g := range slices.Collect(tx.DirectoryGroups.All()) {
			g.Members = slices.DeleteFunc(slices.Clone(g.Members), func(member string) bool { return strings.EqualFold(member, p.ObjectID) })
			tx.DirectoryGroups.Put(g)
		}
		for _, v := range slices.Collect(tx.Vaults.All()) {
			v.Policies = slices.DeleteFunc(slices.Clone(v.Policies), func(has state.AccessPolicy) bool { return strings.EqualFold(has.ObjectID, p.ObjectID) })
			for j := range p.Policies {
				if armid.Equal(p.Policies[j].VaultID, v.ID) {
					v.Policies = append(v.Policies, p.Policies[j].access(p))
				}
			}
			tx.Vaults.Put(v)
		}
		for j := range p.Assignments {
			tx.Assignments.Put(state.RoleAssignment{
				ID: p.name(&p.Assignments[j]), Scope: p.Assignments[j].Scope, RoleID: p.Assignments[j].RoleID,
				PrincipalID: p.ObjectID, PrincipalType: "ServicePrincipal",
			})
		}
	}
}

// name is the GUID that an advised assignment always has.
func (p *Principal) name(a *Assignment) string {
	return ids.Named("advise", p.ObjectID, a.RoleID, a.Scope)
}

// drop takes one grant away.
type drop struct {
	what string
	from func(tx *state.Tx)
}

func (p *Principal) drops() (all []drop) {
	for i := range p.Assignments {
		a := &p.Assignments[i]
		all = append(all, drop{a.Role + " at " + a.Scope, func(tx *state.Tx) { tx.Assignments.Delete(p.name(a)) }})
	}
	for i := range p.Policies {
		for _, f := range families() {
			for _, permission := range *p.Policies[i].list(f) {
				less := p.Policies[i]
				list := less.list(f)
				*list = slices.DeleteFunc(slices.Clone(*list), func(other string) bool { return other == permission })
				all = append(all, drop{string(f) + "/" + permission + " in " + less.Vault, func(tx *state.Tx) {
					v, _ := tx.Vaults.Get(state.VaultKey(less.Vault))
					v.Policies = append(slices.DeleteFunc(v.Policies, func(has state.AccessPolicy) bool { return strings.EqualFold(has.ObjectID, p.ObjectID) }), less.access(p))
					tx.Vaults.Put(v)
				}})
			}
		}
	}
	return all
}

// allowed decides a need again, as it was asked and where its grant belongs: what a request made was
// not there when the right for it was asked.
func allowed(world *state.Store, p *Principal, n Need, now time.Time) (yes bool) {
	world.View(func(tx *state.Tx) {
		if n.Policy {
			id, _ := armid.Parse(n.Place)
			v, _ := tx.Vaults.Get(state.VaultKey(id.Name()))
			family, permission, _ := strings.Cut(n.Action, "/")
			who := vaultstore.Principal{TenantID: p.TenantID, ObjectID: p.ObjectID, Groups: tx.GroupsOf(p.ObjectID)}
			yes = vaultstore.Judge(v, who, vaultstore.Family(family), permission) == vaultstore.Granted
			return
		}
		facts := rbac.FactsOf(tx)
		q := rbac.Query{PrincipalID: p.ObjectID, Action: n.Action, Data: n.Data, Scope: n.Scope, Now: now}
		yes = rbac.Decide(facts, q).Allowed
		q.Scope = n.Place
		yes = yes && rbac.Decide(facts, q).Allowed
	})
	return yes
}
