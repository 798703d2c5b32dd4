package persist

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/state"
)

// filler gives every field of a value something that is in no other.
type filler struct{ n int }

func (f *filler) fill(t testing.TB, v reflect.Value) {
	t.Helper()
	f.n++
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 11, 28, 1, 2, 3, f.n*100, time.UTC)))
		return
	case time.Duration:
		v.SetInt(int64(f.n) * 1_000_000_001)
		return
	case []byte:
		v.SetBytes(fmt.Appendf(nil, "bytes %d \x00\xff", f.n))
		return
	case state.Content:
		v.Set(reflect.ValueOf(state.NewContent(fmt.Appendf(nil, "chunk %d", f.n), []byte("shared"))))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d: é\n\"'# \\ \u2028 \x01 yes ", f.n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.n))
	case reflect.Uint64:
		v.SetUint(1<<63 + uint64(f.n))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(t, v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		f.fill(t, v.Index(0))
		f.fill(t, v.Index(1))
	case reflect.Array:
		for i := range v.Len() {
			f.fill(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]string{"b: ": fmt.Sprint(f.n), "": "empty", "true": ""}))
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(t, v.Field(i))
		}
	default:
		t.Fatalf("no value of the type %v is known here: add one, and its form to package persist", v.Type())
	}
}

// fullWorld is a world in which every field of every table is set, and one row of each
// table has nothing but zero values and empty ones.
func fullWorld(t testing.TB) (World, *state.Store) {
	t.Helper()
	f := &filler{}
	var w World
	f.fill(t, reflect.ValueOf(&w).Elem())
	w.Cloud = "public"
	s := state.New()
	err := s.Update(func(tx *state.Tx) error {
		for _, table := range tx.Tables() {
			for range 2 {
				row := reflect.New(table.Row()).Elem()
				f.fill(t, row)
				table.PutRow(row.Interface())
			}
			table.PutRow(emptied(table.Row()).Interface())
		}
		var switches state.Switches
		f.fill(t, reflect.ValueOf(&switches).Elem())
		tx.SetSwitches(switches)
		var stamps state.Stamps
		f.fill(t, reflect.ValueOf(&stamps).Elem())
		tx.SetStamps(stamps)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w, s
}

// emptied is a row with a key in which what can be there and empty is so.
func emptied(row reflect.Type) reflect.Value {
	v := reflect.New(row).Elem()
	named := false
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.String:
			if !named {
				f.SetString("\xff not UTF-8")
				named = true
			}
		case reflect.Map:
			f.Set(reflect.MakeMap(f.Type()))
		case reflect.Slice:
			f.Set(reflect.MakeSlice(f.Type(), 0, 0))
		case reflect.Pointer:
			f.Set(reflect.New(f.Type().Elem()))
		}
	}
	return v
}

// rowsOf is all that a state holds, by table and key.
func rowsOf(s *state.Store) map[string]any {
	all := map[string]any{}
	s.View(func(tx *state.Tx) {
		for _, table := range tx.Tables() {
			for key, row := range table.Rows() {
				all[table.Name()+" "+key] = row
			}
		}
		all["switches"], all["stamps"] = tx.Switches(), tx.Stamps()
	})
	return all
}

func compareWorlds(t *testing.T, wantWorld World, want *state.Store, got *Saved) {
	t.Helper()
	if !reflect.DeepEqual(wantWorld, got.World) {
		t.Errorf("the world is\n%#v, want\n%#v", got.World, wantWorld)
	}
	a, b := rowsOf(want), rowsOf(got.State)
	for key, row := range a {
		if !reflect.DeepEqual(row, b[key]) {
			t.Errorf("%s is\n%#v, want\n%#v", key, b[key], row)
		}
	}
	if len(a) != len(b) {
		t.Errorf("%d rows, want %d", len(b), len(a))
	}
}

// What a world has comes back, whichever table or field it is in: one that package persist
// does not know fails here.
func TestEverythingComesBack(t *testing.T) {
	w, s := fullWorld(t)
	t.Run("folder", func(t *testing.T) {
		dir := t.TempDir()
		save(t, dir, w, s)
		got, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		compareWorlds(t, w, s, got)
	})
	t.Run("data folder", func(t *testing.T) {
		dir := t.TempDir()
		e := openEngine(t, dir)
		e.Begin(func() World { return w })
		if err := s.Fork().KeepBy(e, true); err != nil {
			t.Fatal(err)
		}
		closeEngine(t, e)
		compareWorlds(t, w, s, reload(t, dir))
	})
}

// Instants are UTC once they were kept, whatever zone they came in.
func TestInstantsComeBackInUTC(t *testing.T) {
	at := time.Date(2026, 11, 28, 3, 0, 0, 1, time.FixedZone("", 7200))
	w := World{Name: "w", Cloud: "public", Clock: clock.Position{At: at, Frozen: true}}
	dir := t.TempDir()
	save(t, dir, w, state.New())
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if at := got.World.Clock.At; at.Location() != time.UTC || !at.Equal(w.Clock.At) {
		t.Errorf("%v, want %v", at, w.Clock.At.UTC())
	}
}

func save(t testing.TB, dir string, w World, s *state.Store) {
	t.Helper()
	var err error
	s.View(func(tx *state.Tx) { err = Save(dir, w, tx) })
	if err != nil {
		t.Fatal(err)
	}
}

func openEngine(t testing.TB, dir string) *Engine {
	t.Helper()
	e, err := OpenEngine(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.db.Close() }) // again, where the test has
	return e
}

func closeEngine(t testing.TB, e *Engine) {
	t.Helper()
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
}

// reload opens a data folder only to read it.
func reload(t testing.TB, dir string) *Saved {
	t.Helper()
	e := openEngine(t, dir)
	defer closeEngine(t, e)
	got, err := e.Load()
	if err != nil {
		t.Fatal(err)
	}
	if got == nil {
		t.Fatal("the data folder is empty")
	}
	return got
}
