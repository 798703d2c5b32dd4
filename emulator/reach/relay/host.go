package relay

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"

	"github.com/linarite/linarite/emulator/cloud"
)

// ErrForbidden is in the error of an address that no relay leads to.
var ErrForbidden = errors.New("leads to where a cloud speaks to its own machines, which nobody in a sealed world may reach")

// Forbidden tells the addresses that no relay leads to: those by which a cloud speaks to its machines, and those that are
// no single host's.
func Forbidden(ip netip.Addr) bool {
	is := cloud.Embedded(ip)
	return cloud.IsMetadata(ip) || is.IsMulticast() || is.IsUnspecified() || is == netip.AddrFrom4([4]byte{255, 255, 255, 255})
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
