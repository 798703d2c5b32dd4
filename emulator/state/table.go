package state

import (
	"iter"
	"strings"

	"github.com/tidwall/btree"
)

// Table is an ordered copy-on-write map of one kind of noun. Keys compare as
// strings; the key functions fold case where Azure does.
//
// A Table obtained in a View is read only: Put and Delete panic there, because a
// write that vanishes would be a worse bug than a stopped request.
type Table[V any] struct {
	def     *definition[V]
	rows    *btree.Map[string, *V]
	indexes []*btree.Map[string, *V]
	log     *changeLog
	owned   bool
}

// definition is what a table is made of: it never changes.
type definition[V any] struct {
	name string
	key  func(V) string
	// clone copies what a value refers to; nil where it refers to nothing mutable.
	clone func(V) V
	// indexes are other keys to look values up by; an empty key is left out.
	indexes []func(V) string
}

func newTable[V any](def *definition[V]) Table[V] {
	t := Table[V]{def: def, rows: new(btree.Map[string, *V])}
	for range def.indexes {
		t.indexes = append(t.indexes, new(btree.Map[string, *V]))
	}
	return t
}

// copied returns a table of its own over the same rows.
func (t Table[V]) copied(log *changeLog) Table[V] {
	t.rows = t.rows.Copy()
	indexes := make([]*btree.Map[string, *V], len(t.indexes))
	for i, index := range t.indexes {
		indexes[i] = index.Copy()
	}
	t.indexes, t.log, t.owned = indexes, log, true
	return t
}

func (t *Table[V]) writable() {
	if t.log == nil {
		panic("state: write to " + t.def.name + " outside Update")
	}
	if !t.owned {
		*t = t.copied(t.log)
	}
}

func (t *Table[V]) out(v *V) V {
	if t.def.clone == nil {
		return *v
	}
	return t.def.clone(*v)
}

// Len is the number of values.
func (t *Table[V]) Len() int { return t.rows.Len() }

// Get returns the value with the key.
func (t *Table[V]) Get(key string) (V, bool) {
	if v, ok := t.rows.Get(key); ok {
		return t.out(v), true
	}
	var zero V
	return zero, false
}

// Has tells whether there is a value with the key.
func (t *Table[V]) Has(key string) bool {
	_, ok := t.rows.Get(key)
	return ok
}

// Put inserts v, or replaces the value with the same key.
func (t *Table[V]) Put(v V) {
	t.writable()
	kept := t.out(&v)
	key := t.def.key(v)
	if old, ok := t.rows.Set(key, &kept); ok {
		t.unindex(key, old)
	}
	for i, by := range t.def.indexes {
		if k := by(kept); k != "" {
			t.indexes[i].Set(indexKey(k, key), &kept)
		}
	}
	t.log.add(Change{Table: t.def.name, Key: key, value: kept})
}

// Delete removes the value with the key and tells whether there was one.
func (t *Table[V]) Delete(key string) bool {
	t.writable()
	old, ok := t.rows.Delete(key)
	if ok {
		t.unindex(key, old)
		t.log.add(Change{Table: t.def.name, Key: key, Deleted: true})
	}
	return ok
}

// DeletePrefix removes the values whose keys begin with prefix, and returns them.
func (t *Table[V]) DeletePrefix(prefix string) []V {
	var gone []V
	var keys []string
	t.rows.Ascend(prefix, func(key string, v *V) bool {
		if !strings.HasPrefix(key, prefix) {
			return false
		}
		keys, gone = append(keys, key), append(gone, t.out(v))
		return true
	})
	for _, key := range keys {
		t.Delete(key)
	}
	return gone
}

func (t *Table[V]) unindex(key string, old *V) {
	for i, by := range t.def.indexes {
		if k := by(*old); k != "" {
			t.indexes[i].Delete(indexKey(k, key))
		}
	}
}

func indexKey(k, key string) string { return k + "\x00" + key }

// All yields every value in key order. The table must not be written meanwhile.
func (t *Table[V]) All() iter.Seq[V] { return t.Prefix("") }

// Prefix yields, in key order, the values whose keys begin with prefix.
func (t *Table[V]) Prefix(prefix string) iter.Seq[V] { return t.scan(t.rows, prefix, prefix) }

// From yields, in key order, the values whose keys begin with prefix and are not less
// than from.
func (t *Table[V]) From(prefix, from string) iter.Seq[V] {
	return t.scan(t.rows, prefix, max(prefix, from))
}

// by yields the values that index i has under k.
func (t *Table[V]) by(i int, k string) iter.Seq[V] {
	return t.scan(t.indexes[i], indexKey(k, ""), indexKey(k, ""))
}

// first returns the first value that index i has under k.
func (t *Table[V]) first(i int, k string) (V, bool) {
	for v := range t.by(i, k) {
		return v, true
	}
	var zero V
	return zero, false
}

func (t *Table[V]) scan(rows *btree.Map[string, *V], prefix, from string) iter.Seq[V] {
	return func(yield func(V) bool) {
		rows.Ascend(from, func(key string, v *V) bool {
			return strings.HasPrefix(key, prefix) && yield(t.out(v))
		})
	}
}
