package clientlib

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

const claims = `{"access_token":{"nbf":{"essential":true,"value":"1795953600"},"x":"?>~~"}}`

// challenge is a claims challenge.
func challenge(encoded string) step {
	return says(401, `WWW-Authenticate: Bearer realm="", authorization_uri="https://login.example/common/oauth2/authorize", error="insufficient_claims", claims="`+encoded+`"`).with("no")
}

// giving is a credential that counts its tokens, and keeps what it was asked for.
type giving struct{ asked []TokenRequest }

func (g *giving) credential() Credential {
	return credentialFunc(func(r TokenRequest) (Token, error) {
		g.asked = append(g.asked, r)
		return Token{Value: fmt.Sprintf("token%d", len(g.asked)), Expires: time.Now().Add(time.Hour)}, nil
	})
}

// TestBearer: each try has a token of the credential's.
func TestBearer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, s := &giving{}, &script{steps: []step{says(503), says(200)}}
		if _, err := pipe(s, func(o *Options) { o.PerTry = []Policy{Bearer(g.credential(), "aud")} }).Do(request(t, "GET", "")); err != nil {
			t.Fatal(err)
		}
		for i, want := range []string{"Bearer token1", "Bearer token2"} {
			if got := s.asked[i].Header.Values("Authorization"); !slices.Equal(got, []string{want}) {
				t.Errorf("try %d has %q", i+1, got)
			}
		}
		if !slices.Equal(g.asked, []TokenRequest{{Audience: "aud"}, {Audience: "aud"}}) {
			t.Errorf("asked for %v", g.asked)
		}
	})
}

// TestClaims: a claims challenge is answered once, with the claims as they were meant and the body from its beginning.
func TestClaims(t *testing.T) {
	std, raw := base64.StdEncoding.EncodeToString([]byte(claims)), base64.RawStdEncoding.EncodeToString([]byte(claims))
	for name, row := range map[string]struct {
		first step
		again bool
	}{
		"base64":             {challenge(std), true},
		"without padding":    {challenge(raw), true},
		"base64url":          {challenge(base64.URLEncoding.EncodeToString([]byte(claims))), true},
		"url, no padding":    {challenge(base64.RawURLEncoding.EncodeToString([]byte(claims))), true},
		"among others":       {says(401, "WWW-Authenticate: PoP nonce=x", `WWW-Authenticate: Negotiate, bearer Claims="`+std+`"`), true},
		"in capitals":        {says(401, `WWW-Authenticate: BEARER CLAIMS="`+std+`"`), true},
		"of another scheme":  {says(401, `WWW-Authenticate: PoP claims="`+std+`"`), false},
		"no base64":          {challenge("%%%"), false},
		"no JSON":            {challenge(base64.StdEncoding.EncodeToString([]byte("hello"))), false},
		"none":               {challenge(""), false},
		"an everyday 401":    {says(401, "WWW-Authenticate: Bearer"), false},
		"of another status":  {says(403, `WWW-Authenticate: Bearer claims="`+std+`"`), false},
		"nothing at all":     {says(401), false},
		"wrong, then a good": {says(401, `WWW-Authenticate: Bearer claims="%%%", Bearer claims="`+std+`"`), true},
	} {
		t.Run(name, func(t *testing.T) {
			g, s := &giving{}, &script{steps: []step{row.first, says(201)}}
			p := pipe(s, func(o *Options) { o.PerTry = []Policy{Bearer(g.credential(), "aud")} })
			_, err := p.Do(request(t, "PUT", "the body"))
			if !row.again {
				if !HasStatus(err, row.first.status) || s.count() != 1 {
					t.Errorf("%d requests: %v", s.count(), err)
				}
				return
			}
			if err != nil || !slices.Equal(s.bodies, []string{"the body", "the body"}) {
				t.Fatalf("%v, sent %q", err, s.bodies)
			}
			if !slices.Equal(g.asked, []TokenRequest{{Audience: "aud"}, {Audience: "aud", Claims: claims}}) || s.asked[1].Header.Get("Authorization") != "Bearer token2" {
				t.Errorf("asked for %v", g.asked)
			}
			if row.first.body != nil && s.closed != 1 {
				t.Error("the challenge's body was not closed")
			}
		})
	}
}

