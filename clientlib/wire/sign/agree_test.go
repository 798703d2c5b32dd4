package sign_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/emulator/storageauth"
)

// The emulator's verifier was written apart from this package. Here each is held against the
// other: what one signs, the other must read as the same string.

const account = "devstoreaccount1"

// versions has at least one of each layout, its first and, where it has one, its last.
var versions = []string{
	"", "2012-02-12", "2013-08-15", "2014-02-14", "2015-02-21", "2015-04-05", "2015-07-08", "2016-05-31", "2018-03-28", "2018-11-09",
	"2019-12-12", "2020-02-10", "2020-10-02", "2020-12-06", "2025-05-05", "2025-07-05", "2026-02-06", "2026-04-06", "2027-03-07",
}

// seenBy is a request as the emulator's verifier gets it.
func seenBy(t *testing.T, r *wire.Request) storageauth.Request {
	t.Helper()
	target, err := r.RequestTarget()
	if err != nil {
		t.Fatal(err)
	}
	fields, err := r.Fields()
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(target, "?")
	seen := storageauth.Request{
		Method: r.Method, Account: account, Path: path, Query: storageauth.ParseQuery(query), Header: map[string][]string{}, Version: strings.TrimSpace(fields.Get("x-ms-version")),
	}
	for _, f := range fields {
		seen.Header[f.Name] = append(seen.Header[f.Name], f.Value)
	}
	return seen
}

func FuzzSharedKeyAgrees(f *testing.F) {
	f.Add("PUT", "/c/b%20c?comp=block&blockid=A%2fA%3D&timeout=30", "x-ms-version: 2020-10-02\nContent-Type: text/plain\nx-ms-meta-a-b: 1\nx-ms-meta-aa:  a  \"b  c\"", "hello")
	f.Add("GET", "", "x-ms-version: 2014-02-14\nContent-Length: 0\nx-ms-empty:\nDate: d\nRange: bytes=0-1", "")
	f.Add("DELETE", "/?a=1;b=2&A=%25zz&&a&=b&c=%C3%84&+=%2B", "X-MS-Version: 2016-05-31\nx-ms-date:\nDate: d\nx-ms-range: x\nIf-Match: \"a\"", "")
	f.Add("POST", "/a/../b//?comp=list&include=b,a&include=a&comp=x", "x-ms-version: 2009-09-19\nx-ms-_a: 1\nx-ms-a_b: 1\nx-ms-0: 1\nx-ms-b-a: \t\nx-ms-: 2\nx-ms-ab: 1", "x")
	f.Fuzz(func(t *testing.T, method, target, head, body string) {
		r := &wire.Request{Method: method, URL: "https://h" + target, Body: []byte(body)}
		for line := range strings.SplitSeq(head, "\n") {
			name, value, _ := strings.Cut(line, ":")
			if r.Header.Has(name) || strings.ContainsAny(name, " \t\"(),/:;<=>?@[\\]{}") {
				t.Skip("refused: there twice, or no name")
			}
			r.Header.Add(name, value)
		}
		if !plain(method, "") || method == "" || !plain(head, "\n\t:") || !plain(target, "") || strings.Trim(r.Header.Get("x-ms-version"), " \t") == "" ||
			!strings.HasPrefix(target, "/") && target != "" && target[0] != '?' || strings.ContainsAny(target, "# ") {
			t.Skip("no HTTP")
		}
		if _, err := url.QueryUnescape(target); err != nil {
			t.Skip("nobody knows how the service reads a percent sign that escapes nothing")
		}
		method = strings.ToUpper(method)
		r.Method = method
		seen := seenBy(t, r)
		for _, lite := range []bool{false, true} {
			scheme := storageauth.SharedKey
			if lite {
				scheme = storageauth.SharedKeyLite
			}
			if ours, theirs := sign.StringToSign(r, account, lite), seen.StringToSign(scheme); ours != theirs {
				t.Errorf("%s of %s %q with %q:\n  signed\n%q, the emulator\n%q", scheme, method, target, r.Header, ours, theirs)
			}
		}
	})
}

// All short names over letters, digits and the characters whose order surprises come in one order.
func TestOrderOfNamesAgrees(t *testing.T) {
	r := &wire.Request{Method: "GET", URL: "https://h/", Header: wire.Header{{Name: "x-ms-version", Value: "2020-10-02"}}}
	names := []string{"x-ms-"}
	for range 4 {
		var longer []string
		for _, name := range names {
			for _, c := range "ab0_-'~" {
				longer = append(longer, name+string(c))
				r.Header = append(r.Header, wire.Field{Name: name + string(c), Value: "1"})
			}
		}
		names = longer
	}
	seen := seenBy(t, r)
	ours, theirs := strings.Split(sign.StringToSign(r, account, false), "\n"), strings.Split(seen.StringToSign(storageauth.SharedKey), "\n")
	for i := range ours {
		if ours[i] != theirs[i] {
			t.Fatalf("at %d of %d: %q, the emulator %q", i, len(ours), ours[i], theirs[i])
		}
	}
}

// plain tells whether a text has visible ASCII, blanks and the given characters alone.
func plain(text, more string) bool {
	return strings.IndexFunc(text, func(c rune) bool { return (c < ' ' || c > '~') && !strings.ContainsRune(more, c) }) < 0
}

