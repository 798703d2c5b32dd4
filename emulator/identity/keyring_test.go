package identity

import (
	"errors"
	"testing"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/ids"
)

func shared(t testing.TB, c *cloud.Cloud) *Tokens {
	t.Helper()
	s, err := NewShared(c, ids.New(ids.NamedSeed("test")), testKeys(t)...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Worlds with the same key, seed and names know their own tokens from each other's.
func TestWorldsTellTheirTokensApart(t *testing.T) {
	one, other, china := shared(t, cloud.Public()), shared(t, cloud.Public()), shared(t, cloud.China())
	token := issue(t, one, request()).Raw
	beside, err := NewNeighbour(cloud.Public(), ids.New(ids.NamedSeed("test")), testKeys(t)...)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		in   *Tokens
		want Failure
	}{
		"the world itself": {one, Verified},
		"another world":    {other, OtherWorld},
		"another cloud":    {china, OtherWorld},
		"a world alone":    {tokens(t, cloud.Public()), Unverifiable},
		"a neighbour":      {beside, OtherWorld},
	} {
		for _, again := range []string{"", ", again"} {
			if caller, got, _ := row.in.Verify(token, now); got != row.want || caller.IsZero() == (got == Verified) {
				t.Errorf("%s%s: %q", name, again, got)
			}
		}
	}
	if _, got, _ := one.Verify(token+"A", now); got != Unverifiable {
		t.Errorf("a signature of nobody's: %q", got)
	}
	if a, b := one.Keys()[0].KID, other.Keys()[0].KID; a == b || len(a) != 27 {
		t.Errorf("key ids %q and %q", a, b)
	}
}

// A machine's token for the exchange is taken by the worlds of its process, where a client
// library keeps it, and by no neighbour nor one of other keys.
func TestExchangedBetweenWorlds(t *testing.T) {
	r := request()
	r.Resource = cloud.Public().Entra.TokenExchangeAudience
	one := shared(t, cloud.Public())
	a, err := ParseAssertion(issue(t, one, r).Raw)
	if err != nil {
		t.Fatal(err)
	}
	beside, err := NewNeighbour(cloud.Public(), ids.New(ids.NamedSeed("test")), testKeys(t)...)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		in   *Tokens
		want error
	}{
		"the world itself": {one, nil},
		"another world":    {shared(t, cloud.Public()), nil},
		"a neighbour":      {beside, ErrAssertionKey},
		"a world alone":    {tokens(t, cloud.Public()), ErrAssertionKey},
	} {
		if got := row.in.VerifyExchanged(a); !errors.Is(got, row.want) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A world that begins from another accepts what was issued until then, and no more.
func TestTokensFromBeforeAFork(t *testing.T) {
	parent, fork := shared(t, cloud.Public()), shared(t, cloud.Public())
	before := issue(t, parent, request()).Raw
	fork.Restore(parent.Snapshot())
	after, own := issue(t, parent, request()).Raw, issue(t, fork, request()).Raw
	for name, row := range map[string]struct {
		in   *Tokens
		raw  string
		want Failure
	}{
		"before, in the parent":     {parent, before, Verified},
		"before, in the fork":       {fork, before, Verified},
		"after, in the parent":      {parent, after, Verified},
		"after, in the fork":        {fork, after, OtherWorld},
		"the fork's, in itself":     {fork, own, Verified},
		"the fork's, in the parent": {parent, own, OtherWorld},
	} {
		if _, got, _ := row.in.Verify(row.raw, now); got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
	grandchild := shared(t, cloud.Public())
	grandchild.Restore(fork.Snapshot())
	for name, raw := range map[string]string{"of the parent": before, "of the fork": own} {
		if _, got, _ := grandchild.Verify(raw, now); got != Verified {
			t.Errorf("in the fork's fork, a token %s: %q", name, got)
		}
	}
}

// Snapshots without tokens between them leave no keys behind.
func TestSnapshotsDoNotPileUpKeys(t *testing.T) {
	s := shared(t, cloud.Public())
	before := len(s.Keys())
	issue(t, s, request())
	for range 100 {
		s.Restore(s.Snapshot())
	}
	if got := len(s.Keys()); got != before+1 {
		t.Errorf("%d keys are published, %d before", got, before)
	}
	published := map[string]bool{}
	for _, k := range s.Keys() {
		if published[k.KID] {
			t.Errorf("%s is published twice", k.KID)
		}
		published[k.KID] = true
	}
}
