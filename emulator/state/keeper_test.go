package state

import (
	"errors"
	"fmt"
	"slices"
	"testing"
)

// notes is a keeper that writes down what it is told, and refuses when it is told to.
type notes struct {
	store   *Store
	seen    []string
	held    int
	refuse  error
	visible []string // what readers saw while Keep ran
}

func (n *notes) Hold(Content) (func(), error) {
	if n.refuse != nil {
		return nil, n.refuse
	}
	n.held++
	return func() { n.held-- }, nil
}

func (n *notes) Keep(c Commit) error {
	n.visible = names(n.store)
	if n.refuse != nil {
		return n.refuse
	}
	for _, ch := range c.Changes {
		n.seen = append(n.seen, fmt.Sprintf("%d %s %s %v", c.Number, ch.Table, ch.Key, ch.Deleted))
	}
	return nil
}

func keptBy(t *testing.T, s *Store) *notes {
	t.Helper()
	n := &notes{store: s}
	if err := s.KeepBy(n, true); err != nil {
		t.Fatal(err)
	}
	return n
}

// A commit is seen once it is kept, by readers and by followers; one that is not kept did
// not happen.
func TestAKeeperComesFirst(t *testing.T) {
	s := New()
	followed := 0
	s.OnCommit(func(Commit) { followed++ })
	put(t, s, "one")
	n := keptBy(t, s)
	if want := []string{"1 resourceGroups s/one false"}; !slices.Equal(n.seen, want) {
		t.Errorf("given first: %q, want %q", n.seen, want)
	}
	put(t, s, "two")
	if !slices.Equal(n.visible, []string{"one"}) {
		t.Errorf("seen before it was kept: %v", n.visible)
	}
	full := errors.New("full")
	n.refuse = full
	err := s.Update(func(tx *Tx) error { tx.ResourceGroups.Put(group("three")); return nil })
	var lost *NotKeptError
	if !errors.As(err, &lost) || !errors.Is(err, full) {
		t.Errorf("%T %v", err, err)
	}
	if got := names(s); !slices.Equal(got, []string{"one", "two"}) || followed != 2 {
		t.Errorf("not kept, but there: %v, %d commits followed", got, followed)
	}
	n.refuse = nil
	put(t, s, "four")
	if got := n.seen[len(n.seen)-1]; got != "3 resourceGroups s/four false" || followed != 3 {
		t.Errorf("the next commit is %q: numbers have no gaps", got)
	}
}

func TestAKeeperThatCannotBegin(t *testing.T) {
	s := New()
	put(t, s, "one")
	n := &notes{store: s, refuse: errors.New("full")}
	if err := s.KeepBy(n, true); !errors.Is(err, n.refuse) {
		t.Error(err)
	}
	put(t, s, "two") // goes on without
}

func TestHold(t *testing.T) {
	s := New()
	content := NewContent([]byte("a"))
	release, err := s.Hold(content)
	if err != nil {
		t.Fatal(err)
	}
	release()
	n := keptBy(t, s)
	if release, err = s.Hold(content); err != nil || n.held != 1 {
		t.Fatal(err, n.held)
	}
	if release(); n.held != 0 {
		t.Error("still held")
	}
	n.refuse = errors.New("full")
	if _, err := s.Hold(content); !errors.As(err, new(*NotKeptError)) {
		t.Error(err)
	}
	if _, err := s.Hold(Content{}); err != nil {
		t.Errorf("no content needs no place: %v", err)
	}
}

// A restore is a commit of what differs, and of nothing else.
func TestRestoreTellsWhatDiffers(t *testing.T) {
	s := New()
	put(t, s, "same", "changed", "deleted")
	n := keptBy(t, s)
	snap := s.Snapshot()
	put(t, s, "changed", "new")
	if err := s.Update(func(tx *Tx) error {
		tx.ResourceGroups.Delete(GroupKey("s", "deleted"))
		tx.SetSwitches(Switches{TokenLife: 1})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	n.seen = nil
	var followed []Change
	s.OnCommit(func(c Commit) { followed = c.Changes })
	n.refuse = errors.New("full")
	if err := s.Restore(snap); !errors.Is(err, n.refuse) || !slices.Contains(names(s), "new") || followed != nil {
		t.Errorf("a restore that was not kept: %v, %v", err, names(s))
	}
	n.refuse = nil
	if err := s.Restore(snap); err != nil {
		t.Fatal(err)
	}
	want := []string{"4 resourceGroups s/new true", "4 resourceGroups s/changed false", "4 resourceGroups s/deleted false", "4 switches  false"}
	if !slices.Equal(n.seen, want) || len(followed) != len(want) {
		t.Errorf("%q, want %q; followers saw %d", n.seen, want, len(followed))
	}
	if got := names(s); !slices.Equal(got, []string{"changed", "deleted", "same"}) {
		t.Error(got)
	}
}

// What is put in place with a restore is there when it is kept, and no commit comes between.
func TestRestoreWith(t *testing.T) {
	s := New()
	put(t, s, "one")
	snap := s.Snapshot()
	n := keptBy(t, s)
	n.seen = nil
	if err := s.RestoreWith(snap, func() { n.seen = append(n.seen, "placed") }); err != nil {
		t.Fatal(err)
	}
	put(t, s, "two")
	if want := []string{"placed", "3 resourceGroups s/two false"}; !slices.Equal(n.seen, want) {
		t.Errorf("%q, want %q", n.seen, want)
	}
}

// A fork is nobody's to keep.
func TestAForkIsNotKept(t *testing.T) {
	s := New()
	n := keptBy(t, s)
	put(t, s.Fork(), "one")
	if len(n.seen) != 0 {
		t.Error(n.seen)
	}
}

func TestAnyTable(t *testing.T) {
	s := New()
	put(t, s, "one", "two")
	s.View(func(tx *Tx) {
		seen := map[string]int{}
		for _, table := range tx.Tables() {
			for key, row := range table.Rows() {
				if table.KeyOf(row) != key || !table.Has(key) {
					t.Errorf("%s: %s", table.Name(), key)
				}
				seen[table.Name()]++
			}
		}
		if seen["resourceGroups"] != 2 || len(seen) != 1 {
			t.Error(seen)
		}
	})
}
