package advise

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

// needs gathers by principal what was asked for, each right at each scope once.
func (a *adviser) needs(entries []journal.Entry) map[string][]Need {
	found := map[string]map[string]Need{}
	cut := map[string]map[string]bool{} // operations that only show less without a right, by principal
	for i := range entries {
		e := &entries[i]
		if e.Decision == nil {
			if id := strings.ToLower(e.Principal); e.Plane == "arm" && id != "" && a.wanted(id) && !e.Refused() {
				put(cut, id, e.Operation, true)
			}
			continue
		}
		for _, d := range append(slices.Clone(e.Beside), *e.Decision) {
			id := strings.ToLower(d.Principal)
			if !a.wanted(id) || !d.Allowed && !a.options.IncludeRefused {
				continue
			}
			n, ok := a.need(e, &d)
			if !ok {
				continue
			}
			key := strings.Join([]string{strings.ToLower(n.Action), map[bool]string{true: "data"}[n.Data], strings.ToLower(n.Scope), strings.ToLower(n.Place)}, "\x00")
			if before, ok := found[id][key]; ok {
				before.Times, before.Refused = before.Times+1, before.Refused+n.Refused
				n = before
			}
			put(found, id, key, n)
		}
	}
	for id, operations := range cut {
		p, _ := a.tx.Principals.Get(id)
		a.note("%s asked for %s: that takes no right of its own, and its answer shows what the caller may see, which may be less with what is advised.",
			cmp.Or(reference(p), id), strings.Join(slices.Sorted(maps.Keys(operations)), ", "))
	}
	out := map[string][]Need{}
	for id, needs := range found {
		out[id] = slices.SortedFunc(maps.Values(needs), func(a, b Need) int {
			return cmp.Or(compareScopes(a.Place, b.Place), compareScopes(a.Scope, b.Scope), strings.Compare(strings.ToLower(a.Action), strings.ToLower(b.Action)), compareBool(a.Data, b.Data))
		})
	}
	return out
}

func put[V any](into map[string]map[string]V, first, second string, v V) {
	if into[first] == nil {
		into[first] = map[string]V{}
	}
	into[first][second] = v
}

func compareBool(a, b bool) int {
	return cmp.Compare(map[bool]int{true: 1}[a], map[bool]int{true: 1}[b])
}

func (a *adviser) wanted(principal string) bool {
	return a.options.Principal == "" || strings.EqualFold(a.options.Principal, principal)
}

// need is what a decision was about; false where nothing can be advised.
func (a *adviser) need(e *journal.Entry, d *journal.Decision) (Need, bool) {
	n := Need{Action: d.Action, Data: d.Data, Policy: d.Reason == journal.ReasonPolicy, Scope: d.Scope, Times: 1}
	if !d.Allowed {
		n.Refused = 1
	}
	v, inVault := a.vaultOf(d.Scope)
	if n.Policy || n.Data && isVault(d.Scope) {
		switch {
		case !inVault:
			a.note("The vault of %s is gone: nothing is advised for it.", d.Scope)
			return n, false
		case v.RBAC == n.Policy:
			a.note("The vault %s decides by %s now: what it decided before then is left out.", v.Name, map[bool]string{true: "roles", false: "access policies"}[v.RBAC])
			return n, false
		}
		n.Place = v.ID
	}
	if !n.Policy {
		n.Place = a.place(e, &n)
	}
	n.Scope, n.Place = a.spelt(n.Scope), a.spelt(n.Place)
	return n, true
}

// spelt gives an id the spelling in which it first came.
func (a *adviser) spelt(id string) string {
	key := strings.ToLower(id)
	if _, ok := a.spellings[key]; !ok {
		a.spellings[key] = id
	}
	return a.spellings[key]
}

// place is where a grant for a need belongs.
func (a *adviser) place(e *journal.Entry, n *Need) string {
	id, err := armid.Parse(n.Scope)
	switch {
	case err != nil:
		return n.Scope
	case a.made(e, n, id):
		return rbac.Place(a.tx, id.Parent().String())
	case a.options.Narrowest && strings.EqualFold(id.Type(), secretType) && !makesSecret(n.Action):
		for range a.tx.Secrets.Prefix(state.VersionsOf(id.Parent().Name(), id.Name())) {
			return id.String()
		}
	}
	return rbac.Place(a.tx, n.Scope)
}

const (
	vaultType  = "Microsoft.KeyVault/vaults"
	secretType = vaultType + "/secrets"
)

// made tells whether a request made the thing that its right was asked on. Services answer 201 or
// 202 then; of a vault its birth tells.
func (a *adviser) made(e *journal.Entry, n *Need, id armid.ID) bool {
	kind := id.Type()
	if kind == armid.TypeResourceGroup {
		kind = "Microsoft.Resources/subscriptions/resourceGroups" // as actions call it
	}
	if n.Data || e.Method != "PUT" || e.Refused() || !strings.EqualFold(n.Action, kind+"/write") {
		return false
	}
	if v, ok := a.vaultOf(n.Scope); ok && strings.EqualFold(kind, vaultType) {
		return !v.CreatedAt.Before(e.Time)
	}
	return e.Status == 201 || e.Status == 202
}

// makesSecret tells whether an action may bring a secret about, which takes the right on its vault.
func makesSecret(action string) bool {
	return slices.ContainsFunc([]string{"setSecret", "restore", "recover"}, func(verb string) bool {
		return strings.EqualFold(action, secretType+"/"+verb+"/action")
	})
}

func isVault(scope string) bool {
	id, err := armid.Parse(scope)
	return err == nil && (strings.EqualFold(id.Type(), vaultType) || strings.EqualFold(id.Parent().Type(), vaultType))
}

// vaultOf finds the vault that a scope is, or is in.
func (a *adviser) vaultOf(scope string) (state.Vault, bool) {
	if !isVault(scope) {
		return state.Vault{}, false
	}
	id, _ := armid.Parse(scope)
	if !strings.EqualFold(id.Type(), vaultType) {
		id = id.Parent()
	}
	v, ok := a.tx.Vaults.Get(state.VaultKey(id.Name()))
	return v, ok && armid.Equal(v.ID, id.String())
}
