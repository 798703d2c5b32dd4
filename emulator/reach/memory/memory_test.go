package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
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

	"github.com/linarite/linarite/emulator/wire"
)

// carrier is a way to ask a handler.
type carrier struct {
	name string
	// client reaches the handler at http://a.test and https://a.test.
	client func(t *testing.T, h http.Handler) *http.Client
}

func single(h http.Handler) Resolve {
	return func(_, port string) (Endpoint, error) { return Endpoint{h, port == "443"}, nil }
}

// carriers are a socket, which is the truth, and the two of this package.
func carriers() []carrier {
	return []carrier{
		{"socket", func(t *testing.T, h http.Handler) *http.Client {
			server := httptest.NewUnstartedServer(h)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			server.Listener = wire.KeepHeaderNames(server.Config, server.Listener)
			server.Start()
			t.Cleanup(server.Close)
			transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", server.Listener.Addr().String())
			}}
			t.Cleanup(transport.CloseIdleConnections)
			return &http.Client{Transport: transport}
		}},
		{"pipe", func(t *testing.T, h http.Handler) *http.Client {
			p := &Pipe{Resolve: func(string, string) (Endpoint, error) { return Endpoint{Handler: h}, nil }, NewServer: quiet}
			t.Cleanup(func() {
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			})
			transport := &http.Transport{DialContext: p.DialContext}
			t.Cleanup(transport.CloseIdleConnections)
			return &http.Client{Transport: transport}
		}},
		{"codec", func(t *testing.T, h http.Handler) *http.Client {
			open := &Exchanges{}
			t.Cleanup(func() {
				if left := open.Close(); len(left) > 0 {
					t.Errorf("left open: %v", left)
				}
			})
			return &http.Client{Transport: &Codec{Resolve: single(h), Open: open}}
		}},
	}
}

func quiet(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}
}

// on runs a test over every carrier.
func on(t *testing.T, h http.Handler, test func(t *testing.T, client *http.Client)) {
	for _, c := range carriers() {
		t.Run(c.name, func(t *testing.T) { test(t, c.client(t, h)) })
	}
}

func do(t *testing.T, client *http.Client, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func request(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// What a handler sees of a request is what it sees of one from a socket.
func TestWhatHandlersSee(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s %s host=%s proto=%s length=%d te=%v agent=%s ct=%s meta=%v/%s body=%q err=%v",
			r.Method, r.RequestURI, r.Host, r.Proto, r.ContentLength, r.TransferEncoding, r.UserAgent(), r.Header.Get("Content-Type"),
			r.Header["X-Ms-Meta-Fooba"], wire.HeaderName(r, "X-Ms-Meta-Fooba"), body, err)
	})
	var want string
	on(t, h, func(t *testing.T, client *http.Client) {
		var got strings.Builder
		for _, row := range []struct {
			method, url string
			body        io.Reader
			length      int64
		}{
			{"GET", "http://a.test/p%2Fq//r?x=1&y=%20#fragment", nil, 0},
			{"POST", "http://a.test:80/form", strings.NewReader("a=b"), 3},
			{"PUT", "http://a.test/chunks", io.MultiReader(strings.NewReader("one "), strings.NewReader("two")), 0},
			{"PUT", "http://a.test/empty", http.NoBody, 0},
			{"DELETE", "http://a.test/none", io.MultiReader(), 0},
			{"GET", "http://a.test/some", io.MultiReader(strings.NewReader("odd")), 0},
			{"PATCH", "http://a.test/", strings.NewReader(""), 0},
		} {
			req := request(t, row.method, row.url, row.body)
			req.Header["x-ms-meta-FooBa"] = []string{"1"}
			req.Header["content-type"] = []string{"text/plain"}
			if row.length != 0 && req.ContentLength != row.length {
				t.Fatalf("%s has length %d", row.url, req.ContentLength)
			}
			_, body := do(t, client, req)
			got.WriteString(body + "\n")
		}
		if want == "" {
			want = got.String()
			if !strings.Contains(want, "x-ms-meta-FooBa body") {
				t.Fatalf("the socket itself loses names:\n%s", want)
			}
		}
		if got.String() != want {
			t.Errorf("got\n%s\nwant, as by a socket,\n%s", got.String(), want)
		}
	})
}

