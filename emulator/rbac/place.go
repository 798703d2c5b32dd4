package rbac

import (
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
)

// Place is the narrowest scope at which somebody would make an assignment for a right at
// scope: the thing itself, or what is nearest above it and is there. Rights on a vault's secrets are
// given at the vault.
func Place(tx *state.Tx, scope string) string {
	id, err := armid.Parse(scope)
	if err != nil {
		return scope
	}
	for !id.IsRoot() && !assignable(tx, id) {
		id = id.Parent()
	}
	if id.IsRoot() {
		return "/"
	}
	return id.String()
}

// assignable tells whether an id names a thing that is there and gets assignments.
func assignable(tx *state.Tx, id armid.ID) bool {
	key := id.Key()
	switch strings.ToLower(id.Type()) {
	case strings.ToLower(armid.TypeSubscription):
		return tx.Subscriptions.Has(strings.ToLower(id.Subscription()))
	case strings.ToLower(armid.TypeResourceGroup):
		return tx.ResourceGroups.Has(state.GroupKey(id.Subscription(), id.ResourceGroup()))
	case "microsoft.storage/storageaccounts":
		a, ok := tx.Accounts.Get(strings.ToLower(id.Name()))
		return ok && armid.Equal(a.ID, id.String())
	case "microsoft.storage/storageaccounts/blobservices/containers":
		return tx.Containers.Has(state.ContainerKey(id.Parent().Parent().Name(), id.Name()))
	case "microsoft.keyvault/vaults":
		v, ok := tx.Vaults.Get(state.VaultKey(id.Name()))
		return ok && armid.Equal(v.ID, id.String())
	}
	return tx.Machines.Has(key) || tx.Identities.Has(key)
}
