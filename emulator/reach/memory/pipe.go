package memory

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/linarite/linarite/emulator/wire"
)

// Pipe makes connections to handlers. It is safe for concurrent use.
type Pipe struct {
	// Resolve is required. An Endpoint's TLS is real here: the client shakes hands.
	Resolve Resolve
	// NewServer makes the server at the other end of a connection.
	NewServer func(http.Handler) *http.Server
	// TLS is for endpoints with TLS.
	TLS func() (*tls.Config, error)

	mu      sync.Mutex
	servers map[*http.Server]bool
	closed  bool
}

// DialContext connects to an address "host:port", as net.Dialer does.
func (p *Pipe) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	client, err := p.dial(ctx, network, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	return client, nil
}

func (p *Pipe) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, canceled(ctx)
	}
	switch network {
	case "tcp", "tcp4", "tcp6":
	default:
		return nil, net.UnknownNetworkError(network)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	endpoint, err := p.Resolve(hostname(host), port)
	if err != nil {
		return nil, err
	}
	client, far := newConn()
	var ln net.Listener = &oneConn{conn: far, ended: make(chan struct{})}
	if endpoint.TLS {
		config, err := p.TLS()
		if err != nil {
			return nil, err
		}
		ln = tls.NewListener(ln, config)
	}
	if !p.serve(endpoint.Handler, ln) {
		return nil, ErrClosed
	}
	return client, nil
}

// serve answers on the one connection of a listener until it ends.
func (p *Pipe) serve(h http.Handler, ln net.Listener) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		_ = ln.Close()
		return false
	}
	server := p.NewServer(h)
	if p.servers == nil {
		p.servers = map[*http.Server]bool{}
	}
	p.servers[server] = true
	connState := server.ConnState
	server.ConnState = func(c net.Conn, state http.ConnState) {
		if connState != nil {
			connState(c, state)
		}
		if state == http.StateClosed || state == http.StateHijacked {
			_ = ln.Close()
		}
	}
	served := wire.KeepHeaderNames(server, ln)
	go func() { // nothing waits for it: in a bubble of synctest it belongs to that
		_ = server.Serve(served) // ends with its connection
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.servers, server)
	}()
	return true
}

// Close ends all connections and makes no more.
func (p *Pipe) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for server := range p.servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}

// oneConn is a listener of one connection.
type oneConn struct {
	mu    sync.Mutex
	conn  net.Conn // nil once accepted
	done  bool
	ended chan struct{}
}

// Accept returns the connection, and then waits until the listener is closed.
func (l *oneConn) Accept() (net.Conn, error) {
	l.mu.Lock()
	conn := l.conn
	l.conn = nil
	l.mu.Unlock()
	if conn != nil {
		return conn, nil
	}
	<-l.ended
	return nil, net.ErrClosed
}

// Close ends Accept; a connection that nobody took is closed.
func (l *oneConn) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.done {
		return nil
	}
	l.done = true
	close(l.ended)
	if l.conn != nil {
		return l.conn.Close()
	}
	return nil
}

// Addr is loopback's: everybody in a process is there.
func (*oneConn) Addr() net.Addr { return loopbackAddr() }
