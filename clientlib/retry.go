package clientlib

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
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
	// are used up.
	Patience map[int]time.Duration
	// Answer is how long a try waits for the head of an answer, counted from when the last piece of the request's body
	// was taken. What comes of the answer's body may take longer.
	Answer time.Duration
	// Random is the chance that spreads the waits, from 0 up to and without 1; nil is the machine's.
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
	wait = r.Longest
	if doublings := tries - 1; doublings < 30 {
		wait = min(r.First<<doublings, r.Longest)
	}
	return wait/2 + time.Duration(random*float64(wait)/2), true
}

// asked is how long an answer asks to wait.
func asked(h http.Header, now time.Time) time.Duration {
	for _, name := range []string{"Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
		if ms, err := strconv.Atoi(h.Get(name)); err == nil && ms > 0 && ms < 1<<40 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	text := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 && seconds < 1<<30 {
		return time.Duration(seconds) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// passing tells whether a failure below HTTP may be over the next time: not a name that does not exist, not a
// certificate that is not trusted, not a request that cannot be sent.
func passing(ctx context.Context, err error) bool {
	var (
		name        *net.DNSError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		credential  *CredentialError
	)
	switch {
	case ctx.Err() != nil, errors.As(err, &certificate), errors.As(err, &authority), errors.As(err, &credential), errors.Is(err, ErrPlainHTTP):
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
