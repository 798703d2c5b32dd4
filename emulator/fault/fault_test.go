package fault

import (
	"slices"
	"testing"
	"time"
)

// strikes are the statuses of n requests, zero where no rule acted.
func strikes(s *Set, p Point, n int) (out []int) {
	for range n {
		r, _ := s.Strike(p)
		out = append(out, r.Effect.Status)
	}
	return out
}

func TestRulesMatchCountAndEnd(t *testing.T) {
	token := Point{Plane: "imds", Operation: "Identity_GetToken", Machine: "/x/vm1", MachineName: "vm1"}
	for name, row := range map[string]struct {
		rule Rule
		at   Point
		want []int
	}{
		"always":         {Rule{Match: Match{Plane: "imds"}, Effect: Effect{Status: 500}}, token, []int{500, 500, 500}},
		"twice":          {Rule{Match: Match{Plane: "imds"}, Times: 2, Effect: Effect{Status: 429}}, token, []int{429, 429, 0}},
		"the second":     {Rule{Match: Match{Operation: "GetToken", Nth: 2}, Effect: Effect{Status: 410}}, token, []int{0, 410, 0}},
		"other plane":    {Rule{Match: Match{Plane: "arm"}, Effect: Effect{Status: 500}}, token, []int{0, 0}},
		"by name":        {Rule{Match: Match{Machine: "vm1"}, Effect: Effect{Status: 500}}, token, []int{500}},
		"other machine":  {Rule{Match: Match{Machine: "vm2"}, Effect: Effect{Status: 500}}, token, []int{0}},
		"another caller": {Rule{Match: Match{Identity: "p"}, Effect: Effect{Status: 500}}, token, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			var s Set
			s.Add(row.rule)
			if got := strikes(&s, row.at, len(row.want)); !slices.Equal(got, row.want) {
				t.Fatalf("%v, want %v", got, row.want)
			}
		})
	}
}

func TestSameOperation(t *testing.T) {
	for _, row := range []struct {
		asked, name string
		want        bool
	}{
		{"GetToken", "Identity_GetToken", true},
		{"identity_gettoken", "Identity_GetToken", true},
		{"gettoken", "GetToken", true},
		{"Token", "Identity_GetToken", false},
		{"Identity", "Identity_GetToken", false},
		{"Token", "TokenV2", false},
		{"Get", "ResourceGroups_Get", true},
		{"GetToken", "", false},
	} {
		if got := SameOperation(row.asked, row.name); got != row.want {
			t.Errorf("%s for %s: %v", row.asked, row.name, got)
		}
	}
}

func TestCovers(t *testing.T) {
	const object, client = "aaaabbbb-0000-cccc-1111-dddd2222eeee", "00001111-aaaa-2222-bbbb-3333cccc4444"
	vm := Point{Plane: "arm", MachineName: "vm1", Machine: "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm1"}
	who := Point{ObjectID: object, ClientID: client}
	arm := Point{Plane: "arm", Resource: "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/a/listKeys"}
	blob := Point{Plane: "blob", Resource: "acct/files/dir/a.txt"}
	secret := Point{Plane: "vault", Resource: "kv.vault.azure.net/MySecret", Alias: "kv/MySecret"}
	imds := Point{Plane: "imds", Resource: "https://vault.azure.net"}
	for _, row := range []struct {
		match Match
		at    Point
		want  bool
	}{
		{Match{}, Point{}, true},
		{Match{Plane: "ARM"}, arm, true},
		{Match{Machine: "VM1"}, vm, true},
		{Match{Machine: "/Subscriptions/S/resourcegroups/RG1/providers/microsoft.compute/virtualmachines/VM1/"}, vm, true},
		{Match{Machine: "/subscriptions/s/resourceGroups/rg1"}, vm, false},
		{Match{Identity: "AAAABBBB-0000-cccc-1111-dddd2222eeee"}, who, true},
		{Match{Identity: client}, who, true},
		{Match{Identity: client}, Point{}, false},
		{Match{Resource: "/subscriptions/S/resourcegroups/RG1"}, arm, true},
		{Match{Resource: "/subscriptions/s/resourceGroups/rg"}, arm, false},
		{Match{Resource: "/subscriptions/s/resourceGroups/rg1/providers/Microsoft.Storage/storageAccounts/a/listKeys/x"}, arm, false},
		{Match{Resource: "Acct"}, blob, true},
		{Match{Resource: "/acct/files/"}, blob, true},
		{Match{Resource: "acct/files/dir"}, blob, true},
		{Match{Resource: "acct/files/dir/a.txt"}, blob, true},
		{Match{Resource: "acct/files/dir/a"}, blob, false},
		{Match{Resource: "acct/files/dir/A.txt"}, blob, false},
		{Match{Resource: "acc"}, blob, false},
		{Match{Resource: "KV.vault.azure.net"}, secret, true},
		{Match{Resource: "kv/mysecret"}, secret, true},
		{Match{Resource: "kv/my"}, secret, false},
		{Match{Resource: "HTTPS://vault.azure.net/"}, imds, true},
		{Match{Resource: "https://vault.azure"}, imds, false},
		{Match{Resource: "https://vault.azure.net"}, Point{Plane: "imds"}, false},
	} {
		if got := row.match.covers(&row.at); got != row.want {
			t.Errorf("%+v at %+v: %v", row.match, row.at, got)
		}
	}
}

