package front

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/state"
)

// No name but localhost is this machine, whatever it resolves to: a page of another
// site can make its own name resolve to 127.0.0.1.
func TestIsLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "127.0.0.1": true, "127.1.2.3": true, "::1": true, "::ffff:127.0.0.1": true,
		"localhost.example.com": false, "127.0.0.1.example.com": false, "example.com": false, "": false, "0.0.0.0": false,
		"10.0.0.1": false, "127.1": false, "2130706433": false, "169.254.169.254": false, "foo.localhost": false,
	} {
		if IsLoopback(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

func TestHostname(t *testing.T) {
	for in, want := range map[string]string{
		"Management.Azure.COM:443": "management.azure.com", "management.azure.com.": "management.azure.com", "[::1]:80": "::1", "[::1]": "::1", "127.0.0.1": "127.0.0.1", "": "", "localhost:4280": "localhost",
	} {
		if got := Hostname(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestMachines(t *testing.T) {
	s := state.New()
	const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/Web"
	_ = s.Update(func(tx *state.Tx) error {
		tx.Machines.Put(state.Machine{ID: id, Name: "Web", Address: "10.0.0.4"})
		tx.Machines.Put(state.Machine{ID: id + "2", Name: "Web2", Address: "127.0.0.1"})
		return nil
	})
	s.View(func(tx *state.Tx) {
		for _, name := range []string{"web", "WEB", id, "/subscriptions/S/resourcegroups/RG/providers/microsoft.compute/virtualmachines/web"} {
			if m, ok := FindMachine(tx, name); !ok || m.Name != "Web" {
				t.Errorf("%s: %v", name, m)
			}
		}
		for _, name := range []string{"", "we", "web3"} {
			if m, ok := FindMachine(tx, name); ok {
				t.Errorf("%q: %v", name, m)
			}
		}
	})
}

// What is said to be served is served.
func TestHosts(t *testing.T) {
	for _, c := range cloud.All() {
		for _, host := range Hosts(c) {
			host = strings.NewReplacer("{account}", "acct", "{vault}", "a-vault").Replace(host)
			if service, _, ok := c.Resolve(host); host != IMDSHost && (!ok || !Serves(service)) {
				t.Errorf("%s: %s %v", host, service, ok)
			}
		}
	}
}