func TestSASAgrees(t *testing.T) {
	for _, version := range versions {
		for _, resource := range []string{"c", "b", "bs", "bv", "d"} {
			for _, delegated := range []bool{false, true} {
				s := fullSAS(version, resource, delegated)
				agree(t, s)
			}
		}
		a := &sign.AccountSAS{
			Account: account, Version: version, Services: "b", ResourceTypes: "sco", Permissions: "rl", Start: "2026-01-01", Expiry: "2026-01-02",
			IP: "10.0.0.1-10.0.0.2", Protocol: "https,http", EncryptionScope: "scope",
		}
		if version < "2015-04-05" {
			continue
		}
		if got, failure := storageauth.ParseSAS(storageauth.ParseQuery(a.Query(key))); failure != nil {
			t.Errorf("account SAS of %s: %+v", version, failure)
		} else if ours, theirs := a.StringToSign(version), got.StringToSign(storageauth.Target{Account: account}); ours != theirs {
			t.Errorf("account SAS of %s\n  signed\n%q, the emulator\n%q", version, ours, theirs)
		}
	}
}

func fullSAS(version, resource string, delegated bool) *sign.SAS {
	s := &sign.SAS{
		Version: version, Resource: resource, Permissions: "r", Start: "2026-01-01", Expiry: "2026-01-02T03:04Z", IP: "10.0.0.1", Protocol: "https",
		Account: account, Container: "c", Blob: "d/e f", EncryptionScope: "scope",
		CacheControl: "no-cache", ContentDisposition: "a; b=\"c\"", ContentEncoding: "gzip", ContentLanguage: "en", ContentType: "text/plain&x",
	}
	switch resource {
	case "c":
		s.Blob = ""
	case "bs", "bv":
		s.Snapshot = "2026-01-01T00:00:00.0000000Z"
	case "d":
		s.Depth = "2"
	}
	if !delegated {
		s.Identifier = "policy"
		return s
	}
	s.Key = &sign.DelegationKey{
		ObjectID: "11111111-1111-1111-1111-111111111111", TenantID: "22222222-2222-2222-2222-222222222222", Start: "2026-01-01", Expiry: "2026-01-03",
		Service: "b", Version: "2026-04-06", DelegatedTenant: "33333333-3333-3333-3333-333333333333", Value: "a2V5",
	}
	s.AuthorizedObject, s.Correlation = "44444444-4444-4444-4444-444444444444", "55555555-5555-5555-5555-555555555555"
	s.DelegatedUser = "66666666-6666-6666-6666-666666666666"
	s.SignedHeaders = sign.Params{{Name: "x-ms-b", Value: "1"}, {Name: "Accept", Value: "a, b"}}
	s.SignedQuery = sign.Params{{Name: "comp", Value: "list"}, {Name: "a", Value: ""}}
	return s
}

// agree holds the verifier's string against the one that was signed, where the verifier takes
// such a SAS at all.
func agree(t *testing.T, s *sign.SAS) {
	t.Helper()
	got, failure := storageauth.ParseSAS(storageauth.ParseQuery(s.Query(key)))
	if failure != nil {
		kinds := s.Version == "" || s.Version < "2018-11-09"
		if s.Key != nil && kinds || s.Version < "2018-11-09" && len(s.Resource) == 2 || s.Version < "2020-02-10" && s.Resource == "d" {
			return // not yet known to the version
		}
		t.Errorf("sv=%s sr=%s: refused, %+v", s.Version, s.Resource, failure)
		return
	}
	target := storageauth.Target{Account: s.Account, Container: s.Container, Blob: s.Blob, Header: map[string][]string{}}
	if s.Resource == "d" {
		target.Blob += "/below"
	}
	for _, h := range s.SignedHeaders {
		target.Header[h.Name] = []string{h.Value}
	}
	for _, q := range s.SignedQuery {
		target.Query = append(target.Query, storageauth.Param{Name: q.Name, Value: q.Value})
	}
	if ours, theirs := s.StringToSign(s.Version), got.StringToSign(target); ours != theirs {
		t.Errorf("sv=%s sr=%s, delegated %v\n  signed\n%q, the emulator\n%q", s.Version, s.Resource, s.Key != nil, ours, theirs)
	}
	if _, failure := got.Verify(target, key); failure != nil {
		t.Errorf("sv=%s sr=%s: %+v", s.Version, s.Resource, failure)
	}
}

func FuzzSASAgrees(f *testing.F) {
	f.Add(uint8(3), uint8(0), false, "c", "d/b", "p", "r\nd=1\n\n%41+ ü")
	f.Add(uint8(13), uint8(4), true, "$root", "b%2f", "s", "")
	f.Fuzz(func(t *testing.T, version, resource uint8, delegated bool, container, blob, scope, override string) {
		s := fullSAS(versions[int(version)%len(versions)], []string{"c", "b", "bs", "bv", "d"}[int(resource)%5], delegated)
		if container == "" || blob == "" || strings.Contains(container, "/") {
			t.Skip("no such resource")
		}
		s.Container = container
		if s.Blob != "" && s.Resource != "d" {
			s.Blob = blob
		}
		s.EncryptionScope, s.ContentDisposition = scope, override
		agree(t, s)
	})
}
