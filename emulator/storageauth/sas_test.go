package storageauth

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// parse reads a SAS that must be good.
func parse(t testing.TB, query string) *SAS {
	t.Helper()
	s, f := ParseSAS(ParseQuery(query))
	if f != nil {
		t.Fatalf("%s: %+v", query, f)
	}
	return s
}

// withSig adds a parameter sig to a query.
func withSig(query, signature string) string { return query + "&sig=" + url.QueryEscape(signature) }

// requestHeaders are those that the facts with srh sign.
func requestHeaders() map[string][]string { return map[string][]string{"x-a": {"one"}, "X-B": {"two"}} }

func TestSASFacts(t *testing.T) {
	for _, fact := range sasFacts {
		t.Run(fact.name, func(t *testing.T) {
			q := ParseQuery(withSig(fact.query, fact.signature))
			s, f := ParseSAS(q)
			if f != nil {
				t.Fatalf("%+v", f)
			}
			target := Target{account, fact.container, fact.blob, requestHeaders(), q}
			if got := s.StringToSign(target); got != fact.toSign {
				t.Errorf("string to sign\n%q, want\n%q", got, fact.toSign)
			}
			if at, f := s.Verify(target, []byte("another"), key(t, fact.key)); at != 1 || f != nil {
				t.Errorf("%d, %v", at, f)
			}
			f = second(s.Verify(target, []byte("another")))
			if f == nil || f.Kind != SASMismatch || f.StringToSign != fact.toSign || f.Value != fact.signature {
				t.Errorf("another key: %+v", f)
			}
			// What we sign ourselves is the same.
			signed := s.Signed(target, key(t, fact.key))
			if signed.Signature != fact.signature {
				t.Errorf("signed %s, want %s", signed.Signature, fact.signature)
			}
			if again := parse(t, signed.Encode()); again.Encode() != signed.Encode() {
				t.Errorf("%s became %s", signed.Encode(), again.Encode())
			}
			target.Account = "other"
			if f := second(s.Verify(target, key(t, fact.key))); kind(f) != SASMismatch {
				t.Error("another account verified it")
			}
		})
	}
}

func TestPublishedSignatures(t *testing.T) {
	for _, fact := range publishedFacts {
		t.Run(fact.source, func(t *testing.T) {
			s := parse(t, withSig(fact.query, fact.signature))
			target := Target{Account: fact.account, Container: fact.container, Blob: fact.blob}
			if f := second(s.Verify(target, key(t, fact.key))); f != nil {
				t.Errorf("%+v", f)
			}
		})
	}
}

// Every parameter that a signature reads is signed: with one character changed, or
// without it, it is no good. That includes the signature.
func TestEveryParameterCounts(t *testing.T) {
	changed := 0
	for _, fact := range sasFacts {
		full := withSig(fact.query, fact.signature)
		q := ParseQuery(full)
		l := parse(t, full).layout()
		for i, p := range q {
			// Parameters of the request count where the signature covers them.
			request := p.Name == "snapshot" || p.Name == "versionid" || p.Name == "comp" || p.Name == "y"
			covered := l.reads(p.Name) || request && strings.Contains(fact.toSign, p.Value)
			for _, value := range append(mutations(p.Value), "") {
				other := slices.Clone(q)
				other[i].Value = value
				if accepted(t, other, fact.container, fact.blob, fact.key) == covered {
					t.Errorf("%s: %s=%q: accepted is %v", fact.name, p.Name, value, !covered)
				}
				changed++
			}
		}
	}
	if changed < 1000 {
		t.Errorf("only %d changes", changed)
	}
}

// mutations are a text with each of its characters changed to a neighbour, and to the
// other case.
func mutations(text string) []string {
	var out []string
	for i := range len(text) {
		for _, bit := range []byte{1, 'a' - 'A'} {
			b := []byte(text)
			b[i] ^= bit
			out = append(out, string(b))
		}
	}
	return out
}

func accepted(t *testing.T, q Query, container, blob, keyText string) bool {
	t.Helper()
	s, f := ParseSAS(q)
	if f != nil {
		return false
	}
	return second(s.Verify(Target{account, container, blob, requestHeaders(), q}, key(t, keyText))) == nil
}

// base are good signatures to spoil.
const (
	serviceBase  = "sv=2020-12-06&sr=b&sp=r&se=2030-01-01&sig=AAAA"
	accountBase  = "sv=2020-12-06&ss=b&srt=sco&sp=r&se=2030-01-01&sig=AAAA"
	delegateBase = "sv=2020-12-06&sr=b&sp=r&se=2030-01-01&sig=AAAA&skoid=o&sktid=t&skt=2024-01-01&ske=2030-01-01&sks=b&skv=2020-12-06"
)

// set is the query with a parameter replaced, or removed where value is "-".
func set(base, name, value string) string {
	var parts []string
	for part := range strings.SplitSeq(base, "&") {
		if !strings.HasPrefix(part, name+"=") {
			parts = append(parts, part)
		}
	}
	if value != "-" {
		parts = append(parts, name+"="+url.QueryEscape(value))
	}
	return strings.Join(parts, "&")
}

