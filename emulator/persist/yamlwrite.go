package persist

import (
	"bytes"
	"strings"
)

// The YAML library's encoder is not used: see fixtures/world. All texts are in double
// quotes, so that none is taken for something else.

// writeYAML writes a node as a block at an indent, whose blanks the caller has written for
// its first line. Nodes without parts are written in flow style.
func writeYAML(b *bytes.Buffer, n *node, indent int) {
	blanks := strings.Repeat(" ", indent)
	for i, item := range n.items {
		if i > 0 {
			b.WriteString(blanks)
		}
		if n.kind == list {
			b.WriteString("- ")
			writeItem(b, item, indent+2, false)
			continue
		}
		b.WriteString(keyText(n.keys[i]) + ":")
		writeItem(b, item, indent+2, true)
	}
}

// writeItem writes a value behind its key, or behind the dash of its list.
func writeItem(b *bytes.Buffer, n *node, indent int, afterKey bool) {
	if len(n.items) == 0 { // a scalar, [] or {}
		if afterKey {
			b.WriteByte(' ')
		}
		b.Write(append(appendJSON(nil, n), '\n'))
		return
	}
	if afterKey {
		b.WriteString("\n" + strings.Repeat(" ", indent))
	}
	writeYAML(b, n, indent)
}

// keyText is a key: as it is where it is a plain word, as those of records are.
func keyText(key string) string {
	plain := key != "" && strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
	if plain && key[0] > '9' && len(key) > 1 && !reserved(key) {
		return key
	}
	return string(appendText(nil, key))
}

// reserved tells whether some YAML reader takes a word for no text.
func reserved(word string) bool {
	switch strings.ToLower(word) {
	case "true", "false", "yes", "no", "on", "off", "null", "nan", "inf":
		return true
	}
	return false
}
