package emulator

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/reach/relay"
	"github.com/linarite/linarite/emulator/reach/sandbox"
)

// Published is a port inside a sealed world that this machine reaches.
type Published struct {
	// Host is where this machine listens; port 0 is any free one.
	Host netip.AddrPort
	// Inner is the port inside, on loopback.
	Inner uint16
}

// ParsePublished reads HOST:INNER, where HOST is a port, of 127.0.0.1, or IP:port. Its errors
// wrap ErrUsage.
func ParsePublished(s string) (Published, error) {
	bad := func(why string) (Published, error) {
		return Published{}, fmt.Errorf("%w: --publish %s: %s: give HOST:INNER, as in 8080:80, 127.0.0.1:8080:80 or 0:80 for any free port", ErrUsage, s, why)
	}
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return bad("there is one port")
	}
	host, inner := s[:i], s[i+1:]
	n, err := strconv.ParseUint(inner, 10, 16)
	if err != nil || n == 0 {
		return bad(fmt.Sprintf("%q is no port inside", inner))
	}
	p := Published{Inner: uint16(n)}
	if !strings.Contains(host, ":") {
		host = "127.0.0.1:" + host
	}
	if p.Host, err = netip.ParseAddrPort(host); err != nil {
		return bad(fmt.Sprintf("%q is no port or IP:port", s[:i]))
	}
	return p, nil
}

// published are open ports of this machine, each with the address inside that it leads to.
type published []publishedPort

type publishedPort struct {
	net.Listener
	inner uint16
}

// publish opens the ports of this machine, before there is a command.
func (o SealOptions) publish(ctx context.Context) (open published, err error) {
	for _, p := range o.Publish {
		ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", p.Host.String())
		if err != nil {
			open.close()
			return nil, &BusyError{Flag: "--publish", Address: p.Host.String(), Err: cause(err)}
		}
		open = append(open, publishedPort{ln, p.Inner})
		if p.Host.Port() == 0 {
			o.say("%s leads to port %d inside", ln.Addr(), p.Inner)
		}
	}
	return open, nil
}

func (p published) close() {
	for _, one := range p {
		_ = one.Close()
	}
}

// serve joins the ports with those inside until ctx is done.
func (p published) serve(ctx context.Context, dial sandbox.DialFunc) {
	ended := make(chan struct{})
	for _, one := range p {
		go func() {
			defer func() { ended <- struct{}{} }()
			_ = relay.Serve(ctx, one.Listener, func(ctx context.Context) (net.Conn, error) { return dialInside(ctx, dial, one.inner) }, nil)
		}()
	}
	for range p {
		<-ended
	}
}

// dialInside finds a server that listens on loopback of either kind.
func dialInside(ctx context.Context, dial sandbox.DialFunc, port uint16) (net.Conn, error) {
	conn, err := dial(ctx, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port).String())
	if err == nil {
		return conn, nil
	}
	if conn, err := dial(ctx, netip.AddrPortFrom(netip.IPv6Loopback(), port).String()); err == nil {
		return conn, nil
	}
	return nil, err
}

// Reached is a service outside that a sealed command reaches at the same name and port.
type Reached struct {
	Host string // a name or an address
	Port uint16
}

// String is host:port.
func (r Reached) String() string { return net.JoinHostPort(r.Host, strconv.Itoa(int(r.Port))) }

// ParseReached reads HOST:PORT, and refuses what nobody in a sealed world may reach: names of
// Azure's, and addresses by which a cloud speaks to its machines. Its errors wrap ErrUsage.
func ParseReached(s string) (Reached, error) {
	bad := func(why string) (Reached, error) {
		return Reached{}, fmt.Errorf("%w: --reach %s: %s", ErrUsage, s, why)
	}
	host, text, err := net.SplitHostPort(s)
	n, portErr := strconv.ParseUint(text, 10, 16)
	if err != nil || host == "" || portErr != nil || n == 0 {
		return bad("give HOST:PORT, as in localhost:5432 or registry.example:443")
	}
	host = strings.ToLower(strings.TrimRight(host, "."))
	if strings.IndexFunc(host, func(r rune) bool { return r > 127 || r <= ' ' }) >= 0 || host == "" {
		return bad("write the name in its ASCII form (xn--)")
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if relay.Forbidden(ip) {
			return bad(host + " " + relay.ErrForbidden.Error())
		}
		host = ip.Unmap().WithZone("").String()
	}
	if cloud.IsAzure(host) {
		return bad(host + " is Azure's, and nothing in a sealed world reaches Azure")
	}
	return Reached{host, uint16(n)}, nil
}

