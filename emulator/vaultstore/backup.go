package vaultstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

// backupTag begins every backup of a secret: a length byte and the text.
const backupTag = "\x29AzureKeyVaultSecretBackupV1.microsoft.com"

// backupHeader is the protected header of the JWE (RFC 7516) behind the tag. Azure wraps a
// fresh key with RSA; here the key follows from the subscription, so that a backup is good
// in every world that has it. It keeps a backup from being taken for plain text, not from
// being read by whoever reads this.
const backupHeader = `{"kid":"linarite","alg":"dir","enc":"A256GCM"}`

// BackupSecret returns a secret's versions for SealBackup.
func BackupSecret(tx *state.Tx, v state.Vault, name string) ([]state.Secret, error) {
	if _, err := Secret(tx, v, name, ""); err != nil {
		return nil, err
	}
	return slices.Collect(Versions(tx, v, name, "")), nil
}

// SealBackup makes a backup of versions that can be restored in any vault of the
// subscription. No two backups may have the same nonce, 12 bytes.
func SealBackup(versions []state.Secret, subscription string, nonce []byte) ([]byte, error) {
	plain, err := json.Marshal(versions)
	if err != nil {
		return nil, err
	}
	seal, err := backupCipher(subscription)
	if err != nil {
		return nil, err
	}
	head := base64.RawURLEncoding.EncodeToString([]byte(backupHeader))
	sealed := seal.Seal(nil, nonce, plain, []byte(head))
	text, tag := sealed[:len(plain)], sealed[len(plain):]
	parts := []string{head, ""} // a key agreed on directly has no encrypted form
	for _, part := range [][]byte{nonce, text, tag} {
		parts = append(parts, base64.RawURLEncoding.EncodeToString(part))
	}
	return []byte(backupTag + strings.Join(parts, ".")), nil
}

// OpenBackup reads a backup, or refuses what is none of the subscription's.
func OpenBackup(backup []byte, subscription string) ([]state.Secret, error) {
	malformed := apierr.New(apierr.VaultBackupMalformed)
	text, ok := strings.CutPrefix(string(backup), backupTag)
	parts := strings.Split(text, ".")
	if !ok || len(parts) != 5 || parts[1] != "" {
		return nil, malformed
	}
	var raw [3][]byte
	for i, part := range parts[2:] {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, malformed
		}
	}
	seal, err := backupCipher(subscription)
	if err != nil {
		return nil, err
	}
	if len(raw[0]) != seal.NonceSize() {
		return nil, malformed
	}
	plain, err := seal.Open(nil, raw[0], slices.Concat(raw[1], raw[2]), []byte(parts[0]))
	if err != nil {
		return nil, malformed
	}
	var versions []state.Secret
	if err := json.Unmarshal(plain, &versions); err != nil || len(versions) == 0 {
		return nil, malformed
	}
	return versions, nil
}

func backupCipher(subscription string) (cipher.AEAD, error) {
	key := sha256.Sum256([]byte("linarite vault backup " + strings.ToLower(subscription)))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// RestoreSecret puts the versions of a backup into a vault, as they were, and returns the
// current one. host is the vault's, for the refusal.
func RestoreSecret(tx *state.Tx, v state.Vault, versions []state.Secret, host string, now time.Time) (state.Secret, error) {
	last := slices.MaxFunc(versions, func(a, b state.Secret) int { return a.Seq - b.Seq })
	_, held := markOf(tx, v, last.Name, now)
	if !held {
		forgetPurged(tx, v, last.Name)
		_, held = find(tx, v, last.Name, "")
	}
	if held {
		return state.Secret{}, apierr.New(apierr.VaultRestoreConflict, SecretID(host, last.Name, last.Version))
	}
	for _, s := range versions {
		s.Vault = state.VaultKey(v.Name)
		tx.Secrets.Put(s)
	}
	return last, nil
}
