package relay_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/linarite/linarite/emulator/reach/relay"
)

// listen opens a port that takes connections one by one with handle, until the test ends.
func listen(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			handle(c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = ln.Close(); <-done })
	return ln.Addr().String()
}

// serve puts a relay before dial and returns where it listens.
func serve(t *testing.T, dial relay.Dial, failed func(error)) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- relay.Serve(ctx, ln, dial, failed) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

// exchange sends all, ends, and reads all: what only works where ends are passed on.
func exchange(t *testing.T, address string, body []byte) []byte {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	go func() {
		_, _ = c.Write(body)
		_ = c.(*net.TCPConn).CloseWrite()
	}()
	got, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// mirror answers what it got, once it has all.
func mirror(c net.Conn) {
	all, _ := io.ReadAll(c)
	_, _ = c.Write(all)
}

func TestHost(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MiB
	if got := exchange(t, serve(t, relay.Host(listen(t, mirror)), nil), body); !bytes.Equal(got, body) {
		t.Errorf("%d bytes came back of %d, or others", len(got), len(body))
	}
}

// short is a listener that fails the first time, as where no descriptor is left.
type short struct {
	net.Listener
	failed bool
}

func (s *short) Accept() (net.Conn, error) {
	if !s.failed {
		s.failed = true
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", syscall.EMFILE)}
	}
	return s.Listener.Accept()
}

// TestServeGoesOn has the listener fail once, which ends no world.
func TestServeGoesOn(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- relay.Serve(ctx, &short{Listener: ln}, relay.Host(listen(t, mirror)), nil) }()
	if got := exchange(t, ln.Addr().String(), []byte("hello")); string(got) != "hello" {
		t.Errorf("%q came back", got)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestForbidden(t *testing.T) {
	for address, want := range map[string]bool{
		"169.254.169.254": true, "169.254.1.1": true, "::ffff:169.254.169.254": true, "fe80::1": true, "fe80::1%eth0": true,
		"168.63.129.16": true, "0.0.0.0": true, "::": true, "224.0.0.1": true, "255.255.255.255": true,
		"64:ff9b::169.254.169.254": true, "64:ff9b::a83f:8110": true, "64:ff9b::10.0.0.1": false,
		"127.0.0.1": false, "::1": false, "10.0.0.1": false, "168.63.129.17": false, "2001:db8::1": false,
	} {
		if got := relay.Forbidden(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
	// Also when a name that was good leads there later. Of the forbidden ones, this would be loopback.
	if _, err := relay.Host("0.0.0.0:1")(context.Background()); !errors.Is(err, relay.ErrForbidden) {
		t.Errorf("dialling said %v", err)
	}
}

func TestTunnel(t *testing.T) {
	asked := make(chan *http.Request, 1)
	proxy := listen(t, func(c net.Conn) {
		r := bufio.NewReader(c)
		req, err := http.ReadRequest(r)
		if err != nil {
			t.Error(err)
			return
		}
		asked <- req
		_, _ = io.WriteString(c, "HTTP/1.1 200 Connection established\r\n\r\nearly ") // with bytes of the other end behind it
		all, _ := io.ReadAll(r)
		_, _ = c.Write(all)
	})
	got := exchange(t, serve(t, relay.Tunnel(proxy, "team-a.web-1", "169.254.169.254:80"), nil), []byte("sent"))
	if string(got) != "early sent" {
		t.Errorf("got %q", got)
	}
	req := <-asked
	login, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(req.Header.Get("Proxy-Authorization"), "Basic "))
	if req.Method != http.MethodConnect || req.RequestURI != "169.254.169.254:80" || string(login) != "team-a.web-1:linarite" {
		t.Errorf("asked %s %s as %q", req.Method, req.RequestURI, login)
	}
}

// A connection that cannot be joined is reset, and why is told.
func TestRefused(t *testing.T) {
	proxy := listen(t, func(c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 403 Forbidden\r\nContent-Length: 15\r\n\r\nno such machine")
		}
	})
	told := make(chan error, 1)
	c, err := net.Dial("tcp", serve(t, relay.Tunnel(proxy, "nobody", "x:80"), func(err error) { told <- err }))
	switch {
	case err == nil:
		defer c.Close()
		if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil || errors.Is(err, io.EOF) {
			t.Errorf("read %d bytes, %v: want a reset", n, err)
		}
	case !errors.Is(err, syscall.ECONNRESET): // on a busy machine it comes before Dial has looked
		t.Fatal(err)
	}
	if err := <-told; !strings.Contains(err.Error(), "403 Forbidden to CONNECT: no such machine") {
		t.Errorf("told %v", err)
	}
}
