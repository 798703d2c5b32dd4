package proxy

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// other starts somebody else's server, known to the rig as other.example.
func other(t *testing.T, r *rig, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	r.name("other.example:80", server.Listener.Addr())
	return server
}

// TestPassedOn compares what goes in and what comes out, both ways.
func TestPassedOn(t *testing.T) {
	r := newRig(t, nil)
	var got *http.Request
	other(t, r, func(w http.ResponseWriter, req *http.Request) {
		got = req
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "1")
		w.Header().Set("Content-Encoding", "gzip")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, "not really gzip")
	})
	p := r.connect(t)
	p.send(t, "GET http://other.example/a%%2Fb?x=1;y&z=%%zz HTTP/1.1\r\nHost: ignored\r\n"+
		"Proxy-Authorization: Basic c2VjcmV0OnNlY3JldA==\r\nProxy-Connection: keep-alive\r\n"+
		"Connection: X-Private\r\nX-Private: 1\r\nX-Forwarded-For: 192.0.2.1\r\nForwarded: for=192.0.2.1\r\nVia: 1.0 first\r\nX-Kept: 1\r\n\r\n")
	resp, body := p.answer(t, "GET")

	if resp.StatusCode != http.StatusTeapot || body != "not really gzip" || resp.Header.Get("Content-Encoding") != "gzip" ||
		resp.Header.Get("X-Hop") != "" || resp.Header.Get("Via") != r.via {
		t.Errorf("the client saw %s %v %q", resp.Status, resp.Header, body)
	}
	if got.Host != "other.example" || got.RequestURI != "/a%2Fb?x=1;y&z=%zz" {
		t.Errorf("the server saw %s %s", got.Host, got.RequestURI)
	}
	for name, want := range map[string]string{
		"X-Kept": "1", "Forwarded": "for=192.0.2.1", "X-Forwarded-For": "192.0.2.1", "Via": "1.0 first," + r.via,
		"Proxy-Authorization": "", "Proxy-Connection": "", "X-Private": "", "Connection": "",
		"User-Agent": "", "Accept-Encoding": "", "X-Forwarded-Host": "", "X-Forwarded-Proto": "",
	} {
		if value := strings.Join(got.Header.Values(name), ","); value != want {
			t.Errorf("%s: %q, want %q", name, value, want)
		}
	}
	if n := len(r.requests()); n != 0 {
		t.Errorf("Next saw %d requests", n)
	}
}

// TestStreams: neither direction waits for a body to be complete.
func TestStreams(t *testing.T) {
	r := newRig(t, nil)
	other(t, r, func(w http.ResponseWriter, req *http.Request) {
		rc := http.NewResponseController(w)
		_ = rc.EnableFullDuplex()
		for b := make([]byte, 1); ; {
			n, err := req.Body.Read(b)
			_, _ = w.Write(b[:n])
			_ = rc.Flush()
			if err != nil {
				return
			}
		}
	})
	body, write := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", "http://other.example/", body)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _, _ = write.Write([]byte("a")) }()
	resp, err := r.client(t).Do(req) // the answer starts before the request ends
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for _, next := range "bcd " {
		b := make([]byte, 1)
		if _, err := io.ReadFull(resp.Body, b); err != nil {
			t.Fatal(err)
		}
		if _, err := write.Write([]byte(string(next))); err != nil { // only now, so nobody buffers
			t.Fatal(err)
		}
	}
	write.Close()
	if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != " " {
		t.Errorf("%q, %v", rest, err)
	}
}

// TestUpgrade: protocols other than HTTP pass, and end with Close.
func TestUpgrade(t *testing.T) {
	r := newRig(t, nil)
	other(t, r, func(w http.ResponseWriter, req *http.Request) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+req.Header.Get("Upgrade")+"\r\n\r\n")
		_, _ = io.Copy(conn, rw)
	})
	p := r.connect(t)
	p.send(t, "GET http://other.example/ HTTP/1.1\r\nHost: other.example\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
	if resp, err := http.ReadResponse(p.r, nil); err != nil || resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Upgrade") != "echo" {
		t.Fatalf("%v, %v", resp, err)
	}
	p.send(t, "ping")
	if b := make([]byte, 4); mustRead(t, p, b) != "ping" {
		t.Errorf("echo: %q", b)
	}
	_ = r.Close()
	if rest, _ := io.ReadAll(p); len(rest) != 0 {
		t.Errorf("%q after Close", rest)
	}
}

