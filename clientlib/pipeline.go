package clientlib

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"time"

	"github.com/linarite/linarite/clientlib/internal/clock"
)

// Service is what a client says of the service it speaks to.
type Service struct {
	// Name stands in User-Agent and in the log: "blob".
	Name string
	// Retry is the service's guidance; what it leaves out is Azure's general one.
	Retry Retry
	// PerTry are passed by each try before Options.PerTry: authentication.
	PerTry []Policy
	// LongestBody is how many bytes of an answer Read takes; 0 is 16 MiB.
	LongestBody int64
}

// Pipeline sends the requests of one client. It may be used by many goroutines.
type Pipeline struct {
	options Options
	service Service
	retry   Retry
	agent   string
	call    Next // the policies of a call, then the tries
	try     Next // the policies of a try, then the transport
}

// NewPipeline makes the pipeline of a client.
func NewPipeline(o Options, s Service) *Pipeline {
	o = o.withDefaults()
	p := &Pipeline{options: o, service: s, retry: o.Retry.over(s.Retry.withDefaults())}
	p.agent = "linarite-" + s.Name + "/1 (" + runtime.Version() + "; " + runtime.GOOS + ")"
	if o.Application != "" {
		p.agent = o.Application + " " + p.agent
	}
	if p.service.LongestBody == 0 {
		p.service.LongestBody = 16 << 20
	}
	p.try = chain(p.transport, s.PerTry, o.PerTry)
	p.call = chain(p.tries, o.PerCall)
	return p
}

// chain puts policies in front of an end, the first one outermost.
func chain(end Next, lists ...[]Policy) Next {
	for i := len(lists) - 1; i >= 0; i-- {
		for j := len(lists[i]) - 1; j >= 0; j-- {
			policy, next := lists[i][j], end
			end = func(req *http.Request) (*http.Response, error) { return policy(req, next) }
		}
	}
	return end
}

// Options are the pipeline's, with the meaning of their zero values put in.
func (p *Pipeline) Options() Options { return p.options }

// Do sends a request. An answer of 2xx comes back, with its body still to come and to be closed; any other is an
// *Error, and no answer a *TransportError. A request whose body can be read only once (GetBody is nil) is sent once.
func (p *Pipeline) Do(req *http.Request) (*http.Response, error) {
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", p.agent)
	}
	return p.call(req)
}

// whole marks, in a context, a call whose answer is read within the try.
type whole struct{}

// Read sends a request and reads the whole answer, whose body is closed and returned.
func (p *Pipeline) Read(req *http.Request) (*http.Response, []byte, error) {
	var body []byte
	resp, err := p.Do(req.WithContext(context.WithValue(req.Context(), whole{}, &body)))
	return resp, body, err
}

// JSON sends in, unless it is nil, as JSON, and reads an answer of JSON into out, unless that is nil.
func (p *Pipeline) JSON(ctx context.Context, method, url string, in, out any) (*http.Response, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", method, err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, text, err := p.Read(req)
	if err != nil || out == nil || len(text) == 0 {
		return resp, err
	}
	if err := json.Unmarshal(text, out); err != nil {
		return resp, fmt.Errorf("%s %s: the answer is not the JSON that was expected: %w", method, shown(req), err)
	}
	return resp, nil
}

// tries sends a request until it is answered for good.
func (p *Pipeline) tries(req *http.Request) (*http.Response, error) {
	ctx, now := req.Context(), p.options.Clock.Now
	first := now()
	for try := 1; ; try++ {
		each, err := Rewind(req)
		if err != nil {
			return nil, err
		}
		began := now()
		resp, err := p.once(each)
		if err == nil && resp.StatusCode/100 == 2 {
			p.log(req, attempt{try: try, began: began, status: resp.StatusCode})
			return resp, nil
		}
		a := attempt{try: try, began: began, err: cause(err)}
		if err == nil {
			a.refused = refusal(req, resp)
			a.refused.Tries, a.status = try, a.refused.Status
		}
		var again bool
		a.wait, again = p.another(req, a, first)
		p.log(req, a)
		if again {
			if err := Sleep(ctx, p.options.Clock, a.wait); err != nil {
				return nil, p.failure(req, a, err)
			}
			continue
		}
		return nil, p.failure(req, a, nil)
	}
}

