package storageauth

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"
)

func key(t testing.TB, text string) []byte {
	t.Helper()
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// multi is a header map as requests have it.
func multi(header map[string]string) map[string][]string {
	out := map[string][]string{}
	for name, value := range header {
		out[name] = []string{value}
	}
	return out
}

func TestRequestFacts(t *testing.T) {
	good, other := key(t, accountKey), key(t, delegationKey)
	for _, fact := range requestFacts {
		t.Run(fact.name, func(t *testing.T) {
			r := Request{
				Method: fact.method, Account: account, Path: fact.path, PathStyle: fact.pathStyle,
				Query: ParseQuery(fact.query), Header: multi(fact.header), Version: fact.version,
			}
			if got := r.StringToSign(fact.scheme); got != fact.toSign {
				t.Errorf("string to sign\n%q, want\n%q", got, fact.toSign)
			}
			a, f := ParseAuthorization(string(fact.scheme) + " " + account + ":" + fact.signature)
			if f != nil {
				t.Fatal(f)
			}
			if at, f := r.Verify(a, good, other); at != 0 || f != nil {
				t.Errorf("key1: %d, %v", at, f)
			}
			if at, f := r.Verify(a, other, good); at != 1 || f != nil {
				t.Errorf("key2: %d, %v", at, f)
			}
			f = second(r.Verify(a, other))
			if f == nil || f.Kind != SignatureMismatch || f.StringToSign != fact.toSign || f.Value != fact.signature {
				t.Errorf("another key: %+v", f)
			}
			if f := second(r.Verify(a)); f == nil {
				t.Error("no key verified it")
			}
		})
	}
}

func second(_ int, f *Failure) *Failure { return f }

func kind(f *Failure) FailureKind {
	if f == nil {
		return ""
	}
	return f.Kind
}

// What clients sign where the rules can be read in more than one way.
func TestOtherReadings(t *testing.T) {
	const head = "GET\n\n\n\n\n\n\n\n\n\n\n\n"
	tests := []struct {
		name   string
		path   string
		style  bool
		header map[string]string
		signed string
		want   bool
	}{
		{"order of bytes", "/c", false, map[string]string{"x-ms-meta-aa": "1", "x-ms-meta-a-b": "2"},
			head + "x-ms-meta-a-b:2\nx-ms-meta-aa:1\n/devstoreaccount1/c", true},
		{"neither order", "/c", false, map[string]string{"x-ms-meta-aa": "1", "x-ms-meta-a-b": "2", "x-ms-meta-ac": "3"},
			head + "x-ms-meta-ac:3\nx-ms-meta-a-b:2\nx-ms-meta-aa:1\n/devstoreaccount1/c", false},
		{"blanks kept", "/c", false, map[string]string{"x-ms-meta-a": "two  blanks"},
			head + "x-ms-meta-a:two  blanks\n/devstoreaccount1/c", true},
		{"order of bytes and blanks kept", "/c", false, map[string]string{"x-ms-meta-aa": "1  1", "x-ms-meta-a-b": "2"},
			head + "x-ms-meta-a-b:2\nx-ms-meta-aa:1  1\n/devstoreaccount1/c", true},
		{"blanks around a value kept", "/c", false, map[string]string{"x-ms-meta-a": " a"},
			head + "x-ms-meta-a: a\n/devstoreaccount1/c", false},
		{"secondary", "/devstoreaccount1-secondary/c", true, nil, head + "/devstoreaccount1/devstoreaccount1-secondary/c", true},
		{"secondary signed as primary", "/devstoreaccount1-secondary/c", true, nil, head + "/devstoreaccount1/devstoreaccount1/c", true},
		{"root of the secondary", "/devstoreaccount1-secondary", true, nil, head + "/devstoreaccount1/devstoreaccount1", true},
		{"a container that looks like a secondary", "/devstoreaccount1-secondary/c", false, nil, head + "/devstoreaccount1/devstoreaccount1/c", false},
		{"an account that begins like the secondary", "/devstoreaccount1-secondaryx/c", true, nil, head + "/devstoreaccount1/devstoreaccount1x/c", false},
		{"language before encoding", "/c", false, map[string]string{"Content-Encoding": "gzip", "Content-Language": "en"},
			"GET\nen\ngzip\n\n\n\n\n\n\n\n\n\n/devstoreaccount1/c", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := Request{Method: "GET", Account: account, Path: test.path, PathStyle: test.style, Header: multi(test.header), Version: "2020-10-02"}
			a := Authorization{SharedKey, account, Sign(key(t, accountKey), test.signed)}
			if f := second(r.Verify(a, key(t, accountKey))); (f == nil) != test.want {
				t.Errorf("%v; the service's string is %q", f, r.StringToSign(SharedKey))
			}
		})
	}
}

