package wire

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/internal/redact"
)

// Plane is one service: its map of operations, the order of its checks, and its way
// of putting answers and refusals on the wire.
type Plane struct {
	// Name is the plane's name in faults and journal: imds, msi, entra, arm …
	Name string
	// Steps are run in order until one refuses; the list is one of pipelines.go.
	Steps []Step
	// Envelope writes what is common to all answers.
	Envelope Envelope
	// FoldCase makes literals of paths and names of parameters match in any case.
	FoldCase bool
	// Unrecorded planes leave no trace in the journal: asking Linarite about a world is
	// not part of what happens in it.
	Unrecorded bool
	// Path brings an escaped path into the form that operations match on; nil leaves it.
	Path func(string) string
	// NotKept is the refusal of a change that the state's keeper did not keep; empty means
	// FrontNotKept. Its blank is the reason.
	NotKept apierr.Kind
	// NewRequestID makes the id of an answer; nil makes GUIDs.
	NewRequestID func(*ids.Source) string
	// Describe says what planned faults match on beside what the call tells: the resource,
	// and the identity that a token is asked for. Nil adds nothing. It is asked only where
	// faults are planned.
	Describe func(*Call, *fault.Point) error
	// Usual is the plane's own refusal with a status, for planned faults; nil, or an answer
	// of nil, is for statuses that nobody has seen.
	Usual func(*Call, fault.Effect) *apierr.Error
	// Finish adds the headers that depend on the others; nil adds none.
	Finish func(*Call, http.Header)
	// Throttle is the Retry-After of a 429 where the planned fault names none; zero is none.
	Throttle time.Duration

	operations []Operation
	router     *router
	buffers    *sync.Pool // of *bytes.Buffer, for bodies
}

// Step is one check of a pipeline, or the operation itself.
type Step func(*Call) error

// Envelope is a plane's form of answers.
type Envelope interface {
	// Header adds the headers of every answer, refusals included.
	Header(*Call, http.Header)
	// Refusal renders an error.
	Refusal(*Call, *apierr.Error) Response
	// ContentType is the type of JSON bodies.
	ContentType() string
}

// NewPlane makes a plane of its parts.
func NewPlane(p Plane, operations []Operation) *Plane {
	p.operations, p.router = operations, newRouter(operations, p.FoldCase)
	p.buffers = &sync.Pool{New: func() any { return new(bytes.Buffer) }}
	return &p
}

// Operations lists the plane's map.
func (p *Plane) Operations() []Operation { return p.operations }

// Serve answers one request. c has World, Request, Host and Origin.
func (p *Plane) Serve(w http.ResponseWriter, c *Call) {
	c.Plane = p
	c.Now = c.World.Clock.Now()
	if p.NewRequestID != nil {
		c.RequestID = p.NewRequestID(c.World.IDs)
	} else {
		c.RequestID = c.World.IDs.GUID()
	}
	if c.Path = strings.TrimPrefix(c.Request.URL.EscapedPath(), c.Mount); p.Path != nil {
		c.Path = p.Path(c.Path)
	}
	c.Query, c.QueryError = ParseQuery(c.Request.URL.RawQuery, p.FoldCase)

	answer, err := p.run(c)
	var gone *ClientGoneError
	if errors.As(err, &gone) {
		p.record(c, 0, nil, nil, sent{})
		panic(http.ErrAbortHandler) // net/http's way to drop a connection
	}
	var refusal *apierr.Error
	var lost *state.NotKeptError
	if errors.As(err, &lost) {
		err = p.notKept(lost)
	}
	if err != nil && !errors.As(err, &refusal) {
		refusal = p.internal(c, err)
	}
	if refusal != nil {
		answer = p.Envelope.Refusal(c, refusal)
		if refusal.Challenge != "" {
			answer = answer.With("WWW-Authenticate", refusal.Challenge)
		}
		if c.clockMoved && refusal.Status == http.StatusUnauthorized {
			answer = answer.With("WWW-Authenticate", askAgain(c))
		}
		if refusal.RetryAfter > 0 {
			answer = answer.With("retry-after-ms", strconv.FormatInt(refusal.RetryAfter.Milliseconds(), 10))
		}
	}
	unread := refusal != nil && hasBody(c.Request)
	if unread { // answer now, and not when all of the body has come
		unread = http.NewResponseController(w).EnableFullDuplex() == nil
	}
	out, dropped := p.write(w, c, answer, refusal != nil)
	if refusal == nil || refusal.Kind != apierr.Internal {
		p.record(c, answer.Status, refusal, nil, out)
	}
	if dropped {
		panic(http.ErrAbortHandler)
	}
	if unread {
		drain(w, c.Request.Body)
	}
}

