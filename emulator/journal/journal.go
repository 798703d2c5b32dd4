package journal

import (
	"sync"
	"time"
)

// Entry is one exchange with the world.
type Entry struct {
	// Seq numbers the entries of a world from 1; the answer's request id finds one too.
	Seq       uint64    `json:"seq"`
	RequestID string    `json:"requestId"`
	Time      time.Time `json:"time"`
	// Machine is the ARM id of the machine the caller is on, where the way in tells.
	Machine string `json:"machine,omitempty"`
	// Principal is the object id of the authenticated caller.
	Principal string `json:"principal,omitempty"`
	Plane     string `json:"plane"`
	// Operation is the name in the plane's map, empty when nothing matched.
	Operation string `json:"operation,omitempty"`
	Method    string `json:"method"`
	// URL is the request's, redacted.
	URL    string `json:"url"`
	Status int    `json:"status"`
	// Code is the error's code, Rule the rule that the refusal implements.
	Code string `json:"code,omitempty"`
	Rule string `json:"rule,omitempty"`
	// Message is the refusal's text, redacted.
	Message string `json:"message,omitempty"`
	// Fault is the id of the planned fault that acted on the request. Status is then what
	// was answered, or would have been, had the connection not been dropped.
	Fault string `json:"fault,omitempty"`
	// Decision is the authorisation decision, where one was made.
	Decision *Decision `json:"decision,omitempty"`
	// Internal is the text of a bug in Linarite, with its stack.
	Internal string `json:"internal,omitempty"`
}

// Journal keeps the newest entries. It is safe for concurrent use.
type Journal struct {
	mu      sync.Mutex
	ring    []Entry
	limit   int
	seq     uint64
	follow  map[int]func(Entry)
	nextSub int
}

// New makes a journal of at most limit entries.
func New(limit int) *Journal {
	return &Journal{limit: max(1, limit), follow: map[int]func(Entry){}}
}

// Add appends an entry, numbers it, and tells the followers.
func (j *Journal) Add(e Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq++
	e.Seq = j.seq
	if len(j.ring) < j.limit {
		j.ring = append(j.ring, e)
	} else {
		j.ring[int((j.seq-1)%uint64(j.limit))] = e
	}
	for _, f := range j.follow {
		f(e)
	}
}

// Entries returns the entries kept whose Seq is greater than after, oldest first.
func (j *Journal) Entries(after uint64) []Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	oldest := j.seq - uint64(len(j.ring)) // Seq of the entry before the oldest kept
	from := min(max(after, oldest), j.seq)
	out := make([]Entry, 0, j.seq-from)
	for s := from + 1; s <= j.seq; s++ {
		out = append(out, j.ring[int((s-1)%uint64(j.limit))])
	}
	return out
}

// Follow calls f with every entry added from now on, in order, until the returned
// function is called. f must not block and must not call the journal.
func (j *Journal) Follow(f func(Entry)) (stop func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	id := j.nextSub
	j.nextSub++
	j.follow[id] = f
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.follow, id)
	}
}
