package proxy

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// corporate is somebody else's proxy, which the rig knows as corp.example. It has seen what
// it was asked, method, target and login, and passes all on to one server.
type corporate struct {
	mu   sync.Mutex
	seen []string
	via  []string
}

func (c *corporate) asked() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seen
}

// newCorporate starts the proxy at an address of the rig's, in front of a server. It wants the login
// user:s3cr3t.
func newCorporate(t *testing.T, r *rig, to net.Addr) *corporate {
	t.Helper()
	c := &corporate{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		login := req.Header.Get("Proxy-Authorization")
		c.mu.Lock()
		c.seen = append(c.seen, req.Method+" "+req.RequestURI+" "+login)
		c.via = append(c.via, req.Header.Get("Via"))
		c.mu.Unlock()
		if login != "Basic "+base64.StdEncoding.EncodeToString([]byte("user:s3cr3t")) {
			w.Header().Set("Proxy-Authenticate", `Basic realm="corp"`)
			w.WriteHeader(http.StatusProxyAuthRequired)
			return
		}
		if req.Method != http.MethodConnect {
			_, _ = io.WriteString(w, "by corp: "+req.URL.Path)
			return
		}
		if req.Host == "forbidden.example:443" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		up, err := net.Dial("tcp", to.String())
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer up.Close()
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		go func() { _, _ = io.Copy(up, conn) }()
		_, _ = io.Copy(conn, up)
	}))
	t.Cleanup(server.Close)
	r.name("corp.example:3128", server.Listener.Addr())
	return c
}

// through is a Chain that leads all but one host through a proxy.
func through(by string) func(*url.URL) (*url.URL, error) {
	return func(u *url.URL) (*url.URL, error) {
		if u.Hostname() == "direct.example" {
			return nil, nil
		}
		return url.Parse(by)
	}
}

// TestChain: Other hosts go by the proxy that the environment names, with its login; Azure's
// names, metadata addresses and loopback never do.
func TestChain(t *testing.T) {
	var log bytes.Buffer
	r := newRig(t, func(o *Options) {
		o.Chain = through("http://user:s3cr3t@corp.example:3128")
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
	})
	tlsServer := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) { _, _ = io.WriteString(w, "over TLS: "+req.URL.Path) }))
	t.Cleanup(tlsServer.Close)
	corp := newCorporate(t, r, tlsServer.Listener.Addr())
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "direct") }))
	t.Cleanup(plain.Close)
	r.name("direct.example:80", plain.Listener.Addr())
	r.name("localhost:80", plain.Listener.Addr())

	c := r.client(t)
	pool := x509.NewCertPool()
	pool.AddCert(tlsServer.Certificate())
	c.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool} // for httptest's example.com
	for url, want := range map[string]string{
		"http://other.example/x?y":     "by corp: /x",
		"https://example.com/y":        "over TLS: /y",
		"http://direct.example/":       "direct",
		"http://localhost/":            "direct",
		"http://169.254.169.254/x":     "served 169.254.169.254 /x",
		"http://management.azure.com/": "served management.azure.com /",
	} {
		if status, body := get(t, c, url); status != 200 || body != want {
			t.Errorf("%s: %d %q", url, status, body)
		}
	}
	for _, seen := range corp.asked() {
		if !strings.Contains(seen, " http://other.example/x?y Basic ") && !strings.HasPrefix(seen, "CONNECT example.com:443 Basic ") {
			t.Errorf("the other proxy was asked %q", seen)
		}
	}
	for _, via := range corp.via {
		if via != r.via {
			t.Errorf("Via: %q", via)
		}
	}
	p := r.connect(t)
	p.send(t, "CONNECT forbidden.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")
	if resp, body := p.answer(t, "CONNECT"); resp.StatusCode != http.StatusBadGateway || !strings.Contains(body, "the proxy corp.example:3128 answers 403 Forbidden") {
		t.Errorf("%s %s", resp.Status, body)
	}
	if strings.Contains(log.String(), "s3cr3t") {
		t.Errorf("the log has the password: %s", log.String())
	}
}