func TestASpentRuleLetsTheNextAct(t *testing.T) {
	var s Set
	first := s.Add(Rule{Times: 1, Effect: Effect{Status: 1}})
	s.Add(Rule{Effect: Effect{Status: 2}})
	if got := strikes(&s, Point{}, 3); !slices.Equal(got, []int{1, 2, 2}) {
		t.Fatal(got)
	}
	kept := s.Rules()
	if kept[0].ID != first.ID || kept[0].Seen != 3 || kept[0].Acted != 1 || !kept[0].Spent || kept[1].Spent {
		t.Fatalf("%+v", kept)
	}
	if r, ok := s.Rule("2"); !ok || r.Seen != 2 || r.Acted != 2 {
		t.Fatalf("%+v", r)
	}
	if !s.Remove(first.ID) || s.Remove(first.ID) || len(s.Rules()) != 1 {
		t.Fatal("remove")
	}
	s.Clear()
	if _, hit := s.Strike(Point{}); hit || !s.Empty() {
		t.Fatal("cleared rules act")
	}
	if again := s.Add(Rule{}); again.ID != "3" {
		t.Fatalf("cleared rules give their ids away: %s", again.ID)
	}
	s.Restore(kept)
	if got := strikes(&s, Point{}, 1); got[0] != 2 || s.Empty() {
		t.Fatal("counts come back with a restore:", got)
	}
	if added := s.Add(Rule{}); added.ID != "3" {
		t.Fatalf("an id is there twice: %s", added.ID)
	}
}

// world is a host with a clock and a seed.
type world struct {
	now   time.Time
	seed  string
	state int
}

func (w *world) host() Host {
	return Host{Now: func() time.Time { return w.now }, Seed: func() string { return w.seed }, Keep: func() any { return w.state }}
}

func TestRulesEndByTheClock(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	for name, row := range map[string]Rule{
		"for":   {For: time.Minute, Effect: Effect{Status: 410}},
		"until": {Until: noon.Add(time.Minute), Effect: Effect{Status: 410}},
	} {
		t.Run(name, func(t *testing.T) {
			var s Set
			w := &world{now: noon}
			s.Attach(w.host())
			if r := s.Add(row); !r.Added.Equal(noon) {
				t.Fatalf("added %v", r.Added)
			}
			at := func(d time.Duration, status int, spent bool) {
				t.Helper()
				w.now = noon.Add(d)
				if got := strikes(&s, Point{Now: w.now}, 1)[0]; got != status || s.Rules()[0].Spent != spent {
					t.Errorf("after %s: %d, spent %v", d, got, s.Rules()[0].Spent)
				}
			}
			at(0, 410, false)
			at(time.Minute-1, 410, false)
			at(time.Minute, 0, true)
			at(time.Second, 410, false) // the clock was turned back
			if r := s.Rules()[0]; r.Seen != 3 || r.Acted != 3 {
				t.Errorf("%+v", r)
			}
		})
	}
}

// Without a clock to ask, For counts from the first request.
func TestASetWithoutAHost(t *testing.T) {
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	var s Set
	s.Add(Rule{For: time.Minute, Effect: Effect{Status: 410}})
	for d, want := range []int{410, 0} {
		if got := strikes(&s, Point{Now: noon.Add(time.Duration(d) * time.Minute)}, 1)[0]; got != want {
			t.Errorf("after %d minutes: %d", d, got)
		}
	}
}

