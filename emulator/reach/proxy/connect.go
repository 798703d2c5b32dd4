package proxy

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/wire"
)

// recordTypeHandshake is the first byte of a TLS connection (RFC 8446, section 5.1).
const recordTypeHandshake = 0x16

// connect handles CONNECT. It returns when the tunnel has ended.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host, port, err := net.SplitHostPort(r.URL.Host)
	if err != nil || host == "" || port == "" {
		p.refuse(w, r, http.StatusBadRequest, "CONNECT wants host:port")
		return
	}
	ctx, leave, ok := p.enter(r.Context())
	if !ok {
		p.refuse(w, r, http.StatusServiceUnavailable, "the proxy is shutting down")
		return
	}
	defer leave()

	t := p.target(r, host, port)
	switch {
	case !t.valid:
		p.refuse(w, r, http.StatusBadRequest, notASCII)
	case t.class == Served && !p.certified(t.host):
		p.refuse(w, r, http.StatusForbidden, "the local certificate authority has no certificate for "+t.host+": make a new authority with `linarite ca rotate`")
	case t.class == Azure && !p.certified(t.host):
		p.refuse(w, r, http.StatusForbidden, t.host+" is not served here, and the proxy passes nothing meant for Azure on."+p.served())
	case t.class != Other && tunnels(r.Context()) >= maxTunnels:
		p.refuse(w, r, http.StatusLoopDetected, fmt.Sprintf("this is %d tunnels in each other already, and there may be no more", maxTunnels))
	case t.class != Other:
		p.terminate(ctx, w, r)
	case t.refused != nil:
		p.refuse(w, r, t.refused.status, t.refused.why)
	default:
		p.tunnel(ctx, w, r, t)
	}
}

// enter registers a tunnel. Its context ends with parent, or with Close; leave must be
// called. It reports false where Close has been called.
func (p *Proxy) enter(parent context.Context) (ctx context.Context, leave func(), ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.life.Err() != nil {
		return nil, nil, false
	}
	p.tunnels.Add(1)
	ctx, cancel := context.WithCancel(parent)
	stop := context.AfterFunc(p.life, cancel)
	return ctx, func() {
		stop()
		cancel()
		p.tunnels.Done()
	}, true
}

// certified reports whether a client that asks for host by TLS would get a certificate.
func (p *Proxy) certified(host string) bool {
	if p.opts.TLS.GetCertificate == nil {
		return true
	}
	cert, err := p.opts.TLS.GetCertificate(&tls.ClientHelloInfo{ServerName: host})
	if err != nil {
		p.opts.Log.Warn("no certificate", "host", host, "error", err)
	}
	return cert != nil
}

// hijack takes the client's connection over from its server, with whatever of the
// tunnel the client has sent already.
func (p *Proxy) hijack(w http.ResponseWriter, r *http.Request) (*clientConn, error) {
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		p.refuse(w, r, http.StatusNotImplemented, "CONNECT does not work over this connection: "+err.Error())
		return nil, err
	}
	// Take the bytes over, not the reader: that one belongs to the server, which ends
	// the request's context with the first read that fails, a mere timeout included.
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	reader := bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(early)), conn))
	return &clientConn{Conn: conn, reader: reader, closed: make(chan struct{})}, nil
}

// terminate ends a tunnel here: the client speaks TLS, or HTTP in the clear (some
// clients tunnel that too, IMDS included), and Next answers its requests.
func (p *Proxy) terminate(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	marked, ok := p.place(w, r.WithContext(ctx))
	if !ok {
		return
	}
	c, err := p.hijack(w, r)
	if err != nil {
		return
	}
	defer c.Close()
	defer context.AfterFunc(ctx, c.hangUp)()
	if c.established() != nil {
		return
	}
	slow := time.AfterFunc(headerTimeout, c.hangUp)
	first, err := c.reader.Peek(1)
	slow.Stop()
	if err != nil {
		return
	}

	var conn net.Conn = c
	scheme := "http"
	if first[0] == recordTypeHandshake {
		conn, scheme = tls.Server(c, p.opts.TLS), "https"
	}
	var http1 http.Protocols
	http1.SetHTTP1(true)
	marked = context.WithValue(marked, tunnelKey{}, tunnels(r.Context())+1)
	server := &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodConnect { // the front door of a sealed world in another's
				p.connect(w, r)
				return
			}
			p.opts.Next.ServeHTTP(w, asDirect(r.Context(), r, scheme))
		}),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       keepAliveTimeout,
		Protocols:         &http1,
		ErrorLog:          slog.NewLogLogger(p.opts.Log.Handler(), slog.LevelDebug),
		ConnContext:       func(context.Context, net.Conn) context.Context { return marked },
	}
	_ = server.Serve(wire.KeepHeaderNames(server, &oneConn{conn: conn})) // returns at once: there is no second connection
	<-c.closed
}

