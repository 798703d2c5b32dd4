package storageauth

import (
	"encoding/json"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
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

// vectors reads the signatures of testdata: those that unit tests of public SDKs have, and
// those that releases of the Go SDK compute. Each row says where it comes from.
func vectors(t *testing.T) []vector {
	t.Helper()
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []vector
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestVectors(t *testing.T) {
	count := map[string]int{}
	for _, v := range vectors(t) {
		count[v.Kind]++
		t.Run(v.ID, func(t *testing.T) {
			if got := Sign(key(t, v.Key), v.ToSign); got != v.Signature {
				t.Fatalf("Sign: %s, want %s", got, v.Signature)
			}
			switch {
			case v.URL != "":
				verifyRequestVector(t, v)
			case v.Query != "":
				verifySASVector(t, v)
			}
		})
	}
	for kind, least := range map[string]int{"SharedKey": 100, "ServiceSAS": 30, "AccountSAS": 10, "UserDelegationSAS": 20} {
		if count[kind] < least {
			t.Errorf("%d vectors of the kind %s, want at least %d", count[kind], kind, least)
		}
	}
}

func verifyRequestVector(t *testing.T, v vector) {
	u, err := url.Parse(v.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := Request{
		Method: v.Method, Account: v.Account, Path: u.EscapedPath(), PathStyle: strings.HasPrefix(u.Host, "127."),
		Query: ParseQuery(u.RawQuery), Header: multi(v.Headers), Version: v.Headers["x-ms-version"],
	}
	if got := r.StringToSign(SharedKey); got != v.ToSign && !strings.Contains(v.ID, "order") {
		t.Errorf("string to sign\n%q, want\n%q", got, v.ToSign)
	}
	if f := second(r.Verify(Authorization{SharedKey, v.Account, v.Signature}, key(t, v.Key))); f != nil {
		t.Errorf("%v", f)
	}
}

// verifySASVector takes what the query does not tell, container, blob and snapshot, from
// the string that was signed.
func verifySASVector(t *testing.T, v vector) {
	query := v.Query
	if !strings.Contains(query, "sig=") {
		query = withSig(query, v.Signature)
	}
	s := parse(t, query)
	lines := strings.Split(v.ToSign, "\n")
	target := Target{Account: v.Account}
	if at := slices.Index(s.layout().fields, "resource"); at >= 0 {
		path := strings.TrimPrefix(lines[at], "/blob/"+v.Account+"/")
		target.Container, target.Blob, _ = strings.Cut(path, "/")
	}
	if s.Resource == "bs" {
		query += "&snapshot=" + url.QueryEscape(lines[slices.Index(s.layout().fields, "object")])
	}
	s = parse(t, query)
	if got := s.StringToSign(target); got != v.ToSign {
		t.Errorf("string to sign\n%q, want\n%q", got, v.ToSign)
	}
	if f := second(s.Verify(target, key(t, v.Key))); f != nil {
		t.Errorf("%v", f)
	}
}
