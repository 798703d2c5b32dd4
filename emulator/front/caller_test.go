package front

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"testing"

	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// from is a request from one address to another.
func from(remote, local string) *http.Request {
	r := &http.Request{RemoteAddr: remote}
	if local == "" {
		return r
	}
	called := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(local))
	return r.WithContext(context.WithValue(context.Background(), http.LocalAddrContextKey, called))
}

func TestBeyond(t *testing.T) {
	for _, tt := range []struct{ remote, local, want string }{
		{"10.0.0.4:1", "10.0.0.2:80", "10.0.0.4"},
		{"[::ffff:10.0.0.4]:1", "", "10.0.0.4"},
		{"10.0.0.4:1", "10.0.0.4:80", ""}, // a host that calls itself by an address of its own
		{"127.0.0.1:1", "127.0.0.1:80", ""},
		{"[::1]:1", "", ""},
		{"garbage", "", ""},
		{"", "", ""},
	} {
		a, far := beyond(from(tt.remote, tt.local))
		if far != (tt.want != "") || far && a.String() != tt.want {
			t.Errorf("%s to %s: %v %v", tt.remote, tt.local, a, far)
		}
	}
}

// Who calls from a machine's address is that machine and no other; who calls from nobody's
// is on the default machine only where no machine has an address.
func TestMachineOf(t *testing.T) {
	const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/"
	world := func(address string) *state.Store {
		s := state.New()
		_ = s.Update(func(tx *state.Tx) error {
			tx.Machines.Put(state.Machine{ID: id + "a", Name: "a"})
			tx.Machines.Put(state.Machine{ID: id + "b", Name: "b", Address: address})
			return nil
		})
		return s
	}
	with, without := world("10.0.0.4"), world("")
	f := &Front{ControlFrom: []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}}
	f.PutOn(id + "a")
	for _, tt := range []struct {
		what          string
		world         *state.Store
		remote, named string
		want          string
		stranger      bool
	}{
		{"its own", with, "10.0.0.4:1", "", "b", false},
		{"its own, whatever it asks for", with, "10.0.0.4:1", "a", "b", false},
		{"nobody's", with, "10.0.0.5:1", "", "", true},
		{"nobody's, by a way in that names one", with, "10.0.0.5:1", "b", "", true},
		{"nobody's, of one who controls the world", with, "10.0.0.1:1", "", "", true},
		{"the same, by a way in that names one", with, "10.0.0.1:1", "b", "b", false},
		{"this host", with, "127.0.0.1:1", "", "a", false},
		{"this host, by a way in", with, "127.0.0.1:1", "b", "b", false},
		{"no machine has an address", without, "10.0.0.4:1", "", "a", false},
		{"no machine has an address, by a way in", without, "10.0.0.4:1", "b", "b", false},
	} {
		tt.world.View(func(tx *state.Tx) {
			m, stranger := f.machineOf(&wire.Call{Request: from(tt.remote, ""), Origin: wire.Origin{Machine: tt.named}}, tx)
			if m.Name != tt.want || stranger != tt.stranger {
				t.Errorf("%s: on %q, stranger %v", tt.what, m.Name, stranger)
			}
		})
	}
}

func TestControls(t *testing.T) {
	f := &Front{ControlFrom: []netip.Prefix{netip.MustParsePrefix("172.17.0.1/32")}}
	for remote, want := range map[string]bool{"127.0.0.1:1": true, "172.17.0.1:1": true, "172.17.0.2:1": false, "10.0.0.1:1": false} {
		if f.controls(from(remote, "")) != want {
			t.Errorf("%s: %v", remote, !want)
		}
	}
}