func TestVerifyRefuses(t *testing.T) {
	r := Request{Method: "GET", Account: account, Path: "/c", Version: "2020-10-02"}
	a := Authorization{SharedKey, account, Sign(key(t, accountKey), r.StringToSign(SharedKey))}
	other := a
	other.Account = "other"
	if f := second(r.Verify(other, key(t, accountKey))); kind(f) != AccountMismatch || f.Value != "other" {
		t.Errorf("another account: %+v", f)
	}
	for _, header := range []map[string][]string{
		{"x-ms-meta-a": {"1", "1"}},
		{"x-ms-meta-a": {"1"}, "X-Ms-Meta-A": {"1"}},
	} {
		r.Header = header
		if f := second(r.Verify(a, key(t, accountKey))); kind(f) != HeaderRepeated || f.Field != "x-ms-meta-a" {
			t.Errorf("%v: %+v", header, f)
		}
	}
	// An empty key is no key: everyone has it.
	r.Header = nil
	a.Signature = Sign(nil, r.StringToSign(SharedKey))
	if f := second(r.Verify(a, nil, []byte{})); kind(f) != SignatureMismatch {
		t.Errorf("empty key: %v", f)
	}
}

// Each part of a request is signed: with one character more or less it is another.
func TestEverySignedPartCounts(t *testing.T) {
	base := func() Request {
		return Request{
			Method: "PUT", Account: account, Path: "/c/b", Query: ParseQuery("comp=block&blockid=AAAA"), Version: "2020-10-02",
			Header: multi(map[string]string{
				"Content-Encoding": "gzip", "Content-Language": "en", "Content-Length": "5", "Content-MD5": "m==", "Content-Type": "text/plain",
				"Date": "Fri, 26 Jun 2015 23:39:12 GMT", "If-Modified-Since": "a", "If-Match": "b", "If-None-Match": "c",
				"If-Unmodified-Since": "d", "Range": "bytes=0-4", "x-ms-version": "2020-10-02", "x-ms-meta-a": "1",
			}),
		}
	}
	signed := base()
	a := Authorization{SharedKey, account, Sign(key(t, accountKey), signed.StringToSign(SharedKey))}
	changes := map[string]func(*Request){
		"nothing":         func(*Request) {},
		"method":          func(r *Request) { r.Method = "POST" },
		"path":            func(r *Request) { r.Path += "x" },
		"parameter":       func(r *Request) { r.Query[1].Value = "AAAB" },
		"parameter more":  func(r *Request) { r.Query = append(r.Query, Param{"timeout", "1"}) },
		"parameter less":  func(r *Request) { r.Query = r.Query[:1] },
		"header more":     func(r *Request) { r.Header["x-ms-meta-b"] = []string{"1"} },
		"unsigned header": func(r *Request) { r.Header["User-Agent"] = []string{"x"} },
	}
	for name := range signed.Header {
		changes["header "+name] = func(r *Request) { r.Header[name] = []string{r.Header[name][0] + "x"} }
		changes["header less "+name] = func(r *Request) { delete(r.Header, name) }
	}
	for name, change := range changes {
		r := base()
		change(&r)
		want := name == "nothing" || name == "unsigned header"
		if f := second(r.Verify(a, key(t, accountKey))); (f == nil) != want {
			t.Errorf("%s: %v", name, f)
		}
	}
}

func TestParseAuthorization(t *testing.T) {
	good := Authorization{SharedKey, "acct", "AAAA"}
	tests := []struct {
		text string
		want Authorization
		kind FailureKind
	}{
		{"SharedKey acct:AAAA", good, ""},
		{"sharedkey acct:AAAA", good, ""},
		{"  SharedKey   acct:AAAA ", good, ""},
		{"SharedKeyLite acct:AAAA", Authorization{SharedKeyLite, "acct", "AAAA"}, ""},
		{"", Authorization{}, AuthorizationMalformed},
		{"SharedKey", Authorization{}, AuthorizationMalformed},
		{"SharedKey ", Authorization{}, AuthorizationMalformed},
		{"SharedKey acct", Authorization{}, AuthorizationMalformed},
		{"SharedKey acct:", Authorization{}, AuthorizationMalformed},
		{"SharedKey :AAAA", Authorization{}, AuthorizationMalformed},
		{"SharedKey acct:not base64", Authorization{}, AuthorizationMalformed},
		{"SharedKey acct:AAA", Authorization{}, AuthorizationMalformed},
		{"SharedKey\tacct:AAAA", Authorization{}, SchemeUnknown},
		{"SharedKeys acct:AAAA", Authorization{}, SchemeUnknown},
		{"acct:AAAA", Authorization{}, SchemeUnknown},
		{"Bearer eyJ", Authorization{}, SchemeUnknown},
	}
	for _, test := range tests {
		got, f := ParseAuthorization(test.text)
		if got != test.want || kind(f) != test.kind {
			t.Errorf("%q: %+v, %v", test.text, got, f)
		}
	}
	if good.String() != "SharedKey acct:AAAA" {
		t.Error(good.String())
	}
}

