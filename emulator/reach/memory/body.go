package memory

import (
	"bytes"
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
	return probe(req)
}

// probe looks whether a body has a first byte: that of a GET is more likely an empty one
// than not, and net/http looks, too.
func probe(req *http.Request) (io.ReadCloser, int64, error) {
	type look struct {
		first []byte
		err   error
	}
	looked := make(chan look, 1)
	go func() {
		first := make([]byte, 1)
		n, err := io.ReadFull(req.Body, first)
		looked <- look{first[:n], err}
	}()
	var got look
	select {
	case got = <-looked:
	case <-req.Context().Done():
		_ = req.Body.Close()
		return nil, 0, canceled(req.Context())
	}
	switch {
	case got.err == nil:
		return struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(got.first), req.Body), req.Body}, -1, nil
	case errors.Is(got.err, io.EOF):
		_ = req.Body.Close()
		return http.NoBody, 0, nil
	}
	return nil, 0, got.err
}

func lacksBody(method string) bool {
	switch method {
	case "", http.MethodGet, http.MethodHead, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
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

	reading sync.Mutex // held while the client's body is read
	mu      sync.Mutex
	err     error // why the body broke off
	given   bool  // the client's body was closed, and is not touched again
}

func newSentBody(body io.ReadCloser, length int64) *sentBody {
	return &sentBody{body: body, length: length}
}

func (s *sentBody) Read(p []byte) (int, error) {
	s.reading.Lock()
	defer s.reading.Unlock()
	s.mu.Lock()
	err := s.err
	if err == nil && s.given {
		err = http.ErrBodyReadAfterClose
	}
	s.mu.Unlock()
	if err != nil {
		return 0, err
	}
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
	if s.err == nil {
		s.err = err
	}
	return err
}

// abort breaks the body off, and returns when nobody reads the client's any more: it may
// belong to memory that the client wants back.
func (s *sentBody) abort(err error) {
	_ = s.fail(err)
	s.Close()
	s.reading.Lock() // waits for a Read, which the closing has ended
	defer s.reading.Unlock()
}

func (s *sentBody) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close closes the client's body, once.
func (s *sentBody) Close() {
	s.mu.Lock()
	given := s.given
	s.given = true
	s.mu.Unlock()
	if !given {
		_ = s.body.Close()
	}
}
