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
	agent   []string // one, which all requests share
	call    Next     // the policies of a call, then the tries
	try     Next     // the policies of a try, then the transport
}

// NewPipeline makes the pipeline of a client.
func NewPipeline(o Options, s Service) *Pipeline {
	o = o.Resolve()
	p := &Pipeline{options: o, service: s, retry: o.Retry.over(s.Retry.withDefaults())}
	agent := "linarite-" + s.Name + "/1 (" + runtime.Version() + "; " + runtime.GOOS + ")"
	if o.Application != "" {
		agent = o.Application + " " + agent
	}
	p.agent = []string{agent}
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
	if req.Context().Value(whole{}) != nil { // a policy's or a credential's own request, within a call of Read
		req = req.WithContext(context.WithValue(req.Context(), whole{}, nil))
	}
	return p.begin(req)
}

// begin passes a request through the policies.
func (p *Pipeline) begin(req *http.Request) (*http.Response, error) {
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header["User-Agent"] = p.agent
	}
	resp, err := answered(p.call(req))
	if err == nil && resp.StatusCode/100 != 2 { // a policy's own answer: no try would have let it pass
		return nil, refusal(req, resp)
	}
	return resp, err
}

// answered sees to it that what policies return is an answer or an error.
func answered(resp *http.Response, err error) (*http.Response, error) {
	switch {
	case err != nil:
		return nil, err
	case resp == nil:
		return nil, errors.New("a policy returned neither an answer nor an error")
	case resp.Body == nil:
		resp.Body = http.NoBody
	}
	return resp, nil
}

// whole marks, in a context, a call whose answer is read within the try.
type whole struct{}

// Read sends a request and reads the whole answer, whose body is closed and returned.
func (p *Pipeline) Read(req *http.Request) (*http.Response, []byte, error) {
	var body wholeBody
	resp, err := p.begin(req.WithContext(context.WithValue(req.Context(), whole{}, &body)))
	if err == nil && !body.read { // a policy answered in the service's place
		if err = p.readAll(resp, &body); err != nil {
			return nil, nil, &TransportError{Method: req.Method, URL: shown(req), Err: err}
		}
	}
	return resp, body.text, err
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
	ctx, waits := req.Context(), p.options.Clock
	first := waits.Now()
	for try := 1; ; try++ {
		var each *http.Request
		var err error
		if try == 1 { // the body is at its beginning, and may be one that can be read only once
			each = copied(req)
		} else if each, err = Rewind(req); err != nil {
			return nil, &TransportError{Method: req.Method, URL: shown(req), Tries: try - 1, Err: err}
		}
		began := waits.Now()
		resp, err := p.once(each)
		if err == nil && resp.StatusCode/100 == 2 {
			p.log(req, attempt{try: try, began: began, status: resp.StatusCode})
			return resp, nil
		}
		a := attempt{try: try, began: began, err: err}
		if err == nil {
			a.refused = refusal(req, resp)
			a.refused.Tries, a.status = try, a.refused.Status
		}
		again, ended := p.another(req, &a, first)
		p.log(req, a)
		if again {
			ended = Sleep(ctx, waits, a.wait)
		}
		if !again || ended != nil {
			return nil, p.failure(req, a, ended)
		}
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

// another tells whether there is another try, and sets the wait until then. ended is why there is none although there
// might be one.
func (p *Pipeline) another(req *http.Request, a *attempt, first time.Time) (again bool, ended error) {
	ctx, now := req.Context(), p.options.Clock.Now()
	var wanted time.Duration
	switch {
	case onlyOnce(req):
		return false, nil
	case a.refused == nil:
		if !passing(ctx, a.err) {
			return false, nil
		}
	case !p.retry.worth(a.status):
		return false, nil
	default:
		wanted = RetryAfter(a.refused.Header, now)
	}
	wait, ok := p.retry.another(a.try, now.Sub(first), a.status, wanted)
	if !ok {
		return false, nil
	}
	// A deadline is one of the machine's clock, whatever clock the waits are by.
	if deadline, bounded := ctx.Deadline(); bounded && (clock.Real{}).Now().Add(wait).After(deadline) {
		return false, fmt.Errorf("the next try would be in %s: %w", wait.Round(time.Millisecond), context.DeadlineExceeded)
	}
	a.wait = wait
	return true, nil
}

// failure is the error of a call; ended is the context's, if there would have been another try but for that.
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
	}
	var sent *sendError
	why := a.err
	if errors.As(why, &sent) {
		why = sent.err
	}
	if ended != nil {
		why = fmt.Errorf("%w (after: %w)", ended, why)
	}
	return &TransportError{Method: req.Method, URL: shown(req), Tries: a.try, Err: why}
}

// once is one try, whose answer is read here if the call wants that: so one that is cut short is a failed try.
func (p *Pipeline) once(req *http.Request) (*http.Response, error) {
	resp, err := answered(p.try(req))
	if err != nil {
		return nil, err
	}
	if into, ok := req.Context().Value(whole{}).(*wholeBody); ok && resp.StatusCode/100 == 2 {
		if err := p.readAll(resp, into); err != nil {
			return nil, err
		}
	}
	return resp, nil
}

// wholeBody is what came of an answer that is read as a whole.
type wholeBody struct {
	text []byte
	read bool
}

// readAll reads an answer, and leaves it a body for the policies it has yet to pass.
func (p *Pipeline) readAll(resp *http.Response, into *wholeBody) error {
	defer resp.Body.Close()
	longest := p.service.LongestBody
	if resp.ContentLength > longest {
		return fmt.Errorf("%w: %d bytes, and at most %d are taken", errTooLong, resp.ContentLength, longest)
	}
	var text bytes.Buffer
	if n := resp.ContentLength; n > 0 && n < 1<<20 { // more is believed when it comes
		text.Grow(int(n) + bytes.MinRead)
	}
	if _, err := text.ReadFrom(io.LimitReader(resp.Body, longest+1)); err != nil {
		return err
	}
	if int64(text.Len()) > longest {
		return fmt.Errorf("%w: at most %d bytes are taken", errTooLong, longest)
	}
	into.text, into.read = text.Bytes(), true
	resp.Body = io.NopCloser(bytes.NewReader(into.text))
	return nil
}

// copied is a request whose URL and headers may be changed without changing those of the one before.
func copied(req *http.Request) *http.Request {
	out, u := req.WithContext(req.Context()), *req.URL
	out.URL, out.Header = &u, req.Header.Clone()
	return out
}

// onlyOnce tells a request whose body can be read only once.
func onlyOnce(req *http.Request) bool {
	return req.Body != nil && req.Body != http.NoBody && req.GetBody == nil
}

// Rewind returns the request once more, with headers of its own and a body that is at its beginning. That is an error
// where the body can be read only once.
func Rewind(req *http.Request) (*http.Request, error) {
	if onlyOnce(req) {
		return nil, errors.New("the request's body cannot be sent again: it has no GetBody")
	}
	out := copied(req)
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		out.Body = body
	}
	return out, nil
}
