package emulator

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/refer"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
	"github.com/linarite/linarite/emulator/worldfile"
)

// Handles are how a test arranges a world and looks at it: each names one thing, and
// reads and writes it in the world's state, past all authorisation. What is wrong with a
// name or a value ends the test with a sentence; in a world that Open made, where there
// is no test to end, it panics with it.
//
// A thing that is asked for by a name and is not there is made, in the world's first
// resource group and with the defaults of a world file.

// change runs a change of the world's state.
func (e *Emulator) change(write func(tx *state.Tx, add *worldfile.Adder) error) {
	e.test.Helper()
	now := e.world.Clock.Now()
	e.must(e.world.State.Update(func(tx *state.Tx) error {
		for g := range tx.ResourceGroups.All() {
			return write(tx, worldfile.In(tx, g, worldfile.Options{Cloud: e.world.Cloud, Now: now}))
		}
		return errors.New("the world has no resource group to put things into")
	}))
}

// Principal is who may be granted a role: a *Machine, an *Identity, an *Application or a
// Ref.
type Principal interface {
	principalID(in *Emulator, tx *state.Tx) (string, error)
}

// Scope is where a role may be granted: a *Subscription, a *Group, any resource, a
// *Container, or a Ref.
type Scope interface {
	scopeID(in *Emulator, tx *state.Tx) (string, error)
}

// Ref names a principal or a scope as world files do: machine/NAME, identity/NAME,
// application/NAME, group/NAME or a GUID; subscription, GROUP, GROUP/RESOURCE,
// GROUP/ACCOUNT/CONTAINER or a full resource id.
type Ref string

func (r Ref) principalID(_ *Emulator, tx *state.Tx) (string, error) {
	return refer.Principal(tx, string(r))
}

func (r Ref) scopeID(_ *Emulator, tx *state.Tx) (string, error) {
	return refer.Scope(tx, string(r))
}

// errNothing tells that a handle is nil, as Machine is in a world that has none.
var errNothing = errors.New("nil is nobody and nothing: is it emu.Machine() of a world without a machine?")

// of refuses the handle of another world, the parent's of a fork say: ids are alike, and
// so the mistake would show much later.
func (r *resource) of(in *Emulator) error {
	switch {
	case r == nil || r.e == nil:
		return errNothing
	case r.e != in:
		return fmt.Errorf("%s is of another world: ask this one for it", r.id)
	}
	return nil
}

// Grant gives a principal a role, by its name or GUID, at a scope and below. It counts at
// once, whatever the world's switch about propagation says. A grant that is there stays.
func (e *Emulator) Grant(principal Principal, role string, scope Scope) {
	e.test.Helper()
	e.regrant(principal, scope, func(add *worldfile.Adder, who, where string) error { return add.Grant(who, role, where) })
}

// Revoke takes back a role that was granted to the principal at exactly this scope.
func (e *Emulator) Revoke(principal Principal, role string, scope Scope) {
	e.test.Helper()
	e.regrant(principal, scope, func(add *worldfile.Adder, who, where string) error { return add.Revoke(who, role, where) })
}

func (e *Emulator) regrant(p Principal, s Scope, do func(add *worldfile.Adder, who, where string) error) {
	e.test.Helper()
	e.change(func(tx *state.Tx, add *worldfile.Adder) error {
		if p == nil || s == nil {
			return errNothing
		}
		who, err := p.principalID(e, tx)
		if err != nil {
			return err
		}
		where, err := s.scopeID(e, tx)
		if err != nil {
			return err
		}
		return do(add, who, where)
	})
}

// resource is what all handles of resources have.
type resource struct {
	e        *Emulator
	id, name string
}

// ID is the resource id.
func (r resource) ID() string { return r.id }

// Name is the name, as it was first spelt.
func (r resource) Name() string { return r.name }

func (r *resource) scopeID(in *Emulator, _ *state.Tx) (string, error) {
	if err := r.of(in); err != nil {
		return "", err
	}
	return r.id, nil
}

// Subscription is a subscription.
type Subscription struct {
	resource
	tenant string
}

// SubscriptionID is the subscription's GUID.
func (s *Subscription) SubscriptionID() string { return s.id[strings.LastIndexByte(s.id, '/')+1:] }

// TenantID is the GUID of the tenant that the subscription trusts.
func (s *Subscription) TenantID() string { return s.tenant }

// Subscription is the world's first.
func (e *Emulator) Subscription() *Subscription {
	e.test.Helper()
	var out *Subscription
	e.world.State.View(func(tx *state.Tx) {
		for s := range tx.Subscriptions.All() {
			out = &Subscription{resource{e, armid.Subscription(s.ID).String(), s.DisplayName}, s.TenantID}
			return
		}
	})
	if out == nil {
		e.fatal("the world has no subscription")
	}
	return out
}

// Group is a resource group.
type Group struct{ resource }

// Group is the resource group of that name in the world's first subscription.
func (e *Emulator) Group(name string) *Group {
	e.test.Helper()
	out := &Group{resource{e: e}}
	e.change(func(tx *state.Tx, add *worldfile.Adder) error {
		g, ok := add.FindGroup(name)
		var err error
		if !ok {
			g, err = add.Group(name, "")
		}
		out.id, out.name = armid.Group(g.SubscriptionID, g.Name).String(), g.Name
		return err
	})
	return out
}

// Machine is a machine: something that asks the metadata service for tokens.
type Machine struct{ resource }

// Machine is the one that callers are on unless their way in says otherwise; nil where the
// world has none.
func (e *Emulator) Machine() *Machine {
	id := e.front.Machine()
	if id == "" {
		return nil
	}
	return &Machine{resource{e, id, id[strings.LastIndexByte(id, '/')+1:]}}
}

