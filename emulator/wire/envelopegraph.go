package wire

import (
	"net/http"

	"github.com/linarite/linarite/emulator/apierr"
)

// ODataJSON is the type of Graph's good answers; its errors are plain JSON.
const ODataJSON = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// Graph is the envelope of Microsoft Graph.
type Graph struct{}

// Header adds the answer's ids; the caller's own is echoed always.
func (Graph) Header(c *Call, h http.Header) {
	h["Cache-Control"] = []string{"no-cache"}
	h["Strict-Transport-Security"] = []string{"max-age=31536000"}
	h["request-id"] = []string{c.RequestID}
	h["client-request-id"] = []string{c.correlation()}
	h["x-ms-ags-diagnostic"] = []string{graphServer}
	h["x-ms-resource-unit"] = []string{graphCost(c)}
}

// graphServer says which server answered (ENTRA-GRAPH-035).
const graphServer = `{"ServerInfo":{"DataCenter":"Linarite","Slice":"E","Ring":"1","ScaleUnit":"000","RoleInstance":"LINARITE"}}`

// graphCost is what a request costs, in the resource units that throttling counts (ENTRA-GRAPH-036).
func graphCost(c *Call) string {
	if c.Operation != nil {
		switch c.Operation.Name {
		case "GetDirectoryObjectsByIds":
			return "3"
		case "ListUsers":
			return "2"
		}
	}
	return "1"
}

// ContentType of errors; answers bring ODataJSON.
func (Graph) ContentType() string { return jsonPlain }

// graphTime has no zone: it is UTC.
const graphTime = "2006-01-02T15:04:05"

// Refusal wraps the error, with the ids to ask support about (ENTRA-GRAPH-001).
func (Graph) Refusal(c *Call, e *apierr.Error) Response {
	type inner struct {
		Date          string `json:"date"`
		RequestID     string `json:"request-id"`
		ClientRequest string `json:"client-request-id"`
	}
	type graphError struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Inner   inner  `json:"innerError"`
	}
	return Response{Status: e.Status, Body: struct {
		Error graphError `json:"error"`
	}{graphError{e.Code, e.Message, inner{c.Now.UTC().Format(graphTime), c.RequestID, c.correlation()}}}}
}
