package address

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// Add makes a an address of the loopback interface of this network namespace, and returns
// what takes it away again. One that is there already stays when the returned function is
// called. It needs the capability NET_ADMIN.
func Add(a netip.Addr) (remove func() error, err error) {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return nil, fmt.Errorf("no loopback interface: %w", err)
	}
	bits := a.BitLen()
	added := &netlink.Addr{IPNet: &net.IPNet{IP: a.AsSlice(), Mask: net.CIDRMask(bits, bits)}}
	switch err := netlink.AddrAdd(lo, added); {
	case errors.Is(err, unix.EEXIST):
		return func() error { return nil }, nil
	case errors.Is(err, unix.EPERM):
		return nil, fmt.Errorf("%w: it takes the capability NET_ADMIN", err)
	case err != nil:
		return nil, err
	}
	return func() error { return netlink.AddrDel(lo, added) }, nil
}

// Gateways are the default gateways of this network namespace, none where there is no way
// out.
func Gateways() ([]netip.Addr, error) {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_ALL)
	if err != nil {
		return nil, err
	}
	var out []netip.Addr
	for _, r := range routes {
		if r.Dst != nil && !r.Dst.IP.IsUnspecified() {
			continue
		}
		if a, ok := netip.AddrFromSlice(r.Gw); ok {
			out = append(out, a.Unmap())
		}
	}
	return out, nil
}
