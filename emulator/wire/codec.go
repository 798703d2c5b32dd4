package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/url"
)

// encode turns an answer's body into bytes and names their type. Bodies are complete
// before the status is sent, so that a body that cannot be written becomes a 500.
func encode(r Response, jsonType string) (body []byte, contentType string, err error) {
	switch b := r.Body.(type) {
	case nil:
		return nil, r.ContentType, nil
	case []byte:
		return b, r.ContentType, nil
	}
	if body, err = JSON(r.Body); err != nil {
		return nil, "", fmt.Errorf("encode %T: %w", r.Body, err)
	}
	if r.ContentType != "" {
		return body, r.ContentType, nil
	}
	return body, jsonType, nil
}

// JSON writes v as Azure does: compact, without HTML escapes and without a newline
// at the end.
func JSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// secretParameters are the query parameters whose values are credentials.
func secretParameter(name string) bool {
	switch name {
	case "sig", "client_secret", "client_assertion", "code", "password", "assertion":
		return true
	}
	return false
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
	parts := bytes.Split([]byte(raw), []byte("&"))
	for i, part := range parts {
		name, _, _ := bytes.Cut(part, []byte("="))
		decoded, err := url.QueryUnescape(string(name))
		if err != nil || secretParameter(decoded) {
			parts[i] = append(append([]byte{}, name...), "=REDACTED"...)
		}
	}
	return string(bytes.Join(parts, []byte("&")))
}