// TestClaimsOnce: one who goes on asking is refused, and so is one whose body is gone.
func TestClaimsOnce(t *testing.T) {
	asks := challenge(base64.StdEncoding.EncodeToString([]byte(claims)))
	for name, row := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"always":       {func(*http.Request) {}, 2},
		"body is gone": {func(r *http.Request) { r.Body, r.GetBody = io.NopCloser(once("x")), nil }, 1},
		"body failed":  {func(r *http.Request) { r.GetBody = func() (io.ReadCloser, error) { return nil, errReset } }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			g, s := &giving{}, &script{}
			asks.body = nil
			s.steps = []step{asks}
			req := request(t, "PUT", "x")
			row.change(req)
			_, err := pipe(s, func(o *Options) { o.PerTry = []Policy{Bearer(g.credential(), "aud")} }).Do(req)
			if !HasStatus(err, 401) || s.count() != row.want || len(g.asked) != row.want {
				t.Errorf("%d requests, %d tokens: %v", s.count(), len(g.asked), err)
			}
		})
	}
}

// TestNoToken: without a token nothing is sent, and the credential is not asked again.
func TestNoToken(t *testing.T) {
	wrong := errors.New("the tenant is closed")
	for name, row := range map[string]struct {
		token Token
		err   error
		want  string
	}{
		"an error": {Token{}, wrong, "no token for aud: the tenant is closed"},
		"empty":    {Token{}, nil, "no token for aud: the credential returned an empty one"},
		"both":     {Token{Value: canary}, wrong, "no token for aud: the tenant is closed"},
	} {
		t.Run(name, func(t *testing.T) {
			asked := 0
			s := &script{steps: []step{says(200)}}
			_, err := pipe(s, func(o *Options) {
				o.PerTry = []Policy{Bearer(credentialFunc(func(TokenRequest) (Token, error) { asked++; return row.token, row.err }), "aud")}
			}).Do(request(t, "GET", ""))
			in(t, err, "GET https://acct.example/c/b?sig=REDACTED&sv=1: "+row.want)
			var refused *CredentialError
			if !errors.As(err, &refused) || refused.Audience != "aud" || row.err != nil && !errors.Is(err, wrong) || s.count() != 0 || asked != 1 {
				t.Errorf("%d requests, %d questions: %v", s.count(), asked, err)
			}
		})
	}
	// What a credential was refused by its own service is found as that.
	service := &Error{Status: 400, Code: "invalid_request", Method: "GET", URL: "http://169.254.169.254/"}
	_, err := pipe(&script{}, func(o *Options) {
		o.PerTry = []Policy{Bearer(credentialFunc(func(TokenRequest) (Token, error) { return Token{}, service }), "aud")}
	}).Do(request(t, "GET", ""))
	if !HasCode(err, "invalid_request") {
		t.Error(err)
	}
}

// TestPlainHTTP: no token goes where anybody can read it, and none is asked for.
func TestPlainHTTP(t *testing.T) {
	g, s := &giving{}, &script{steps: []step{says(200)}}
	p := pipe(s, func(o *Options) { o.PerTry = []Policy{Bearer(g.credential(), "aud")} })
	for _, address := range []string{"http://acct.example/x", "http://127.0.0.1/x", "HTTPS+x://acct.example/x", "//acct.example/x"} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = p.Do(req); !errors.Is(err, ErrPlainHTTP) {
			t.Errorf("%s: %v", address, err)
		}
	}
	if s.count() != 0 || len(g.asked) != 0 {
		t.Errorf("%d requests, %d tokens", s.count(), len(g.asked))
	}
}

