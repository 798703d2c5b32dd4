package identity

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// assert signs claims with a key under a key id.
func assert(t testing.TB, method jwt.SigningMethod, key any, claims jwt.MapClaims) Assertion {
	t.Helper()
	token := jwt.NewWithClaims(method, claims)
	token.Header["kid"] = "one"
	raw, err := token.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	a, err := ParseAssertion(raw)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func plain() jwt.MapClaims {
	return jwt.MapClaims{"iss": "https://issuer.example.com", "sub": "somebody", "aud": "somewhere", "exp": 2000000000}
}

func raw64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// Keys of every kind that issuers publish verify what they signed, and nothing else.
func TestKeySets(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string]string{
		"RSA": fmt.Sprintf(`{"kty":"RSA","use":"sig","kid":"one","n":%q,"e":"AQAB"}`, raw64(rsaKey.N.Bytes())),
	}
	signers := map[string]any{"RSA": rsaKey}
	for name, curve := range map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		point, err := key.PublicKey.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		half := (len(point) - 1) / 2
		sets[name] = fmt.Sprintf(`{"kty":"EC","crv":%q,"kid":"one","x":%q,"y":%q}`, name, raw64(point[1:1+half]), raw64(point[1+half:]))
		signers[name] = key
	}
	for _, c := range []struct {
		method jwt.SigningMethod
		key    string
	}{
		{jwt.SigningMethodRS256, "RSA"}, {jwt.SigningMethodRS384, "RSA"}, {jwt.SigningMethodRS512, "RSA"},
		{jwt.SigningMethodPS256, "RSA"}, {jwt.SigningMethodES256, "P-256"}, {jwt.SigningMethodES384, "P-384"}, {jwt.SigningMethodES512, "P-521"},
	} {
		a := assert(t, c.method, signers[c.key], plain())
		for name, key := range sets {
			set, err := ParseKeySet([]byte(`{"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA","use":"enc"},` + key + `]}`))
			if err != nil {
				t.Fatal(err)
			}
			if err := a.Verify(set); (err == nil) != (name == c.key) {
				t.Errorf("%s by %s: %v", c.method.Alg(), name, err)
			}
		}
		if err := a.Verify(KeySet{}); !errors.Is(err, ErrAssertionKey) {
			t.Errorf("without keys: %v", err)
		}
	}
}

func TestBadKeySets(t *testing.T) {
	small := raw64([]byte(strings.Repeat("\xff", 64)))
	for _, c := range []struct{ document, part string }{
		{``, "no JSON Web Key Set"},
		{`[]`, "no JSON Web Key Set"},
		{`{"keys":[]}`, "no key for signatures"},
		{`{"keys":[{"kty":"oct","k":"AAAA"}]}`, "no key for signatures"},
		{`{"keys":[{"kty":"RSA","e":"AQAB"}]}`, "key 1 of the JSON Web Key Set: n is missing"},
		{`{"keys":[{"kty":"RSA","n":"` + small + `","e":"AQAB"}]}`, "n has 512 bits"},
		{`{"keys":[{"kty":"RSA","n":"` + strings.Repeat("_", 2000) + `","e":"AQAB"}]}`, "n has 12000 bits"},
		{`{"keys":[{"kty":"RSA","n":"` + strings.Repeat("_", 300) + `","e":"AQ"}]}`, "e is no exponent"},
		{`{"keys":[{"kty":"RSA","n":"` + strings.Repeat("_", 300) + `","e":"` + strings.Repeat("_", 20) + `"}]}`, "e is no exponent"},
		{`{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}]}`, "no point of P-256"},
		{`{"keys":[{"kty":"EC","crv":"P-256","x":"` + strings.Repeat("_", 300) + `","y":"AQ"}]}`, "x is longer than the curve"},
		{`{"keys":[{"kty":"EC","crv":"secp256k1","x":"AQ","y":"AQ"}]}`, "no key for signatures"},
		{`{"keys":[{"kty":"RSA","n":"` + strings.Repeat("_", 300) + `","e":"AQAB","x5t":"%"}]}`, "x5t"},
	} {
		if _, err := ParseKeySet([]byte(c.document)); err == nil || !strings.Contains(err.Error(), c.part) {
			t.Errorf("%.80s: %v", c.document, err)
		}
	}
}

