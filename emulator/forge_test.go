package emulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
)

func newSigner(t testing.TB, c *cloud.Cloud, k ...*identity.Key) *identity.Tokens {
	t.Helper()
	tokens, err := identity.New(c, ids.New(ids.RandomSeed()), k...)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func issue(t testing.TB, tokens *identity.Tokens, r identity.Request) string {
	t.Helper()
	token, err := tokens.Issue(r, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return token.Raw
}

func someone(tenantID, objectID, resource string) identity.Request {
	return identity.Request{
		Principal: state.Principal{ObjectID: objectID, AppID: ids.Named("app", objectID), TenantID: tenantID, Kind: state.PrincipalApplication},
		Tenant:    state.Tenant{ID: tenantID}, Resource: resource,
	}
}

// claim reads a claim out of a token without verifying anything.
func claim(t testing.TB, token, name string) string {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal(part(t, token, 1), &m); err != nil {
		t.Fatal(err)
	}
	s, _ := m[name].(string)
	return s
}

func part(t testing.TB, token string, i int) []byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// reheaded is the token's payload under another header, with a signature made by sign.
func reheaded(t testing.TB, token, header string, sign func(text string) []byte) string {
	t.Helper()
	text := base64.RawURLEncoding.EncodeToString([]byte(header)) + "." + strings.Split(token, ".")[1]
	return text + "." + base64.RawURLEncoding.EncodeToString(sign(text))
}

func hs256(key []byte) func(string) []byte {
	return func(text string) []byte {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(text))
		return mac.Sum(nil)
	}
}
