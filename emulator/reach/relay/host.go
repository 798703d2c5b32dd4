package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// ErrForbidden is in the error of an address that no relay leads to.
var ErrForbidden = errors.New("leads to where a cloud speaks to its own machines, which nobody in a sealed world may reach")

// Forbidden tells the addresses that no relay leads to: all link-local ones, 169.254.169.254
// and the like among them, Azure's wire server, and those that are no single host's; also
// where an IPv6 address stands for one of them (RFC 4291, section 2.5.5.2; RFC 6052, section 2.1).
func Forbidden(ip netip.Addr) bool {
	if netip.MustParsePrefix("64:ff9b::/96").Contains(ip.WithZone("")) {
		b := ip.As16()
		ip = netip.AddrFrom4([4]byte(b[12:]))
	}
	ip = ip.Unmap()
	return ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() ||
		ip == netip.AddrFrom4([4]byte{168, 63, 129, 16}) || ip == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// Host dials one service of this machine, or one that this machine reaches. Each address is
// looked at after the name has been resolved, every time, so that a name cannot begin to
// lead to a forbidden one.
func Host(address string) Dial {
	dialer := &net.Dialer{Timeout: patience, ControlContext: refuse}
	return func(ctx context.Context) (net.Conn, error) { return dialer.DialContext(ctx, "tcp", address) }
}

func refuse(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if Forbidden(at.Addr()) {
		return fmt.Errorf("%s %w", at.Addr(), ErrForbidden)
	}
	return nil
}
