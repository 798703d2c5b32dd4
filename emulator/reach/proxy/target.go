package proxy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"unicode"
)

// target is where a proxied request wants to go.
type target struct {
	host  string // canonical: lower case, no trailing dot, no brackets
	port  string
	class Class
	// valid is false where the host is not ASCII. Dialling maps such names to others
	// (a full-width "ａzure.com" to "azure.com"), after they were classified.
	valid bool
	// allowed is false for an Other host that must not be passed on.
	allowed bool
}

const notASCII = "a host name on the wire is ASCII: write it in its xn-- form"

func (t target) addr() string { return net.JoinHostPort(t.host, t.port) }

func (p *Proxy) target(r *http.Request, host, port string) target {
	t := target{host: strings.ToLower(strings.TrimRight(host, ".")), port: port}
	t.valid = strings.IndexFunc(host, func(r rune) bool { return r > unicode.MaxASCII }) < 0
	ip, err := netip.ParseAddr(t.host)
	if err == nil {
		ip = ip.Unmap()
		t.host = ip.String()
	}
	local := t.host == "localhost" || ip.IsLoopback() || ip.IsUnspecified()
	switch {
	case isSelf(r, t, ip):
		t.class = Served
	case !local:
		t.class = p.opts.Class(t.host)
	}
	if t.class == Other && isMetadata(ip) {
		t.class = Azure
	}
	t.allowed = local || !p.opts.Offline
	return t
}

// isSelf reports whether t is the address r came in by, so that passing the request
// on would only bring it back.
func isSelf(r *http.Request, t target, ip netip.Addr) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	own, err := netip.ParseAddrPort(addr.String())
	if err != nil || t.port != fmt.Sprint(own.Port()) {
		return false
	}
	ownIP := own.Addr().Unmap()
	return ip == ownIP || ownIP.IsLoopback() && (t.host == "localhost" || ip.IsUnspecified())
}

// wireServer is the address of Azure's host agent endpoint inside every virtual
// machine (Microsoft documentation, "What is IP address 168.63.129.16?").
var wireServer = netip.AddrFrom4([4]byte{168, 63, 129, 16})

// isMetadata reports whether ip is an address by which a cloud speaks to its own
// machines: IMDS and everything else link-local, and Azure's wire server. On a real
// virtual machine these answer with real credentials.
func isMetadata(ip netip.Addr) bool {
	return ip.IsLinkLocalUnicast() || ip == wireServer
}

// refuseMetadata is a net.Dialer's ControlContext: it sees each address after names
// have been resolved, so a public name that leads to a metadata address is caught too.
func refuseMetadata(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("cannot tell whether %q is a metadata address: %w", address, err)
	}
	if isMetadata(ap.Addr().Unmap()) {
		return fmt.Errorf("%s is a metadata address, which the proxy never dials", ap.Addr())
	}
	return nil
}
