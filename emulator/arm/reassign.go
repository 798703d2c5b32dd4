package arm

import (
	"maps"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// reassign merges an identity block into a machine, as Compute does: the type says which
// kinds are there afterwards, ids with {} are added to those present, ids with null go.
func reassign(c *wire.Call, tx *state.Tx, m state.Machine, change identityChange) (state.Machine, error) {
	if change.Type == nil {
		return m, wire.Refuse(apierr.ARMContentInvalid, "Required property 'type' not found in JSON. Path 'identity'.")
	}
	system, user, ok := kindsOf(*change.Type)
	if !ok {
		return m, wire.Refuse(apierr.ARMContentInvalid, "Error converting value \""+*change.Type+"\" to type 'ResourceIdentityType'. Path 'identity.type'.")
	}
	if !user {
		m.UserIdentities = nil
	}
	for _, id := range slices.Sorted(maps.Keys(change.UserIDs)) {
		var err error
		if change.UserIDs[id] == nil {
			m.UserIdentities = slices.DeleteFunc(m.UserIdentities, func(has string) bool { return armid.Equal(has, id) })
		} else if m, err = attach(c, tx, m, id); err != nil {
			return m, err
		}
	}
	switch {
	case system && m.SystemPrincipal == "":
		m.SystemPrincipal = c.World.IDs.GUID()
		sub, _ := tx.Subscriptions.Get(m.SubscriptionID)
		tx.Principals.Put(state.Principal{
			ObjectID: m.SystemPrincipal, AppID: c.World.IDs.GUID(), TenantID: sub.TenantID, DisplayName: m.Name,
			Kind: state.PrincipalSystemAssigned, ResourceID: m.ID,
		})
	case !system && m.SystemPrincipal != "":
		tx.Principals.Delete(m.SystemPrincipal)
		m.SystemPrincipal = ""
	}
	return m, nil
}

// kindsOf reads an identity type, with or without a blank after the comma.
func kindsOf(kind string) (system, user, ok bool) {
	switch strings.ToLower(strings.ReplaceAll(kind, " ", "")) {
	case "systemassigned":
		return true, false, true
	case "userassigned":
		return false, true, true
	case "systemassigned,userassigned":
		return true, true, true
	case "none":
		return false, false, true
	}
	return false, false, false
}

// attach adds a user-assigned identity. The caller needs a right on the identity beside
// the one on the machine.
func attach(c *wire.Call, tx *state.Tx, m state.Machine, id string) (state.Machine, error) {
	parsed, err := armid.Parse(id)
	if err != nil || !strings.EqualFold(parsed.Type(), identityType) {
		return m, wire.Refuse(apierr.ARMLinkedID, id, "identity.userAssignedIdentities")
	}
	const action = identityType + "/assign/action"
	d := rbac.Decide(c.Facts(tx), rbac.Query{PrincipalID: c.Caller.ObjectID(), Action: action, Scope: parsed.String(), Now: c.Now})
	main := c.Decision.Action
	c.DecidedToo(d)
	if !d.Allowed {
		return m, wire.Refuse(apierr.ARMLinkedForbidden, c.Caller.AppID(), c.Caller.ObjectID(), main, m.ID, action, parsed.String())
	}
	if !tx.Identities.Has(parsed.Key()) {
		return m, wire.Refuse(apierr.ARMIdentityOperation, m.ID, id)
	}
	if !containsID(m.UserIdentities, id) {
		m.UserIdentities = append(m.UserIdentities, id) // in the spelling of the caller
	}
	return m, nil
}
