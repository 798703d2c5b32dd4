package clientlib

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// canary stands for a secret in what is sent and said: it must come out nowhere.
const canary = "canary5ecret"

// step is what a script says to one request: err, or an answer.
type step struct {
	status int
	header http.Header
	body   io.Reader
	err    error
	wait   time.Duration // until the head
}

// script answers requests in turn, the last step for ever, and keeps what was asked.
type script struct {
	steps []step

	mu     sync.Mutex
	asked  []*http.Request
	bodies []string
	at     []time.Time
	closed int // bodies of answers
}

func says(status int, header ...string) step {
	s := step{status: status, header: http.Header{}}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		s.header.Add(name, value)
	}
	return s
}

func (s step) with(body string) step {
	s.body = strings.NewReader(body)
	return s
}

func (s *script) Do(req *http.Request) (*http.Response, error) {
	text := ""
	if req.Body != nil {
		all, err := io.ReadAll(req.Body)
		_ = req.Body.Close()
		if err != nil {
			return nil, err
		}
		text = string(all)
	}
	s.mu.Lock()
	s.asked, s.bodies, s.at = append(s.asked, req), append(s.bodies, text), append(s.at, time.Now())
	now := s.steps[min(len(s.asked), len(s.steps))-1]
	s.mu.Unlock()
	if now.wait > 0 {
		if err := pause(req.Context(), now.wait); err != nil {
			return nil, &url.Error{Op: "Get", URL: req.URL.String(), Err: err}
		}
	}
	if now.err != nil {
		return nil, now.err
	}
	resp := &http.Response{StatusCode: now.status, Header: now.header, ContentLength: -1, Body: http.NoBody, Request: req}
	if resp.Header == nil {
		resp.Header = http.Header{}
	}
	if now.body != nil {
		resp.Body = &counted{now.body, s}
	}
	return resp, nil
}

// waits are the pauses between the requests.
func (s *script) waits() (out []time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := 1; i < len(s.at); i++ {
		out = append(out, s.at[i].Sub(s.at[i-1]))
	}
	return out
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// counted is a body whose closing is noticed.
type counted struct {
	io.Reader
	script *script
}

func (c *counted) Close() error {
	c.script.mu.Lock()
	defer c.script.mu.Unlock()
	c.script.closed++
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drip is a body whose pieces come one by one, and that then stands still until its context ends; ctx is set by held.
type drip struct {
	ctx    context.Context //nolint:containedctx // a body has no other way to learn of the request's end
	pieces int
	every  time.Duration
	err    error // after the last piece; nil is silence
}

func (d *drip) Read(p []byte) (int, error) {
	if d.pieces == 0 {
		if d.err != nil {
			return 0, d.err
		}
		<-d.ctx.Done()
		return 0, d.ctx.Err()
	}
	if err := pause(d.ctx, d.every); err != nil {
		return 0, err
	}
	d.pieces--
	return copy(p, "x"), nil
}

// dripping is a transport whose answers drip.
func dripping(status int, d func() *drip) Transport {
	return TransportFunc(func(req *http.Request) (*http.Response, error) {
		body := d()
		body.ctx = req.Context()
		return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(body)}, nil
	})
}

// half is a chance that never changes.
func half() float64 { return 0.5 }

// pipe is a pipeline to a transport; its waits are spread by half.
func pipe(t Transport, change ...func(*Options)) *Pipeline {
	o := Options{Transport: t, Retry: Retry{Random: half}}
	for _, f := range change {
		f(&o)
	}
	return NewPipeline(o, Service{Name: "test"})
}

// request asks for a URL with a secret in it.
func request(t *testing.T, method, body string) *http.Request {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, "https://acct.example/c/b?sig="+canary+"&sv=1", r)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// once hides what a reader is, so that a request cannot get it again.
func once(text string) io.Reader { return io.MultiReader(strings.NewReader(text)) }

// in makes an error's text fit for a comparison: it must say what is wanted, and nothing that is secret.
func in(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %q", err, want)
	}
	if err != nil && strings.Contains(err.Error(), canary) {
		t.Errorf("a secret: %v", err)
	}
}

var errReset = errors.New("connection reset by peer")
