package address

import (
	"net"
	"net/netip"
	"runtime"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// apart puts the test's thread into a network namespace of its own, which ends with it.
func apart(t *testing.T) netlink.Link {
	t.Helper()
	runtime.LockOSThread() // and never unlocked: the thread ends with the test's goroutine
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skip("no network namespace for this user: ", err)
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		t.Fatal(err)
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		t.Fatal(err)
	}
	return lo
}

// has tells whether a link has an address.
func has(t *testing.T, link netlink.Link, want netip.Addr) bool {
	t.Helper()
	all, err := netlink.AddrList(link, netlink.FAMILY_ALL)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		if a.IP.Equal(want.AsSlice()) {
			return true
		}
	}
	return false
}

func TestAdd(t *testing.T) {
	lo, imds := apart(t), netip.MustParseAddr("169.254.169.254")
	remove, err := Add(imds)
	if err != nil || !has(t, lo, imds) {
		t.Fatalf("it is not there: %v", err)
	}
	again, err := Add(imds)
	if err != nil {
		t.Fatal(err)
	}
	if err := again(); err != nil || !has(t, lo, imds) {
		t.Errorf("what was there already was taken away: %v", err)
	}
	if err := remove(); err != nil || has(t, lo, imds) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestGateways(t *testing.T) {
	lo := apart(t)
	if got, err := Gateways(); err != nil || len(got) != 0 {
		t.Fatalf("%v %v", got, err)
	}
	own := &netlink.Addr{IPNet: &net.IPNet{IP: net.IPv4(10, 1, 0, 2), Mask: net.CIDRMask(24, 32)}}
	if err := netlink.AddrAdd(lo, own); err != nil {
		t.Fatal(err)
	}
	for _, r := range []netlink.Route{
		{LinkIndex: lo.Attrs().Index, Gw: net.IPv4(10, 1, 0, 1)},
		{LinkIndex: lo.Attrs().Index, Gw: net.IPv4(10, 1, 0, 7), Dst: &net.IPNet{IP: net.IPv4(10, 9, 0, 0), Mask: net.CIDRMask(16, 32)}},
	} {
		if err := netlink.RouteAdd(&r); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := Gateways(); err != nil || len(got) != 1 || got[0] != netip.MustParseAddr("10.1.0.1") {
		t.Errorf("%v %v", got, err)
	}
}
