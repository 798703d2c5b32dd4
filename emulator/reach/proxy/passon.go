package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

func newTransport(dial func(ctx context.Context, network, addr string) (net.Conn, error), by func(*http.Request) (*url.URL, error)) *http.Transport {
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Transport{
		DialContext:           dial,
		Proxy:                 by,
		DisableCompression:    true, // bodies pass as they are
		MaxIdleConns:          64,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
		Protocols:             &http1,
	}
}

// rewrite undoes what httputil.ReverseProxy does as a gateway and a forward proxy
// must not: it passes query and Forwarded headers on as they came. Hop-by-hop
// headers, among them Proxy-Authorization, are gone already.
func (p *Proxy) rewrite(pr *httputil.ProxyRequest) {
	pr.Out.URL.RawQuery = pr.In.URL.RawQuery
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := pr.In.Header[name]; ok {
			pr.Out.Header[name] = values
		}
	}
	// The proxy named here, as RFC 9110, section 7.6.3, wants it.
	pr.Out.Header.Add("Via", p.via)
}

// passBack changes the answer of an Other host on its way back.
func (p *Proxy) passBack(resp *http.Response) error {
	if by := routeOf(resp.Request.Context()); by != nil && resp.StatusCode == http.StatusProxyAuthRequired {
		return wantsLogin(by) // not from the client, who would look for a password of ours
	}
	resp.Header.Add("Via", p.via)
	return nil
}

func wantsLogin(by *url.URL) error {
	return fmt.Errorf("the proxy %s, with which Linarite was started, refuses its user or password (407): mend HTTP_PROXY and HTTPS_PROXY and start again", by.Host)
}

// unreachable answers for an Other host that could not be reached.
func (p *Proxy) unreachable(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadGateway
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		status = http.StatusGatewayTimeout
	}
	why := "cannot reach " + r.URL.Host
	if by := routeOf(r.Context()); by != nil {
		why += " by the proxy " + by.Host
	}
	p.refuse(w, r, status, why+": "+err.Error())
}
