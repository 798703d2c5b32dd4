package persist

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/state"
)

// decoder turns nodes into values. It takes exactly what an encoder writes, or what a
// person may have written in its place.
type decoder struct {
	shape shape
	// get returns the chunk with a sum.
	get func(sum) ([]byte, error)
}

// problem is what is wrong at a line; it becomes an InvalidError once the file is known.
type problem struct {
	line int
	what string
}

func (p *problem) Error() string { return p.what }

func wrong(n *node, format string, args ...any) error {
	return &problem{n.line, fmt.Sprintf(format, args...)}
}

func want(n *node, k kind, label string) error {
	if n.kind != k {
		return wrong(n, "%s takes %s, not %s", label, k, n.kind)
	}
	return nil
}

// decode fills dst, which is zero. label is how problems call it.
func (d *decoder) decode(n *node, dst reflect.Value, label string) error {
	switch dst.Interface().(type) {
	case time.Time, time.Duration, []byte:
		return decodeText(n, dst, label)
	case state.Content:
		return d.content(n, dst, label)
	}
	switch dst.Kind() {
	case reflect.String:
		return decodeText(n, dst, label)
	case reflect.Bool, reflect.Int, reflect.Int64, reflect.Uint64:
		return decodeLiteral(n, dst, label)
	case reflect.Pointer:
		dst.Set(reflect.New(dst.Type().Elem()))
		return d.decode(n, dst.Elem(), label)
	case reflect.Slice, reflect.Array:
		return d.list(n, dst, label)
	case reflect.Map:
		return d.texts(n, dst, label)
	case reflect.Struct:
		return d.object(n, dst, label)
	}
	return wrong(n, "%s cannot be read: teach package persist the form of %v", label, dst.Type())
}

func (d *decoder) object(n *node, dst reflect.Value, label string) error {
	if err := want(n, mapping, label); err != nil {
		return err
	}
	fields := d.shape[dst.Type()]
	for i, key := range n.keys {
		at := slices.IndexFunc(fields, func(f field) bool { return f.key == key })
		if at < 0 {
			keys := make([]string, len(fields))
			for i, f := range fields {
				keys[i] = f.key
			}
			return wrong(n.items[i], "unknown key %q in %s: the keys here are %s", key, label, strings.Join(keys, ", "))
		}
		if slices.Index(n.keys, key) != i {
			return wrong(n.items[i], "key %q is given twice in %s: remove one of them", key, label)
		}
		if err := d.decode(n.items[i], dst.FieldByIndex(fields[at].index), label+"."+key); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) list(n *node, dst reflect.Value, label string) error {
	if err := want(n, list, label); err != nil {
		return err
	}
	if dst.Kind() == reflect.Slice {
		dst.Set(reflect.MakeSlice(dst.Type(), len(n.items), len(n.items)))
	} else if len(n.items) != dst.Len() {
		return wrong(n, "%s has %d elements: it takes %d", label, len(n.items), dst.Len())
	}
	for i, item := range n.items {
		if err := d.decode(item, dst.Index(i), fmt.Sprintf("%s[%d]", label, i)); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) texts(n *node, dst reflect.Value, label string) error {
	if err := want(n, mapping, label); err != nil {
		return err
	}
	m := make(map[string]string, len(n.keys))
	for i, key := range n.keys {
		if err := want(n.items[i], text, label+"."+key); err != nil {
			return err
		}
		if _, twice := m[key]; twice {
			return wrong(n.items[i], "key %q is given twice in %s: remove one of them", key, label)
		}
		m[key] = n.items[i].text
	}
	dst.Set(reflect.ValueOf(m))
	return nil
}

func decodeText(n *node, dst reflect.Value, label string) error {
	if dst.Kind() == reflect.String && n.kind == mapping && len(n.keys) == 1 && n.keys[0] == "base64" {
		raw, err := base64.StdEncoding.DecodeString(n.items[0].text)
		if err != nil || n.items[0].kind != text {
			return wrong(n, "%s is not base64", label)
		}
		dst.SetString(string(raw))
		return nil
	}
	if err := want(n, text, label); err != nil {
		return err
	}
	switch dst.Interface().(type) {
	case time.Time:
		t, err := time.Parse(time.RFC3339Nano, n.text)
		if err != nil && n.text != "" {
			return wrong(n, "%s is %q: it takes an instant such as 2026-11-28T09:30:00Z", label, n.text)
		}
		dst.Set(reflect.ValueOf(t.UTC()))
	case time.Duration:
		t, err := time.ParseDuration(n.text)
		if err != nil && n.text != "" {
			return wrong(n, "%s is %q: it takes a duration such as 1h30m0s", label, n.text)
		}
		dst.SetInt(int64(t))
	case []byte:
		raw, err := base64.StdEncoding.DecodeString(n.text)
		if err != nil {
			return wrong(n, "%s is not base64", label)
		}
		dst.SetBytes(raw)
	default:
		dst.SetString(n.text)
	}
	return nil
}

func decodeLiteral(n *node, dst reflect.Value, label string) error {
	if err := want(n, literal, label); err != nil {
		return err
	}
	var ok bool
	switch dst.Kind() {
	case reflect.Bool:
		dst.SetBool(n.text == "true")
		ok = n.text == "true" || n.text == "false"
	case reflect.Uint64:
		v, err := strconv.ParseUint(n.text, 10, 64)
		dst.SetUint(v)
		ok = err == nil
	default:
		v, err := strconv.ParseInt(n.text, 10, 64)
		dst.SetInt(v)
		ok = err == nil && !dst.OverflowInt(v)
	}
	if !ok {
		return wrong(n, "%s is %s: it takes a value of %v", label, n.text, dst.Kind())
	}
	return nil
}

// contentRecord is the form of content.
type contentRecord struct {
	Size  int64
	Blobs []string
}

// content fetches the chunks of content; those of equal sums are one.
func (d *decoder) content(n *node, dst reflect.Value, label string) error {
	var r contentRecord
	inner := decoder{shape: newShape(reflect.TypeFor[contentRecord]())}
	if err := inner.decode(n, reflect.ValueOf(&r).Elem(), label); err != nil {
		return err
	}
	var c state.Content
	for i, name := range r.Blobs {
		at := n.get("blobs").items[i]
		raw, err := hex.DecodeString(name)
		if err != nil || len(raw) != len(sum{}) || name != strings.ToLower(name) {
			return wrong(at, "%s.blobs[%d] is %q: it takes a SHA-256 sum, 64 lower-case hex digits", label, i, name)
		}
		chunk, err := d.get(sum(raw))
		if err != nil {
			return wrong(at, "%v", err)
		}
		c.Chunks, c.Size = append(c.Chunks, chunk), c.Size+int64(len(chunk))
	}
	if c.Size != r.Size {
		return wrong(n, "%s.size is %d, but its blobs have %d bytes together: one of the two is wrong", label, r.Size, c.Size)
	}
	dst.Set(reflect.ValueOf(c))
	return nil
}
