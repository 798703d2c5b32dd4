package redact

import (
	"net/url"
	"strings"
	"testing"
)

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJ4In0.c2lnbmF0dXJl-_"

func TestHeader(t *testing.T) {
	for line, want := range map[string]string{
		"Authorization: Bearer " + jwt:                  "Bearer REDACTED",
		"authorization: bearer x":                       "Bearer REDACTED",
		"Authorization: SharedKey acct:c2ln":            "SharedKey acct:REDACTED",
		"Authorization: SharedKeyLite acct:a:b":         "SharedKeyLite acct:REDACTED",
		"Authorization: SharedKey " + jwt:               "SharedKey REDACTED",
		"Authorization: Basic YTpi":                     "Basic REDACTED",
		"Authorization: secret":                         "REDACTED",
		"Authorization: Bearer":                         "REDACTED",
		"Authorization: a-secret-with-a-blank-after it": "REDACTED",
		"Proxy-Authorization: Basic YTpi":               "Basic REDACTED",
		"X-Ms-Copy-Source-Authorization: Bearer x":      "Bearer REDACTED",
		"Cookie: a=b":                                   "REDACTED",
		"Set-Cookie: a=b":                               "REDACTED",
		"X-IDENTITY-HEADER: x":                          "REDACTED",
		"Secret: x":                                     "REDACTED",
		"x-ms-encryption-key: x":                        "REDACTED",
		"x-ms-encryption-key-sha256: x":                 "x",
		"x-ms-meta-Color: x":                            "REDACTED",
		"x-ms-tags: a=b":                                "REDACTED",
		"x-ms-if-tags: \"a\"='b'":                       "REDACTED",
		"X-Api-Key: x":                                  "REDACTED",
		"X-Functions-Key: x":                            "REDACTED",
		"X-Vault-Token: x":                              "REDACTED",
		"X-Hub-Signature-256: x":                        "REDACTED",
		"x-ms-copy-source: https://h/c/b?sp=r&sig=a%2F": "https://h/c/b?sp=r&sig=REDACTED",
		"Content-Type: application/json":                "application/json",
		"X-Note: it is " + jwt:                          "it is REDACTED",
	} {
		name, value, _ := strings.Cut(line, ": ")
		if got := Header(name, value); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":      "",
		"plain": "plain",
		"Request is missing a Bearer or PoP token.":                                 "Request is missing a Bearer or PoP token.",
		`Bearer authorization="https://login.microsoftonline.com/t", resource="x"`:  `Bearer authorization="https://login.microsoftonline.com/t", resource="x"`,
		`Bearer authorization_uri="https://login.windows.net/t", error="e"`:         `Bearer authorization_uri="https://login.windows.net/t", error="e"`,
		"Bearer authorization_uri=https://login.windows.net/t/oauth2 resource_id=x": "Bearer authorization_uri=https://login.windows.net/t/oauth2 resource_id=x",
		"Authorization: Bearer " + jwt + ".":                                        "Authorization: Bearer REDACTED",
		"Bearer 0123456789abcdef":                                                   "Bearer REDACTED",
		"bearer 0123456789abcdef==, and":                                            "bearer REDACTED, and",
		"SharedKey acct:0123456789abcdef=":                                          "SharedKey REDACTED",
		"the header 'eyJhbGciOiJSUzI1NiJ9' alone":                                   "the header 'eyJhbGciOiJSUzI1NiJ9' alone",
		"token " + jwt + " and more":                                                "token REDACTED and more",
		"sv=1&sig=abc%3D&se=2":                                                      "sv=1&sig=REDACTED&se=2",
		"sv=1&amp;sig=abc%3D&amp;se=2":                                              "sv=1&amp;sig=REDACTED&amp;se=2",
		"<a>sig=abc</a>":                                                            "<a>sig=REDACTED</a>",
		"design=1 mysig=2 sig =3":                                                   "design=1 mysig=2 sig =3",
		"SIG=abc Client_Secret=x y":                                                 "SIG=REDACTED Client_Secret=REDACTED y",
		"u=https%3A%2F%2Fh%3Fsp%3Dr%26sig%3Dab%252F%26se%3D2&x":                     "u=https%3A%2F%2Fh%3Fsp%3Dr%26sig%3DREDACTED%26se%3D2&x",
		"u=https%3a%2f%2fh%3fsig%3dab":                                              "u=https%3a%2f%2fh%3fsig%3dREDACTED",
		"u=x%253Fsig%253Dab%2526se%253D2":                                           "u=x%253Fsig%253DREDACTED%2526se%253D2",
		`{"access_token":"a b","x":"y"}`:                                            `{"access_token":"REDACTED","x":"y"}`,
		`{"serviceSasToken": "sv=1&sig=2"}`:                                         `{"serviceSasToken": "REDACTED"}`,
		`{\"client_secret\":\"a\",\"x\":1}`:                                         `{\"client_secret\":\"REDACTED\",\"x\":1}`,
		"x-ms-copy-source:https://h/b?sig=abc\nx-ms-date:d":                         "x-ms-copy-source:https://h/b?sig=REDACTED\nx-ms-date:d",
		"Endpoint=https://h;AccountKey=abc=;X=y":                                    "Endpoint=https://h;AccountKey=REDACTED;X=y",
		"a?password=b&client-secret=c&SharedKey=d&e=f":                              "a?password=REDACTED&client-secret=REDACTED&SharedKey=REDACTED&e=f",
		`{"apiKey":"a","userPassword":"b","token":"c"}`:                             `{"apiKey":"REDACTED","userPassword":"REDACTED","token":"REDACTED"}`,
		"$skiptoken=abc&client_assertion_type=urn&grant_type=x":                     "$skiptoken=abc&client_assertion_type=urn&grant_type=x",
		"code=x code: y":                                                            "code=REDACTED code: y",
		`{"error":{"code":"Forbidden","x":1}} {\"code\":\"x\"}`:                     `{"error":{"code":"Forbidden","x":1}} {\"code\":\"x\"}`,
	} {
		if got := Text(in); got != want {
			t.Errorf("%s\n    is %s\n  want %s", in, got, want)
		}
	}
}

// Whatever a text is like, redacting ends, and what is redacted stays so.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"sig=", "%26sig%3D%26", "Bearer " + jwt, `{"access_token":"`, "%%25sig%3d%253D", "eyJ..eyJ.", "\xff=sig=\xff", jwt[30:]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Text(text + " sig=canary123&x " + jwt)
		for _, secret := range []string{"canary123", jwt[30:]} {
			if strings.Contains(got, secret) && !strings.Contains(text, secret) { // what the text itself says is no secret
				t.Errorf("%q: %q", text, got)
			}
		}
	})
}

func TestURL(t *testing.T) {
	for in, want := range map[string]string{
		"https://h/p?sv=1&sig=abc%3D&se=2":       "https://h/p?sv=1&sig=REDACTED&se=2",
		"https://h/p?%73ig=abc":                  "https://h/p?%73ig=REDACTED",
		"https://h/p?spr=https;sig=abc;se=2":     "https://h/p?spr=https;sig=REDACTED;se=2",
		"https://h/p?access_token=abc&a=b":       "https://h/p?access_token=REDACTED&a=b",
		"https://user:pw@h/p?a=b":                "https://h/p?a=b",
		"https://h/p?client_secret=x&client_id=": "https://h/p?client_secret=REDACTED&client_id=",
		"https://h/p?%zz=secret":                 "https://h/p?%zz=REDACTED",
		"https://h/p":                            "https://h/p",
	} {
		u, err := url.Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if got := URL(u); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}