// What a client sees of an answer is what it sees of one from a socket.
func TestWhatClientsSee(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
	handlers := map[string]http.HandlerFunc{
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"text":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "plain text") },
		"status and length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Length"] = []string{"3"}
			w.WriteHeader(201)
			_, _ = io.WriteString(w, "abc")
		},
		"raw names and repeats": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["x-ms-meta-LikeThis"] = []string{"1"}
			w.Header()["WWW-Authenticate"] = []string{"A", "B"}
			w.Header()["Content-Type"] = nil
			w.WriteHeader(401)
		},
		"late headers": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(202)
			w.Header().Set("Too-Late", "1")
			w.WriteHeader(500)
		},
		"no content, and content": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(204)
			_, err := io.WriteString(w, "not allowed")
			if !errors.Is(err, http.ErrBodyNotAllowed) {
				panic(err)
			}
		},
		"not modified": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("ETag", `"1"`)
			w.WriteHeader(304)
		},
		"flushed": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "one")
			w.(http.Flusher).Flush()
			_, _ = io.WriteString(w, "two")
			_, _ = io.WriteString(w, "")
			_, _ = io.WriteString(w, "three")
		},
		"big": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(big)))
			_, _ = w.Write(big)
		},
		"big in chunks": func(w http.ResponseWriter, _ *http.Request) {
			for rest := big; len(rest) > 0; rest = rest[1<<15:] {
				_, _ = w.Write(rest[:1<<15])
			}
		},
		"framed by itself": func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["content-length"] = []string{"2"}
			w.Header()["Transfer-Encoding"] = []string{"identity"}
			_, _ = io.WriteString(w, "abc")
		},
		"more than said": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "2")
			_, _ = io.WriteString(w, "ab")
			if _, err := io.WriteString(w, "c"); !errors.Is(err, http.ErrContentLength) {
				panic(err)
			}
		},
	}
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handlers[r.Header.Get("Handler")](w, r) })
	want := map[string]string{}
	on(t, h, func(t *testing.T, client *http.Client) {
		for name := range handlers {
			for _, method := range []string{"GET", "HEAD"} {
				req := request(t, method, "http://a.test/", nil)
				req.Header.Set("Handler", name)
				resp, body := do(t, client, req)
				resp.Header.Del("Date") // whoever answers sets it: here no handler does
				sum := sha256.Sum256([]byte(body))
				got := fmt.Sprint(resp.Status, resp.Proto, resp.Header, resp.ContentLength, resp.TransferEncoding, len(body), sum)
				key := method + " " + name
				if want[key] == "" {
					want[key] = got
				}
				if got != want[key] {
					t.Errorf("%s:\ngot  %s\nwant %s", key, got, want[key])
				}
			}
		}
	})
}

// A handler that gives up breaks the connection off.
func TestAbort(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/within":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half ")
			_ = http.NewResponseController(w).Flush()
		case "/short":
			w.Header().Set("Content-Length", "10")
			_, _ = io.WriteString(w, "half ")
			return
		}
		panic(http.ErrAbortHandler)
	})
	on(t, h, func(t *testing.T, client *http.Client) {
		if resp, err := client.Post("http://a.test/at-once", "", strings.NewReader("x")); !errors.Is(err, io.EOF) {
			t.Errorf("%v %v", resp, err)
		}
		for _, path := range []string{"/within", "/short"} {
			resp, err := client.Get("http://a.test" + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			if !errors.Is(err, io.ErrUnexpectedEOF) || string(body) != "half " {
				t.Errorf("%s: %q %v", path, body, err)
			}
		}
	})
}

