package fault

import (
	"slices"
	"strconv"
	"sync"
	"time"
)

// Match says which requests a rule is about. An empty member matches all.
type Match struct {
	// Plane is imds, entra, arm, blob, vault, graph or msi.
	Plane string `json:"plane,omitempty"`
	// Operation is the operation's name, such as GetToken.
	Operation string `json:"operation,omitempty"`
	// Machine is the name or ARM id of the machine the caller is on.
	Machine string `json:"machine,omitempty"`
	// Principal is the object id of the caller.
	Principal string `json:"principal,omitempty"`
	// Nth matches only the nth request, counted from 1, that the members above match.
	Nth int `json:"nth,omitempty"`
}

// Effect says what goes wrong.
type Effect struct {
	// Status answers with this status instead of running the operation.
	Status int `json:"status,omitempty"`
	// Code is the error code of that answer; empty takes the plane's usual one.
	Code string `json:"code,omitempty"`
	// RetryAfter adds the header, in whole seconds, when positive.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
	// Delay holds the answer back by host time.
	Delay time.Duration `json:"delay,omitempty"`
}

// Rule is a match with its effect.
type Rule struct {
	// ID is given by Add.
	ID     string `json:"id"`
	Match  Match  `json:"match"`
	Effect Effect `json:"effect"`
	// Times is how often the rule acts before it is spent; zero means always.
	Times int `json:"times,omitempty"`
	// Seen counts requests matched, Acted the times the effect was applied.
	Seen  int `json:"seen"`
	Acted int `json:"acted"`
}

// Point is a request as rules see it.
type Point struct {
	Plane, Operation, Machine, MachineName, Principal string
}

// Set is the rules of one world, asked in the order they were added; the first that
// acts wins. It is safe for concurrent use.
type Set struct {
	mu    sync.Mutex
	rules []Rule
	next  int
}

// Add appends a rule and returns it with its id.
func (s *Set) Add(r Rule) Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	r.ID, r.Seen, r.Acted = strconv.Itoa(s.next), 0, 0
	s.rules = append(s.rules, r)
	return r
}

// Remove deletes the rule with the id and tells whether there was one.
func (s *Set) Remove(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.rules)
	s.rules = slices.DeleteFunc(s.rules, func(r Rule) bool { return r.ID == id })
	return len(s.rules) != before
}

// Clear deletes all rules.
func (s *Set) Clear() { s.Restore(nil) }

// Rules lists the rules with their counts.
func (s *Set) Rules() []Rule {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.rules)
}

// Restore replaces all rules, counts included: what a snapshot does.
func (s *Set) Restore(rules []Rule) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rules = slices.Clone(rules)
}

// Strike returns the effect of the first rule that acts on the point.
func (s *Set) Strike(p Point) (Effect, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.rules {
		r := &s.rules[i]
		if !r.Match.covers(p) {
			continue
		}
		r.Seen++
		if r.Match.Nth > 0 && r.Seen != r.Match.Nth || r.Times > 0 && r.Acted >= r.Times {
			continue
		}
		r.Acted++
		return r.Effect, true
	}
	return Effect{}, false
}

func (m Match) covers(p Point) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(m.Plane, p.Plane) && is(m.Operation, p.Operation) && is(m.Principal, p.Principal) &&
		(is(m.Machine, p.Machine) || m.Machine == p.MachineName)
}