// VM is the machine of that name; a new one is a virtual machine with an identity of its
// own.
func (e *Emulator) VM(name string) *Machine {
	e.test.Helper()
	out := &Machine{resource{e: e}}
	e.change(func(tx *state.Tx, add *worldfile.Adder) error {
		m, ok := findByName(tx.Machines.All(), name, func(m state.Machine) string { return m.Name })
		var err error
		if !ok {
			m, err = add.Machine(name)
		}
		out.id, out.name = m.ID, m.Name
		return err
	})
	return out
}

// Client reaches the world as Emulator.Client does, from this machine.
func (m *Machine) Client() *http.Client {
	return &http.Client{Transport: m.e.codecFor(wire.Origin{Machine: m.id})}
}

// PrincipalID is the object id of the machine's own identity, "" where it has none.
func (m *Machine) PrincipalID() (id string) {
	m.e.world.State.View(func(tx *state.Tx) { id = m.get(tx).SystemPrincipal })
	return id
}

// Assign gives the machine a user-assigned identity.
func (m *Machine) Assign(i *Identity) {
	m.e.test.Helper()
	m.e.change(func(tx *state.Tx, _ *worldfile.Adder) error {
		if i == nil {
			return errNothing
		}
		if err := i.of(m.e); err != nil {
			return err
		}
		kept := m.get(tx)
		if !kept.HasIdentity(i.id) {
			kept.UserIdentities = append(kept.UserIdentities, i.id)
			tx.Machines.Put(kept)
		}
		return nil
	})
}

func (m *Machine) get(tx *state.Tx) state.Machine {
	kept, _ := tx.Machines.Get(state.ResourceKey(m.id))
	return kept
}

func (m *Machine) principalID(in *Emulator, tx *state.Tx) (string, error) {
	if m == nil {
		return "", errNothing
	}
	if err := m.of(in); err != nil {
		return "", err
	}
	if id := m.get(tx).SystemPrincipal; id != "" {
		return id, nil
	}
	return "", errors.New("machine " + m.name + " has no identity of its own")
}

// Identity is a user-assigned managed identity.
type Identity struct {
	resource
	client, principal string
}

// Identity is the user-assigned identity of that name. A machine has it after Assign.
func (e *Emulator) Identity(name string) *Identity {
	e.test.Helper()
	out := &Identity{resource: resource{e: e}}
	e.change(func(tx *state.Tx, add *worldfile.Adder) error {
		i, ok := findByName(tx.Identities.All(), name, func(i state.Identity) string { return i.Name })
		var err error
		if !ok {
			i, err = add.Identity(name)
		}
		out.id, out.name, out.client, out.principal = i.ID, i.Name, i.ClientID, i.PrincipalID
		return err
	})
	return out
}

// ClientID is the id by which clients choose the identity.
func (i *Identity) ClientID() string { return i.client }

// PrincipalID is the object id of the identity's service principal.
func (i *Identity) PrincipalID() string { return i.principal }

func (i *Identity) principalID(in *Emulator, _ *state.Tx) (string, error) {
	if i == nil {
		return "", errNothing
	}
	return i.principal, i.of(in)
}

// Application is an application of the tenant with its service principal: it logs in with
// a secret.
type Application struct {
	e                                       *Emulator
	name, client, principal, secret, tenant string
}

// Name is the display name.
func (a *Application) Name() string { return a.name }

// Application is the application of that name.
func (e *Emulator) Application(name string) *Application {
	e.test.Helper()
	out := &Application{e: e}
	e.change(func(tx *state.Tx, add *worldfile.Adder) error {
		a, ok := findByName(tx.Applications.All(), name, func(a state.Application) string { return a.Name })
		var err error
		if !ok {
			a, err = add.Application(name, "secret of "+name)
		}
		p, _ := tx.PrincipalByAppID(a.AppID)
		out.name, out.client, out.principal, out.tenant = a.Name, a.AppID, p.ObjectID, a.TenantID
		if len(a.Secrets) > 0 {
			out.secret = a.Secrets[0]
		}
		return err
	})
	return out
}

// ClientID is the application id.
func (a *Application) ClientID() string { return a.client }

// PrincipalID is the object id of the service principal.
func (a *Application) PrincipalID() string { return a.principal }

// TenantID is the GUID of the application's tenant.
func (a *Application) TenantID() string { return a.tenant }

// Secret is the application's first client secret, "" where it has none.
func (a *Application) Secret() string { return a.secret }

// Trust gives the application a federated credential: tokens of the issuer about the subject,
// for the cloud's own audience, get a token of the application from then on. One that is
// there stays. The subject may be a user-assigned identity of its tenant, by its
// PrincipalID: the issuer is Entra ID's of version 2.0 then, as in
// https://login.microsoftonline.com/{tenant}/v2.0.
func (a *Application) Trust(issuer, subject string) {
	a.e.test.Helper()
	a.e.change(func(tx *state.Tx, _ *worldfile.Adder) error {
		kept, ok := tx.Applications.Get(a.client)
		if !ok {
			return fmt.Errorf("the application %s is not there any more", a.name)
		}
		var err error
		if kept.Federated, err = a.e.trusting(kept.Federated, issuer, subject); err == nil {
			tx.Applications.Put(kept)
		}
		return err
	})
}

func (a *Application) principalID(in *Emulator, _ *state.Tx) (string, error) {
	if a == nil {
		return "", errNothing
	}
	return a.principal, (&resource{e: a.e, id: "application " + a.name}).of(in)
}
