package wire

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// server plays what the script of each connection says; a connection without one is refused.
type server struct {
	t       *testing.T
	scripts []func(c net.Conn, r *bufio.Reader)

	mu    sync.Mutex
	dials int
	done  sync.WaitGroup
}

// client is a Client whose connections go to the scripts, in their order.
func client(t *testing.T, scripts ...func(c net.Conn, r *bufio.Reader)) (*Client, *server) {
	s := &server{t: t, scripts: scripts}
	c := &Client{Dial: s.dial}
	t.Cleanup(func() {
		c.CloseIdle()
		s.done.Wait()
	})
	return c, s
}

func (s *server) dial(context.Context, string, string) (net.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dials++; s.dials > len(s.scripts) {
		return nil, errors.New("nobody listens")
	}
	script := s.scripts[s.dials-1]
	ours, theirs := net.Pipe()
	s.done.Go(func() {
		defer theirs.Close()
		script(theirs, bufio.NewReader(theirs))
	})
	return ours, nil
}

// request reads one request, without a body that has no length.
func (s *server) request(r *bufio.Reader) *http.Request {
	request, err := http.ReadRequest(r)
	if err != nil {
		s.t.Errorf("the server reads: %v", err)
		return nil
	}
	if _, err := io.Copy(io.Discard, request.Body); err != nil {
		s.t.Errorf("the server reads: %v", err)
	}
	return request
}

const fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// failure is the Error of a Send that must fail in a phase.
func failure(t *testing.T, a *Answer, err error, phase string) *Error {
	t.Helper()
	var e *Error
	if a != nil || !errors.As(err, &e) || e.Phase != phase {
		t.Fatalf("%+v, %v; want an Error of the phase %s", a, err, phase)
	}
	return e
}

// kept is how many connections wait.
func (c *Client) kept() int {
	c.pool.mu.Lock()
	defer c.pool.mu.Unlock()
	return c.pool.count
}

func get(url string) *Request { return &Request{URL: url} }

func TestConnectionsAreKept(t *testing.T) {
	var s *server
	var c *Client
	c, s = client(t, func(conn net.Conn, r *bufio.Reader) {
		for range 4 {
			s.request(r)
			_, _ = io.WriteString(conn, fine)
		}
	})
	for _, r := range []*Request{
		{URL: "http://h/a"}, {Method: "PUT", URL: "http://H:80/b", Body: make([]byte, 1<<17)},
		{Method: "POST", URL: "http://h", Chunks: [][]byte{[]byte("x")}}, {Method: "PUT", URL: "http://h"},
	} {
		if a, err := c.Send(t.Context(), r); err != nil || string(a.Body) != "ok" {
			t.Fatal(a, err)
		}
	}
	if s.dials != 1 {
		t.Errorf("%d connections", s.dials)
	}
}

