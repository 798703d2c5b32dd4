package selftest

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/emulator/storageauth"
)

// delegating is an environment whose Blob storage hands out user delegation keys and takes what
// they sign: the emulator does not, but has what verifies them. Only reads of blobs pass.
func delegating(env *suite.Env) *suite.Env {
	return env.With(wire.TransportFunc(func(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
		u, err := url.Parse(r.URL)
		switch {
		case err != nil || planeOf(env.World, r.URL) != "blob":
		case u.Query().Get("comp") == "userdelegationkey":
			return keyFor(r), nil
		case u.Query().Has("skoid"):
			if failure := verified(r, u, env); failure != nil {
				return refusal(failure), nil
			}
			key, err := env.AccountKey(ctx)
			if err != nil {
				return nil, err
			}
			u.RawQuery = ""
			read := &wire.Request{Method: r.Method, URL: u.String(), Header: wire.Header{{Name: "x-ms-version", Value: "2021-12-02"}}}
			sign.SharedKey(read, env.World.Account, key, env.Now())
			return env.Transport.Send(ctx, read)
		}
		return env.Transport.Send(ctx, r)
	}))
}

// value is the key of a start and an expiry.
func value(start, expiry string) []byte {
	sum := sha256.Sum256([]byte(start + "\n" + expiry))
	return sum[:]
}

func keyFor(r *wire.Request) *wire.Answer {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
		return refusal(&storageauth.Failure{Kind: storageauth.SchemeUnknown})
	}
	root, err := match.ParseXML(r.Body)
	if err != nil {
		return &wire.Answer{Status: 400}
	}
	start, expiry := root.Find("Start").Text, root.Find("Expiry").Text
	const id = "11111111-1111-1111-1111-111111111111"
	return &wire.Answer{Proto: "HTTP/1.1", Status: 200, Body: fmt.Appendf(nil, "<UserDelegationKey><SignedOid>%s</SignedOid><SignedTid>%s</SignedTid><SignedStart>%s</SignedStart>"+
		"<SignedExpiry>%s</SignedExpiry><SignedService>b</SignedService><SignedVersion>%s</SignedVersion><Value>%s</Value></UserDelegationKey>",
		id, id, start, expiry, r.Header.Get("x-ms-version"), base64.StdEncoding.EncodeToString(value(start, expiry)))}
}

// verified checks a signature as the emulator does those of accounts' keys.
func verified(r *wire.Request, u *url.URL, env *suite.Env) *storageauth.Failure {
	query := storageauth.ParseQuery(u.RawQuery)
	s, failure := storageauth.ParseSAS(query)
	if failure != nil {
		return failure
	}
	container, blob, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	target := storageauth.Target{Account: env.World.Account, Container: container, Blob: blob, Header: map[string][]string{}, Query: query}
	for _, f := range r.Header {
		target.Header[f.Name] = append(target.Header[f.Name], f.Value)
	}
	if _, failure = s.Verify(target, value(s.Key.Start, s.Key.Expiry)); failure != nil {
		return failure
	}
	for _, check := range []func(now time.Time) *storageauth.Failure{s.InWindow, s.InKeyWindow} {
		if failure = check(env.Now()); failure != nil {
			return failure
		}
	}
	return s.Allows(storageauth.Needs(storageauth.ReadBlob))
}

func refusal(f *storageauth.Failure) *wire.Answer {
	return &wire.Answer{Proto: "HTTP/1.1", Status: 403, Header: wire.Header{{Name: "x-ms-error-code", Value: "AuthenticationFailed"}},
		Body: []byte("<Error><Code>AuthenticationFailed</Code><Message></Message><AuthenticationErrorDetail>" + string(f.Kind) + "</AuthenticationErrorDetail></Error>")}
}
