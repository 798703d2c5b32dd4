package vault_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/clientlib/identity"
	"github.com/linarite/linarite/clientlib/vault"
	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// world is the tutorial's vault as the administrator sees it.
func world(t *testing.T) (*emulator.Emulator, *vault.Client) {
	t.Helper()
	emu := emulator.New(t, emulator.World("tutorial"))
	o := clientlib.Options{Transport: emu.Client()}
	cred := must[*identity.Credential](t)(identity.ClientSecret("aaaabbbb-0000-cccc-1111-dddd2222eeee", "11111111-2222-3333-4444-555555555555", "linarite", identity.Options{Options: o}))
	return emu, must[*vault.Client](t)(vault.New("mytestkeyvault", cred, o))
}

// TestFlow4 reads the tutorial's secret as its machine.
func TestFlow4(t *testing.T) {
	emu := emulator.New(t, emulator.World("tutorial"))
	o := clientlib.Options{Transport: emu.Client()}
	cred := must[*identity.Credential](t)(identity.IMDS(identity.Options{Options: o}))
	c := must[*vault.Client](t)(vault.New("https://mytestkeyvault.vault.azure.net/", cred, o))
	s := must[vault.Secret](t)(c.Get(t.Context(), "MyTestSecret", ""))
	if s.Value != "p@ssw0rd!" || s.Version != "7c2204c6093c4d859bc5b9eff8f29050" || s.Name != "MyTestSecret" || !s.Enabled || s.RecoveryLevel != "Purgeable" {
		t.Errorf("%+v, value %q", s, s.Value)
	}
	if n := len(emu.Journal().Entries(0)); n != 2 {
		t.Errorf("%d requests: one for the token and one for the secret are enough", n)
	}
	_, err := c.Get(t.Context(), "none", "")
	if !clientlib.HasCode(err, "SecretNotFound") || !clientlib.HasStatus(err, 404) {
		t.Errorf("no such secret: %v", err)
	}
}

func TestSecrets(t *testing.T) {
	_, c := world(t)
	ctx, no, until := t.Context(), false, time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	first := must[vault.Secret](t)(c.Set(ctx, "one", "canary-1", &vault.Changes{ContentType: "text/plain", Tags: map[string]string{"a": "b"}, Expires: until}))
	if first.Value != "canary-1" || !first.Expires.Equal(until) || !first.NotBefore.IsZero() || first.Tags["a"] != "b" {
		t.Errorf("set %+v", first)
	}
	second := must[vault.Secret](t)(c.Set(ctx, "one", "canary-2", nil))
	if got := must[vault.Secret](t)(c.Get(ctx, "one", "")); got.Value != "canary-2" || got.Version != second.Version {
		t.Errorf("the latest is %v", got)
	}
	if got := must[vault.Secret](t)(c.Get(ctx, "one", first.Version)); got.Value != "canary-1" {
		t.Errorf("the first is %v", got)
	}
	changed := must[vault.Secret](t)(c.Update(ctx, "one", "", vault.Changes{Enabled: &no}))
	if changed.Enabled || changed.Version != second.Version || changed.Value != "" {
		t.Errorf("changed %+v", changed)
	}
	_, err := c.Get(ctx, "one", "")
	if !clientlib.HasStatus(err, 403) || !clientlib.HasCode(err, "SecretDisabled") {
		t.Errorf("a disabled secret: %v", err)
	}
	var versions, names []string
	for s, err := range c.ListVersions(ctx, "one") {
		check(t, err)
		versions = append(versions, s.Version)
	}
	for i := range 30 {
		must[vault.Secret](t)(c.Set(ctx, fmt.Sprintf("many-%02d", i), "x", nil))
	}
	for s, err := range c.List(ctx) {
		check(t, err)
		names = append(names, s.Name)
		if s.Value != "" || s.Version != "" {
			t.Errorf("listed %+v", s)
		}
	}
	if len(versions) != 2 || !slices.Contains(versions, first.Version) || len(names) != 32 || !slices.IsSorted(names[:30]) {
		t.Errorf("versions %v, names %v", versions, names)
	}
	for _, form := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(form, []any{first, &first, []vault.Secret{first}}); strings.Contains(text, "canary") {
			t.Errorf("%s shows %s", form, text)
		}
	}
	if text, err := json.Marshal(first); err != nil || strings.Contains(string(text), "canary") {
		t.Errorf("JSON shows %s, %v", text, err)
	}
}

