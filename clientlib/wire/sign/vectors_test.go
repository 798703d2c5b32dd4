package sign_test

import (
	"cmp"
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
)

// vector is a signature that a client computed: of a request by an account key, or of a
// shared access signature.
type vector struct {
	ID        string            `json:"id"`
	Kind      string            `json:"kind"`
	Account   string            `json:"account"`
	Key       string            `json:"key_base64"`
	Method    string            `json:"method"`
	URL       string            `json:"url"`
	Headers   map[string]string `json:"headers"`
	Query     string            `json:"query"`
	ToSign    string            `json:"string_to_sign"`
	Signature string            `json:"signature"`
}

// vectors reads the signatures that the emulator's verifier is tested with too: those that unit
// tests of public SDKs have, and those that releases of the Go SDK compute.
func vectors(t testing.TB) []vector {
	t.Helper()
	text, err := os.ReadFile("../../../emulator/storageauth/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func decode(t testing.TB, text string) []byte {
	t.Helper()
	key, err := sign.DecodeKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func TestVectors(t *testing.T) {
	count := map[string]int{}
	for _, v := range vectors(t) {
		count[v.Kind]++
		t.Run(v.ID, func(t *testing.T) {
			key := decode(t, v.Key)
			if got := sign.Sign(key, v.ToSign); got != v.Signature {
				t.Errorf("Sign: %s, want %s", got, v.Signature)
			}
			switch {
			case v.URL != "":
				r := v.request()
				sign.SharedKey(r, v.Account, key, epoch)
				if got, want := r.Header.Get("Authorization"), "SharedKey "+v.Account+":"+v.Signature; got != want {
					t.Errorf("%s, want %s; signed\n%q, want\n%q", got, want, sign.StringToSign(r, v.Account, false), v.ToSign)
				}
			case slices.Contains(unread, v.ID):
			case v.Kind == "SharedKeyLite":
				r := &wire.Request{URL: written[v.ID], Header: wire.Header{{Name: "X-Ms-Date", Value: "Wed, 29 Apr 2009 13:12:47 GMT"}}}
				sign.SharedKeyLite(r, v.Account, key, epoch)
				if got, want := r.Header.Get("Authorization"), "SharedKeyLite "+v.Account+":"+v.Signature; got != want {
					t.Errorf("%s, want %s", got, want)
				}
			default:
				token := v.token()
				if got := token.StringToSign(v.parameters().Get("sv")); got != v.ToSign {
					t.Errorf("string to sign\n%q, want\n%q", got, v.ToSign)
				}
				query, err := url.ParseQuery(token.Query(key))
				if err != nil || query.Get("sig") != v.Signature {
					t.Errorf("sig=%s, %v, want %s", query.Get("sig"), err, v.Signature)
				}
				for name, want := range v.parameters() {
					if got := query[name]; len(got) != 1 || got[0] != want[0] {
						t.Errorf("%s=%q, want %q", name, got, want)
					}
				}
			}
		})
	}
	for kind, least := range map[string]int{"SharedKey": 100, "SharedKeyLite": 3, "ServiceSAS": 30, "AccountSAS": 10, "UserDelegationSAS": 20} {
		if count[kind] < least {
			t.Errorf("%d vectors of the kind %s, want at least %d", count[kind], kind, least)
		}
	}
}

func (v vector) request() *wire.Request {
	r := &wire.Request{Method: v.Method, URL: v.URL, NoLength: true}
	for name, value := range v.Headers {
		r.Header.Add(name, value)
	}
	return r
}

// written is what the vectors that are a string alone say, as a query or a request.
var written = map[string]string{
	"node-account-sas":           "sv=2018-03-28&sp=r&ss=b&srt=s&st=2016-02-16T00:00:00Z&se=2016-02-16T00:30:00Z&sip=168.1.5.60-168.1.5.70&spr=https",
	"reqsign-account-sas":        "sv=2018-11-09&sp=rwdlacu&ss=bqtf&srt=sco&se=2022-03-01T08:17:34Z",
	"reqsign-blob-ip-proto":      "sv=2022-11-02&sr=b&sp=rw&st=2030-01-01T00:00:01Z&se=2030-01-01T00:00:03Z&sip=198.51.100.10-198.51.100.20&spr=https,http",
	"reqsign-leading-slash-blob": "sv=2020-12-06&sr=b&sp=op&se=2030-01-01T00:01:00Z&spr=https",
	"reqsign-container-rl":       "sv=2020-12-06&sr=c&sp=rl&se=2030-01-01T00:01:00Z&spr=https",
	"reqsign-user-delegation": "sv=2020-12-06&sr=b&sp=r&se=2022-03-01T08:17:34Z&skoid=oid&sktid=tid" +
		"&skt=2022-03-01T08:12:34Z&ske=2022-03-01T09:12:34Z&sks=b&skv=2020-12-06",
	"zend-devstore-root": "http://127.0.0.1:10000/devstoreaccount1/",
	"zend-devstore-path": "http://127.0.0.1:10000/devstoreaccount1/test?a=b",
}

// unread are vectors whose strings no request has: their authors tested a part of the signing.
// One keeps two blanks in the value of an x-ms- header, the other has an empty line for headers.
var unread = []string{"ruby-sharedkey-all-headers", "ruby-sharedkeylite"}

func (v vector) parameters() url.Values {
	q, err := url.ParseQuery(cmp.Or(v.Query, written[v.ID]))
	if err != nil {
		panic(err)
	}
	return q
}

// token has the values of a vector: those of its query and, what the query does not tell,
// the resource and the snapshot of the string that was signed.
func (v vector) token() interface {
	StringToSign(layout string) string
	Query(key []byte) string
} {
	q, lines := v.parameters(), strings.Split(v.ToSign, "\n")
	if v.Kind == "AccountSAS" {
		return &sign.AccountSAS{
			Account: v.Account, Version: q.Get("sv"), Services: q.Get("ss"), ResourceTypes: q.Get("srt"), Permissions: q.Get("sp"),
			Start: q.Get("st"), Expiry: q.Get("se"), IP: q.Get("sip"), Protocol: q.Get("spr"), EncryptionScope: q.Get("ses"),
		}
	}
	container, blob, _ := strings.Cut(strings.TrimPrefix(lines[3], "/blob/"+v.Account+"/"), "/")
	s := &sign.SAS{
		Version: q.Get("sv"), Resource: q.Get("sr"), Permissions: q.Get("sp"), Start: q.Get("st"), Expiry: q.Get("se"), Identifier: q.Get("si"),
		IP: q.Get("sip"), Protocol: q.Get("spr"), Account: v.Account, Container: container, Blob: blob, Depth: q.Get("sdd"),
		EncryptionScope: q.Get("ses"), CacheControl: q.Get("rscc"), ContentDisposition: q.Get("rscd"), ContentEncoding: q.Get("rsce"),
		ContentLanguage: q.Get("rscl"), ContentType: q.Get("rsct"),
	}
	if s.Resource == "bs" || s.Resource == "bv" {
		for i, line := range lines {
			if line == s.Resource {
				s.Snapshot = lines[i+1]
			}
		}
	}
	if v.Kind == "UserDelegationSAS" {
		s.Key = &sign.DelegationKey{
			ObjectID: q.Get("skoid"), TenantID: q.Get("sktid"), Start: q.Get("skt"), Expiry: q.Get("ske"), Service: q.Get("sks"),
			Version: q.Get("skv"), DelegatedTenant: q.Get("skdutid"), Value: v.Key,
		}
		s.AuthorizedObject, s.UnauthorizedObject, s.Correlation, s.DelegatedUser = q.Get("saoid"), q.Get("suoid"), q.Get("scid"), q.Get("sduoid")
		s.SignedHeaders, s.SignedQuery = signedParts(lines, q)
	}
	return s
}

// signedParts finds what srh and srq name, with the values that were signed.
func signedParts(lines []string, q url.Values) (headers, query sign.Params) {
	for _, part := range []struct {
		names string
		to    *sign.Params
	}{{q.Get("srh"), &headers}, {q.Get("srq"), &query}} {
		for name := range strings.SplitSeq(part.names, ",") {
			for _, line := range lines {
				if value, ok := strings.CutPrefix(line, name+":"); ok && name != "" {
					*part.to = append(*part.to, sign.Param{Name: name, Value: value})
				}
			}
		}
	}
	return headers, query
}
