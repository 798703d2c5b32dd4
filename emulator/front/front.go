package front

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// IMDSHost is the address at which every machine finds its metadata service.
const IMDSHost = "169.254.169.254"

// Planes are the services that a Front leads to.
type Planes struct {
	IMDS, AppService, Entra, ARM, Graph, Vault, Blob *wire.Plane
	// Siblings are the storage services beside Blob storage.
	Siblings map[cloud.Service]*wire.Plane
	// Control may be nil: then the control API is closed. It is a function because few worlds
	// of tests are ever asked for it.
	Control func() *wire.Plane
}

// Front is the http.Handler of one world.
type Front struct {
	world  *wire.World
	planes Planes
	own    *wire.Plane
	away   *wire.Plane
	turned turned
	// ControlFrom are the callers beyond this host that the control API answers; it is set
	// before the first request.
	ControlFrom []netip.Prefix
	// machine is the ARM id of the machine a caller is on when nothing else tells.
	machine atomic.Pointer[string]
	secret  string
}

// New makes the front of a world. machine is the ARM id of the machine that callers are
// on unless their way in, or their address, says otherwise; secret is what App
// Service's endpoint wants to see.
func New(w *wire.World, planes Planes, machine, secret string) *Front {
	f := &Front{world: w, planes: planes, secret: secret, turned: newTurned()}
	f.PutOn(machine)
	w.AttachFaults()
	f.own = wire.NewPlane(wire.Plane{Name: "front", Steps: []wire.Step{f.refuse}, Envelope: wire.Front{}}, nil)
	// Who is turned away has come to no world, so no journal tells of it.
	f.away = wire.NewPlane(wire.Plane{Name: "front", Steps: []wire.Step{told}, Envelope: wire.Front{}, Unrecorded: true}, nil)
	return f
}

// PutOn sets the machine that callers are on by default, by its ARM id; "" is none.
func (f *Front) PutOn(machine string) { f.machine.Store(&machine) }

// Machine is the ARM id of the machine that callers are on by default.
func (f *Front) Machine() string { return *f.machine.Load() }

// ServeHTTP leads a request to its plane.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &wire.Call{World: f.world, Request: r, Host: Hostname(r.Host), Origin: wire.OriginOf(r.Context())}
	if c.Origin.AppServiceSecret == "" {
		c.Origin.AppServiceSecret = f.secret
	}
	var stranger bool
	f.world.State.View(func(tx *state.Tx) { c.Machine, stranger = f.machineOf(c, tx) })
	plane := f.plane(c)
	if stranger && plane == f.planes.IMDS {
		plane = f.turned.stranger
	}
	plane.Serve(w, c)
}

// TurnAway answers with a refusal of package apierr a request that asks for a world or a
// machine that it cannot have.
func (f *Front) TurnAway(w http.ResponseWriter, r *http.Request, why error) {
	f.away.Serve(w, &wire.Call{World: f.world, Request: r, Host: Hostname(r.Host), Local: why})
}

func told(c *wire.Call) error { return c.Local.(error) }

// plane finds the service; what belongs to none is the front's own to refuse.
func (f *Front) plane(c *wire.Call) *wire.Plane {
	if c.Origin.PathStyle {
		return f.pathStyle(c)
	}
	if IsLoopback(c.Host) {
		return f.local(c)
	}
	if c.Host == IMDSHost {
		return f.planes.IMDS
	}
	service, name, ok := f.world.Cloud.Resolve(c.Host)
	c.Account = name
	if p := f.storage(service); p != nil {
		return p // by http too: the account decides
	}
	if !ok || c.Scheme() != "https" {
		return f.own
	}
	switch service {
	case cloud.Login:
		return f.planes.Entra
	case cloud.ARM:
		return f.planes.ARM
	case cloud.Graph:
		return f.planes.Graph
	case cloud.Vault:
		return f.planes.Vault
	}
	return f.own
}

// storage is the plane of a storage service, nil of any other.
func (f *Front) storage(s cloud.Service) *wire.Plane {
	if s == cloud.Blob {
		return f.planes.Blob
	}
	return f.planes.Siblings[s]
}

