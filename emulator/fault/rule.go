package fault

import "time"

// Match says which requests a rule is about. An empty member matches all; names compare
// without regard to case.
type Match struct {
	// Plane is one of Planes.
	Plane string `json:"plane,omitempty"`
	// Operation is the operation's name, whole or the part behind the underscore: GetToken
	// means Identity_GetToken of imds and GetToken of msi.
	Operation string `json:"operation,omitempty"`
	// Identity is the object id or client id of the caller. For token requests it is that
	// of the identity the token is asked for, where there is one.
	Identity string `json:"identity,omitempty"`
	// Machine is the name or ARM id of the machine the caller is on.
	Machine string `json:"machine,omitempty"`
	// Resource is what the request is about, in the plane's own way: of arm and graph the
	// path, of blob account/container/name, of queue, table and file the account, of vault host/name or vault/name, each of them
	// by whole segments from the left; of imds, msi and entra the audience asked for. It
	// needs Plane. The names of blobs and containers compare with regard to case.
	Resource string `json:"resource,omitempty"`
	// Nth is the one request to act on, counted from 1 among those that the members above
	// match.
	Nth int `json:"nth,omitempty"`
	// Share is the part of those requests to act on, above 0 and at most 1. Which ones
	// follows from Seed and their count.
	Share float64 `json:"share,omitempty"`
	// Seed is any text. Add fills it in where Share has none, from the world's seed and
	// the rule's id, so that a rule as it is listed does the same again.
	Seed string `json:"seed,omitempty"`
}

// Planes lists the planes that rules can be about. Data Lake and static websites are none:
// nothing is answered there that a fault could change.
func Planes() []string {
	return []string{"imds", "msi", "entra", "graph", "arm", "blob", "queue", "table", "file", "vault"}
}

// Cut is a point at which the connection is dropped.
type Cut string

// The points. An answer without a body is dropped before its head in each case, so that a
// cut is always seen.
const (
	// CutBeforeHead sends nothing.
	CutBeforeHead Cut = "before-head"
	// CutAfterHead sends status and headers.
	CutAfterHead Cut = "after-head"
	// CutInBody sends a part of the body too.
	CutInBody Cut = "in-body"
)

// The forms of a Retry-After.
const (
	// RetrySeconds is the header Retry-After in seconds: the form where none is named.
	RetrySeconds = "seconds"
	// RetryDate is the header Retry-After with an HTTP date, by the world's clock.
	RetryDate = "date"
	// RetryMS and RetryMSPrefixed are headers in milliseconds that the SDKs' retry
	// policies read beside Retry-After. No service here is known to send them.
	RetryMS         = "retry-after-ms"
	RetryMSPrefixed = "x-ms-retry-after-ms"
)

// Effect says what goes wrong. In JSON, spans of time are texts such as "5s" or "1m30s".
type Effect struct {
	// Status answers with this status, 400 to 599, instead of running the operation.
	Status int `json:"status,omitempty"`
	// Code is the error code of that answer; empty takes the plane's usual one.
	Code string `json:"code,omitempty"`
	// RetryAfter is how long that answer tells the caller to wait; zero leaves it to the
	// plane, of which most say nothing.
	RetryAfter time.Duration `json:"retryAfter,omitempty"`
	// RetryAfterForm is how it says so: one of the forms above.
	RetryAfterForm string `json:"retryAfterForm,omitempty"`
	// Delay holds the request back by host time before the operation runs. A caller who
	// leaves meanwhile has asked for nothing.
	Delay time.Duration `json:"delay,omitempty"`
	// Cut drops the connection. The operation has run by then: its answer is lost. With
	// Status it has not, and the refusal is lost.
	Cut Cut `json:"cut,omitempty"`
	// CutAfter is how many bytes of the body CutInBody sends; zero means half of it. The
	// last byte is never sent.
	CutAfter int64 `json:"cutAfter,omitempty"`
	// LengthOff is added to the Content-Length, but not to what is sent.
	LengthOff int64 `json:"lengthOff,omitempty"`
	// SlowBytes are sent at once, then as many after each SlowEvery of host time.
	SlowBytes int           `json:"slowBytes,omitempty"`
	SlowEvery time.Duration `json:"slowEvery,omitempty"`
	// Stale lets reads answer from the state as it was when the rule was added. Who may
	// read is decided by the present state. Writes are left alone, and not counted.
	Stale bool `json:"stale,omitempty"`
	// RolesPending lets no role assignment have taken effect yet. Requests about which no
	// role decides are left alone, and not counted.
	RolesPending bool `json:"rolesPending,omitempty"`
}

// Rule is a match with its effect.
type Rule struct {
	// ID is given by Add.
	ID string `json:"id"`
	// Scenario names the scenario that the rule is of, empty for none.
	Scenario string `json:"scenario,omitempty"`
	Match    Match  `json:"match"`
	Effect   Effect `json:"effect"`
	// Times is how often the rule acts before it is spent; zero means always.
	Times int `json:"times,omitempty"`
	// For is how long it acts, by the world's clock, from Added on; zero means always.
	For time.Duration `json:"for,omitempty"`
	// Until is the instant, by the world's clock, from which on it does not; zero means
	// never.
	Until time.Time `json:"until,omitzero"`
	// Added is when the rule was added, by the world's clock.
	Added time.Time `json:"added,omitzero"`
	// Seen counts requests matched, Acted the times the effect was applied. A request that
	// an earlier rule acted on, or that comes too late, is not seen.
	Seen  int `json:"seen"`
	Acted int `json:"acted"`
	// Spent tells, in a list, that the rule will not act any more unless the clock is
	// turned back.
	Spent bool `json:"spent"`

	kept any
}

// Kept is what Host.Keep returned for a rule with Stale, nil for others.
func (r Rule) Kept() any { return r.kept }

// end is the instant from which on the rule does not act; zero means there is none.
func (r *Rule) end() time.Time {
	if r.For > 0 {
		return r.Added.Add(r.For)
	}
	return r.Until
}

// over tells whether the rule's time is up. The zero instant is no time at all.
func (r *Rule) over(now time.Time) bool {
	end := r.end()
	return !end.IsZero() && !now.IsZero() && !now.Before(end)
}

// due tells whether the rule acts on the request that it has just seen.
func (r *Rule) due() bool {
	switch m := &r.Match; {
	case r.Times > 0 && r.Acted >= r.Times:
		return false
	case m.Nth > 0:
		return r.Seen == m.Nth
	case m.Share > 0:
		return draw(m.Seed, r.Seen) < m.Share
	}
	return true
}

func (r *Rule) spent(now time.Time) bool {
	return r.over(now) || r.Times > 0 && r.Acted >= r.Times || r.Match.Nth > 0 && r.Seen >= r.Match.Nth
}