// A body that breaks off, or is not as long as it was said to be, is the client's error.
func TestBadBodies(t *testing.T) {
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			panic(http.ErrAbortHandler)
		}
	})
	broken := errors.New("the disk is on fire")
	on(t, h, func(t *testing.T, client *http.Client) {
		for name, row := range map[string]struct {
			body   io.Reader
			length int64
			want   string
		}{
			"breaks off":         {io.MultiReader(strings.NewReader("abc"), failing{broken}), 10, broken.Error()},
			"breaks off, chunks": {io.MultiReader(strings.NewReader("abc"), failing{broken}), -1, broken.Error()},
			"too short":          {io.MultiReader(strings.NewReader("abc")), 10, "http: ContentLength=10 with Body length 3"},
			"too long":           {io.MultiReader(strings.NewReader("abcdef")), 3, "http: ContentLength=3 with Body length"},
		} {
			body := &watched{Reader: row.body}
			req := request(t, "PUT", "http://a.test/", body)
			req.ContentLength = row.length
			resp, err := client.Do(req)
			if err == nil {
				resp.Body.Close()
			}
			if name == "too long" && err == nil {
				continue // the answer may be quicker
			}
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("%s: %v, want %s", name, err, row.want)
			}
			if !body.isClosed() {
				t.Errorf("%s: the body is left open", name)
			}
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type watched struct {
	io.Reader
	mu     sync.Mutex
	closed bool
}

func (w *watched) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	return nil
}

// isClosed waits a little: a carrier may close a body after it has answered.
func (w *watched) isClosed() bool {
	for range 1000 {
		w.mu.Lock()
		closed := w.closed
		w.mu.Unlock()
		if closed {
			return true
		}
		time.Sleep(time.Millisecond)
	}
	return false
}

// A client that goes away is noticed, and does not wait for the handler.
func TestCancel(t *testing.T) {
	gone := make(chan struct{}, 1)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/within" {
			_, _ = io.WriteString(w, "begun")
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
		gone <- struct{}{}
	})
	on(t, h, func(t *testing.T, client *http.Client) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		resp, err := client.Do(request(t, "GET", "http://a.test/", nil).WithContext(ctx))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v %v", resp, err)
		}
		<-gone
		ctx, cancel = context.WithCancel(t.Context())
		resp, err = client.Do(request(t, "GET", "http://a.test/within", nil).WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if _, err := io.ReadFull(resp.Body, make([]byte, 5)); err != nil {
			t.Fatal(err)
		}
		cancel()
		if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.Canceled) {
			t.Errorf("reading on: %v", err)
		}
		<-gone
		resp, err = client.Get("http://a.test/within")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		<-gone // closing is leaving
	})
}

// Both carriers of this package work in a bubble, wherever they were made.
func TestInABubble(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(time.Hour):
			_, _ = w.Write(make([]byte, 1<<20))
		case <-r.Context().Done():
		}
	})
	codec := &http.Client{Transport: &Codec{Resolve: single(h)}}
	p := &Pipe{Resolve: single(h), NewServer: quiet}
	defer p.Close()
	synctest.Test(t, func(t *testing.T) {
		transport := &http.Transport{DialContext: p.DialContext}
		defer transport.CloseIdleConnections()
		for name, client := range map[string]*http.Client{"codec": codec, "pipe": {Transport: transport}} {
			before := time.Now()
			if _, body := do(t, client, request(t, "GET", "http://a.test/", nil)); len(body) != 1<<20 || time.Since(before) != time.Hour {
				t.Errorf("%s: %d bytes after %v", name, len(body), time.Since(before))
			}
		}
	})
}

// What clients leave behind is known by name, once.
func TestExchangesLeftOpen(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/waits" {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write(make([]byte, 1<<20))
	})
	open := &Exchanges{}
	client := &http.Client{Transport: &Codec{Resolve: single(h), Open: open}}
	for _, path := range []string{"/read", "/closed", "/left?sig=secret"} {
		resp, err := client.Get("https://a.test" + path)
		if err != nil {
			t.Fatal(err)
		}
		switch path {
		case "/read":
			_, _ = io.Copy(io.Discard, resp.Body)
		case "/closed":
			resp.Body.Close()
		default:
			defer resp.Body.Close()
		}
	}
	ended := make(chan error)
	started := make(chan struct{})
	go func() {
		req, _ := http.NewRequest("GET", "https://a.test/waits", nil)
		close(started)
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		ended <- err
	}()
	<-started
	for { // until the request is under way
		open.mu.Lock()
		n := len(open.open)
		open.mu.Unlock()
		if n == 2 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	got := map[Exchange]bool{}
	for _, e := range open.Close() {
		got[e] = true
	}
	if len(got) != 2 || !got[Exchange{"GET", "https://a.test/left?sig=REDACTED", true}] || !got[Exchange{"GET", "https://a.test/waits", false}] {
		t.Errorf("%v", got)
	}
	if err := <-ended; err == nil {
		t.Error("a request outlives its world")
	}
	if again := open.Close(); len(again) != 0 {
		t.Errorf("told twice: %v", again)
	}
	if resp, err := client.Get("https://a.test/late"); !errors.Is(err, ErrClosed) {
		t.Errorf("%v %v", resp, err)
	}
}

