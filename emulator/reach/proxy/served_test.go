package proxy

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestAbsoluteForm: Next sees what a direct request would have shown it.
func TestAbsoluteForm(t *testing.T) {
	for _, tt := range []struct{ target, host, uri, url string }{
		{"http://acct.blob.core.windows.net/files/a%20b%2Fc?comp=list&x=%41;y", "acct.blob.core.windows.net", "/files/a%20b%2Fc?comp=list&x=%41;y", "http://acct.blob.core.windows.net/files/a%20b%2Fc?comp=list&x=%41;y"},
		{"http://169.254.169.254/metadata/identity/oauth2/token?a=b", "169.254.169.254", "/metadata/identity/oauth2/token?a=b", "http://169.254.169.254/metadata/identity/oauth2/token?a=b"},
		{"http://169.254.169.254//metadata/identity", "169.254.169.254", "//metadata/identity", "http://169.254.169.254//metadata/identity"},
		{"http://169.254.169.254:80/x", "169.254.169.254:80", "/x", "http://169.254.169.254:80/x"},
		{"http://[::ffff:169.254.169.254]/x", "[::ffff:169.254.169.254]", "/x", "http://[::ffff:169.254.169.254]/x"},
		{"http://acct.blob.core.windows.net", "acct.blob.core.windows.net", "/", "http://acct.blob.core.windows.net/"},
		{"http://acct.blob.core.windows.net?comp=list", "acct.blob.core.windows.net", "/?comp=list", "http://acct.blob.core.windows.net/?comp=list"},
		{"HTTP://ACCT.Blob.Core.Windows.Net./x", "ACCT.Blob.Core.Windows.Net.", "/x", "http://ACCT.Blob.Core.Windows.Net./x"},
		{"http://acct.blob.core.windows.net/http://a/?u=http://b", "acct.blob.core.windows.net", "/http://a/?u=http://b", "http://acct.blob.core.windows.net/http://a/?u=http://b"},
		{"http://nobody.blob.core.windows.net/x", "nobody.blob.core.windows.net", "/x", "http://nobody.blob.core.windows.net/x"},
	} {
		t.Run(tt.target, func(t *testing.T) {
			r := newRig(t, nil)
			p := r.connect(t)
			p.send(t, "GET %s HTTP/1.1\r\nHost: elsewhere\r\nProxy-Authorization: Basic %s\r\nProxy-Connection: keep-alive\r\nX-Mixed: 1\r\n\r\n", tt.target, "dzI6cHc=")
			if resp, body := p.answer(t, "GET"); resp.StatusCode != http.StatusOK {
				t.Fatalf("%s: %s", resp.Status, body)
			}
			got := r.only(t)
			if got.Host != tt.host || got.RequestURI != tt.uri || got.URL != tt.url {
				t.Errorf("Next saw %+v", got)
			}
			if got.User != "proxied:w2" || len(got.Header) != 1 || got.Header.Get("X-Mixed") != "1" {
				t.Errorf("user %q, header %v", got.User, got.Header)
			}
			if d := r.dials(); len(d) != 0 {
				t.Errorf("dialled %v", d)
			}
		})
	}
}

