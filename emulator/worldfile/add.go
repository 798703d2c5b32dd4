package worldfile

import (
	"fmt"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/refer"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/fixtures/roles"
	"github.com/linarite/linarite/fixtures/world"
)

// Adder adds single things to a world that there is, with the ids and defaults that they
// would have in its file.
type Adder struct {
	a            *applier
	subscription string
	group        world.ResourceGroup
}

// In adds to a resource group that there is.
func In(tx *state.Tx, g state.ResourceGroup, o Options) *Adder {
	sub, _ := tx.Subscriptions.Get(g.SubscriptionID)
	return &Adder{
		a:            &applier{tx: tx, w: &world.World{}, o: o, tenant: strings.ToLower(sub.TenantID), skip: map[string]bool{}},
		subscription: g.SubscriptionID,
		group:        world.ResourceGroup{Name: g.Name, Location: g.Location},
	}
}

// FindGroup finds a resource group of the subscription.
func (d *Adder) FindGroup(name string) (state.ResourceGroup, bool) {
	return d.a.tx.Group(d.subscription, name, d.a.o.Now)
}

// Group adds a resource group to the subscription, in a region of its cloud; empty is the
// cloud's default.
func (d *Adder) Group(name, location string) (state.ResourceGroup, error) {
	if err := world.Check("resourceGroup", name); err != nil {
		return state.ResourceGroup{}, fmt.Errorf("resource group %q: %w", name, err)
	}
	g := state.ResourceGroup{SubscriptionID: d.subscription, Name: name, Location: d.a.location(&world.ResourceGroup{Location: location}, "")}
	d.a.tx.ResourceGroups.Put(g)
	return g, nil
}

// Machine adds a virtual machine with an identity of its own.
func (d *Adder) Machine(name string) (state.Machine, error) {
	if err := world.Check("machine", name); err != nil {
		return state.Machine{}, fmt.Errorf("machine %q: %w", name, err)
	}
	m := world.Default[world.Machine]()
	m.Name, m.Identity.System = name, true
	d.a.machine(d.subscription, &d.group, &m)
	kept, _ := d.a.tx.Machines.Get(state.ResourceKey(machineID(d.subscription, d.group.Name, &m)))
	return kept, nil
}

// Identity adds a user-assigned identity.
func (d *Adder) Identity(name string) (state.Identity, error) {
	if err := world.Check("identity", name); err != nil {
		return state.Identity{}, fmt.Errorf("identity %q: %w", name, err)
	}
	d.a.identity(d.subscription, &d.group, &world.Identity{Name: name})
	kept, _ := d.a.tx.Identities.Get(state.ResourceKey(identityID(d.subscription, d.group.Name, name)))
	return kept, nil
}

// Application adds an application with a secret, and its service principal.
func (d *Adder) Application(name, secret string) (state.Application, error) {
	if err := world.Check("display", name); err != nil {
		return state.Application{}, fmt.Errorf("application %q: %w", name, err)
	}
	app := &world.Application{Name: name, Secrets: []string{secret}}
	d.a.addApplication(app)
	appID, _ := d.a.application(app)
	kept, _ := d.a.tx.Applications.Get(appID)
	return kept, nil
}

// Account adds a storage account.
func (d *Adder) Account(name string) (state.StorageAccount, error) {
	if err := world.Check("account", name); err != nil {
		return state.StorageAccount{}, fmt.Errorf("storage account %q: %w", name, err)
	}
	s := world.Default[world.StorageAccount]()
	s.Name = name
	if err := d.a.account(d.subscription, &d.group, &s); err != nil {
		return state.StorageAccount{}, err
	}
	kept, _ := d.a.tx.Accounts.Get(name)
	return kept, nil
}

// Vault adds a key vault in which role assignments decide.
func (d *Adder) Vault(name string) (state.Vault, error) {
	if err := world.Check("vault", name); err != nil {
		return state.Vault{}, fmt.Errorf("vault %q: %w", name, err)
	}
	v := world.Default[world.Vault]()
	v.Name = name
	if err := d.a.vault(d.subscription, &d.group, &v); err != nil {
		return state.Vault{}, err
	}
	kept, _ := d.a.tx.Vaults.Get(state.VaultKey(name))
	return kept, nil
}

// Grant gives a principal a role at a scope, both by id, from now on. A grant that there is
// stays as it is.
func (d *Adder) Grant(principal, role, scope string) error {
	id, roleID, err := d.a.findGrant(principal, role, scope)
	if err != nil || id != "" {
		return err
	}
	kind := "ServicePrincipal"
	if d.a.tx.DirectoryGroups.Has(strings.ToLower(principal)) {
		kind = "Group"
	}
	d.a.tx.Assignments.Put(state.RoleAssignment{
		ID: d.a.named("assignment", principal, roleID, scope), Scope: scope, RoleID: roleID,
		PrincipalID: strings.ToLower(principal), PrincipalType: kind, CreatedOn: d.a.o.Now, UpdatedOn: d.a.o.Now,
	})
	return nil
}

// RoleName is the display name of a role that is given by its name, in any case, or GUID.
func (d *Adder) RoleName(role string) (string, error) {
	id, err := refer.Role(d.a.tx, role)
	if err != nil {
		return "", err
	}
	return d.a.roleName(id), nil
}

// Revoke takes a role from a principal at exactly this scope. Where the principal does not
// have it there, the error says what it has.
func (d *Adder) Revoke(principal, role, scope string) error {
	id, _, err := d.a.findGrant(principal, role, scope)
	if err != nil {
		return err
	}
	if !d.a.tx.Assignments.Delete(id) {
		return fmt.Errorf("%s has no role %q at %s: it has %s", principal, role, scope, d.a.held(principal))
	}
	return nil
}

// findGrant finds an assignment, and the role that it is about.
func (a *applier) findGrant(principal, role, scope string) (id, roleID string, err error) {
	if roleID, err = refer.Role(a.tx, role); err != nil {
		return "", "", err
	}
	if _, err := armid.Parse(scope); err != nil {
		return "", "", fmt.Errorf("scope %q: %w", scope, err)
	}
	for assignment := range a.tx.RoleAssignmentsOf(principal) {
		if assignment.RoleID == roleID && armid.Equal(assignment.Scope, scope) {
			return assignment.ID, roleID, nil
		}
	}
	return "", roleID, nil
}

// held lists for people what a principal has.
func (a *applier) held(principal string) string {
	var all []string
	for assignment := range a.tx.RoleAssignmentsOf(principal) {
		all = append(all, a.roleName(assignment.RoleID)+" at "+assignment.Scope)
	}
	if all == nil {
		return "none"
	}
	return strings.Join(all, ", ")
}

// roleName is what people call a role; its id where nobody knows.
func (a *applier) roleName(id string) string {
	if r, ok := roles.ByID(id); ok {
		return r.Name
	}
	if r, ok := a.tx.Roles.Get(id); ok {
		return r.Name
	}
	return id
}