// TestDeleted: a secret that is gone comes back from its backup.
func TestDeleted(t *testing.T) {
	_, c := world(t)
	ctx := t.Context()
	must[vault.Secret](t)(c.Set(ctx, "gone", "v", nil))
	backup := must[[]byte](t)(c.Backup(ctx, "gone"))
	if s := must[vault.Secret](t)(c.Delete(ctx, "gone")); s.Name != "gone" || !s.Deleted.IsZero() { // the tutorial's vault has no soft delete
		t.Errorf("deleted %+v", s)
	}
	if s := must[vault.Secret](t)(c.Restore(ctx, backup)); s.Name != "gone" {
		t.Errorf("restored %+v", s)
	}
	if s := must[vault.Secret](t)(c.WaitSecret(ctx, "gone")); s.Value != "v" {
		t.Errorf("after restoring: %v", s)
	}
	if _, err := c.Restore(ctx, backup); !clientlib.HasStatus(err, 409) {
		t.Errorf("restoring over it: %v", err)
	}
}

// step is an answer of a script.
type step struct {
	status       int
	header, body string
}

// seen is a request that a script answered.
type seen struct{ method, url, authorization, body string }

// asking is a credential that notes what it is asked for.
type asking struct{ asked []clientlib.TokenRequest }

func (a *asking) Token(_ context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
	a.asked = append(a.asked, r)
	return clientlib.Token{Value: fmt.Sprint("token-", len(a.asked))}, nil
}

func scripted(t *testing.T, endpoint string, cl cloud.Cloud, steps ...step) (*vault.Client, *asking, *[]seen) {
	cred, requests := &asking{}, &[]seen{}
	c := must[*vault.Client](t)(vault.New(endpoint, cred, clientlib.Options{Cloud: cl, Transport: clientlib.TransportFunc(func(r *http.Request) (*http.Response, error) {
		var body []byte
		if r.Body != nil {
			body, _ = io.ReadAll(r.Body)
		}
		*requests = append(*requests, seen{r.Method, r.URL.String(), r.Header.Get("Authorization"), string(body)})
		if len(*requests) > len(steps) {
			t.Fatalf("nobody expected %s", r.URL)
		}
		s := steps[len(*requests)-1]
		resp := &http.Response{StatusCode: s.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(s.body))}
		if name, value, ok := strings.Cut(s.header, ": "); ok {
			resp.Header.Set(name, value)
		}
		return resp, nil
	})}))
	return c, cred, requests
}

const (
	id        = `{"id":"https://v.vault.azure.net/secrets/s/0123"}`
	challenge = `WWW-Authenticate: Bearer authorization="https://login.microsoftonline.com/their-tenant", resource="https://vault.azure.net"`
	claims    = `WWW-Authenticate: Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="eyJhIjoxfQ=="`
)

