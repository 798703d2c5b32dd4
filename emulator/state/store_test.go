package state

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
)

func group(name string) ResourceGroup {
	return ResourceGroup{SubscriptionID: "s", Name: name, Location: "westus", Tags: map[string]string{"a": "b"}}
}

func put(t testing.TB, s *Store, names ...string) {
	t.Helper()
	err := s.Update(func(tx *Tx) error {
		for _, n := range names {
			tx.ResourceGroups.Put(group(n))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func names(s *Store) (out []string) {
	s.View(func(tx *Tx) {
		for g := range tx.ResourceGroups.All() {
			out = append(out, g.Name)
		}
	})
	return out
}

func TestAnErrorOrAPanicCommitsNothing(t *testing.T) {
	s := New()
	put(t, s, "one")
	boom := errors.New("boom")
	err := s.Update(func(tx *Tx) error {
		tx.ResourceGroups.Put(group("two"))
		tx.ResourceGroups.Delete(GroupKey("s", "one"))
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = s.Update(func(tx *Tx) error {
			tx.ResourceGroups.Put(group("three"))
			panic("boom")
		})
	}()
	if got := names(s); !slices.Equal(got, []string{"one"}) {
		t.Fatal(got)
	}
	put(t, s, "four") // the lock was released
}

func TestAReaderSeesOneVersion(t *testing.T) {
	s := New()
	put(t, s, "one")
	s.View(func(tx *Tx) {
		put(t, s, "two")
		if tx.ResourceGroups.Len() != 1 {
			t.Fatal("the view moved")
		}
	})
	if got := names(s); len(got) != 2 {
		t.Fatal(got)
	}
}

func TestNoPointerEscapes(t *testing.T) {
	s := New()
	mine := group("one")
	if err := s.Update(func(tx *Tx) error { tx.ResourceGroups.Put(mine); return nil }); err != nil {
		t.Fatal(err)
	}
	mine.Tags["a"] = "changed by the giver"
	check := func() {
		s.View(func(tx *Tx) {
			g, _ := tx.ResourceGroups.Get(GroupKey("S", "ONE"))
			if g.Tags["a"] != "b" {
				t.Fatalf("stored value changed: %v", g.Tags)
			}
			g.Tags["a"] = "changed by the reader"
		})
	}
	check()
	check()
}

func TestAViewIsReadOnly(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Fatal("a write in a View must panic")
		}
	}()
	New().View(func(tx *Tx) { tx.ResourceGroups.Put(group("x")) })
}

func TestForkAndSnapshotAreIndependent(t *testing.T) {
	s := New()
	put(t, s, "one")
	snap, fork := s.Snapshot(), s.Fork()
	put(t, s, "two")
	put(t, fork, "three")
	if got := names(fork); !slices.Equal(got, []string{"one", "three"}) {
		t.Fatal(got)
	}
	if err := s.Restore(snap); err != nil {
		t.Fatal(err)
	}
	if got := names(s); !slices.Equal(got, []string{"one"}) {
		t.Fatal(got)
	}
	put(t, s, "four")
	if err := fork.Restore(snap); err != nil {
		t.Fatal(err)
	}
	if got := names(fork); !slices.Equal(got, []string{"one"}) {
		t.Fatal("writes after a restore reached the snapshot:", got)
	}
}

func TestCommitsAreNumberedAndListed(t *testing.T) {
	s := New()
	var seen []string
	s.OnCommit(func(c Commit) {
		for _, ch := range c.Changes {
			seen = append(seen, fmt.Sprintf("%d %s %s %v %v", c.Number, ch.Table, ch.Key, ch.Deleted, ch.Value() == nil))
		}
	})
	put(t, s, "One")
	_ = s.Update(func(*Tx) error { return nil }) // nothing done, nothing committed
	_ = s.Update(func(tx *Tx) error { tx.ResourceGroups.Delete(GroupKey("s", "one")); return nil })
	want := []string{"1 resourceGroups s/one false false", "2 resourceGroups s/one true true"}
	if !slices.Equal(seen, want) {
		t.Fatal(seen)
	}
}

func TestIndexesFollow(t *testing.T) {
	s := New()
	of := func(p string) (out []string) {
		s.View(func(tx *Tx) {
			for a := range tx.RoleAssignmentsOf(p) {
				out = append(out, a.ID)
			}
		})
		return out
	}
	_ = s.Update(func(tx *Tx) error {
		tx.Assignments.Put(RoleAssignment{ID: "a1", PrincipalID: "p1"})
		tx.Assignments.Put(RoleAssignment{ID: "a2", PrincipalID: "p1"})
		tx.Assignments.Put(RoleAssignment{ID: "a3", PrincipalID: "p10"})
		return nil
	})
	if got := of("P1"); !slices.Equal(got, []string{"a1", "a2"}) {
		t.Fatal(got)
	}
	_ = s.Update(func(tx *Tx) error {
		tx.Assignments.Put(RoleAssignment{ID: "a1", PrincipalID: "p2"})
		tx.Assignments.Delete("a2")
		return nil
	})
	if got := of("p1"); got != nil {
		t.Fatal(got)
	}
	if got := of("p2"); !slices.Equal(got, []string{"a1"}) {
		t.Fatal(got)
	}
}

func TestGroupsAreTransitive(t *testing.T) {
	s := New()
	_ = s.Update(func(tx *Tx) error {
		tx.DirectoryGroups.Put(DirectoryGroup{ID: "outer", Members: []string{"middle"}})
		tx.DirectoryGroups.Put(DirectoryGroup{ID: "middle", Members: []string{"INNER"}})
		tx.DirectoryGroups.Put(DirectoryGroup{ID: "inner", Members: []string{"me", "outer"}}) // a cycle
		tx.DirectoryGroups.Put(DirectoryGroup{ID: "other", Members: []string{"you"}})
		return nil
	})
	s.View(func(tx *Tx) {
		got := tx.GroupsOf("ME")
		slices.Sort(got)
		if !slices.Equal(got, []string{"inner", "middle", "outer"}) {
			t.Fatal(got)
		}
	})
}

func TestReadersWritersAndForksTogether(t *testing.T) {
	s := New()
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 200 {
				put(t, s, fmt.Sprintf("g%d-%d", w, i))
				_ = names(s)
			}
		})
	}
	for range 4 {
		wg.Go(func() {
			for i := range 50 {
				f := s.Fork()
				put(t, f, fmt.Sprintf("fork%d", i))
				snap := s.Snapshot()
				if err := f.Restore(snap); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(names(s)); got != 800 {
		t.Fatalf("%d groups, want 800", got)
	}
}

func BenchmarkPut(b *testing.B) {
	s := New()
	b.ReportAllocs()
	for i := range b.N {
		put(b, s, fmt.Sprintf("g%09d", i))
	}
}

func BenchmarkFork(b *testing.B) {
	s := New()
	for i := range 100_000 {
		put(b, s, fmt.Sprintf("g%09d", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		s.Fork()
	}
}

func BenchmarkView(b *testing.B) {
	s := New()
	put(b, s, "one")
	b.ReportAllocs()
	for b.Loop() {
		s.View(func(tx *Tx) { _, _ = tx.ResourceGroups.Get("s/one") })
	}
}
