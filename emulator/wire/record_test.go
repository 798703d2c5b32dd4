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
