package wire

import (
	"strconv"

	"github.com/linarite/linarite/internal/redact"
)

// Where a Send can fail.
const (
	PhaseRequest = "request" // the request cannot be sent as it is; nothing went out
	PhaseDial    = "dial"
	PhaseTLS     = "tls"
	PhaseWrite   = "write"
	PhaseRead    = "read"  // no answer, or not the whole of it
	PhaseParse   = "parse" // what came is no answer of HTTP/1
)

// Error is a failure below HTTP.
type Error struct {
	// Phase is one of the constants.
	Phase string
	// URL is the request's, redacted.
	URL string
	// Err is the cause, which may hold what Error's text leaves out. A context that ended is
	// found in it with errors.Is.
	Err error
	// Answer is what came before the failure: Raw and all that could be read of it, a body as
	// far as it came. Nil where not a byte came.
	Answer *Answer
}

func (e *Error) Error() string {
	return "wire: " + e.URL + ": " + e.Phase + ": " + redact.Text(e.Err.Error())
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// clip quotes, for a message, what somebody else wrote.
func clip(text string) string {
	const longest = 80
	if text = redact.Text(text); len(text) > longest { // a token cut short is one still
		text = text[:longest] + "..."
	}
	return text
}

func quote(text string) string { return strconv.Quote(clip(text)) }
