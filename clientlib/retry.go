package clientlib

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/internal/clock"
)

// Retry says when a request is sent again. A zero field means what the service's guidance says, and that is what each
// client's documentation names.
//
// Waits grow twofold from First up to Longest, and each is spread over its upper half, so that many clients that were
// refused at once do not come back at once. Where an answer says how long to wait (Retry-After, x-ms-retry-after-ms),
// it is waited that long and up to a tenth longer; where that is more than LongestAsked, or the context ends before, the
// refusal comes back at once instead.
type Retry struct {
	// Tries is how often a request is sent, the first time included. 1 is once.
	Tries int
	// First and Longest bound the waits that grow.
	First, Longest time.Duration
	// LongestAsked bounds the waits that a service asks for.
	LongestAsked time.Duration
	// Statuses are the answers that are worth another try.
	Statuses []int
	// Patience is for answers that mean "not yet": for so long after the first try they are tried again, even if Tries
	// are used up, and no wait goes beyond its end.
	Patience map[int]time.Duration
	// Answer is how long a try waits while nothing moves: for the head once the request is sent, and for each further
	// piece of the body. It is looked at once a span, so that it may take up to twice as long until a try is given up
	// whose answer had begun. The body of a refusal has one span as a whole. Credentials have their own time.
	Answer time.Duration
	// Random is the chance that spreads the waits, from 0 up to and without 1, for many goroutines at once; nil is the
	// machine's.
	Random func() float64
}

// over puts the fields of r, where they are set, over those of a service.
func (r Retry) over(service Retry) Retry {
	if r.Tries > 0 {
		service.Tries = r.Tries
		service.Patience = nil
	}
	if r.First > 0 {
		service.First = r.First
	}
	if r.Longest > 0 {
		service.Longest = r.Longest
	}
	if r.LongestAsked > 0 {
		service.LongestAsked = r.LongestAsked
	}
	if r.Statuses != nil {
		service.Statuses = r.Statuses
	}
	if r.Patience != nil {
		service.Patience = r.Patience
	}
	if r.Answer > 0 {
		service.Answer = r.Answer
	}
	if r.Random != nil {
		service.Random = r.Random
	}
	return service
}

// withDefaults is what Azure's general guidance says, where a service has none of its own: four tries, waits from
// 0.8 s.
func (r Retry) withDefaults() Retry {
	return r.over(Retry{
		Tries: 4, First: 800 * time.Millisecond, Longest: time.Minute, LongestAsked: 5 * time.Minute, Answer: time.Minute,
		Statuses: []int{408, 429, 500, 502, 503, 504}, Patience: r.Patience, Random: clock.Random,
	})
}

// another tells whether a try that failed is worth another, and when. asked is what the answer asks for, 0 if nothing.
func (r Retry) another(tries int, passed time.Duration, status int, asked time.Duration) (wait time.Duration, ok bool) {
	patience, patient := r.Patience[status]
	if tries >= r.Tries && !(patient && passed < patience) || asked > r.LongestAsked {
		return 0, false
	}
	random := r.Random()
	if asked > 0 {
		return asked + time.Duration(random*float64(asked)/10), true
	}
	wait = min(r.First, r.Longest)
	for i := 1; i < tries && wait < r.Longest; i++ {
		wait += min(wait, r.Longest-wait)
	}
	wait = wait/2 + time.Duration(random*float64(wait)/2)
	if passed < patience {
		wait = min(wait, patience-passed) // by then it should be over
	}
	return wait, true
}

// forever is what an answer asks for that says more than can be counted.
const forever = time.Duration(math.MaxInt64 / 2)

// RetryAfter is how long an answer asks to wait: Retry-After in seconds or as a date, or x-ms-retry-after-ms. 0 if it
// does not say.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
		if ms := times(h.Get(name), time.Millisecond); ms > 0 {
			return ms
		}
	}
	text := h.Get("Retry-After")
	if seconds := times(text, time.Second); seconds > 0 {
		return seconds
	}
	if t, err := http.ParseTime(text); err == nil {
		return min(max(0, t.Sub(now)), forever)
	}
	return 0
}

// times is a whole number of units, 0 if it is none.
func times(text string, unit time.Duration) time.Duration {
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	switch {
	case n > int64(forever/unit): // also one that is out of range, for which n is the greatest
		return forever
	case err != nil || n < 0:
		return 0
	}
	return time.Duration(n) * unit
}

// passing tells whether a failure may be over the next time. That of a policy is not, nor is a name that does not exist,
// a certificate that is not trusted, a server that does not speak TLS, or an answer that is too long.
func passing(ctx context.Context, err error) bool {
	var (
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		plain       tls.RecordHeaderError
		sent        *sendError
	)
	switch {
	case ctx.Err() != nil, !errors.As(err, &sent), errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &plain),
		errors.Is(err, http.ErrSchemeMismatch): // what http.Client makes of plain
		return false
	case errors.As(err, &name):
		return !name.IsNotFound
	}
	return true
}

func (r Retry) worth(status int) bool {
	_, patient := r.Patience[status]
	return patient || slices.Contains(r.Statuses, status)
}
