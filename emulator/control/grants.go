package control

import (
	"net/http"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/refer"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
	"github.com/linarite/linarite/emulator/worldfile"
)

// grantBody is a role assignment in the words of world files; answered, by ids.
type grantBody struct {
	Principal string `json:"principal"`
	Role      string `json:"role"`
	Scope     string `json:"scope"`
}

func readGrant(c *wire.Call) error {
	var g grantBody
	if err := decode(c, &g); err != nil {
		return err
	}
	for _, m := range [...]struct{ name, value string }{{"principal", g.Principal}, {"role", g.Role}, {"scope", g.Scope}} {
		if m.value == "" {
			return wire.Refuse(apierr.ControlBody, m.name+" is missing: a grant has principal, role and scope")
		}
	}
	c.Input = g
	return nil
}

func grant(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	g, err := assign(c, tx, (*worldfile.Adder).Grant)
	return wire.Response{Status: http.StatusCreated, Body: g}, err
}

func revoke(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	_, err := assign(c, tx, (*worldfile.Adder).Revoke)
	return wire.Response{Status: http.StatusNoContent}, err
}

// assign looks up who and where, gives or takes the role, and says by which ids.
func assign(c *wire.Call, tx *state.Tx, do func(add *worldfile.Adder, principal, role, scope string) error) (g grantBody, err error) {
	asked := c.Input.(grantBody)
	add := worldfile.In(tx, anyGroup(tx), worldfile.Options{Cloud: c.World.Cloud, Now: c.Now})
	g.Principal, err = refer.Principal(tx, asked.Principal)
	if err == nil {
		g.Scope, err = refer.Scope(tx, asked.Scope)
	}
	if err == nil {
		g.Role, err = add.RoleName(asked.Role)
	}
	if err == nil {
		err = do(add, g.Principal, asked.Role, g.Scope)
	}
	if err != nil {
		return g, wire.Refuse(apierr.ControlRequest, err.Error())
	}
	return g, nil
}

// anyGroup says which tenant names a new assignment: that of the first group, else of the
// first subscription.
func anyGroup(tx *state.Tx) state.ResourceGroup {
	for g := range tx.ResourceGroups.All() {
		return g
	}
	for s := range tx.Subscriptions.All() {
		return state.ResourceGroup{SubscriptionID: s.ID}
	}
	return state.ResourceGroup{}
}
