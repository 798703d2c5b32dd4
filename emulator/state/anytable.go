package state

import (
	"iter"
	"reflect"
)

// AnyTable is a table whatever it holds: for those who save, load and show all of them.
type AnyTable interface {
	// Name is the table's name, as in Change.Table.
	Name() string
	// Row is the type of the values.
	Row() reflect.Type
	// Len is the number of values.
	Len() int
	// Rows yields every key and value in key order.
	Rows() iter.Seq2[string, any]
	// KeyOf is the key of a value, which is of the type Row.
	KeyOf(row any) string
	// PutRow inserts a value of the type Row, or replaces the one with the same key.
	PutRow(row any)
	// Has tells whether there is a value with the key.
	Has(key string) bool
}

// Tables lists every table, in an order that does not change.
func (tx *Tx) Tables() []AnyTable {
	all := tx.tables()
	out := make([]AnyTable, len(all))
	for i, t := range all {
		out[i] = t
	}
	return out
}

// Name is the table's name.
func (t *Table[V]) Name() string { return t.def.name }

// Row is the type of the values.
func (t *Table[V]) Row() reflect.Type { return reflect.TypeFor[V]() }

// Rows yields every key and value in key order. The table must not be written meanwhile.
func (t *Table[V]) Rows() iter.Seq2[string, any] {
	return func(yield func(string, any) bool) {
		t.rows.Scan(func(key string, v *V) bool { return yield(key, t.out(v)) })
	}
}

// KeyOf is the key of a value, which must be a V.
func (t *Table[V]) KeyOf(row any) string { return t.def.key(row.(V)) }

// PutRow is Put for a value that must be a V.
func (t *Table[V]) PutRow(row any) { t.Put(row.(V)) }

// changesTo logs what turns the table into another version of it. Rows that both share
// are the same pointers, so only what differs costs more than a comparison.
func (t *Table[V]) changesTo(other table, log *changeLog) {
	next := other.(*Table[V])
	t.rows.Scan(func(key string, _ *V) bool {
		if _, stays := next.rows.Get(key); !stays {
			log.add(Change{Table: t.def.name, Key: key, Deleted: true})
		}
		return true
	})
	next.rows.Scan(func(key string, v *V) bool {
		if old, ok := t.rows.Get(key); !ok || old != v {
			log.add(Change{Table: t.def.name, Key: key, value: *v})
		}
		return true
	})
}

// changesTo logs what turns this version into next.
func (tx *Tx) changesTo(next *Tx, log *changeLog) {
	theirs := next.tables()
	for i, t := range tx.tables() {
		t.changesTo(theirs[i], log)
	}
	if tx.switches != next.switches {
		log.add(Change{Table: SwitchesTable, value: next.switches})
	}
}
