package emulator_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/fixtures/keys"
)

// Names of the tutorial world.
const (
	tenant       = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	subscription = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	tutorialID   = "00001111-aaaa-2222-bbbb-3333cccc4444"
	admin        = "11111111-2222-3333-4444-555555555555"
)

// testHome is one installation for all tests: its keys are the public test keys.
var testHome = sync.OnceValues(func() (*emulator.Home, error) {
	dir, err := os.MkdirTemp("", "linarite-test-home-")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(dir+"/signing-keys.pem", keys.Test(), 0o600); err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir) // read whole by then
	return emulator.OpenHome(dir)
})

func home(t testing.TB) *emulator.Home {
	t.Helper()
	h, err := testHome()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// rig is a served world with a client that reaches it as people do: by real URLs,
// through the proxy, with TLS verified.
type rig struct {
	testing.TB
	emu    *emulator.Emulator
	server *emulator.Server
	http   *http.Client
}

func open(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	o.Home = home(t)
	o.OnInternal = func(err error) { t.Errorf("internal error: %v", err) }
	emu, err := emulator.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	server, err := emu.Serve(emulator.ServeOptions{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(o.Home.CA.Certificate())
	transport := &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &rig{t, emu, server, &http.Client{Transport: transport, Timeout: time.Minute}}
}

// answer is a whole answer.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request; headers are "Name: value".
func (r *rig) do(method, target, body string, headers ...string) answer {
	r.Helper()
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	resp, err := r.http.Do(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		r.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(got)}
}

func (r *rig) get(target string, headers ...string) answer {
	r.Helper()
	return r.do("GET", target, "", headers...)
}

// imds asks the token endpoint with a raw query.
func (r *rig) imds(query string) answer {
	r.Helper()
	return r.get("http://169.254.169.254/metadata/identity/oauth2/token?"+query, "Metadata: true")
}

func (r *rig) field(a answer, name string) string {
	r.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		r.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	v, _ := m[name].(string)
	return v
}

// machineToken is the machine's token for a resource, selector appended.
func (r *rig) machineToken(resource, selector string) string {
	r.Helper()
	a := r.imds("api-version=2018-02-01&resource=" + url.QueryEscape(resource) + selector)
	token := r.field(a, "access_token")
	if token == "" {
		r.Fatalf("no token: %d %s", a.status, a.body)
	}
	return token
}

// adminToken is the administrator's token for Resource Manager.
func (r *rig) adminToken() string {
	r.Helper()
	c := r.emu.Cloud()
	a := r.do("POST", "https://"+c.Entra.LoginHosts[0]+"/"+tenant+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {admin}, "client_secret": {"linarite"},
		"scope": {c.ARM.Endpoint + "/.default"},
	}.Encode(), "Content-Type: application/x-www-form-urlencoded")
	token := r.field(a, "access_token")
	if token == "" {
		r.Fatalf("no token: %d %s", a.status, a.body)
	}
	return token
}

// arm is a URL of the cloud's Resource Manager.
func (r *rig) arm(path string) string {
	return strings.TrimSuffix(r.emu.Cloud().ARM.Endpoint, "/") + path
}

func bearer(token string) string { return "Authorization: Bearer " + token }

// signer issues tokens as the world's Entra would, for whomever: same keys, same cloud.
func signer(t testing.TB, c *cloud.Cloud) *identity.Tokens {
	t.Helper()
	return newSigner(t, c, home(t).Keys...)
}
