package wire

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"
)

// lateConn is slow to tell that a write has ended, and that it was closed.
type lateConn struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
	end    <-chan struct{}
}

func (c *lateConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	<-c.closed
	return n, err
}

func (c *lateConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if err != nil {
		<-c.end
	}
	return n, err
}

func (c *lateConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// An answer may be there before the sender is known to have ended. The connection is closed then,
// and must not wait for another request.
func TestClosedUnderItsSender(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // where it waits for ever
	defer cancel()
	c := Client{Dial: func(_ context.Context, network, address string) (net.Conn, error) {
		under, err := new(net.Dialer).DialContext(ctx, network, address)
		return &lateConn{Conn: under, closed: make(chan struct{}), end: ctx.Done()}, err
	}}
	for range 2 {
		a, err := c.Send(ctx, &Request{Method: "PUT", URL: s.URL, Body: []byte("x")})
		if err != nil || a.Status != 200 {
			t.Fatalf("%v %v", a, err)
		}
	}
}
