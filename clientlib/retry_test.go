package clientlib

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// TestStatuses: which answers are worth another try, by default and where the caller says.
func TestStatuses(t *testing.T) {
	for status, tries := range map[int]int{
		408: 4, 429: 4, 500: 4, 502: 4, 503: 4, 504: 4,
		301: 1, 304: 1, 400: 1, 401: 1, 403: 1, 404: 1, 409: 1, 410: 1, 412: 1, 501: 1, 505: 1,
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{says(status)}}
			_, err := pipe(s).Do(request(t, "GET", ""))
			var refused *Error
			if !errors.As(err, &refused) || refused.Status != status || refused.Tries != tries || s.count() != tries {
				t.Errorf("%d: %d requests: %v", status, s.count(), err)
			}
		})
	}
	for name, row := range map[string]struct {
		retry Retry
		want  int
	}{
		"once":           {Retry{Tries: 1}, 1},
		"more":           {Retry{Tries: 6}, 6},
		"other statuses": {Retry{Statuses: []int{418}}, 1},
		"none":           {Retry{Statuses: []int{}}, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []step{says(503)}}
			if _, err := pipe(s, func(o *Options) { o.Retry = row.retry }).Do(request(t, "GET", "")); !HasStatus(err, 503) || s.count() != row.want {
				t.Errorf("%s: %d requests: %v", name, s.count(), err)
			}
		})
	}
}

// TestWaits: waits double up to the longest, and chance takes up to half off.
func TestWaits(t *testing.T) {
	r := Retry{Tries: 100, First: time.Second, Longest: 10 * time.Second}.withDefaults()
	for random, want := range map[float64][]time.Duration{
		0:   {500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second},
		0.5: {750 * time.Millisecond, 1500 * time.Millisecond, 3 * time.Second, 6 * time.Second, 7500 * time.Millisecond, 7500 * time.Millisecond},
	} {
		r.Random = func() float64 { return random }
		for i, w := range want {
			if got, ok := r.another(i+1, 0, 503, 0); !ok || got != w {
				t.Errorf("by %v after try %d: %s, %v, want %s", random, i+1, got, ok, w)
			}
		}
	}
	r.Random = func() float64 { return 0.999999999 }
	if got, _ := r.another(99, 0, 503, 0); got >= r.Longest || got < r.Longest-time.Microsecond {
		t.Errorf("the longest wait is %s", got)
	}
	for name, odd := range map[string]Retry{
		"first is the longest": {First: time.Hour, Longest: time.Second},
		"almost for ever":      {Tries: math.MaxInt, First: math.MaxInt64 / 2, Longest: math.MaxInt64},
	} {
		odd = odd.withDefaults()
		for tries := 1; tries < odd.Tries && tries < 70; tries++ {
			if got, ok := odd.another(tries, 0, 503, 0); !ok || got <= 0 || got > odd.Longest {
				t.Errorf("%s: %s, %v after %d", name, got, ok, tries)
			}
		}
	}
	if _, ok := r.another(100, 0, 503, 0); ok {
		t.Error("more tries than there are")
	}
	for range 1000 { // the machine's chance
		if got, _ := (Retry{First: time.Second}).withDefaults().another(1, 0, 503, 0); got < 500*time.Millisecond || got >= time.Second {
			t.Fatalf("waits %s", got)
		}
	}
}

// TestRetryAfter reads what answers ask for.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for _, row := range []struct {
		header, value string
		want          time.Duration
	}{
		{"Retry-After", "7", 7 * time.Second},
		{"Retry-After", " 7 ", 7 * time.Second},
		{"Retry-After", "0", 0},
		{"Retry-After", "-7", 0},
		{"Retry-After", "1.5", 0},
		{"Retry-After", "soon", 0},
		{"Retry-After", "", 0},
		{"Retry-After", "9223372036", forever},
		{"Retry-After", "99999999999999999999999", forever},
		{"Retry-After", "-99999999999999999999999", 0},
		{"Retry-After", "Sat, 28 Nov 2026 12:01:00 GMT", time.Minute},
		{"Retry-After", "Sat, 28 Nov 2026 11:59:00 GMT", 0},
		{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT", forever},
		{"Retry-After", "Saturday, 28-Nov-26 12:00:05 GMT", 5 * time.Second},
		{"Retry-After-Ms", "250", 250 * time.Millisecond},
		{"X-Ms-Retry-After-Ms", "250", 250 * time.Millisecond},
		{"X-Ms-Retry-After-Ms", "many", 0},
	} {
		h := http.Header{}
		h.Set(row.header, row.value)
		if got := RetryAfter(h, now); got != row.want {
			t.Errorf("%s: %s is %s, want %s", row.header, row.value, got, row.want)
		}
	}
	if got := RetryAfter(http.Header{"Retry-After": {"7"}, "X-Ms-Retry-After-Ms": {"6500"}}, now); got != 6500*time.Millisecond {
		t.Errorf("the more exact of two is not taken: %s", got)
	}
}

