package wire

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/linarite/linarite/internal/redact"
)

// defaultMaxBody is MaxBody where that is 0.
const defaultMaxBody = 64 << 20

// Client is the Transport over the network. Its zero value is ready; it must not be copied, and
// its fields not changed, once in use. It is safe for concurrent use.
//
// It follows no redirects, keeps no cookies, reads no proxy variables, decompresses nothing and
// tries nothing again, with one exception. Connections are kept for later requests. One that the
// server has closed by then is noticed before anything goes out, and a new one is dialled, for
// any method. When it ends after the request went out and before a byte of an answer came, only
// GET, HEAD, OPTIONS and TRACE go out once more, on a new connection: of any other nobody knows
// whether it was carried out, and a second time might have another answer than the first.
type Client struct {
	// Dial makes connections; nil is that of a net.Dialer. What it makes is closed by the Client.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// TLS is for https; nil trusts the system's roots. Where it has no ServerName, that is the
	// URL's host. HTTP/1.1 alone is offered.
	TLS *tls.Config
	// Log is told of each exchange, redacted, at level debug; nil is nobody.
	Log *slog.Logger
	// MaxBody is how many bytes of a body are read; more is an Error of the phase "read". 0 is
	// 64 MiB.
	MaxBody int64

	pool pool
}

// Send sends a request and reads the whole answer. Its errors are of the type *Error. The end of
// the context ends it in any phase, and closes the connection.
func (c *Client) Send(ctx context.Context, r *Request) (*Answer, error) {
	a, err := c.send(ctx, r)
	if c.Log != nil {
		attrs := []slog.Attr{slog.String("method", clip(r.method())), slog.String("url", redact.RawURL(r.URL))}
		var failure *Error
		if errors.As(err, &failure) {
			attrs = append(attrs, slog.String("phase", failure.Phase), slog.String("error", redact.Text(failure.Err.Error())))
		} else {
			attrs = append(attrs, slog.Int("status", a.Status), slog.Int("bytes", len(a.Body)))
		}
		c.Log.LogAttrs(ctx, slog.LevelDebug, "exchange", attrs...)
	}
	return a, err
}

// CloseIdle closes the connections that wait for another request.
func (c *Client) CloseIdle() { c.pool.closeAll() }

func (c *Client) send(ctx context.Context, r *Request) (*Answer, error) {
	fail := func(phase string, err error, a *Answer) error {
		return &Error{Phase: phase, URL: redact.RawURL(r.URL), Err: ended(ctx, err), Answer: a}
	}
	to, err := parseAddress(r.URL)
	if err != nil {
		return nil, fail(PhaseRequest, err, nil)
	}
	x := exchange{client: c, request: r, method: r.method(), limit: c.MaxBody}
	if x.limit <= 0 {
		x.limit = defaultMaxBody
	}
	if x.head, x.body, err = r.message(); err != nil {
		return nil, fail(PhaseRequest, err, nil)
	}
	if err := ctx.Err(); err != nil {
		return nil, fail(PhaseDial, err, nil)
	}
	for {
		x.conn = nil
		if !x.fresh {
			x.conn = c.pool.take(to.key())
		}
		if x.conn == nil {
			if x.conn, err = c.dial(ctx, to); err != nil {
				var failed *dialError
				if errors.As(err, &failed) {
					return nil, fail(failed.phase, failed.err, nil)
				}
				return nil, fail(PhaseDial, err, nil)
			}
		}
		a, phase, err := x.run(ctx)
		switch {
		case err == nil && x.keep:
			c.pool.put(to.key(), x.conn)
		case err == nil:
			_ = x.conn.Close()
		default:
			x.conn.kill()
			if x.again(ctx, a) {
				x.fresh = true
				continue
			}
			return nil, fail(phase, err, a)
		}
		return a, nil
	}
}

// ended adds to an error the end of the context, and its cause, where that may be behind it.
func ended(ctx context.Context, err error) error {
	for _, why := range []error{ctx.Err(), context.Cause(ctx)} {
		if why != nil && !errors.Is(err, why) {
			err = fmt.Errorf("%w (%w)", why, err)
		}
	}
	return err
}

// dialError is a connection that was not made.
type dialError struct {
	phase string
	err   error
}

func (e *dialError) Error() string { return e.err.Error() }

