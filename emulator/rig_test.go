package emulator_test

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
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

// rig is a world with a client that reaches it as people do: by real URLs.
type rig struct {
	testing.TB
	emu *emulator.Emulator
	// http reaches every name; direct what is on loopback, past the proxy where there is one.
	http, direct *http.Client
	// door is the front door's URL, blobURL that of Blob storage by path.
	door, blobURL string
	// dialTLS opens a connection to a served name, with TLS verified; nil as of dial.
	dialTLS func(host string) (net.Conn, error)
	// tlsAddress takes TLS for every name; only sockets have it.
	tlsAddress string
	// dial opens a connection to the front door; nil where the carrier has none.
	dial func() (net.Conn, error)
}

// opener opens a world behind a carrier.
type opener func(t testing.TB, o emulator.Options) *rig

// onCarriers runs a test of what the world answers over every carrier: over sockets and
// the proxy, over connections in memory, and over messages in memory.
func onCarriers(t *testing.T, test func(t *testing.T, open opener)) {
	for _, c := range []struct {
		name string
		open opener
	}{{"socket", open}, {"pipe", openPipe}, {"codec", openCodec}} {
		t.Run(c.name, func(t *testing.T) { test(t, c.open) })
	}
}

// openWorld opens a world that no carrier reaches yet.
func openWorld(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	o.Home = home(t)
	o.OnInternal = func(err error) { t.Errorf("internal error: %v", err) }
	emu, err := emulator.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := emu.Close(); err != nil {
			t.Error(err)
		}
	})
	return &rig{TB: t, emu: emu, door: emulator.DefaultURL, blobURL: "http://127.0.0.1:10000"}
}

// open serves a world on sockets: names are reached through the proxy, with TLS verified.
func open(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	r := openWorld(t, o)
	server, err := r.emu.Serve(emulator.ServeOptions{Offline: true})
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: r.emu.RootCAs()}}
	t.Cleanup(transport.CloseIdleConnections)
	direct := &http.Transport{Proxy: nil}
	t.Cleanup(direct.CloseIdleConnections)
	r.http, r.direct = &http.Client{Transport: transport, Timeout: time.Minute}, &http.Client{Transport: direct, Timeout: time.Minute}
	r.door, r.blobURL, r.tlsAddress = server.URL, server.BlobURL, strings.TrimPrefix(server.HTTPSURL, "https://")
	r.dial = func() (net.Conn, error) { return net.Dial("tcp", at.Host) }
	r.dialTLS = func(host string) (net.Conn, error) {
		return tls.Dial("tcp", r.tlsAddress, &tls.Config{RootCAs: r.emu.RootCAs(), ServerName: host})
	}
	return r
}

// openPipe reaches a world by connections in memory, with TLS verified.
func openPipe(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	r := openWorld(t, o)
	transport := &http.Transport{DialContext: r.emu.DialContext, TLSClientConfig: &tls.Config{RootCAs: r.emu.RootCAs()}}
	t.Cleanup(transport.CloseIdleConnections)
	r.http = &http.Client{Transport: transport, Timeout: time.Minute}
	r.direct = r.http
	r.dial = func() (net.Conn, error) { return r.emu.DialContext(t.Context(), "tcp", "127.0.0.1:4280") }
	r.dialTLS = func(host string) (net.Conn, error) {
		conn, err := r.emu.DialContext(t.Context(), "tcp", host+":443")
		if err != nil {
			return nil, err
		}
		return tls.Client(conn, &tls.Config{RootCAs: r.emu.RootCAs(), ServerName: host}), nil
	}
	return r
}

// openCodec reaches a world by messages in memory.
func openCodec(t testing.TB, o emulator.Options) *rig {
	t.Helper()
	r := openWorld(t, o)
	r.http = r.emu.Client()
	r.direct = r.http
	return r
}

// in is the rig for a test within the test.
func (r *rig) in(t *testing.T) *rig {
	inner := *r
	inner.TB = t
	return &inner
}

// send sends a request. That a host is not served is an answer, except in memory, where
// it is an error that says the same.
func (r *rig) send(client *http.Client, req *http.Request) answer {
	r.Helper()
	resp, err := client.Do(req)
	if unknown, ok := errors.AsType[*emulator.UnknownHostError](err); ok {
		return answer{http.StatusMisdirectedRequest, http.Header{"X-Ms-Error-Code": {"HostNotServed"}}, unknown.Serves}
	}
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
	return r.send(r.http, req)
}

// unserved asks for a URL whose host is not served. A proxy may refuse it before TLS.
func (r *rig) unserved(target string) {
	r.Helper()
	resp, err := r.http.Get(target)
	if err == nil {
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusMisdirectedRequest {
			r.Errorf("%s: %s", target, resp.Status)
		}
		return
	}
	if _, unknown := errors.AsType[*emulator.UnknownHostError](err); !unknown && !strings.Contains(err.Error(), "Forbidden") {
		r.Errorf("%s: %v", target, err)
	}
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

// serverTLS is the world's own configuration of TLS.
func serverTLS(t testing.TB, e *emulator.Emulator) *tls.Config {
	t.Helper()
	config, err := e.TLSConfig()
	if err != nil {
		t.Fatal(err)
	}
	return config
}
