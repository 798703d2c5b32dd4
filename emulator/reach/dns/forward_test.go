package dns_test

import (
	"context"
	"net"
	"net/netip"
	"testing"

	mdns "github.com/miekg/dns"

	"github.com/linarite/linarite/emulator/reach/dns"
)

// serveNames runs a server on loopback and returns where.
func serveNames(t *testing.T, s *dns.Server) netip.AddrPort {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", pc.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(ctx, pc, ln) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return netip.MustParseAddrPort(pc.LocalAddr().String())
}

func only(name, addr string) func(string) (netip.Addr, bool) {
	return func(n string) (netip.Addr, bool) { return netip.MustParseAddr(addr), n == name }
}

// TestForwarding has a server that knows one name, and behind it one that is not there, and
// one that knows another name and would lie about the first.
func TestForwarding(t *testing.T) {
	both := func(n string) (netip.Addr, bool) {
		return netip.MustParseAddr("192.0.2.2"), n == "other.example" || n == "own.example"
	}
	gone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort(gone.LocalAddr().String())
	gone.Close()
	front := serveNames(t, dns.Forwarding(only("own.example", "192.0.2.1"), []netip.AddrPort{at, serveNames(t, dns.New(both))}))
	for _, network := range []string{"udp", "tcp"} {
		for name, want := range map[string]string{"OWN.example.": "192.0.2.1", "other.example.": "192.0.2.2", "none.example.": "NXDOMAIN"} {
			q := new(mdns.Msg).SetQuestion(name, mdns.TypeA)
			c := mdns.Client{Net: network}
			m, _, err := c.Exchange(q, front.String())
			if err != nil {
				t.Fatal(err)
			}
			got := mdns.RcodeToString[m.Rcode]
			if len(m.Answer) == 1 {
				got = m.Answer[0].(*mdns.A).A.String()
			}
			if got != want {
				t.Errorf("%s %s: %s, want %s", network, name, got, want)
			}
		}
	}
	alone := serveNames(t, dns.Forwarding(only("own.example", "192.0.2.1"), []netip.AddrPort{at}))
	if m, err := mdns.Exchange(new(mdns.Msg).SetQuestion("other.example.", mdns.TypeA), alone.String()); err != nil || m.Rcode != mdns.RcodeServerFailure {
		t.Errorf("nobody to ask: %v, %v, want SERVFAIL", m, err)
	}
}
