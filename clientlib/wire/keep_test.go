package wire

import (
	"bufio"
	"context"
	"net"
	"net/http"
	"sync"
	"testing"
)

// slowWriter is a connection whose Write returns, without an error, only when it is closed.
type slowWriter struct {
	net.Conn
	once   sync.Once
	closed chan struct{}
}

func (c *slowWriter) Write(b []byte) (int, error) {
	n, err := c.Conn.Write(b)
	<-c.closed
	return n, err
}

func (c *slowWriter) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// A connection that was killed because the answer came before all had been sent carries no other
// request, even where the last byte went out after all.
func TestKilledConnectionIsNotKept(t *testing.T) {
	client := &Client{Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			if _, err := http.ReadRequest(bufio.NewReader(theirs)); err == nil {
				_, _ = theirs.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
			}
		}()
		return &slowWriter{Conn: ours, closed: make(chan struct{})}, nil
	}}
	defer client.CloseIdle()
	a, err := client.Send(t.Context(), &Request{URL: "http://host.example/"})
	if err != nil || a.Status != 200 {
		t.Fatalf("%v %v", a, err)
	}
	if client.pool.count != 0 {
		t.Error("a connection that was killed waits for another request")
	}
}
