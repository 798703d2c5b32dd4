package emulator

import (
	"context"
	"net"
	"net/netip"
	"strconv"

	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/relay"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// Attached is a world of a running server, for a command that is sealed in beside it.
type Attached struct {
	// Proxy is the server's front door, host:port.
	Proxy string
	// User is where the command is: MACHINE, WORLD. or WORLD.MACHINE; empty is the served world,
	// and its default machine.
	User string
	// Machine is the name of the machine that the command is on; empty where there is none.
	Machine string
	// Authority is the server's, PEM; CLICloud is its cloud as az names it.
	Authority []byte
	CLICloud  string
}

// Seal is Emulator.Seal with the server's world in place of one of its own. All that goes to
// the sealed addresses goes through the server's proxy, in tunnels whose user says where the
// command is. TLS ends in the server. When the server ends, so do its connections: the
// command does not.
func (a Attached) Seal(ctx context.Context, o SealOptions) (sandbox.ExitStatus, error) {
	// The proxy ends such a tunnel itself and asks each request in it which host it is for, so
	// that one target stands for all that the world serves, and for its front door.
	door := func(port string) relay.Dial {
		return relay.Tunnel(a.Proxy, a.User, net.JoinHostPort(front.IMDSHost, port))
	}
	plain, secure, said := door("80"), door("443"), o.once()
	loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	w := inside{authority: a.Authority, cliCloud: a.CLICloud, machine: a.Machine}
	add := func(ip netip.Addr, number uint16, dial relay.Dial) {
		w.ports = append(w.ports, port{
			sandbox.Endpoint{Network: "tcp", Addr: netip.AddrPortFrom(ip, number)},
			func(ctx context.Context, ln net.Listener) error { return relay.Serve(ctx, ln, dial, said) },
		})
	}
	add(netip.MustParseAddr(front.IMDSHost), 80, plain)
	add(azureAddress(), 80, plain)
	add(azureAddress(), 443, secure)
	add(loopback, DefaultPort, plain)
	add(loopback, DefaultHTTPSPort, secure)
	for _, number := range []uint16{DefaultBlobPort, DefaultQueuePort, DefaultTablePort} {
		add(loopback, number, door(strconv.Itoa(int(number)))) // see Emulator.place
	}
	return o.seal(ctx, w)
}
