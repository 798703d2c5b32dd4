package wire

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/internal/redact"
)

// Call is one request on its way through a plane.
type Call struct {
	World *World
	Plane *Plane
	// Now is the instant of the request by the world's clock, read once.
	Now time.Time
	// Host is the host asked for, lower case, without port; Account is the part of it
	// that names an account or vault.
	Host    string
	Account string
	Request *http.Request
	// Mount is what of the escaped path belongs to the place, not to the service: the
	// account of a path-style URL, with its slash.
	Mount string
	// Path is the escaped path that operations match on.
	Path   string
	Origin Origin
	// Query holds the parameters; QueryError is set where the query did not parse.
	Query      Query
	QueryError error
	// RequestID is this answer's own id.
	RequestID     string
	correlationID string

	// Operation is nil until, and unless, one matches.
	Operation *Operation
	// methods lists the verbs that the path would have taken.
	methods []string
	vars    map[string]string
	// Machine is the machine the caller is on, where the plane asks for it.
	Machine state.Machine
	// Version is the api-version asked for.
	Version string
	Caller  identity.Caller
	// Assertion is the token by which a client says in the body who it is, empty for none.
	Assertion string
	// clockMoved tells that the caller's token is too old, or not yet good, in a world whose
	// clock was moved, which client libraries cannot know.
	clockMoved bool
	// Local is what the plane's own steps note for each other and for the operation.
	Local any
	// Input is what Prepare hands on.
	Input any
	// Decision is the authorisation decision: the one that refused where one did. Beside are the
	// others, which all allowed.
	Decision *journal.Decision
	Beside   []journal.Decision
	// struck is the planned fault that acts on the request, nil for none.
	struck *fault.Rule
	// held is what Hold has to let go at the end.
	held []func()
}

// DecidedToo notes a decision about something that the operation touches beside its target.
func (c *Call) DecidedToo(d journal.Decision) {
	if d.Allowed {
		c.Beside = append(c.Beside, d)
		return
	}
	c.Decided(d)
}

// Decided notes a decision. One that allowed stays beside the one that comes after it.
func (c *Call) Decided(d journal.Decision) {
	if c.Decision != nil && c.Decision.Allowed {
		c.Beside = append(c.Beside, *c.Decision)
	}
	c.Decision = &d
}

// Var is the decoded value of a segment of the path.
func (c *Call) Var(name string) string { return c.vars[name] }

// Methods lists the verbs that the path takes, where the asked one is not among them.
func (c *Call) Methods() []string { return c.methods }

// Scheme is the scheme by which the caller came.
func (c *Call) Scheme() string {
	if c.Origin.Scheme == "https" || c.Request.TLS != nil {
		return "https"
	}
	return "http"
}

// URL is the whole URL asked for, redacted.
func (c *Call) URL() string {
	u := *c.Request.URL
	u.Scheme, u.Host = c.Scheme(), c.Request.Host
	return redact.URL(&u)
}

// Hold tells the state, before its lock is taken, of content that the operation will put
// into it. It is let go when the operation has run.
func (c *Call) Hold(content state.Content) error {
	release, err := c.World.State.Hold(content)
	if err == nil {
		c.held = append(c.held, release)
	}
	return err
}

func (c *Call) release() {
	for _, release := range c.held {
		release()
	}
	c.held = nil
}

// ErrTooLarge tells that a body is longer than allowed.
var ErrTooLarge = errors.New("body too large")

// ReadBody reads the whole body, at most limit bytes.
func (c *Call) ReadBody(limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, limit+1))
	if err != nil {
		return nil, &ClientGoneError{err}
	}
	if int64(len(body)) > limit {
		return nil, ErrTooLarge
	}
	return body, nil
}

// ClientGoneError is the error of a body that broke off: nobody is left to answer.
type ClientGoneError struct{ Err error }

func (e *ClientGoneError) Error() string { return "the request's body broke off: " + e.Err.Error() }
func (e *ClientGoneError) Unwrap() error { return e.Err }

// Query is a parsed query string. Names are looked up exactly, or without regard to
// case where the plane folds.
type Query struct {
	values url.Values
	fold   bool
}

// ParseQuery parses a raw query. What could be parsed is there even with an error.
func ParseQuery(raw string, fold bool) (Query, error) {
	values, err := url.ParseQuery(raw)
	return Query{values: values, fold: fold}, err
}

// All returns every value of the parameter.
func (q Query) All(name string) []string {
	if v, ok := q.values[name]; ok || !q.fold {
		return v
	}
	var out []string
	for k, v := range q.values {
		if strings.EqualFold(k, name) {
			out = append(out, v...)
		}
	}
	return out
}

// Get returns the first value of the parameter, or "".
func (q Query) Get(name string) string {
	if v := q.All(name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// Has tells whether the parameter is there, be it empty.
func (q Query) Has(name string) bool { return len(q.All(name)) > 0 }

// Duplicate returns a parameter that was given more than once.
func (q Query) Duplicate() (string, bool) {
	for name, v := range q.values {
		if len(v) > 1 {
			return name, true
		}
	}
	return "", false
}

// Refuse is short for apierr.New.
func Refuse(kind apierr.Kind, args ...any) error { return apierr.New(kind, args...) }
