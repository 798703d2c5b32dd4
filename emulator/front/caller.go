package front

import (
	"net"
	"net/http"
	"net/netip"
	"slices"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// turned are the planes of callers who are turned away because of where they come from.
type turned struct{ stranger, control *wire.Plane }

func newTurned() turned {
	step := func(kind apierr.Kind) []wire.Step {
		return []wire.Step{func(c *wire.Call) error {
			at, _ := beyond(c.Request)
			return wire.Refuse(kind, at)
		}}
	}
	return turned{
		// Clients read it as the metadata service's: no identity, and the reason why.
		stranger: wire.NewPlane(wire.Plane{Name: "front", Steps: step(apierr.FrontStranger), Envelope: wire.IMDSIdentity{}}, nil),
		// No journal tells of the control API, nor of who asked for it in vain.
		control: wire.NewPlane(wire.Plane{Name: "front", Steps: step(apierr.ControlCaller), Envelope: wire.Front{}, Unrecorded: true}, nil),
	}
}

// beyond gives the caller's address where it is not of this host: neither loopback nor the
// very address that was called, from which a host calls itself.
func beyond(r *http.Request) (netip.Addr, bool) {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || at.Addr().Unmap().IsLoopback() {
		return netip.Addr{}, false
	}
	caller := at.Addr().Unmap()
	if called, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		if own, err := netip.ParseAddrPort(called.String()); err == nil && own.Addr().Unmap() == caller {
			return netip.Addr{}, false
		}
	}
	return caller, true
}

// machineOf finds the machine that the caller is on: the one with its address, or the one
// that the way in names, or the world's own choice. A world that gives addresses to its
// machines means them: there, a caller beyond this host whose address is nobody's is a
// stranger, and on no machine, unless it may control the world and names one.
func (f *Front) machineOf(c *wire.Call, tx *state.Tx) (m state.Machine, stranger bool) {
	want := f.Machine()
	if named := c.Origin.Machine; named != "" {
		want = named
	}
	if caller, far := beyond(c.Request); far && addressed(tx) {
		if m, ok := byAddress(tx, caller); ok {
			return m, false // whatever the way in says: a container does not choose who it is
		}
		if c.Origin.Machine == "" || !f.controls(c.Request) {
			return state.Machine{}, true
		}
	}
	m, _ = FindMachine(tx, want)
	return m, false
}

func byAddress(tx *state.Tx, caller netip.Addr) (state.Machine, bool) {
	address := caller.String()
	for m := range tx.Machines.All() {
		if m.Address == address {
			return m, true
		}
	}
	return state.Machine{}, false
}

// addressed tells whether any machine of the world has an address.
func addressed(tx *state.Tx) bool {
	for m := range tx.Machines.All() {
		if m.Address != "" {
			return true
		}
	}
	return false
}

// controls tells whether the control API answers the caller: those of this host, and those
// that ControlFrom lets in.
func (f *Front) controls(r *http.Request) bool {
	_, kept := f.KeptOut(r)
	return !kept
}

// KeptOut gives the caller's address where the control API does not answer it.
func (f *Front) KeptOut(r *http.Request) (netip.Addr, bool) {
	caller, far := beyond(r)
	return caller, far && !slices.ContainsFunc(f.ControlFrom, func(p netip.Prefix) bool { return p.Contains(caller) })
}
