package worldfile

import (
	"encoding/pem"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/fixtures/world"
)

// AdministratorAppID is the client id of the administrator that starter worlds have.
// Its secret is public.
const AdministratorAppID = "11111111-2222-3333-4444-555555555555"

// Options say how a file becomes a world.
type Options struct {
	Cloud *cloud.Cloud
	// Now dates what is made.
	Now time.Time
	// Files holds the files that blobs name: the folder of the world file, or nil.
	Files fs.FS
	// NoWellKnown leaves out principals whose credentials are public.
	NoWellKnown bool
}

// Apply puts everything of the file into an empty state. Errors name the line of the
// file that asked for the impossible; the state is then to be thrown away.
func Apply(tx *state.Tx, w *world.World, o Options) error {
	a := &applier{tx: tx, w: w, o: o, tenant: strings.ToLower(w.Tenant.ID), skip: map[string]bool{}}
	if a.tenant == "" {
		a.tenant = world.DefaultTenantID
	}
	a.directory()
	if err := a.issuers(); err != nil {
		return err
	}
	for i := range w.Subscriptions {
		if err := a.subscription(i, &w.Subscriptions[i]); err != nil {
			return err
		}
	}
	for _, step := range []func() error{a.machineIdentities, a.roles, a.groups, a.grants, a.vaults} {
		if err := step(); err != nil {
			return err
		}
	}
	tx.SetSwitches(state.Switches{
		RolePropagation: w.Switches.RolePropagation, EventualDelete: w.Switches.EventualDelete,
		IMDSReadyAfter: w.Switches.IMDSReadyAfter, TokenLife: w.Switches.TokenLife,
	})
	return nil
}

type applier struct {
	tx     *state.Tx
	w      *world.World
	o      Options
	tenant string
	// skip holds the object ids of principals that NoWellKnown leaves out.
	skip map[string]bool
}

func (a *applier) named(names ...string) string { return ids.Named(a.tenant, names...) }

// born dates the tenant: long before anything in it.
func born() time.Time { return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC) }

func (a *applier) directory() {
	a.tx.Tenants.Put(state.Tenant{ID: a.tenant, DisplayName: "Linarite", Domain: "linarite.onmicrosoft.com", CreatedAt: born()})
	for i := range a.w.Tenant.Applications {
		a.addApplication(&a.w.Tenant.Applications[i])
	}
}

func (a *applier) addApplication(app *world.Application) {
	appID, objectID := a.application(app)
	if a.o.NoWellKnown && appID == AdministratorAppID {
		a.skip[objectID] = true
		return
	}
	kept := state.Application{AppID: appID, ObjectID: a.named("applicationObject", app.Name), TenantID: a.tenant, Name: app.Name, Secrets: app.Secrets}
	for _, text := range app.Certificates {
		if block, _ := pem.Decode([]byte(text)); block != nil { // the format was checked
			kept.Certificates = append(kept.Certificates, block.Bytes)
		}
	}
	kept.Federated = a.federated(app.Federated)
	a.tx.Applications.Put(kept)
	a.principal(objectID, appID, app.Name, state.PrincipalApplication, "")
}

// application returns the client id and the principal's object id of an application.
func (a *applier) application(app *world.Application) (appID, objectID string) {
	appID = strings.ToLower(app.ClientID)
	if appID == "" {
		appID = a.named("application", app.Name)
	}
	return appID, a.named("servicePrincipal", app.Name)
}

func (a *applier) federated(in []world.FederatedCredential) (out []state.FederatedCredential) {
	for _, f := range in {
		audience := f.Audience
		if audience == "" {
			audience = a.o.Cloud.Entra.TokenExchangeAudience
		}
		out = append(out, state.FederatedCredential{Name: f.Name, Issuer: f.Issuer, Subject: f.Subject, Audiences: []string{audience}})
	}
	return out
}

