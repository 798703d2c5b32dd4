package blob

import (
	"context"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// skeySpecs are about requests signed by an account's key.
func skeySpecs() []suite.Spec {
	return slices.Concat(skeySchemeSpecs(), skeyLineSpecs(), skeyHeaderSpecs(), skeyResourceSpecs(), skeyRefusalSpecs())
}

// rewritten signs a request of the world's account, but signs what change makes of the string
// that is right.
func rewritten(t *suite.T, r *suite.Request, change func(text string) string) *suite.Request {
	return r.Clone().Authorize(func(ctx context.Context, w *wire.Request) error {
		key, err := t.Env.AccountKey(ctx)
		if err != nil {
			return err
		}
		dated(t, w)
		sign.Authorize(w, t.World.Account, sign.Sign(key, change(sign.StringToSign(w, t.World.Account, false))), false)
		return nil
	})
}

// dated gives a request a date, unless it has one.
func dated(t *suite.T, w *wire.Request) {
	if !w.Header.Has("x-ms-date") && !w.Header.Has("Date") {
		w.Header.Set("x-ms-date", sign.Date(t.Now()))
	}
}

// replaced is a change for rewritten. What it does not find is an error of the spec: the string
// would be the right one.
func replaced(t *suite.T, old, by string) func(text string) string {
	return func(text string) string {
		if !strings.Contains(text, old) {
			t.Broken("what is signed has no %q", old)
		}
		return strings.Replace(text, old, by, 1)
	}
}

// line is a change for rewritten: what stands in one of the first twelve lines.
func line(t *suite.T, place int, by string) func(text string) string {
	return func(text string) string {
		lines := strings.Split(text, "\n")
		if lines[place] == by {
			t.Broken("line %d of what is signed is %q anyway", place, by)
		}
		lines[place] = by
		return strings.Join(lines, "\n")
	}
}

// mac is a request that is right, and what is wrongly signed for it.
type mac struct {
	t    *suite.T
	rule string
	r    *suite.Request
}

// accepted holds the request, signed as it should be, to being served. How, other rules say.
func (m mac) accepted(ctx context.Context, about string) *wire.Answer {
	a := m.t.Send(ctx, m.t.Key(m.r.Clone()))
	m.t.Rule(m.rule).Expect(a, about).To(match.Status(gomega.BeNumerically("<", 400)))
	return a
}

// refused holds the request to a refusal where something else is signed.
func (m mac) refused(ctx context.Context, about string, change func(text string) string) {
	a := m.t.Send(ctx, rewritten(m.t, m.r, change))
	m.t.Rule(m.rule).Expect(a, about).To(match.Status(403))
}

// skeySchemeSpecs are about the header and the signature as such.
func skeySchemeSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "BLOB-SKEY-001/header", Title: "takes a header of scheme, account and signature",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				with := func(write func(account, signature string) string) *wire.Answer {
					return t.Send(ctx, t.Blob("GET", s.path()).Authorize(func(_ context.Context, w *wire.Request) error {
						dated(t, w)
						w.Header.Set("Authorization", write(s.account, sign.Sign(s.key, sign.StringToSign(w, s.account, false))))
						return nil
					}))
				}
				a := with(func(account, signature string) string { return "SharedKey " + account + ":" + signature })
				t.Rule("BLOB-SKEY-001").Expect(a).To(match.Body(s.content))
				a = with(func(account, signature string) string { return "SharedKey " + account + " " + signature })
				t.Rule("BLOB-SKEY-001").Expect(a, "without a colon").To(match.Status(gomega.BeElementOf(400, 403)))
				a = with(func(_, signature string) string { return "SharedKey " + signature })
				t.Rule("BLOB-SKEY-001").Expect(a, "without the account").To(match.Status(gomega.BeElementOf(400, 403)))
			},
		},
		{ID: "BLOB-SKEY-003/hmac", Title: "takes the HMAC of what is signed under the decoded key alone", Run: hmacOfDecodedKey},
		{ID: "BLOB-SKEY-022/lite", Title: "takes a signature of the shorter scheme", Run: lite},
		{
			ID: "BLOB-SKEY-029/second-key", Title: "takes signatures by either key", Needs: []string{"arm.storage"},
			Run: func(ctx context.Context, t *suite.T) {
				account := newAccount(ctx, t, "Standard_LRS", nil)
				for name, key := range map[string][]byte{"the first key": account.key, "the second key": account.second} {
					account.key = key
					a := t.Send(ctx, account.keyed("GET", "/?comp=list&prefix=none"))
					t.Rule("BLOB-SKEY-029").Expect(a, name).To(match.XML("Prefix", "none"))
				}
			},
		},
	}
}

// hmacOfDecodedKey reads metadata, signed by the key, and by its base64.
func hmacOfDecodedKey(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	text := []byte(keyText(s.key))
	by := func(key []byte, change func(signature string) string) *wire.Answer {
		return t.Send(ctx, t.Blob("GET", s.path()+"?comp=metadata").Authorize(func(_ context.Context, w *wire.Request) error {
			dated(t, w)
			sign.Authorize(w, s.account, change(sign.Sign(key, sign.StringToSign(w, s.account, false))), false)
			return nil
		}))
	}
	same := func(signature string) string { return signature }
	t.Rule("BLOB-SKEY-003").Expect(by(s.key, same)).To(match.Status(200))
	t.Rule("BLOB-SKEY-003").Expect(by(text, same), "by the key as it is written").To(match.Status(403))
	flipped := func(signature string) string {
		other := "A"
		if signature[:1] == other {
			other = "B"
		}
		return other + signature[1:]
	}
	t.Rule("BLOB-SKEY-003").Expect(by(s.key, flipped), "with six bits changed").To(match.Status(403))
}

// lite asks with parameters, of which the shorter scheme signs comp alone.
func lite(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	for _, path := range []string{s.path(), s.path() + "?comp=metadata", s.level("&comp=list&prefix=b")} {
		r := t.Blob("GET", path).Set("Content-Type", "text/plain")
		a := t.Send(ctx, r.Clone().Authorize(func(_ context.Context, w *wire.Request) error {
			sign.SharedKeyLite(w, s.account, s.key, t.Now())
			return nil
		}))
		t.Rule("BLOB-SKEY-022").Expect(a, path).To(match.Status(200))
		a = t.Send(ctx, r.Clone().Authorize(func(_ context.Context, w *wire.Request) error {
			dated(t, w)
			sign.Authorize(w, s.account, sign.Sign(s.key, sign.StringToSign(w, s.account, false)), true)
			return nil
		}))
		t.Rule("BLOB-SKEY-022").Expect(a, "signed as by the longer scheme, "+path).To(match.Status(403))
	}
}
