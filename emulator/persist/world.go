package persist

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/state"
)

// World is what lasts of a world beside its state.
type World struct {
	// Name is what the user calls it, Cloud the name of its cloud.
	Name  string
	Cloud string
	// Machine is the ARM id of the machine that callers are on by default; empty for none.
	Machine string
	// Started is when the world came to be, by its clock.
	Started time.Time
	// Clock is where the world's clock stands relative to the host's.
	Clock       clock.Position
	Identifiers IDs
}

// IDs is where a world's source of identifiers stands.
type IDs struct {
	// Seed is a secret: the keys of accounts come from it.
	Seed     []byte
	Position uint64
}

// Saved is a world that was read back.
type Saved struct {
	World World
	// State is a store of its own, which nobody keeps.
	State *state.Store
}

// InvalidError tells what is wrong with something saved, where, and what to do.
type InvalidError struct {
	// File is the path of the file, Line the line in it, 0 where it has none.
	File string
	Line int
	What string
}

// Error is file:line: what.
func (e *InvalidError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.What
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.What)
}

// builder puts a Saved together from records, whichever form they came in.
type builder struct {
	decoder
	// upgrade are the steps that the records have to go through.
	upgrade []step
	saved   *Saved
	tx      *state.Tx
	// row is told of each row decoded; nil tells nobody.
	row func(table, key string, value any)
}

// build runs read, which hands records to the builder, on an empty state.
func (b *builder) build(read func() error) (*Saved, error) {
	b.saved = &Saved{State: state.New()}
	err := b.saved.State.Update(func(tx *state.Tx) error {
		b.tx = tx
		return read()
	})
	if err != nil {
		return nil, err
	}
	return b.saved, nil
}

// The records that are no rows of a table.
const (
	worldKey    = "world"
	switchesKey = state.SwitchesTable
	stampsKey   = "stamps"
)

// add takes the record of a name: a table's, then n is one of its rows; or one of those
// that are no rows.
func (b *builder) add(name string, n *node) error {
	for _, s := range b.upgrade {
		if s.record == nil {
			continue
		}
		if err := s.record(name, n); err != nil {
			return wrong(n, "%v", err)
		}
	}
	switch name {
	case worldKey:
		if err := b.decode(n, reflect.ValueOf(&b.saved.World).Elem(), name); err != nil {
			return err
		}
		at := clock.System().Add(b.saved.World.Clock.Offset)
		if b.saved.World.Clock.Frozen {
			at = b.saved.World.Clock.At
		}
		if err := clock.Reach(at); err != nil {
			return wrong(n, "world.clock: %v", err)
		}
		return nil
	case switchesKey:
		var v state.Switches
		if err := b.decode(n, reflect.ValueOf(&v).Elem(), name); err != nil {
			return err
		}
		b.tx.SetSwitches(v)
		return nil
	case stampsKey:
		var v state.Stamps
		if err := b.decode(n, reflect.ValueOf(&v).Elem(), name); err != nil {
			return err
		}
		b.tx.SetStamps(v)
		return nil
	}
	return b.addRow(name, n)
}

func (b *builder) addRow(name string, n *node) error {
	var names []string
	for _, t := range b.tx.Tables() {
		if names = append(names, t.Name()); t.Name() != name {
			continue
		}
		v := reflect.New(t.Row()).Elem()
		if err := b.decode(n, v, name); err != nil {
			return err
		}
		row := v.Interface()
		key := t.KeyOf(row)
		if t.Has(key) {
			return wrong(n, "this is in %s already: remove one of the two", name)
		}
		t.PutRow(row)
		if b.row != nil {
			b.row(name, key, row)
		}
		return nil
	}
	return wrong(n, "there is no table %q: the tables are %s", name, strings.Join(names, ", "))
}
