package memory

import (
	"sync"

	"github.com/linarite/linarite/internal/redact"
)

// ErrClosed tells that a carrier takes no more requests. The Azure SDK for Go does not try
// again for it.
var ErrClosed error = closedError{}

type closedError struct{}

func (closedError) Error() string {
	return "this world has been closed: the test that it belongs to has ended"
}

// NonRetriable is what the Azure SDK for Go looks for.
func (closedError) NonRetriable() {}

// Exchanges are requests that have not ended: those without an answer, and those whose
// answer nobody has read to its end or closed. The zero value has none. It is safe for
// concurrent use.
type Exchanges struct {
	mu     sync.Mutex
	open   map[*exchange]bool
	closed bool
}

// Exchange is one of them.
type Exchange struct {
	Method, URL string
	// Answered tells that the answer was there, and its body was left.
	Answered bool
}

func (e *Exchanges) add(x *exchange) bool {
	if e == nil {
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return false
	}
	if e.open == nil {
		e.open = map[*exchange]bool{}
	}
	e.open[x], x.open = true, e
	return true
}

func (e *Exchanges) remove(x *exchange) {
	if e == nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.open, x)
}

// Close ends all exchanges, lets no more begin, and returns those that were open.
func (e *Exchanges) Close() []Exchange {
	e.mu.Lock()
	e.closed = true
	var open []*exchange
	for x := range e.open {
		open = append(open, x)
	}
	e.mu.Unlock()
	var out []Exchange
	for _, x := range open {
		out = append(out, x.left())
	}
	return out
}

// left says what was left of an exchange, and ends it.
func (x *exchange) left() Exchange {
	e := Exchange{Method: x.request.Method, URL: redact.URL(x.request.URL)}
	select {
	case <-x.answer.ready:
		e.Answered = true
		if x.answer.in != nil {
			_ = x.answer.in.CloseWithError(ErrClosed)
		}
	default:
	}
	x.end()
	return e
}
