package explain

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
)

// principalID finds the object id of a principal in words.
func principalID(ref string, tx *state.Tx) (string, error) {
	if _, ok := tx.Principals.Get(strings.ToLower(ref)); ok {
		return strings.ToLower(ref), nil
	}
	if g, ok := tx.DirectoryGroups.Get(strings.ToLower(ref)); ok {
		return g.ID, nil
	}
	if p, ok := tx.PrincipalByAppID(ref); ok {
		return p.ObjectID, nil
	}
	kind, name, _ := strings.Cut(ref, "/")
	var found []string
	if strings.EqualFold(kind, "group") {
		for g := range tx.DirectoryGroups.All() {
			if strings.EqualFold(g.Name, name) {
				found = append(found, g.ID)
			}
		}
	}
	of, known := map[string]state.PrincipalKind{
		"machine": state.PrincipalSystemAssigned, "identity": state.PrincipalUserAssigned, "application": state.PrincipalApplication,
	}[strings.ToLower(kind)]
	for p := range tx.Principals.All() {
		if known && p.Kind == of && (strings.EqualFold(p.DisplayName, name) || p.ResourceID != "" && named(p.ResourceID, name)) {
			found = append(found, p.ObjectID)
		}
	}
	return only(found, fmt.Sprintf("principal %q (machine/NAME, identity/NAME, application/NAME, group/NAME, an object id or a client id)", ref))
}

// named tells whether a resource has a name, which may have its group's in front.
func named(id, name string) bool {
	group, own, qualified := strings.Cut(name, "/")
	if !qualified {
		return strings.EqualFold(lastSegment(id), name)
	}
	parsed, err := armid.Parse(id)
	return err == nil && strings.EqualFold(parsed.Name(), own) && strings.EqualFold(parsed.ResourceGroup(), group)
}

func only(found []string, what string) (string, error) {
	slices.Sort(found)
	switch found = slices.Compact(found); len(found) {
	case 0:
		return "", fmt.Errorf("%w: this world has no %s", ErrGrant, what)
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%w: this world has %d of %s: use the full id", ErrGrant, len(found), what)
}

// scopeID finds the id that a scope in words leads to.
func scopeID(ref string, tx *state.Tx) (string, error) {
	if strings.HasPrefix(ref, "/") {
		id, err := armid.Parse(ref)
		if err != nil {
			return "", fmt.Errorf("%w: scope: %w", ErrGrant, err)
		}
		if id.IsRoot() {
			return "/", nil
		}
		return id.String(), nil
	}
	names := strings.Split(ref, "/")
	var found []string
	switch {
	case strings.EqualFold(ref, "subscription"):
		for s := range tx.Subscriptions.All() {
			found = append(found, armid.Subscription(s.ID).String())
		}
	case len(names) == 1:
		for g := range tx.ResourceGroups.All() {
			if strings.EqualFold(g.Name, ref) {
				found = append(found, armid.Group(g.SubscriptionID, g.Name).String())
			}
		}
	default:
		for id := range resources(tx) {
			if named(id, names[0]+"/"+names[1]) {
				found = append(found, below(id, names[2:])...)
			}
		}
	}
	return only(found, fmt.Sprintf("scope %q (a full id, subscription, GROUP, GROUP/RESOURCE, GROUP/ACCOUNT/CONTAINER or GROUP/VAULT/secrets/NAME)", ref))
}

// resources yields the ids of all resources in groups.
func resources(tx *state.Tx) iter.Seq[string] {
	var ids []string
	for m := range tx.Machines.All() {
		ids = append(ids, m.ID)
	}
	for i := range tx.Identities.All() {
		ids = append(ids, i.ID)
	}
	for a := range tx.Accounts.All() {
		ids = append(ids, a.ID)
	}
	for v := range tx.Vaults.All() {
		ids = append(ids, v.ID)
	}
	return slices.Values(ids)
}

// below extends a resource's id by what stands after it in a path of names.
func below(id string, rest []string) []string {
	switch {
	case len(rest) == 0:
		return []string{id}
	case len(rest) == 1 && strings.Contains(strings.ToLower(id), "/storageaccounts/"):
		return []string{id + "/blobServices/default/containers/" + rest[0]}
	case len(rest) == 2 && strings.Contains(strings.ToLower(id), "/vaults/") && slices.Contains([]string{"secrets", "keys", "certificates"}, rest[0]):
		return []string{id + "/" + rest[0] + "/" + rest[1]}
	}
	return nil
}
