package memory

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// buffered is how many bytes of a body are kept before the client reads as the handler
// writes.
const buffered = 64 << 10

// counted is how long a body may be that the server of net/http counts by itself: a longer
// one without a Content-Length goes in chunks.
const counted = 2 << 10

// answer is the http.ResponseWriter of an exchange: it writes bytes as the server of
// net/http would, and hands them on when all are there, or when they are too many.
type answer struct {
	method string
	header http.Header
	status int
	// length is the Content-Length that the handler has set, -1 for none.
	length  int64
	written int64
	chunked bool
	// unframed tells that the handler frames the body itself, by Transfer-Encoding: identity.
	unframed bool
	// untyped tells that the header has no Content-Type: the first bytes decide about it.
	untyped bool
	// head and body are the bytes so far; nobody writes to them once ready is closed.
	head, body bytes.Buffer
	ready      chan struct{}
	// in and out carry what comes after that, nil where nothing does.
	in  *io.PipeReader
	out *io.PipeWriter
	// aborted tells that the handler gave up before there was an answer.
	aborted bool
}

func newAnswer(method string) *answer {
	return &answer{method: method, header: http.Header{}, length: -1, ready: make(chan struct{})}
}

// Header is the header, which is sent as it is when the status is written.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader writes status and header.
func (a *answer) WriteHeader(status int) {
	if a.status != 0 || status < http.StatusOK {
		return
	}
	a.status = status
	if v := a.header["Content-Length"]; len(v) == 1 {
		if n, err := strconv.ParseInt(v[0], 10, 64); err == nil && n >= 0 {
			a.length = n
		}
	}
	if te := a.header["Transfer-Encoding"]; len(te) == 1 && te[0] == "identity" {
		a.unframed = true
	}
	_, typed := a.header["Content-Type"]
	a.untyped = !typed && !a.unframed
	a.head.Grow(1 << 10)
	fmt.Fprintf(&a.head, "HTTP/1.1 %03d %s\r\n", status, http.StatusText(status))
	_ = a.header.WriteSubset(&a.head, map[string]bool{"Transfer-Encoding": true, "Content-Length": a.length < 0})
}

// bodyless tells whether the answer has no body whatever the handler writes.
func (a *answer) bodyless() bool {
	return a.method == http.MethodHead || a.status == http.StatusNoContent || a.status == http.StatusNotModified
}

// counts tells whether this writer has to say how long the body is.
func (a *answer) counts() bool { return a.length < 0 && !a.unframed && !a.bodyless() }

// Write writes a part of the body.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		return 0, http.ErrBodyNotAllowed
	}
	if a.length >= 0 && a.written+int64(len(p)) > a.length {
		return 0, http.ErrContentLength
	}
	a.written += int64(len(p))
	if a.untyped && len(p) > 0 && a.out == nil {
		a.untyped = false
		fmt.Fprintf(&a.head, "Content-Type: %s\r\n", http.DetectContentType(p))
	}
	if a.method == http.MethodHead {
		return len(p), nil
	}
	if a.out == nil && a.body.Len()+len(p) <= buffered {
		return a.body.Write(p)
	}
	a.stream()
	return a.send(p)
}

// FlushError hands on what is written so far.
func (a *answer) FlushError() error {
	a.WriteHeader(http.StatusOK)
	a.stream()
	return nil
}

// Flush is for handlers that ask for an http.Flusher.
func (a *answer) Flush() { _ = a.FlushError() }

// stream lets the client read from now on.
func (a *answer) stream() {
	if a.out != nil {
		return
	}
	if a.chunked = a.counts(); a.chunked {
		a.head.WriteString("Transfer-Encoding: chunked\r\n")
	}
	a.head.WriteString("\r\n")
	if a.chunked && a.body.Len() > 0 {
		fmt.Fprintf(&a.head, "%x\r\n", a.body.Len())
		a.body.WriteString("\r\n")
	}
	a.in, a.out = io.Pipe()
	close(a.ready)
}

func (a *answer) send(p []byte) (int, error) {
	if !a.chunked {
		return a.out.Write(p)
	}
	if len(p) == 0 { // an empty chunk would be the last
		return 0, nil
	}
	if _, err := fmt.Fprintf(a.out, "%x\r\n", len(p)); err != nil {
		return 0, err
	}
	n, err := a.out.Write(p)
	if err == nil {
		_, err = a.out.Write([]byte("\r\n"))
	}
	return n, err
}

// finish ends the answer when the handler has returned.
func (a *answer) finish() {
	a.WriteHeader(http.StatusOK)
	switch {
	case a.out == nil && a.counts() && a.written > counted:
		a.stream()
		a.finish()
	case a.out == nil:
		if a.counts() || a.length < 0 && !a.unframed && a.method == http.MethodHead && a.written > 0 && a.written <= counted {
			fmt.Fprintf(&a.head, "Content-Length: %d\r\n", a.written)
		}
		a.head.WriteString("\r\n")
		close(a.ready)
	case a.chunked:
		_, _ = io.WriteString(a.out, "0\r\n\r\n")
		_ = a.out.Close()
	default:
		_ = a.out.Close() // too early for the length, it breaks the answer off
	}
}

// abort breaks the connection off. What was not handed on is lost.
func (a *answer) abort() {
	if a.out == nil {
		a.aborted = true
		close(a.ready)
		return
	}
	_ = a.out.CloseWithError(io.ErrUnexpectedEOF)
}

// reader reads the answer's bytes; ready has been closed.
func (a *answer) reader() io.Reader {
	if a.in == nil {
		return io.MultiReader(&a.head, &a.body)
	}
	return io.MultiReader(&a.head, &a.body, a.in)
}
