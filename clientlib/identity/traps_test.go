package identity

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
)

// TestLastMinute: a token that would end on its way to the service is not given out while a new one can be had
// (Azure/azure-sdk-for-net#32275), and is where none can.
func TestLastMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{token("a", time.Hour), {status: 400}, token("b", time.Hour)}}
		c := must[*Credential](t)(IMDS(by(s)))
		get(t, c, "x")
		time.Sleep(59*time.Minute + 10*time.Second)
		if got := get(t, c, "x"); got != "a" || s.count() != 2 {
			t.Errorf("%s after %d requests: the old token serves where there is no other", got, s.count())
		}
		time.Sleep(again)
		if got := get(t, c, "x"); got != "b" || s.count() != 3 {
			t.Errorf("%s after %d requests: it has 20 seconds left", got, s.count())
		}
	})
}

// TestClaimsOvertake: an older request that ends later does not put its token over the one that was asked for with
// claims: a service has refused that.
func TestClaimsOvertake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := token("old", time.Hour)
		late.wait = 10 * time.Second
		s := &script{steps: []served{late, token("new", time.Hour)}}
		c := must[*Credential](t)(IMDS(by(s)))
		var wait sync.WaitGroup
		wait.Go(func() { get(t, c, "x") })
		synctest.Wait()
		must[clientlib.Token](t)(c.Token(t.Context(), clientlib.TokenRequest{Audience: "x", Claims: `{}`}))
		wait.Wait()
		if got := get(t, c, "x"); got != "new" {
			t.Errorf("%s is kept", got)
		}
	})
}

// TestAnotherToken: a token for another service or another identity than was asked for is not taken.
func TestAnotherToken(t *testing.T) {
	const some = `{"access_token":"canary","expires_in":3600,`
	for body, row := range map[string]struct {
		selector Selector
		want     string // "" is a token
	}{
		some + `"resource":"https://other.example/"}`:           {Selector{}, "is for https://other.example/"},
		some + `"resource":"https://Storage.azure.com"}`:        {Selector{}, ""},
		some + `"resource":""}`:                                 {Selector{}, ""},
		some + `"client_id":"anything"}`:                        {Selector{}, ""},
		some + `"client_id":"CID"}`:                             {ClientID("cid"), ""},
		some + `"client_id":"other"}`:                           {ClientID("cid"), "client id cid"},
		some + `"object_id":"other","client_id":"c"}`:           {ObjectID("oid"), "object id oid"},
		some + `"msi_res_id":"/subscriptions/a","resource":""}`: {ResourceID("/subscriptions/b"), "/subscriptions/b"},
		some + `"client_id":"c"}`:                               {ResourceID("/subscriptions/b"), ""},
	} {
		for name, variables := range map[string][]string{
			"IMDS":        nil,
			"App Service": {"IDENTITY_ENDPOINT", "http://localhost:1/x", "IDENTITY_HEADER", "h"},
		} {
			o := by(&script{steps: []served{{status: 200, body: body}}}, variables...)
			o.Identity = row.selector
			_, err := must[*Credential](t)(ManagedIdentity(o)).Token(t.Context(), for1(storage))
			if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want) || strings.Contains(err.Error(), "canary")) {
				t.Errorf("%s: %s: %v", name, body, err)
			}
		}
	}
}

// TestHalfConfigured: what is begun in the environment and not complete is an error, never another identity: a pod whose
// service account lacks the annotation would act as its node (Azure/azure-workload-identity#1357).
func TestHalfConfigured(t *testing.T) {
	s := &script{steps: []served{token("t", time.Hour)}}
	for want, variables := range map[string][]string{
		"AZURE_CLIENT_ID is not":                      {"AZURE_FEDERATED_TOKEN_FILE", "f", "AZURE_TENANT_ID", "t"},
		"AZURE_TENANT_ID is not":                      {"AZURE_FEDERATED_TOKEN_FILE", "f", "AZURE_CLIENT_ID", "c"},
		"AZURE_TENANT_ID and AZURE_CLIENT_ID are not": {"AZURE_CLIENT_SECRET", "canary"},
	} {
		if c, err := Find(by(s, variables...)); err == nil || errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v, %v: want %q", c, err, want)
		}
	}
	// What another identity needs is no hindrance to one that is selected.
	o := by(s, "AZURE_FEDERATED_TOKEN_FILE", "f")
	o.Identity = ClientID("c")
	must[*Credential](t)(Find(o))
}

