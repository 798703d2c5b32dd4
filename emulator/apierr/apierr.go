package apierr

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Kind names one row of the table. Its first part is the plane whose wording it is.
type Kind string

// row is what a refusal of a Kind looks like on the wire.
type row struct {
	// status is the HTTP status.
	status int
	// code is the machine-readable code: error.code of ARM, error of IMDS and Entra.
	code string
	// number is Entra's AADSTS number, zero elsewhere.
	number int
	// inner is Key Vault's second code, empty where it has none.
	inner string
	// text is the message, with the verbs of package fmt.
	text string
	// rule is the id of the row in conformance/rules that this refusal implements.
	rule string
	// backend is set where ARM's resource provider answers, not its front door.
	backend bool
	// gateway is set where Storage's front end answers, not its service.
	gateway bool
}

// Error is a refusal: a value of the table with its blanks filled in.
type Error struct {
	Kind Kind
	// Status is the HTTP status.
	Status int
	// Code is the machine-readable code, Message the text for people.
	Code    string
	Message string
	// Number is Entra's AADSTS number, zero elsewhere.
	Number int
	// Inner is Key Vault's innererror.code, empty for none.
	Inner string
	// Rule is the id of the rule implemented.
	Rule string
	// Gateway tells that ARM's front door refuses, not a resource provider; or Storage's
	// front end, not its service.
	Gateway bool
	// Early tells that Storage refuses while it reads the URL, before it knows more of the
	// request (BLOB-COMMON-051).
	Early bool
	// Challenge is the value of WWW-Authenticate, empty for none.
	Challenge string
	// RetryAfter is how long to wait, zero where nothing is said about it. No refusal of
	// Azure's in the table says it here.
	RetryAfter time.Duration
	// Target and Details are ARM's optional members.
	Target  string
	Details []Error
	// ContentRange is the value of Storage's Content-Range, empty for none.
	ContentRange string
	// Fields are the elements that Storage adds to an error, in their order.
	Fields []Field
	// Supported lists the values that would have been accepted, where the answer has them.
	Supported []string
}

// Error is the code and the message.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// New is the refusal of the kind, args filling the blanks of its text. A kind that
// is not in the table gives the internal error: the test of the table finds it.
func New(kind Kind, args ...any) *Error {
	r, ok := table(kind)
	if !ok {
		return &Error{Kind: Internal, Status: 500, Code: "InternalServerError", Message: fmt.Sprintf("unknown kind of refusal %q", kind)}
	}
	text := r.text
	if len(args) > 0 {
		text = fmt.Sprintf(r.text, args...)
	}
	return &Error{
		Kind: kind, Status: r.status, Code: r.code, Number: r.number, Inner: r.inner, Message: text, Rule: r.rule,
		Gateway: r.gateway || plane(kind) == "arm" && !r.backend,
	}
}

// Find is the refusal of a plane (a Kind's first part) with a status and a code, nil where
// the table has none whose text is whole. Of several it is one of the part that stands first:
// who asks for invalid_client does not mean an assertion.
func Find(of string, status int, code string) *Error {
	for _, part := range tables() {
		for _, kind := range slices.Sorted(maps.Keys(part)) {
			r := part[kind]
			if plane(kind) == of && r.status == status && strings.EqualFold(r.code, code) && !strings.Contains(r.text, "%") {
				return New(kind)
			}
		}
	}
	return nil
}

// WithChallenge returns the error with a WWW-Authenticate value.
func (e *Error) WithChallenge(value string) *Error {
	e.Challenge = value
	return e
}

// Field is an element of a Storage error beside its code and message.
type Field struct{ Name, Value string }

// WithField returns the error with one element more.
func (e *Error) WithField(name, value string) *Error {
	e.Fields = append(e.Fields, Field{name, value})
	return e
}

// Internal is a bug in Linarite, answered with 500 and reported loudly.
const Internal Kind = "internal"

func plane(kind Kind) string {
	for i := range kind {
		if kind[i] == '.' {
			return string(kind[:i])
		}
	}
	return ""
}

// tables lists the table's parts: the one list.
func tables() []map[Kind]row {
	return []map[Kind]row{
		imdsRows,
		appServiceRows,
		entraRows,
		entraAssertionRows,
		armRows,
		authorizationRows,
		graphRows,
		armProviderRows,
		vaultRows,
		storageRows,
		frontRows,
	}
}

func table(kind Kind) (row, bool) {
	for _, t := range tables() {
		if r, ok := t[kind]; ok {
			return r, true
		}
	}
	return row{}, false
}

// Kinds lists every kind of the table, sorted.
func Kinds() []Kind {
	var out []Kind
	for _, t := range tables() {
		out = slices.AppendSeq(out, maps.Keys(t))
	}
	slices.Sort(out)
	return out
}
