package clock

import (
	"sync"
	"time"
)

// Source is a clock that an Idle waits by.
type Source interface {
	Now() time.Time
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Idle calls a function when nothing has moved for a span of time. It looks at the end of each span only, so that what
// moves often costs little.
type Idle struct {
	source Source
	span   time.Duration
	call   func()

	mu      sync.Mutex
	since   time.Time // zero while it rests
	stopped bool
	stop    func() bool
}

// NewIdle begins to count.
func NewIdle(source Source, span time.Duration, call func()) *Idle {
	i := &Idle{source: source, span: span, call: call, since: source.Now()}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stop = source.AfterFunc(span, i.look)
	return i
}

// Moved begins to count anew.
func (i *Idle) Moved() { i.set(i.source.Now()) }

// Rest does not count until Moved.
func (i *Idle) Rest() { i.set(time.Time{}) }

func (i *Idle) set(since time.Time) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.since = since
}

// Stop ends it: the function is not called any more.
func (i *Idle) Stop() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.stopped = true
	i.stop()
}

func (i *Idle) look() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.stopped {
		return
	}
	left := i.span
	if !i.since.IsZero() {
		left -= i.source.Now().Sub(i.since)
	}
	if left <= 0 {
		i.stopped = true
		i.call()
		return
	}
	i.stop = i.source.AfterFunc(left, i.look)
}
