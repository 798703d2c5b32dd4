package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Stream is a body that is written from where it lies, without a copy of it: large
// content, which does not change any more.
type Stream struct {
	// Size is the number of bytes. -1 sends them without a Content-Length.
	Size int64
	// From may be nil for no bytes.
	From io.WriterTo
}

// encode turns an answer's body into a Stream and names its type; what it writes itself
// it writes into buf. Bodies are complete before the status is sent, so that a body that
// cannot be written becomes a 500.
func encode(buf *bytes.Buffer, r Response, jsonType string) (body Stream, contentType string, err error) {
	switch b := r.Body.(type) {
	case nil:
		return Stream{}, r.ContentType, nil
	case []byte:
		return stream(b), r.ContentType, nil
	case Stream:
		return b, r.ContentType, nil
	}
	if err := writeJSON(buf, r.Body); err != nil {
		return Stream{}, "", fmt.Errorf("encode %T: %w", r.Body, err)
	}
	if r.ContentType != "" {
		jsonType = r.ContentType
	}
	return Stream{int64(buf.Len()), buf}, jsonType, nil
}

func stream(b []byte) Stream { return Stream{int64(len(b)), bytes.NewReader(b)} }

// JSON writes v as Azure does: compact, without HTML escapes and without a newline
// at the end.
func JSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	err := writeJSON(&buf, v)
	return buf.Bytes(), err
}

// writeJSON replaces what is in buf.
func writeJSON(buf *bytes.Buffer, v any) error {
	buf.Reset()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	buf.Truncate(buf.Len() - 1) // the newline
	return nil
}

// secretParameters are the query parameters whose values are credentials.
func secretParameter(name string) bool {
	switch name {
	case "sig", "client_secret", "client_assertion", "code", "password", "assertion":
		return true
	}
	return strings.HasSuffix(strings.ToLower(name), "_token") // access, id, refresh
}

// Redact prints a URL without the secrets that a query may carry. It is the one place
// where URLs are made fit for logs and journal.
func Redact(u *url.URL) string {
	out := *u
	out.User = nil
	if out.RawQuery != "" {
		out.RawQuery = redactQuery(out.RawQuery)
	}
	return out.String()
}

func redactQuery(raw string) string {
	var out strings.Builder
	for raw != "" {
		part, separator, rest := raw, "", "" // ";" too: what hides behind one is still a secret
		if i := strings.IndexAny(raw, "&;"); i >= 0 {
			part, separator, rest = raw[:i], raw[i:i+1], raw[i+1:]
		}
		name, _, _ := strings.Cut(part, "=")
		if decoded, err := url.QueryUnescape(name); err != nil || secretParameter(decoded) {
			part = name + "=REDACTED"
		}
		out.WriteString(part)
		out.WriteString(separator)
		raw = rest
	}
	return out.String()
}
