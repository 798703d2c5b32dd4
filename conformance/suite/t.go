package suite

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
)

// T is what a spec has in hand.
type T struct {
	Env   *Env
	World World
	Cloud cloud.Cloud

	spec      Spec
	checked   map[string]*RuleResult
	exchanges []Exchange
	answers   map[*wire.Answer]int
	cleanups  []func(ctx context.Context)
	secrets   []string
	bytes     int64
}

// Now is the suite's time.
func (t *T) Now() time.Time { return t.Env.Now() }

// Deployer is who makes what a run needs. It may do everything in the run's group, and read
// and write its data.
func (t *T) Deployer() Who {
	return Who{Source: t.Env.Target.Credentials.Deployer, PrincipalID: t.World.MachinePrincipal}
}

// Application is one that asks Entra for tokens by a secret.
func (t *T) Application() Who {
	prefix := strings.TrimPrefix(t.Env.Target.Credentials.Application, "env:")
	return Who{Source: t.Env.Target.Credentials.Application, ClientID: t.Env.Getenv(prefix + "_CLIENT_ID")}
}

// ApplicationSecret is the secret of that application.
func (t *T) ApplicationSecret() string {
	prefix := strings.TrimPrefix(t.Env.Target.Credentials.Application, "env:")
	secret := t.Env.Getenv(prefix + "_CLIENT_SECRET")
	t.Hide(secret)
	return secret
}

// ApplicationCertificate is the client id of an application, and its certificate with the key,
// PEM.
func (t *T) ApplicationCertificate() (clientID, text string) {
	prefix := strings.TrimPrefix(t.Env.Target.Credentials.Certificate, "env:")
	text = t.Env.Getenv(prefix + "_CLIENT_CERTIFICATE")
	t.Hide(text)
	return t.Env.Getenv(prefix + "_CLIENT_ID"), text
}

// Signer is a key of the run's own, to sign the tokens of issuers with that the run makes.
func (t *T) Signer() *rsa.PrivateKey {
	key, err := t.Env.signer()
	if err != nil {
		t.Broken("making a key: %v", err)
	}
	return key
}

// Hide keeps a secret that the spec knows out of reports.
func (t *T) Hide(secret string) {
	if len(secret) >= 8 {
		t.secrets = append(t.secrets, secret)
	}
}

// Send authorises and sends a request. A failure below HTTP is an error of the suite.
func (t *T) Send(ctx context.Context, r *Request) *wire.Answer {
	a, err := t.Try(ctx, r)
	if err != nil {
		t.Broken("%s %s: %v", r.Method, t.clean(r.URL), err)
	}
	return a
}

// Try is Send for a spec that looks at failures below HTTP too.
func (t *T) Try(ctx context.Context, r *Request) (*wire.Answer, error) {
	w := r.Request
	w.Header = r.Header.Clone()
	if r.authorize != nil {
		if err := r.authorize(ctx, &w); err != nil {
			return nil, err
		}
	}
	a, err := t.Env.Transport.Send(ctx, &w)
	if err != nil {
		return a, err
	}
	t.exchanges = append(t.exchanges, t.record(&w, a))
	t.answers[a] = len(t.exchanges)
	t.bytes += int64(len(a.Body))
	return a, nil
}

// Key signs a request to the world's storage account with its key, when it is sent.
func (t *T) Key(r *Request) *Request {
	return r.Authorize(func(ctx context.Context, w *wire.Request) error {
		key, err := t.Env.AccountKey(ctx)
		if err != nil {
			return err
		}
		sign.SharedKey(w, t.World.Account, key, t.Now())
		return nil
	})
}

// Cleanup runs f when the spec has ended, however it ended; the last one given runs first.
func (t *T) Cleanup(f func(ctx context.Context)) { t.cleanups = append(t.cleanups, f) }

// Path escapes the segments of a path.
func Path(segments ...string) string {
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.Join(segments, "/")
}

// Act runs f with a T outside any spec: to make what specs need. What f made is taken away by the
// function that it returns, and not before.
func Act(ctx context.Context, env *Env, f func(ctx context.Context, t *T)) (cleanup func(ctx context.Context), err error) {
	t := newT(env, Spec{Run: f})
	if reason := t.run(ctx); reason != "" {
		err = errors.New(t.clean(withoutValues(reason)))
	}
	return func(ctx context.Context) { t.clear(ctx) }, err
}

func newT(env *Env, s Spec) *T {
	t := &T{
		Env: env, World: env.World, Cloud: env.Cloud(), spec: s,
		checked: map[string]*RuleResult{}, answers: map[*wire.Answer]int{},
	}
	if s.ID != "" {
		for _, id := range s.Rules() {
			t.checked[id] = &RuleResult{Rule: id, Spec: s.ID}
		}
	}
	return t
}

// Run runs one spec and says what came of it. It does not panic, and ends when the context or
// the time of the target for one spec does.
func Run(ctx context.Context, env *Env, s Spec) SpecResult {
	t := newT(env, s)
	limited, cancel := context.WithTimeout(ctx, time.Duration(env.Target.Limits.Spec))
	reason := t.run(limited)
	cancel()
	asked := len(t.exchanges)
	t.clear(ctx)
	t.exchanges = t.exchanges[:asked]
	return t.result(reason)
}

// clear takes away what was made, the last first.
func (t *T) clear(ctx context.Context) {
	for i := len(t.cleanups) - 1; i >= 0; i-- {
		t.cleanup(ctx, t.cleanups[i])
	}
	t.cleanups = nil
}

// run is the body, and why it broke.
func (t *T) run(ctx context.Context) (reason string) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case brokenSpec:
			reason = p.reason
		default:
			reason = fmt.Sprintf("the spec panicked: %v\n%s", p, debug.Stack())
		}
	}()
	t.spec.Run(ctx, t)
	return ""
}

// cleanup runs one, with time of its own: also after the run was told to stop.
func (t *T) cleanup(ctx context.Context, f func(ctx context.Context)) {
	ctx, cancel := context.WithTimeout(context.WithValue(context.WithoutCancel(ctx), cleaningKey{}, true), time.Duration(t.Env.Target.Limits.Spec))
	defer cancel()
	defer func() { _ = recover() }() // the ledger still has what it could not delete
	f(ctx)
}

// result adds it up. A spec that broke proves nothing, whatever held before; a rule that was
// promised and not looked at is an error, as is a pass without a single answer.
func (t *T) result(reason string) SpecResult {
	out := SpecResult{Spec: t.spec.ID, Status: Pass, Exchanges: t.exchanges, Requests: len(t.exchanges), Bytes: t.bytes}
	reason = t.clean(withoutValues(reason))
	for _, id := range t.spec.Rules() {
		r := *t.checked[id]
		switch {
		case r.Status == Fail:
		case reason != "":
			r.Status, r.Reason = Broken, reason
		case r.Status == "":
			r.Status, r.Reason = Broken, "the spec promised to check this rule, and did not"
		case len(t.exchanges) == 0:
			r.Status, r.Reason = Broken, "the target was not asked anything"
		}
		if r.Status == Fail && reason != "" {
			r.Reason = "and then: " + reason
		}
		out.Status = Worse(out.Status, r.Status)
		out.Rules = append(out.Rules, r)
	}
	out.Reason = reason
	return out
}

type cleaningKey struct{}

// IsCleaning tells whether a context is that of cleaning up: no limit keeps a run from deleting
// what it made.
func IsCleaning(ctx context.Context) bool { return ctx.Value(cleaningKey{}) != nil }