// TestOriginForm: requests that are not the proxy's arrive untouched, also those that
// only look absolute.
func TestOriginForm(t *testing.T) {
	for _, target := range []string{"/x?y", "//metadata/identity/oauth2/token", "/http://example.com/"} {
		r := newRig(t, nil)
		p := r.connect(t)
		p.send(t, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:4280\r\nProxy-Authorization: kept\r\n\r\n", target)
		p.answer(t, "GET")
		got := r.only(t)
		if got.Host != "127.0.0.1:4280" || got.RequestURI != target || got.User != "" || got.Header.Get("Proxy-Authorization") != "kept" {
			t.Errorf("%s: Next saw %+v", target, got)
		}
	}
}

func TestProxyUser(t *testing.T) {
	for header, want := range map[string]string{
		"":                              "proxied:",
		"Basic d29ybGQ6":                "proxied:world",
		"basic d29ybGQ6cGFzczp3b3Jk":    "proxied:world",
		"Basic d29ybGQ=":                "proxied:", // no colon
		"Bearer d29ybGQ6":               "proxied:",
		"Basic !!":                      "proxied:",
		"Basic d29ybGQ6, Basic ZXZpbDo": "proxied:",
	} {
		r := newRig(t, nil)
		p := r.connect(t)
		p.send(t, "GET http://169.254.169.254/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: %s\r\n\r\n", header)
		p.answer(t, "GET")
		p.send(t, "CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\nProxy-Authorization: %s\r\n\r\n", header)
		p.answer(t, "CONNECT")
		p.send(t, "GET / HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n")
		p.answer(t, "GET")
		for i, got := range r.requests() {
			if got.User != want {
				t.Errorf("%q, request %d: user %q, want %q", header, i, got.User, want)
			}
		}
	}
}

// TestConnectTLS: many requests over one tunnel, verified by the client, HTTP/1.1 only.
func TestConnectTLS(t *testing.T) {
	r := newRig(t, nil)
	c := r.client(t)
	c.Transport.(*http.Transport).ForceAttemptHTTP2 = true
	for range 3 {
		status, body := get(t, c, "https://acct.blob.core.windows.net/files/x?comp=list")
		if status != http.StatusOK || body != "served acct.blob.core.windows.net /files/x?comp=list" {
			t.Fatalf("%d %s", status, body)
		}
	}
	all := r.requests()
	for _, got := range all {
		if !got.TLS || got.URL != "https://acct.blob.core.windows.net/files/x?comp=list" || got.User != "proxied:" || got.Conn != all[0].Conn {
			t.Errorf("Next saw %+v", got)
		}
	}
	if host, _, err := net.SplitHostPort(all[0].Conn); err != nil || host != "127.0.0.1" {
		t.Errorf("the client's address is %q", all[0].Conn)
	}
}

// TestConnectEarly: a client may send the start of TLS in the packet of the CONNECT.
func TestConnectEarly(t *testing.T) {
	r := newRig(t, nil)
	raw := r.connect(t)
	early := &earlyConn{peer: raw, first: "CONNECT acct.blob.core.windows.net:443 HTTP/1.1\r\nHost: acct.blob.core.windows.net:443\r\n\r\n"}
	early.afterFirst = func() { raw.answer(t, "CONNECT") }
	conn := tls.Client(early, &tls.Config{ServerName: "acct.blob.core.windows.net", RootCAs: r.roots()})
	if err := conn.Handshake(); err != nil {
		t.Fatal(err)
	}
}

// earlyConn prepends first to the first write, and reads the answer to it before
// anything else.
type earlyConn struct {
	*peer
	first      string
	afterFirst func()
}

func (c *earlyConn) Write(b []byte) (int, error) {
	n := len(b)
	if c.first != "" {
		b, c.first = append([]byte(c.first), b...), ""
	}
	_, err := c.peer.Write(b)
	return n, err
}

func (c *earlyConn) Read(b []byte) (int, error) {
	if c.afterFirst != nil {
		c.afterFirst()
		c.afterFirst = nil
	}
	return c.peer.Read(b)
}

// TestConnectPlain: undici tunnels http:// URLs too, to any port.
func TestConnectPlain(t *testing.T) {
	r := newRig(t, nil)
	p := r.connect(t)
	p.tunnel(t, "169.254.169.254:80")
	for range 2 {
		p.send(t, "POST /metadata HTTP/1.1\r\nHost: 169.254.169.254\r\nContent-Length: 4\r\n\r\nbody")
		if resp, body := p.answer(t, "POST"); resp.StatusCode != 200 || body != "served 169.254.169.254 /metadatabody" {
			t.Fatalf("%s %s", resp.Status, body)
		}
	}
	if got := r.requests()[0]; got.TLS || got.URL != "http://169.254.169.254/metadata" {
		t.Errorf("Next saw %+v", got)
	}
}

// TestTunnelIsNoProxy: in a tunnel that ends here, Next answers whatever is asked.
func TestTunnelIsNoProxy(t *testing.T) {
	r := newRig(t, nil)
	p := r.connect(t)
	p.tunnel(t, "acct.blob.core.windows.net:80")
	p.send(t, "GET http://example.com/x HTTP/1.1\r\nHost: acct.blob.core.windows.net\r\n\r\n")
	if _, body := p.answer(t, "GET"); body != "served example.com /x" {
		t.Error(body)
	}
	if d := r.dials(); len(d) != 0 {
		t.Errorf("dialled %v", d)
	}
}

// TestNeverDialled is the promise that nothing meant for Azure leaves: the recorder
// behind the proxy must see none of these, by absolute form or CONNECT.
func TestNeverDialled(t *testing.T) {
	for _, host := range []string{
		"acct.blob.core.windows.net", "nobody.blob.core.windows.net", "management.azure.com",
		"MANAGEMENT.AZURE.COM", "management.azure.com.", "management.azure.com..", "uncertified.azure.com",
		"169.254.169.254", "169.254.169.254.", "169.254.1.1", "168.63.129.16",
		"[fe80::1]", "[fe80::1%25eth0]", "[::ffff:169.254.169.254]", "[::ffff:a83f:8110]",
		"management.azure。com", "management.ａzure.com", "m%C3%A9.azure.com",
	} {
		for _, offline := range []bool{false, true} {
			r := newRig(t, func(o *Options) { o.Offline = offline })
			p := r.connect(t)
			p.send(t, "GET http://%s/x HTTP/1.1\r\nHost: x\r\n\r\n", host)
			if resp, body := p.answer(t, "GET"); resp.StatusCode >= 500 {
				t.Errorf("GET %s: %s %s", host, resp.Status, body)
			}
			p = r.connect(t)
			p.send(t, "CONNECT %s:443 HTTP/1.1\r\nHost: x\r\n\r\n", strings.ReplaceAll(host, "%25", "%"))
			if resp, body := p.answer(t, "CONNECT"); resp.StatusCode >= 500 {
				t.Errorf("CONNECT %s: %s %s", host, resp.Status, body)
			}
			if d := r.dials(); len(d) != 0 {
				t.Errorf("%s: dialled %v", host, d)
			}
		}
	}
}

// TestAzureNobodyServes: Next refuses where the client can be spoken to, the proxy
// itself where there is no certificate to speak with.
func TestAzureNobodyServes(t *testing.T) {
	r := newRig(t, nil)
	c := r.client(t)
	if _, body := get(t, c, "http://management.azure.com/x"); body != "served management.azure.com /x" {
		t.Error(body)
	}
	if _, body := get(t, c, "https://nobody.blob.core.windows.net/x"); body != "served nobody.blob.core.windows.net /x" {
		t.Error(body)
	}
	for host, want := range map[string]string{
		"management.azure.com":  "linarite: management.azure.com is not served here, and the proxy passes nothing meant for Azure on. Served here: acct.blob.core.windows.net\n",
		"uncertified.azure.com": "linarite: the local certificate authority has no certificate for uncertified.azure.com: make a new authority with `linarite ca rotate`\n",
	} {
		p := r.connect(t)
		p.send(t, "CONNECT %s:443 HTTP/1.1\r\nHost: %[1]s:443\r\n\r\n", host)
		resp, body := p.answer(t, "CONNECT")
		if resp.StatusCode != http.StatusForbidden || body != want || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/plain") {
			t.Errorf("%s %v %q", resp.Status, resp.Header, body)
		}
		if _, err := p.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Errorf("the connection stays open: %v", err)
		}
	}
}

