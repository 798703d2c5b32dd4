package wire

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
)

// Table is the envelope of Table storage: refusals are JSON or Atom, as the client accepts
// ("Status and error codes", Table service).
type Table struct{ Storage }

// Refusal writes the error as OData does.
func (t Table) Refusal(c *Call, e *apierr.Error) Response {
	r := t.Storage.Refusal(c, e)
	text := e.Message + "\nRequestId:" + c.RequestID + "\nTime:" + c.Now.UTC().Format(StorageTime)
	switch {
	case c.Request.Method == http.MethodHead:
	case strings.Contains(c.Request.Header.Get("Accept"), "json"): // BLOB-SVC-005
		type message struct {
			Lang  string `json:"lang"`
			Value string `json:"value"`
		}
		type odata struct {
			Code    string  `json:"code"`
			Message message `json:"message"`
		}
		r.ContentType = "application/json"
		r.Body = map[string]odata{"odata.error": {e.Code, message{"en-US", text}}}
	default:
		var b bytes.Buffer
		b.WriteString(XMLHead[len("\ufeff"):])
		b.WriteString(`<error xmlns="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata">`)
		XMLElement(&b, "code", e.Code)
		b.WriteString(`<message xml:lang="en-US">`)
		XMLText(&b, text)
		b.WriteString("</message></error>")
		r.Body = b.Bytes()
	}
	return r
}

// DataLake is the envelope of Data Lake storage (dfs): refusals are JSON.
type DataLake struct{ Storage }

// Refusal writes the error as the service's own.
func (d DataLake) Refusal(c *Call, e *apierr.Error) Response {
	r := d.Storage.Refusal(c, e)
	if c.Request.Method == http.MethodHead {
		return r
	}
	type failure struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	text := e.Message + "\nRequestId:" + c.RequestID + "\nTime:" + c.Now.UTC().Format(StorageTime)
	r.ContentType, r.Body = "application/json;charset=utf-8", map[string]failure{"error": {e.Code, text}}
	return r
}