func (a *applier) principal(objectID, appID, name string, kind state.PrincipalKind, resource string) {
	a.tx.Principals.Put(state.Principal{ObjectID: objectID, AppID: appID, TenantID: a.tenant, DisplayName: name, Kind: kind, ResourceID: resource})
}

// subscriptionID is the id of the i-th subscription of the file.
func (a *applier) subscriptionID(i int, s *world.Subscription) string {
	if s.ID != "" {
		return strings.ToLower(s.ID)
	}
	return a.named("subscription", fmt.Sprint(i))
}

func (a *applier) idOf(s *world.Subscription) string {
	for i := range a.w.Subscriptions {
		if &a.w.Subscriptions[i] == s {
			return a.subscriptionID(i, s)
		}
	}
	return ""
}

func (a *applier) subscription(i int, s *world.Subscription) error {
	id := a.subscriptionID(i, s)
	a.tx.Subscriptions.Put(state.Subscription{ID: id, TenantID: a.tenant, DisplayName: "Linarite", State: "Enabled"})
	for j := range s.Groups {
		g := &s.Groups[j]
		if err := a.checkLocation(g); err != nil {
			return err
		}
		a.tx.ResourceGroups.Put(state.ResourceGroup{SubscriptionID: id, Name: g.Name, Location: a.location(g, "")})
		for k := range g.Identities {
			a.identity(id, g, &g.Identities[k])
		}
		for k := range g.Machines {
			a.machine(id, g, &g.Machines[k])
		}
		for k := range g.Storage {
			if err := a.account(id, g, &g.Storage[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkLocation refuses a group in a region that its cloud does not have, as a PUT of it is.
func (a *applier) checkLocation(g *world.ResourceGroup) error {
	if g.Location == "" {
		return nil
	}
	var names []string
	for _, l := range a.o.Cloud.Locations {
		if l.Name == armid.NormalizeLocation(g.Location) {
			return nil
		}
		names = append(names, l.Name)
	}
	return at(g.PosOf("location"), fmt.Errorf("the cloud %s has no region %q: it has %s", a.o.Cloud.Name, g.Location, strings.Join(names, ", ")))
}

func (a *applier) location(g *world.ResourceGroup, own string) string {
	for _, l := range []string{own, g.Location} {
		if l != "" {
			return armid.NormalizeLocation(l)
		}
	}
	return a.o.Cloud.DefaultLocation
}

func (a *applier) identity(subscription string, g *world.ResourceGroup, i *world.Identity) {
	id := identityID(subscription, g.Name, i.Name)
	kept := state.Identity{
		ID: id, Name: i.Name, SubscriptionID: subscription, ResourceGroup: g.Name, Location: a.location(g, i.Location),
		TenantID: a.tenant, ClientID: strings.ToLower(i.ClientID), PrincipalID: strings.ToLower(i.PrincipalID), Federated: a.federated(i.Federated),
	}
	if kept.ClientID == "" {
		kept.ClientID = a.named("identity.clientId", id)
	}
	if kept.PrincipalID == "" {
		kept.PrincipalID = a.named("identity.principalId", id)
	}
	a.tx.Identities.Put(kept)
	a.principal(kept.PrincipalID, kept.ClientID, i.Name, state.PrincipalUserAssigned, id)
}

// identityID spells "resourcegroups" as this provider does.
func identityID(subscription, group, name string) string {
	id := armid.Resource(subscription, group, "Microsoft.ManagedIdentity/userAssignedIdentities", name).String()
	return strings.Replace(id, "/resourceGroups/", "/resourcegroups/", 1)
}

// MachineType is the ARM type of a kind of machine.
func MachineType(kind world.MachineKind) string {
	switch kind {
	case world.KindVMSS:
		return "Microsoft.Compute/virtualMachineScaleSets"
	case world.KindAppService:
		return "Microsoft.Web/sites"
	case world.KindArc:
		return "Microsoft.HybridCompute/machines"
	case world.KindAKS:
		return "Microsoft.ContainerService/managedClusters"
	}
	return "Microsoft.Compute/virtualMachines"
}

func machineID(subscription, group string, m *world.Machine) string {
	return armid.Resource(subscription, group, MachineType(m.Kind), m.Name).String()
}

func (a *applier) machine(subscription string, g *world.ResourceGroup, m *world.Machine) {
	id := machineID(subscription, g.Name, m)
	kept := state.Machine{
		ID: id, Name: m.Name, SubscriptionID: subscription, ResourceGroup: g.Name, Kind: state.MachineKind(m.Kind),
		Location: a.location(g, m.Location), Instances: m.Instances, Address: m.Address, VMID: a.named("machine.vmId", id),
	}
	if m.Identity.System {
		kept.SystemPrincipal = a.named("machine.principalId", id)
		a.principal(kept.SystemPrincipal, a.named("machine.clientId", id), m.Name, state.PrincipalSystemAssigned, id)
	}
	a.tx.Machines.Put(kept)
}

// machineIdentities comes after all identities are there.
func (a *applier) machineIdentities() error {
	for i := range a.w.Subscriptions {
		s := &a.w.Subscriptions[i]
		for j := range s.Groups {
			g := &s.Groups[j]
			for k := range g.Machines {
				if err := a.assign(a.subscriptionID(i, s), g, &g.Machines[k]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (a *applier) assign(subscription string, g *world.ResourceGroup, m *world.Machine) error {
	kept, _ := a.tx.Machines.Get(state.ResourceKey(machineID(subscription, g.Name, m)))
	for n, ref := range m.Identity.User {
		place, identity, err := a.w.UserIdentity(ref)
		if err != nil {
			return at(m.Identity.PosOf(fmt.Sprintf("user[%d]", n)), err)
		}
		kept.UserIdentities = append(kept.UserIdentities, identityID(a.idOf(place.Subscription), place.Group.Name, identity.Name))
	}
	a.tx.Machines.Put(kept)
	return nil
}

// at puts a position before an error.
func at(pos world.Pos, err error) error { return fmt.Errorf("%s: %w", pos, err) }

// roles adds the custom roles.
func (a *applier) roles() error {
	for _, r := range a.w.Roles {
		kept := state.RoleDefinition{
			ID: strings.ToLower(r.ID), Name: r.Name, Description: r.Description, CreatedOn: a.o.Now, UpdatedOn: a.o.Now,
			Permissions: []state.Permission{{Actions: r.Actions, NotActions: r.NotActions, DataActions: r.DataActions, NotDataActions: r.NotDataActions}},
		}
		if kept.ID == "" {
			kept.ID = a.named("role", r.Name)
		}
		for n, s := range r.AssignableScopes {
			scope, err := a.scope(s)
			if err != nil {
				return at(r.PosOf(fmt.Sprintf("assignableScopes[%d]", n)), err)
			}
			kept.AssignableScopes = append(kept.AssignableScopes, scope)
		}
		if len(r.AssignableScopes) == 0 {
			for s := range a.tx.Subscriptions.All() {
				kept.AssignableScopes = append(kept.AssignableScopes, armid.Subscription(s.ID).String())
			}
		}
		a.tx.Roles.Put(kept)
	}
	return nil
}

// groups adds the directory's groups; their members may be groups.
func (a *applier) groups() error {
	for _, g := range a.w.Tenant.Groups {
		kept := state.DirectoryGroup{ID: a.named("group", g.Name), TenantID: a.tenant, Name: g.Name}
		for n, ref := range g.Members {
			member, _, err := a.who(ref)
			if err != nil {
				return at(g.PosOf(fmt.Sprintf("members[%d]", n)), err)
			}
			kept.Members = append(kept.Members, member)
		}
		a.tx.DirectoryGroups.Put(kept)
	}
	return nil
}
