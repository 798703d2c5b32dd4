package proxy

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/linarite/linarite/emulator/cloud"
)

// target is where a proxied request wants to go.
type target struct {
	host  string // canonical: lower case, no trailing dot, no brackets
	port  string
	class Class
	// valid is false where the host is not ASCII. Dialling maps such names to others
	// (a full-width "ａzure.com" to "azure.com"), after they were classified.
	valid bool
	// refused is why an Other host must not be passed on, nil where it may.
	refused *refusal
	// by is the proxy through which it is passed on, nil for none.
	by *url.URL
}

// refusal is a status and words for people.
type refusal struct {
	status int
	why    string
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
	if t.class == Other && cloud.IsMetadata(ip) {
		t.class = Azure
	}
	if t.class == Other && t.valid {
		t.refused = p.mayPass(r, t, local)
	}
	if t.class == Other && t.valid && t.refused == nil && !local {
		t.by, t.refused = p.proxyFor(r, t)
	}
	return t
}

// mayPass says why the proxy does not reach an Other host for the caller, nil where it does.
func (p *Proxy) mayPass(r *http.Request, t target, local bool) *refusal {
	switch {
	case p.opts.Sealed || tunnelled(r.Context()):
		return &refusal{http.StatusForbidden, t.host + " is not served here, and this way into the world leads nowhere else." + p.served()}
	case local && !fromLoopback(r):
		return &refusal{http.StatusForbidden, t.host + " is the machine of the proxy, for its own callers alone; if you mean yours, name it in NO_PROXY"}
	case !local && p.opts.Offline:
		return &refusal{http.StatusForbidden, t.host + " is not served here, and the proxy is offline, so it passes nothing on; start it without --offline to reach other hosts." + p.served()}
	case slices.ContainsFunc(r.Header.Values("Via"), func(v string) bool { return strings.Contains(v, p.via) }):
		return &refusal{http.StatusLoopDetected, "this request has been here before: the proxy that Linarite was started with, by HTTP_PROXY or HTTPS_PROXY, leads back to it"}
	}
	return nil
}

// fromLoopback tells whether the caller is on this machine. One without an address is in
// this very process.
func fromLoopback(r *http.Request) bool {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	return err != nil || at.Addr().Unmap().IsLoopback()
}

// isSelf reports whether t is the address r came in by, so that passing the request
// on would only bring it back.
func isSelf(r *http.Request, t target, ip netip.Addr) bool { return isDoor(r, t.host, t.port, ip) }

// isDoor is isSelf for a host and a port; ip is the host where that is an address.
func isDoor(r *http.Request, host, port string, ip netip.Addr) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	own, err := netip.ParseAddrPort(addr.String())
	if err != nil || port != fmt.Sprint(own.Port()) {
		return false
	}
	ownIP := own.Addr().Unmap()
	return ip == ownIP || ownIP.IsLoopback() && (host == "localhost" || ip.IsUnspecified())
}

// refuseMetadata is a net.Dialer's ControlContext: it sees each address after names
// have been resolved, so a public name that leads to a metadata address is caught too.
func refuseMetadata(_ context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("cannot tell whether %q is a metadata address: %w", address, err)
	}
	if cloud.IsMetadata(ap.Addr()) {
		return fmt.Errorf("%s is a metadata address, which the proxy never dials", ap.Addr())
	}
	return nil
}