// check looks at where the name leads from here: an alias of Azure's, or an address that is
// forbidden. What it leads to later is looked at when it is dialled.
func (r Reached) check(ctx context.Context) error {
	bad := func(why string) error { return fmt.Errorf("%w: --reach %s: %s", ErrUsage, r, why) }
	if ip, err := netip.ParseAddr(r.Host); err == nil {
		if relay.Forbidden(ip) {
			return bad(r.Host + " " + relay.ErrForbidden.Error())
		}
		return nil
	}
	all, err := net.DefaultResolver.LookupNetIP(ctx, "ip", r.Host)
	if err != nil {
		return bad("the name does not resolve on this machine: " + err.Error())
	}
	for _, ip := range all {
		if relay.Forbidden(ip) {
			return bad(fmt.Sprintf("%s is %s here, which %v", r.Host, ip, relay.ErrForbidden))
		}
	}
	if name, err := net.DefaultResolver.LookupCNAME(ctx, r.Host); err == nil && cloud.IsAzure(name) {
		return bad(fmt.Sprintf("%s is another name of %s, which is Azure's", r.Host, strings.TrimRight(name, ".")))
	}
	return nil
}

// names are what resolves inside beside Azure's names.
type names struct {
	addresses []netip.Prefix // to put on the loopback interface
	byName    map[string]netip.Addr
}

// reach adds a relay to the ports of a world for each service outside.
func (o SealOptions) reach(ctx context.Context, w *inside) (names, error) {
	n := names{byName: map[string]netip.Addr{}}
	own, _ := os.Hostname()
	for _, r := range o.Reach {
		if err := r.check(ctx); err != nil {
			return n, err
		}
		at := netip.AddrPortFrom(n.address(r.Host, own), r.Port)
		for _, p := range w.ports {
			if p.endpoint.Addr == at {
				return n, fmt.Errorf("%w: --reach %s: inside, port %d there is taken already", ErrUsage, r, r.Port)
			}
		}
		dial := relay.Host(r.String())
		w.ports = append(w.ports, port{sandbox.Endpoint{Network: "tcp", Addr: at}, func(ctx context.Context, ln net.Listener) error {
			return relay.Serve(ctx, ln, dial, func(err error) { o.say("--reach %s: %v", r, err) })
		}})
	}
	return n, nil
}

// address is where a host is inside: loopback where it is this machine's, itself where it is
// an address, else one for the name.
func (n *names) address(host, own string) netip.Addr {
	if front.IsLoopback(host) || strings.EqualFold(host, own) {
		if ip, err := netip.ParseAddr(host); err == nil {
			return ip
		}
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	ip, err := netip.ParseAddr(host)
	named := err != nil
	if named {
		if known, ok := n.byName[host]; ok {
			return known
		}
		i := len(n.byName) + 1
		ip = netip.AddrFrom4([4]byte{198, 18, 1 + byte(i>>8), byte(i)}) // beside azureAddress, nobody's either
		n.byName[host] = ip
	}
	if !named || ip.Is4() {
		n.addresses = append(n.addresses, netip.PrefixFrom(ip, ip.BitLen()))
	}
	return ip
}

// resolve leads every name of Azure's to the world, served or not: what is not served
// is refused there, in words.
func (n names) resolve(name string) (netip.Addr, bool) {
	if cloud.IsAzure(name) {
		return azureAddress(), true
	}
	if ip, ok := n.byName[strings.ToLower(strings.TrimRight(name, "."))]; ok {
		return ip, true
	}
	return netip.AddrFrom4([4]byte{127, 0, 0, 1}), front.IsLoopback(name)
}
