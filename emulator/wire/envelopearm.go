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
	correlation := ARMCorrelation(c)
	set(h,
		"Cache-Control", "no-cache",
		"Pragma", "no-cache",
		"Expires", "-1",
		"Strict-Transport-Security", "max-age=31536000; includeSubDomains",
		"X-Content-Type-Options", "nosniff",
		"x-ms-request-id", correlation,
		"x-ms-correlation-request-id", correlation,
		"x-ms-routing-request-id", strings.ToUpper(c.World.Cloud.DefaultLocation)+":"+c.Now.Format("20060102T150405Z")+":"+correlation,
	)
	if strings.EqualFold(c.Request.Header.Get("X-Ms-Return-Client-Request-Id"), "true") {
		if id := c.Request.Header.Get("X-Ms-Client-Request-Id"); id != "" {
			set(h, "x-ms-client-request-id", id)
		}
	}
}

// ARMCorrelation is the correlation id of an answer: the caller's own, or a fresh one.
func ARMCorrelation(c *Call) string {
	if id := c.Request.Header.Get("X-Ms-Correlation-Request-Id"); id != "" && len(id) <= 128 {
		return id
	}
	return c.RequestID
}

// ContentType of JSON bodies, errors included.
func (ARM) ContentType() string { return jsonUTF8 }

// jsonPlain is the type of Microsoft.Storage's bodies.
const jsonPlain = "application/json"

// armError is ARM's error object.
type armError struct {
	Code    string     `json:"code"`
	Message string     `json:"message"`
	Target  string     `json:"target,omitempty"`
	Details []armError `json:"details,omitempty"`
}

// Refusal wraps the error; the front door says that it was the one to refuse.
func (ARM) Refusal(c *Call, e *apierr.Error) Response {
	r := Response{Status: e.Status, Body: struct {
		Error armError `json:"error"`
	}{armErrorOf(e)}}
	if !e.Gateway && c.Operation != nil && strings.HasPrefix(c.Operation.Type, "Microsoft.Storage/") {
		r.ContentType = jsonPlain
	}
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
