package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"
)

// routeKey is the key of the proxy by which a request is passed on, in its context.
type routeKey struct{}

func withRoute(ctx context.Context, by *url.URL) context.Context {
	return context.WithValue(ctx, routeKey{}, by)
}

func routeOf(ctx context.Context) *url.URL {
	by, _ := ctx.Value(routeKey{}).(*url.URL)
	return by
}

// chained is what the transport asks for the proxy of a request.
func (p *Proxy) chained(r *http.Request) (*url.URL, error) { return routeOf(r.Context()), nil }

// proxyFor finds the proxy by which an Other host is reached, nil for none. One that is this
// very proxy is none: a shell that was led here starts a server with itself as its proxy.
func (p *Proxy) proxyFor(r *http.Request, t target) (*url.URL, *refusal) {
	if p.opts.Chain == nil {
		return nil, nil
	}
	scheme := "http"
	if r.Method == http.MethodConnect {
		scheme = "https"
	}
	by, err := p.opts.Chain(&url.URL{Scheme: scheme, Host: t.addr()})
	switch {
	case err != nil:
		return nil, &refusal{http.StatusBadGateway, "the variable of a proxy, with which Linarite was started, does not parse: " + unquoted(err)}
	case by == nil:
		return nil, nil
	case by.Scheme != "http" && by.Scheme != "https":
		return nil, &refusal{http.StatusBadGateway, fmt.Sprintf("Linarite was started with the proxy %s, of the kind %s: it knows http and https", by.Host, by.Scheme)}
	}
	host := strings.ToLower(by.Hostname())
	ip, _ := netip.ParseAddr(host)
	if isDoor(r, host, portOf(by), ip.Unmap()) {
		return nil, nil
	}
	return by, nil
}

// unquoted is an error without the URL in it, which may hold a password.
func unquoted(err error) string {
	if u := new(url.Error); errors.As(err, &u) {
		return u.Err.Error()
	}
	return "it is no URL"
}

func portOf(by *url.URL) string {
	switch {
	case by.Port() != "":
		return by.Port()
	case by.Scheme == "https":
		return "443"
	}
	return "80"
}

// dial connects to an Other host: by itself, or through another proxy's tunnel.
func (p *Proxy) dial(ctx context.Context, t target) (net.Conn, error) {
	if t.by == nil {
		return p.opts.Upstream(ctx, "tcp", t.addr())
	}
	ctx, cancel := context.WithTimeout(ctx, headerTimeout)
	defer cancel()
	conn, err := p.opts.Upstream(ctx, "tcp", net.JoinHostPort(t.by.Hostname(), portOf(t.by)))
	if err != nil {
		return nil, fmt.Errorf("by the proxy %s: %w", t.by.Host, err)
	}
	if t.by.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: t.by.Hostname(), NextProtos: []string{"http/1.1"}})
	}
	through, err := p.ask(ctx, conn, t)
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return through, nil
}

// ask has another proxy make a tunnel of a connection to it.
func (p *Proxy) ask(ctx context.Context, conn net.Conn, t target) (net.Conn, error) {
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	request := "CONNECT " + t.addr() + " HTTP/1.1\r\nHost: " + t.addr() + "\r\nVia: " + p.via + "\r\n"
	if u := t.by.User; u != nil {
		password, _ := u.Password()
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(u.Username()+":"+password)) + "\r\n"
	}
	if _, err := io.WriteString(conn, request+"\r\n"); err != nil {
		return nil, fmt.Errorf("by the proxy %s: %w", t.by.Host, err)
	}
	reader := bufio.NewReader(conn)
	resp, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, fmt.Errorf("by the proxy %s: %w", t.by.Host, err)
	}
	_ = resp.Body.Close() // a tunnel has none, and no refusal is read to its end
	switch resp.StatusCode {
	case http.StatusOK:
		return &clientConn{Conn: conn, reader: reader, closed: make(chan struct{})}, nil
	case http.StatusProxyAuthRequired:
		return nil, wantsLogin(t.by)
	}
	return nil, fmt.Errorf("the proxy %s answers %s", t.by.Host, resp.Status)
}
