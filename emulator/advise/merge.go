package advise

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
)

// merge lifts a role that stands at so many scopes of one parent, or more, to the parent: the narrowest
// first, so that what was lifted may be lifted again. What the lifted ones grant goes.
func merge(grants []grant, needs []Need, from int) []grant {
	for {
		up, ok := lift(grants, from)
		if !ok {
			return without(grants, needs)
		}
		grants = append(slices.DeleteFunc(grants, func(g grant) bool {
			return g.role.ID == up.role.ID && armid.Contains(up.scope, g.scope)
		}), up)
	}
}

// lift finds what may be lifted, the narrowest first, and where to.
func lift(grants []grant, from int) (up grant, ok bool) {
	sortGrants(grants)
	for _, first := range slices.Backward(grants) {
		up = grant{role: first.role, scope: above(first.scope)}
		siblings := 0
		for _, g := range grants {
			if g.role.ID != up.role.ID || up.scope == "" || !armid.Contains(up.scope, g.scope) {
				continue
			}
			if armid.Equal(above(g.scope), up.scope) {
				siblings++
			}
			if g.merged == nil {
				g.merged = []string{g.scope}
			}
			up.merged = append(up.merged, g.merged...)
		}
		if siblings >= from {
			slices.SortFunc(up.merged, compareScopes)
			return up, true
		}
	}
	return grant{}, false
}

// above is the scope above one at which assignments are made; empty above a subscription.
func above(scope string) string {
	id, err := armid.Parse(scope)
	if err != nil || id.Provider() == "" && id.ResourceGroup() == "" {
		return ""
	}
	if id = id.Parent(); strings.EqualFold(id.Type(), "Microsoft.Storage/storageAccounts/blobServices") {
		id = id.Parent()
	}
	return id.String()
}

// without leaves out grants whose needs the others grant, the narrowest first.
func without(grants []grant, needs []Need) []grant {
	sortGrants(grants)
	for i := len(grants) - 1; i >= 0; i-- {
		rest := slices.Delete(slices.Clone(grants), i, i+1)
		if !slices.ContainsFunc(needs, func(n Need) bool { return !anyGrants(rest, n) }) {
			grants = rest
		}
	}
	return grants
}
