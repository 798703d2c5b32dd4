package journal

import (
	"fmt"
	"slices"
	"testing"
)

func seqs(es []Entry) (out []string) {
	for _, e := range es {
		out = append(out, fmt.Sprintf("%d%s", e.Seq, e.Operation))
	}
	return out
}

func TestTheNewestEntriesAreKept(t *testing.T) {
	j := New(3)
	if got := j.Entries(0); len(got) != 0 {
		t.Fatal(got)
	}
	var told []Entry
	stop := j.Follow(func(e Entry) { told = append(told, e) })
	for _, op := range []string{"a", "b", "c", "d", "e"} {
		j.Add(Entry{Operation: op})
		if op == "d" {
			stop()
		}
	}
	for after, want := range map[uint64][]string{
		0: {"3c", "4d", "5e"}, 3: {"4d", "5e"}, 5: {}, 99: {},
	} {
		if got := seqs(j.Entries(after)); !slices.Equal(got, want) {
			t.Errorf("after %d: %v, want %v", after, got, want)
		}
	}
	if got := seqs(told); !slices.Equal(got, []string{"1a", "2b", "3c", "4d"}) {
		t.Fatal(got)
	}
}