// maxTunnels is how many tunnels that end here there may be in each other: one for each sealed
// world around the caller. Each costs memory and the time of all that comes through it, so
// that with one connection a stranger could take as much of both as there is.
const maxTunnels = 16

// tunnelKey marks the context of what comes in a tunnel that ends here: its value is how many
// there are in each other.
type tunnelKey struct{}

func tunnels(ctx context.Context) int {
	n, _ := ctx.Value(tunnelKey{}).(int)
	return n
}

func tunnelled(ctx context.Context) bool { return tunnels(ctx) > 0 }

// tunnel joins the client to an Other host and looks at nothing.
func (p *Proxy) tunnel(ctx context.Context, w http.ResponseWriter, r *http.Request, t target) {
	upstream, err := p.dial(ctx, t)
	if err != nil {
		p.unreachable(w, r, err)
		return
	}
	defer upstream.Close()
	client, err := p.hijack(w, r)
	if err != nil {
		return
	}
	defer client.Close()
	hangUp := func() {
		client.hangUp()
		_ = upstream.Close()
	}
	defer context.AfterFunc(ctx, hangUp)()
	if client.established() != nil {
		return
	}
	idle := time.AfterFunc(tunnelTimeout, hangUp)
	defer idle.Stop()

	oneWay := func(to io.Writer, from io.Reader) {
		if _, err := io.Copy(activity{to, idle}, from); err != nil {
			hangUp()
			return
		}
		closeWrite(to)
	}
	var wg sync.WaitGroup
	wg.Go(func() { oneWay(upstream, client) })
	oneWay(client, upstream)
	wg.Wait()
}

// activity puts a tunnel's idle timer back with every write.
type activity struct {
	io.Writer
	idle *time.Timer
}

func (a activity) Write(b []byte) (int, error) {
	a.idle.Reset(tunnelTimeout)
	return a.Writer.Write(b)
}

// closeWrite tells the peer that no more will come, and leaves the way back open: a
// client may send all it has, and then wait for the answer. A connection that cannot
// do that is closed.
func closeWrite(w io.Writer) {
	switch c := w.(type) {
	case interface{ CloseWrite() error }:
		_ = c.CloseWrite()
	case io.Closer:
		_ = c.Close()
	}
}

// clientConn is a hijacked connection that reads first what the server had read of it
// before, and tells when it is closed.
type clientConn struct {
	net.Conn
	reader *bufio.Reader
	once   sync.Once
	closed chan struct{}
}

func (c *clientConn) Read(b []byte) (int, error) { return c.reader.Read(b) }

// established tells the client that its tunnel is there.
func (c *clientConn) established() error {
	_, err := io.WriteString(c.Conn, "HTTP/1.1 200 Connection established\r\n\r\n")
	return err
}

// hangUp is Close for those who cannot use its error.
func (c *clientConn) hangUp() { _ = c.Close() }

func (c *clientConn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = c.Conn.Close()
		close(c.closed)
	})
	return err
}

// CloseWrite half-closes the connection where it can, and closes it where not.
func (c *clientConn) CloseWrite() error {
	closeWrite(c.Conn)
	return nil
}

// oneConn is a listener with a single connection to give.
type oneConn struct{ conn net.Conn }

func (l *oneConn) Accept() (net.Conn, error) {
	conn := l.conn
	if conn == nil {
		return nil, net.ErrClosed
	}
	l.conn = nil
	return conn, nil
}

func (l *oneConn) Close() error   { return nil }
func (l *oneConn) Addr() net.Addr { return &net.TCPAddr{} }
