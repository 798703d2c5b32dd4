package emulator

import (
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync/atomic"

	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/pki"
)

// revocation serves the authority's empty revocation list at the front door, and tells
// leaves where: a server's port is known when it listens. Clients that never ask, which is
// all but Windows' own, do not notice; the list says nothing about the world, so it is
// there without the control API too.
type revocation struct {
	ca  *pki.CA
	url atomic.Value // string
}

func (r *revocation) path() string { return "/_linarite/crl/" + r.ca.ListName() }

// opened is told where the front door listens. Where that is no loopback address, whoever
// is served may be elsewhere, and leaves name no list.
func (r *revocation) opened(at string) {
	address, err := netip.ParseAddrPort(at)
	if err != nil {
		return
	}
	ip := address.Addr().Unmap()
	switch {
	case ip.IsUnspecified():
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case !ip.IsLoopback():
		return
	}
	r.url.Store("http://" + net.JoinHostPort(ip.String(), strconv.Itoa(int(address.Port()))) + r.path())
}

// at is the URL of the list, empty while there is none.
func (r *revocation) at() string {
	url, _ := r.url.Load().(string)
	return url
}

// before answers requests for the list, and passes all others on.
func (r *revocation) before(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path != r.path() || req.Method != http.MethodGet && req.Method != http.MethodHead || !front.IsLoopback(front.Hostname(req.Host)) {
			next.ServeHTTP(w, req)
			return
		}
		list, err := r.ca.RevocationList()
		if err != nil {
			http.Error(w, err.Error(), http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/pkix-crl") // RFC 2585, section 4.2
		w.Header().Set("Content-Length", strconv.Itoa(len(list)))
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = w.Write(list)
	})
}
