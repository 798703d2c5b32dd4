package arm

import (
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// permissionAnswer is an entry of a role.
type permissionAnswer struct {
	Actions          []string `json:"actions"`
	NotActions       []string `json:"notActions"`
	DataActions      []string `json:"dataActions"`
	NotDataActions   []string `json:"notDataActions"`
	ConditionVersion string   `json:"conditionVersion,omitempty"`
	Condition        string   `json:"condition,omitempty"`
}

func answerPermissions(entries []state.Permission) []permissionAnswer {
	out := make([]permissionAnswer, len(entries))
	for i, e := range entries {
		out[i] = permissionAnswer{
			Actions: shown(e.Actions), NotActions: shown(e.NotActions), DataActions: shown(e.DataActions), NotDataActions: shown(e.NotDataActions),
			ConditionVersion: e.ConditionVersion, Condition: e.Condition,
		}
	}
	return out
}

// shown is a list that is [] where it is empty, never null.
func shown(names []string) []string {
	if names == nil {
		return []string{}
	}
	return names
}

// listPermissions shows the caller's own entries, each role's once.
func listPermissions(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, err := scopeOf(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	own := rbac.Permissions(c.Facts(tx), c.Caller.ObjectID(), at.text, c.Now)
	return wire.OK(list[permissionAnswer]{Value: answerPermissions(own)}), nil
}
