package wire

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
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
