package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/pki"
)

// seen is what Next saw of a request.
type seen struct {
	Host, RequestURI, URL, User, Conn string
	Header                            http.Header
	TLS                               bool
}

type userKey struct{}

// rig is a proxy on loopback. Its Next answers "served HOST URI"; its Upstream knows
// the names in hosts and records every address asked for.
type rig struct {
	*Proxy
	ca     *pki.CA
	url    *url.URL
	server *http.Server
	addr   net.Addr

	mu     sync.Mutex
	seen   []seen
	dialed []string
	hosts  map[string]string // "name:port" to a loopback address
}

func newRig(t *testing.T, change func(*Options)) *rig {
	t.Helper()
	r := &rig{hosts: map[string]string{}}
	ca, err := pki.Create(pki.CAOptions{
		DNS:      []string{"core.windows.net", "localhost"},
		IPs:      []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")},
		Lifetime: time.Hour,
		Now:      time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	r.ca = ca
	o := Options{
		Next:     http.HandlerFunc(r.next),
		Class:    classify,
		TLS:      ca.TLSConfig(func(string) bool { return true }, nil),
		Serves:   []string{"acct.blob.core.windows.net"},
		Upstream: r.dial,
		Place: func(r *http.Request, user string) (context.Context, error) {
			ctx := r.Context()
			if user == "nowhere" {
				return ctx, errors.New("there is no such place")
			}
			return context.WithValue(ctx, userKey{}, "proxied:"+user), nil
		},
	}
	if change != nil {
		change(&o)
	}
	r.Proxy = New(o)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.addr = ln.Addr()
	r.url = &url.URL{Scheme: "http", Host: ln.Addr().String()}
	r.server = &http.Server{Handler: r.Proxy}
	go func() { _ = r.server.Serve(ln) }()
	t.Cleanup(func() {
		_ = r.Close()
		_ = r.server.Close()
	})
	return r
}

// classify knows one account and IMDS; other names of Microsoft's are Azure's.
func classify(host string) Class {
	switch {
	case host == "acct.blob.core.windows.net", host == "169.254.169.254", host == "uncertified.azure.com":
		return Served
	case strings.HasSuffix(host, ".windows.net"), strings.HasSuffix(host, "azure.com"):
		return Azure
	}
	return Other
}

func (r *rig) next(w http.ResponseWriter, req *http.Request) {
	user, _ := req.Context().Value(userKey{}).(string)
	r.mu.Lock()
	r.seen = append(r.seen, seen{
		Host: req.Host, RequestURI: req.RequestURI, URL: req.URL.String(), User: user,
		Conn: req.RemoteAddr, Header: req.Header, TLS: req.TLS != nil,
	})
	r.mu.Unlock()
	body, _ := io.ReadAll(req.Body)
	fmt.Fprintf(w, "served %s %s%s", req.Host, req.RequestURI, body)
}

func (r *rig) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	r.mu.Lock()
	r.dialed = append(r.dialed, addr)
	to, ok := r.hosts[addr]
	r.mu.Unlock()
	if !ok {
		return nil, errors.New("no such host: " + addr)
	}
	return new(net.Dialer).DialContext(ctx, network, to)
}

// requests returns what Next has seen, and dials where Upstream was asked to go.
func (r *rig) requests() []seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.seen
}

func (r *rig) dials() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.dialed
}

// only returns the one request Next has seen.
func (r *rig) only(t *testing.T) seen {
	t.Helper()
	all := r.requests()
	if len(all) != 1 {
		t.Fatalf("Next saw %d requests: %+v", len(all), all)
	}
	return all[0]
}

// name lets Upstream find a server by a host name.
func (r *rig) name(hostport string, server net.Addr) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hosts[hostport] = server.String()
}

func (r *rig) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(r.ca.Certificate())
	return pool
}

// caFile writes the authority's certificate where programs can read it.
func (r *rig) caFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, r.ca.PEM(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// client is an ordinary Go client with the proxy configured.
func (r *rig) client(t *testing.T) *http.Client {
	transport := &http.Transport{
		Proxy:           http.ProxyURL(r.url),
		TLSClientConfig: &tls.Config{RootCAs: r.roots()},
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func get(t *testing.T, c *http.Client, url string) (status int, body string) {
	t.Helper()
	resp, err := c.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

// peer is a raw connection, for what a well-behaved client would not write.
type peer struct {
	net.Conn
	r *bufio.Reader
}

func (r *rig) connect(t *testing.T) *peer {
	t.Helper()
	conn, err := net.Dial("tcp", r.url.Host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &peer{conn, bufio.NewReader(conn)}
}

func (p *peer) Read(b []byte) (int, error) { return p.r.Read(b) }

func (p *peer) send(t *testing.T, format string, args ...any) {
	t.Helper()
	if _, err := fmt.Fprintf(p, format, args...); err != nil {
		t.Fatal(err)
	}
}

// answer reads one response with its body; method is that of the request.
func (p *peer) answer(t *testing.T, method string) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(p.r, &http.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if method == http.MethodConnect && resp.StatusCode == http.StatusOK {
		return resp, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

// tunnel sends a CONNECT, and wants a tunnel.
func (p *peer) tunnel(t *testing.T, hostport string) {
	t.Helper()
	p.send(t, "CONNECT %s HTTP/1.1\r\nHost: %[1]s\r\n\r\n", hostport)
	if resp, body := p.answer(t, http.MethodConnect); resp.StatusCode != http.StatusOK {
		t.Fatalf("CONNECT %s: %s %s", hostport, resp.Status, body)
	}
}

// listen accepts connections on loopback and hands each to serve.
func listen(t *testing.T, serve func(*net.TCPConn)) net.Addr {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn.(*net.TCPConn))
			}()
		}
	}()
	return ln.Addr()
}