func TestMandatoryParameters(t *testing.T) {
	tests := []struct {
		base  string
		names []string
	}{
		{serviceBase, []string{"sr", "sp", "se", "sig"}},
		{accountBase, []string{"sv", "srt", "ss", "sp", "se", "sig"}},
		{delegateBase, []string{"sv", "sr", "sp", "se", "sktid", "skt", "ske", "sks", "skv", "sig"}},
		{set(serviceBase, "si", "p"), []string{"sr", "sig"}},
		{set(set(serviceBase, "sr", "d"), "sdd", "1"), []string{"sdd"}},
	}
	for _, test := range tests {
		parse(t, test.base)
		for _, name := range test.names {
			for _, value := range []string{"-", ""} {
				if _, f := ParseSAS(ParseQuery(set(test.base, name, value))); kind(f) != FieldMissing || f.Field != name {
					t.Errorf("%s without %s (%q): %+v", test.base, name, value, f)
				}
			}
		}
	}
	parse(t, "sr=b&sp=r&se=2030-01-01&sig=AAAA") // no sv: before 2012-02-12
	parse(t, "sv=2020-12-06&sr=c&si=policy&sig=AAAA")
}

func TestFormOfParameters(t *testing.T) {
	tests := []struct {
		base, name string
		good, bad  []string
	}{
		{serviceBase, "sv", []string{"2012-02-12", "2099-01-01"}, []string{"2012-02-11", "2020-13-01", "2020-1-1", "x", "2020-12-06 "}},
		{accountBase, "sv", []string{"2015-04-05"}, []string{"2015-02-21"}},
		{delegateBase, "sv", []string{"2018-11-09"}, []string{"2018-03-28"}},
		{serviceBase, "sr", []string{"b", "c", "bs", "bv"}, []string{"f", "s", "B", "bc", "e"}},
		{set(serviceBase, "sv", "2018-03-28"), "sr", []string{"b", "c"}, []string{"bs", "bv"}},
		{set(set(serviceBase, "sdd", "1"), "sv", "2019-12-12"), "sr", []string{"b"}, []string{"d"}},
		{set(set(serviceBase, "sr", "d"), "sdd", "1"), "sdd", []string{"0", "1", "255"}, []string{"-1", "a", "256", "1.0"}},
		{serviceBase, "si", []string{"p", strings.Repeat("a", 64)}, []string{strings.Repeat("a", 65)}},
		{delegateBase, "si", nil, []string{"p"}},
		{accountBase, "ss", []string{"b", "qtf", "bqtf", "fb"}, []string{"bb", "x", "b,q", "B"}},
		{accountBase, "srt", []string{"s", "oc"}, []string{"ss", "x"}},
		{serviceBase, "sip", []string{"168.1.5.65", "168.1.5.60-168.1.5.70", "0.0.0.0-255.255.255.255"},
			[]string{"168.1.5", "168.1.5.70-168.1.5.60", "1.2.3.4-", "-1.2.3.4", "1.2.3.4-5", "::1", "1.2.3.0/24", "1.2.3.4-1.2.3.5-1.2.3.6", "01.2.3.4"}},
		{serviceBase, "spr", []string{"https", "https,http"}, []string{"http", "http,https", "HTTPS", "https,"}},
		{delegateBase, "sks", []string{"b"}, []string{"q", "bq"}},
		{delegateBase, "skv", []string{"2018-11-09"}, []string{"2018-11-9", "x"}},
		{serviceBase, "sig", []string{"AAAA", Sign(nil, "")}, []string{"AAA", "%2B", "A A=", "a-_="}},
		{serviceBase, "se", []string{"2030-01-01", "2030-01-01T01:02Z"}, []string{"2030-01-01 ", "2030", "tomorrow"}},
		{serviceBase, "st", []string{"2030-01-01T01:02:03Z"}, []string{"01/02/2030"}},
		{delegateBase, "skt", []string{"2024-01-01T01:02:03Z"}, []string{"x"}},
		{delegateBase, "ske", []string{"2024-01-01T01:02:03Z"}, []string{"x"}},
	}
	for _, test := range tests {
		for _, value := range test.good {
			if _, f := ParseSAS(ParseQuery(set(test.base, test.name, value))); f != nil {
				t.Errorf("%s=%s: %+v", test.name, value, f)
			}
		}
		for _, value := range test.bad {
			_, f := ParseSAS(ParseQuery(set(test.base, test.name, value)))
			if kind(f) != FieldMalformed || f.Field != test.name || f.Value != value {
				t.Errorf("%s=%s: %+v", test.name, value, f)
			}
		}
	}
}

func TestRepeatedParameters(t *testing.T) {
	for _, name := range []string{"sv", "sp", "sr", "se", "sig"} {
		query := serviceBase + "&" + strings.ToUpper(name) + "=r"
		if _, f := ParseSAS(ParseQuery(query)); kind(f) != FieldMalformed || f.Field != name {
			t.Errorf("%s twice: %+v", name, f)
		}
	}
	parse(t, serviceBase+"&prefix=a&prefix=b")
	// What is not read may be there as often as anyone likes.
	parse(t, accountBase+"&rscc=a&rscc=b&sr=x")
}

