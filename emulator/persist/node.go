package persist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// kind is what a node is.
type kind int

const (
	text    kind = iota // a text
	literal             // a whole number, true or false
	list
	mapping
)

func (k kind) String() string {
	return [...]string{"a text in quotes", "a whole number, or true or false", "a list", "a mapping (key: value)"}[k]
}

// node is a part of a record between its Go value and its text.
type node struct {
	kind kind
	// text is the value of a text or literal.
	text string
	// items are the elements of a list or the values of a mapping, whose keys are keys.
	items []*node
	keys  []string
	// line is where the node was read from, 0 where that has no lines.
	line int
}

// get returns the value of a key, nil for none.
func (n *node) get(key string) *node {
	if i := slices.Index(n.keys, key); i >= 0 {
		return n.items[i]
	}
	return nil
}

func (n *node) set(key string, value *node) {
	n.keys, n.items = append(n.keys, key), append(n.items, value)
}

// appendJSON writes a node as JSON on one line.
func appendJSON(b []byte, n *node) []byte {
	switch n.kind {
	case text:
		return appendText(b, n.text)
	case literal:
		return append(b, n.text...)
	}
	brackets := "[]"
	if n.kind == mapping {
		brackets = "{}"
	}
	b = append(b, brackets[0])
	for i, item := range n.items {
		if i > 0 {
			b = append(b, ',')
		}
		if n.kind == mapping {
			b = append(appendText(b, n.keys[i]), ':')
		}
		b = appendJSON(b, item)
	}
	return append(b, brackets[1])
}

// parseJSON reads what appendJSON wrote.
func parseJSON(data []byte) (*node, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	n, err := readJSON(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is more behind the value")
	}
	return n, nil
}

func readJSON(d *json.Decoder) (*node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := token.(type) {
	case string:
		return &node{kind: text, text: v}, nil
	case json.Number, bool:
		return &node{kind: literal, text: fmt.Sprint(v)}, nil
	case json.Delim:
		n := &node{kind: list}
		if v == '{' {
			n.kind = mapping
		}
		for d.More() {
			if n.kind == mapping {
				key, err := d.Token()
				if err != nil {
					return nil, err
				}
				n.keys = append(n.keys, key.(string)) // the decoder takes nothing else for a key
			}
			item, err := readJSON(d)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err := d.Token() // the closing bracket
		return n, err
	}
	return nil, errors.New("null is no value")
}

// appendText writes a text in double quotes, in a way that is both JSON's and YAML's:
// what is not plainly visible as \u escapes. The text must be UTF-8.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff' || r >= 0xfff0 && r <= 0xffff:
			b = fmt.Appendf(b, `\u%04x`, r)
		default:
			b = append(b, string(r)...)
		}
	}
	return append(b, '"')
}
