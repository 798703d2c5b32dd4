package clientlib

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/internal/redact"
)

// Error is what a service answered when it did not do what was asked.
type Error struct {
	// Status is of HTTP.
	Status int
	// Code and Message are the service's: "BlobNotFound". Either may be "": a proxy in between has no code.
	Code, Message string
	// Inner is the service's more exact code, where it gives one: "SecretDisabled".
	Inner string
	// RequestID is the service's own, for its support.
	RequestID string
	// Method and URL are of the request; the URL is without secrets.
	Method, URL string
	// Header is of the answer.
	Header http.Header
	// Tries is how often the request was sent.
	Tries int
	// Err is why it was not tried again although it might have been: the context's error. Nil otherwise.
	Err error
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d", e.Method, e.URL, e.Status)
	if e.Code != "" {
		b.WriteString(" " + redact.Text(e.Code))
	} else if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Inner != "" {
		b.WriteString(" (" + redact.Text(e.Inner) + ")")
	}
	if e.Message != "" {
		b.WriteString(": " + redact.Text(strings.Join(strings.Fields(e.Message), " "))) // an error is one line
	}
	var about []string
	if e.RequestID != "" {
		about = append(about, "request id "+redact.Text(e.RequestID))
	}
	if e.Tries > 1 {
		about = append(about, fmt.Sprintf("%d tries", e.Tries))
	}
	if e.Err != nil {
		about = append(about, e.Err.Error())
	}
	if len(about) > 0 {
		b.WriteString(" (" + strings.Join(about, ", ") + ")")
	}
	return b.String()
}

// Unwrap is Err.
func (e *Error) Unwrap() error { return e.Err }

// GoString is Error: the fields of a refusal have more in them than is fit to be shown.
func (e *Error) GoString() string { return "&clientlib.Error{" + strconv.Quote(e.Error()) + "}" }

// MarshalText is Error, for logs of JSON.
func (e *Error) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// HasCode tells whether an error is a refusal with one of the codes, as Code or as Inner.
func HasCode(err error, codes ...string) bool {
	var e *Error
	return errors.As(err, &e) && (e.Code != "" && slices.Contains(codes, e.Code) || e.Inner != "" && slices.Contains(codes, e.Inner))
}

// HasStatus tells whether an error is a refusal with one of the statuses.
func HasStatus(err error, statuses ...int) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(statuses, e.Status)
}

// longestError is how many bytes of a refusal's body are read.
const longestError = 64 << 10

// refusal reads an answer that is not 2xx, and closes it.
func refusal(req *http.Request, resp *http.Response) *Error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, longestError)) // what came says more than that the rest did not
	_ = resp.Body.Close()
	a := &wire.Answer{Body: body}
	for name, values := range resp.Header {
		for _, v := range values {
			a.Header = append(a.Header, wire.Field{Name: name, Value: v})
		}
	}
	code, message, id := wire.ParseError(a)
	return &Error{
		Status: resp.StatusCode, Code: code, Message: redact.Text(message), Inner: inner(body), RequestID: id,
		Method: req.Method, URL: redact.URL(req.URL), Header: resp.Header,
	}
}

// inner is the innermost code of an error of JSON, in Key Vault's form.
func inner(body []byte) (code string) {
	type nested struct {
		Code  string  `json:"code"`
		Inner *nested `json:"innererror"`
	}
	var said struct {
		Error nested `json:"error"`
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !bytes.Contains(body, []byte("innererror")) || json.Unmarshal(body, &said) != nil {
		return ""
	}
	for e := said.Error.Inner; e != nil; e = e.Inner {
		code = cmp.Or(e.Code, code)
	}
	return code
}

// TransportError is a call that got no whole answer.
type TransportError struct {
	// Method and URL are of the request; the URL is without secrets.
	Method, URL string
	// Tries is how often the request was sent.
	Tries int
	// Err is the last failure. A context that ended is found in it.
	Err error
}

func (e *TransportError) Error() string {
	text := e.Method + " " + e.URL + ": " + redact.Text(e.Err.Error())
	if e.Tries > 1 {
		text += fmt.Sprintf(" (%d tries)", e.Tries)
	}
	return text
}

// Unwrap is the last failure.
func (e *TransportError) Unwrap() error { return e.Err }

// GoString is Error: the failure may show what was sent.
func (e *TransportError) GoString() string {
	return "&clientlib.TransportError{" + strconv.Quote(e.Error()) + "}"
}

// MarshalText is Error, for logs of JSON.
func (e *TransportError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Drain reads what little may be left of an answer, so that its connection can serve again, and closes it. It takes no
// longer than Retry.Answer.
func Drain(resp *http.Response) {
	if resp.Body == nil { // a transport's that is no http.Client
		return
	}
	_, _ = io.CopyN(io.Discard, resp.Body, longestError)
	_ = resp.Body.Close()
}
