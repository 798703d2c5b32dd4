package wire

import (
	"bytes"
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/ids"
)

// Storage is the envelope of Blob storage, and of the services that answer like it.
type Storage struct {
	// Service is the name in the Server header: Queue or File; empty is Blob.
	Service string
}

const (
	xmlType = "application/xml"
	// StorageTime is how Storage writes an instant in a body: seven decimals.
	StorageTime = "2006-01-02T15:04:05.0000000Z"
	// XMLHead begins every body of XML: a byte order mark, and the declaration.
	XMLHead = "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>`
)

// codeSince is the first version whose errors have their code in a header (BLOB-COMMON-009).
const codeSince = "2017-07-29"

// maxClientRequestID is the length of an x-ms-client-request-id that comes back.
const maxClientRequestID = 1024

// StorageRequestID is a request id as Storage makes them (BLOB-COMMON-002).
func StorageRequestID(source *ids.Source) string {
	g := source.GUID()
	return g[:9] + g[9:10] + "01e-00" + g[16:18] + "-" + g[19:23] + "-" + g[24:30] + "000000"
}

// Header adds what every answer of the service carries (BLOB-COMMON-001).
func (s Storage) Header(c *Call, h http.Header) {
	h["Server"] = []string{"Windows-Azure-" + cmp.Or(s.Service, "Blob") + "/1.0 Microsoft-HTTPAPI/2.0"}
	h["x-ms-request-id"] = []string{c.RequestID}
	if c.Version >= "2009-09-19" {
		h["x-ms-version"] = []string{c.Version}
	}
	if id := c.Request.Header.Get("x-ms-client-request-id"); id != "" && len(id) <= maxClientRequestID && isVisible(id) {
		h["x-ms-client-request-id"] = []string{id}
	}
}

// isVisible tells whether a text has only visible characters of ASCII.
func isVisible(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// ContentType of bodies, errors included.
func (Storage) ContentType() string { return xmlType }

// Refusal writes the error as XML; nothing follows a HEAD or a 304 (BLOB-COMMON-007 to
// BLOB-COMMON-011). What is refused while the URL is read has less (BLOB-COMMON-051).
func (Storage) Refusal(c *Call, e *apierr.Error) Response {
	r := Response{Status: e.Status, ContentType: xmlType, Header: http.Header{"x-ms-error-code": {e.Code}}}
	if e.Gateway {
		r.Header["Server"] = []string{"Microsoft-HTTPAPI/2.0"}
		r.Header["x-ms-version"] = nil
	}
	if !e.Gateway && c.Version != "" && c.Version < codeSince {
		r.Header["x-ms-error-code"] = nil
	}
	if e.Early {
		r.Header["x-ms-error-code"], r.Header["x-ms-version"] = nil, nil
	}
	if e.ContentRange != "" {
		r.Header["Content-Range"] = []string{e.ContentRange}
	}
	switch {
	case e.Status == http.StatusNotModified:
		r.ContentType = ""
	case c.Request.Method == http.MethodHead:
		r.ContentType, r.Body = "", Stream{Size: -1}
	default:
		r.Body = storageError(c.RequestID, c.Now, e)
	}
	return r
}

func storageError(requestID string, now time.Time, e *apierr.Error) []byte {
	var b bytes.Buffer
	b.WriteString(XMLHead)
	if e.Early {
		b.WriteByte('\n')
	}
	b.WriteString("<Error>")
	XMLElement(&b, "Code", e.Code)
	XMLElement(&b, "Message", e.Message+"\nRequestId:"+requestID+"\nTime:"+now.UTC().Format(StorageTime))
	for _, f := range e.Fields {
		XMLElement(&b, f.Name, f.Value)
	}
	b.WriteString("</Error>")
	return b.Bytes()
}

// XMLElement writes an element with a text; an empty one in the short form.
func XMLElement(b *bytes.Buffer, name, text string) {
	b.WriteByte('<')
	b.WriteString(name)
	if text == "" {
		b.WriteString(" />")
		return
	}
	b.WriteByte('>')
	XMLText(b, text)
	b.WriteString("</")
	b.WriteString(name)
	b.WriteByte('>')
}

// XMLText writes a text: markup escaped, control characters as references.
func XMLText(b *bytes.Buffer, text string) {
	for _, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r < ' ' && r != '\n' && r != '\t':
			const hex = "0123456789ABCDEF"
			b.WriteString("&#x")
			if r > 15 {
				b.WriteByte(hex[r>>4])
			}
			b.WriteByte(hex[r&15])
			b.WriteByte(';')
		default:
			b.WriteRune(r)
		}
	}
}