// pathStyle takes the account from the host where that has one, as storage emulators'
// clients write it ({account}.blob.localhost, or a name of their own for the address that
// begins with an account of the world), else from the path.
func (f *Front) pathStyle(c *wire.Call) *wire.Plane {
	plane := f.storage(cloud.Blob)
	if c.Origin.Service != "" {
		plane = f.storage(c.Origin.Service)
	}
	if account, _, ok := strings.Cut(c.Host, "."); ok && (strings.HasSuffix(c.Host, ".localhost") || f.isAccount(account)) {
		c.Account = account
		return plane
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Request.URL.EscapedPath(), "/"), "/")
	c.Account, c.Mount = first, "/"+first
	return plane
}

// isAccount tells whether a host's first label names a storage account of the world. A
// number is that of an address.
func (f *Front) isAccount(label string) (there bool) {
	if _, err := strconv.Atoi(label); err == nil {
		return false
	}
	name, _ := cloud.SplitSecondary(strings.ToLower(label))
	f.world.State.View(func(tx *state.Tx) { there = tx.Accounts.Has(name) })
	return there
}

// local finds the service by path, on the front door itself.
func (f *Front) local(c *wire.Call) *wire.Plane {
	first, _, _ := strings.Cut(strings.TrimLeft(c.Request.URL.EscapedPath(), "/"), "/")
	switch {
	case strings.EqualFold(first, "metadata"):
		return f.planes.IMDS
	case strings.EqualFold(first, "msi"):
		return f.planes.AppService
	case first == "_linarite" && f.planes.Control != nil && !f.controls(c.Request):
		return f.turned.control
	case first == "_linarite" && f.planes.Control != nil:
		return f.planes.Control()
	case first != "_linarite" && f.isTenant(first):
		return f.planes.Entra
	}
	return f.own
}

// isTenant tells whether a first segment can be a tenant: a GUID, a domain, or one of
// the words that stand for many.
func (f *Front) isTenant(segment string) bool {
	switch strings.ToLower(segment) {
	case "common", "organizations", "consumers":
		return true
	}
	return len(segment) == 36 && strings.Count(segment, "-") == 4 || strings.HasSuffix(strings.ToLower(segment), ".onmicrosoft.com")
}

// refuse says what is served here instead.
func (f *Front) refuse(c *wire.Call) error {
	if IsLoopback(c.Host) {
		rest := ", /{tenant}/ (Entra ID) and /_linarite/ (control)"
		if f.planes.Control == nil {
			rest = " and /{tenant}/ (Entra ID); the control API, /_linarite/, is closed"
		}
		return wire.Refuse(apierr.FrontPath, c.Path, rest)
	}
	if service, _, ok := f.world.Cloud.Resolve(c.Host); ok && Serves(service) {
		return wire.Refuse(apierr.FrontPlaintext, c.Host)
	}
	return wire.Refuse(apierr.FrontHost, c.Host, f.world.Cloud.Name, strings.Join(Hosts(f.world.Cloud), ", "))
}

// Serves tells whether there is a plane for a service.
func Serves(s cloud.Service) bool {
	switch s {
	case cloud.Login, cloud.ARM, cloud.Graph, cloud.Vault, cloud.Blob, cloud.Queue, cloud.Table, cloud.File, cloud.DFS, cloud.Web:
		return true
	}
	return false
}

// Hosts lists for people what a world of the cloud serves: hosts, and {account} or {vault}
// where the names of the world's own stand.
func Hosts(c *cloud.Cloud) []string {
	out := []string{IMDSHost}
	out = append(out, c.Entra.LoginHosts...)
	out = append(out, c.ARM.Hosts...)
	return append(out, c.Entra.MSGraphHost, "{account}.blob."+c.DNS.Storage, "{vault}."+c.DNS.Vault,
		"{account}.queue."+c.DNS.Storage, "{account}.table."+c.DNS.Storage, "{account}.file."+c.DNS.Storage)
}

// FindMachine finds a machine by ARM id or by name.
func FindMachine(tx *state.Tx, nameOrID string) (state.Machine, bool) {
	if m, ok := tx.Machines.Get(state.ResourceKey(nameOrID)); ok {
		return m, true
	}
	for m := range tx.Machines.All() {
		if armid.Equal(m.ID, nameOrID) || strings.EqualFold(m.Name, nameOrID) {
			return m, true
		}
	}
	return state.Machine{}, false
}

// Hostname is the host of a Host header: lower case, without port and final dot.
func Hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// IsLoopback tells whether a host, without port, is this machine: localhost or a
// loopback address. No other name is, whatever it resolves to.
func IsLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}
