package arm

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// keyAnswer: the permissions are FULL in upper case for every version since 2018.
type keyAnswer struct {
	Created     string `json:"creationTime,omitempty"`
	Name        string `json:"keyName"`
	Value       string `json:"value"`
	Permissions string `json:"permissions"`
}

type keysAnswer struct {
	Keys []keyAnswer `json:"keys"`
}

func answerKeys(c *wire.Call, a state.StorageAccount) wire.Response {
	var out keysAnswer
	for _, k := range a.Keys {
		row := keyAnswer{Name: k.Name, Value: base64.StdEncoding.EncodeToString(k.Value), Permissions: "FULL"}
		if c.Version >= "2021-04-01" {
			row.Created = sevenDigits(k.CreatedAt)
		}
		out.Keys = append(out.Keys, row)
	}
	return storageOK(out)
}

func listKeys(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	a, err := findAccount(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	return answerKeys(c, a), nil
}

type keyName struct {
	Name string `json:"keyName"`
}

func readKeyName(c *wire.Call) error {
	body, err := looseJSON[keyName](c)
	c.Input = body
	return err
}

// regenerateKey replaces one key: what it signed is worth nothing from now on.
func regenerateKey(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	a, err := findAccount(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	for i, k := range a.Keys {
		if strings.EqualFold(k.Name, c.Input.(keyName).Name) {
			if sabotage.On(sabotage.ARMKeyKept) {
				return answerKeys(c, a), nil
			}
			a.Keys[i] = state.AccountKey{Name: k.Name, Value: c.World.IDs.Bytes(64), CreatedAt: c.Now}
			tx.Accounts.Put(a)
			return answerKeys(c, a), nil
		}
	}
	return wire.Response{}, wire.Refuse(apierr.StorageParameters, "keyName")
}

// looseJSON reads the body of an action of this provider: JSON whatever its content type
// is called, as curl calls it a form (flow 2 of the tutorial), and with members that the
// action does not know.
func looseJSON[T any](c *wire.Call) (T, error) {
	var v T
	body, err := c.ReadBody(maxBody)
	if errors.Is(err, wire.ErrTooLarge) {
		return v, wire.Refuse(apierr.ARMContentTooLarge, maxBody)
	}
	if err != nil || len(body) == 0 {
		return v, err
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return v, wire.Refuse(apierr.ARMContentInvalid, deserializer(err, "StorageAccount", body))
	}
	return v, nil
}
