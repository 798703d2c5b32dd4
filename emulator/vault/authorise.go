package vault

import (
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/wire"
)

// authorise asks the vault's access policies or, where the vault says so, the role
// assignments: never both (KV-AUTH-018). It asks before anybody looks whether the secret
// exists. rights are the permissions by operation.
func authorise(rights map[string]string) wire.Step {
	return func(c *wire.Call) error {
		if c.Operation.Anonymous {
			return nil
		}
		v, err := vaultOf(c)
		if err != nil {
			return err
		}
		c.World.State.View(func(tx *state.Tx) {
			if v.RBAC {
				err = byRole(c, tx, v)
			} else {
				err = byPolicy(c, tx, v, rights[c.Operation.Name])
			}
		})
		return err
	}
}

// byRole decides with the roles at the secret named, or at the vault where none is.
func byRole(c *wire.Call, tx *state.Tx, v state.Vault) error {
	scope := scopeOf(c, v)
	d := rbac.Decide(c.Facts(tx), rbac.Query{PrincipalID: c.Caller.ObjectID(), Action: c.Operation.Action, Data: true, Scope: scope, Now: c.Now})
	c.Decision = &d
	if d.Allowed {
		return nil
	}
	return wire.Refuse(apierr.VaultRBAC, callerLine(c), c.Operation.Action, strings.ToLower(scope), v.Name, v.Location)
}

// byPolicy decides with the vault's own list.
func byPolicy(c *wire.Call, tx *state.Tx, v state.Vault, permission string) error {
	groups := tx.GroupsOf(c.Caller.ObjectID())
	who := vaultstore.Principal{TenantID: c.Caller.TenantID(), ObjectID: c.Caller.ObjectID(), Groups: groups}
	verdict := vaultstore.Judge(v, who, vaultstore.Secrets, permission)
	c.Decision = &journal.Decision{
		Allowed: verdict == vaultstore.Granted, Principal: who.ObjectID, Action: string(vaultstore.Secrets) + "/" + permission, Data: true,
		Scope: scopeOf(c, v), Reason: journal.ReasonPolicy,
	}
	caller := "appid=" + c.Caller.AppID() + ";oid=" + c.Caller.ObjectID() + ";numgroups=" + strconv.Itoa(len(groups)) + ";iss=" + c.Caller.Issuer()
	switch verdict {
	case vaultstore.Granted:
		return nil
	case vaultstore.Lacking:
		return wire.Refuse(apierr.VaultPolicy, caller, vaultstore.Secrets, permission, v.Name, v.Location)
	case vaultstore.OnBehalf:
		return wire.Refuse(apierr.VaultPolicyBehalf, callerLine(c))
	}
	return wire.Refuse(apierr.VaultNoPolicy, caller, v.Name, v.Location)
}

// scopeOf is the ARM id of what is asked about.
func scopeOf(c *wire.Call, v state.Vault) string {
	if name := c.Var("name"); name != "" {
		return v.ID + "/secrets/" + name
	}
	return v.ID
}

// callerLine is how most refusals name the caller.
func callerLine(c *wire.Call) string {
	return "appid=" + c.Caller.AppID() + ";oid=" + c.Caller.ObjectID() + ";iss=" + c.Caller.Issuer()
}
