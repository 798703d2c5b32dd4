package persist

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/linarite/linarite/emulator/state"
)

// sum is the SHA-256 of a chunk of content, by which it is kept.
type sum [32]byte

func (s sum) String() string { return hex.EncodeToString(s[:]) }

// encoder turns values into nodes.
type encoder struct {
	shape shape
	// put takes a chunk of content and returns its sum.
	put func(chunk []byte) (sum, error)
}

// encode is the node of a value, nil where it is as if it were not there.
func (e *encoder) encode(v reflect.Value) (*node, error) {
	switch value := v.Interface().(type) {
	case time.Time:
		if value.IsZero() {
			return nil, nil
		}
		if value = value.UTC(); value.Year() < 0 || value.Year() > 9999 {
			return nil, fmt.Errorf("the year %d cannot be written", value.Year())
		}
		return &node{kind: text, text: value.Format(time.RFC3339Nano)}, nil
	case time.Duration:
		if value == 0 {
			return nil, nil
		}
		return &node{kind: text, text: value.String()}, nil
	case state.Content:
		return e.content(value)
	case []byte:
		if value == nil {
			return nil, nil
		}
		return &node{kind: text, text: base64.StdEncoding.EncodeToString(value)}, nil
	}
	switch v.Kind() {
	case reflect.String:
		return encodeText(v.String()), nil
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint64:
		if v.IsZero() {
			return nil, nil
		}
		return &node{kind: literal, text: fmt.Sprint(v.Interface())}, nil
	case reflect.Pointer:
		return e.pointer(v)
	case reflect.Slice, reflect.Array:
		return e.list(v)
	case reflect.Map:
		return e.texts(v)
	case reflect.Struct:
		return e.object(v)
	}
	return nil, fmt.Errorf("persist: %v cannot be kept: teach package persist its form", v.Type())
}

// encodeText is a text as it is, or in base64 where it is not UTF-8.
func encodeText(s string) *node {
	switch {
	case s == "":
		return nil
	case utf8.ValidString(s):
		return &node{kind: text, text: s}
	}
	n := &node{kind: mapping}
	n.set("base64", &node{kind: text, text: base64.StdEncoding.EncodeToString([]byte(s))})
	return n
}

// pointer encodes what is pointed to even where that is zero: nil is left out.
func (e *encoder) pointer(v reflect.Value) (*node, error) {
	if v.IsNil() {
		return nil, nil
	}
	n, err := e.encode(v.Elem())
	if n == nil && err == nil {
		n = zeroOf(v.Type().Elem())
	}
	return n, err
}

// zeroOf is how a value that is as if it were not there is written where it must be.
func zeroOf(t reflect.Type) *node {
	switch {
	case t == reflect.TypeFor[time.Time](), t == reflect.TypeFor[time.Duration](), t.Kind() == reflect.String, t == reflect.TypeFor[[]byte]():
		return &node{kind: text}
	case t.Kind() == reflect.Bool:
		return &node{kind: literal, text: "false"}
	case t.Kind() == reflect.Struct, t.Kind() == reflect.Map:
		return &node{kind: mapping}
	case t.Kind() == reflect.Slice:
		return &node{kind: list}
	}
	return &node{kind: literal, text: "0"}
}

func (e *encoder) list(v reflect.Value) (*node, error) {
	if v.Kind() == reflect.Slice && v.IsNil() || v.Kind() == reflect.Array && v.IsZero() {
		return nil, nil
	}
	n := &node{kind: list}
	for i := range v.Len() {
		item, err := e.encode(v.Index(i))
		if err != nil {
			return nil, err
		}
		if item == nil {
			item = zeroOf(v.Type().Elem())
		}
		n.items = append(n.items, item)
	}
	return n, nil
}

func (e *encoder) texts(v reflect.Value) (*node, error) {
	m, ok := v.Interface().(map[string]string)
	if !ok {
		return nil, fmt.Errorf("persist: %v cannot be kept: teach package persist its form", v.Type())
	}
	if m == nil {
		return nil, nil
	}
	n := &node{kind: mapping}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		if !utf8.ValidString(key) || !utf8.ValidString(m[key]) {
			return nil, fmt.Errorf("the pair %q: %q is not UTF-8 text", key, m[key])
		}
		n.set(key, &node{kind: text, text: m[key]})
	}
	return n, nil
}

func (e *encoder) object(v reflect.Value) (*node, error) {
	fields, ok := e.shape[v.Type()]
	if !ok {
		return nil, fmt.Errorf("persist: %v is of no record", v.Type())
	}
	n := &node{kind: mapping}
	for _, f := range fields {
		item, err := e.encode(v.FieldByIndex(f.index))
		if err != nil {
			return nil, err
		}
		if item != nil {
			n.set(f.key, item)
		}
	}
	if len(n.items) == 0 {
		return nil, nil
	}
	return n, nil
}

// content encodes the sums of chunks, and with them the size.
func (e *encoder) content(c state.Content) (*node, error) {
	if c.Size == 0 {
		return nil, nil
	}
	if e.put == nil {
		return nil, errors.New("persist: content has no place here")
	}
	blobs := &node{kind: list}
	for _, chunk := range c.Chunks {
		if len(chunk) == 0 {
			continue
		}
		s, err := e.put(chunk)
		if err != nil {
			return nil, err
		}
		blobs.items = append(blobs.items, &node{kind: text, text: s.String()})
	}
	n := &node{kind: mapping}
	n.set("size", &node{kind: literal, text: strconv.FormatInt(c.Size, 10)})
	n.set("blobs", blobs)
	return n, nil
}
