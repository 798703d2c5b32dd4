package wire

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/linarite/linarite/emulator/fault"
)

// spoil sends an answer, whose headers are set, as a planned fault will have it. dropped
// tells that the connection must be dropped now. It asks no more of w than any carrier
// has: Flush, and a panic with http.ErrAbortHandler.
func spoil(w http.ResponseWriter, c *Call, status int, body Stream) (dropped bool) {
	e, h := c.struck.Effect, w.Header()
	sends := c.Request.Method != http.MethodHead && body.From != nil && body.Size != 0
	left := int64(-1) // all
	switch {
	case e.Cut == fault.CutBeforeHead || e.Cut != "" && !sends:
		return true
	case e.Cut == fault.CutAfterHead:
		left = 0
	case e.Cut == fault.CutInBody:
		left, body = partOf(e.CutAfter, body)
	}
	misstate(h, e.LengthOff, sends)
	w.WriteHeader(status)
	rc := http.NewResponseController(w)
	if sends {
		if body.Size < 0 {
			_ = rc.Flush() // what is sent now has no length
		}
		out := io.Writer(w)
		if e.SlowBytes > 0 {
			out = &slowly{to: w, c: c, flush: rc.Flush, bytes: e.SlowBytes, every: e.SlowEvery}
		}
		if left >= 0 {
			out = &atMost{out, left}
		}
		_, _ = body.From.WriteTo(out) // ends early by atMost, or because the caller has left
	}
	if e.Cut != "" || e.LengthOff > 0 && c.Request.Method != http.MethodHead {
		_ = rc.Flush()
		return true
	}
	return false
}

// partOf is how much of a body is sent before a cut: n bytes, or half for zero, and never
// the last byte. A body of unknown size is put together first, to have one.
func partOf(n int64, body Stream) (int64, Stream) {
	size := body.Size
	if size < 0 {
		var whole bytes.Buffer
		_, _ = body.From.WriteTo(&whole) // a buffer takes all
		size, body.From = int64(whole.Len()), &whole
	}
	if n == 0 {
		n = size / 2
	}
	return max(0, min(n, size-1)), body
}

// misstate makes Content-Length wrong by off bytes. net/http keeps a handler from sending
// more than it says. So a length that is too small goes by a name that net/http does not
// look for, and "identity" keeps it from framing the body itself; the connection ends
// with the answer.
func misstate(h http.Header, off int64, sends bool) {
	said := h["Content-Length"]
	if off == 0 || len(said) == 0 {
		return
	}
	size, _ := strconv.ParseInt(said[0], 10, 64) // write has just said so
	name := "Content-Length"
	if off < 0 && sends {
		delete(h, name)
		name = "content-length"
		h["Transfer-Encoding"] = []string{"identity"}
	}
	h[name] = []string{strconv.FormatInt(max(0, size+off), 10)}
}

var errEnough = errors.New("enough of the body was sent")

// atMost lets so many bytes through.
type atMost struct {
	to   io.Writer
	left int64
}

func (a *atMost) Write(p []byte) (int, error) {
	n := min(int64(len(p)), a.left)
	if n > 0 {
		sent, err := a.to.Write(p[:n])
		a.left -= int64(sent)
		if err != nil {
			return sent, err
		}
	}
	if n < int64(len(p)) {
		return int(n), errEnough
	}
	return int(n), nil
}

// slowly sends so many bytes at once, and waits before the next.
type slowly struct {
	to    io.Writer
	c     *Call
	flush func() error
	bytes int
	every time.Duration
	sent  int // of the present piece
}

func (s *slowly) Write(p []byte) (written int, err error) {
	for len(p) > 0 {
		if s.sent == s.bytes {
			if err := pause(s.c, s.every); err != nil {
				return written, err
			}
			s.sent = 0
		}
		n, err := s.to.Write(p[:min(len(p), s.bytes-s.sent)])
		written, s.sent, p = written+n, s.sent+n, p[n:]
		if err != nil {
			return written, err
		}
		if s.sent == s.bytes {
			if err := s.flush(); err != nil {
				return written, err
			}
		}
	}
	return written, nil
}
