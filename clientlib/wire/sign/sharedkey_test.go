package sign_test

import (
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
)

var (
	epoch = time.Date(2026, 11, 21, 19, 55, 54, 0, time.UTC)
	key   = []byte("key")
)

func TestDecodeKey(t *testing.T) {
	if got, err := sign.DecodeKey("a2V5"); string(got) != "key" || err != nil {
		t.Error(got, err)
	}
	for _, text := range []string{"", "c4nary", "a2V5*"} {
		if got, err := sign.DecodeKey(text); got != nil || err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Error(got, err)
		}
	}
}

// x-ms-date is set where no date is, and left where one is, be it the other.
func TestDate(t *testing.T) {
	for name, want := range map[string]string{"": "Sat, 21 Nov 2026 19:55:54 GMT", "X-Ms-Date": "d", "Date": ""} {
		r := &wire.Request{URL: "https://h/"}
		if name != "" {
			r.Header.Set(name, "d")
		}
		sign.SharedKey(r, account, key, epoch)
		if got := r.Header.Get("x-ms-date"); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestBearer(t *testing.T) {
	r := &wire.Request{Header: wire.Header{{Name: "authorization", Value: "x"}}}
	if sign.Bearer(r, "abc"); len(r.Header) != 1 || r.Header.Get("Authorization") != "Bearer abc" {
		t.Error(r.Header)
	}
}

// Rules that neither the vectors nor the other side know.
func TestStringToSign(t *testing.T) {
	for _, test := range []struct {
		name    string
		request wire.Request
		lite    bool
		want    string
	}{
		{"body's own length", wire.Request{Method: "PUT", URL: "https://h/c/b", Body: []byte("abc")}, false, "PUT\n\n\n3\n\n\n\n\n\n\n\n\n/devstoreaccount1/c/b"},
		{"chunks", wire.Request{Method: "PUT", URL: "https://h/c/b", Chunks: [][]byte{}}, false, "PUT\n\n\n\n\n\n\n\n\n\n\n\n/devstoreaccount1/c/b"},
		{"no length", wire.Request{Method: "PUT", URL: "https://h/c/b", Body: []byte("abc"), NoLength: true}, false, "PUT\n\n\n\n\n\n\n\n\n\n\n\n/devstoreaccount1/c/b"},
		{"nothing, no version", wire.Request{Method: "PUT", URL: "https://h"}, false, "PUT\n\n\n\n\n\n\n\n\n\n\n\n/devstoreaccount1/"},
		{"nothing, old", wire.Request{Method: "PUT", URL: "https://h", Header: wire.Header{{Name: "x-ms-version", Value: "2014-02-14"}}}, false,
			"PUT\n\n\n0\n\n\n\n\n\n\n\n\nx-ms-version:2014-02-14\n/devstoreaccount1/"},
		{"target", wire.Request{URL: "https://h/a", Target: "/b?c"}, true, "GET\n\n\n\n/devstoreaccount1/b"},
		{"to a proxy", wire.Request{URL: "http://h/a", Target: "http://h/b?comp=c%20d"}, true, "GET\n\n\n\n/devstoreaccount1/b?comp=c d"},
		{"to a proxy, no path", wire.Request{URL: "http://h/a", Target: "http://h"}, true, "GET\n\n\n\n/devstoreaccount1/"},
		{"a name twice", wire.Request{URL: "https://h/", Header: wire.Header{{Name: "x-ms-b", Value: "2"}, {Name: "X-MS-B", Value: "1"}}}, true, "GET\n\n\n\nx-ms-b:2,1\n/devstoreaccount1/"},
		{"percent", wire.Request{URL: "https://h/?a=%zz%4&%41=+%2B"}, false, "GET\n\n\n\n\n\n\n\n\n\n\n\n/devstoreaccount1/\na: +,%zz%4"},
		{"no URL", wire.Request{URL: "x"}, true, "GET\n\n\n\n/devstoreaccount1/"},
	} {
		if got := sign.StringToSign(&test.request, account, test.lite); got != test.want {
			t.Errorf("%s:\n%q, want\n%q", test.name, got, test.want)
		}
	}
}

// The versions from which on a length of 0, and an empty header, are signed otherwise.
func TestVersionsOfSharedKey(t *testing.T) {
	for version, want := range map[string]string{
		"2014-02-14": "PUT\n\n\n0\n\n\n\n\n\n\n\n\n", "2015-02-21": "PUT\n\n\n\n\n\n\n\n\n\n\n\n",
		"2015-12-11": "PUT\n\n\n\n\n\n\n\n\n\n\n\n", "2016-05-31": "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-a:\n",
	} {
		r := &wire.Request{Method: "PUT", URL: "https://h/", Header: wire.Header{{Name: "x-ms-a", Value: " "}, {Name: "x-ms-version", Value: version}}}
		if got := sign.StringToSign(r, account, false); got != want+"x-ms-version:"+version+"\n/devstoreaccount1/" {
			t.Errorf("%s: %q", version, got)
		}
	}
}

func TestSAS(t *testing.T) {
	s := fullSAS("2026-04-06", "c", true)
	if !strings.HasSuffix(s.Query(nil), "&sig="+strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(sign.Sign(key, s.StringToSign("2026-04-06")), "+", "%2B"), "/", "%2F"), "=", "%3D")) {
		t.Error("the delegation key did not sign: " + s.Query(nil))
	}
	if s.StringToSign("2020-12-06") == s.StringToSign("2026-04-06") || !strings.Contains(s.StringToSign("2020-12-06"), "\n2026-04-06\n") {
		t.Error("another layout signs the version that is said")
	}
	s.CanonicalResource = "/blob/other/c"
	if !strings.Contains(s.StringToSign("2026-04-06"), "\n/blob/other/c\n") {
		t.Error(s.StringToSign("2026-04-06"))
	}
}

func TestParams(t *testing.T) {
	p := sign.Params{{Name: "b", Value: "1 +&ü"}, {Name: "a", Value: ""}}
	if got := p.Encode(); got != "b=1%20%2B%26%C3%BC&a=" {
		t.Error(got)
	}
	if got := p.With("b", "2").With("c", "3").Without("a").Encode(); got != "b=2&c=3" {
		t.Error(got)
	}
	if p.Get("b") != "1 +&ü" || p.Get("x") != "" || p[0].Value != "1 +&ü" {
		t.Error(p)
	}
}
