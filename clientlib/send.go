package clientlib

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// errNoAnswer is why a try is given up.
var errNoAnswer = errors.New("no answer in time")

// errTooLong is an answer that Read does not take. Asked again, it would be as long.
var errTooLong = errors.New("the answer is too long")

// sendError is a failure of the transport, as opposed to one of a policy: only these are worth another try.
type sendError struct{ err error }

func (e *sendError) Error() string { return e.err.Error() }
func (e *sendError) Unwrap() error { return e.err }

// transport sends a request, and gives it up where nothing moves. Only this is watched, not the policies before it: a
// credential may have to be patient for longer.
func (p *Pipeline) transport(req *http.Request) (*http.Response, error) {
	if err := sendable(req); err != nil {
		return nil, err // as it would be the next time: no failure of the transport
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	w := &watch{clock: p.options.Clock, span: p.retry.Answer, cancel: cancel, waiting: true}
	out := req.WithContext(ctx)
	w.body(out)
	w.mu.Lock()
	w.arm()
	w.mu.Unlock()
	resp, err := p.options.Transport.Do(out)
	late := w.step(false)
	switch {
	case err == nil && resp == nil:
		err = errors.New("the transport returned neither an answer nor an error")
	case err == nil && late:
		if resp.Body != nil {
			_ = resp.Body.Close()
		}
		err = errNoAnswer
	}
	if err != nil {
		w.end()
		return nil, &sendError{why(req.Context(), err, late, w.span)}
	}
	if resp.Body == nil || resp.Body == http.NoBody {
		resp.Body = http.NoBody
		w.end()
		return resp, nil
	}
	// What a refusal says is short: it has one span for all of it, so that nobody can make a caller wait by sending it
	// byte by byte.
	w.short = resp.StatusCode/100 != 2
	resp.Body = &watched{ReadCloser: resp.Body, watch: w, ctx: req.Context()}
	return resp, nil
}

// sendable tells what keeps a request from being one of HTTP. Values are not shown: they may be secrets.
func sendable(req *http.Request) error {
	for name, values := range req.Header {
		if name == "" || strings.IndexFunc(name, notOfToken) >= 0 {
			return fmt.Errorf("%q is no name of a header", name)
		}
		for _, v := range values {
			if controlled(v) {
				return fmt.Errorf("the value of the header %s, which is not shown, has a control character", name)
			}
		}
	}
	switch {
	case controlled(req.URL.RawQuery):
		return errors.New("the query, which is not shown, has a control character")
	case req.URL.Scheme != "https" && req.URL.Scheme != "http":
		return fmt.Errorf("%q is no scheme that can be asked by: want https or http", req.URL.Scheme)
	}
	return nil
}

// controlled tells whether a text has a control character other than a tab.
func controlled(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' && c != '\t' || c == 0x7f {
			return true
		}
	}
	return false
}

// notOfToken tells what a name of a header does not have: RFC 9110, section 5.6.2.
func notOfToken(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

// why is a failure of the transport as callers see it: without the layer of http.Client, which repeats the URL with its
// secrets, and with the context's own error where that ended.
func why(ctx context.Context, err error, late bool, span time.Duration) error {
	if e, ok := err.(*url.Error); ok { //nolint:errorlint // the outermost
		err = e.Err
	}
	switch ended := ctx.Err(); {
	case ended != nil && !errors.Is(err, ended):
		return fmt.Errorf("%w (%w)", ended, err)
	case ended == nil && late:
		return fmt.Errorf("%w (%s)", errNoAnswer, span)
	}
	return err
}

// watch gives a try up when somebody waits and nothing comes for a span: no head after the last piece of the request
// was sent, or no further piece of the body. It has one timer, which looks once a span whether something has moved
// since; so a try is never given up early, and at the latest after two spans. A caller who takes time over what came is
// not hurried.
type watch struct {
	clock  Clock
	span   time.Duration
	cancel context.CancelCauseFunc
	short  bool // the pieces of the body do not count

	mu      sync.Mutex
	stop    func() bool
	waiting bool // for the head, or for a piece of the body
	moved   bool // since the timer was set
	late    bool
	over    bool
}

// arm sets the timer; mu is held.
func (w *watch) arm() { w.stop = w.clock.AfterFunc(w.span, w.look) }

func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.over:
	case w.waiting && !w.moved:
		w.late, w.over = true, true
		w.cancel(errNoAnswer)
	default:
		w.moved = false
		w.arm()
	}
}

// step tells that something moved, and whether more is waited for; it returns whether that was too late.
func (w *watch) step(waiting bool) (late bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting = waiting
	w.moved = w.moved || !w.short
	return w.late
}

// end stops the watch and gives the try's context back.
func (w *watch) end() {
	w.mu.Lock()
	w.over = true
	w.stop()
	w.mu.Unlock()
	w.cancel(nil)
}

// longBody is from how many bytes on a request's body is watched on its way: less is sent in a span on any line.
const longBody = 256 << 10

// body makes what is read of a request's body count as movement: a long upload takes longer than a span.
func (w *watch) body(req *http.Request) {
	if req.Body == nil || req.Body == http.NoBody || req.ContentLength > 0 && req.ContentLength < longBody { // 0 is not known, with a body
		return
	}
	req.Body = &moving{req.Body, w}
	if again := req.GetBody; again != nil { // http.Transport sends anew by itself where a kept connection was closed
		req.GetBody = func() (io.ReadCloser, error) {
			body, err := again()
			if err != nil {
				return nil, err
			}
			return &moving{body, w}, nil
		}
	}
}

// moving is a request's body on its way.
type moving struct {
	io.ReadCloser
	watch *watch
}

func (m *moving) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.watch.mu.Lock()
	m.watch.moved = true
	m.watch.mu.Unlock()
	return n, err
}

// watched is the body of an answer.
type watched struct {
	io.ReadCloser
	watch *watch
	ctx   context.Context //nolint:containedctx // the caller's, whose end is told from the watch's
}

func (b *watched) Read(p []byte) (int, error) {
	b.watch.step(true)
	n, err := b.ReadCloser.Read(p)
	late := b.watch.step(false)
	if err == nil {
		return n, nil
	}
	b.watch.end()
	if err != io.EOF {
		err = &sendError{why(b.ctx, err, late, b.watch.span)}
	}
	return n, err
}

func (b *watched) Close() error {
	defer b.watch.end()
	return b.ReadCloser.Close()
}