// TestChallenges reads WWW-Authenticate as services write it, and as nobody should.
func TestChallenges(t *testing.T) {
	type params = map[string]string
	for line, want := range map[string][]Challenge{
		"":                                nil,
		" , ,":                            nil,
		"Bearer":                          {{"Bearer", params{}}},
		"Bearer ":                         {{"Bearer", params{}}},
		"Negotiate, Basic realm=x":        {{"Negotiate", params{}}, {"Basic", params{"realm": "x"}}},
		`Bearer a="b",c=d , E = "f"`:      {{"Bearer", params{"a": "b", "c": "d", "e": "f"}}},
		`Bearer a="b, c=d"`:               {{"Bearer", params{"a": "b, c=d"}}},
		`Bearer a="b\"c\\d"`:              {{"Bearer", params{"a": `b"c\d`}}},
		`Bearer a="b", PoP c="d", e="f"`:  {{"Bearer", params{"a": "b"}}, {"PoP", params{"c": "d", "e": "f"}}},
		`Bearer a="open`:                  {{"Bearer", params{"a": "open"}}},
		`Bearer a="open\`:                 {{"Bearer", params{"a": `open\`}}},
		`Bearer a=`:                       {{"Bearer", params{"a": ""}}},
		`a="b"`:                           nil,
		`=`:                               nil,
		`Bearer a=c, ="b"`:                {{"Bearer", params{"a": "c"}}},
		`Bearer a=b a=c`:                  {{"Bearer", params{"a": "c"}}},
		"Bearer\tauthorization=\"https\"": {{"Bearer", params{"authorization": "https"}}},
		`Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"`: {{"Bearer", params{"authorization": "https://login.microsoftonline.com/t", "resource": "https://vault.azure.net"}}},
		`Bearer authorization_uri=https://login.microsoftonline.com/t/oauth2/authorize resource_id=https://storage.azure.com`: {
			{"Bearer", params{"authorization_uri": "https://login.microsoftonline.com/t/oauth2/authorize", "resource_id": "https://storage.azure.com"}}},
		"Basic realm=/var/opt/azcmagent/tokens/x.key": {{"Basic", params{"realm": "/var/opt/azcmagent/tokens/x.key"}}},
	} {
		if got := Challenges(http.Header{"Www-Authenticate": {line}}); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
	}
	if got := Challenges(http.Header{"Www-Authenticate": {"Bearer a=b", "c=d", "PoP"}}); !reflect.DeepEqual(got, []Challenge{{"Bearer", params{"a": "b"}}, {"PoP", params{}}}) {
		t.Errorf("several lines: %v", got)
	}
}

func FuzzChallenges(f *testing.F) {
	for _, line := range []string{`Bearer a="b", PoP c=d`, `Bearer a="b\"`, "=,=", `"`, "a\x00=b", "Bearer claims=\"" + base64.StdEncoding.EncodeToString([]byte(claims)) + `"`} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		h := http.Header{"Www-Authenticate": {line}}
		for _, c := range Challenges(h) {
			if c.Scheme == "" || c.Params == nil || strings.ContainsAny(c.Scheme, " \t,=") {
				t.Errorf("%q: %v", line, c)
			}
			for name := range c.Params {
				if name == "" || name != strings.ToLower(name) || strings.ContainsAny(name, " \t,=") {
					t.Errorf("%q: a parameter %q", line, name)
				}
			}
		}
		_ = ClaimsChallenge(h)
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"7", "-1", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT", "Sat, 28 Nov 2026 12:01:00 GMT", ""} {
		f.Add(value)
	}
	r := Retry{LongestAsked: 1 << 62, Random: func() float64 { return 0.999999 }}.withDefaults()
	f.Fuzz(func(t *testing.T, value string) {
		for _, name := range []string{"Retry-After", "Retry-After-Ms", "X-Ms-Retry-After-Ms"} {
			asked := RetryAfter(http.Header{name: {value}}, time.Unix(1795953600, 0))
			if wait, ok := r.another(1, 0, 429, asked); asked < 0 || !ok || wait <= 0 || wait < asked {
				t.Errorf("%s: %q is %s, and %s are waited", name, value, asked, wait)
			}
		}
	})
}
