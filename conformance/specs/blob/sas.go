package blob

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// sasSpecs are about shared access signatures.
func sasSpecs() []suite.Spec {
	return slices.Concat(sasLayoutSpecs(), sasDelegationSpecs(), sasFormSpecs(), sasTimeSpecs(), sasRightSpecs(), sasLevelSpecs(), sasPolicySpecs(), sasManagerSpecs())
}

// sharing is what a spec makes signatures for: a blob in a container of its own, and the key
// that signs.
type sharing struct {
	t         *suite.T
	account   string
	key       []byte
	container string
	name      string
	content   string
}

// share makes the container and the blob, and sees that the blob can be read by the account's
// key.
func share(ctx context.Context, t *suite.T) sharing { return shareNamed(ctx, t, "b") }

// shareNamed is share with a name for the blob, not escaped.
func shareNamed(ctx context.Context, t *suite.T, name string) sharing {
	s := sharing{t: t, account: t.World.Account, key: accountKey(ctx, t), container: t.Container(ctx), name: name, content: t.Unique("content ")}
	t.PutBlob(ctx, s.path(), s.content)
	t.Require(t.Send(ctx, t.Blob("GET", s.path())), match.Body(s.content), "the blob, by the account's key")
	return s
}

// accountKey is the decoded key of the world's account.
func accountKey(ctx context.Context, t *suite.T) []byte {
	key, err := t.Env.AccountKey(ctx)
	if err != nil {
		t.Broken("the account's key: %v", err)
	}
	return key
}

// path is the blob's, escaped.
func (s sharing) path() string { return suite.Path(s.container, s.name) }

// level is the container's path with the query of an operation.
func (s sharing) level(query string) string { return s.container + "?restype=container" + query }

// until is a time from now as signatures have it.
func (s sharing) until(d time.Duration) string { return stamp(s.t.Now().Add(d)) }

func stamp(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05Z") }

// toRead is a service SAS that lets the blob be read for an hour.
func (s sharing) toRead() *sign.SAS {
	return &sign.SAS{
		Version: s.t.Env.Target.Versions.Blob, Resource: "b", Permissions: "r", Expiry: s.until(time.Hour),
		Account: s.account, Container: s.container, Blob: s.name,
	}
}

// toAll is an account SAS that lets everything be done with blobs for an hour.
func (s sharing) toAll() *sign.AccountSAS {
	return &sign.AccountSAS{
		Account: s.account, Version: s.t.Env.Target.Versions.Blob, Services: "b", ResourceTypes: "sco", Permissions: "rwdlac", Expiry: s.until(time.Hour),
	}
}

// service changes a copy of toRead, signs it, and gives the query.
func (s sharing) service(change func(v *sign.SAS)) string {
	v := s.toRead()
	change(v)
	return v.Query(s.key)
}

// all changes a copy of toAll, signs it, and gives the query.
func (s sharing) all(change func(v *sign.AccountSAS)) string {
	v := s.toAll()
	change(v)
	return v.Query(s.key)
}

// unchanged is for a signature as it is made.
func unchanged[V any](*V) {}

// signed is the parameters with the signature of a string.
func (s sharing) signed(params sign.Params, text string) string {
	return params.With("sig", sign.Sign(s.key, text)).Encode()
}

// get reads the blob by a signature alone.
func (s sharing) get(query string) *suite.Request { return s.by("GET", s.path(), query) }

// by asks by a signature alone.
func (s sharing) by(method, path, query string) *suite.Request {
	return s.t.Blob(method, path).Anonymous().Raw(query)
}

// put writes a blob of the container by a signature alone.
func (s sharing) put(name, query string) *suite.Request {
	return s.by("PUT", suite.Path(s.container, name), query).Set("x-ms-blob-type", "BlockBlob").Set("Content-Type", "text/plain").Text("new")
}

// opens holds a signature to letting the blob be read, by a rule.
func (s sharing) opens(ctx context.Context, rule, query, about string) {
	a := s.t.Send(ctx, s.get(query))
	s.t.Rule(rule).Expect(a, about).To(match.Status(200))
	s.t.Rule(rule).Expect(a, about).To(match.Body(s.content))
}

// closed holds a signature to not letting the blob be read, by a rule that does not say more.
func (s sharing) closed(ctx context.Context, rule, query, about string) *wire.Answer {
	a := s.t.Send(ctx, s.get(query))
	s.t.Rule(rule).Expect(a, about).To(match.Status(403))
	return a
}

// failed holds a signature to being refused as one that authenticates nobody, by a rule.
func (s sharing) failed(ctx context.Context, rule, query, about string) *wire.Answer {
	a := s.closed(ctx, rule, query, about)
	forbidden(s.t, rule, a, about)
	return a
}

// works needs a signature to let the blob be read: the permission beside a refusal.
func (s sharing) works(ctx context.Context, query, about string) {
	s.t.Require(s.t.Send(ctx, s.get(query)), match.Body(s.content), about)
}

// forbidden holds an answer to the refusal of whoever cannot be told who he is.
func forbidden(t *suite.T, rule string, a *wire.Answer, about ...string) {
	refused(t, rule, a, 403, "AuthenticationFailed", about...)
}

// detailed holds a refusal to its reason for people.
func detailed(t *suite.T, rule string, a *wire.Answer, want any, about ...string) {
	t.Rule(rule).Expect(a, about...).To(match.XML("AuthenticationErrorDetail", want))
}

// worded holds a refusal to its message.
func worded(t *suite.T, rule string, a *wire.Answer, want any, about ...string) {
	t.Rule(rule).Expect(a, about...).To(match.Message(want))
}

// notAuthorized is how the messages of refused signatures begin.
const notAuthorized = "This request is not authorized to perform this operation"

// source finds an address in the message about it.
var source = regexp.MustCompile(`using this source IP (.*)\.$`)

// sourceOf is the address that a target saw a request come from, as its refusal tells; empty
// where it does not.
func sourceOf(a *wire.Answer) string {
	_, message, _ := wire.ParseError(a)
	if m := source.FindStringSubmatch(message); m != nil {
		return m[1]
	}
	return ""
}

// rfc1123 is a time as refusals of signatures show it.
const rfc1123 = `[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT`

// like is a text that a regular expression matches as a whole.
func like(expression string) any { return gomega.MatchRegexp("^(?s:" + expression + ")$") }

// plain tells whether the target is asked without TLS.
func plain(t *suite.T) bool { return strings.HasPrefix(t.World.Blob, "http://") }
