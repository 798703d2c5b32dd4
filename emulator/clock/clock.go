package clock

import (
	"fmt"
	"sync"
	"time"
)

// Clock tells a world's time: the host's time plus an offset, or a frozen instant.
// It is safe for concurrent use.
type Clock struct {
	host func() time.Time

	mu     sync.RWMutex
	offset time.Duration
	frozen bool
	at     time.Time
	moved  func()
}

// System is the host's clock. Inside a testing/synctest bubble it is the bubble's.
func System() time.Time { return time.Now() }

// The span of a world's clock: what certificates, tokens and signatures can all write down,
// and a duration from the host's time can reach.
const (
	firstYear = 1970
	lastYear  = 2199
)

// Reach refuses an instant that a world's clock is not put to.
func Reach(t time.Time) error {
	if year := t.UTC().Year(); year < firstYear || year > lastYear {
		return fmt.Errorf("%s is out of reach: the world's clock goes from %d to %d", t.UTC().Format(time.RFC3339), firstYear, lastYear)
	}
	return nil
}

// New makes a running clock over the given host clock; nil means System.
func New(host func() time.Time) *Clock {
	if host == nil {
		host = System
	}
	return &Clock{host: host}
}

// OnMove sets whom to tell, after each call that moved the clock, froze it or let it go
// on, before the call returns.
func (c *Clock) OnMove(tell func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = tell
}

// move runs change under the lock, and tells of it.
func (c *Clock) move(change func()) time.Time {
	c.mu.Lock()
	change()
	now, tell := c.now(), c.moved
	c.mu.Unlock()
	if tell != nil {
		tell()
	}
	return now
}

// Now is the world's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now()
}

func (c *Clock) now() time.Time {
	if c.frozen {
		return c.at
	}
	return c.host().Add(c.offset).UTC().Round(0)
}

// Host is the host's time, which certificates and request-date windows follow.
func (c *Clock) Host() time.Time { return c.host().UTC() }

// Advance moves the clock by d, which may be negative; a frozen clock stays frozen
// at the new instant. It returns the new time.
func (c *Clock) Advance(d time.Duration) time.Time {
	return c.move(func() {
		if c.frozen {
			c.at = c.at.Add(d)
		} else {
			c.offset += d
		}
	})
}

// Set moves the clock to t; a running clock runs on from there.
func (c *Clock) Set(t time.Time) time.Time {
	return c.move(func() {
		if c.frozen {
			c.at = t.UTC().Round(0)
		} else {
			c.offset += t.Sub(c.now())
		}
	})
}

// Freeze stops the clock at its present instant.
func (c *Clock) Freeze() time.Time {
	return c.move(func() { c.at, c.frozen = c.now(), true })
}

// Resume lets a frozen clock run on from the instant it stands at.
func (c *Clock) Resume() time.Time {
	return c.move(func() {
		if c.frozen {
			at := c.at
			c.frozen = false
			c.offset += at.Sub(c.now())
		}
	})
}

// Position is where a clock stands relative to its host: what a snapshot keeps.
type Position struct {
	Offset time.Duration
	Frozen bool
	At     time.Time
}

// Position returns the clock's position.
func (c *Clock) Position() Position {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Position{Offset: c.offset, Frozen: c.frozen, At: c.at}
}

// Restore puts the clock at a position taken earlier.
func (c *Clock) Restore(p Position) {
	c.move(func() { c.offset, c.frozen, c.at = p.Offset, p.Frozen, p.At })
}
