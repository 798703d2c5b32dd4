package vaultstore

import (
	"iter"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

// Deleted is a deleted secret: its mark, and its current version.
type Deleted struct {
	state.Secret
	Mark state.DeletedSecret
}

// DeleteSecret deletes a secret with all its versions. With soft delete it can be
// recovered until the mark's time; without, Mark is the zero one and the secret is gone.
func DeleteSecret(tx *state.Tx, v state.Vault, name string, now time.Time) (Deleted, error) {
	s, err := Secret(tx, v, name, "")
	if err != nil {
		return Deleted{}, err
	}
	if !v.SoftDelete {
		tx.Secrets.DeletePrefix(state.VersionsOf(v.Name, name))
		return Deleted{Secret: s}, nil
	}
	at := now.Truncate(time.Second)
	mark := state.DeletedSecret{Vault: s.Vault, Name: s.Name, Deleted: at, Purge: at.Add(retention(v))}
	tx.DeletedSecrets.Put(mark)
	return Deleted{s, mark}, nil
}

// DeletedSecret returns a deleted secret. Like all that follow, it refuses vaults without
// soft delete, by the name of the operation.
func DeletedSecret(tx *state.Tx, v state.Vault, name string, now time.Time) (Deleted, error) {
	d, err := deleted(tx, v, name, "get", now)
	if err == nil && settling(tx, d.Mark, now) {
		return Deleted{}, apierr.New(apierr.VaultDeletedSecretNotFound, name)
	}
	return d, err
}

// DeletedSecrets yields, in the order of names, the deleted secrets whose name comes after
// a given one.
func DeletedSecrets(tx *state.Tx, v state.Vault, after string, now time.Time) (iter.Seq[Deleted], error) {
	if !v.SoftDelete {
		return nil, apierr.New(apierr.VaultNoSoftDelete, "list")
	}
	return func(yield func(Deleted) bool) {
		prefix, from := state.SecretsOf(v.Name), ""
		if after != "" {
			from = state.DeletedSecretKey(v.Name, after) + "\x00"
		}
		for mark := range tx.DeletedSecrets.From(prefix, from) {
			if !now.Before(mark.Purge) || settling(tx, mark, now) {
				continue
			}
			if s, ok := find(tx, v, mark.Name, ""); ok && !yield(Deleted{s, mark}) {
				return
			}
		}
	}, nil
}

// RecoverSecret brings a deleted secret back with all its versions.
func RecoverSecret(tx *state.Tx, v state.Vault, name string, now time.Time) (state.Secret, error) {
	if !v.SoftDelete {
		return state.Secret{}, apierr.New(apierr.VaultNoSoftDelete, "recover")
	}
	if err := CheckName(name); err != nil {
		return state.Secret{}, err
	}
	mark, ok := markOf(tx, v, name, now)
	switch {
	case !ok:
		// The words are those for a secret that was never there (KV-SECRET-051).
		return state.Secret{}, apierr.New(apierr.VaultSecretNotFound, name)
	case settling(tx, mark, now):
		return state.Secret{}, apierr.New(apierr.VaultSecretBeingDeleted, name, "")
	}
	tx.DeletedSecrets.Delete(state.DeletedSecretKey(v.Name, name))
	return Secret(tx, v, name, "")
}

// PurgeSecret removes a deleted secret for good.
func PurgeSecret(tx *state.Tx, v state.Vault, name string, now time.Time) error {
	d, err := deleted(tx, v, name, purge, now)
	switch {
	case err != nil:
		return err
	case settling(tx, d.Mark, now):
		return apierr.New(apierr.VaultSecretBeingDeleted, name, "")
	case v.PurgeProtection:
		return apierr.New(apierr.VaultPurgeProtected, v.Name, v.Location)
	}
	remove(tx, v, name)
	return nil
}

func deleted(tx *state.Tx, v state.Vault, name, operation string, now time.Time) (Deleted, error) {
	if !v.SoftDelete {
		return Deleted{}, apierr.New(apierr.VaultNoSoftDelete, operation)
	}
	if err := CheckName(name); err != nil {
		return Deleted{}, err
	}
	mark, ok := markOf(tx, v, name, now)
	if !ok {
		return Deleted{}, apierr.New(apierr.VaultDeletedSecretNotFound, name)
	}
	s, _ := find(tx, v, name, "")
	return Deleted{s, mark}, nil
}

// markOf returns the mark of a deleted secret that can still be recovered.
func markOf(tx *state.Tx, v state.Vault, name string, now time.Time) (state.DeletedSecret, bool) {
	mark, ok := tx.DeletedSecrets.Get(state.DeletedSecretKey(v.Name, name))
	return mark, ok && now.Before(mark.Purge)
}

// settling tells that a deletion is still going on, where the world is told to take its
// time.
func settling(tx *state.Tx, mark state.DeletedSecret, now time.Time) bool {
	return now.Before(mark.Deleted.Add(tx.Switches().EventualDelete))
}

// forgetPurged clears away a secret whose mark is past its time. Nobody sees it any more;
// a new one of the same name must not bring it back.
func forgetPurged(tx *state.Tx, v state.Vault, name string) {
	if tx.DeletedSecrets.Has(state.DeletedSecretKey(v.Name, name)) {
		remove(tx, v, name)
	}
}

func remove(tx *state.Tx, v state.Vault, name string) {
	tx.DeletedSecrets.Delete(state.DeletedSecretKey(v.Name, name))
	tx.Secrets.DeletePrefix(state.VersionsOf(v.Name, name))
}