// What may leave the two sides of different minds about where a message ends is the last of its
// connection.
func TestConnectionsAreNotKept(t *testing.T) {
	for name, test := range map[string]struct {
		request Request
		answer  string
	}{
		"answer says close":       {Request{}, "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 0\r\n\r\n"},
		"request says close":      {Request{Header: Header{{"connection", "close"}}}, fine},
		"HTTP/1.0":                {Request{}, "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
		"HTTP/1.0 asked":          {Request{Proto: "HTTP/1.0"}, fine},
		"raw":                     {Request{Raw: []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n")}, fine},
		"wrong length":            {Request{Header: Header{{"Content-Length", "0"}}, Body: []byte("GET")}, fine},
		"own coding":              {Request{Method: "PUT", Header: Header{{"Transfer-Encoding", "chunked"}}, Body: []byte("0\r\n\r\n")}, fine},
		"no length":               {Request{NoLength: true}, fine},
		"more than was announced": {Request{}, fine + "x"},
		"another protocol":        {Request{}, "HTTP/1.1 101 Switching\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			script := func(conn net.Conn, r *bufio.Reader) {
				_, _ = http.ReadRequest(r)
				go io.Copy(io.Discard, r) //nolint:errcheck // what else comes
				_, _ = io.WriteString(conn, test.answer)
			}
			c, s := client(t, script, script)
			test.request.URL = "http://h/"
			for range 2 {
				if a, err := c.Send(t.Context(), &test.request); err != nil {
					t.Fatal(a, err)
				}
			}
			if s.dials != 2 || c.kept() != 0 {
				t.Errorf("%d connections, %d kept", s.dials, c.kept())
			}
		})
	}
}

// A connection that the server closed meanwhile is noticed before anything goes out.
func TestIdleConnectionIsDead(t *testing.T) {
	for _, last := range []string{"", "HTTP/1.1 408 Request Timeout\r\n\r\n"} {
		var s *server
		var c *Client
		served := 0
		first := func(conn net.Conn, r *bufio.Reader) {
			s.request(r)
			_, _ = io.WriteString(conn, fine)
			_, _ = io.WriteString(conn, last)
		}
		c, s = client(t, first, func(conn net.Conn, r *bufio.Reader) {
			s.request(r)
			served++
			_, _ = io.WriteString(conn, fine)
		})
		if _, err := c.Send(t.Context(), get("http://h/")); err != nil {
			t.Fatal(err)
		}
		if c.kept() == 1 { // else the words behind the answer came with it
			idle := c.pool.idle["http://h:80"][0]
			idle.first <- <-idle.first // until it is noticed
		}
		if _, err := c.Send(t.Context(), &Request{Method: "POST", URL: "http://h/"}); err != nil {
			t.Fatal(err)
		}
		c.CloseIdle()
		s.done.Wait()
		if served != 1 || s.dials != 2 {
			t.Errorf("served %d, dialled %d", served, s.dials)
		}
	}
}

// A request that a kept connection took and left without an answer goes out again only where
// that changes nothing, and once.
func TestKeptConnectionDiesUnderTheRequest(t *testing.T) {
	for method, again := range map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "PUT": false, "DELETE": false, "POST": false} {
		t.Run(method, func(t *testing.T) {
			var s *server
			var c *Client
			mute := func(_ net.Conn, r *bufio.Reader) { s.request(r) }
			c, s = client(t, func(conn net.Conn, r *bufio.Reader) {
				s.request(r)
				_, _ = io.WriteString(conn, fine)
				s.request(r)
			}, mute, mute)
			if _, err := c.Send(t.Context(), get("http://h/")); err != nil {
				t.Fatal(err)
			}
			a, err := c.Send(t.Context(), &Request{Method: method, URL: "http://h/"})
			e := failure(t, a, err, PhaseRead)
			if !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "without an answer") || e.Answer != nil {
				t.Errorf("%v, %+v", err, e.Answer)
			}
			if want := map[bool]int{true: 2, false: 1}[again]; s.dials != want {
				t.Errorf("%d connections, want %d", s.dials, want)
			}
		})
	}
}

// When it goes out again, it is on a new connection, though others wait.
func TestOnceAgainIsOnANewConnection(t *testing.T) {
	var s *server
	var c *Client
	both, answer := make(chan bool), make(chan bool)
	stale := func(conn net.Conn, r *bufio.Reader) {
		s.request(r)
		both <- true
		<-answer // else the other request could go out on this connection
		_, _ = io.WriteString(conn, fine)
		_, _ = http.ReadRequest(r)
	}
	c, s = client(t, stale, stale, func(conn net.Conn, r *bufio.Reader) {
		s.request(r)
		_, _ = io.WriteString(conn, fine)
	})
	var sent sync.WaitGroup
	for range 2 {
		sent.Go(func() {
			if _, err := c.Send(t.Context(), get("http://h/")); err != nil {
				t.Error(err)
			}
		})
	}
	for range 2 {
		<-both
	}
	close(answer)
	sent.Wait()
	if c.kept() != 2 {
		t.Fatal(c.kept())
	}
	if _, err := c.Send(t.Context(), get("http://h/")); err != nil || s.dials != 3 || c.kept() != 2 {
		t.Error(err, s.dials, c.kept())
	}
}

func TestIdleConnectionsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s *server
		var c *Client
		c, s = client(t, func(conn net.Conn, r *bufio.Reader) {
			s.request(r)
			_, _ = io.WriteString(conn, fine)
			if _, err := r.ReadByte(); err == nil {
				t.Error("a byte on an idle connection")
			}
		})
		if _, err := c.Send(t.Context(), get("http://h/")); err != nil {
			t.Fatal(err)
		}
		if c.kept() != 1 {
			t.Fatal("not kept")
		}
		<-time.After(idleTime)
		synctest.Wait()
		s.done.Wait()
		if c.kept() != 0 {
			t.Error("kept for ever")
		}
	})
}

func TestIdleConnectionsAreFew(t *testing.T) {
	var p pool
	for i := range maxIdle * 2 {
		ours, theirs := net.Pipe()
		defer theirs.Close()
		c := &conn{Conn: ours, raw: ours, br: bufio.NewReader(ours)}
		c.watch()
		p.put(string(rune('a'+i%12)), c)
		if n := len(p.idle["a"]); n > maxIdlePerHost || p.count > maxIdle {
			t.Fatal(n, p.count)
		}
	}
	if p.count != maxIdle {
		t.Error(p.count)
	}
	p.closeAll()
	if p.count != 0 || p.take("a") != nil {
		t.Error("something is left")
	}
}

// The end of the context ends a Send wherever it is.
func TestContext(t *testing.T) {
	hang := func(_ net.Conn, r *bufio.Reader) { _, _ = io.Copy(io.Discard, r) }
	for name, test := range map[string]struct {
		request Request
		script  func(c net.Conn, r *bufio.Reader)
		phase   string
	}{
		"handshake": {Request{URL: "https://h"}, hang, PhaseTLS},
		"writing":   {Request{URL: "http://h", Body: make([]byte, 1<<20)}, func(_ net.Conn, r *bufio.Reader) { _, _ = r.Peek(1); <-t.Context().Done() }, ""},
		"answer":    {Request{URL: "http://h"}, hang, PhaseRead},
		"go-ahead":  {Request{URL: "http://h", Method: "PUT", Body: []byte("x"), Expect100: true}, hang, PhaseRead},
		"head": {Request{URL: "http://h"}, func(c net.Conn, r *bufio.Reader) {
			_, _ = http.ReadRequest(r)
			_, _ = io.WriteString(c, "HTTP/1.1 2")
			hang(c, r)
		}, PhaseRead},
		"body": {Request{URL: "http://h"}, func(c net.Conn, r *bufio.Reader) {
			_, _ = http.ReadRequest(r)
			_, _ = io.WriteString(c, fine[:len(fine)-1])
			hang(c, r)
		}, PhaseRead},
		"after 1xx": {Request{URL: "http://h"}, func(c net.Conn, r *bufio.Reader) {
			_, _ = http.ReadRequest(r)
			_, _ = io.WriteString(c, "HTTP/1.1 102 P\r\n\r\n")
			hang(c, r)
		}, PhaseRead},
		"never began": {Request{URL: "http://h"}, nil, PhaseDial},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				why := errors.New("changed my mind")
				ctx, cancel := context.WithCancelCause(t.Context())
				script := test.script
				if name == "writing" {
					script = func(_ net.Conn, r *bufio.Reader) { _, _ = r.Peek(1); <-ctx.Done() }
				}
				c, _ := client(t, script)
				c.TLS = &tls.Config{InsecureSkipVerify: true}
				if test.script == nil {
					cancel(why)
				}
				var a *Answer
				var err error
				done := make(chan struct{})
				go func() {
					defer close(done)
					a, err = c.Send(ctx, &test.request)
				}()
				synctest.Wait() // nothing goes on any more
				cancel(why)
				<-done
				var e *Error
				if a != nil || !errors.As(err, &e) || test.phase != "" && e.Phase != test.phase || !errors.Is(err, why) || !errors.Is(err, context.Canceled) {
					t.Errorf("%+v, %v", a, err)
				}
				if name == "body" && (e.Answer == nil || string(e.Answer.Body) != "o") {
					t.Errorf("kept %+v", e.Answer)
				}
			})
		})
	}
}