func TestChallenges(t *testing.T) {
	ours := clientlib.TokenRequest{Audience: "https://vault.azure.net"}
	theirs := clientlib.TokenRequest{Audience: "https://vault.azure.net", Tenant: "their-tenant"}
	other := clientlib.TokenRequest{Audience: "https://vault.azure.cn", Tenant: "t"}
	with := func(r clientlib.TokenRequest, claims string) clientlib.TokenRequest {
		r.Claims = claims
		return r
	}
	for name, row := range map[string]struct {
		endpoint string
		steps    []step
		asked    []clientlib.TokenRequest
		failed   string
	}{
		"ever another":  {"https://v.vault.azure.net", []step{{401, challenge, ""}, {401, strings.Replace(challenge, "their", "another", 1), ""}}, []clientlib.TokenRequest{ours, theirs}, "401"},
		"known cloud":   {"https://v.vault.azure.net", []step{{200, "", id}}, []clientlib.TokenRequest{ours}, ""},
		"other tenant":  {"https://v.vault.azure.net", []step{{401, challenge, ""}, {200, "", id}}, []clientlib.TokenRequest{ours, theirs}, ""},
		"refused twice": {"https://v.vault.azure.net", []step{{401, challenge, ""}, {401, challenge, `{"error":{"code":"Unauthorized","message":"AKV10032: Invalid issuer."}}`}}, []clientlib.TokenRequest{ours, theirs}, "AKV10032"},
		"claims":        {"https://v.vault.azure.net", []step{{401, claims, ""}, {200, "", id}}, []clientlib.TokenRequest{ours, with(ours, `{"a":1}`)}, ""},
		"claims twice":  {"https://v.vault.azure.net", []step{{401, claims, ""}, {401, claims, ""}}, []clientlib.TokenRequest{ours, with(ours, `{"a":1}`)}, "401"},
		"both":          {"https://v.vault.azure.net", []step{{401, challenge, ""}, {401, claims, ""}, {200, "", id}}, []clientlib.TokenRequest{ours, theirs, with(theirs, `{"a":1}`)}, ""},
		"other cloud": {"https://v.vault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization="https://login.chinacloudapi.cn/t", resource="https://vault.azure.cn"`, ""}, {200, "", id}},
			[]clientlib.TokenRequest{other}, ""},
		"scope": {"https://v.vault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization_uri="https://login.chinacloudapi.cn/t", scope="https://vault.azure.cn/.default"`, ""}, {200, "", id}},
			[]clientlib.TokenRequest{other}, ""},
		"no challenge":       {"https://v.vault.azure.cn", []step{{401, "", ""}}, nil, "401"},
		"foreign":            {"https://v.vault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization="https://l/t", resource="https://vault.azure.net"`, ""}}, nil, "does not belong to"},
		"management":         {"https://v.vault.azure.net", []step{{401, `WWW-Authenticate: Bearer authorization="https://l/t", resource="https://management.azure.com/"`, ""}}, []clientlib.TokenRequest{ours}, "does not belong to"},
		"no dot boundary":    {"https://evilvault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization="https://l/t", resource="https://vault.azure.cn"`, ""}}, nil, "does not belong to"},
		"top level":          {"https://v.vault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization="https://l/t", resource="https://cn"`, ""}}, nil, "does not belong to"},
		"userinfo":           {"https://v.vault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization="https://l/t", resource="https://vault.azure.cn@evil.example"`, ""}}, nil, "does not belong to"},
		"itself":             {"https://v.vault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization="https://l/t", resource="https://v.vault.azure.cn"`, ""}}, nil, "does not belong to"},
		"plain":              {"https://v.vault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization="https://l/t", resource="http://vault.azure.cn"`, ""}}, nil, "does not belong to"},
		"opaque":             {"https://v.vault.azure.cn", []step{{401, `WWW-Authenticate: Bearer authorization="https://l/t", resource="vault.azure.cn"`, ""}}, nil, "does not belong to"},
		"lookalike of ours":  {"https://v.vault.azure.net.evil.example", []step{{401, challenge, ""}}, nil, "does not belong to"},
		"served without one": {"https://v.vault.azure.cn", []step{{200, "", id}}, nil, "nothing was stored"},
	} {
		t.Run(name, func(t *testing.T) {
			c, cred, requests := scripted(t, row.endpoint, cloud.Cloud{}, row.steps...)
			_, err := c.Set(t.Context(), "s", "canary", nil)
			if (err != nil) != (row.failed != "") || err != nil && (!strings.Contains(err.Error(), row.failed) || strings.Contains(err.Error(), "canary")) {
				t.Errorf("%v, want %q", err, row.failed)
			}
			if !slices.Equal(cred.asked, row.asked) {
				t.Errorf("asked for tokens %+v", cred.asked)
			}
			for i, r := range *requests {
				if (r.authorization == "") != (r.body == "") {
					t.Errorf("request %d has a body without a token, or the other way round: %+v", i, r)
				}
			}
			if row.failed == "does not belong to" && (len(*requests) != 1 || !errors.Is(err, vault.ErrForeignChallenge)) {
				t.Errorf("after a hostile challenge: %d requests, %v", len(*requests), err)
			}
		})
	}
}

// TestLearnt: a challenge is followed once, not at each call.
func TestLearnt(t *testing.T) {
	c, _, requests := scripted(t, "https://v.vault.azure.cn", cloud.Cloud{},
		step{401, `WWW-Authenticate: Bearer authorization="https://login.chinacloudapi.cn/t", resource="https://vault.azure.cn"`, ""}, step{200, "", id}, step{200, "", id})
	for range 2 {
		must[vault.Secret](t)(c.Get(t.Context(), "s", ""))
	}
	if len(*requests) != 3 || (*requests)[2].authorization == "" {
		t.Errorf("%d requests: %+v", len(*requests), *requests)
	}
}

func TestLists(t *testing.T) {
	collect := func(steps ...step) (names []string, err error) {
		c, _, _ := scripted(t, "https://v.vault.azure.net", cloud.Cloud{}, steps...)
		for s, e := range c.List(t.Context()) {
			if names = append(names, s.Name); e != nil {
				return names, e
			}
		}
		return names, nil
	}
	next := `{"value":[{"id":"https://v.vault.azure.net/secrets/a"}],"nextLink":"https://v.vault.azure.net:443/secrets?api-version=7.4&$skiptoken=x"}`
	if got, err := collect(step{200, "", next}, step{200, "", `{"value":[],"nextLink":"https://V.vault.azure.net/secrets?$skiptoken=y"}`}, step{200, "", `{"value":[{"id":"https://v.vault.azure.net/secrets/b"}],"nextLink":null}`}); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("%v, %v", got, err)
	}
	for _, link := range []string{"https://evil.example/", "http://v.vault.azure.net/", "https://v.vault.azure.net:8443/", "https://u@v.vault.azure.net/", "/secrets"} {
		if _, err := collect(step{200, "", `{"value":[],"nextLink":"` + link + `"}`}); !errors.Is(err, vault.ErrForeignLink) {
			t.Errorf("%s: %v", link, err)
		}
	}
	if _, err := collect(step{200, "", next}, step{403, "", `{"error":{"code":"Forbidden","innererror":{"code":"ForbiddenByRbac"}}}`}); !clientlib.HasCode(err, "ForbiddenByRbac") {
		t.Errorf("a refused page: %v", err)
	}
}

// TestSoftDelete is scripted by the times that Azure was recorded to take.
func TestSoftDelete(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gone := step{404, "", `{"error":{"code":"SecretNotFound","message":"Deleted Secret not found: s"}}`}
		there := step{200, "", `{"recoveryId":"https://v.vault.azure.net/deletedsecrets/s","deletedDate":1680047573,"scheduledPurgeDate":1680652373,"id":"https://v.vault.azure.net/secrets/s/0123","attributes":{"enabled":true}}`}
		c, _, requests := scripted(t, "https://v.vault.azure.net", cloud.Cloud{}, there, gone, gone, there, step{200, "", id}, gone, step{200, "", id}, step{204, "", ""}, step{200, "", `{"value":[],"nextLink":null}`})
		ctx := t.Context()
		if s := must[vault.Secret](t)(c.Delete(ctx, "s")); s.Purges.Sub(s.Deleted) != 7*24*time.Hour {
			t.Errorf("deleted %+v", s)
		}
		must[vault.Secret](t)(c.WaitDeleted(ctx, "s"))
		must[vault.Secret](t)(c.Recover(ctx, "s"))
		must[vault.Secret](t)(c.WaitSecret(ctx, "s"))
		check(t, c.Purge(ctx, "s"))
		for range c.ListDeleted(ctx) {
			t.Error("something is deleted")
		}
		if r := (*requests)[4]; r.method != "POST" || !strings.HasPrefix(r.url, "https://v.vault.azure.net/deletedsecrets/s/recover?") {
			t.Errorf("recovered by %+v", r)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		c, _, _ := scripted(t, "https://v.vault.azure.net", cloud.Cloud{}, slices.Repeat([]step{{404, "", ""}}, 99)...)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := c.WaitDeleted(ctx, "s"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait that its context ends: %v", err)
		}
		if _, err := c.WaitDeleted(t.Context(), "s"); !clientlib.HasStatus(err, 404) {
			t.Errorf("a wait for nothing: %v", err)
		}
	})
}

// TestThrottled: the vault's bad hour passes, by waits of one second, two and four.
func TestThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		emu, c := world(t)
		s, _ := fault.ScenarioNamed("vault-throttled")
		for _, r := range s.Rules {
			emu.Faults().Add(r)
		}
		began := time.Now()
		must[vault.Secret](t)(c.Get(t.Context(), "MyTestSecret", ""))
		if took := time.Since(began); took < 3500*time.Millisecond || took > 7*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// TestRestoredNothing: an answer of success that is no secret is an error of Restore's too.
func TestRestoredNothing(t *testing.T) {
	for _, body := range []string{"", "{}"} {
		c, _, _ := scripted(t, "https://v.vault.azure.net", cloud.Cloud{}, step{200, "", body})
		if s, err := c.Restore(t.Context(), []byte("backup")); err == nil {
			t.Errorf("%q is restored as %v", body, s)
		}
	}
}

func TestRefusedBeforeAnything(t *testing.T) {
	cred := &asking{}
	for _, endpoint := range []string{"", "https://", "ftp://v.vault.azure.net", "http://v.vault.azure.net", "https://v.vault.azure.net/secrets/x", "https://u:p@v.vault.azure.net", "https://v.vault.azure.net?x=y", "a b", "a#b", "https://v.vault.azure.net#x", "https://v.vault.azure.net/#", "https://v.vault.azure.net?"} {
		if _, err := vault.New(endpoint, cred, clientlib.Options{}); err == nil {
			t.Errorf("%q is a vault", endpoint)
		}
	}
	if _, err := vault.New("v", nil, clientlib.Options{}); err == nil {
		t.Error("without a credential")
	}
	c, _, _ := scripted(t, "https://v.vault.azure.net", cloud.Cloud{})
	ctx := t.Context()
	for _, name := range []string{"", "a/b", "..", "restore?", "a b", "ä", strings.Repeat("x", 128)} {
		_, err := c.Get(ctx, name, "")
		_, err2 := c.Backup(ctx, name)
		err3 := c.Purge(ctx, name)
		var err4 error
		for _, err4 = range c.ListVersions(ctx, name) {
			break
		}
		if err == nil || err2 == nil || err3 == nil || err4 == nil {
			t.Errorf("%q is a name", name)
		}
	}
	if _, err := c.Get(ctx, "a", "versions"); err == nil {
		t.Error("versions is a version")
	}
	if _, err := c.Update(ctx, "a", "../b", vault.Changes{}); err == nil {
		t.Error("../b is a version")
	}
}
