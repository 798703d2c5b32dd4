package vaultstore

import (
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

// defaultRetention is how many days a vault keeps deleted objects unless told otherwise.
const defaultRetention = 90

// Find returns a vault, or the refusal that names those that there are.
func Find(tx *state.Tx, name string) (state.Vault, error) {
	if v, ok := tx.Vaults.Get(state.VaultKey(name)); ok {
		return v, nil
	}
	var names []string
	for v := range tx.Vaults.All() {
		names = append(names, v.Name)
	}
	if len(names) == 0 {
		names = []string{"no vaults"}
	}
	return state.Vault{}, apierr.New(apierr.FrontVault, name, strings.Join(names, ", "))
}

// Clear removes everything that a vault keeps, deleted or not, for good: what happens when
// a vault itself is purged, or deleted without soft delete.
func Clear(tx *state.Tx, vault string) {
	tx.Secrets.DeletePrefix(state.SecretsOf(vault))
	tx.DeletedSecrets.DeletePrefix(state.SecretsOf(vault))
}

// RetentionDays is how long a vault keeps what is deleted, 0 where it does not.
func RetentionDays(v state.Vault) int {
	switch {
	case !v.SoftDelete:
		return 0
	case v.RetentionDays == 0:
		return defaultRetention
	}
	return v.RetentionDays
}

// RecoveryLevel says in the service's word what becomes of deleted objects of a vault.
// custom tells whether the asked api-version knows the words for a retention of one's own
// choice.
func RecoveryLevel(v state.Vault, custom bool) string {
	if !v.SoftDelete {
		return "Purgeable"
	}
	level := "Recoverable"
	if custom && RetentionDays(v) != defaultRetention {
		level = "CustomizedRecoverable"
	}
	if v.PurgeProtection {
		return level
	}
	return level + "+Purgeable"
}

// retention is RetentionDays as a span.
func retention(v state.Vault) time.Duration { return time.Duration(RetentionDays(v)) * 24 * time.Hour }
