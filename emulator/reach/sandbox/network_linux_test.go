package sandbox_test

import (
	"context"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

func TestNetwork(t *testing.T) {
	tests := []struct {
		name, verb string
		args       []string
		want       []string
	}{
		{"IMDS address", "get", []string{"http://" + imds + "/metadata"}, []string{"world at " + imds}},
		{"name", "get", []string{"http://" + known + "/"}, []string{"world at " + known}},
		{"Go's resolver", "resolve", []string{known, "unknown.example", "localhost"}, []string{service, "no such name", "127.0.0.1"}},
		{"name server", "query", []string{"127.0.0.1/" + known + "/A", "127.0.0.1/" + known + "/AAAA", "127.0.0.1/unknown.example/A"},
			[]string{"NOERROR 1", "NOERROR 0", "NXDOMAIN 0"}},
		{"somebody else's name server", "query", []string{"8.8.8.8/" + known + "/A"}, []string{"NOERROR 1"}},
		{"any literal address", "dial", []string{"20.50.1.2:443", "10.0.0.1:443", "192.168.1.1:443"},
			[]string{"20.50.1.2:443", "10.0.0.1:443", "192.168.1.1:443"}},
		{"port without a server", "dial", []string{"20.50.1.2:8443", "127.0.0.1:22"}, []string{"connection refused", "connection refused"}},
		{"IPv6", "dial", []string{"[2001:db8::1]:443", "[2001:4860:4860::8888]:53"}, []string{"network is unreachable", "network is unreachable"}},
		{"IPv6 loopback", "dial", []string{"[::1]:443"}, []string{"connection refused"}},
	}
	forEverybody(t, func(t *testing.T, w who) {
		for _, tc := range tests {
			t.Run(tc.name, func(t *testing.T) {
				w.run(t, spec{Name: "world", Command: toolCommand(tc.verb, tc.args...), Env: toolEnv()}).
					wantOutput(t, strings.Join(tc.want, "\n")+"\n")
			})
		}
	})
}

// TestSystemTools asks what the system's C library and curl make of it.
func TestSystemTools(t *testing.T) {
	needs(t, "getent")
	needs(t, "curl")
	forEverybody(t, func(t *testing.T, w who) {
		run := func(script string) result {
			return w.run(t, spec{Name: "world", Command: shell(script), Env: plainEnv()})
		}
		run("getent ahosts "+known+" | cut -d' ' -f1 | sort -u").wantOutput(t, service+"\n")
		run("getent ahostsv6 "+known+"; getent ahosts unknown.example; echo $?").wantOutput(t, "2\n")
		run("curl -s http://"+known+"/").wantOutput(t, "world at "+known)
		run("curl -s http://unknown.example/; echo $?").wantOutput(t, "6\n") // 6: could not resolve host
	})
}

// TestNoPacketLeaves watches the only interface of a machine, so to speak, while
// a sealed world does what it should not.
func TestNoPacketLeaves(t *testing.T) {
	needsRoot(t)
	for _, w := range everybody() {
		t.Run(w.name, func(t *testing.T) {
			inOwnNetwork(t, func(sent func() uint64) {
				before := sent()
				if _, err := datagram("8.8.8.8:53"); err != nil {
					t.Fatal(err)
				}
				if sent() == before {
					t.Fatal("the counter does not count: a datagram of the machine has not been seen")
				}
				before = sent()
				for _, c := range [][]string{
					toolCommand("resolve", known, "unknown.example", "login.microsoftonline.com"),
					toolCommand("query", "8.8.8.8/"+known+"/A", "10.9.9.1/"+known+"/A"),
					toolCommand("get", "http://"+known+"/", "http://unknown.example/", "http://20.50.1.2/"),
					toolCommand("dial", "20.50.1.2:443", "20.50.1.2:80", "[2001:db8::1]:443", "[ff02::1%lo]:443"),
					toolCommand("udp", "8.8.8.8:53", "255.255.255.255:67", "224.0.0.251:5353", "[ff02::fb%lo]:5353"),
				} {
					if r := w.run(t, spec{Name: "world", Command: c, Env: toolEnv()}); r.code != 0 {
						t.Errorf("%v: %+v", c, r)
					}
				}
				if after := sent(); after != before {
					t.Errorf("%d packets left", after-before)
				}
			})
		})
	}
}

// inOwnNetwork runs a function in a network namespace with one interface, over
// which the default route leads, and lets it read how many packets it has sent.
func inOwnNetwork(t *testing.T, f func(sent func() uint64)) {
	t.Helper()
	done := make(chan struct{})
	go func() { // on a thread that ends with the function, and the namespace with it
		defer close(done)
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Errorf("missing: a network namespace: %v", err)
			return
		}
		link, err := uplink()
		if err != nil {
			t.Errorf("missing: a network interface: %v", err)
			return
		}
		f(func() uint64 {
			l, err := netlink.LinkByIndex(link)
			if err != nil {
				t.Error(err)
				return 0
			}
			return l.Attrs().Statistics.TxPackets
		})
	}()
	<-done
}

// uplink makes the interface: a pair of veth, whose other end listens in silence.
func uplink() (index int, err error) {
	// No IPv6, which sends router solicitations of its own accord.
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/disable_ipv6", []byte("1"), 0); err != nil {
		return 0, err
	}
	pair := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: "up"}, PeerName: "peer"}
	if err := netlink.LinkAdd(pair); err != nil {
		return 0, err
	}
	for _, name := range []string{"up", "peer"} {
		l, err := netlink.LinkByName(name)
		if err != nil {
			return 0, err
		}
		if name == "up" {
			index = l.Attrs().Index
			if err := netlink.LinkSetARPOff(l); err != nil {
				return 0, err
			}
			if err := netlink.AddrAdd(l, &netlink.Addr{IPNet: &net.IPNet{IP: net.IPv4(10, 9, 9, 1), Mask: net.CIDRMask(24, 32)}}); err != nil {
				return 0, err
			}
		}
		if err := netlink.LinkSetUp(l); err != nil {
			return 0, err
		}
	}
	return index, netlink.RouteAdd(&netlink.Route{LinkIndex: index, Dst: &net.IPNet{IP: net.IPv4zero.To4(), Mask: net.CIDRMask(0, 32)}})
}

// listenOutside is a server of the machine, at its loopback interface.
func listenOutside(t *testing.T) string {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	return ln.Addr().String()
}

func TestMachinesLoopbackIsOutOfReach(t *testing.T) {
	addr := listenOutside(t)
	forEverybody(t, func(t *testing.T, w who) {
		w.run(t, spec{Command: toolCommand("dial", addr), Env: toolEnv()}).wantOutput(t, "connection refused\n")
	})
}
