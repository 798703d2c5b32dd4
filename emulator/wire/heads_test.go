package wire

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// serveNames runs a server that answers with the names of metadata it saw, and returns
// what it answered to the bytes sent.
func serveNames(t testing.TB, sent string) []string {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	server := &http.Server{Protocols: &protocols, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		var names []string
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Ms-Meta-") {
				names = append(names, HeaderName(r, name))
			}
		}
		slices.Sort(names)
		_, _ = io.WriteString(w, strings.Join(names, " "))
	})}
	ln := KeepHeaderNames(server, inner)
	ended := make(chan struct{})
	go func() { _ = server.Serve(ln); close(ended) }()
	defer func() { _ = server.Close(); <-ended }()
	c, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, sent); err != nil {
		t.Fatal(err)
	}
	_ = c.(*net.TCPConn).CloseWrite()
	var out []string
	for r := bufio.NewReader(c); ; {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			return out
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			return out
		}
		if resp.StatusCode != 200 {
			body = []byte(resp.Status[:3])
		}
		out = append(out, string(body))
	}
}

func TestHeaderNamesAreKept(t *testing.T) {
	const meta = "Host: h\r\nx-ms-meta-FooBar: 1\r\n"
	for name, row := range map[string]struct {
		sent string
		want []string
	}{
		"one":            {"GET / HTTP/1.1\r\n" + meta + "\r\n", []string{"x-ms-meta-FooBar"}},
		"prefix in caps": {"GET / HTTP/1.1\r\nHost: h\r\nX-MS-META-fooBAR: 1\r\n\r\n", []string{"X-MS-META-fooBAR"}},
		"canonical":      {"GET / HTTP/1.1\r\nHost: h\r\nX-Ms-Meta-Foobar: 1\r\n\r\n", []string{"X-Ms-Meta-Foobar"}},
		"bare newlines":  {"GET / HTTP/1.1\nHost: h\nx-ms-meta-aB: 1\n\n", []string{"x-ms-meta-aB"}},
		"two in a row":   {"GET /a HTTP/1.1\r\n" + meta + "\r\nGET /b HTTP/1.1\r\nHost: h\r\nx-ms-meta-foobAR: 1\r\n\r\n", []string{"x-ms-meta-FooBar", "x-ms-meta-foobAR"}},
		"the same twice": {strings.Repeat("GET / HTTP/1.1\r\n"+meta+"\r\n", 2), []string{"x-ms-meta-FooBar", "x-ms-meta-FooBar"}},
		"body": {
			"PUT /a HTTP/1.1\r\n" + meta + "Content-Length: 30\r\n\r\nGET / HTTP/1.1\r\nx-ms-meta-No: 1GET /b HTTP/1.1\r\nHost: h\r\nx-ms-meta-YES: 1\r\n\r\n",
			[]string{"x-ms-meta-FooBar", "x-ms-meta-YES"},
		},
		"chunked": {
			"PUT /a HTTP/1.1\r\n" + meta + "Transfer-Encoding: chunked\r\n\r\n5;x=y\r\n\r\n\r\n\n\r\n3\r\nabc\r\n0\r\nTrailer: x\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\nx-ms-meta-YES: 1\r\n\r\n",
			[]string{"x-ms-meta-FooBar", "x-ms-meta-YES"},
		},
		"expect": {
			"PUT /a HTTP/1.1\r\n" + meta + "Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: h\r\nx-ms-meta-YES: 1\r\n\r\n",
			[]string{"100", "x-ms-meta-FooBar", "x-ms-meta-YES"},
		},
		// The server answers this one itself: no handler takes its names.
		"options of all": {"OPTIONS * HTTP/1.1\r\n" + meta + "\r\nGET / HTTP/1.1\r\nHost: h\r\nx-ms-meta-foobAR: 1\r\n\r\n", []string{"", "x-ms-meta-foobAR"}},
		"absolute form":  {"GET http://h/ HTTP/1.1\r\n" + meta + "\r\n", []string{"x-ms-meta-FooBar"}},
		"folded":         {"GET / HTTP/1.1\r\nHost: h\r\nx-ms-meta-FooBar: 1\r\n x-ms-meta-foobar: 2\r\n\r\n", []string{"x-ms-meta-FooBar"}},
		"blank line":     {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n\r\nGET / HTTP/1.1\r\n" + meta + "\r\n", []string{"", "x-ms-meta-FooBar"}},
	} {
		if got := serveNames(t, row.sent); !slices.Equal(got, row.want) {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

func TestHeadsAreBounded(t *testing.T) {
	var h heads
	h.feed([]byte("GET / HTTP/1.1\r\nX: "))
	h.feed(bytes.Repeat([]byte("a"), maxHead))
	if h.in != lost || h.buf != nil {
		t.Errorf("a head without end is kept: %d bytes", len(h.buf))
	}
	h = heads{}
	for range 2 * maxHeads {
		h.feed([]byte("GET / HTTP/1.1\r\n\r\n"))
	}
	if len(h.queue) != maxHeads {
		t.Errorf("%d heads wait", len(h.queue))
	}
}

// What net/http finds in a stream of requests, heads finds too: the same requests, and
// names that are those of net/http but for their case.
func FuzzHeads(f *testing.F) {
	for _, s := range []string{
		"GET / HTTP/1.1\r\nHost: h\r\nx-ms-meta-A: 1\r\n\r\n",
		"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\nHost: h\r\nx-ms-meta-bC: 1\r\n\r\n",
		"PUT /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n",
		"\r\nGET / HTTP/1.0\nTransfer-Encoding: chunked\nContent-Length: 0\n\n", "CONNECT h:1 HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\n\r\n",
	} {
		f.Add([]byte(s), 7)
	}
	f.Fuzz(func(t *testing.T, data []byte, step int) {
		step = max(1, min(step, len(data)+1))
		var h heads
		for rest := data; len(rest) > 0; rest = rest[min(step, len(rest)):] {
			h.feed(rest[:min(step, len(rest))])
		}
		r := bufio.NewReader(bytes.NewReader(data))
		for n := 0; n < maxHeads; n++ {
			for b, err := r.Peek(1); err == nil && (b[0] == '\r' || b[0] == '\n'); b, err = r.Peek(1) {
				_, _ = r.Discard(1)
			}
			req, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			want := map[string]bool{}
			for name := range req.Header {
				if strings.HasPrefix(name, "X-Ms-Meta-") && len(name) > len("X-Ms-Meta-") {
					want[strings.ToLower(name)] = true
				}
			}
			got := map[string]bool{}
			for _, name := range h.take(req.Method, req.RequestURI) {
				got[strings.ToLower(strings.TrimSpace(name))] = true
			}
			for name := range want {
				if !got[name] {
					t.Fatalf("%q of request %d is not found", name, n)
				}
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil || req.Method == "CONNECT" {
				return
			}
		}
	})
}
