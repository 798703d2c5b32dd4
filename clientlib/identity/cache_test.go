package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
)

func TestParse(t *testing.T) {
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	const some = `{"access_token":"x","token_type":"Bearer",`
	for body, want := range map[string]time.Time{
		some + `"expires_on":"1795953600"}`:                             time.Unix(1795953600, 0),
		some + `"expires_on":1795953600,"expires_in":"60"}`:             time.Unix(1795953600, 0),
		some + `"expires_in":3599}`:                                     now.Add(3599 * time.Second),
		some + `"expires_in":"3599","ext_expires_in":""}`:               now.Add(3599 * time.Second),
		some + `"expires_on":"11/30/2026 15:18:31 +00:00"}`:             time.Date(2026, 11, 30, 15, 18, 31, 0, time.UTC),
		some + `"expires_on":"11/30/2026 3:18:31 PM +00:00"}`:           time.Date(2026, 11, 30, 15, 18, 31, 0, time.UTC),
		some + `"expires_on":"11/30/2026 15:18:31 PM +00:00"}`:          time.Date(2026, 11, 30, 15, 18, 31, 0, time.UTC),
		some + `"expires_on":"2026-11-30T15:18:31Z"}`:                   time.Date(2026, 11, 30, 15, 18, 31, 0, time.UTC),
		some + `"expires_on":"2026-11-30T15:18:31.123Z"}`:               time.Date(2026, 11, 30, 15, 18, 31, 123e6, time.UTC),
		some + `"expires_on":"2026-11-30 15:18:31"}`:                    time.Date(2026, 11, 30, 15, 18, 31, 0, time.UTC),
		some + `"expires_on":"86399"}`:                                  now.Add(86399 * time.Second),
		some + `"expires_on":"soon","expires_in":"60"}`:                 now.Add(time.Minute),
		`{"access_token":"x","expires_in":60,"token_type":"bearer"}`:    now.Add(time.Minute),
		`{"access_token":"x","expires_in":60,"refresh_token":"","a":1}`: now.Add(time.Minute),
	} {
		if _, got, err := parse([]byte(body), now); err != nil || !got.Expires.Equal(want) || got.Value != "x" {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
	for body, want := range map[string]string{
		``: "no token", `<html>canary</html>`: "no token", `{}`: "no token", `{"access_token":""}`: "no token", `[]`: "no token", `{"access_token":7}`: "no token",
		some + `"expires_in":""}`:                                "does not say when",
		some + `"expires_on":"never"}`:                           "no time",
		some + `"expires_on":"1500000000"}`:                      "has expired",
		some + `"expires_in":-5}`:                                "does not say when",
		`{"access_token":"x","token_type":"MAC","expires_in":9}`: "of the type",
	} {
		if _, got, err := parse([]byte(body), now); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
	for in, want := range map[string]time.Duration{`"expires_in":86399`: 86399 * time.Second / 2, `"expires_in":3599`: 0, `"expires_in":86399,"refresh_in":"60"`: time.Minute, `"expires_in":60,"refresh_in":90`: 0} {
		if _, got, err := parse([]byte(some+in+`}`), now); err != nil || want == 0 != got.Refresh.IsZero() || want != 0 && got.Refresh.Sub(now) != want {
			t.Errorf("%s: %v, %v", in, got.Refresh, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"access_token":"canary","expires_on":"1795953600","expires_in":1e300}`))
	f.Add([]byte(`{"access_token":"canary","expires_on":"9999999999999"}`))
	now := time.Unix(1795953600, 0)
	f.Fuzz(func(t *testing.T, body []byte) {
		_, token, err := parse(body, now)
		if err == nil && (token.Value == "" || !token.Expires.After(now)) {
			t.Errorf("%q is a token: %v", body, token)
		}
		if err == nil && !token.Refresh.IsZero() && (token.Refresh.Before(now) || token.Refresh.After(token.Expires)) {
			t.Errorf("%q is to be renewed at %s", body, token.Refresh)
		}
	})
}

// TestKept: a token serves until five minutes before its end, for its audience and its credential alone.
func TestKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{token("a", time.Hour), token("b", time.Hour), token("c", time.Hour), token("d", time.Hour)}}
		c := must[*Credential](t)(IMDS(by(s)))
		if first, again := get(t, c, "one"), get(t, c, "one"); first != "a" || again != "a" || get(t, c, "two") != "b" {
			t.Error("tokens are not kept by audience")
		}
		if other := must[*Credential](t)(IMDS(by(s))); get(t, other, "one") != "c" {
			t.Error("two credentials share a token")
		}
		time.Sleep(54 * time.Minute)
		if get(t, c, "one") != "a" {
			t.Error("renewed too early")
		}
		time.Sleep(2 * time.Minute)
		if get(t, c, "one") != "a" {
			t.Error("the old token serves while the new one is on its way")
		}
		synctest.Wait()
		if get(t, c, "one") != "d" || s.count() != 4 {
			t.Errorf("not renewed: %d requests", s.count())
		}
	})
}

// TestRenewedEarly: at half its life a token is renewed; where that fails, it goes on serving, and is asked for again
// only after a while.
func TestRenewedEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{token("a", 24*time.Hour), {status: 400, body: `{"error":"invalid_request","error_description":"no"}`}, {status: 400}, token("b", 24*time.Hour)}}
		c := must[*Credential](t)(IMDS(by(s)))
		get(t, c, "x")
		time.Sleep(13 * time.Hour)
		for range 3 {
			if get(t, c, "x") != "a" {
				t.Error("the token lives for eleven hours more")
			}
			synctest.Wait()
		}
		if s.count() != 2 {
			t.Errorf("%d requests: a refusal is followed by a pause", s.count())
		}
		for _, want := range []string{"a", "b"} {
			time.Sleep(again)
			get(t, c, "x")
			synctest.Wait()
			_ = want
		}
		if get(t, c, "x") != "b" || s.count() != 4 {
			t.Errorf("not renewed: %d requests", s.count())
		}
		// When it is over, a failure is the caller's.
		s.steps = []served{{status: 400, body: `{"error":"invalid_request","error_description":"gone"}`}}
		time.Sleep(25 * time.Hour)
		if _, err := c.Token(t.Context(), for1("x")); !clientlib.HasCode(err, "invalid_request") {
			t.Errorf("an expired token: %v", err)
		}
	})
}

// TestShortLived: a token that comes with little life is used, and not asked for at every call.
func TestShortLived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{token("a", 4*time.Minute), token("b", 4*time.Minute)}}
		c := must[*Credential](t)(IMDS(by(s)))
		for range 10 {
			get(t, c, "x")
			synctest.Wait()
		}
		if s.count() != 1 {
			t.Errorf("%d requests", s.count())
		}
		time.Sleep(again)
		get(t, c, "x")
		synctest.Wait()
		if get(t, c, "x") != "b" {
			t.Error("not renewed")
		}
	})
}

// TestOneRequest: callers share a request, and one that gives up does not end it for the others.
func TestOneRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := token("a", time.Hour)
		slow.wait = 10 * time.Second
		s := &script{steps: []served{slow}}
		c := must[*Credential](t)(IMDS(by(s)))
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wait sync.WaitGroup
		for i := range 50 {
			ctx := t.Context()
			if i == 0 {
				ctx = short
			}
			wait.Go(func() {
				got, err := c.Token(ctx, for1("x"))
				if i == 0 && !errors.Is(err, context.DeadlineExceeded) || i > 0 && (err != nil || got.Value != "a") {
					t.Errorf("caller %d: %v, %v", i, got, err)
				}
			})
		}
		wait.Wait()
		if s.count() != 1 {
			t.Errorf("%d requests", s.count())
		}
	})
}

// TestNobodyWaits: when the last caller gives up, so does the request, and the next caller begins anew.
func TestNobodyWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{{wait: time.Hour}, token("b", time.Hour)}}
		c := must[*Credential](t)(IMDS(by(s)))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := c.Token(ctx, for1("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if get(t, c, "x") != "b" {
			t.Error("the next caller had to wait for the first one's")
		}
		if _, err := c.Token(ctx, for1("x")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a context that has ended: %v", err)
		}
	})
}

// TestClaims: a claims challenge brings a new token, which is then the one that is kept.
func TestClaims(t *testing.T) {
	s := &script{steps: []served{token("a", time.Hour), token("b", time.Hour)}}
	c := must[*Credential](t)(IMDS(by(s)))
	get(t, c, "x")
	got := must[clientlib.Token](t)(c.Token(t.Context(), clientlib.TokenRequest{Audience: "x", Claims: `{"access_token":{}}`}))
	if got.Value != "b" || get(t, c, "x") != "b" || s.asked[1].URL.Query().Get("bypass_cache") != "true" {
		t.Errorf("%v from %s", got, s.asked[1].URL)
	}
	for _, form := range []string{"%v", "%+v", "%#v"} {
		if text := fmt.Sprintf(form, []any{got, c.String()}); strings.Contains(text, `"b"`) {
			t.Errorf("a token: %s", text)
		}
	}
}

// TestBounded: audiences that somebody makes up do not fill the memory.
func TestBounded(t *testing.T) {
	s := &script{steps: []served{token("a", time.Hour)}}
	c := must[*Credential](t)(IMDS(by(s)))
	for i := range most + 10 {
		get(t, c, fmt.Sprint(i))
	}
	if len(c.kept) > most {
		t.Errorf("%d tokens are kept", len(c.kept))
	}
}

// TestBadHours: the hours that the metadata service and Entra ID are known to have.
func TestBadHours(t *testing.T) {
	for name, fails := range map[string]bool{"imds-warming-up": false, "imds-throttled": false, "token-endpoint-down": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				emu := world(t, "tutorial")
				hour(t, emu, name)
				c := must[*Credential](t)(IMDS(in(emu)))
				if fails {
					c = must[*Credential](t)(ClientSecret(tenant, admin, "linarite", in(emu)))
				}
				got, err := c.Token(t.Context(), for1(storage))
				if fails {
					if !clientlib.HasStatus(err, 503) {
						t.Errorf("%v", err)
					}
					return
				}
				if err != nil || got.Value == "" {
					t.Errorf("%v", err)
				}
			})
		})
	}
}
