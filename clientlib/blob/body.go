package blob

import (
	"errors"
	"io"
	"sync"
)

// content is bytes that requests send, each from the beginning. When it is taken back, no request reads it any more:
// transports may still do so after the answer has come, and the bytes will be others by then.
type content struct {
	mu   sync.Mutex
	data []byte
	gone bool
}

var errGone = errors.New("the request is over")

func (c *content) open() io.ReadCloser { return &contentReader{from: c} }

// takeBack ends all reads.
func (c *content) takeBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone, c.data = true, nil
}

type contentReader struct {
	from *content
	at   int
}

func (r *contentReader) Read(p []byte) (int, error) {
	r.from.mu.Lock()
	defer r.from.mu.Unlock()
	switch {
	case r.from.gone:
		return 0, errGone
	case r.at == len(r.from.data):
		return 0, io.EOF
	}
	n := copy(p, r.from.data[r.at:])
	r.at += n
	return n, nil
}

func (r *contentReader) Close() error { return nil }

// buffers lends at most so many buffers of one size, each made when it is first needed.
type buffers struct {
	size  int
	spare chan []byte // nil for one that is not made yet
}

func newBuffers(n, size int) *buffers {
	b := &buffers{size: size, spare: make(chan []byte, n)}
	for range n {
		b.spare <- nil
	}
	return b
}

// get waits for a buffer, until done.
func (b *buffers) get(done <-chan struct{}) ([]byte, bool) {
	select {
	case <-done:
		return nil, false
	default:
	}
	select {
	case buffer := <-b.spare:
		if buffer == nil {
			buffer = make([]byte, b.size)
		}
		return buffer, true
	case <-done:
		return nil, false
	}
}

func (b *buffers) put(buffer []byte) { b.spare <- buffer[:b.size] }
