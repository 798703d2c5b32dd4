package persist

import (
	"reflect"
	"strings"
	"time"
	"unicode"

	"github.com/linarite/linarite/emulator/state"
)

// field is a field of a record: its key, and where it is in the struct.
type field struct {
	key   string
	index []int
}

// shape is how every struct that a record can hold is written. It never changes once made.
type shape map[reflect.Type][]field

// newShape finds the structs below the given types.
func newShape(types ...reflect.Type) shape {
	s := shape{}
	for _, t := range types {
		s.add(t)
	}
	return s
}

// types lists what a version of the state and the rest of a world are made of.
func types() []reflect.Type {
	all := []reflect.Type{reflect.TypeFor[World](), reflect.TypeFor[state.Switches](), reflect.TypeFor[state.Stamps]()}
	state.New().View(func(tx *state.Tx) {
		for _, t := range tx.Tables() {
			all = append(all, t.Row())
		}
	})
	return all
}

func (s shape) add(t reflect.Type) {
	switch t.Kind() {
	case reflect.Slice, reflect.Array, reflect.Pointer, reflect.Map:
		s.add(t.Elem())
	case reflect.Struct:
		if _, known := s[t]; known || isLeaf(t) {
			return
		}
		s[t] = nil // for types that refer to themselves
		s[t] = fieldsOf(t)
		for _, f := range s[t] {
			s.add(t.FieldByIndex(f.index).Type)
		}
	}
}

// isLeaf tells whether values of a struct type are written in a way of their own.
func isLeaf(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Time]() || t == reflect.TypeFor[state.Content]()
}

// fieldsOf lists the fields of a struct; those of an embedded one stand among the others.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.Anonymous {
			out = append(out, field{keyOf(f.Name), f.Index})
			continue
		}
		for _, inner := range fieldsOf(f.Type) {
			out = append(out, field{inner.key, append([]int{i}, inner.index...)})
		}
	}
	return out
}

// keyOf is the key of a field: its name with the first word, or abbreviation, in lower
// case. SubscriptionID is subscriptionID, SKU is sku, HTTPSOnly is httpsOnly.
func keyOf(name string) string {
	upper := len(name) - len(strings.TrimLeftFunc(name, unicode.IsUpper))
	if upper > 1 && upper < len(name) && unicode.IsLower(rune(name[upper])) {
		upper-- // the last capital begins the second word
	}
	return strings.ToLower(name[:upper]) + name[upper:]
}