// hasBody tells whether the caller sends a body unasked: one who expects 100 Continue
// does not, and HTTP/2 needs no help.
func hasBody(r *http.Request) bool {
	return r.ProtoMajor == 1 && r.ContentLength != 0 && r.Header["Expect"] == nil
}

// drainTime is how long the rest of a refused body is read.
const drainTime = 30 * time.Second

// drain reads what is left of the body of a refused request. Many clients write all of it
// before they read, and a connection closed on them while they write loses them the answer.
func drain(w http.ResponseWriter, body io.Reader) {
	rc := http.NewResponseController(w)
	_ = rc.Flush()
	late := time.AfterFunc(drainTime, func() { _ = rc.SetReadDeadline(time.Unix(1, 0)) })
	_, err := io.Copy(io.Discard, body)
	if !late.Stop() || err != nil {
		panic(http.ErrAbortHandler) // where the next request begins is unknown
	}
}

func (p *Plane) run(c *Call) (answer Response, err error) {
	defer func() {
		if bug := recover(); bug != nil {
			err = fmt.Errorf("panic: %v\n%s", bug, debug.Stack())
		}
	}()
	for _, step := range p.Steps {
		if err := step(c); err != nil {
			return Response{}, err
		}
	}
	return invoke(c)
}

// internal reports a bug of ours and makes the refusal that the caller sees.
func (p *Plane) internal(c *Call, err error) *apierr.Error {
	w := c.World
	if w.Log != nil {
		w.Log.Error("internal error", "plane", p.Name, "requestId", c.RequestID, "error", redact.Text(err.Error()))
	}
	p.record(c, http.StatusInternalServerError, nil, err, sent{size: -1})
	if w.OnInternal != nil {
		w.OnInternal(fmt.Errorf("%s %s: %w", c.Request.Method, c.URL(), err))
	}
	return &apierr.Error{Kind: apierr.Internal, Status: http.StatusInternalServerError, Code: "InternalServerError",
		Message: "This is a bug in Linarite, not an answer of Azure. Request id: " + c.RequestID}
}

// notKept is the refusal of a change that was not made because it would not have lasted.
func (p *Plane) notKept(lost *state.NotKeptError) *apierr.Error {
	if p.NotKept != "" {
		return apierr.New(p.NotKept, lost.Err)
	}
	return apierr.New(apierr.FrontNotKept, lost.Err)
}

// write sends an answer and says what it sent; keep is for bodies that the journal shows.
// dropped tells that a planned fault wants the connection dropped.
func (p *Plane) write(w http.ResponseWriter, c *Call, answer Response, keep bool) (out sent, dropped bool) {
	buf := p.buffers.Get().(*bytes.Buffer)
	defer p.buffers.Put(buf)
	body, contentType, err := encode(buf, answer, p.Envelope.ContentType())
	if err != nil {
		answer = p.Envelope.Refusal(c, p.internal(c, err))
		body, contentType, _ = encode(buf, answer, p.Envelope.ContentType())
	}
	h := w.Header()
	h["Date"] = []string{c.Now.Format(http.TimeFormat)}
	p.Envelope.Header(c, h)
	for name, values := range answer.Header {
		h[name] = values
	}
	if contentType != "" {
		h["Content-Type"] = []string{contentType}
	} else {
		h["Content-Type"] = nil // keeps net/http from guessing one
	}
	if p.Finish != nil {
		p.Finish(c, h)
	}
	c.retryAfter(h)
	status := answer.Status
	if status == 0 {
		status = http.StatusOK
	}
	if status != http.StatusNoContent && status != http.StatusNotModified && body.Size >= 0 {
		h["Content-Length"] = []string{strconv.FormatInt(body.Size, 10)}
	}
	out = sent{header: h, size: body.Size}
	if keep {
		out.body = copyOf(body)
	}
	if c.struck != nil {
		return out, spoil(w, c, status, body)
	}
	w.WriteHeader(status)
	if c.Request.Method != http.MethodHead && body.From != nil {
		if body.Size < 0 {
			_ = http.NewResponseController(w).Flush() // what is sent now has no length
		}
		_, _ = body.From.WriteTo(w) // a caller who has left is no failure of ours
	}
	return out, false
}

// copyOf returns the bytes of a body that is in memory and short, as those of refusals are.
func copyOf(body Stream) []byte {
	const longest = 16 << 10
	if body.Size <= 0 || body.Size > longest {
		return nil
	}
	switch from := body.From.(type) {
	case *bytes.Buffer:
		return bytes.Clone(from.Bytes())
	case *bytes.Reader:
		text := make([]byte, from.Len())
		_, _ = from.ReadAt(text, 0)
		return text
	}
	return nil
}

// set sets headers, each value after its name, the name in the case it has on the wire.
// All values share one allocation: answers have a dozen of them.
func set(h http.Header, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		h[pairs[i]] = pairs[i+1 : i+2 : i+2]
	}
}
