package blob

import (
	"context"
	"regexp"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// notAuthenticated is the message of AuthenticationFailed.
const notAuthenticated = "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature."

// skeyRefusalSpecs are about signed requests that are refused.
func skeyRefusalSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-SKEY-023/too-old", Title: "refuses a request that is more than 15 minutes old", Covers: []string{"BLOB-SKEY-024"}, Run: tooOld},
		{
			ID: "BLOB-SKEY-025/too-new", Title: "refuses a request of more than 15 minutes ahead",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				t.Require(t.Send(ctx, at(t, s, 10*time.Minute)), match.Body(s.content), "10 minutes ahead")
				forbidden(t, "BLOB-SKEY-025", t.Send(ctx, at(t, s, 20*time.Minute)))
			},
		},
		{
			ID: "BLOB-SKEY-026/another-key", Title: "refuses a signature by another key",
			Covers: []string{"BLOB-SKEY-027", "BLOB-SKEY-028", "BLOB-AUTH-018"}, Run: anotherKey,
		},
		{
			ID: "BLOB-AUTH-016/malformed", Title: "refuses an Authorization header that is not of its form",
			Covers: []string{"BLOB-SKEY-030", "BLOB-SKEY-031"}, Run: malformedHeader,
		},
		{
			ID: "BLOB-SKEY-032/other-account", Title: "refuses a header that names another account",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				forbidden(t, "BLOB-SKEY-032", t.Send(ctx, t.Blob("GET", s.path()).Authorize(func(_ context.Context, w *wire.Request) error {
					sign.SharedKey(w, s.account+"x", s.key, t.Now())
					return nil
				})))
			},
		},
		{
			ID: "BLOB-SKEY-033/no-date", Title: "refuses a signed request without a date",
			Run: func(ctx context.Context, t *suite.T) {
				s := share(ctx, t)
				forbidden(t, "BLOB-SKEY-033", t.Send(ctx, t.Blob("GET", s.path()).Authorize(func(_ context.Context, w *wire.Request) error {
					sign.Authorize(w, s.account, sign.Sign(s.key, sign.StringToSign(w, s.account, false)), false)
					return nil
				})))
			},
		},
		{
			ID: "BLOB-SKEY-034/keys-not-allowed", Title: "refuses keys and signatures where the account does not allow them",
			Needs: []string{"arm.storage"}, Covers: []string{"BLOB-SKEY-035", "BLOB-AUTH-017"}, Run: keysNotAllowed,
		},
	}
}

// at is a request with the date of some time from now.
func at(t *suite.T, s sharing, d time.Duration) *suite.Request {
	return t.Blob("GET", s.path()).Set("x-ms-date", sign.Date(t.Now().Add(d)))
}

func tooOld(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	t.Require(t.Send(ctx, at(t, s, -10*time.Minute)), match.Body(s.content), "10 minutes old")
	r := at(t, s, -20*time.Minute)
	a := t.Send(ctx, r)
	forbidden(t, "BLOB-SKEY-023", a, "by x-ms-date")
	detailed(t, "BLOB-SKEY-024", a, "Request date header too old: '"+r.Header.Get("x-ms-date")+"'")
	a = t.Send(ctx, t.Blob("GET", s.path()).Set("Date", r.Header.Get("x-ms-date")))
	forbidden(t, "BLOB-SKEY-023", a, "by Date")
}

func anotherKey(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	var text, signature string
	a := t.Send(ctx, t.Blob("GET", s.path()).Authorize(func(_ context.Context, w *wire.Request) error {
		dated(t, w)
		text = sign.StringToSign(w, s.account, false)
		signature = sign.Sign([]byte("another key"), text)
		sign.Authorize(w, s.account, signature, false)
		return nil
	}))
	forbidden(t, "BLOB-SKEY-026", a)
	forbidden(t, "BLOB-AUTH-018", a)
	detailed(t, "BLOB-AUTH-018", a, like(".*"+regexp.QuoteMeta(text)+".*"))
	detailed(t, "BLOB-SKEY-027", a, "The MAC signature found in the HTTP request '"+signature+
		"' is not the same as any computed signature. Server used following string to sign: '"+text+"'.")
	worded(t, "BLOB-SKEY-028", a, notAuthenticated)
}

func malformedHeader(ctx context.Context, t *suite.T) {
	s := share(ctx, t)
	for _, value := range []string{"SharedKey " + s.account, "SharedKey " + s.account + ":?!", "SharedKeyLite", "Basic YTpi", "Unheard " + s.account + ":YQ=="} {
		a := t.Send(ctx, t.Blob("GET", s.path()).Set("x-ms-date", sign.Date(t.Now())).Set("Authorization", value).Anonymous())
		for _, rule := range []string{"BLOB-AUTH-016", "BLOB-SKEY-030"} {
			refused(t, rule, a, 400, "InvalidAuthenticationInfo", value)
		}
		worded(t, "BLOB-SKEY-031", a, "Authentication information is not given in the correct format. Check the value of Authorization header.", value)
	}
}

// keysNotAllowed changes an account of its own, so that both before and after are seen.
func keysNotAllowed(ctx context.Context, t *suite.T) {
	account := newAccount(ctx, t, "Standard_LRS", nil)
	v := &sign.AccountSAS{
		Account: account.name, Version: t.Env.Target.Versions.Blob, Services: "b", ResourceTypes: "s", Permissions: "l", Expiry: stamp(t.Now().Add(hour)),
	}
	list := func() *suite.Request { return account.keyed("GET", "/?comp=list&prefix=none") }
	bySAS := func() *suite.Request {
		return account.request("https", "GET", "/?comp=list&prefix=none").Raw(v.Query(account.key))
	}
	t.Require(t.Send(ctx, list()), match.XML("Prefix", "none"), "by the key, before")
	t.Require(t.Send(ctx, bySAS()), match.XML("Prefix", "none"), "by a signature, before")
	a := t.Send(ctx, t.ARM("PATCH", account.id+"?api-version="+suite.StorageVersion).JSON(map[string]any{"properties": map[string]any{"allowSharedKeyAccess": false}}))
	t.Require(a, match.Status(200), "forbidding keys")
	const code = "KeyBasedAuthenticationNotPermitted"
	for about, ask := range map[string]func() *suite.Request{"by the key": list, "by a signature": bySAS} {
		rules := []string{"BLOB-AUTH-017"}
		if about == "by the key" {
			rules = append(rules, "BLOB-SKEY-034")
		}
		for _, rule := range rules {
			t.Rule(rule).Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, ask()) }, match.Status(403))
			refused(t, rule, t.Send(ctx, ask()), 403, code, about)
		}
		worded(t, "BLOB-SKEY-035", t.Send(ctx, ask()), "Key based authentication is not permitted on this storage account.", about)
	}
}
