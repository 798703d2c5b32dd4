package vault

import (
	"encoding/base64"
	"net/http"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/wire"
)

func getSecret(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	s, err := vaultstore.ReadSecret(tx, v, c.Var("name"), c.Var("version"))
	if err != nil {
		return wire.Response{}, err
	}
	return withValue(c, v, &s), nil
}

func setSecret(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	in := c.Input.(set)
	s := state.Secret{Name: c.Var("name"), Version: c.World.IDs.Hex(16), Value: in.value, Tags: in.Tags, Enabled: true}
	if in.Enabled != nil {
		s.Enabled = *in.Enabled
	}
	if in.ContentType != nil {
		s.ContentType = *in.ContentType
	}
	if in.NotBefore != nil {
		s.NotBefore = *in.NotBefore
	}
	if in.Expires != nil {
		s.Expires = *in.Expires
	}
	s, err := vaultstore.SetSecret(tx, v, s, c.Now)
	if err != nil {
		return wire.Response{}, err
	}
	return withValue(c, v, &s), nil
}

func withValue(c *wire.Call, v state.Vault, s *state.Secret) wire.Response {
	b := bundleOf(c, v, s)
	b.Value = &s.Value
	return wire.OK(b)
}

func updateSecret(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	s, err := vaultstore.UpdateSecret(tx, v, c.Var("name"), c.Var("version"), c.Input.(vaultstore.Change), c.Now)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(bundleOf(c, v, &s)), nil
}

func deleteSecret(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	d, err := vaultstore.DeleteSecret(tx, v, c.Var("name"), c.Now)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(deletedBundle(c, v, &d)), nil
}

func getDeleted(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	d, err := vaultstore.DeletedSecret(tx, v, c.Var("name"), c.Now)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(deletedBundle(c, v, &d)), nil
}

func recoverSecret(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	s, err := vaultstore.RecoverSecret(tx, v, c.Var("name"), c.Now)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(bundleOf(c, v, &s)), nil
}

func purgeSecret(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	return wire.Response{Status: http.StatusNoContent}, vaultstore.PurgeSecret(tx, v, c.Var("name"), c.Now)
}

// backup is BackupSecretResult.
type backup struct {
	Value string `json:"value"`
}

func backupSecret(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	versions, err := vaultstore.BackupSecret(tx, v, c.Var("name"))
	if err != nil {
		return wire.Response{}, err
	}
	nonce := []byte(c.World.IDs.Token(9)) // 12 characters
	sealed, err := vaultstore.SealBackup(versions, v.SubscriptionID, nonce)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(backup{base64.RawURLEncoding.EncodeToString(sealed)}), nil
}

func restoreSecret(c *wire.Call, tx *state.Tx, v state.Vault) (wire.Response, error) {
	s, err := vaultstore.RestoreSecret(tx, v, c.Input.([]state.Secret), c.Host, c.Now)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(bundleOf(c, v, &s)), nil
}

// health answers load balancers; the body is unverified (KV-AUTH-046).
func health(*wire.Call, *state.Tx) (wire.Response, error) {
	return wire.Response{Body: []byte("null"), ContentType: wire.Vault{}.ContentType()}, nil
}
