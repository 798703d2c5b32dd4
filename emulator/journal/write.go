package journal

import (
	"encoding/json"
	"io"
	"iter"
)

// WriteNDJSON writes entries as JSON, one a line, the members always in the same order.
// It flushes nothing: a writer that buffers is its caller's to flush.
func WriteNDJSON(w io.Writer, entries iter.Seq[Entry]) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for e := range entries {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return nil
}