func (c *Client) dial(ctx context.Context, to address) (*conn, error) {
	dial := c.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	raw, err := dial(ctx, "tcp", to.dial)
	if err != nil {
		return nil, &dialError{PhaseDial, err}
	}
	made := &conn{Conn: raw, raw: raw}
	if to.scheme == "https" {
		config := &tls.Config{MinVersion: tls.VersionTLS12}
		if c.TLS != nil {
			config = c.TLS.Clone()
		}
		if config.ServerName == "" {
			config.ServerName = to.host
		}
		config.NextProtos = []string{"http/1.1"}
		secured := tls.Client(raw, config)
		if err := secured.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, &dialError{PhaseTLS, err}
		}
		state := secured.ConnectionState()
		made.Conn, made.tls = secured, &state
	}
	made.br = bufio.NewReader(made.Conn)
	made.watch()
	return made, nil
}

// exchange is one request on its way.
type exchange struct {
	client     *Client
	request    *Request
	method     string
	head, body []byte
	limit      int64

	fresh bool // no connection from the pool will do
	conn  *conn
	keep  bool // the connection may carry another
}

// again tells whether a request that failed on a connection from the pool goes out once more.
func (x *exchange) again(ctx context.Context, a *Answer) bool {
	if !x.conn.reused || a != nil || ctx.Err() != nil || x.request.Raw != nil {
		return false
	}
	switch x.method {
	case "GET", "HEAD", "OPTIONS", "TRACE":
		return true
	}
	return false
}

// run sends the request and reads the answer. Both go on at a time, for a server may answer
// before it has read all.
func (x *exchange) run(ctx context.Context) (a *Answer, phase string, err error) {
	if _, ok := x.conn.Conn.(halfCloser); !ok && x.request.CutAfter > 0 {
		return nil, PhaseRequest, errors.New("the connection cannot be closed by half, as CutAfter wants: what Dial makes needs a method CloseWrite")
	}
	stop := context.AfterFunc(ctx, x.conn.kill)
	defer stop()
	w := &sender{exchange: x, proceed: make(chan bool, 1), done: make(chan struct{})}
	go w.send()
	a, err = x.read(w)
	w.let(false) // what is still held back stays so
	cause := err
	select {
	case <-w.done:
		if w.err != nil {
			cause = w.err
		}
	default:
	}
	if err != nil {
		x.conn.kill()
	}
	finished := w.finish()
	if !finished {
		x.conn.kill() // answered before all was sent: the rest is not for anybody
		<-w.done
	}
	x.keep = err == nil && finished && w.whole && stop() && x.reusable(a)
	if x.keep {
		x.conn.watch()
	}
	if err == nil {
		return a, "", nil
	}
	if len(a.Raw) > 0 || len(a.Informational) > 0 {
		if errors.Is(err, io.EOF) {
			err = fmt.Errorf("the connection ended inside the head: %w", io.ErrUnexpectedEOF)
		}
		return a, phaseOf(err), err
	}
	if errors.Is(cause, io.EOF) {
		cause = fmt.Errorf("the server closed the connection without an answer: %w", io.ErrUnexpectedEOF)
	}
	if w.err != nil { // not all of it went out
		return nil, PhaseWrite, cause
	}
	return nil, PhaseRead, cause
}

// read reads the answer, past the informational ones. It is never nil.
func (x *exchange) read(w *sender) (*Answer, error) {
	var informational []int
	first := x.conn.first
	for {
		if first != nil {
			if err := <-first; err != nil {
				return &Answer{}, err
			}
			first = nil
		}
		a, err := readHead(x.conn.br)
		a.Informational, a.TLS = informational, x.conn.tls
		switch {
		case err != nil:
			return a, err
		case a.Status < 200 && a.Status != 101:
			if informational = append(informational, a.Status); len(informational) > maxInformational {
				return a, wrong("more than %d informational answers", maxInformational)
			}
			w.let(true)
			continue
		}
		return a, a.readBody(x.conn.br, x.method, x.limit)
	}
}

// reusable tells whether nothing stands in the way of another exchange on the connection.
func (x *exchange) reusable(a *Answer) bool {
	return a.Framing != FramingClose && a.Status != 101 && x.method != "CONNECT" && a.Proto == "HTTP/1.1" &&
		!a.Header.hasToken("Connection", "close") && x.conn.br.Buffered() == 0 &&
		x.request.Raw == nil && x.request.CutAfter <= 0 && x.request.Proto == "" &&
		!x.request.Header.hasToken("Connection", "close") && !x.request.misframed()
}
