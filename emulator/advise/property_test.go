package advise

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"testing"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

// dice are repeatable chance.
type dice struct{ *ids.Source }

func (d dice) under(n int) int { b := d.Bytes(2); return (int(b[0])<<8 | int(b[1])) % n }

func pick[T any](d dice, of []T) T { return of[d.under(len(of))] }

// somethingDone is a random exchange, mostly one that makes sense.
func somethingDone(d dice) journal.Entry {
	scopes := []string{sub, one, two, account, other, files, logs, byRoles, vm, identity}
	var e journal.Entry
	switch d.under(4) {
	case 0:
		e = did(me, inBlobs+pick(d, []string{"read", "write", "delete", "add/action", "tags/read", "tags/write"}), pick(d, []string{files, logs, account}))
	case 1:
		e = did(me, pick(d, []string{getSecret, setSecret, "Microsoft.KeyVault/vaults/secrets/delete", "Microsoft.KeyVault/vaults/secrets/readMetadata/action"}), byRoles+"/secrets/pass")
		e.Decision.Data = true
	default:
		e = did(me, pick(d, []string{
			readGroup, makeGroup, listKeys, readAcct, writeVM, "Microsoft.Compute/virtualMachines/read", "Microsoft.KeyVault/vaults/read", "Microsoft.KeyVault/vaults/write",
			"Microsoft.Authorization/roleAssignments/write", "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", "Microsoft.ManagedIdentity/userAssignedIdentities/read",
			"Microsoft.Storage/storageAccounts/write", "Microsoft.Storage/storageAccounts/blobServices/containers/read", "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
		}), pick(d, scopes))
	}
	if d.under(4) == 0 {
		e.Method, e.Status = "PUT", 201
	}
	return e
}

// Whatever was done, the proof holds, with and without merging; and no other plan is better.
func TestRandomNeeds(t *testing.T) {
	s := newWorld(t)
	for run := range 300 {
		d := dice{ids.New(ids.NamedSeed(fmt.Sprintf("advise %d", run)))}
		var entries []journal.Entry
		for range 1 + d.under(5) {
			entries = append(entries, somethingDone(d))
		}
		o := Options{Narrowest: d.under(2) == 0}
		plan, err := Of(entries, s, now, o)
		if err != nil {
			t.Fatalf("run %d: %v", run, err)
		}
		if again, _ := Of(entries, s, now, o); fmt.Sprint(again) != fmt.Sprint(plan) {
			t.Errorf("run %d: not the same twice", run)
		}
		p := plan.Principals[0]
		if len(p.Unmet) > 0 {
			t.Fatalf("run %d: %+v", run, p.Unmet)
		}
		var have []grant
		for _, a := range p.Assignments {
			i := slices.IndexFunc(measured(), func(r role) bool { return r.ID == a.RoleID })
			have = append(have, grant{role: measured()[i], scope: a.Scope})
		}
		if got, best := worth(have), bestWorth(p.Needs); slices.Compare(got, best) != 0 {
			t.Errorf("run %d: %q is worth %v, the best %v", run, brief(plan), got, best)
		}
		for from := 2; from < 4; from++ {
			o.Merge = from
			if _, err := Of(entries, s, now, o); err != nil {
				t.Errorf("run %d, merged from %d: %v", run, from, err)
			}
		}
	}
}

// worth is what the documentation says is to be least: from the widest scopes to the narrowest, how
// many assignments stand there, and how much they grant.
func worth(grants []grant) []int {
	const deepest = 16
	all := make([]int, 3*deepest)
	for _, g := range grants {
		at := 3 * min(depth(g.scope), deepest-1)
		all[at]++
		all[at+1] += g.role.breadth.Changes
		all[at+2] += g.role.breadth.Reads
	}
	return all
}

