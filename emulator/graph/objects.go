package graph

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// A world has no people: the lists of users are empty.

type user struct {
	ID string `json:"id"`
}

func userProperties() map[string]property[user] {
	never := property[user]{values: func(user) []string { return nil }}
	return map[string]property[user]{"id": never, "userPrincipalName": never, "displayName": never, "mail": never}
}

func listUsers(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	if _, err := filter(c, "User", userProperties()); err != nil {
		return wire.Response{}, err
	}
	return answer(page[user]{Context: context(c, "users"), Value: []user{}}), nil
}

func getUser(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	return wire.Response{}, wire.Refuse(apierr.GraphMissing, c.Var("id"))
}

// maxBody bounds request bodies: a thousand ids, which is the most that getByIds takes,
// are well below.
const maxBody = 256 << 10

// wanted is what getByIds reads.
type wanted struct {
	IDs   []string `json:"ids"`
	Types []string `json:"types"`
}

// has tells whether objects of a type are wanted; naming none wants all.
func (w wanted) has(kind string) bool {
	return len(w.Types) == 0 || slices.ContainsFunc(w.Types, func(t string) bool { return strings.EqualFold(t, kind) || strings.EqualFold(t, "directoryObject") })
}

func readIDs(c *wire.Call) error {
	body, err := c.ReadBody(maxBody)
	if errors.Is(err, wire.ErrTooLarge) {
		return wire.Refuse(apierr.GraphBody)
	}
	if err != nil {
		return err
	}
	var w wanted
	if json.Unmarshal(body, &w) != nil || w.IDs == nil {
		return wire.Refuse(apierr.GraphBody)
	}
	c.Input = w
	return nil
}

// getByIDs leaves out, without a word, what is not there and what is of no wanted type.
func getByIDs(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	w := c.Input.(wanted)
	found := []any{}
	seen := map[string]bool{}
	for _, id := range w.IDs {
		id = strings.ToLower(id)
		if seen[id] {
			continue
		}
		seen[id] = true
		if p, ok := tx.Principals.Get(id); ok && w.has("servicePrincipal") && strings.EqualFold(p.TenantID, c.Caller.TenantID()) {
			a := answerPrincipal(tx, p)
			a.ODataType = "#microsoft.graph.servicePrincipal"
			found = append(found, a)
		}
		if g, ok := tx.DirectoryGroups.Get(id); ok && w.has("group") && strings.EqualFold(g.TenantID, c.Caller.TenantID()) {
			a := answerGroup(tx, g)
			a.ODataType = "#microsoft.graph.group"
			found = append(found, a)
		}
	}
	return answer(page[any]{Context: context(c, "directoryObjects"), Value: found}).With("Location", strings.TrimSuffix(c.World.Cloud.Endpoints.MicrosoftGraph, "/")), nil
}
