package wire

import (
	"net/http"

	"github.com/linarite/linarite/emulator/apierr"
)

// Front is the envelope of what no plane of Azure answers: the front's own refusals
// and the control API.
type Front struct{}

// Header names who answers, so that nobody takes it for Azure.
func (Front) Header(c *Call, h http.Header) {
	set(h, "Server", "Linarite", "X-Request-Id", c.RequestID, "Cache-Control", "no-store")
}

// ContentType of JSON bodies.
func (Front) ContentType() string { return jsonUTF8 }

// Refusal has the error object that most clients know how to print.
func (Front) Refusal(_ *Call, e *apierr.Error) Response {
	return Response{Status: e.Status, Body: struct {
		Error armError `json:"error"`
	}{armErrorOf(e)}}
}

// FrontPipeline checks first who may ask at all, then what.
func FrontPipeline(guard, found Step) []Step { return []Step{match, guard, found} }
