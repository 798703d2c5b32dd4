package wire

import (
	"bufio"
	"crypto/tls"
	"net"
	"sync"
	"time"
)

const (
	// maxIdlePerHost and maxIdle bound the connections that wait for another request.
	maxIdlePerHost = 8
	maxIdle        = 64
	// idleTime is how long one waits. It is shorter than the servers', so that they seldom
	// close a connection that a request is going out on.
	idleTime = 15 * time.Second
)

// conn is a connection that carries one exchange at a time.
type conn struct {
	net.Conn          // over which HTTP is spoken
	raw      net.Conn // below TLS; the same without
	tls      *tls.ConnectionState
	br       *bufio.Reader
	reused   bool // it carried an exchange before

	// first has what became of the next byte from the server: nil once it is there. Somebody
	// always waits for it, so an idle connection that ends or speaks unasked is noticed.
	first chan error
	idle  *time.Timer
}

// watch waits for the next byte from the server.
func (c *conn) watch() {
	c.first = make(chan error, 1)
	go func(first chan<- error) {
		_, err := c.br.Peek(1)
		first <- err
	}(c.first)
}

// silent tells whether the server has neither spoken nor closed since the last answer.
func (c *conn) silent() bool { return len(c.first) == 0 }

// kill closes at once, without TLS's farewell, which may have to wait for a writer.
func (c *conn) kill() { _ = c.raw.Close() }

// pool keeps idle connections, the last used first. Its zero value is empty.
type pool struct {
	mu    sync.Mutex
	idle  map[string][]*conn
	count int
}

// take returns an idle connection that is alive as far as is known, or nil.
func (p *pool) take(key string) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		waiting := p.idle[key]
		if len(waiting) == 0 {
			return nil
		}
		c := waiting[len(waiting)-1]
		p.idle[key] = waiting[:len(waiting)-1]
		p.count--
		if c.idle.Stop() && c.silent() {
			c.reused = true
			return c
		}
		c.kill()
	}
}

// put keeps a connection for the next request, where there is room.
func (p *pool) put(key string, c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.idle[key]) >= maxIdlePerHost || p.count >= maxIdle {
		c.kill()
		return
	}
	if p.idle == nil {
		p.idle = map[string][]*conn{}
	}
	c.idle = time.AfterFunc(idleTime, func() { p.drop(key, c) })
	p.idle[key] = append(p.idle[key], c)
	p.count++
}

// drop closes a connection that nobody took in time.
func (p *pool) drop(key string, gone *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, c := range p.idle[key] {
		if c == gone {
			p.idle[key] = append(p.idle[key][:i:i], p.idle[key][i+1:]...)
			p.count--
			c.kill()
			return
		}
	}
}

func (p *pool) closeAll() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, waiting := range p.idle {
		for _, c := range waiting {
			c.idle.Stop()
			_ = c.Close()
		}
	}
	p.idle, p.count = nil, 0
}