// TestAuthority: a secret goes to the cloud that the program names, else to the one that the environment names, and only
// to an address that can be meant.
func TestAuthority(t *testing.T) {
	variables := []string{"AZURE_TENANT_ID", tenant, "AZURE_CLIENT_ID", admin, "AZURE_CLIENT_SECRET", "canary", "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"}
	for name, row := range map[string]struct {
		cloud cloud.Cloud
		want  string
	}{
		"environment": {cloud.Cloud{}, "login.microsoftonline.us"},
		"program":     {cloud.China(), "login.chinacloudapi.cn"},
	} {
		s := &script{steps: []served{token("t", time.Hour)}}
		o := by(s, variables...)
		o.Cloud = row.cloud
		get(t, must[*Credential](t)(Find(o)), "x")
		if got := s.asked[0].URL.Host; got != row.want {
			t.Errorf("%s: asked %s", name, got)
		}
	}
	for _, authority := range []string{"https://login.example/?x=", "https://login.example/#", "https://user:canary@login.example", "login.example", "https:login.example", "https://login.example/ x"} {
		_, err := Find(by(&script{}, append([]string{"AZURE_AUTHORITY_HOST", authority}, variables...)...))
		if err == nil || !strings.Contains(err.Error(), "https://") || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", authority, err)
		}
	}
	for _, name := range []string{"..", ".", "common", "Organizations", "consumers"} {
		if _, err := ClientSecret(name, admin, "s", by(&script{})); err == nil || !strings.Contains(err.Error(), "tenant") {
			t.Errorf("tenant %s: %v", name, err)
		}
	}
	o := by(&script{steps: []served{token("t", time.Hour)}})
	o.Tenants = []string{"*"}
	c := must[*Credential](t)(ClientSecret(tenant, admin, "s", o))
	if _, err := c.Token(t.Context(), clientlib.TokenRequest{Audience: "a", Tenant: ".."}); err == nil {
		t.Error("a challenge leads up")
	}
}

// TestFoundUnknownEndpoint: an endpoint that alone says nothing does not make IMDS be waited for where it is not.
func TestFoundUnknownEndpoint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{{err: errors.New("no route")}}}
		c := must[*Credential](t)(Find(by(s, "IDENTITY_ENDPOINT", "http://localhost:1")))
		began := time.Now()
		if _, err := c.Token(t.Context(), for1(storage)); !errors.Is(err, ErrUnavailable) || time.Since(began) > 2*time.Second {
			t.Errorf("%v after %s", err, time.Since(began))
		}
	})
}

// TestTriedAgain: IMDS's guidance is for IMDS: any 5xx, and 404 and 410, which mean an update there, and a wrong address
// elsewhere.
func TestTriedAgain(t *testing.T) {
	service := []string{"IDENTITY_ENDPOINT", "http://localhost:1/x", "IDENTITY_HEADER", "h"}
	for _, row := range []struct {
		variables []string
		status    int
		again     bool
	}{
		{nil, 404, true}, {nil, 410, true}, {nil, 429, true}, {nil, 500, true}, {nil, 507, true}, {nil, 511, true}, {nil, 400, false}, {nil, 401, false}, {nil, 403, false},
		{service, 404, false}, {service, 400, false}, {service, 429, true}, {service, 500, true}, {service, 503, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{steps: []served{{status: row.status}, token("t", time.Hour)}}
			_, err := must[*Credential](t)(ManagedIdentity(by(s, row.variables...))).Token(t.Context(), for1("x"))
			if (err == nil) != row.again || (s.count() == 2) != row.again {
				t.Errorf("%d at %v: %d requests, %v", row.status, row.variables, s.count(), err)
			}
		})
	}
}

