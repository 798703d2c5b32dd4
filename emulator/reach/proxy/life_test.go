package proxy

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// pipeListener hands out pipes: a network inside a synctest bubble.
type pipeListener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }

// bubble starts a proxy on pipes. Upstream is an echo. end stops all of it.
func bubble(next http.HandlerFunc) (dial func() *peer, p *Proxy, end func()) {
	l := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
	p = New(Options{
		Next:  next,
		Class: func(host string) Class { return map[bool]Class{true: Served}[host == "served.example"] },
		TLS:   &tls.Config{},
		Upstream: func(context.Context, string, string) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				defer far.Close()
				_, _ = io.Copy(far, far)
			}()
			return near, nil
		},
	})
	server := &http.Server{Handler: p}
	go func() { _ = server.Serve(l) }()
	dial = func() *peer {
		near, far := net.Pipe()
		l.conns <- far
		return &peer{near, bufio.NewReader(near)}
	}
	return dial, p, func() {
		_ = p.Close()
		_ = server.Close()
	}
}

// TestIdleTunnels: a tunnel in which nothing happens ends, wherever it got stuck. In
// the bubble the read below returns when the timeout has passed, or never: then the
// test fails with a deadlock.
func TestIdleTunnels(t *testing.T) {
	for name, start := range map[string]func(*testing.T, *peer){
		"blind, unused": func(t *testing.T, p *peer) { p.tunnel(t, "other.example:443") },
		"blind, used": func(t *testing.T, p *peer) {
			p.tunnel(t, "other.example:443")
			p.send(t, "ping")
			mustRead(t, p, make([]byte, 4))
		},
		"ended here, unused": func(t *testing.T, p *peer) { p.tunnel(t, "served.example:443") },
		"ended here, half a request": func(t *testing.T, p *peer) {
			p.tunnel(t, "served.example:443")
			p.send(t, "GET / HTTP/1.1\r\nHost:")
		},
		"ended here, half a handshake": func(t *testing.T, p *peer) {
			p.tunnel(t, "served.example:443")
			p.send(t, "\x16\x03\x01\x02\x00\x01")
		},
		"ended here, between requests": func(t *testing.T, p *peer) {
			p.tunnel(t, "served.example:443")
			p.send(t, "GET / HTTP/1.1\r\nHost: served.example\r\n\r\n")
			p.answer(t, "GET")
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dial, _, end := bubble(func(http.ResponseWriter, *http.Request) {})
				defer end()
				p := dial()
				start(t, p)
				_, _ = io.Copy(io.Discard, p)
			})
		})
	}
}

// TestBusyTunnel: a tunnel in use outlives the idle timeout many times over.
func TestBusyTunnel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial, _, end := bubble(nil)
		defer end()
		p := dial()
		p.tunnel(t, "other.example:443")
		for range 5 {
			<-time.After(tunnelTimeout * 3 / 4) // the bubble's time
			p.send(t, "ping")
			mustRead(t, p, make([]byte, 4))
		}
	})
}

// TestCloseEndsTunnels: Close returns when every tunnel has ended, and nothing is left
// running; synctest fails the test where a goroutine stays.
func TestCloseEndsTunnels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		busy := make(chan struct{})
		dial, p, end := bubble(func(w http.ResponseWriter, r *http.Request) {
			close(busy)
			<-r.Context().Done()
		})
		blind, idle, waiting := dial(), dial(), dial()
		blind.tunnel(t, "other.example:443")
		idle.tunnel(t, "served.example:443")
		waiting.tunnel(t, "served.example:443")
		waiting.send(t, "GET / HTTP/1.1\r\nHost: served.example\r\n\r\n")
		<-busy

		_ = p.Close()
		for _, c := range []*peer{blind, idle, waiting} {
			if rest, _ := io.ReadAll(c); len(rest) != 0 {
				t.Errorf("%q after Close", rest)
			}
		}
		late := dial()
		late.send(t, "CONNECT other.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")
		if resp, body := late.answer(t, "CONNECT"); resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "shutting down") {
			t.Errorf("after Close: %s %s", resp.Status, body)
		}
		_ = p.Close() // once more does no harm
		end()
	})
}

// TestNoGoroutineLeak does the same over sockets, by counting.
func TestNoGoroutineLeak(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("traffic", func(t *testing.T) {
		r := newRig(t, nil)
		r.name("other.example:9", listen(t, func(c *net.TCPConn) { _, _ = io.Copy(c, c) }))
		c := r.client(t)
		for range 10 {
			p := r.connect(t)
			p.tunnel(t, "other.example:9")
			p.send(t, "ping")
			mustRead(t, p, make([]byte, 4))
			get(t, c, "https://acct.blob.core.windows.net/")
			get(t, c, "http://acct.blob.core.windows.net/")
		}
	})
	for runtime.NumGoroutine() > before { // the test's own timeout shows a leak, with all stacks
		runtime.Gosched()
	}
}