func TestParseAssertion(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	a := assert(t, jwt.SigningMethodES256, key, plain())
	if a.Issuer != "https://issuer.example.com" || a.Subject != "somebody" || len(a.Audiences) != 1 || a.Expires.Unix() != 2000000000 || a.NotBefore.Year() != 1970 || a.KeyID() != "one" {
		t.Errorf("%+v", a)
	}
	for _, c := range []struct {
		name  string
		value any
	}{
		{"iss", nil},
		{"sub", nil},
		{"aud", nil},
		{"exp", nil},
		{"aud", []string{}},
		{"aud", 1},
		{"exp", "soon"},
		{"exp", 1e300},
		{"exp", -1e300},
		{"exp", int64(-62135596800)},
		{"nbf", 1e18},
		{"iss", 1},
	} {
		claims := plain()
		if c.value == nil {
			delete(claims, c.name)
		} else {
			claims[c.name] = c.value
		}
		raw, err := jwt.NewWithClaims(jwt.SigningMethodES256, claims).SignedString(key)
		if err != nil {
			t.Fatal(err)
		}
		if a, err := ParseAssertion(raw); !errors.Is(err, ErrAssertionMalformed) {
			t.Errorf("%s %v: %v %+v", c.name, c.value, err, a)
		}
	}
	for raw, want := range map[string]error{
		"": ErrAssertionMalformed, "a.b": ErrAssertionMalformed, "..": ErrAssertionMalformed, strings.Repeat("a", maxToken+1): ErrAssertionMalformed,
		raw64([]byte(`{"alg":"none"}`)) + "." + raw64([]byte(`{}`)) + ".":     ErrAssertionAlgorithm,
		raw64([]byte(`{"alg":"HS256"}`)) + "." + raw64([]byte(`{}`)) + ".AA":  ErrAssertionAlgorithm,
		raw64([]byte(`{"alg":"RS1024"}`)) + "." + raw64([]byte(`{}`)) + ".AA": ErrAssertionAlgorithm,
	} {
		if _, err := ParseAssertion(raw); !errors.Is(err, want) {
			t.Errorf("%.60q: %v, want %v", raw, err, want)
		}
	}
}

// Claims count by their exact names alone, and what is not looked at may be anything.
func TestClaimsOfAssertions(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	set, err := ParseKeySet([]byte(fmt.Sprintf(`{"keys":[{"kty":"RSA","kid":"one","n":%q,"e":"AQAB"}]}`, raw64(key.N.Bytes()))))
	if err != nil {
		t.Fatal(err)
	}
	sign := func(head, body string) string {
		text := raw64([]byte(head)) + "." + raw64([]byte(body))
		signature, err := jwt.SigningMethodRS256.Sign(text, key)
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + raw64(signature)
	}
	const head = `{"alg":"RS256","kid":"one"}`
	a, err := ParseAssertion(sign(head, `{"iss":"i","sub":"s","aud":"a","exp":1,"Iss":"I","SUB":"S","AUD":"A","EXP":2,"NBF":3,"iat":"x","jti":7,"oid":1e400}`))
	if err != nil {
		t.Fatal(err)
	}
	if a.Issuer != "i" || a.Subject != "s" || a.Audiences[0] != "a" || a.Expires.Unix() != 1 || a.NotBefore.Unix() != 0 {
		t.Errorf("%+v", a)
	}
	if err := a.Verify(set); err != nil {
		t.Error(err)
	}
	good := sign(head, `{"iss":"i","sub":"s","aud":"a","exp":1}`)
	for name, raw := range map[string]string{
		"other names":      sign(head, `{"ISS":"i","SUB":"s","AUD":"a","EXP":1}`),
		"a text for a day": sign(head, `{"iss":"i","sub":"s","aud":"a","exp":"1"}`),
		"no claims":        sign(head, `null`),
		"an extension":     sign(`{"alg":"RS256","kid":"one","crit":["exp"],"exp":1}`, `{"iss":"i","sub":"s","aud":"a","exp":1}`),
		"a line break":     good + "\n",
		"broken":           good[:len(good)-7] + "\r\n" + good[len(good)-7:],
	} {
		if a, err := ParseAssertion(raw); !errors.Is(err, ErrAssertionMalformed) {
			t.Errorf("%s: %v %+v", name, err, a)
		}
	}
}

// Whatever is sent as an assertion is parsed or refused, and what parses has a life that can
// be written down.
func FuzzParseAssertion(f *testing.F) {
	f.Add(raw64([]byte(`{"alg":"RS256","kid":"one","x5t":"AAECAwQFBgcICQoLDA0ODxAREhM"}`)) + "." + raw64([]byte(`{"iss":"a","sub":"b","aud":["c"],"exp":2000000000.5,"nbf":1}`)) + ".AA")
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := ParseAssertion(raw)
		if err != nil {
			return
		}
		for _, at := range []time.Time{a.NotBefore, a.Expires} {
			if _, err := at.MarshalJSON(); err != nil {
				t.Errorf("%v", err)
			}
		}
		if a.Verify(KeySet{}) == nil {
			t.Error("nobody's key has signed it")
		}
		if _, err := a.VerifyCertificate([][]byte{{}, []byte("no certificate")}); err == nil {
			t.Error("no certificate has signed it")
		}
	})
}

// Whatever an issuer publishes is a set of keys, or an error.
func FuzzParseKeySet(f *testing.F) {
	f.Add([]byte(`{"keys":[{"kty":"EC","crv":"P-256","kid":"1","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}`))
	f.Add([]byte(`{"keys":[{"kty":"RSA","use":"sig","kid":"1","n":"` + strings.Repeat("_", 300) + `","e":"AQAB","x5t":"AA"}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		set, err := ParseKeySet(document)
		if (err == nil) != (len(set.keys) > 0) {
			t.Errorf("%d keys, %v", len(set.keys), err)
		}
	})
}
