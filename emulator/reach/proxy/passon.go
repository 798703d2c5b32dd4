package proxy

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httputil"
	"time"
)

// via names this proxy in messages passed on (RFC 9110, section 7.6.3).
const via = "1.1 linarite"

func newTransport(dial func(ctx context.Context, network, addr string) (net.Conn, error)) *http.Transport {
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Transport{
		DialContext:           dial,
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
func rewrite(pr *httputil.ProxyRequest) {
	pr.Out.URL.RawQuery = pr.In.URL.RawQuery
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
		if values, ok := pr.In.Header[name]; ok {
			pr.Out.Header[name] = values
		}
	}
	pr.Out.Header.Add("Via", via)
}

func addResponseVia(resp *http.Response) error {
	resp.Header.Add("Via", via)
	return nil
}

// unreachable answers for an Other host that could not be reached.
func (p *Proxy) unreachable(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadGateway
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		status = http.StatusGatewayTimeout
	}
	p.refuse(w, r, status, "cannot reach "+r.URL.Host+": "+err.Error())
}
