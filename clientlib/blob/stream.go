package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/internal/clock"
)

// ErrChanged tells that a blob was written while it was read. What has been read is of the version before.
var ErrChanged = errors.New("the blob has changed while it was read")

var errCutShort = errors.New("the answer ended too early")

// barren is how often a read is resumed in a row without that a byte came.
const barren = 5

// stream is a range of a blob that is read. It is asked for again, from where it was, when it is cut or nothing
// comes for Retry.Answer.
type stream struct {
	*download
	ctx  context.Context
	at   int64 // the next byte
	end  int64 // the byte behind the last; -1 is the blob's end, until the first answer tells
	sums bool  // asks for a checksum of each answer

	etag  string // of the first answer: all others have to have it
	total int64  // the size of the blob

	body   io.ReadCloser
	header http.Header // of the last answer
	opened int         // how often there was one
	vain   int         // resumed since the last byte
}

// open asks for what is left.
func (s *stream) open() error {
	req, err := s.blob.request(s.ctx, http.MethodGet, nil)
	if err != nil {
		return err
	}
	if s.etag == "" {
		s.o.Conditions.put(req.Header)
	} else {
		req.Header["If-Match"] = []string{s.etag}
		set(req.Header, "X-Ms-Lease-Id", s.o.Conditions.Lease)
	}
	span := strconv.AppendInt(append(make([]byte, 0, 48), "bytes="...), s.at, 10)
	if span = append(span, '-'); s.end >= 0 {
		span = strconv.AppendInt(span, s.end-1, 10)
	}
	req.Header["Range"] = []string{string(span)}
	if s.sums {
		req.Header["X-Ms-Range-Get-Content-Crc64"] = []string{"true"}
	}
	resp, err := s.blob.client().pipeline.Do(req)
	if err == nil {
		if err = s.check(resp); err != nil {
			_ = resp.Body.Close()
		}
	}
	if err != nil {
		if s.etag != "" && clientlib.HasStatus(err, http.StatusPreconditionFailed) {
			err = fmt.Errorf("%w: %w", ErrChanged, err)
		}
		return err
	}
	s.body, s.header = resp.Body, resp.Header
	s.opened++
	return nil
}

// check holds an answer against what was asked, and against the answers before.
func (s *stream) check(resp *http.Response) error {
	from, total, size := int64(0), resp.ContentLength, resp.ContentLength
	if resp.StatusCode == http.StatusPartialContent {
		var to int64
		var ok bool
		if from, to, total, ok = contentRange(resp.Header.Get("Content-Range")); !ok {
			return fmt.Errorf("blob: GET %s: the answer has no Content-Range that can be read", s.shown())
		}
		size = to - from
	}
	etag := resp.Header.Get("Etag")
	switch {
	case from != s.at || total < 0 || s.end >= 0 && from+size > s.end && resp.StatusCode == http.StatusPartialContent:
		return fmt.Errorf("blob: GET %s: bytes from %d on were asked for, and the answer is %d bytes from %d on", s.shown(), s.at, size, from)
	case s.etag != "" && (etag != s.etag || total != s.total):
		return ErrChanged
	}
	s.etag, s.total = etag, total
	if s.end < 0 || s.end > total {
		s.end = total
	}
	return nil
}

func (s *stream) shown() string { return s.blob.URL() }

// contentRange reads a Content-Range; to is behind the last byte.
func contentRange(text string) (from, to, total int64, ok bool) {
	text, ok = strings.CutPrefix(text, "bytes ")
	between, whole, slash := strings.Cut(text, "/")
	first, last, dash := strings.Cut(between, "-")
	if !ok || !slash || !dash {
		return 0, 0, 0, false
	}
	from, err1 := strconv.ParseInt(first, 10, 64)
	to, err2 := strconv.ParseInt(last, 10, 64)
	total, err3 := strconv.ParseInt(whole, 10, 64)
	if err1 != nil || err2 != nil || err3 != nil || from < 0 || to < from || to >= total {
		return 0, 0, 0, false
	}
	return from, to + 1, total, true
}

// Read reads on, and resumes as often as it helps.
func (s *stream) Read(p []byte) (int, error) {
	for {
		if s.at == s.end {
			return 0, io.EOF
		}
		if s.body == nil {
			if err := s.open(); err != nil {
				return 0, err
			}
			continue
		}
		n, err := s.body.Read(p[:min(int64(len(p)), s.end-s.at)])
		if n > 0 { // an error is there the next time too
			s.at, s.vain = s.at+int64(n), 0
			return n, nil
		}
		if err != nil {
			if err := s.cut(err); err != nil {
				return 0, err
			}
		}
	}
}

// cut closes what has ended too early, and waits before it is asked for again. Without an ETag nobody knows whether what
// comes then is of the same blob.
func (s *stream) cut(err error) error {
	if err == io.EOF { //nolint:errorlint // as a body ends
		err = errCutShort
	}
	s.Close()
	if ended := s.ctx.Err(); ended != nil {
		return s.failed(ended)
	}
	if s.vain++; s.vain > barren || s.etag == "" {
		return s.failed(err)
	}
	if s.vain == 1 {
		return nil
	}
	wait := time.Second << (s.vain - 2)
	wait = wait/2 + time.Duration(clock.Random()*float64(wait)/2)
	if err := clientlib.Sleep(s.ctx, s.blob.client().pipeline.Options().Clock, wait); err != nil {
		return s.failed(err)
	}
	return nil
}

func (s *stream) failed(err error) error {
	return &clientlib.TransportError{Method: http.MethodGet, URL: s.shown(), Tries: max(1, s.vain), Err: err}
}

// Close ends what is on its way. The stream can be read on.
func (s *stream) Close() {
	if s.body == nil {
		return
	}
	_ = s.body.Close()
	s.body = nil
}
