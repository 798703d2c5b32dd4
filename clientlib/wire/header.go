package wire

import "strings"

// Field is one line of a head.
type Field struct{ Name, Value string }

// Header is a list of fields in the order and with the names, case included, that they have on
// the wire. Looking a field up ignores the case of its name.
type Header []Field

// Get returns the value of the first field of a name, "" where there is none.
func (h Header) Get(name string) string {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// Values returns the values of all fields of a name, in their order.
func (h Header) Values(name string) []string {
	var values []string
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			values = append(values, f.Value)
		}
	}
	return values
}

// Has tells whether there is a field of a name, be it empty.
func (h Header) Has(name string) bool {
	for _, f := range h {
		if strings.EqualFold(f.Name, name) {
			return true
		}
	}
	return false
}

// Set gives a name one value: the first field of the name takes it and keeps its place, the
// others go. A name that is not there yet is added at the end.
func (h *Header) Set(name, value string) {
	out, set := make(Header, 0, len(*h)+1), false
	for _, f := range *h {
		switch {
		case !strings.EqualFold(f.Name, name):
			out = append(out, f)
		case !set:
			out, set = append(out, Field{name, value}), true
		}
	}
	if !set {
		out = append(out, Field{name, value})
	}
	*h = out
}

// Add puts a field at the end.
func (h *Header) Add(name, value string) {
	*h = append(h.Clone(), Field{name, value})
}

// Del removes all fields of a name.
func (h *Header) Del(name string) {
	out := make(Header, 0, len(*h))
	for _, f := range *h {
		if !strings.EqualFold(f.Name, name) {
			out = append(out, f)
		}
	}
	*h = out
}

// Clone returns a copy that shares nothing with the original.
func (h Header) Clone() Header {
	if h == nil {
		return nil
	}
	return append(make(Header, 0, len(h)+1), h...)
}

// hasToken tells whether one of the comma-separated words of a field is the given one.
func (h Header) hasToken(name, token string) bool {
	for _, value := range h.Values(name) {
		for word := range strings.SplitSeq(value, ",") {
			if strings.EqualFold(strings.TrimSpace(word), token) {
				return true
			}
		}
	}
	return false
}
