package ids

import (
	"regexp"
	"sync"
	"testing"
)

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestTheSameSeedGivesTheSameSequence(t *testing.T) {
	a, b := New(NamedSeed("x")), New(NamedSeed("x"))
	for range 10 {
		if x, y := a.GUID(), b.GUID(); x != y || !guid.MatchString(x) {
			t.Fatalf("%s %s", x, y)
		}
	}
	if New(NamedSeed("y")).GUID() == New(NamedSeed("x")).GUID() {
		t.Fatal("two seeds, one id")
	}
	at := a.Position()
	want := []string{a.Token(16), a.Hex(8)}
	a.Restore(at)
	if got := []string{a.Token(16), a.Hex(8)}; got[0] != want[0] || got[1] != want[1] {
		t.Fatalf("after restore %v, want %v", got, want)
	}
	if len(a.Bytes(64)) != 64 || len(a.Bytes(0)) != 0 || string(NamedBytes("A", "b")) != string(NamedBytes("a", "B")) || len(NamedBytes()) != 64 {
		t.Fatal("bytes")
	}
	if len(a.Token(99)) != 43 || len(a.Hex(8)) != 16 {
		t.Fatal("lengths")
	}
}

func TestNoIdIsGivenTwice(t *testing.T) {
	s := New(RandomSeed())
	var seen sync.Map
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				if _, twice := seen.LoadOrStore(s.GUID(), true); twice {
					t.Error("given twice")
					return
				}
			}
		})
	}
	wg.Wait()
}

// The vector is RFC 9562 appendix A.4: DNS namespace, name www.example.com.
func TestNamedIsVersion5(t *testing.T) {
	const dns = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	if got := Named(dns, "www.example.com"); got != "2ed6657d-e927-568b-95e1-2665a8aea6a2" {
		t.Fatal(got)
	}
	if Named(dns, "A", "b") != Named(dns, "a", "B") {
		t.Fatal("case must not matter")
	}
	if Named("x", "a") == Named("y", "a") || !guid.MatchString(Named("x", "a")) {
		t.Fatal("namespaces that are names")
	}
}

func TestIsGUID(t *testing.T) {
	for s, want := range map[string]bool{
		"aaaabbbb-0000-cccc-1111-dddd2222eeee":  true,
		"AAAABBBB-0000-CCCC-1111-DDDD2222EEEE":  true,
		"":                                      false,
		"aaaabbbb-0000-cccc-1111-dddd2222eee":   false,
		"aaaabbbb-0000-cccc-1111-dddd2222eeeg":  false,
		"aaaabbbb00000-cccc-1111-dddd2222eeee":  false,
		"{aaaabbbb-0000-cccc-1111-dddd2222eee}": false,
	} {
		if IsGUID(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}

// A source goes on where another of the same seed has stopped.
func TestResume(t *testing.T) {
	a, b := New(NamedSeed("a")), New(NamedSeed("b"))
	a.GUID()
	b.GUID()
	b.Resume(a.Seed(), a.Position())
	if b.Seed() != a.Seed() || b.Position() != 1 || a.GUID() != b.GUID() {
		t.Error("the series differ")
	}
}