// TestAsked: where an answer asks for a wait it is kept, and up to a tenth more; where it asks for too much, the refusal
// comes back at once.
func TestAsked(t *testing.T) {
	for name, row := range map[string]struct {
		header string
		retry  Retry
		waits  []time.Duration
	}{
		"seconds":       {"Retry-After: 60", Retry{}, []time.Duration{63 * time.Second, 63 * time.Second, 63 * time.Second}},
		"milliseconds":  {"x-ms-retry-after-ms: 100", Retry{}, []time.Duration{105 * time.Millisecond, 105 * time.Millisecond, 105 * time.Millisecond}},
		"the most":      {"Retry-After: 300", Retry{Tries: 2}, []time.Duration{315 * time.Second}},
		"more":          {"Retry-After: 301", Retry{}, nil},
		"absurd":        {"Retry-After: 99999999999999999999", Retry{}, nil},
		"less is taken": {"Retry-After: 61", Retry{LongestAsked: time.Minute}, nil},
		"more is taken": {"Retry-After: 3600", Retry{LongestAsked: time.Hour, Tries: 2}, []time.Duration{63 * time.Minute}},
		"nonsense":      {"Retry-After: soon", Retry{First: time.Second, Tries: 2}, []time.Duration{750 * time.Millisecond}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{says(429, row.header)}}
				row.retry.Random = half
				began := time.Now()
				_, err := pipe(s, func(o *Options) { o.Retry = row.retry }).Do(request(t, "GET", ""))
				if !HasStatus(err, 429) || !slices.Equal(s.waits(), row.waits) {
					t.Errorf("waits %s: %v", s.waits(), err)
				}
				if row.waits == nil && time.Since(began) > 0 {
					t.Errorf("the refusal took %s", time.Since(began))
				}
			})
		})
	}
	// A date that is as far away as there are dates, for one who waits as long as that.
	r := Retry{LongestAsked: math.MaxInt64, Random: half}.withDefaults()
	asked := RetryAfter(http.Header{"Retry-After": {"Fri, 31 Dec 9999 23:59:59 GMT"}}, time.Unix(0, 0))
	if wait, ok := r.another(1, 0, 429, asked); !ok || wait < forever {
		t.Errorf("waits %s, %v", wait, ok)
	}
}

// TestPatience: what means "not yet" is asked for until its time is over, with more tries than there are.
func TestPatience(t *testing.T) {
	imds := Retry{Tries: 2, First: 2 * time.Second, Longest: 16 * time.Second, Statuses: []int{429}, Patience: map[int]time.Duration{410: 70 * time.Second}}
	for name, row := range map[string]struct {
		status int
		over   Retry
		want   int
		atMost time.Duration
	}{
		"patient":          {410, Retry{}, 0, 90 * time.Second},
		"others are not":   {429, Retry{}, 2, 2 * time.Second},
		"tries are tries":  {410, Retry{Tries: 3}, 1, 0},
		"tries, and worth": {410, Retry{Tries: 3, Statuses: []int{410}}, 3, 20 * time.Second},
		"other patience":   {429, Retry{Patience: map[int]time.Duration{429: 30 * time.Second}}, 0, 45 * time.Second},
		"none":             {410, Retry{Patience: map[int]time.Duration{}}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{says(row.status)}}
				row.over.Random = half
				p := NewPipeline(Options{Transport: s, Retry: row.over}, Service{Name: "test", Retry: imds})
				began := time.Now()
				_, err := p.Do(request(t, "GET", ""))
				took := time.Since(began)
				if !HasStatus(err, row.status) || took > row.atMost {
					t.Errorf("%s: %v", took, err)
				}
				patience := p.retry.Patience[row.status]
				if row.want > 0 && s.count() != row.want || row.want == 0 && (took < patience || s.count() <= 2) {
					t.Errorf("%d requests in %s", s.count(), took)
				}
			})
		})
	}
}

// TestDeadline: a wait that the context does not live to see is not begun.
func TestDeadline(t *testing.T) {
	for name, failure := range map[string]step{"refused": says(503, "Retry-After: 60"), "broken": {err: errReset}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				defer cancel()
				s := &script{steps: []step{failure}}
				began := time.Now()
				_, err := pipe(s).Do(request(t, "GET", "").WithContext(ctx))
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 0 || s.count() != 1 || ctx.Err() != nil {
					t.Errorf("%s, %d requests: %v", time.Since(began), s.count(), err)
				}
				in(t, err, "the next try would be in ")
				if name == "refused" && !HasStatus(err, 503) || name == "broken" && !errors.Is(err, errReset) {
					t.Errorf("the failure itself is lost: %v", err)
				}
			})
		})
	}
}