func TestExpect(t *testing.T) {
	for _, test := range []struct {
		words, body string
		status      int
		before      int
	}{
		{"HTTP/1.1 100 Continue\r\n\r\n", "hello", 201, 1},
		{"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", "hello", 201, 2},
		{"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n", "", 417, 0},
	} {
		var got []byte
		c, s := client(t, func(conn net.Conn, r *bufio.Reader) {
			request, err := http.ReadRequest(r)
			if err != nil || request.Header.Get("Expect") != "100-continue" {
				t.Error(request, err)
			}
			_, _ = io.WriteString(conn, test.words)
			if got, _ = io.ReadAll(io.LimitReader(r, 5)); len(got) > 0 {
				_, _ = io.WriteString(conn, "HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n")
			}
		})
		a, err := c.Send(t.Context(), &Request{Method: "PUT", URL: "http://h", Body: []byte("hello"), Expect100: true})
		if err != nil || a.Status != test.status || len(a.Informational) != test.before {
			t.Fatalf("%+v, %v", a, err)
		}
		if s.done.Wait(); string(got) != test.body || c.kept() != 0 {
			t.Errorf("%d: the server got %q", test.status, got)
		}
	}
	c, _ := client(t, func(conn net.Conn, r *bufio.Reader) {
		_, _ = http.ReadRequest(r)
		_, _ = io.WriteString(conn, strings.Repeat("HTTP/1.1 102 P\r\n\r\n", maxInformational+1))
	})
	a, err := c.Send(t.Context(), get("http://h"))
	if e := failure(t, a, err, PhaseParse); !strings.Contains(err.Error(), "informational") || len(e.Answer.Informational) == 0 {
		t.Error(err)
	}
}