// TestChainLogin: a login that the other proxy does not take is a matter of whoever started
// this one, and not of the client.
func TestChainLogin(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Chain = through("http://user:wr0ng@corp.example:3128") })
	newCorporate(t, r, r.addr)
	for _, request := range []string{"GET http://other.example/", "CONNECT other.example:443"} {
		p := r.connect(t)
		p.send(t, "%s HTTP/1.1\r\nHost: x\r\n\r\n", request)
		method, _, _ := strings.Cut(request, " ")
		resp, body := p.answer(t, method)
		if resp.StatusCode != http.StatusBadGateway || !strings.Contains(body, "corp.example:3128") || !strings.Contains(body, "(407)") || strings.Contains(body, "wr0ng") {
			t.Errorf("%s: %s %s", request, resp.Status, body)
		}
	}
}

// TestChainErrors: what is wrong with the other proxy is said, without its password.
func TestChainErrors(t *testing.T) {
	for by, want := range map[string]string{
		"http://user:s3cr3t@gone.example:1":    "by the proxy gone.example:1: no such host",
		"socks5://user:s3cr3t@corp.example:1":  "it knows http and https",
		"http://user:s3cr3t@corp.example:port": "does not parse",
		"https://user:s3cr3t@corp.example":     "by the proxy corp.example: no such host: corp.example:443",
	} {
		r := newRig(t, func(o *Options) { o.Chain = through(by) })
		for _, request := range []string{"GET http://other.example/", "CONNECT other.example:443"} {
			p := r.connect(t)
			p.send(t, "%s HTTP/1.1\r\nHost: x\r\n\r\n", request)
			method, _, _ := strings.Cut(request, " ")
			resp, body := p.answer(t, method)
			if method == "GET" {
				want = strings.Replace(want, "by the proxy corp.example: no such host", "no such host", 1)
				want = strings.Replace(want, "by the proxy gone.example:1: no such host", "by the proxy gone.example:1", 1)
			}
			if resp.StatusCode != http.StatusBadGateway || !strings.Contains(body, want) || strings.Contains(body, "s3cr3t") {
				t.Errorf("%s by %s: %s %s, want %q", request, by, resp.Status, body, want)
			}
		}
	}
}

// TestChainToItself: a proxy that was started in a shell that it leads reaches others
// directly, and what comes back by way of a third is refused.
func TestChainToItself(t *testing.T) {
	var self string
	var mu sync.Mutex
	r := newRig(t, func(o *Options) {
		o.Chain = func(*url.URL) (*url.URL, error) {
			mu.Lock()
			defer mu.Unlock()
			return url.Parse(self)
		}
	})
	other(t, r, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "other") })
	set := func(to string) {
		mu.Lock()
		defer mu.Unlock()
		self = to
	}
	for _, host := range []string{"127.0.0.1", "localhost", "LocalHost", "0.0.0.0"} {
		set("http://" + host + ":" + r.url.Port())
		if _, body := get(t, r.client(t), "http://other.example/"); body != "other" {
			t.Errorf("%s: %q", host, body)
		}
	}
	set("http://third.example:80")
	r.name("third.example:80", r.addr) // which leads back here
	for _, request := range []string{"GET http://other.example/", "CONNECT other.example:443"} {
		p := r.connect(t)
		p.send(t, "%s HTTP/1.1\r\nHost: x\r\n\r\n", request)
		method, _, _ := strings.Cut(request, " ")
		if resp, body := p.answer(t, method); resp.StatusCode < 500 || !strings.Contains(body, "been here before") && !strings.Contains(body, "508 Loop Detected") {
			t.Errorf("%s: %s %s", request, resp.Status, body)
		}
	}
}

// TestOfflineChain: offline is offline, by whatever proxy.
func TestOfflineChain(t *testing.T) {
	r := newRig(t, func(o *Options) {
		o.Offline = true
		o.Chain = func(*url.URL) (*url.URL, error) { t.Error("asked for a proxy"); return nil, nil }
	})
	if status, _ := get(t, r.client(t), "http://other.example/"); status != http.StatusForbidden {
		t.Errorf("%d", status)
	}
}

