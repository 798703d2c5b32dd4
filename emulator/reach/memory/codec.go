package memory

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
)

// Endpoint is what answers at an address.
type Endpoint struct {
	Handler http.Handler
	// TLS tells that it is reached by https alone.
	TLS bool
}

// Resolve finds what answers at a host, in lower case and without a final dot, and a
// port. Its error is the client's.
type Resolve func(host, port string) (Endpoint, error)

// Codec is an http.RoundTripper over handlers. It is safe for concurrent use.
type Codec struct {
	// Resolve is required.
	Resolve Resolve
	// Accept, where set, sees each answer before the client does; its error is the client's.
	Accept func(*http.Response) error
	// OnPanic, where set, is told of a handler's panic, other than http.ErrAbortHandler.
	OnPanic func(error)
	// Open, where set, knows the exchanges that have not ended.
	Open *Exchanges

	// What every exchange needs anew would be half of its garbage.
	readers sync.Pool // of *bufio.Reader
	buffers sync.Pool // of *bytes.Buffer
}

func (c *Codec) reader(from io.Reader) *bufio.Reader {
	if r, ok := c.readers.Get().(*bufio.Reader); ok {
		r.Reset(from)
		return r
	}
	return bufio.NewReader(from)
}

// free takes a reader back that nobody will read from any more.
func (c *Codec) free(r *bufio.Reader) {
	r.Reset(nil)
	c.readers.Put(r)
}

func (c *Codec) buffer() *bytes.Buffer {
	if b, ok := c.buffers.Get().(*bytes.Buffer); ok {
		b.Reset()
		return b
	}
	return new(bytes.Buffer)
}

// errPlain is what net/http says where a server does not speak TLS.
var errPlain = errors.New("http: server gave HTTP response to HTTPS client")

// RoundTrip sends a request and returns the answer, whose body streams.
func (c *Codec) RoundTrip(req *http.Request) (*http.Response, error) {
	endpoint, err := c.endpoint(req)
	if err != nil {
		closeBody(req)
		return nil, err
	}
	x := c.newExchange(req)
	if !c.Open.add(x) {
		closeBody(req)
		return nil, ErrClosed
	}
	question, err := x.question(endpoint.TLS)
	if err != nil {
		closeBody(req)
		x.end()
		return nil, err
	}
	go x.serve(endpoint.Handler, question, c.OnPanic)
	resp, err := x.wait()
	if err == nil && c.Accept != nil {
		err = c.Accept(resp)
	}
	if err != nil {
		x.end()
		return nil, err
	}
	return resp, nil
}

// endpoint finds who answers a request.
func (c *Codec) endpoint(req *http.Request) (Endpoint, error) {
	port := map[string]string{"http": "80", "https": "443"}[req.URL.Scheme]
	switch {
	case port == "":
		return Endpoint{}, fmt.Errorf("unsupported protocol scheme %q", req.URL.Scheme)
	case req.URL.Host == "":
		return Endpoint{}, errors.New("http: no Host in request URL")
	}
	if p := req.URL.Port(); p != "" {
		port = p
	}
	e, err := c.Resolve(hostname(req.URL.Hostname()), port)
	switch {
	case err != nil:
		return e, err
	case req.URL.Scheme == "https" && !e.TLS:
		return e, errPlain
	case req.URL.Scheme == "http" && e.TLS:
		e.Handler, e.TLS = http.HandlerFunc(refusePlain), false
	}
	return e, nil
}

// refusePlain answers as net/http does where a request comes in the clear to a port for TLS.
func refusePlain(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "Client sent an HTTP request to an HTTPS server.", http.StatusBadRequest)
}

func hostname(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// loopback is the address of everybody in a process, as a server sees it.
const loopback = "127.0.0.1:0"

// tlsState is what clients and handlers see of TLS that both ends leave out.
func tlsState(host string) *tls.ConnectionState {
	return &tls.ConnectionState{Version: tls.VersionTLS13, HandshakeComplete: true, ServerName: host, CipherSuite: tls.TLS_AES_128_GCM_SHA256}
}

func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// canceled is the error of a request whose context has ended, as net/http gives it.
func canceled(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	return context.Cause(ctx)
}

// broken is what a client sees of a connection that ends before the answer does.
func broken(err error) error {
	if errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) {
		return io.ErrUnexpectedEOF
	}
	return err
}