// TestItself: a request for the proxy's own address is Next's, however it is written.
func TestItself(t *testing.T) {
	r := newRig(t, nil)
	port := r.url.Port()
	for _, host := range []string{"127.0.0.1", "localhost", "LocalHost.", "0.0.0.0", "[::ffff:127.0.0.1]"} {
		p := r.connect(t)
		p.send(t, "GET http://%s:%s/msi/token HTTP/1.1\r\nHost: x\r\n\r\n", host, port)
		if _, body := p.answer(t, "GET"); body != "served "+host+":"+port+" /msi/token" {
			t.Errorf("%s: %s", host, body)
		}
		p.tunnel(t, host+":"+port)
		p.send(t, "GET /msi/token HTTP/1.1\r\nHost: h\r\n\r\n")
		if _, body := p.answer(t, "GET"); body != "served h /msi/token" {
			t.Errorf("CONNECT %s: %s", host, body)
		}
	}
	if d := r.dials(); len(d) != 0 {
		t.Errorf("dialled %v", d)
	}
}

func TestBadRequests(t *testing.T) {
	r := newRig(t, nil)
	for request, want := range map[string]string{
		"GET https://acct.blob.core.windows.net/x": "use CONNECT",
		"GET ftp://acct.blob.core.windows.net/x":   "takes http://",
		"GET http:///x":                            "takes http://",
		"CONNECT acct.blob.core.windows.net":       "wants host:port",
		"CONNECT acct.blob.core.windows.net:":      "wants host:port",
		"CONNECT :443":                             "wants host:port",
		"CONNECT /x":                               "wants host:port",
		"CONNECT ａzure.com:443":                    "is ASCII",
	} {
		p := r.connect(t)
		p.send(t, "%s HTTP/1.1\r\nHost: x\r\n\r\n", request)
		method, _, _ := strings.Cut(request, " ")
		if resp, body := p.answer(t, method); resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%s: %s %s", request, resp.Status, body)
		}
	}
	if n := len(r.requests()); n != 0 {
		t.Errorf("Next saw %d of them", n)
	}
}