// TestMachineLearning: Azure Machine Learning names the identity that is meant where none is selected.
func TestMachineLearning(t *testing.T) {
	for want, selector := range map[string]Selector{"default": {}, "cid": ClientID("cid")} {
		s := &script{steps: []served{token("t", time.Hour)}}
		o := by(s, "MSI_ENDPOINT", "http://localhost:1/x", "MSI_SECRET", "h", "DEFAULT_IDENTITY_CLIENT_ID", "default")
		o.Identity = selector
		get(t, must[*Credential](t)(ManagedIdentity(o)), "x")
		if got := s.asked[0].URL.Query().Get("clientid"); got != want {
			t.Errorf("asked for %q, want %q", got, want)
		}
	}
}

// TestWrongCloud: an audience that a tenant does not know is most often one of another cloud, and the error says so.
func TestWrongCloud(t *testing.T) {
	emu := world(t, "tutorial")
	for name, c := range map[string]*Credential{
		"IMDS":   must[*Credential](t)(IMDS(in(emu))),
		"secret": must[*Credential](t)(ClientSecret(tenant, admin, "linarite", in(emu))),
	} {
		_, err := c.Token(t.Context(), for1("https://management.chinacloudapi.cn/"))
		if err == nil || !strings.Contains(err.Error(), "Options.Cloud") || !clientlib.HasCode(err, "invalid_resource") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestOddTokens: what cannot stand in a header is no token.
func TestOddTokens(t *testing.T) {
	for _, value := range []string{`a b`, `a\r\nX: y`, `é`, `\u0000`} {
		_, _, err := parse([]byte(`{"access_token":"`+value+`","expires_in":60}`), time.Now())
		if err == nil {
			t.Errorf("%q is a token", value)
		}
	}
	if _, _, err := parse([]byte(`{"access_token":"x","token_type":"pop","expires_in":60}`), time.Now()); err == nil {
		t.Error("a token that a bearer cannot use is taken")
	}
}

// TestNoProxy: a proxy that the environment names is not asked for a machine's own token.
func TestNoProxy(t *testing.T) {
	for _, kind := range []string{"imds", "appservice"} {
		o := Options{}
		transport, ok := local(o, kind).Options().Transport.(*http.Client)
		if !ok {
			t.Fatal("another transport")
		}
		if inner, ok := transport.Transport.(*http.Transport); !ok || inner.Proxy != nil {
			t.Errorf("%s: a proxy is asked", kind)
		}
	}
}

// TestPortal: a page of HTML with status 200, as gates to the internet send it, is no token and no secret's leak.
func TestPortal(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "<html>canary: log in</html>")
	}))
	defer server.Close()
	c := must[*Credential](t)(IMDS(Options{Getenv: env("AZURE_POD_IDENTITY_AUTHORITY_HOST", server.URL)}))
	_, err := c.Token(context.WithoutCancel(t.Context()), for1(storage))
	if err == nil || !strings.Contains(err.Error(), "no token") || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "127.0.0.1") {
		t.Errorf("%v", err)
	}
}

// TestTransportsThatAreOdd: what a test puts in the network's place may answer without a body, or not at all.
func TestTransportsThatAreOdd(t *testing.T) {
	for name, answer := range map[string]*http.Response{"nothing": nil, "no body": {StatusCode: http.StatusBadRequest}} {
		o := Options{Getenv: env(), Options: clientlib.Options{Retry: clientlib.Retry{Tries: 1}, Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
			return answer, nil
		})}}
		c, err := Find(o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Token(t.Context(), for1("https://vault.azure.net")); err == nil {
			t.Errorf("%s: a token came", name)
		}
	}
}

// TestNilCredential: an error that nobody looked at leaves a credential that is nil.
func TestNilCredential(t *testing.T) {
	var c *Credential
	if _, err := c.Token(t.Context(), for1("https://vault.azure.net")); err == nil {
		t.Error("a token came")
	}
}

// TestWaitingSaysForWhom: a deadline that ends a wait for a token says which source it was.
func TestWaitingSaysForWhom(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c, err := IMDS(Options{Getenv: env(), Options: clientlib.Options{Transport: clientlib.TransportFunc(func(r *http.Request) (*http.Response, error) {
		cancel()
		<-r.Context().Done()
		return nil, r.Context().Err()
	})}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Token(ctx, for1("https://vault.azure.net")); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "IMDS") {
		t.Error(err)
	}
}
