package journal

import (
	"context"
	"iter"
	"sync"
)

// DefaultBytes is about how much a journal keeps unless it is told otherwise.
const DefaultBytes = 32 << 20

// Exchange is what the pipeline hands in: rendering costs more than answering a
// cheap request, so it waits until somebody reads.
type Exchange interface {
	// Entry renders the exchange, without its secrets and without Seq. It is called any number of
	// times, by anybody.
	Entry() Entry
	// Size is about the number of bytes that keeping the exchange takes.
	Size() int
}

// Journal keeps the newest exchanges. It is safe for concurrent use.
type Journal struct {
	mu sync.Mutex
	// ring has the exchange numbered s at (s-1) modulo limit.
	ring     []slot
	limit    int
	maxBytes int
	bytes    int
	// first and last are the numbers of the oldest kept and of the newest.
	first, last uint64
	// added is closed by the next Add, nil while nobody waits for it.
	added chan struct{}
}

type slot struct {
	exchange Exchange
	size     int
}

// New makes a journal of at most limit entries and DefaultBytes.
func New(limit int) *Journal { return Bounded(limit, DefaultBytes) }

// Bounded makes a journal of at most so many entries, and about so many bytes; the newest
// entry is kept whatever its size.
func Bounded(entries, bytes int) *Journal {
	return &Journal{limit: max(1, entries), maxBytes: bytes, first: 1}
}

// Add appends an exchange, numbers it, and wakes the followers; it waits for nobody.
func (j *Journal) Add(x Exchange) {
	size := x.Size()
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	if len(j.ring) < j.limit {
		j.ring = append(j.ring, slot{})
	} else if j.last-j.first >= uint64(j.limit) {
		j.drop()
	}
	*j.at(j.last) = slot{x, size}
	for j.bytes += size; j.bytes > j.maxBytes && j.first < j.last; {
		j.drop()
	}
	if j.added != nil {
		close(j.added)
		j.added = nil
	}
}

func (j *Journal) at(seq uint64) *slot { return &j.ring[(seq-1)%uint64(j.limit)] }

// drop forgets the oldest.
func (j *Journal) drop() {
	oldest := j.at(j.first)
	j.bytes -= oldest.size
	*oldest = slot{}
	j.first++
}

// batch is how many exchanges are looked at under one lock.
const batch = 64

// next returns exchanges numbered from seq on, as they are, and the number of the first of
// them; where there is none yet, a channel that is closed when there is.
func (j *Journal) next(seq uint64, buf []Exchange) (out []Exchange, from uint64, wait <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	from = max(seq, j.first)
	for s := from; s <= j.last && len(out) < batch; s++ {
		out = append(buf[:len(out)], j.at(s).exchange)
	}
	if len(out) == 0 {
		if j.added == nil {
			j.added = make(chan struct{})
		}
		wait = j.added
	}
	return out, from, wait
}

// Last is the number of the newest entry, 0 before the first.
func (j *Journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

// Entries returns the entries kept whose Seq is greater than after, oldest first.
func (j *Journal) Entries(after uint64) []Entry { return j.Select(Filter{After: after}) }

// Select returns the entries kept that a filter lets through, oldest first.
func (j *Journal) Select(f Filter) []Entry {
	out := []Entry{}
	end := j.Last() // what comes while this goes on would make it endless
	for e := range j.walk(f, func(<-chan struct{}) bool { return false }) {
		if e.Seq > end {
			break
		}
		out = append(out, e)
	}
	return out
}

// Follow yields the entries kept that a filter lets through, then those that come, until the context
// ends. Beside each stands how many entries were dropped, since the one before, sooner than this
// follower came to read them: whoever is slow loses entries, and holds nobody up.
func (j *Journal) Follow(ctx context.Context, f Filter) iter.Seq2[Entry, uint64] {
	return j.walk(f, func(added <-chan struct{}) bool {
		select {
		case <-ctx.Done():
			return false
		case <-added:
			return ctx.Err() == nil
		}
	})
}

// walk yields what a filter lets through; at the end of the journal it asks whether to go on.
func (j *Journal) walk(f Filter, more func(added <-chan struct{}) bool) iter.Seq2[Entry, uint64] {
	return func(yield func(Entry, uint64) bool) {
		buf := make([]Exchange, batch)
		seq, missed := f.After+1, uint64(0)
		if f.After == 0 { // who knows no entry yet has missed none
			seq = j.dropped() + 1
		}
		for {
			exchanges, from, wait := j.next(seq, buf)
			if len(exchanges) == 0 {
				if !more(wait) {
					return
				}
				continue
			}
			missed += from - seq
			for i, x := range exchanges {
				e := x.Entry()
				if e.Seq = from + uint64(i); !f.Match(&e) {
					continue
				}
				if !yield(e, missed) {
					return
				}
				missed = 0
			}
			seq = from + uint64(len(exchanges))
		}
	}
}

// dropped is the number of the newest entry that is not kept any more.
func (j *Journal) dropped() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.first - 1
}

// Find returns the newest entry for which is says so.
func (j *Journal) Find(is func(*Entry) bool) (Entry, bool) {
	for seq := j.Last(); seq > 0; seq-- {
		x, ok := j.get(seq)
		if !ok {
			break
		}
		e := x.Entry()
		if e.Seq = seq; is(&e) {
			return e, true
		}
	}
	return Entry{}, false
}

func (j *Journal) get(seq uint64) (Exchange, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if seq < j.first || seq > j.last {
		return nil, false
	}
	return j.at(seq).exchange, true
}