// TestEnded: a context that ends during a wait, a try or the reading of a body ends the call at once, and is told.
func TestEnded(t *testing.T) {
	cause := errors.New("the user went away")
	slow := says(200)
	slow.wait = time.Hour
	closed := TransportFunc(func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, net.ErrClosed
	})
	silent := func() *drip { return &drip{pieces: 2, every: time.Millisecond} }
	for name, row := range map[string]struct {
		transport Transport
		read      bool
		also      func(error) bool
	}{
		"wait, refused": {&script{steps: []step{says(503, "Retry-After: 60").with("x")}}, false, func(err error) bool { return HasStatus(err, 503) }},
		"wait, broken":  {&script{steps: []step{{err: errReset}}}, false, func(err error) bool { return errors.Is(err, errReset) }},
		"try":           {&script{steps: []step{slow}}, false, func(err error) bool { var e *TransportError; return errors.As(err, &e) && e.Tries == 1 }},
		"try, closed":   {closed, false, func(err error) bool { return errors.Is(err, net.ErrClosed) }},
		"body":          {dripping(200, silent), true, func(err error) bool { var e *TransportError; return errors.As(err, &e) && e.Tries == 1 }},
		"refusal":       {dripping(403, silent), false, func(err error) bool { return HasStatus(err, 403) }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				time.AfterFunc(100*time.Millisecond, func() { cancel(cause) })
				began := time.Now()
				send := pipe(row.transport, func(o *Options) { o.Retry.First = time.Minute })
				var err error
				if req := request(t, "GET", "").WithContext(ctx); row.read {
					_, _, err = send.Read(req)
				} else {
					_, err = send.Do(req)
				}
				if !row.also(err) || time.Since(began) != 100*time.Millisecond {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
				if !errors.Is(err, context.Canceled) && name != "refusal" { // which was whole but for its text
					t.Errorf("the context's end is not told: %v", err)
				}
				in(t, err, "GET https://acct.example/c/b?sig=REDACTED")
			})
		})
	}
	s := &script{steps: []step{{err: context.Canceled}}}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := pipe(s).Do(request(t, "GET", "").WithContext(ctx)); !errors.Is(err, context.Canceled) || s.count() > 1 {
		t.Errorf("%d requests in a context that has ended: %v", s.count(), err)
	}
}

// TestPassing: which failures of the transport may be over the next time.
func TestPassing(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		want int
	}{
		"reset":         {errReset, 4},
		"refused":       {&net.OpError{Op: "dial", Err: errors.New("connection refused")}, 4},
		"DNS is down":   {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "acct.example", IsTemporary: true}}, 4},
		"DNS time-out":  {&net.DNSError{Err: "i/o timeout", Name: "acct.example", IsTimeout: true}, 4},
		"no such name":  {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "acct.example", IsNotFound: true}}, 1},
		"certificate":   {&tls.CertificateVerificationError{Err: x509.HostnameError{Host: "acct.example", Certificate: &x509.Certificate{}}}, 1},
		"authority":     {x509.UnknownAuthorityError{}, 1},
		"no TLS":        {tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, 1},
		"of an url":     {&url.Error{Op: "Get", URL: "https://acct.example?sig=" + canary, Err: errReset}, 4},
		"url, no name":  {&url.Error{Op: "Get", URL: "https://acct.example?sig=" + canary, Err: &net.DNSError{IsNotFound: true}}, 1},
		"wrapped twice": {fmt.Errorf("proxy: %w", &url.Error{Op: "Get", URL: "https://acct.example?sig=" + canary, Err: errReset}), 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []step{{err: row.err}}}
				_, err := pipe(s).Do(request(t, "GET", ""))
				var broken *TransportError
				if !errors.As(err, &broken) || broken.Tries != row.want || s.count() != row.want {
					t.Errorf("%d requests: %v", s.count(), err)
				}
				in(t, err, "GET https://acct.example/c/b?sig=REDACTED&sv=1: ")
				if _, layered := broken.Err.(*url.Error); layered { //nolint:errorlint // the outermost
					t.Errorf("http.Client's own layer: %v", broken.Err)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []step{{err: errReset}, {err: errReset}, says(200)}}
		if _, err := pipe(s).Do(request(t, "POST", "x")); err != nil || s.count() != 3 {
			t.Errorf("what passed: %v", err)
		}
	})
}