func TestCheckDate(t *testing.T) {
	now := time.Date(2015, 6, 26, 23, 39, 12, 0, time.UTC)
	tests := []struct {
		name   string
		header map[string]string
		now    time.Time
		want   FailureKind
		field  string
	}{
		{"now", map[string]string{"x-ms-date": "Fri, 26 Jun 2015 23:39:12 GMT"}, now, "", ""},
		{"Date", map[string]string{"date": "Fri, 26 Jun 2015 23:39:12 GMT"}, now, "", ""},
		{"RFC 850", map[string]string{"Date": "Friday, 26-Jun-15 23:39:12 GMT"}, now, "", ""},
		{"15 minutes old", map[string]string{"X-MS-Date": "Fri, 26 Jun 2015 23:39:12 GMT"}, now.Add(MaxSkew), "", ""},
		{"15 minutes early", map[string]string{"X-MS-Date": "Fri, 26 Jun 2015 23:39:12 GMT"}, now.Add(-MaxSkew), "", ""},
		{"older", map[string]string{"X-MS-Date": "Fri, 26 Jun 2015 23:39:12 GMT"}, now.Add(MaxSkew + time.Second), DateTooOld, "x-ms-date"},
		{"earlier", map[string]string{"Date": "Fri, 26 Jun 2015 23:39:12 GMT"}, now.Add(-MaxSkew - time.Second), DateTooNew, "date"},
		{"x-ms-date wins", map[string]string{"x-ms-date": "Fri, 26 Jun 2015 23:39:12 GMT", "Date": "Fri, 26 Jun 2010 23:39:12 GMT"}, now, "", ""},
		{"empty x-ms-date", map[string]string{"x-ms-date": "", "Date": "Fri, 26 Jun 2015 23:39:12 GMT"}, now, "", ""},
		{"none", nil, now, DateMissing, "x-ms-date"},
		{"zone", map[string]string{"x-ms-date": "Fri, 26 Jun 2015 23:39:12 CET"}, now, DateMalformed, "x-ms-date"},
		{"ISO 8601", map[string]string{"x-ms-date": "2015-06-26T23:39:12Z"}, now, DateMalformed, "x-ms-date"},
	}
	for _, test := range tests {
		r := Request{Header: multi(test.header)}
		f := r.CheckDate(test.now)
		if kind(f) != test.want || f != nil && f.Field != test.field {
			t.Errorf("%s: %+v", test.name, f)
		}
	}
}

func TestFold(t *testing.T) {
	for value, want := range map[string]string{
		"":                 "",
		"a b":              "a b",
		"a  b":             "a b",
		"a\tb":             "a b",
		"a \r\n\t b":       "a b",
		`a  "b  c"  d`:     `a "b  c" d`,
		`"a  b`:            `"a  b`,
		"größe  ü":         "größe ü",
		"no-break\u00a0 x": "no-break\u00a0 x",
	} {
		if got := fold(value); got != want {
			t.Errorf("fold(%q) = %q, want %q", value, got, want)
		}
	}
}

// The order that Azure/azure-sdk-for-js SharedKeyComparator gives.
func TestCompareNames(t *testing.T) {
	sorted := []string{
		"x-ms", "xms-a", "x-ms-a", "x-ms-a!b", "x-ms-a#", "x-ms-a.", "x-ms-a_b", "x-ms-a~", "x-ms-a+", "x-ms-a0", "x-ms-a1", "x-ms-aa", "x-ms-a-a", "x-ms-a-b", "x-ms-ac", "x-ms-b",
	}
	for i, a := range sorted {
		for j, b := range sorted {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := compareNames(a, b); got != want {
				t.Errorf("compareNames(%q, %q) = %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestParseQuery(t *testing.T) {
	tests := []struct {
		raw  string
		want Query
	}{
		{"", nil},
		{"a=1", Query{{"a", "1"}}},
		{"A=1&a=2", Query{{"a", "1"}, {"a", "2"}}},
		{"a", Query{{"a", ""}}},
		{"&a=&&", Query{{"a", ""}}},
		{"a=b=c", Query{{"a", "b=c"}}},
		{"a%2Db=%2B+%20", Query{{"a-b", "+  "}}},
		{"a=%zz&b=%", Query{{"a", "%zz"}, {"b", "%"}}},
		{"a=1;b=2", Query{{"a", "1;b=2"}}},
		{"%C3%84=%FF", Query{{"ä", "\xff"}}},
	}
	for _, test := range tests {
		if got := ParseQuery(test.raw); !slices.Equal(got, test.want) {
			t.Errorf("ParseQuery(%q) = %q, want %q", test.raw, got, test.want)
		}
	}
}

func TestCanonicalQueryLeavesTheQueryAlone(t *testing.T) {
	q := ParseQuery("b=2&a=1&b=1")
	var b strings.Builder
	q.canonical(&b)
	if b.String() != "\na:1\nb:1,2" || q[0].Name != "b" {
		t.Errorf("%q, %v", b.String(), q)
	}
}
