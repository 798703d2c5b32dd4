package memory

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/clock"
)

// window is how many bytes a connection takes before somebody reads them, as a socket's
// buffers do: a client may write a whole request before it reads, and a server answer
// before it has read all.
const window = 64 << 10

// conn is one end of a connection in memory.
type conn struct {
	in, out     *flow
	read, write *deadline
}

// newConn makes both ends of a connection.
func newConn() (a, b net.Conn) {
	there, back := newFlow(), newFlow()
	return &conn{in: back, out: there, read: newDeadline(), write: newDeadline()},
		&conn{in: there, out: back, read: newDeadline(), write: newDeadline()}
}

func (c *conn) Read(p []byte) (int, error)  { return c.in.read(p, c.read) }
func (c *conn) Write(p []byte) (int, error) { return c.out.write(p, c.write) }

// CloseWrite tells the peer that no more will come.
func (c *conn) CloseWrite() error {
	c.out.end(io.ErrClosedPipe, io.EOF)
	return nil
}

// Close ends both directions. What was written can still be read.
func (c *conn) Close() error {
	c.out.end(net.ErrClosed, io.EOF)
	c.in.end(io.ErrClosedPipe, net.ErrClosed)
	return nil
}

// LocalAddr is loopback's: everybody in a process is there.
func (*conn) LocalAddr() net.Addr { return loopbackAddr() }

// RemoteAddr is loopback's.
func (*conn) RemoteAddr() net.Addr { return loopbackAddr() }

func loopbackAddr() net.Addr { return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(loopback)) }

func (c *conn) SetDeadline(t time.Time) error {
	c.read.set(t)
	c.write.set(t)
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.read.set(t)
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.write.set(t)
	return nil
}

// flow is one direction of a connection.
type flow struct {
	mu  sync.Mutex
	buf []byte
	// writing and reading are the errors of who writes and reads, once it has ended.
	writing, reading error
	// changed is closed, and made anew, when any of this changes.
	changed chan struct{}
}

func newFlow() *flow { return &flow{changed: make(chan struct{})} }

func (f *flow) change() {
	close(f.changed)
	f.changed = make(chan struct{})
}

// end ends the flow, unless it has ended.
func (f *flow) end(writing, reading error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.writing == nil {
		f.writing = writing
	}
	if f.reading == nil || reading == net.ErrClosed { //nolint:errorlint // a value of ours
		f.reading = reading
	}
	f.change()
}

func (f *flow) read(p []byte, d *deadline) (int, error) {
	for {
		if d.passed() {
			return 0, os.ErrDeadlineExceeded
		}
		n, changed, err := f.take(p)
		if changed == nil {
			return n, err
		}
		select {
		case <-changed:
		case <-d.done():
		}
	}
}

// take reads what there is, or else says when to look again.
func (f *flow) take(p []byte) (n int, changed <-chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.reading == net.ErrClosed: //nolint:errorlint // a value of ours
		return 0, nil, f.reading
	case len(f.buf) > 0 || len(p) == 0:
		n = copy(p, f.buf)
		if f.buf = f.buf[n:]; len(f.buf) == 0 {
			f.buf = nil
		}
		f.change()
		return n, nil, nil
	case f.reading != nil:
		return 0, nil, f.reading
	}
	return 0, f.changed, nil
}

func (f *flow) write(p []byte, d *deadline) (written int, err error) {
	for {
		if d.passed() {
			return written, os.ErrDeadlineExceeded
		}
		n, changed, err := f.put(p)
		written, p = written+n, p[n:]
		if err != nil || len(p) == 0 {
			return written, err
		}
		select {
		case <-changed:
		case <-d.done():
		}
	}
}

// put writes what there is room for, and says when there may be more.
func (f *flow) put(p []byte) (n int, changed <-chan struct{}, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.writing != nil {
		return 0, nil, f.writing
	}
	if n = min(len(p), window-len(f.buf)); n > 0 {
		f.buf = append(f.buf, p[:n]...)
		f.change()
	}
	return n, f.changed, nil
}

// deadline is a time after which reads or writes fail.
type deadline struct {
	mu    sync.Mutex
	timer *time.Timer
	over  chan struct{} // closed when the time has come
}

func newDeadline() *deadline { return &deadline{over: make(chan struct{})} }

func (d *deadline) done() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.over
}

func (d *deadline) passed() bool {
	select {
	case <-d.done():
		return true
	default:
		return false
	}
}

// set moves the deadline; the zero time is none. Who waits goes on waiting for the new one.
func (d *deadline) set(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	select {
	case <-d.over:
		d.over = make(chan struct{})
	default:
	}
	if t.IsZero() {
		return
	}
	over := d.over
	left := t.Sub(clock.System())
	if left <= 0 {
		close(over)
		return
	}
	d.timer = time.AfterFunc(left, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.over == over {
			select {
			case <-over:
			default:
				close(over)
			}
		}
	})
}
