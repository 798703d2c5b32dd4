package clientlib

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// network is a pipeline to a server on this machine, whose waits are short.
func network(t *testing.T) *Pipeline {
	t.Helper()
	client := NewTransport()
	t.Cleanup(client.CloseIdleConnections)
	return pipe(client, func(o *Options) { o.Retry.First, o.Retry.Longest = time.Millisecond, time.Millisecond })
}

func ask(t *testing.T, method, address string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// TestKeptConnections: a server that closes a connection which was kept, without a word, costs a try and no more.
func TestKeptConnections(t *testing.T) {
	var answered, got atomic.Int64
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				from := bufio.NewReader(conn)
				req, err := http.ReadRequest(from)
				if err != nil {
					return
				}
				body, _ := io.ReadAll(req.Body)
				if string(body) == "body" {
					got.Add(1)
				}
				answered.Add(1)
				_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				_, _ = http.ReadRequest(from) // the next one arrives, and is not answered
			}()
		}
	}()
	p := network(t)
	for i := range 20 {
		_, text, err := p.Read(ask(t, "POST", "http://"+listener.Addr().String(), strings.NewReader("body")))
		if err != nil || string(text) != "ok" {
			t.Fatalf("request %d: %q, %v", i, text, err)
		}
	}
	if answered.Load() != 20 || got.Load() != 20 {
		t.Errorf("%d answers, %d whole requests", answered.Load(), got.Load())
	}
}

// TestCutOnTheWire: a connection that closes within the body is another try of Read's.
func TestCutOnTheWire(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "10")
		if asked.Add(1) < 3 {
			_, _ = io.WriteString(w, "01234")
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(w, "0123456789")
	}))
	defer server.Close()
	if _, text, err := network(t).Read(ask(t, "GET", server.URL, nil)); err != nil || string(text) != "0123456789" || asked.Load() != 3 {
		t.Errorf("%q, %v after %d", text, err, asked.Load())
	}
}

// TestNotPassing: what does not pass is not tried again: a certificate, a server without TLS, a name that is none.
func TestNotPassing(t *testing.T) {
	var connections atomic.Int64
	count := func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			connections.Add(1)
		}
	}
	quiet := log.New(io.Discard, "", 0)
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ConnState, secure.Config.ErrorLog = count, quiet
	secure.StartTLS()
	defer secure.Close()
	plain := httptest.NewUnstartedServer(http.NotFoundHandler())
	plain.Config.ConnState, plain.Config.ErrorLog = count, quiet
	plain.Start()
	defer plain.Close()

	known := NewTransport() // knows the authority, and is given another name
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	known.Transport.(*http.Transport).TLSClientConfig = &tls.Config{RootCAs: pool, ServerName: "other.invalid", MinVersion: tls.VersionTLS12} //nolint:forcetypeassert // it is one
	defer known.CloseIdleConnections()
	for name, row := range map[string]struct {
		p       *Pipeline
		address string
		want    any
	}{
		"authority":  {network(t), secure.URL, new(*tls.CertificateVerificationError)},
		"other name": {pipe(known), secure.URL, new(*tls.CertificateVerificationError)},
		"no TLS":     {network(t), "https://" + plain.Listener.Addr().String(), nil},
	} {
		connections.Store(0)
		_, err := row.p.Do(ask(t, "GET", row.address+"/?sig="+canary, nil))
		var broken *TransportError
		if !errors.As(err, &broken) || broken.Tries != 1 || connections.Load() != 1 || row.want != nil && !errors.As(err, row.want) {
			t.Errorf("%s: %d connections: %v", name, connections.Load(), err)
		}
		in(t, err, "?sig=REDACTED: ")
	}
}

// TestNobodyListens: a port that nobody listens at is tried as often as there are tries, for a service may be starting.
func TestNobodyListens(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	_, err = network(t).Do(ask(t, "GET", "http://"+listener.Addr().String(), nil))
	var broken *TransportError
	if !errors.As(err, &broken) || broken.Tries != 4 || !errors.As(err, new(*net.OpError)) {
		t.Error(err)
	}
}

// TestNoRedirects: where an answer leads elsewhere, nothing follows: what it would carry is a token.
func TestNoRedirects(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("followed with %v", r.Header) }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	req := ask(t, "GET", server.URL, nil)
	req.Header.Set("Authorization", "Bearer "+canary)
	if _, err := network(t).Do(req); !HasStatus(err, 307) {
		t.Error(err)
	}
}

// TestTogether: one pipeline serves many goroutines, each its own answer.
func TestTogether(t *testing.T) {
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if asked.Add(1)%3 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(body)
	}))
	defer server.Close()
	p := network(t)
	p.retry.Tries = 50
	var wait sync.WaitGroup
	for i := range 16 {
		wait.Go(func() {
			for j := range 10 {
				want := fmt.Sprint(i, " ", j, strings.Repeat("x", i*j*100))
				if _, text, err := p.Read(ask(t, "PUT", server.URL, strings.NewReader(want))); err != nil || string(text) != want {
					t.Errorf("%d bytes of %d, %v", len(text), len(want), err)
				}
			}
		})
	}
	wait.Wait()
}
