package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/fixtures/keys"
)

var now = time.Date(2026, 3, 7, 11, 0, 0, 500e6, time.UTC)

const (
	tenantID = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	objectID = "11112222-3333-4444-5555-666677778888"
	arm      = "https://management.azure.com/"
	vm       = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm"
)

func testKeys(t testing.TB) []*Key {
	t.Helper()
	k, err := ParseKeys(keys.Test())
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func tokens(t testing.TB, c *cloud.Cloud, k ...*Key) *Tokens {
	t.Helper()
	if k == nil {
		k = testKeys(t)
	}
	s, err := New(c, ids.New(ids.NamedSeed("test")), k...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func request() Request {
	return Request{
		Principal: state.Principal{ObjectID: objectID, AppID: "app", TenantID: tenantID, Kind: state.PrincipalSystemAssigned, ResourceID: vm},
		Tenant:    state.Tenant{ID: tenantID, CreatedAt: time.Unix(1600000000, 0)}, Resource: arm, HostID: vm,
	}
}

func issue(t testing.TB, s *Tokens, r Request) Token {
	t.Helper()
	token, err := s.Issue(r, now)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func payload(t testing.TB, raw string, i int) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(strings.Split(raw, ".")[i])
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ENTRA-JWT-003, 005, 011 to 029: the claims, their order and their dates.
func TestClaims(t *testing.T) {
	token := issue(t, tokens(t, cloud.Public()), request())
	var names []string
	dec := json.NewDecoder(bytes.NewReader(payload(t, token.Raw, 1)))
	for depth := 0; dec.More() || depth == 0; depth = 1 {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		if depth == 1 {
			names = append(names, name.(string))
			if _, err := dec.Token(); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := strings.Fields("aud iss iat nbf exp aio appid appidacr idp idtyp oid rh sub tid uti ver xms_act_fct xms_ftd xms_idrel xms_mirid xms_rd xms_sub_fct xms_tcdt")
	if !slices.Equal(names, want) {
		t.Errorf("claims %v\nwant %v", names, want)
	}
	var c claims
	if err := json.Unmarshal(payload(t, token.Raw, 1), &c); err != nil {
		t.Fatal(err)
	}
	if c.IssuedAt != now.Unix()-300 || c.NotBefore != c.IssuedAt || c.Expires != c.IssuedAt+86700 || c.TenantAt != 1600000000 {
		t.Errorf("dates: %+v", c)
	}
	if c.MIRID != "/subscriptions/s/resourcegroups/rg/providers/Microsoft.Compute/virtualMachines/vm" || len(c.UTI) != 22 {
		t.Errorf("%+v", c)
	}
	if head := string(payload(t, token.Raw, 0)); !strings.HasPrefix(head, `{"typ":"JWT","alg":"RS256","x5t":"`) {
		t.Error(head)
	}
	if token.ExpiresIn(now) != 86399 || token.ExpiresIn(now.Add(100*time.Second)) != 86299 || token.ExpiresIn(now.Add(48*time.Hour)) != 0 || token.ExtExpiresIn() != 86399 {
		t.Errorf("%d %d", token.ExpiresIn(now), token.ExtExpiresIn())
	}
}

func TestTokenLife(t *testing.T) {
	r := request()
	r.Life = time.Hour
	token := issue(t, tokens(t, cloud.Public()), r)
	if token.ExpiresIn(now) != 3599 || token.ExtExpiresIn() != 3599 || token.ExpiresOn.Sub(token.NotBefore) != time.Hour+5*time.Minute {
		t.Errorf("%+v", token)
	}
}

func TestVerify(t *testing.T) {
	k := testKeys(t)
	public := tokens(t, cloud.Public())
	good := issue(t, public, request()).Raw
	nameless := request()
	nameless.Principal.ObjectID = ""
	parts := strings.Split(good, ".")
	part := func(i int, s string) string {
		p := slices.Clone(parts)
		p[i] = s
		return strings.Join(p, ".")
	}
	enc := base64.RawURLEncoding.EncodeToString
	for name, row := range map[string]struct {
		raw  string
		at   time.Time
		want Failure
	}{
		"good":                     {good, now, Verified},
		"at its last second":       {good, now.Add(24*time.Hour - time.Second), Verified},
		"at its end":               {good, now.Add(24 * time.Hour), Expired},
		"at its nbf":               {good, time.Unix(now.Unix()-300, 0), Verified},
		"before its nbf":           {good, time.Unix(now.Unix()-301, 0), NotYetValid},
		"nameless":                 {issue(t, public, nameless).Raw, now, Nameless},
		"empty":                    {"", now, Unverifiable},
		"two parts":                {parts[0] + "." + parts[1], now, Unverifiable},
		"four parts":               {good + ".x", now, Unverifiable},
		"another payload":          {part(1, enc(bytes.Replace(payload(t, good, 1), []byte(objectID), []byte("99992222-3333-4444-5555-666677778888"), 1))), now, Unverifiable},
		"padding":                  {good + "=", now, Unverifiable},
		"PS256 header":             {part(0, enc([]byte(`{"typ":"JWT","alg":"PS256","kid":"`+k[0].ID()+`"}`))), now, Unverifiable},
		"no kid":                   {part(0, enc([]byte(`{"typ":"JWT","alg":"RS256"}`))), now, Unverifiable},
		"kid a number":             {part(0, enc([]byte(`{"typ":"JWT","alg":"RS256","kid":1}`))), now, Unverifiable},
		"another of our keys' kid": {part(0, enc([]byte(`{"typ":"JWT","alg":"RS256","kid":"`+k[1].ID()+`"}`))), now, Unverifiable},
		"of the spare key":         {issue(t, tokens(t, cloud.Public(), k[1]), request()).Raw, now, Verified},
		"the key under other id":   {issue(t, tokens(t, cloud.Public(), k[0].WithID("other")), request()).Raw, now, Unverifiable},
		"of another cloud":         {issue(t, tokens(t, cloud.China()), chinese()).Raw, now, Unverifiable},
		"40 kB":                    {good + strings.Repeat("A", 40<<10), now, Unverifiable},
	} {
		for _, again := range []string{"", ", cached"} {
			caller, failure, _ := public.Verify(row.raw, row.at)
			if failure != row.want || caller.IsZero() == (row.want == Verified) {
				t.Errorf("%s%s: %q, %+v", name, again, failure, caller)
			}
		}
	}
	caller, _, expires := public.Verify(good, now)
	if caller.ObjectID() != objectID || caller.AppID() != "app" || caller.TenantID() != tenantID || caller.Audience() != arm ||
		caller.Issuer() != "https://sts.windows.net/"+tenantID+"/" || expires.Unix() != now.Unix()+86400 {
		t.Errorf("%+v %v", caller.claims, expires)
	}
	if nobody := (Caller{}); nobody.ObjectID() != "" || nobody.TenantID() != "" || !nobody.IsZero() {
		t.Error("the zero caller is somebody")
	}
}

func chinese() Request {
	r := request()
	r.Resource = "https://management.chinacloudapi.cn"
	return r
}

// The cache of verified tokens is bounded, keeps what is used, and hides no expiry.
func TestTheVerifiedCacheIsBounded(t *testing.T) {
	v := newVerifiedCache()
	sum := func(i int) string { return fmt.Sprint(i) }
	used := &claims{}
	v.put(sum(-1), used)
	for i := range 3 * generation {
		v.put(sum(i), &claims{})
		if i%1000 == 0 {
			if _, ok := v.get(sum(-1)); !ok {
				t.Fatalf("a token in use fell out at %d", i)
			}
		}
	}
	if n := len(v.young) + len(v.old); n > 2*generation {
		t.Errorf("%d tokens are kept", n)
	}
	if _, ok := v.get(sum(0)); ok {
		t.Error("an unused token is kept for ever")
	}
	v.clear()
	if _, ok := v.get(sum(-1)); ok {
		t.Error("cleared, and there still")
	}
}

// IMDS-TOKEN-060 to 063: one token per machine, identity and resource string.
func TestForMachine(t *testing.T) {
	s := tokens(t, cloud.Public())
	ask := func(change func(*Request), at time.Time) string {
		t.Helper()
		r := request()
		if change != nil {
			change(&r)
		}
		token, err := s.ForMachine(r, at)
		if err != nil {
			t.Fatal(err)
		}
		return token.Raw
	}
	first := ask(nil, now)
	for name, row := range map[string]struct {
		change func(*Request)
		at     time.Time
		same   bool
	}{
		"again":            {nil, now.Add(time.Hour), true},
		"6 minutes left":   {nil, now.Add(24*time.Hour - 6*time.Minute), true},
		"another host":     {func(r *Request) { r.HostID += "2" }, now, false},
		"another identity": {func(r *Request) { r.Principal.ObjectID = "x" }, now, false},
		"without slash":    {func(r *Request) { r.Resource = strings.TrimSuffix(arm, "/") }, now, false},
	} {
		if got := ask(row.change, row.at) == first; got != row.same {
			t.Errorf("%s: the same token: %v", name, got)
		}
	}
	kept := s.Snapshot()
	later := ask(nil, now.Add(24*time.Hour-4*time.Minute))
	if later == first {
		t.Error("a token near its end is handed out")
	}
	s.Restore(kept)
	if ask(nil, now) != first {
		t.Error("a restored cache has forgotten the token")
	}
	s.Forget(vm, strings.ToUpper(objectID), arm)
	if ask(nil, now) == first {
		t.Error("a forgotten token is handed out")
	}
	if ask(nil, now.Add(-48*time.Hour)) == later {
		t.Error("a token from the future is handed out")
	}
	r := request()
	r.Resource = "https://nobody.example.com"
	if _, err := s.ForMachine(r, now); !errors.Is(err, ErrUnknownResource) {
		t.Error(err)
	}
}

func TestTheHostsCacheIsBounded(t *testing.T) {
	s := tokens(t, cloud.Public())
	for i := range maxIssued {
		s.issued.Set(fmt.Sprint(i), Token{ExpiresOn: now.Add(time.Duration(i%2) * time.Hour)})
	}
	if _, err := s.ForMachine(request(), now); err != nil {
		t.Fatal(err)
	}
	if n := s.issued.Len(); n > maxIssued/2+1 {
		t.Errorf("%d tokens are kept", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := tokens(t, cloud.Public())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 20 {
				r := request()
				r.HostID = fmt.Sprint(vm, i, n%3)
				token, err := s.ForMachine(r, now)
				if err != nil {
					t.Error(err)
					return
				}
				if _, failure, _ := s.Verify(token.Raw, now); failure != Verified {
					t.Error(failure)
				}
				s.Restore(s.Snapshot())
				s.ForgetVerified()
			}
		})
	}
	wg.Wait()
}

func TestKeysRoundTrip(t *testing.T) {
	k := testKeys(t)
	if len(k) < 2 {
		t.Fatal("Entra publishes several keys at all times")
	}
	text, err := k[0].PEM()
	if err != nil {
		t.Fatal(err)
	}
	again, err := ParseKeys(text)
	if err != nil || len(again) != 1 || again[0].ID() != k[0].ID() {
		t.Fatal(err)
	}
	public := k[0].Public()
	if public.E != "AQAB" || public.X5T != public.KID || public.KID != k[0].ID() || len(public.N) != 342 {
		t.Errorf("%+v", public)
	}
	blocks := func(which ...int) (out []byte) {
		var all []*pem.Block
		for rest := keys.Test(); ; {
			block, more := pem.Decode(rest)
			if block == nil {
				break
			}
			all, rest = append(all, block), more
		}
		for _, i := range which {
			out = append(out, pem.EncodeToMemory(all[i])...)
		}
		return out
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "garbage": []byte("garbage"), "a key alone": blocks(0), "a certificate alone": blocks(1), "another's certificate": blocks(0, 3),
	} {
		if _, err := ParseKeys(data); err == nil {
			t.Errorf("%s is taken for keys", name)
		}
	}
	if _, err := New(cloud.Public(), ids.New(ids.Seed{})); err == nil {
		t.Error("a world without a key")
	}
}

func FuzzVerify(f *testing.F) {
	s := tokens(f, cloud.Public())
	good := issue(f, s, request()).Raw
	f.Add(good)
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, raw string) {
		if _, failure, _ := s.Verify(raw, now); failure == Verified && raw != good {
			t.Fatalf("a token we did not make was accepted: %q", raw)
		}
	})
}

func FuzzParseKeys(f *testing.F) {
	f.Add(keys.Test())
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = ParseKeys(data) })
}
