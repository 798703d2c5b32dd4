package clientlib

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
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
	if e.Message != "" {
		b.WriteString(": " + redact.Text(e.Message))
	}
	var about []string
	if e.RequestID != "" {
		about = append(about, "request id "+e.RequestID)
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

// HasCode tells whether an error is a refusal with one of the codes.
func HasCode(err error, codes ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
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
		Status: resp.StatusCode, Code: code, Message: message, RequestID: id,
		Method: req.Method, URL: redact.URL(req.URL), Header: resp.Header,
	}
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

// cause takes off the layer of http.Client, which repeats the URL with its secrets.
func cause(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}

// Drain reads what little may be left of an answer, so that its connection can serve again, and closes it.
func Drain(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, longestError)
	_ = resp.Body.Close()
}
