package worldfile

import (
	"fmt"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/refer"
	"github.com/linarite/linarite/emulator/state"
)

// grants adds the role assignments. They count at once, whatever the switch about
// propagation says: the world begins with them.
func (a *applier) grants() error {
	for _, g := range a.w.Grants {
		principal, kind, err := a.who(g.Principal)
		if err != nil {
			return at(g.PosOf("principal"), err)
		}
		if a.skip[principal] {
			continue
		}
		role, err := refer.Role(a.tx, g.Role)
		if err != nil {
			return at(g.PosOf("role"), err)
		}
		scope, err := a.scope(g.Scope)
		if err != nil {
			return at(g.PosOf("scope"), err)
		}
		a.tx.Assignments.Put(state.RoleAssignment{
			ID: a.named("assignment", principal, role, scope), Scope: scope, RoleID: role,
			PrincipalID: principal, PrincipalType: kind, CreatedOn: a.o.Now, UpdatedOn: a.o.Now,
		})
	}
	return nil
}

// who resolves a reference to a principal into its object id and type.
func (a *applier) who(ref string) (objectID, kind string, err error) {
	p, err := a.w.Principal(ref)
	if err != nil {
		return "", "", err
	}
	const servicePrincipal = "ServicePrincipal"
	switch {
	case p.Machine != nil:
		m, _ := a.tx.Machines.Get(state.ResourceKey(machineID(a.idOf(p.Subscription), p.Group.Name, p.Machine)))
		if m.SystemPrincipal == "" {
			return "", "", fmt.Errorf("machine %s has no system-assigned identity: give it one with identity: {system: true}", p.Machine.Name)
		}
		return m.SystemPrincipal, servicePrincipal, nil
	case p.Identity != nil:
		i, _ := a.tx.Identities.Get(state.ResourceKey(identityID(a.idOf(p.Subscription), p.Group.Name, p.Identity.Name)))
		return i.PrincipalID, servicePrincipal, nil
	case p.Application != nil:
		_, objectID := a.application(p.Application)
		return objectID, servicePrincipal, nil
	case p.Members != nil:
		return a.named("group", p.Members.Name), "Group", nil
	}
	return strings.ToLower(p.ObjectID), "User", nil
}

// scope resolves a scope of the file into a resource id.
func (a *applier) scope(ref string) (string, error) {
	s, err := a.w.Scope(ref)
	if err != nil {
		return "", err
	}
	if s.ID != "" {
		id, err := armid.Parse(s.ID)
		return id.String(), err
	}
	subscription := a.idOf(s.Subscription)
	if s.Group == nil {
		return armid.Subscription(subscription).String(), nil
	}
	group := armid.Group(subscription, s.Group.Name)
	switch {
	case s.Machine != nil:
		return machineID(subscription, s.Group.Name, s.Machine), nil
	case s.Identity != nil:
		return identityID(subscription, s.Group.Name, s.Identity.Name), nil
	case s.Storage != nil:
		account := group.Extend("Microsoft.Storage/storageAccounts", s.Storage.Name)
		if s.Container != nil {
			account = account.Child("blobServices", "default").Child("containers", s.Container.Name)
		}
		return account.String(), nil
	case s.Vault != nil:
		vault := group.Extend("Microsoft.KeyVault/vaults", s.Vault.Name)
		switch {
		case s.Secret != nil:
			vault = vault.Child("secrets", s.Secret.Name)
		case s.Key != nil:
			vault = vault.Child("keys", s.Key.Name)
		case s.Certificate != nil:
			vault = vault.Child("certificates", s.Certificate.Name)
		}
		return vault.String(), nil
	}
	return group.String(), nil
}
