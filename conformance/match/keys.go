package match

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
)

// Keys is the names of an object's members as []string, in the order of the body. The path leads
// to the object, as in JSON; a member that is no object matches only Absent().
func Keys(path string, want any) types.GomegaMatcher {
	return of("the members of "+path, want, func(a *wire.Answer) (any, error) {
		var text json.RawMessage
		if err := json.Unmarshal(bytes.TrimPrefix(a.Body, []byte("\ufeff")), &text); err != nil {
			return nil, fmt.Errorf("the body is no JSON (%w)", err)
		}
		for _, name := range names(path) {
			var in map[string]json.RawMessage
			var list []json.RawMessage
			switch {
			case json.Unmarshal(text, &in) == nil && in[name] != nil:
				text = in[name]
			case json.Unmarshal(text, &list) == nil && place(name, len(list)) >= 0:
				text = list[place(name, len(list))]
			default:
				return absent{}, nil
			}
		}
		return keysOf(text)
	})
}

// keysOf reads an object's names in order.
func keysOf(text json.RawMessage) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	switch open, err := decoder.Token(); {
	case err != nil:
		return nil, err
	case open != json.Delim('{'):
		return absent{}, nil
	}
	out := []string{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		out = append(out, name.(string))
	}
	return out, nil
}