// attempt is a try that failed, or for the log one that did not.
type attempt struct {
	try     int
	began   time.Time
	status  int           // 0 without an answer
	refused *Error        // the answer that is not 2xx
	err     error         // why there is no answer
	wait    time.Duration // until the next
}

// another tells how long to wait until the next try, and whether there is one.
func (p *Pipeline) another(req *http.Request, a attempt, first time.Time) (time.Duration, bool) {
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return 0, false
	}
	var wanted time.Duration
	now := p.options.Clock.Now()
	if a.refused != nil {
		if !p.retry.worth(a.status) {
			return 0, false
		}
		wanted = asked(a.refused.Header, now)
	} else if !passing(req.Context(), a.err) {
		return 0, false
	}
	wait, ok := p.retry.another(a.try, now.Sub(first), a.status, wanted)
	if deadline, bounded := req.Context().Deadline(); ok && bounded && now.Add(wait).After(deadline) {
		if a.refused != nil {
			a.refused.Err = fmt.Errorf("the next try would be in %s: %w", wait.Round(time.Millisecond), context.DeadlineExceeded)
		}
		return 0, false
	}
	return wait, ok
}

// failure is the error of a call; ended is the context's, if that ended while waiting.
func (p *Pipeline) failure(req *http.Request, a attempt, ended error) error {
	var credential *CredentialError
	switch {
	case a.refused != nil:
		if ended != nil {
			a.refused.Err = ended
		}
		return a.refused
	case errors.As(a.err, &credential):
		return fmt.Errorf("%s %s: %w", req.Method, shown(req), credential)
	case ended != nil:
		return &TransportError{Method: req.Method, URL: shown(req), Tries: a.try, Err: fmt.Errorf("%w (after: %w)", ended, a.err)}
	}
	return &TransportError{Method: req.Method, URL: shown(req), Tries: a.try, Err: a.err}
}

// errNoAnswer is why a try is given up.
var errNoAnswer = errors.New("no answer in time")

// once is one try: for its head it waits as long as Retry says, and its body it reads if the call wants that.
func (p *Pipeline) once(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	idle := clock.NewIdle(p.options.Clock, p.retry.Answer, func() { cancel(errNoAnswer) })
	each := req.WithContext(ctx)
	if each.Body != nil && each.Body != http.NoBody {
		each.Body = &sending{ReadCloser: each.Body, idle: idle}
	}
	resp, err := p.try(each)
	idle.Stop()
	if err != nil {
		if context.Cause(ctx) == errNoAnswer && req.Context().Err() == nil { //nolint:errorlint // it is this very value
			err = fmt.Errorf("%w (%s)", errNoAnswer, p.retry.Answer)
		}
		cancel(nil)
		return nil, err
	}
	resp.Body = &closing{ReadCloser: resp.Body, cancel: func() { cancel(nil) }}
	into, ok := req.Context().Value(whole{}).(*[]byte)
	if !ok || resp.StatusCode/100 != 2 {
		return resp, nil
	}
	defer resp.Body.Close() // all of it was read, or it is an error already
	*into, err = io.ReadAll(io.LimitReader(resp.Body, p.service.LongestBody+1))
	if err == nil && int64(len(*into)) > p.service.LongestBody {
		err = fmt.Errorf("the answer is longer than %d bytes", p.service.LongestBody)
	}
	if err != nil {
		return nil, err
	}
	return resp, nil
}

// sending is a body on its way: as long as it moves, nobody waits for an answer.
type sending struct {
	io.ReadCloser
	idle *clock.Idle
}

func (s *sending) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.idle.Moved()
	return n, err
}

// closing gives the context of a try back with the body.
type closing struct {
	io.ReadCloser
	cancel func()
}

func (c *closing) Close() error {
	defer c.cancel()
	return c.ReadCloser.Close()
}

func (p *Pipeline) transport(req *http.Request) (*http.Response, error) {
	return p.options.Transport.Do(req)
}

// Rewind returns the request once more, with headers of its own and a body that is at its beginning.
func Rewind(req *http.Request) (*http.Request, error) {
	out := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		out.Body = body
	}
	return out, nil
}