// A server that has seen enough may answer and close before all is sent.
func TestAnswerBeforeTheEndOfTheRequest(t *testing.T) {
	c, _ := client(t, func(conn net.Conn, r *bufio.Reader) {
		_, _ = http.ReadRequest(r)
		_, _ = io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
	})
	a, err := c.Send(t.Context(), &Request{Method: "PUT", URL: "http://h", Body: make([]byte, 1<<20)})
	if err != nil || a.Status != 413 || string(a.Body) != "no" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestNoAnswer(t *testing.T) {
	c, s := client(t,
		func(_ net.Conn, r *bufio.Reader) { s := bufio.NewScanner(r); s.Scan() },
		func(conn net.Conn, r *bufio.Reader) {
			_, _ = http.ReadRequest(r)
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nA: 1\r\nB")
		},
		func(conn net.Conn, r *bufio.Reader) {
			_, _ = http.ReadRequest(r)
			_, _ = io.WriteString(conn, "SSH-2.0-x\r\n")
		},
		func(_ net.Conn, r *bufio.Reader) {
			if _, err := r.ReadByte(); err == nil {
				t.Error("something went out")
			}
		})
	a, err := c.Send(t.Context(), &Request{Method: "PUT", URL: "http://h", Body: make([]byte, 1<<20)})
	if _ = failure(t, a, err, PhaseWrite); s.dials != 1 {
		t.Error(s.dials)
	}
	a, err = c.Send(t.Context(), get("http://h"))
	if e := failure(t, a, err, PhaseRead); string(e.Answer.Raw) != "HTTP/1.1 200 OK\r\nA: 1\r\nB" || e.Answer.Status != 200 || e.Answer.Header.Get("A") != "1" {
		t.Errorf("%v, %+v", err, e.Answer)
	}
	a, err = c.Send(t.Context(), get("http://h"))
	if _ = failure(t, a, err, PhaseParse); !strings.Contains(err.Error(), "SSH-2.0-x") {
		t.Error(err)
	}
	a, err = c.Send(t.Context(), &Request{URL: "http://h", CutAfter: 3})
	if _ = failure(t, a, err, PhaseRequest); !strings.Contains(err.Error(), "CloseWrite") { // a pipe has none
		t.Error(err)
	}
	a, err = c.Send(t.Context(), get("http://h"))
	if _ = failure(t, a, err, PhaseDial); !strings.Contains(err.Error(), "nobody listens") {
		t.Error(err)
	}
}

// cut is a server that says what came before the connection was half closed.
func cut(w http.ResponseWriter, _ *http.Request) {
	conn, rw, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	rest, err := io.ReadAll(rw)
	if err != nil {
		rest = []byte(err.Error())
	}
	_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n"+string(rest))
}

func TestCutAfter(t *testing.T) {
	message := "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello"
	for _, https := range []bool{false, true} {
		s := httptest.NewUnstartedServer(http.HandlerFunc(cut))
		c := &Client{}
		if https {
			s.StartTLS()
			c.TLS = s.Client().Transport.(*http.Transport).TLSClientConfig
		} else {
			s.Start()
		}
		for _, r := range []*Request{
			{URL: s.URL, Raw: []byte(message), CutAfter: len(message) - 2},
			{URL: s.URL, Raw: []byte(message + "!"), CutAfter: len(message)},
			{Method: "PUT", URL: s.URL, NoHost: true, Header: Header{{"Host", "h"}}, Body: []byte("hello"), CutAfter: len(message)},
			{Method: "PUT", URL: s.URL, Body: []byte("hello"), CutAfter: 1 << 20},
		} {
			a, err := c.Send(t.Context(), r)
			if err != nil || a.Framing != FramingClose || !strings.HasPrefix("hello", string(a.Body)) || len(a.Body) < 3 || (a.TLS != nil) != https {
				t.Errorf("https %v: %+v, %v", https, a, err)
			}
		}
		s.Close()
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Proto+" "+r.TLS.ServerName)
	}))
	s.EnableHTTP2 = true
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	url := "https://example.com:" + s.URL[strings.LastIndex(s.URL, ":")+1:] + "/"
	local := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}
	c := &Client{Dial: local, TLS: &tls.Config{RootCAs: roots, NextProtos: []string{"h2"}}}
	defer c.CloseIdle()
	a, err := c.Send(t.Context(), get(url))
	if err != nil || string(a.Body) != "HTTP/1.1 example.com" || a.TLS == nil || len(a.TLS.PeerCertificates) == 0 {
		t.Errorf("%+v, %v", a, err)
	}
	named := &Client{Dial: local, TLS: &tls.Config{RootCAs: roots, ServerName: "other.test"}}
	a, err = named.Send(t.Context(), get(url))
	_ = failure(t, a, err, PhaseTLS)
	a, err = (&Client{Dial: local}).Send(t.Context(), get(url))
	e := failure(t, a, err, PhaseTLS)
	var unknown x509.UnknownAuthorityError
	if !errors.As(e, &unknown) {
		t.Error(err)
	}
}

func TestMaxBody(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(bytes.Repeat([]byte("x"), 11)) }))
	defer s.Close()
	c := &Client{MaxBody: 10}
	a, err := c.Send(t.Context(), get(s.URL))
	_ = failure(t, a, err, PhaseRead)
	c = &Client{MaxBody: 11}
	defer c.CloseIdle()
	if a, err = c.Send(t.Context(), get(s.URL)); err != nil || len(a.Body) != 11 {
		t.Error(a, err)
	}
}

// Many at a time share a client.
func TestConcurrent(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) }))
	defer s.Close()
	c := &Client{}
	defer c.CloseIdle()
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for j := range 20 {
				body := strings.Repeat(string(rune('a'+i)), i*j)
				a, err := c.Send(t.Context(), &Request{Method: "POST", URL: s.URL, Body: []byte(body)})
				if err != nil || string(a.Body) != body {
					t.Errorf("%v, %v", a, err)
				}
			}
		})
	}
	all.Wait()
}

func TestTransportFunc(t *testing.T) {
	var transport Transport = TransportFunc(func(_ context.Context, r *Request) (*Answer, error) { return &Answer{Reason: r.URL}, nil })
	if a, err := transport.Send(t.Context(), get("x")); err != nil || a.Reason != "x" {
		t.Error(a, err)
	}
}
