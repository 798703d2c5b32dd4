package wire

import (
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
)

// ARM is the envelope of Azure Resource Manager.
type ARM struct{}

// Header adds what every answer of the front door carries.
func (ARM) Header(c *Call, h http.Header) {
	correlation := c.Request.Header.Get("x-ms-correlation-request-id")
	if correlation == "" || len(correlation) > 128 {
		correlation = c.RequestID
	}
	h["Cache-Control"] = []string{"no-cache"}
	h["Pragma"] = []string{"no-cache"}
	h["Expires"] = []string{"-1"}
	h["Strict-Transport-Security"] = []string{"max-age=31536000; includeSubDomains"}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["x-ms-request-id"] = []string{correlation}
	h["x-ms-correlation-request-id"] = []string{correlation}
	h["x-ms-routing-request-id"] = []string{strings.ToUpper(c.World.Cloud.DefaultLocation) + ":" + c.Now.Format("20060102T150405Z") + ":" + correlation}
	if strings.EqualFold(c.Request.Header.Get("x-ms-return-client-request-id"), "true") {
		if id := c.Request.Header.Get("x-ms-client-request-id"); id != "" {
			h["x-ms-client-request-id"] = []string{id}
		}
	}
}

// ContentType of JSON bodies, errors included.
func (ARM) ContentType() string { return jsonUTF8 }

// armError is ARM's error object.
type armError struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Target  string     `json:"target,omitempty"`
	Details []armError `json:"details,omitempty"`
}

// Refusal wraps the error; the front door says that it was the one to refuse.
func (ARM) Refusal(_ *Call, e *apierr.Error) Response {
	r := Response{Status: e.Status, Body: struct {
		Error armError `json:"error"`
	}{armErrorOf(e)}}
	if e.Gateway {
		r = r.With("x-ms-failure-cause", "gateway")
	}
	return r
}

func armErrorOf(e *apierr.Error) armError {
	out := armError{Code: e.Code, Message: e.Message, Target: e.Target}
	for i := range e.Details {
		out.Details = append(out.Details, armErrorOf(&e.Details[i]))
	}
	return out
}