// TestPlaceRefused: a user who cannot be where he wants is told so, and gets no tunnel; an
// Other host is no matter of places.
func TestPlaceRefused(t *testing.T) {
	r := newRig(t, nil)
	other(t, r, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "other") })
	login := "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte("nowhere:x"))
	for request, want := range map[string]int{
		"GET http://169.254.169.254/": 403, "CONNECT acct.blob.core.windows.net:443": 403, "GET http://other.example/": 200,
	} {
		p := r.connect(t)
		p.send(t, "%s HTTP/1.1\r\nHost: x\r\n%s\r\n\r\n", request, login)
		method, _, _ := strings.Cut(request, " ")
		if resp, body := p.answer(t, method); resp.StatusCode != want || want == 403 && body != "linarite: there is no such place\n" {
			t.Errorf("%s: %s %q", request, resp.Status, body)
		}
	}
	if n := len(r.requests()); n != 0 {
		t.Errorf("Next saw %d requests", n)
	}
}

// TestLoopbackIsForItsOwn: callers from elsewhere do not get at the services of the proxy's
// machine, but at the proxy itself.
func TestLoopbackIsForItsOwn(t *testing.T) {
	for _, offline := range []bool{false, true} {
		r := newRig(t, func(o *Options) { o.Offline = offline })
		door := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 4280}
		for target, want := range map[string]int{
			"http://127.0.0.1:9/": 403, "http://localhost/": 403, "http://[::1]:9/": 403, "http://0.0.0.0:9/": 403, "http://[::ffff:127.0.0.1]:9/": 403,
			"http://192.0.2.1:4280/msi/token": 200, "http://169.254.169.254/": 200,
		} {
			req := httptest.NewRequest("GET", target, nil)
			req.RequestURI, req.RemoteAddr = target, "192.0.2.7:1234"
			req = req.WithContext(context.WithValue(req.Context(), http.LocalAddrContextKey, net.Addr(door)))
			w := httptest.NewRecorder()
			r.ServeHTTP(w, req)
			if w.Code != want || want == 403 && !strings.Contains(w.Body.String(), "NO_PROXY") {
				t.Errorf("offline %v, %s: %d %s", offline, target, w.Code, w.Body)
			}
		}
		if d := r.dials(); len(d) != 0 {
			t.Errorf("dialled %v", d)
		}
	}
}

// TestOthersCertificatesAreTheirOwn: the proxy decrypts what it serves and nothing else. The
// client trusts the authority of this world too, and must not be shown a certificate of it.
func TestOthersCertificatesAreTheirOwn(t *testing.T) {
	r := newRig(t, nil)
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	r.name("example.com:443", server.Listener.Addr())
	roots := r.roots()
	roots.AddCert(server.Certificate())
	for host, issuer := range map[string]*x509.Certificate{"example.com": server.Certificate(), "acct.blob.core.windows.net": r.ca.Certificate()} {
		p := r.connect(t)
		p.tunnel(t, host+":443")
		conn := tls.Client(p, &tls.Config{ServerName: host, RootCAs: roots})
		if err := conn.Handshake(); err != nil {
			t.Fatal(err)
		}
		if chain := conn.ConnectionState().VerifiedChains[0]; !chain[len(chain)-1].Equal(issuer) {
			t.Errorf("%s: a certificate of %s", host, chain[len(chain)-1].Subject)
		}
	}
	// The same with a client as people have it.
	bundle := r.caFile(t) + ".both"
	both := append(r.ca.PEM(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})...)
	if err := os.WriteFile(bundle, both, 0o600); err != nil {
		t.Fatal(err)
	}
	out := run(t, []string{"https_proxy=" + r.url.String(), "CURL_CA_BUNDLE=" + bundle}, "curl", "-sS", "-o", os.DevNull, "-w", "%{http_code}", "https://example.com/")
	if !strings.HasPrefix(out, "200") {
		t.Error(out)
	}
}
