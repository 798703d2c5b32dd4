package sandbox

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// network brings the loopback interface up and leads all of IPv4 to it.
func (w *world) network() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return err
	}
	for _, s := range w.Addresses {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return err
		}
		if err := netlink.AddrAdd(lo, &netlink.Addr{IPNet: ipNet(p)}); err != nil {
			return fmt.Errorf("address %s: %w", p, err)
		}
	}
	// ip route add local default dev lo: a literal address is local too, and
	// answers or refuses at once. IPv6 gets no such route: unreachable, at once.
	err = netlink.RouteAdd(&netlink.Route{
		LinkIndex: lo.Attrs().Index,
		Dst:       ipNet(netip.MustParsePrefix("0.0.0.0/0")),
		Type:      unix.RTN_LOCAL,
		Table:     unix.RT_TABLE_LOCAL,
		Scope:     unix.RT_SCOPE_HOST,
	})
	if err != nil {
		return fmt.Errorf("local default route: %w", err)
	}
	return nil
}

// ipNet is a prefix with its host bits, as the netlink package wants it.
func ipNet(p netip.Prefix) *net.IPNet {
	a := p.Addr()
	return &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(p.Bits(), a.BitLen())}
}

// listen opens an endpoint in this process's network namespace.
func listen(e Endpoint) (*os.File, error) {
	var c net.ListenConfig
	c.SetMultipathTCP(false) // the loopback interface is the only path
	network := e.Network + "6"
	if e.Addr.Addr().Unmap().Is4() {
		network = e.Network + "4" // else 0.0.0.0 would take in all of IPv6
	}
	if e.Network == "udp" {
		pc, err := c.ListenPacket(context.Background(), network, e.Addr.String())
		if err != nil {
			return nil, err
		}
		defer pc.Close()
		return pc.(*net.UDPConn).File()
	}
	ln, err := c.Listen(context.Background(), network, e.Addr.String())
	if err != nil {
		return nil, err
	}
	defer ln.Close()
	return ln.(*net.TCPListener).File()
}
