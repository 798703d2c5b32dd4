package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/wire"
)

// Bounds of bodies: a value of 25 KB with every character escaped, and a backup of 500
// such values.
const (
	maxBody   = 1 << 20
	maxBackup = 32 << 20
)

// latest is the last instant that a date of a secret may have: the end of the year 9999.
const latest = 253402300799

// setBody is SecretSetParameters and, without Value, SecretUpdateParameters.
type setBody struct {
	Value       *string           `json:"value"`
	ContentType *string           `json:"contentType"`
	Attributes  *attributesBody   `json:"attributes"`
	Tags        map[string]string `json:"tags"`
}

type attributesBody struct {
	Enabled   *bool  `json:"enabled"`
	NotBefore *int64 `json:"nbf"`
	Expires   *int64 `json:"exp"`
}

// change is what a body changes.
func (b *setBody) change() (vaultstore.Change, error) {
	out := vaultstore.Change{ContentType: b.ContentType, Tags: b.Tags}
	if b.Attributes == nil {
		return out, nil
	}
	out.Enabled = b.Attributes.Enabled
	var err error
	if out.NotBefore, err = date("nbf", b.Attributes.NotBefore); err != nil {
		return out, err
	}
	out.Expires, err = date("exp", b.Attributes.Expires)
	return out, err
}

func date(name string, unix *int64) (*time.Time, error) {
	if unix == nil {
		return nil, nil
	}
	if *unix < 0 || *unix > latest {
		return nil, wire.Refuse(apierr.VaultProperty, name)
	}
	t := time.Unix(*unix, 0).UTC()
	return &t, nil
}

// set is what SetSecret is to store.
type set struct {
	value string
	vaultstore.Change
}

func readSet(c *wire.Call) error {
	var body setBody
	if err := decode(c, maxBody, &body); err != nil {
		return err
	}
	if body.Value == nil {
		return wire.Refuse(apierr.VaultProperty, "value")
	}
	change, err := body.change()
	c.Input = set{*body.Value, change}
	return err
}

func readUpdate(c *wire.Call) error {
	var body setBody
	if err := decode(c, maxBody, &body); err != nil {
		return err
	}
	change, err := body.change()
	c.Input = change
	return err
}

// readRestore opens the backup, too: that costs time.
func readRestore(c *wire.Call) error {
	var body struct {
		Value string `json:"value"`
	}
	if err := decode(c, maxBackup, &body); err != nil {
		return err
	}
	v, err := vaultOf(c)
	if err != nil {
		return err
	}
	raw, err := base64.RawURLEncoding.DecodeString(body.Value)
	if err != nil {
		return wire.Refuse(apierr.VaultBackupMalformed)
	}
	versions, err := vaultstore.OpenBackup(raw, v.SubscriptionID)
	c.Input = versions
	return err
}

// decode reads a JSON body. Members that nobody knows are skipped, as the service does.
func decode(c *wire.Call, limit int64, into any) error {
	body, err := c.ReadBody(limit)
	if errors.Is(err, wire.ErrTooLarge) {
		return wire.Refuse(apierr.VaultProperty, "")
	}
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	err = dec.Decode(into)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return wire.Refuse(apierr.VaultProperty, kind.Field)
	case err != nil:
		return wire.Refuse(apierr.VaultProperty, "")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return wire.Refuse(apierr.VaultProperty, "")
	}
	return nil
}
