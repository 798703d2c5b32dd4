package memory

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
)

// outgoing is the body that a request is sent with and its length: 0 for none, -1 where
// nobody knows it.
func outgoing(req *http.Request) (io.ReadCloser, int64, error) {
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return http.NoBody, 0, nil
	case req.ContentLength > 0:
		return req.Body, req.ContentLength, nil
	case !lacksBody(req.Method):
		return req.Body, -1, nil
	}
	// A body of a GET is more likely an empty one than not: net/http looks, too.
	first := make([]byte, 1)
	n, err := io.ReadFull(req.Body, first)
	switch {
	case n == 1:
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(&oneByte{first[0], false}, req.Body), req.Body}, -1, nil
	case errors.Is(err, io.EOF):
		_ = req.Body.Close()
		return http.NoBody, 0, nil
	}
	return nil, 0, err
}

func lacksBody(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}

type oneByte struct {
	b    byte
	read bool
}

func (o *oneByte) Read(p []byte) (int, error) {
	if o.read || len(p) == 0 {
		return 0, io.EOF
	}
	o.read = true
	p[0] = o.b
	return 1, nil
}

// sentBody is a request's body as it lies on the wire: framed by a length or in chunks
// (RFC 9112, 6).
type sentBody struct {
	body   io.ReadCloser
	length int64 // -1 for chunks
	sent   int64
	chunk  []byte // what is ready to be read
	buf    []byte
	last   bool // the last chunk has been framed

	mu  sync.Mutex
	err error // why the body broke off
}

func newSentBody(body io.ReadCloser, length int64) *sentBody {
	return &sentBody{body: body, length: length}
}

func (s *sentBody) Read(p []byte) (int, error) {
	if s.length < 0 {
		return s.readChunk(p)
	}
	left := s.length - s.sent
	if left == 0 {
		return 0, io.EOF
	}
	n, err := s.body.Read(p[:min(int64(len(p)), left)])
	s.sent += int64(n)
	switch {
	case s.sent == s.length:
		return n, s.longer()
	case errors.Is(err, io.EOF):
		err = fmt.Errorf("http: ContentLength=%d with Body length %d", s.length, s.sent)
		fallthrough
	case err != nil:
		return n, s.fail(err)
	}
	return n, nil
}

// longer fails where a body goes on after the length it was said to have.
func (s *sentBody) longer() error {
	if s.length == 0 {
		return nil
	}
	var more [1]byte
	if n, _ := s.body.Read(more[:]); n > 0 {
		return s.fail(fmt.Errorf("http: ContentLength=%d with Body length %d", s.length, s.length+1))
	}
	return nil
}

func (s *sentBody) readChunk(p []byte) (int, error) {
	for len(s.chunk) == 0 {
		if s.last {
			return 0, io.EOF
		}
		if s.buf == nil {
			s.buf = make([]byte, 32<<10)
		}
		n, err := s.body.Read(s.buf)
		if n > 0 {
			s.chunk = append(strconv.AppendInt(s.chunk[:0], int64(n), 16), "\r\n"...)
			s.chunk = append(append(s.chunk, s.buf[:n]...), "\r\n"...)
		}
		switch {
		case errors.Is(err, io.EOF):
			s.chunk, s.last = append(s.chunk, "0\r\n\r\n"...), true
		case err != nil:
			return 0, s.fail(err)
		}
	}
	n := copy(p, s.chunk)
	s.chunk = s.chunk[n:]
	return n, nil
}

// fail remembers why the body broke off: that is what the client hears, whatever the
// handler makes of it.
func (s *sentBody) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	return err
}

func (s *sentBody) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close closes the client's body.
func (s *sentBody) Close() { _ = s.body.Close() }
