package vault

import (
	"time"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/wire"
)

// bundle is a secret in an answer, its members in the service's order; a deleted one
// begins with three more.
type bundle struct {
	RecoveryID  string            `json:"recoveryId,omitempty"`
	Deleted     int64             `json:"deletedDate,omitempty"`
	Purge       int64             `json:"scheduledPurgeDate,omitempty"`
	Value       *string           `json:"value,omitempty"`
	ContentType string            `json:"contentType,omitempty"`
	ID          string            `json:"id"`
	Attributes  attributes        `json:"attributes"`
	Tags        map[string]string `json:"tags,omitzero"` // {} where they were given empty
}

// item is a secret in a list: its id comes before the type of its content.
type item struct {
	RecoveryID  string            `json:"recoveryId,omitempty"`
	Deleted     int64             `json:"deletedDate,omitempty"`
	Purge       int64             `json:"scheduledPurgeDate,omitempty"`
	ID          string            `json:"id"`
	ContentType string            `json:"contentType,omitempty"`
	Attributes  attributes        `json:"attributes"`
	Tags        map[string]string `json:"tags,omitzero"`
}

// attributes have all times in whole seconds since 1970.
type attributes struct {
	Enabled         bool   `json:"enabled"`
	NotBefore       *int64 `json:"nbf,omitempty"`
	Expires         *int64 `json:"exp,omitempty"`
	Created         int64  `json:"created"`
	Updated         int64  `json:"updated"`
	RecoveryLevel   string `json:"recoveryLevel"`
	RecoverableDays *int   `json:"recoverableDays,omitempty"`
}

func attributesOf(c *wire.Call, v state.Vault, s *state.Secret) attributes {
	modern := knowsRecoverableDays(c.Version)
	a := attributes{
		Enabled: s.Enabled, NotBefore: seconds(s.NotBefore), Expires: seconds(s.Expires),
		Created: s.Created.Unix(), Updated: s.Updated.Unix(), RecoveryLevel: vaultstore.RecoveryLevel(v, modern),
	}
	if modern {
		days := vaultstore.RetentionDays(v)
		a.RecoverableDays = &days
	}
	return a
}

func seconds(t time.Time) *int64 {
	if t.IsZero() {
		return nil
	}
	unix := t.Unix()
	return &unix
}

// bundleOf is a secret without its value.
func bundleOf(c *wire.Call, v state.Vault, s *state.Secret) bundle {
	return bundle{
		ContentType: s.ContentType, ID: vaultstore.SecretID(c.Host, s.Name, s.Version),
		Attributes: attributesOf(c, v, s), Tags: s.Tags,
	}
}

func deletedBundle(c *wire.Call, v state.Vault, d *vaultstore.Deleted) bundle {
	b := bundleOf(c, v, &d.Secret)
	if d.Mark.Name != "" {
		b.RecoveryID, b.Deleted, b.Purge = recoveryID(c, d), d.Mark.Deleted.Unix(), d.Mark.Purge.Unix()
	}
	return b
}

// itemOf is a secret in a list, with the version in its id or without.
func itemOf(c *wire.Call, v state.Vault, s *state.Secret, version string) item {
	return item{
		ID: vaultstore.SecretID(c.Host, s.Name, version), ContentType: s.ContentType,
		Attributes: attributesOf(c, v, s), Tags: s.Tags,
	}
}

func deletedItem(c *wire.Call, v state.Vault, d *vaultstore.Deleted) item {
	i := itemOf(c, v, &d.Secret, "")
	i.RecoveryID, i.Deleted, i.Purge = recoveryID(c, d), d.Mark.Deleted.Unix(), d.Mark.Purge.Unix()
	return i
}

func recoveryID(c *wire.Call, d *vaultstore.Deleted) string {
	return "https://" + c.Host + "/deletedsecrets/" + d.Name
}