func TestAShareIsTheSameEachTime(t *testing.T) {
	pattern := func(seed string, rule Rule) (Rule, []int) {
		var s Set
		s.Attach((&world{seed: seed}).host())
		added := s.Add(rule)
		return added, strikes(&s, Point{}, 1000)
	}
	rule := Rule{Match: Match{Share: 0.3}, Effect: Effect{Status: 503}}
	first, got := pattern("w", rule)
	if _, again := pattern("w", rule); !slices.Equal(got, again) {
		t.Error("the same world does otherwise")
	}
	if _, other := pattern("v", rule); slices.Equal(got, other) {
		t.Error("another seed does the same")
	}
	if _, listed := pattern("another world", first); first.Match.Seed == "" || !slices.Equal(got, listed) {
		t.Error("a rule as it is listed does otherwise")
	}
	hits := 1000 - len(slices.DeleteFunc(slices.Clone(got), func(n int) bool { return n != 0 }))
	if hits < 250 || hits > 350 {
		t.Errorf("%d of 1000", hits)
	}
	for share, want := range map[float64]int{1: 1000, 0.001: 1} {
		rule.Match.Share = share
		_, all := pattern("w", rule)
		if n := len(slices.DeleteFunc(all, func(n int) bool { return n == 0 })); n < want || n > 10*want {
			t.Errorf("share %v: %d of 1000", share, n)
		}
	}
}

// A snapshot in the middle, restored into another set, goes on alike, and so does what is
// added after it.
func TestRestoredRulesGoOnAlike(t *testing.T) {
	attached := func() *Set {
		s := &Set{}
		s.Attach((&world{seed: "w"}).host())
		return s
	}
	s := attached()
	s.Add(Rule{Match: Match{Share: 0.5}, Effect: Effect{Status: 503}})
	strikes(s, Point{}, 17)
	kept := s.Rules()
	goOn := func(s *Set) []int {
		out := strikes(s, Point{}, 50)
		s.Add(Rule{Match: Match{Share: 0.5}, Effect: Effect{Status: 429}})
		return append(out, strikes(s, Point{}, 50)...)
	}
	want := goOn(s)
	fork := attached()
	fork.Restore(kept)
	if got := goOn(fork); !slices.Equal(got, want) {
		t.Errorf("a fork: %v\nwant %v", got, want)
	}
	s.Restore(kept)
	if got := goOn(s); !slices.Equal(got, want) {
		t.Errorf("restored: %v\nwant %v", got, want)
	}
}

func TestSomeEffectsLeaveRequestsAlone(t *testing.T) {
	for name, row := range map[string]struct {
		effect Effect
		takes  Point
	}{
		"stale":        {Effect{Stale: true}, Point{Read: true}},
		"rolesPending": {Effect{RolesPending: true}, Point{Roles: true}},
	} {
		var s Set
		s.Add(Rule{Effect: row.effect})
		if _, hit := s.Strike(Point{}); hit || s.Rules()[0].Seen != 0 {
			t.Errorf("%s: acts on, or counts, what it has nothing to do with", name)
		}
		if _, hit := s.Strike(row.takes); !hit {
			t.Errorf("%s: does not act", name)
		}
	}
}

func TestStaleRulesKeepTheState(t *testing.T) {
	var s Set
	w := &world{state: 1}
	s.Attach(w.host())
	s.Add(Rule{Effect: Effect{Stale: true}})
	s.Add(Rule{Effect: Effect{Status: 500}})
	w.state = 2
	r, _ := s.Strike(Point{Read: true})
	other, _ := s.Rule("2")
	if r.Kept() != 1 || other.Kept() != nil {
		t.Errorf("%v %v", r.Kept(), other.Kept())
	}
	kept := s.Rules()
	s.Restore(kept)
	if r, _ := s.Strike(Point{Read: true}); r.Kept() != 1 {
		t.Errorf("restored: %v", r.Kept())
	}
	kept[0].kept = nil // as from a file
	s.Restore(kept)
	if r, _ := s.Strike(Point{Read: true}); r.Kept() != 2 {
		t.Errorf("from a file: %v", r.Kept())
	}
}

func BenchmarkStrikeWithoutRules(b *testing.B) {
	var s Set
	b.ReportAllocs()
	for b.Loop() {
		s.Strike(Point{Plane: "imds"})
	}
}