func mustRead(t *testing.T, r io.Reader, b []byte) string {
	t.Helper()
	if _, err := io.ReadFull(r, b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestTunnel: each side may finish, and still hear the other out.
func TestTunnel(t *testing.T) {
	t.Run("client finishes first", func(t *testing.T) {
		r := newRig(t, nil)
		r.name("other.example:9", listen(t, func(c *net.TCPConn) {
			all, _ := io.ReadAll(c)
			_, _ = io.WriteString(c, "heard "+string(all))
		}))
		p := r.connect(t)
		p.send(t, "CONNECT other.example:9 HTTP/1.1\r\nHost: x\r\n\r\nearly ") // with bytes for the tunnel
		p.answer(t, "CONNECT")
		p.send(t, "late")
		if err := p.Conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(p); err != nil || string(got) != "heard early late" {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("server finishes first", func(t *testing.T) {
		r := newRig(t, nil)
		heard := make(chan string)
		r.name("other.example:9", listen(t, func(c *net.TCPConn) {
			_, _ = io.WriteString(c, "hello")
			_ = c.CloseWrite()
			all, _ := io.ReadAll(c)
			heard <- string(all)
		}))
		p := r.connect(t)
		p.tunnel(t, "other.example:9")
		if got, err := io.ReadAll(p); err != nil || string(got) != "hello" {
			t.Errorf("%q, %v", got, err)
		}
		p.send(t, "goodbye")
		p.Close()
		if got := <-heard; got != "goodbye" {
			t.Errorf("the server heard %q", got)
		}
	})
}

func TestUnreachable(t *testing.T) {
	r := newRig(t, nil)
	for _, request := range []string{"GET http://nowhere.example/", "CONNECT nowhere.example:443"} {
		p := r.connect(t)
		p.send(t, "%s HTTP/1.1\r\nHost: x\r\n\r\n", request)
		method, _, _ := strings.Cut(request, " ")
		if resp, body := p.answer(t, method); resp.StatusCode != http.StatusBadGateway || !strings.Contains(body, "cannot reach nowhere.example") {
			t.Errorf("%s: %s %s", request, resp.Status, body)
		}
	}
	slow := newRig(t, func(o *Options) {
		o.Upstream = func(context.Context, string, string) (net.Conn, error) { return nil, os.ErrDeadlineExceeded }
	})
	p := slow.connect(t)
	p.send(t, "GET http://nowhere.example/ HTTP/1.1\r\nHost: x\r\n\r\n")
	if resp, body := p.answer(t, "GET"); resp.StatusCode != http.StatusGatewayTimeout {
		t.Errorf("%s %s", resp.Status, body)
	}
}

// TestOffline: other hosts are refused, the machine's own services are not.
func TestOffline(t *testing.T) {
	r := newRig(t, func(o *Options) { o.Offline = true })
	mine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "mine") }))
	t.Cleanup(mine.Close)
	own := mine.Listener.Addr().String()
	r.name(own, mine.Listener.Addr())
	r.name("localhost:80", mine.Listener.Addr())

	for request, want := range map[string]int{
		"GET http://other.example/":              http.StatusForbidden,
		"CONNECT other.example:443":              http.StatusForbidden,
		"GET http://192.0.2.1/":                  http.StatusForbidden,
		"GET http://localhost.example/":          http.StatusForbidden,
		"GET http://" + own + "/":                http.StatusOK,
		"GET http://localhost/":                  http.StatusOK,
		"CONNECT " + own:                         http.StatusOK,
		"GET http://acct.blob.core.windows.net/": http.StatusOK,
	} {
		p := r.connect(t)
		p.send(t, "%s HTTP/1.1\r\nHost: x\r\n\r\n", request)
		method, _, _ := strings.Cut(request, " ")
		resp, body := p.answer(t, method)
		if resp.StatusCode != want || want == http.StatusForbidden && (!strings.Contains(body, "--offline") || !strings.Contains(body, "acct.blob.core.windows.net")) {
			t.Errorf("%s: %s %s", request, resp.Status, body)
		}
	}
	for _, addr := range r.dials() {
		if addr != own && addr != "localhost:80" {
			t.Errorf("dialled %s", addr)
		}
	}
}