func TestPermissionLetters(t *testing.T) {
	service, account := set(serviceBase, "sv", "2026-12-06"), set(accountBase, "sv", "2026-12-06")
	tests := []struct {
		base      string
		good, bad []string
	}{
		// What clients emit: Go blob and container, JavaScript blob and container, az; and valid
		// and invalid examples of "Create a service SAS".
		{service, []string{"racwdxyltmeopi", "racwdxltfmeopi", "racwdxtmeiy", "racwdxltmeiyf", "racwdxyltfmei", "rw", "rd", "rl", "wd", "wl", "rwx", "rwt", "rwf", "rcw"},
			[]string{"wr", "dr", "lr", "dw", "rr", "rwr", "u", "q", "R", "r,w", "dlrw", "cwlr", "rwxft", "rdwlacup", "em", "ml"}},
		{set(service, "sr", "c"), []string{"racwdxltf"}, []string{"lr"}},
		{set(delegateBase, "sv", "2026-12-06"), []string{"racwdxltfmeopi"}, []string{"wr", "u"}},
		// In account SAS the order is free.
		{account, []string{"rwdxylacupfti", "rwdxftlacupiy", "rdwlacup", "wr", "ft"}, []string{"rr", "m", "e", "o", "q", "wrw"}},
		{set(service, "sv", "2014-02-14"), []string{"rwd", "l"}, []string{"a", "c"}},
		{set(service, "sv", "2015-04-05"), []string{"racwdl"}, []string{"x", "y", "t", "f", "m", "i"}},
		{set(service, "sv", "2019-10-10"), []string{"rxy"}, []string{"t", "f"}},
		{set(service, "sv", "2019-12-12"), []string{"rxtf"}, []string{"m", "e", "o", "p"}},
		{set(service, "sv", "2020-02-10"), []string{"meop"}, []string{"i"}},
		{set(service, "sv", "2020-06-12"), []string{"i"}, nil},
	}
	for _, test := range tests {
		for _, sp := range test.good {
			if _, f := ParseSAS(ParseQuery(set(test.base, "sp", sp))); f != nil {
				t.Errorf("%s: sp=%s: %+v", test.base, sp, f)
			}
		}
		for _, sp := range test.bad {
			if _, f := ParseSAS(ParseQuery(set(test.base, "sp", sp))); kind(f) != FieldMalformed || f.Field != "sp" {
				t.Errorf("%s: sp=%s: %+v", test.base, sp, f)
			}
		}
	}
}

func TestParseTime(t *testing.T) {
	at := func(h, m, s, ns int) time.Time { return time.Date(2020, 11, 16, h, m, s, ns, time.UTC) }
	good := map[string]time.Time{
		"2020-11-16":                        at(0, 0, 0, 0),
		"2020-11-16T04:25Z":                 at(4, 25, 0, 0),
		"2020-11-16T04:25":                  at(4, 25, 0, 0),
		"2020-11-16T04:25:03Z":              at(4, 25, 3, 0),
		"2020-11-16T04:25:03":               at(4, 25, 3, 0),
		"2020-11-16T04:25:03.1Z":            at(4, 25, 3, 100_000_000),
		"2020-11-16T04:25:03.123Z":          at(4, 25, 3, 123_000_000),
		"2020-11-16T04:25:03.1234567Z":      at(4, 25, 3, 123_456_700),
		"2020-11-15T23:25:03-05:00":         at(4, 25, 3, 0),
		"2020-11-16T05:55:03.1234567+01:30": at(4, 25, 3, 123_456_700),
		"2020-11-17T04:24+23:59":            at(4, 25, 0, 0),
	}
	for text, want := range good {
		if got, ok := ParseTime(text); !ok || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s: %v, %v", text, got, ok)
		}
	}
	for _, text := range []string{
		"", "2020", "2020-11", "2020-11-16Z", "2020-11-16T", "2020-11-16T04Z", "2020-11-16T4:25Z", "2020-11-16T4:25:00Z", "2020-11-16 04:25Z",
		"2020-11-16T04:25z", "2020-11-16t04:25Z", "2020-11-16T24:00Z", "2020-11-16T04:60Z", "2020-11-16T04:25:60Z", "2020-02-30",
		"2020-11-16T04:25:03.Z", "2020-11-16T04:25:03,1Z", "2020-11-16T04:25:03.12345678Z", "2020-11-16T04:25.5Z", "2020-11-16T04:25:3Z",
		"2020-11-16T04:25:03+24:00", "2020-11-16T04:25:03+05", "2020-11-16T04:25:03+0500", "2020-11-16T04:25:03ZZ", "2020-11-16T04:25:03Z ",
		"20201116", "2020-11-16T04:25:03+01:60", "+2020-11-16", "2020-11-16T04:25:03Z+00:00",
	} {
		if got, ok := ParseTime(text); ok {
			t.Errorf("%q is %v", text, got)
		}
	}
}
