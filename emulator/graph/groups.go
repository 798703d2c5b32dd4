package graph

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// group has the members of a security group that clients read.
type group struct {
	Context         string `json:"@odata.context,omitempty"`
	ODataType       string `json:"@odata.type,omitempty"`
	ID              string `json:"id"`
	DeletedDateTime any    `json:"deletedDateTime"`
	CreatedDateTime string `json:"createdDateTime"`
	Description     any    `json:"description"`
	DisplayName     string `json:"displayName"`
	GroupTypes      []any  `json:"groupTypes"`
	Mail            any    `json:"mail"`
	MailEnabled     bool   `json:"mailEnabled"`
	MailNickname    string `json:"mailNickname"`
	SecurityEnabled bool   `json:"securityEnabled"`
}

func answerGroup(tx *state.Tx, g state.DirectoryGroup) group {
	tenant, _ := tx.Tenants.Get(strings.ToLower(g.TenantID))
	return group{ID: g.ID, CreatedDateTime: tenant.CreatedAt.UTC().Format(isoTime), DisplayName: g.Name, GroupTypes: []any{}, MailNickname: g.Name, SecurityEnabled: true}
}

func groupProperties() map[string]property[state.DirectoryGroup] {
	return map[string]property[state.DirectoryGroup]{
		"id":          {values: func(g state.DirectoryGroup) []string { return []string{g.ID} }},
		"displayName": {values: func(g state.DirectoryGroup) []string { return []string{g.Name} }},
	}
}

func listGroups(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	match, err := filter(c, "Group", groupProperties())
	if err != nil {
		return wire.Response{}, err
	}
	matching := func(yield func(group) bool) {
		for g := range tx.DirectoryGroups.All() {
			if strings.EqualFold(g.TenantID, c.Caller.TenantID()) && match(g) && !yield(answerGroup(tx, g)) {
				return
			}
		}
	}
	return answerPage(c, "groups", matching, func(g group) string { return g.ID })
}

func getGroup(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	g, ok := tx.DirectoryGroups.Get(strings.ToLower(c.Var("id")))
	if !ok || !strings.EqualFold(g.TenantID, c.Caller.TenantID()) {
		return wire.Response{}, wire.Refuse(apierr.GraphMissing, c.Var("id"))
	}
	a := answerGroup(tx, g)
	a.Context = context(c, "groups/$entity")
	return answer(a), nil
}