// TestDefaultUpstream: names are resolved after they are classified, so the dialler
// looks again. (An address of the loopback interface: if the guard breaks, nothing leaves.)
func TestDefaultUpstream(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Upstream = nil })
	conn, err := r.opts.Upstream(t.Context(), "tcp", "[fe80::1%lo]:80")
	if err == nil || !strings.Contains(err.Error(), "never dials") {
		t.Errorf("%v, %v", conn, err)
	}
	for _, address := range []string{"[::ffff:169.254.169.254]:80", "168.63.129.16:80", "nonsense"} {
		if refuseMetadata(t.Context(), "tcp", address, nil) == nil {
			t.Errorf("would dial %s", address)
		}
	}
	if err := refuseMetadata(t.Context(), "tcp", "127.0.0.1:80", nil); err != nil {
		t.Error(err)
	}
}

// FuzzOriginForm: for every absolute target a server takes, the origin form is the
// target's own tail, and leads to the same path and query.
func FuzzOriginForm(f *testing.F) {
	for _, s := range []string{"http://h/p?q", "http://h", "http://h?x=/y", "http://h/a%2Fb//c", "http://u:p@h:80/?", "http://[::1]:1/x", "/origin", "*", "A://0?#%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		got := originForm(target)
		u, err := url.ParseRequestURI(target)
		if err != nil || !u.IsAbs() || u.Host == "" {
			return
		}
		if !strings.HasPrefix(got, "/") || !strings.HasSuffix("/"+target, strings.TrimPrefix(got, "/")) {
			t.Fatalf("originForm(%q) = %q", target, got)
		}
		again, err := url.ParseRequestURI(got)
		if err != nil {
			t.Fatalf("originForm(%q) = %q: %v", target, got, err)
		}
		if again.Path != u.Path && (again.Path != "/" || u.Path != "") || again.RawQuery != u.RawQuery {
			t.Fatalf("originForm(%q) = %q", target, got)
		}
	})
}