// Addresses that lead nowhere, and schemes that do not fit them.
func TestAddresses(t *testing.T) {
	nowhere := errors.New("nowhere")
	resolve := func(host, port string) (Endpoint, error) {
		if host != "a.test" {
			return Endpoint{}, nowhere
		}
		return Endpoint{http.NotFoundHandler(), port == "443"}, nil
	}
	client := &http.Client{Transport: &Codec{Resolve: resolve}}
	for url, want := range map[string]string{
		"http://b.test/": "nowhere", "https://a.test:80/": "server gave HTTP response to HTTPS client", "ftp://a.test/": "unsupported protocol scheme", "http:///x": "no Host",
	} {
		if resp, err := client.Get(url); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v %v", url, resp, err)
		}
	}
	for url, want := range map[string]int{"http://A.TEST./": 404, "http://a.test:443/": 400, "https://a.test/": 404} {
		resp, err := client.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want || (resp.TLS != nil) != strings.HasPrefix(url, "https") {
			t.Errorf("%s: %d", url, resp.StatusCode)
		}
	}
	p := &Pipe{Resolve: resolve, NewServer: quiet}
	for address, network := range map[string]string{"b.test:80": "tcp", "a.test": "tcp", "a.test:80": "udp"} {
		if c, err := p.DialContext(t.Context(), network, address); err == nil {
			t.Errorf("%s %s: %v", network, address, c)
		}
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
	if c, err := p.DialContext(t.Context(), "tcp", "a.test:80"); !errors.Is(err, ErrClosed) {
		t.Errorf("%v %v", c, err)
	}
}

// A panic of a handler's is reported, and the client sees a broken connection.
func TestPanic(t *testing.T) {
	var told error
	client := &http.Client{Transport: &Codec{
		Resolve: single(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug") })), OnPanic: func(err error) { told = err },
	}}
	if resp, err := client.Get("http://a.test/"); !errors.Is(err, io.EOF) {
		t.Errorf("%v %v", resp, err)
	}
	if told == nil || !strings.Contains(told.Error(), "a bug") {
		t.Error(told)
	}
}

// A request that is given up lets go of its body at once: it is closed, nobody reads it
// any more when the client has its error, and the handler gets no more of it.
func TestCancelledUploads(t *testing.T) {
	handled := make(chan error, 1)
	h := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(io.Discard, r.Body)
		handled <- err
		panic(http.ErrAbortHandler)
	})
	on(t, h, func(t *testing.T, client *http.Client) {
		for _, length := range []int64{-1, 1 << 30} {
			ctx, cancel := context.WithCancel(t.Context())
			body := &endless{after: 100, cancel: cancel}
			req := request(t, "PUT", "http://a.test/", body).WithContext(ctx)
			req.ContentLength = length
			resp, err := client.Do(req)
			body.shared[0]++ // a race, were it still read
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%d: %v %v", length, resp, err)
			}
			if err := <-handled; err == nil {
				t.Errorf("%d: the handler takes the body for whole", length)
			}
			if !body.closed {
				t.Errorf("%d: the body is left open", length)
			}
		}
	})
}

// endless is a body of which nobody sees the end, whose client gives up after a while.
type endless struct {
	shared [1]int
	reads  int
	after  int
	cancel func()
	closed bool
}

func (e *endless) Read(p []byte) (int, error) {
	if e.reads++; e.reads == e.after {
		e.cancel()
	}
	e.shared[0]++
	return copy(p, "more and more"), nil
}

func (e *endless) Close() error {
	e.closed = true
	return nil
}

// A body of a GET that never says anything does not keep the client longer than it wants
// to wait.
func TestAProbeEndsWithItsContext(t *testing.T) {
	on(t, http.NotFoundHandler(), func(t *testing.T, client *http.Client) {
		silent, mouth := io.Pipe()
		defer mouth.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		resp, err := client.Do(request(t, "GET", "http://a.test/", silent).WithContext(ctx))
		if !errors.Is(err, context.DeadlineExceeded) {
			if err == nil {
				resp.Body.Close()
			}
			t.Skip("the carrier was quicker: it does not look for so long") // net/http gives up after 200 ms and sends chunks
		}
		if _, err := mouth.Write([]byte("x")); err == nil {
			t.Error("the body is left open")
		}
	})
}
