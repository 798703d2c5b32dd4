package sandbox

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// TakeAddresses puts addresses on the loopback interface of this process's own network
// namespace, for Run with Options.Here, and gives back what takes them away again. What a
// run that was killed has left there counts as its own.
//
// It refuses a namespace that may be a machine's own: one with an interface that is hardware
// (of no kind that rtnetlink knows) or a bridge. There, 169.254.169.254 may be somebody's.
func TakeAddresses(addresses []netip.Prefix) (giveBack func() error, err error) {
	lo, err := ownLoopback()
	if err != nil {
		return nil, err
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return nil, &Error{Op: opTake, Err: err}
	}
	giveBack = func() error {
		var errs []error
		for _, p := range addresses {
			if err := netlink.AddrDel(lo, &netlink.Addr{IPNet: ipNet(p)}); err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
				errs = append(errs, fmt.Errorf("taking %s from the loopback interface: %w", p, err))
			}
		}
		return errors.Join(errs...)
	}
	for _, p := range addresses {
		if err := netlink.AddrReplace(lo, &netlink.Addr{IPNet: ipNet(p)}); err != nil {
			return nil, errors.Join(&Error{Op: opTake, Err: fmt.Errorf("address %s: %w", p, err)}, giveBack())
		}
	}
	return giveBack, nil
}

// opTake is what --here does first, as in Error.Op.
const opTake = "taking this network namespace"

// ownLoopback is the loopback interface of a namespace that may be taken.
func ownLoopback() (netlink.Link, error) {
	const op = opTake
	if !effective(unix.CAP_NET_ADMIN) {
		return nil, &Error{Op: op, Err: unix.EPERM, Why: "this process lacks CAP_NET_ADMIN", Do: "start the container with docker run --cap-add NET_ADMIN, and the command as root"}
	}
	links, err := netlink.LinkList()
	if err != nil {
		return nil, &Error{Op: op, Err: err}
	}
	var lo netlink.Link
	for _, l := range links {
		a := l.Attrs()
		if a.Flags&net.FlagLoopback != 0 {
			lo = l
			continue
		}
		if why := machines(l.Type()); why != "" {
			return nil, &Error{Op: op, Err: fmt.Errorf("its interface %s is %s, as a machine's own namespace has", a.Name, why),
				Do: "use it in a container that has a network of its own (not --network host)"}
		}
	}
	if lo == nil {
		return nil, &Error{Op: op, Err: errors.New("it has no loopback interface")}
	}
	return lo, nil
}

// machines tells what a kind of interface says of a namespace that has it, "" where it may be
// a container's. The netlink package calls one without a kind a device.
func machines(kind string) string {
	switch kind {
	case "", "device":
		return "hardware"
	case "bridge", "openvswitch":
		return "a bridge"
	}
	return ""
}

// effective tells whether this thread has a capability.
func effective(c uint) bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&header, &data[0]); err != nil {
		return false
	}
	return data[c/32].Effective&(1<<(c%32)) != 0
}

// Mounts tells whether this process may give a command files of its own (Options.Here).
func Mounts() bool { return effective(unix.CAP_SYS_ADMIN) }
