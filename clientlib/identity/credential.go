package identity

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/linarite/linarite/clientlib"
)

// Options are those of all clients, and which identity is meant.
type Options struct {
	clientlib.Options
	// Identity selects a user-assigned identity where a machine may have several. The zero value is the
	// system-assigned one, or the only one.
	Identity Selector
	// Tenants are directories, beside a credential's own, that an application may ask for a token in when a service
	// says that it belongs there; "*" is any.
	Tenants []string
	// Getenv reads the environment; os.Getenv if nil.
	Getenv func(name string) string
}

func (o Options) env(name string) string {
	if o.Getenv != nil {
		return o.Getenv(name)
	}
	return os.Getenv(name)
}

// Selector names a user-assigned identity in one of three ways.
type Selector struct{ kind, value string }

// ClientID selects by application (client) id.
func ClientID(id string) Selector { return Selector{"client_id", id} }

// ObjectID selects by object (principal) id.
func ObjectID(id string) Selector { return Selector{"object_id", id} }

// ResourceID selects by the id of the resource: /subscriptions/…/userAssignedIdentities/….
func ResourceID(id string) Selector { return Selector{"msi_res_id", id} }

// String tells which identity is meant, in words.
func (s Selector) String() string {
	switch s.kind {
	case "client_id":
		return "the identity with client id " + s.value
	case "object_id":
		return "the identity with object id " + s.value
	case "msi_res_id":
		return "the identity " + s.value
	}
	return "the system-assigned identity, or the only one there is"
}

func (s Selector) check() error {
	if s.kind != "" && s.value == "" {
		return errors.New("identity: a selector without a value: use the zero Selector for the system-assigned identity")
	}
	return nil
}

// ErrUnavailable is found in an error that says that there is no such source of tokens here: not that it refused.
var ErrUnavailable = errors.New("not available here")

// Credential gets tokens from one source and keeps them. It may be used by many goroutines.
type Credential struct {
	name  string
	fetch func(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error)
	clock clientlib.Clock

	mu   sync.Mutex
	kept map[key]*entry
}

type key struct{ audience, tenant string }

// entry is what is known of one token.
type entry struct {
	token  clientlib.Token
	flight *flight
	// notBefore holds an early renewal back that has failed.
	notBefore time.Time
	// begun counts the flights, and stored is the number of the one that brought token.
	begun, stored int
}

// flight is a request for a token that is on its way.
type flight struct {
	done    chan struct{}
	number  int // of those of its entry
	token   clientlib.Token
	err     error
	claims  string
	waiting int // callers; when the last one gives up, cancel is called
	cancel  context.CancelFunc
}

// newCredential makes a credential of a source; the options are resolved.
func newCredential(name string, o clientlib.Options, fetch func(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error)) *Credential {
	return &Credential{name: name, fetch: fetch, clock: o.Clock, kept: map[key]*entry{}}
}

// String names the source: "IMDS (the identity with client id …)".
func (c *Credential) String() string { return c.name }

const (
	// soon is how much life a token must have left to be given out without a thought.
	soon = 5 * time.Minute
	// last is the life that is too short to reach a service with: a caller waits for a new token, and gets the old one
	// only where none comes.
	last = time.Minute
	// again is how long after a failed early renewal the next is tried.
	again = 30 * time.Second
	// most is how many tokens are kept.
	most = 1000
)

// Token implements clientlib.Credential.
func (c *Credential) Token(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
	if c == nil {
		return clientlib.Token{}, errors.New("identity: the credential is nil: what was the error of the function that makes it?")
	}
	if r.Audience == "" {
		return clientlib.Token{}, errors.New("identity: a token for whom? TokenRequest.Audience is empty")
	}
	if err := ctx.Err(); err != nil {
		return clientlib.Token{}, err
	}
	c.mu.Lock()
	e, now := c.entry(r), c.clock.Now()
	old := e.token
	lives := r.Claims == "" && now.Before(old.Expires)
	if lives && (!due(old, now) || now.Before(e.notBefore)) {
		c.mu.Unlock()
		return old, nil
	}
	f, serves := e.flight, lives && now.Add(last).Before(old.Expires)
	if f == nil || f.claims != r.Claims {
		f = c.begin(ctx, e, r, serves)
	}
	if serves {
		c.mu.Unlock()
		return old, nil
	}
	f.waiting++
	c.mu.Unlock()
	token, err := c.wait(ctx, f)
	if err != nil && lives && ctx.Err() == nil && c.clock.Now().Before(old.Expires) {
		return old, nil
	}
	return token, err
}

// entry is the place of a token; c.mu is held.
func (c *Credential) entry(r clientlib.TokenRequest) *entry {
	k := key{r.Audience, r.Tenant}
	e := c.kept[k]
	if e == nil {
		if len(c.kept) >= most { // somebody makes audiences up
			c.kept = map[key]*entry{}
		}
		e = &entry{}
		c.kept[k] = e
	}
	return e
}

// due tells whether a token is to be renewed.
func due(t clientlib.Token, now time.Time) bool {
	return now.Add(soon).After(t.Expires) || !t.Refresh.IsZero() && !now.Before(t.Refresh)
}

// begin asks for a token in a goroutine of its own; c.mu is held. early says that nobody waits for it.
func (c *Credential) begin(ctx context.Context, e *entry, r clientlib.TokenRequest, early bool) *flight {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	e.begun++
	f := &flight{done: make(chan struct{}), number: e.begun, claims: r.Claims, cancel: cancel}
	if early {
		f.waiting++ // the cache itself
	}
	e.flight = f
	go func() {
		defer cancel()
		token, err := c.fetch(ctx, r)
		c.mu.Lock()
		defer c.mu.Unlock()
		f.token, f.err = token, err
		now := c.clock.Now()
		switch {
		case f.number < e.stored: // one that began later was faster: it may have been asked for with claims
		case err != nil:
			e.notBefore = now.Add(again)
		default:
			e.token, e.stored, e.notBefore = token, f.number, time.Time{}
			if due(token, now) { // it was given with little life left: asking at once again would bring it again
				e.notBefore = now.Add(again)
			}
		}
		if e.flight == f {
			e.flight = nil
		}
		close(f.done)
	}()
	return f
}

// wait returns what a flight brings, or ends with the caller's context.
func (c *Credential) wait(ctx context.Context, f *flight) (clientlib.Token, error) {
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		f.cancel()
		for _, e := range c.kept { // the next caller begins anew
			if e.flight == f {
				e.flight = nil
			}
		}
	}
	return clientlib.Token{}, fmt.Errorf("identity: no token has come yet from %s: %w", c.name, ctx.Err())
}
