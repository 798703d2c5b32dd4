package provision

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

// ErrLimit tells that a run has reached a limit of its target file.
var ErrLimit = errors.New("the run has reached a limit of its target")

// Limit holds a transport to the requests and bytes of a target, and on real Azure waits as long
// as a throttled answer asks for, which is time and no failure. Requests of the cleaning up, whose
// context says so, always pass.
func Limit(under wire.Transport, target targets.File) wire.Transport {
	l := &limited{under: under, target: target}
	return wire.TransportFunc(l.send)
}

type limited struct {
	under           wire.Transport
	target          targets.File
	requests, bytes atomic.Int64
}

func (l *limited) send(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
	const most = 5
	for attempt := 1; ; attempt++ {
		if err := l.count(r); err != nil && !suite.IsCleaning(ctx) {
			return nil, err
		}
		a, err := l.once(ctx, r)
		if err != nil {
			return a, err
		}
		l.bytes.Add(int64(len(a.Body)))
		wait := throttled(a)
		if l.target.Kind != targets.Azure || wait == 0 || attempt == most {
			return a, nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return a, nil
		case <-timer.C:
		}
	}
}

// once sends a request, which may not take longer than a spec may: who makes the world, or sweeps, has
// no other limit, and a target may be silent.
func (l *limited) once(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
	if limit := time.Duration(l.target.Limits.Spec); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	return l.under.Send(ctx, r)
}

func (l *limited) count(r *wire.Request) error {
	requests, bytes := l.requests.Add(1), l.bytes.Add(int64(len(r.Body)))
	if most := int64(l.target.Limits.Requests); most > 0 && requests > most {
		return fmt.Errorf("%w: %d requests", ErrLimit, most)
	}
	if most := l.target.Limits.MaxBytes(); most > 0 && bytes > most {
		return fmt.Errorf("%w: %s", ErrLimit, l.target.Limits.Bytes)
	}
	return nil
}

// throttled is how long a refusal for too many requests asks to wait, a minute at most.
func throttled(a *wire.Answer) time.Duration {
	if a.Status != 429 {
		return 0
	}
	seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
	if err != nil || seconds <= 0 {
		seconds = 5
	}
	return min(time.Duration(seconds)*time.Second, time.Minute)
}
