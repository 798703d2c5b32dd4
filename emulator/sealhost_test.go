package emulator

import (
	"net/netip"
	"os"
	"strings"
	"testing"
)

// What a machine may be called in a world file, no host need be able to.
func TestHostName(t *testing.T) {
	for machine, want := range map[string]string{
		"web-1": "web-1", "Web": "Web", "": "", "web.1": "", "-web": "", "we b": "", strings.Repeat("a", 64): "",
	} {
		if got := (inside{machine: machine}).hostName(); got != want {
			t.Errorf("the machine %q: the host is %q, want %q", machine, got, want)
		}
	}
}

func TestHostsFile(t *testing.T) {
	outside, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	reached := names{byName: map[string]netip.Addr{"db": netip.MustParseAddr("198.18.1.1")}}
	const rest = "\n::1 localhost ip6-localhost ip6-loopback\n"
	for own, want := range map[string]string{
		"web-1": "127.0.0.1 localhost web-1 " + outside + rest,
		"":      "127.0.0.1 localhost " + outside + rest,
		outside: "127.0.0.1 localhost " + outside + rest,
		"DB":    "127.0.0.1 localhost " + outside + rest, // --reach db:5432 leads elsewhere
	} {
		if got := string(hostsFile(own, reached)); got != want {
			t.Errorf("%q: %q, want %q", own, got, want)
		}
	}
}
