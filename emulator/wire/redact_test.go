package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

const jwt = "eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiJ4In0.c2lnbmF0dXJl-_"

func TestRedactHeader(t *testing.T) {
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
		if got := RedactHeader(name, value); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

func TestRedactText(t *testing.T) {
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
	} {
		if got := RedactText(in); got != want {
			t.Errorf("%s\n    is %s\n  want %s", in, got, want)
		}
	}
}

// Whatever a text is like, redacting ends, and what is redacted stays so.
func FuzzRedactText(f *testing.F) {
	for _, seed := range []string{"sig=", "%26sig%3D%26", "Bearer " + jwt, `{"access_token":"`, "%%25sig%3d%253D", "eyJ..eyJ.", "\xff=sig=\xff", jwt[30:]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := RedactText(text + " sig=canary123&x " + jwt)
		for _, secret := range []string{"canary123", jwt[30:]} {
			if strings.Contains(got, secret) && !strings.Contains(text, secret) { // what the text itself says is no secret
				t.Errorf("%q: %q", text, got)
			}
		}
	})
}

// The journal has what a reader needs: heads without secrets, sizes, types, the rule, and of a refused
// token what it says.
func TestWhatIsRecorded(t *testing.T) {
	b := newBench()
	p := plane(false,
		Operation{Name: "put", Method: "PUT", Path: "/put", Prepare: func(c *Call) error { _, err := c.ReadBody(100); return err },
			Update: func(*Call, *state.Tx) (Response, error) {
				return OK("secret").With("Location", "https://h/?sig=abc"), nil
			}},
		Operation{Name: "no", Method: "GET", Path: "/no", View: func(*Call, *state.Tx) (Response, error) {
			return Response{}, apierr.New(apierr.ARMGroupNotFound, "01234567")
		}},
	)
	put := httptest.NewRequest("PUT", "/put?sig=x", strings.NewReader("hello"))
	put.Header = http.Header{"Content-Type": {"text/plain"}, "Authorization": {"Bearer " + jwt}, "A": {"2", "1"}}
	b.serve(p, put)
	no := httptest.NewRequest("GET", "/no", nil)
	no.Header = http.Header{"Authorization": {"Bearer " + jwt}, "Cookie": {"01234567"}}
	b.serve(p, no)
	entries := b.Journal.Entries(0)
	if len(entries) != 2 {
		t.Fatal(entries)
	}
	e := entries[0]
	if e.Request.Size != 5 || e.Request.ContentType != "text/plain" || e.Response.Size != 8 || e.Response.ContentType != jsonUTF8 || e.Response.Body != "" || e.Claims != nil {
		t.Errorf("%+v", e)
	}
	var heads []string
	for _, h := range append(e.Request.Header, e.Response.Header...) {
		heads = append(heads, h.Name+"="+h.Value)
	}
	if got := strings.Join(heads, " "); !strings.HasPrefix(got, "A=2 A=1 Authorization=Bearer REDACTED Content-Type=text/plain ") || !strings.Contains(got, " Location=https://h/?sig=REDACTED") {
		t.Error(got)
	}
	// The refusal says a secret of the request back: the journal does not.
	e = entries[1]
	if e.Message != "Resource group 'REDACTED' could not be found." || !strings.Contains(e.Response.Body, "REDACTED") || strings.Contains(e.Response.Body, "01234567") || e.Kind != apierr.ARMGroupNotFound || len(e.Rules) != 1 {
		t.Errorf("%+v", e)
	}
	if e.Claims == nil || e.Claims.ObjectID != "x" {
		t.Errorf("claims %+v", e.Claims)
	}
}

func TestClaims(t *testing.T) {
	for raw, want := range map[string]bool{
		jwt: true, "a.b": false, "a.!.c": false, "a.e30.c": true, "a.W10.c": false, strings.Repeat("a", 40_000) + ".e30.c": false,
		"a.eyJleHAiOiJ4IiwiYXVkIjpbMV19.c": true, "a.eyJleHAiOjk5OTk5OTk5OTk5OTk5OTl9.c": true,
	} {
		got := claimsOf(raw)
		if (got != nil) != want || got != nil && !got.Expires.IsZero() {
			t.Errorf("%.40s: %+v", raw, got)
		}
	}
}
