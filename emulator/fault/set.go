package fault

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Set is the rules of one world, asked in the order they were added; the first that
// acts wins. The zero Set is ready, and it is safe for concurrent use.
type Set struct {
	some atomic.Bool // that there are rules: most worlds have none, and ask for each request

	mu    sync.Mutex
	rules []Rule
	next  int
	host  Host
}

// Host is what a Set asks of its world. A member that is nil is done without: For then
// counts from the first request, seeds come from the rules' ids alone, and Stale is no use.
type Host struct {
	// Now is the world's time.
	Now func() time.Time
	// Seed is a text that belongs to the world's seed, and does not give it away.
	Seed func() string
	// Keep returns the present state, to be handed back by Rule.Kept.
	Keep func() any
}

// Attach tells the set whose it is.
func (s *Set) Attach(h Host) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.host = h
}

// Empty tells whether there are no rules. It takes no lock.
func (s *Set) Empty() bool { return !s.some.Load() }

// Add appends a rule and returns it with its id. It does not check: see Check.
func (s *Set) Add(r Rule) Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	r.ID, r.Seen, r.Acted, r.Spent, r.Added, r.kept = strconv.Itoa(s.next), 0, 0, false, s.now(), nil
	s.settle(&r)
	s.rules = append(s.rules, r)
	s.some.Store(true)
	return r
}

func (s *Set) now() time.Time {
	if s.host.Now == nil {
		return time.Time{}
	}
	return s.host.Now()
}

// settle gives a rule what it needs from the world, unless it has that.
func (s *Set) settle(r *Rule) {
	if r.Match.Share > 0 && r.Match.Seed == "" {
		if s.host.Seed != nil {
			r.Match.Seed = s.host.Seed() + "-"
		}
		r.Match.Seed += r.ID
	}
	if r.Effect.Stale && r.kept == nil && s.host.Keep != nil {
		r.kept = s.host.Keep()
	}
}

// Remove deletes the rule with the id and tells whether there was one.
func (s *Set) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.rules)
	s.rules = slices.DeleteFunc(s.rules, func(r Rule) bool { return r.ID == id })
	s.some.Store(len(s.rules) > 0)
	return len(s.rules) != before
}

// Clear deletes all rules. Ids go on.
func (s *Set) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = nil
	s.some.Store(false)
}

// Rules lists the rules with their counts.
func (s *Set) Rules() []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, now := slices.Clone(s.rules), s.now()
	for i := range out {
		out[i].Spent = out[i].spent(now)
	}
	return out
}

// Rule returns the rule with the id.
func (s *Set) Rule(id string) (Rule, bool) {
	all := s.Rules()
	if i := slices.IndexFunc(all, func(r Rule) bool { return r.ID == id }); i >= 0 {
		return all[i], true
	}
	return Rule{}, false
}

// Restore replaces all rules, counts included: what a snapshot does. Ids go on from the
// restored ones, so that what is added next does what it did the first time. A rule with
// Stale that comes without its state, from a file, takes the present one.
func (s *Set) Restore(rules []Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules, s.next = slices.Clone(rules), 0
	for i := range s.rules {
		s.settle(&s.rules[i])
		if n, err := strconv.Atoi(s.rules[i].ID); err == nil {
			s.next = max(s.next, n)
		}
	}
	s.some.Store(len(s.rules) > 0)
}

// Strike returns the first rule that acts on the point, and counts.
func (s *Set) Strike(p Point) (Rule, bool) {
	if s.Empty() {
		return Rule{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.rules {
		r := &s.rules[i]
		if r.Added.IsZero() {
			r.Added = p.Now
		}
		if r.over(p.Now) || !r.Match.covers(&p) || r.Effect.Stale && !p.Read || r.Effect.RolesPending && !p.Roles {
			continue
		}
		r.Seen++
		if !r.due() {
			continue
		}
		r.Acted++
		return *r, true
	}
	return Rule{}, false
}
