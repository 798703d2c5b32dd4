package wire

import (
	"net/http"

	"github.com/linarite/linarite/emulator/state"
)

// Operation is one thing a plane can do.
//
// It has up to two phases. Prepare runs without any lock: it reads the body and does
// what costs time. Then exactly one of View and Update runs inside the state; it must
// not wait for anything.
type Operation struct {
	// Name is the operation's name in the service's API description.
	Name string
	// Method is the HTTP verb.
	Method string
	// Path is a template: {name} stands for one segment, {name...} for one or more.
	Path string
	// When narrows the match by query or headers; nil means always.
	When func(*Call) bool
	// Versions are the api-versions accepted, in the order error texts list them; nil
	// leaves the matter to the plane.
	Versions []string
	// Type is the resource type that a provider of Resource Manager serves here, in full;
	// it brings its versions along.
	Type string
	// Anonymous operations need no token.
	Anonymous bool
	// Action is the action that the caller must be allowed; empty takes the plane's rule.
	// Filtered operations authorise what they list instead.
	Action   string
	Filtered bool

	// Prepare may set Call.Input for the second phase.
	Prepare func(*Call) error
	View    func(*Call, *state.Tx) (Response, error)
	Update  func(*Call, *state.Tx) (Response, error)
}

// Response is what an operation answers.
type Response struct {
	// Status is the HTTP status, 200 when zero.
	Status int
	// Header is added to the headers that the plane sends with everything.
	Header http.Header
	// Body is nil for none, []byte or a Stream for bytes as they are, anything else is
	// written as JSON.
	Body any
	// ContentType replaces the plane's usual one.
	ContentType string
}

// OK is a 200 answer with a JSON body.
func OK(body any) Response { return Response{Body: body} }

// With returns the response with a header added.
func (r Response) With(name, value string) Response {
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header[name] = append(r.Header[name], value)
	return r
}
