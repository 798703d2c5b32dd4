package refer

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/fixtures/roles"
)

// Principal returns the object id of machine/NAME (its system-assigned identity),
// identity/NAME, application/NAME, group/NAME, or of an object id or a client id. The error
// says what there is instead.
func Principal(tx *state.Tx, ref string) (objectID string, err error) {
	if ids.IsGUID(ref) {
		if p, ok := tx.PrincipalByAppID(ref); ok {
			return p.ObjectID, nil
		}
		return strings.ToLower(ref), nil
	}
	kind, name, _ := strings.Cut(ref, "/")
	switch strings.ToLower(kind) {
	case "machine":
		m, err := one(kind, name, tx.Machines.All(), func(m state.Machine) (string, string) { return m.ResourceGroup, m.Name })
		if err == nil && m.SystemPrincipal == "" {
			err = fmt.Errorf("machine %q has no identity of its own", name)
		}
		return m.SystemPrincipal, err
	case "identity":
		i, err := one(kind, name, tx.Identities.All(), func(i state.Identity) (string, string) { return i.ResourceGroup, i.Name })
		return i.PrincipalID, err
	case "application":
		a, err := one(kind, name, tx.Applications.All(), func(a state.Application) (string, string) { return "", a.Name })
		p, _ := tx.PrincipalByAppID(a.AppID)
		return p.ObjectID, err
	case "group":
		g, err := one(kind, name, tx.DirectoryGroups.All(), func(g state.DirectoryGroup) (string, string) { return "", g.Name })
		return g.ID, err
	}
	return "", fmt.Errorf("%q is no principal: write machine/NAME, identity/NAME, application/NAME, group/NAME, an object id or a client id", ref)
}

// Scope returns the resource id of the word subscription, of a path of names, or of a
// full id, which is taken as it stands. The error says what there is instead.
func Scope(tx *state.Tx, ref string) (string, error) {
	if strings.HasPrefix(strings.TrimSpace(ref), "/") {
		id, err := armid.Parse(ref)
		if err != nil {
			return "", fmt.Errorf("scope %q: %w", ref, err)
		}
		return id.String(), nil
	}
	if strings.EqualFold(ref, "subscription") {
		all := slices.Collect(tx.Subscriptions.All())
		if len(all) != 1 {
			return "", fmt.Errorf("there are %d subscriptions: write /subscriptions/ and the id of one", len(all))
		}
		return armid.Subscription(all[0].ID).String(), nil
	}
	path := strings.Split(ref, "/")
	g, err := one("resource group", path[0], tx.ResourceGroups.All(), func(g state.ResourceGroup) (string, string) { return "", g.Name })
	if err != nil {
		return "", err
	}
	if len(path) == 1 {
		return armid.Group(g.SubscriptionID, g.Name).String(), nil
	}
	r, err := one("resource", path[1], resourcesOf(tx, g), func(r resource) (string, string) { return "", r.name })
	if err != nil || len(path) == 2 {
		return r.id, err
	}
	return r.below(path)
}

// resource is anything in a group, as references see it.
type resource struct{ kind, name, id string }

// below is a scope inside of a resource.
func (r resource) below(path []string) (string, error) {
	id, err := armid.Parse(r.id)
	switch {
	case err != nil:
		return "", err
	case r.kind == "storage account" && len(path) == 3:
		return id.Child("blobServices", "default").Child("containers", path[2]).String(), nil
	case r.kind == "vault" && len(path) == 4 && slices.Contains([]string{"secrets", "keys", "certificates"}, path[2]):
		return id.Child(path[2], path[3]).String(), nil
	}
	return "", fmt.Errorf("%q leads nowhere: below a resource there are ACCOUNT/CONTAINER and VAULT/secrets/NAME, VAULT/keys/NAME, VAULT/certificates/NAME",
		strings.Join(path, "/"))
}

func resourcesOf(tx *state.Tx, g state.ResourceGroup) iter.Seq[resource] {
	in := func(subscription, group string) bool {
		return state.GroupKey(subscription, group) == state.GroupKey(g.SubscriptionID, g.Name)
	}
	return func(yield func(resource) bool) {
		for m := range tx.Machines.All() {
			if in(m.SubscriptionID, m.ResourceGroup) && !yield(resource{"machine", m.Name, m.ID}) {
				return
			}
		}
		for i := range tx.Identities.All() {
			if in(i.SubscriptionID, i.ResourceGroup) && !yield(resource{"identity", i.Name, i.ID}) {
				return
			}
		}
		for a := range tx.AccountsIn(g.SubscriptionID, g.Name) {
			if !yield(resource{"storage account", a.Name, a.ID}) {
				return
			}
		}
		for v := range tx.VaultsIn(g.SubscriptionID, g.Name) {
			if !yield(resource{"vault", v.Name, v.ID}) {
				return
			}
		}
	}
}

// one finds the only thing of a name, which may stand behind its group's and a slash.
func one[V any](kind, ref string, all iter.Seq[V], names func(V) (group, name string)) (V, error) {
	var found []V
	var there []string
	for v := range all {
		group, name := names(v)
		there = append(there, name)
		if strings.EqualFold(name, ref) || group != "" && strings.EqualFold(group+"/"+name, ref) {
			found = append(found, v)
		}
	}
	var none V
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		if there == nil {
			there = []string{"none"}
		}
		return none, fmt.Errorf("there is no %s %q: the world has %s", kind, ref, strings.Join(there, ", "))
	}
	return none, fmt.Errorf("there are %d of the name %q: write GROUP/NAME, or the full id", len(found), ref)
}

// Role returns the GUID of a role by its name or GUID, custom ones first.
func Role(tx *state.Tx, name string) (string, error) {
	for r := range tx.Roles.All() {
		if strings.EqualFold(r.Name, name) || strings.EqualFold(r.ID, name) {
			return r.ID, nil
		}
	}
	if r, ok := roles.ByName(name); ok {
		return r.ID, nil
	}
	if r, ok := roles.ByID(name); ok {
		return r.ID, nil
	}
	return "", fmt.Errorf("no role is called %q: name a built-in role, such as Reader, or a custom one of this world", name)
}
