package blob

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/linarite/linarite/clientlib"
)

// Forever is the duration of a lease that does not end by itself.
const Forever time.Duration = -1

// Lease is a lease on a blob or a container: who writes it has to know the lease's id, in Conditions.Lease ("Lease
// Blob", "Lease Container"; a leased container can still be written to, and not be deleted). A lease is used by one
// goroutine at a time.
type Lease struct {
	// ID is the lease's, a GUID.
	ID string

	request func(ctx context.Context) (*http.Request, error)
	client  *Client
}

// Lease acquires a lease for 15 to 60 s, or Forever. One that is leased already is refused with LeaseAlreadyPresent. The
// library chooses the id, so that a second try after a lost answer gets the same lease. It is renewed by nobody but the
// caller.
func (b *Blob) Lease(ctx context.Context, d time.Duration) (*Lease, error) {
	return acquire(ctx, b.lease(""), d)
}

// HeldLease is a lease of the blob whose id is known from before.
func (b *Blob) HeldLease(id string) *Lease { return b.lease(id) }

// BreakLease ends the lease of the blob without knowing its id, after a time of up to 60 s: at the end of the lease, if
// that comes sooner. A negative time is what is left of the lease; one that lasts forever ends at once. left is how long
// it still lasts.
func (b *Blob) BreakLease(ctx context.Context, after time.Duration) (left time.Duration, err error) {
	return b.lease("").end(ctx, after)
}

func (b *Blob) lease(id string) *Lease {
	return &Lease{ID: id, client: b.client(), request: func(ctx context.Context) (*http.Request, error) {
		return b.request(ctx, http.MethodPut, query{{"comp", "lease"}})
	}}
}

// Lease acquires a lease on the container, as Blob.Lease does on a blob.
func (c *Container) Lease(ctx context.Context, d time.Duration) (*Lease, error) {
	return acquire(ctx, c.lease(""), d)
}

// HeldLease is a lease of the container whose id is known from before.
func (c *Container) HeldLease(id string) *Lease { return c.lease(id) }

// BreakLease ends the lease of the container, as Blob.BreakLease does that of a blob.
func (c *Container) BreakLease(ctx context.Context, after time.Duration) (left time.Duration, err error) {
	return c.lease("").end(ctx, after)
}

func (c *Container) lease(id string) *Lease {
	return &Lease{ID: id, client: c.client, request: func(ctx context.Context) (*http.Request, error) {
		return c.request(ctx, http.MethodPut, query{{"comp", "lease"}})
	}}
}

func acquire(ctx context.Context, l *Lease, d time.Duration) (*Lease, error) {
	seconds := "-1"
	if d != Forever {
		if d < 15*time.Second || d > time.Minute {
			return nil, fmt.Errorf("blob: a lease is for 15 to 60 seconds or Forever, not for %s", d)
		}
		seconds = wholeSeconds(d)
	}
	id := newGUID()
	h, err := l.do(ctx, "acquire", "X-Ms-Lease-Duration", seconds, "X-Ms-Proposed-Lease-Id", id)
	if err != nil {
		return nil, err
	}
	if l.ID = h.Get("X-Ms-Lease-Id"); l.ID == "" {
		l.ID = id
	}
	return l, nil
}

// Renew begins the lease's duration anew. One that has expired can be renewed if nobody has leased or changed the blob
// since; otherwise it is refused with LeaseIdMismatchWithLeaseOperation.
func (l *Lease) Renew(ctx context.Context) error {
	_, err := l.do(ctx, "renew", "X-Ms-Lease-Id", l.ID)
	return err
}

// Change gives the lease another id, a GUID. If it fails, ID is as it was.
func (l *Lease) Change(ctx context.Context, id string) error {
	h, err := l.do(ctx, "change", "X-Ms-Lease-Id", l.ID, "X-Ms-Proposed-Lease-Id", id)
	if err != nil {
		return err
	}
	if l.ID = h.Get("X-Ms-Lease-Id"); l.ID == "" {
		l.ID = id
	}
	return nil
}

// Release ends the lease at once. Where it was tried again, and the lease was not there by then, a try before is taken to
// have released it.
func (l *Lease) Release(ctx context.Context) error {
	_, err := l.do(ctx, "release", "X-Ms-Lease-Id", l.ID)
	if again(err) && clientlib.HasCode(err, "LeaseIdMismatchWithLeaseOperation") {
		return nil
	}
	return err
}

func (l *Lease) end(ctx context.Context, after time.Duration) (time.Duration, error) {
	header := []string{}
	if after >= 0 {
		if after > time.Minute {
			return 0, fmt.Errorf("blob: a lease is broken within 60 seconds, not after %s", after)
		}
		header = append(header, "X-Ms-Lease-Break-Period", wholeSeconds(after))
	}
	h, err := l.do(ctx, "break", header...)
	if err != nil {
		return 0, err
	}
	seconds, err := strconv.Atoi(h.Get("X-Ms-Lease-Time"))
	if err != nil {
		return 0, fmt.Errorf("blob: the answer to a broken lease has x-ms-lease-time %q, which is no number", h.Get("X-Ms-Lease-Time"))
	}
	return time.Duration(seconds) * time.Second, nil
}

func (l *Lease) do(ctx context.Context, action string, header ...string) (http.Header, error) {
	req, err := l.request(ctx)
	if err != nil {
		return nil, err
	}
	req.Header["X-Ms-Lease-Action"] = []string{action}
	for i := 0; i < len(header); i += 2 {
		req.Header[header[i]] = []string{header[i+1]}
	}
	return l.client.do(req)
}

// wholeSeconds are rounded up.
func wholeSeconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// newGUID is a random one (RFC 9562, version 4).
func newGUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it does not fail
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