// bestWorth tries every plan: every set of roles at the places of needs and at everything above.
func bestWorth(needs []Need) (best []int) {
	type option struct {
		grant
		mask uint64
	}
	var options []option
	for _, n := range needs {
		id, _ := armid.Parse(n.Place)
		for ; ; id = id.Parent() {
			for _, r := range measured() {
				o := option{grant: grant{role: r, scope: id.String()}}
				for i, n := range needs {
					if o.grants(n) {
						o.mask |= 1 << i
					}
				}
				same := slices.IndexFunc(options, func(x option) bool { return x.mask == o.mask && armid.Equal(x.scope, o.scope) })
				switch {
				case o.mask == 0:
				case same < 0:
					options = append(options, o)
				case o.role.breadth.Compare(options[same].role.breadth) < 0:
					options[same] = o
				}
			}
			if id.IsRoot() {
				break
			}
		}
	}
	var try func(from int, mask uint64, chosen []grant)
	try = func(from int, mask uint64, chosen []grant) {
		if bits.OnesCount64(mask) == len(needs) {
			if w := worth(chosen); best == nil || slices.Compare(w, best) < 0 {
				best = w
			}
			return
		}
		if best != nil && slices.Compare(worth(chosen), best) > 0 {
			return // more can only be worse
		}
		for i := from; i < len(options); i++ {
			if options[i].mask&^mask != 0 {
				try(i+1, mask|options[i].mask, append(slices.Clone(chosen), options[i].grant))
			}
		}
	}
	// The narrowest first: a good plan early cuts the rest short.
	slices.SortStableFunc(options, func(a, b option) int {
		return cmp.Or(cmp.Compare(depth(b.scope), depth(a.scope)), a.role.breadth.Compare(b.role.breadth))
	})
	try(0, 0, nil)
	return best
}

// The search finds what trying all sets of roles finds, and where it may not search, what it takes does
// and nothing of it can be left out.
func TestFewest(t *testing.T) {
	for run := range 300 {
		d := dice{ids.New(ids.NamedSeed(fmt.Sprintf("fewest %d", run)))}
		var needs []Need
		for i := range 1 + d.under(7) {
			needs = append(needs, Need{Action: fmt.Sprintf("a/%d/action", i)})
		}
		var roles []role
		for i := range 10 {
			r := role{state.RoleDefinition{Name: fmt.Sprintf("role %d", i), Permissions: []state.Permission{{}}}, rbac.Breadth{Changes: 1 + d.under(20), Reads: d.under(3)}}
			for _, n := range needs {
				if d.under(3) == 0 {
					r.Permissions[0].Actions = append(r.Permissions[0].Actions, n.Action)
				}
			}
			roles = append(roles, r)
		}
		needs = slices.DeleteFunc(needs, func(n Need) bool { return !grantedBy(roles, n) })
		found, exact := fewest(roles, needs, searchSteps)
		want := byHand(roles, needs)
		if !exact || fmt.Sprint(names(found)) != fmt.Sprint(names(want)) {
			t.Errorf("run %d: %q, exact %v, want %q", run, names(found), exact, names(want))
		}
		found, exact = fewest(roles, needs, 0)
		if exact && len(needs) > 0 || !all(found, needs) {
			t.Errorf("run %d: greedy %q, exact %v", run, names(found), exact)
		}
		for i := range found {
			if all(slices.Delete(slices.Clone(found), i, i+1), needs) {
				t.Errorf("run %d: greedy %q does not need %s", run, names(found), found[i].Name)
			}
		}
	}
}

// byHand tries all sets of roles.
func byHand(roles []role, needs []Need) (best []role) {
	var least rbac.Breadth
	for set := range 1 << len(roles) {
		var chosen []role
		var breadth rbac.Breadth
		for i, r := range roles {
			if set>>i&1 == 1 {
				chosen, breadth = append(chosen, r), breadth.Plus(r.breadth)
			}
		}
		if !all(chosen, needs) {
			continue
		}
		if order := cmp.Or(cmp.Compare(len(chosen), len(best)), breadth.Compare(least), slices.Compare(names(chosen), names(best))); set == 0 || best == nil || order < 0 {
			best, least = chosen, breadth
		}
		if set == 0 {
			return nil
		}
	}
	return best
}

func names(roles []role) (all []string) {
	for _, r := range roles {
		all = append(all, r.Name)
	}
	return all
}

func grantedBy(roles []role, n Need) bool {
	return slices.ContainsFunc(roles, func(r role) bool { return r.grants(n) })
}

func all(roles []role, needs []Need) bool {
	return !slices.ContainsFunc(needs, func(n Need) bool { return !grantedBy(roles, n) })
}

// More sorts of need than fit a word are not searched, and are met all the same.
func TestManySorts(t *testing.T) {
	var roles []role
	var needs []Need
	for i := range 70 {
		action := fmt.Sprintf("a/%d/action", i)
		needs = append(needs, Need{Action: action})
		roles = append(roles, role{state.RoleDefinition{Name: action, Permissions: []state.Permission{{Actions: []string{action}}}}, rbac.Breadth{Changes: 1}})
	}
	if found, exact := fewest(roles, needs[:64], searchSteps); !exact || len(found) != 64 {
		t.Errorf("64: %d roles, exact %v", len(found), exact)
	}
	if found, exact := fewest(roles, needs, searchSteps); exact || len(found) != 70 {
		t.Errorf("70: %d roles, exact %v", len(found), exact)
	}
}
