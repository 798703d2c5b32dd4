package storageauth

import (
	"net/url"
	"slices"
	"strings"
	"testing"
)

func FuzzParseAuthorization(f *testing.F) {
	for _, seed := range []string{"SharedKey acct:AAAA", "SharedKeyLite a:b:c", "Bearer x", "SharedKey :", "\t SharedKey"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		a, failure := ParseAuthorization(text)
		if failure != nil {
			if a != (Authorization{}) {
				t.Errorf("%+v beside %v", a, failure)
			}
			return
		}
		if again, failure := ParseAuthorization(a.String()); failure != nil || again != a {
			t.Errorf("%+v became %+v, %v", a, again, failure)
		}
	})
}

// Queries that differ in order alone are the same; each parameter has its line.
func FuzzCanonicalQuery(f *testing.F) {
	for _, seed := range []string{"a=1&b=2&A=0", "comp=list&include=a%2Cb&include=c", "%zz=%&=&&x", "a+b=c;d", "ä=%C3%84"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		q := ParseQuery(raw)
		canonical := func(q Query) string {
			var b strings.Builder
			q.canonical(&b)
			return b.String()
		}
		want := canonical(q)
		turned := slices.Clone(q)
		slices.Reverse(turned)
		if got := canonical(turned); got != want {
			t.Errorf("%q in another order is %q", want, got)
		}
		var encoded []string
		for _, p := range q {
			if _, n := q.Get(p.Name); n == 0 || !strings.Contains(want, "\n"+p.Name+":") || !strings.Contains(want, p.Value) {
				t.Errorf("%q is not in %q", p, want)
			}
			encoded = append(encoded, url.QueryEscape(p.Name)+"="+url.QueryEscape(p.Value))
		}
		// ToLower is not idempotent for every rune; names that it changes again are left out.
		if slices.ContainsFunc(q, func(p Param) bool { return strings.ToLower(p.Name) != p.Name }) {
			return
		}
		if again := ParseQuery(strings.Join(encoded, "&")); !slices.Equal(again, q) && len(q) > 0 {
			t.Errorf("%q became %q", q, again)
		}
	})
}

// A SAS that parses, signed by us, verifies; any byte of it changed, it does not.
func FuzzParseSAS(f *testing.F) {
	for _, fact := range sasFacts {
		f.Add(withSig(fact.query, fact.signature), fact.container, fact.blob, uint16(3))
	}
	f.Add(serviceBase, "c", "b", uint16(0))
	f.Fuzz(func(t *testing.T, raw, container, blob string, at uint16) {
		q := ParseQuery(raw)
		s, failure := ParseSAS(q)
		if failure != nil {
			if s != nil || failure.Kind != FieldMissing && failure.Kind != FieldMalformed || failure.Field == "" {
				t.Errorf("%+v", failure)
			}
			return
		}
		secret := []byte("key")
		target := Target{Account: "acct", Container: container, Blob: blob, Query: q}
		signed := s.Signed(target, secret)
		again, failure := ParseSAS(ParseQuery(signed.Encode()))
		if failure != nil {
			t.Fatalf("%s: %+v", signed.Encode(), failure)
		}
		if n, failure := again.Verify(target, secret); n != 0 || failure != nil {
			t.Fatalf("%+v", failure)
		}
		for _, name := range parameters {
			field := again.parameter(name)
			if *field == "" || !again.layout().reads(name) {
				continue
			}
			spoilt := *again
			b := []byte(*field)
			b[int(at)%len(b)] ^= 1
			*spoilt.parameter(name) = string(b)
			if spoilt.StringToSign(target) == again.StringToSign(target) && name != "sig" {
				continue // of no effect: a snapshot for sr=b, or a depth beyond the name's
			}
			if failure := second(spoilt.Verify(target, secret)); failure == nil {
				t.Errorf("%s=%q instead of %q verifies", name, b, *field)
			}
		}
		if failure := second(again.Verify(Target{Account: "acct2", Container: container, Blob: blob, Query: q}, secret)); failure == nil {
			t.Error("another account verifies")
		}
	})
}

// A request signed by us verifies; with a header changed it does not.
func FuzzVerify(f *testing.F) {
	f.Add("GET", "/c/b", "comp=list", "x-ms-meta-a", "v  w", "x-ms-meta-a-b", "\"q  \"", uint16(1))
	f.Add("PUT", "", "", "Content-Length", "0", "X-Ms-Date", "", uint16(9))
	f.Fuzz(func(t *testing.T, method, path, query, name1, value1, name2, value2 string, at uint16) {
		r := Request{
			Method: method, Account: "acct", Path: path, PathStyle: true, Query: ParseQuery(query), Version: "2020-10-02",
			Header: map[string][]string{name1: {value1}, name2: {value2}},
		}
		for _, scheme := range []Scheme{SharedKey, SharedKeyLite} {
			secret := []byte("key")
			a := Authorization{scheme, "acct", Sign(secret, r.StringToSign(scheme))}
			failure := second(r.Verify(a, secret))
			if failure != nil && failure.Kind != HeaderRepeated {
				t.Fatalf("%+v", failure)
			}
			if failure != nil {
				continue
			}
			signature := []byte(a.Signature)
			signature[int(at)%len(signature)] ^= 1
			a.Signature = string(signature)
			if second(r.Verify(a, secret)) == nil {
				t.Errorf("%s verifies", signature)
			}
		}
		if strings.HasPrefix(name1, "x-ms-meta-") && name1 != name2 {
			a := Authorization{SharedKey, "acct", Sign([]byte("key"), r.StringToSign(SharedKey))}
			r.Header[name1] = []string{value1 + "x"}
			if second(r.Verify(a, []byte("key"))) == nil {
				t.Errorf("%q verifies instead of %q", value1+"x", value1)
			}
		}
	})
}

// compareNames is an order: what slices.SortFunc needs to give one result.
func FuzzCompareNames(f *testing.F) {
	f.Add("x-ms-a", "x-ms-a-b", "x-msab")
	f.Add("a-b", "ab-", "-ab")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if compareNames(a, b) != -compareNames(b, a) || compareNames(a, a) != 0 || compareNames(a, b) == 0 && a != b {
			t.Errorf("%q and %q", a, b)
		}
		if compareNames(a, b) <= 0 && compareNames(b, c) <= 0 && compareNames(a, c) > 0 {
			t.Errorf("%q, %q, %q", a, b, c)
		}
	})
}
