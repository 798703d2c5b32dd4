package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/cloud"
)

// TestOnTheEmulator: the sources that the emulator has give tokens that open what they may.
func TestOnTheEmulator(t *testing.T) {
	emu := world(t, "tutorial")
	app := []string{"AZURE_TENANT_ID", tenant, "AZURE_CLIENT_ID", admin, "AZURE_CLIENT_SECRET", "linarite"}
	for name, row := range map[string]struct {
		make func() (*Credential, error)
		want int
	}{
		"IMDS":           {func() (*Credential, error) { return IMDS(in(emu)) }, 200},
		"found":          {func() (*Credential, error) { return Find(in(emu)) }, 200},
		"managed":        {func() (*Credential, error) { return ManagedIdentity(in(emu)) }, 200},
		"found app":      {func() (*Credential, error) { return Find(in(emu, app...)) }, 200},
		"client secret":  {func() (*Credential, error) { return ClientSecret(tenant, admin, "linarite", in(emu)) }, 200},
		"other identity": {func() (*Credential, error) { return Find(in(emu, "AZURE_CLIENT_ID", assigned)) }, 403},
		"by resource": {func() (*Credential, error) {
			o := in(emu)
			o.Identity = ResourceID(emu.Identity("tutorial-id").ID())
			return IMDS(o)
		}, 403},
		"by object": {func() (*Credential, error) {
			o := in(emu)
			o.Identity = ObjectID(emu.Identity("tutorial-id").PrincipalID())
			return IMDS(o)
		}, 403},
		"identity wanted": {func() (*Credential, error) { o := in(emu, app...); o.Identity = ClientID(assigned); return Find(o) }, 403},
	} {
		t.Run(name, func(t *testing.T) {
			c := must[*Credential](t)(row.make())
			if got := opens(t, emu, c); got != row.want {
				t.Errorf("%s: %d", c, got)
			}
		})
	}
}

// TestRefusals: what a source refuses comes with what may be done, and is not asked for twice.
func TestRefusals(t *testing.T) {
	emu := world(t, "tutorial")
	other := in(emu)
	other.Identity = ClientID("99999999-aaaa-2222-bbbb-3333cccc4444")
	for name, row := range map[string]struct {
		c     func() (*Credential, error)
		want  []string
		code  string
		audit string
	}{
		"not assigned": {func() (*Credential, error) { return Find(other) }, []string{"does not have the identity with client id 9999", "assign it"}, "invalid_request", storage},
		"audience":     {func() (*Credential, error) { return IMDS(in(emu)) }, []string{"AADSTS500011"}, "invalid_resource", "https://nobody.example"},
		"secret":       {func() (*Credential, error) { return ClientSecret(tenant, admin, "canary-wrong", in(emu)) }, []string{"AADSTS7000215"}, "invalid_client", storage},
		"tenant": {func() (*Credential, error) {
			return ClientSecret("99999999-0000-cccc-1111-dddd2222eeee", admin, "linarite", in(emu))
		}, []string{"AADSTS90002"}, "invalid_request", storage},
	} {
		t.Run(name, func(t *testing.T) {
			c := must[*Credential](t)(row.c())
			_, err := c.Token(t.Context(), for1(row.audit))
			if !clientlib.HasCode(err, row.code) {
				t.Fatalf("%v, want the code %s", err, row.code)
			}
			var refused *clientlib.Error
			if errors.As(err, &refused); refused.Tries != 1 {
				t.Errorf("%d tries", refused.Tries)
			}
			for _, text := range row.want {
				if !strings.Contains(err.Error(), text) {
					t.Errorf("%v does not say %q", err, text)
				}
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("a secret: %v", err)
			}
		})
	}
}

// TestRequests holds what each source sends to what its service documents.
func TestRequests(t *testing.T) {
	user, object, resource := ClientID("cid"), ObjectID("oid"), ResourceID("/subscriptions/s/x")
	service := []string{"IDENTITY_ENDPOINT", "http://localhost:4141/MSI/token?a=b", "IDENTITY_HEADER", "canary"}
	old := []string{"MSI_ENDPOINT", "http://localhost:4141/MSI/token", "MSI_SECRET", "canary"}
	for name, row := range map[string]struct {
		env      []string
		selector Selector
		want     string // method, URL, and the headers that matter
	}{
		"imds":               {nil, Selector{}, "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=aud Metadata=true"},
		"imds client":        {nil, user, "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&client_id=cid&resource=aud Metadata=true"},
		"imds resource":      {nil, resource, "GET http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&msi_res_id=%2Fsubscriptions%2Fs%2Fx&resource=aud Metadata=true"},
		"imds moved":         {[]string{"AZURE_POD_IDENTITY_AUTHORITY_HOST", "http://127.0.0.1:1/"}, object, "GET http://127.0.0.1:1/metadata/identity/oauth2/token?api-version=2018-02-01&object_id=oid&resource=aud Metadata=true"},
		"app service":        {service, Selector{}, "GET http://localhost:4141/MSI/token?a=b&api-version=2019-08-01&resource=aud X-Identity-Header=canary"},
		"app service res":    {service, resource, "GET http://localhost:4141/MSI/token?a=b&api-version=2019-08-01&mi_res_id=%2Fsubscriptions%2Fs%2Fx&resource=aud X-Identity-Header=canary"},
		"app service object": {service, object, "GET http://localhost:4141/MSI/token?a=b&api-version=2019-08-01&object_id=oid&resource=aud X-Identity-Header=canary"},
		"old app service":    {old, user, "GET http://localhost:4141/MSI/token?api-version=2017-09-01&clientid=cid&resource=aud Secret=canary"},
		"cloud shell":        {[]string{"MSI_ENDPOINT", "http://localhost:50342/oauth2/token"}, Selector{}, "POST http://localhost:50342/oauth2/token Metadata=true resource=aud"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: []served{token("t", time.Hour)}}
			o := by(s, row.env...)
			o.Identity = row.selector
			if got := get(t, must[*Credential](t)(ManagedIdentity(o)), "aud"); got != "t" {
				t.Errorf("token %q", got)
			}
			req := s.asked[0]
			got := req.Method + " " + req.URL.String()
			for _, header := range []string{"Metadata", "X-Identity-Header", "Secret"} {
				if v := req.Header.Get(header); v != "" {
					got += " " + header + "=" + v
				}
			}
			if got = strings.TrimSpace(got + " " + s.forms[0]); got != row.want {
				t.Errorf("sent %s\nwant %s", got, row.want)
			}
		})
	}
}

// TestRefusedBeforeAnything: what cannot be is said without a request.
func TestRefusedBeforeAnything(t *testing.T) {
	s := &script{steps: []served{{err: errors.New("asked")}}}
	with := func(sel Selector, pairs ...string) Options {
		o := by(s, pairs...)
		o.Identity = sel
		return o
	}
	for want, make := range map[string]func() (*Credential, error){
		"a selector without a value": func() (*Credential, error) { return Find(with(ClientID(""))) },
		"Service Fabric": func() (*Credential, error) {
			return Find(by(s, "IDENTITY_ENDPOINT", "x", "IDENTITY_HEADER", "y", "IDENTITY_SERVER_THUMBPRINT", "z"))
		},
		"Cloud Shell has no user": func() (*Credential, error) { return Find(with(ClientID("x"), "MSI_ENDPOINT", "http://localhost/")) },
		"by client id alone": func() (*Credential, error) {
			return AppService(with(ObjectID("x"), "MSI_ENDPOINT", "http://l/", "MSI_SECRET", "s"))
		},
		"AZURE_TENANT_ID is not": func() (*Credential, error) {
			return Find(by(s, "AZURE_CLIENT_ID", "x", "AZURE_CLIENT_SECRET", "canary"))
		},
		"no such file": func() (*Credential, error) {
			return Find(by(s, "AZURE_CLIENT_ID", "x", "AZURE_TENANT_ID", "t", "AZURE_CLIENT_CERTIFICATE_PATH", "/no/such"))
		},
		"is no tenant":    func() (*Credential, error) { return ClientSecret("../x", "id", "s", by(s)) },
		"is no client id": func() (*Credential, error) { return ClientSecret("t", "a b", "s", by(s)) },
		"secret is empty": func() (*Credential, error) { return ClientSecret("t", "a", "", by(s)) },
		"begins with https://": func() (*Credential, error) {
			return Find(by(s, "AZURE_CLIENT_ID", "x", "AZURE_TENANT_ID", "t", "AZURE_CLIENT_SECRET", "canary", "AZURE_AUTHORITY_HOST", "http://login.example"))
		},
		"AZURE_FEDERATED_TOKEN_FILE":   func() (*Credential, error) { return WorkloadIdentity(by(s, "AZURE_CLIENT_ID", "x")) },
		"named by its client id":       func() (*Credential, error) { return WorkloadIdentity(with(ObjectID("x"))) },
		"IDENTITY_ENDPOINT and":        func() (*Credential, error) { return AppService(by(s)) },
		"MSI_ENDPOINT is not set":      func() (*Credential, error) { return CloudShell(by(s)) },
		"AUTHORITY_HOST is no address": func() (*Credential, error) { return IMDS(by(s, "AZURE_POD_IDENTITY_AUTHORITY_HOST", "nonsense")) },
		"want http://HOST": func() (*Credential, error) {
			return IMDS(by(s, "AZURE_POD_IDENTITY_AUTHORITY_HOST", "ftp://user:canary@169.254.169.254"))
		},
		"certificate is not the key's": func() (*Credential, error) { return ClientCertificate("t", "a", nil, nil, by(s)) },
		"first certificate is not the ": func() (*Credential, error) {
			return ClientCertificate("t", "a", []*x509.Certificate{{}}, &rsa.PrivateKey{}, by(s))
		},
	} {
		c, err := make()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v, %v: want %q", c, err, want)
		}
	}
	if s.count() > 0 {
		t.Error("something was asked")
	}
	if _, err := must[*Credential](t)(IMDS(by(s))).Token(t.Context(), clientlib.TokenRequest{}); err == nil || !strings.Contains(err.Error(), "Audience") {
		t.Errorf("without an audience: %v", err)
	}
}

// TestNothingFound: where there is nothing, one error says what was looked for, after two seconds.
func TestNothingFound(t *testing.T) {
	for name, step := range map[string]served{
		"silence":        {wait: time.Hour},
		"no route":       {err: &url.Error{Op: "Get", URL: "x", Err: &net.OpError{Op: "dial", Err: errors.New("no route to host")}}},
		"docker desktop": {status: 403, body: "connecting to 169.254.169.254:80: unreachable"},
		"another cloud":  {status: 404, body: "<html>404 - Not Found</html>"},
		"with sessions":  {status: 401},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: []served{step}}
				c := must[*Credential](t)(Find(by(s)))
				began := time.Now()
				_, err := c.Token(t.Context(), for1(storage))
				if !errors.Is(err, ErrUnavailable) || !strings.Contains(err.Error(), "AZURE_FEDERATED_TOKEN_FILE is not set") {
					t.Errorf("%v", err)
				}
				if s.count() != 2 || time.Since(began) > 2*time.Second {
					t.Errorf("%d requests in %s", s.count(), time.Since(began))
				}
			})
		})
	}
}

// TestFoundOnce: the metadata service is looked for until it was seen, and then no more.
func TestFoundOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []served{{wait: 700 * time.Millisecond, status: 400}, {status: 400}, token("a", time.Hour), token("b", time.Hour)}}
		c := must[*Credential](t)(Find(by(s)))
		if get(t, c, "one") != "a" || get(t, c, "two") != "b" || s.count() != 4 {
			t.Errorf("%d requests", s.count())
		}
		if s.asked[0].Header.Get("Metadata") != "" || s.asked[0].URL.RawQuery != "" {
			t.Error("the first look could have brought a token")
		}
	})
}

// TestArc: the agent's challenge is answered with its key file, and with nothing else.
func TestArc(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := write("good.key", "canary-key\n")
	big := write("big.key", strings.Repeat("x", 4097))
	link := filepath.Join(dir, "link.key")
	if err := os.Symlink("/etc/hostname", link); err != nil {
		t.Skip("no symbolic links here")
	}
	sub := filepath.Join(dir, "sub")
	_ = os.Mkdir(sub, 0o700)
	challenge := func(path string) served { return served{status: 401, header: "WWW-Authenticate: Basic realm=" + path} }
	for name, row := range map[string]struct {
		selector Selector
		steps    []served
		want     string // "" is a token
	}{
		"key":           {Selector{}, []served{challenge(good), token("t", time.Hour)}, ""},
		"no challenge":  {Selector{}, []served{token("t", time.Hour)}, ""},
		"too large":     {Selector{}, []served{challenge(big)}, "more than 4096 bytes"},
		"link":          {Selector{}, []served{challenge(link)}, "no plain file"},
		"outside":       {Selector{}, []served{challenge("/etc/ssl.key")}, "no key file in"},
		"climbing":      {Selector{}, []served{challenge(dir + "/sub/../good.key")}, "no key file in"},
		"below":         {Selector{}, []served{challenge(dir + "/sub/good.key")}, "no key file in"},
		"other ending":  {Selector{}, []served{challenge(dir + "/good.txt")}, "no key file in"},
		"none":          {Selector{}, []served{challenge(dir + "/none.key")}, "group himds"},
		"quoted":        {Selector{}, []served{challenge(`"` + good + `"`)}, "no key file in"},
		"other scheme":  {Selector{}, []served{{status: 401, header: "WWW-Authenticate: Bearer realm=x"}}, "names no key file"},
		"refused twice": {Selector{}, []served{challenge(good)}, "401"},
		"echo":          {ClientID("CID"), []served{{status: 200, body: `{"access_token":"t","expires_in":3600,"client_id":"cid"}`}}, ""},
		"no echo":       {ClientID("cid"), []served{token("t", time.Hour)}, "did not give a token for"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: row.steps}
			o := by(s)
			a := arc{local(o, "arc"), "http://127.0.0.1:40342/metadata/identity/oauth2/token", row.selector, dir}
			got, err := a.token(t.Context(), for1("aud"))
			if row.want == "" && (err != nil || got.Value != "t") || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
				t.Errorf("%v, %v", got, err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("a secret: %v", err)
			}
			if name == "key" && s.asked[1].Header.Get("Authorization") != "Basic canary-key" {
				t.Errorf("authorised by %q", s.asked[1].Header.Get("Authorization"))
			}
		})
	}
	c := must[*Credential](t)(ManagedIdentity(by(&script{}, "IDENTITY_ENDPOINT", "http://127.0.0.1:40342/x", "IMDS_ENDPOINT", "http://127.0.0.1:40342")))
	if !strings.Contains(c.String(), "Arc") {
		t.Errorf("found %s", c)
	}
}

// TestCertificate: an assertion is signed as Entra ID documents it, and the emulator takes it.
func TestCertificate(t *testing.T) {
	key := must[*rsa.PrivateKey](t)(rsa.GenerateKey(rand.Reader, 2048))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"}, NotAfter: time.Now().Add(time.Hour)}
	der := must[[]byte](t)(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))
	pkcs8 := must[[]byte](t)(x509.MarshalPKCS8PrivateKey(key))
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	both := append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), certificate...)
	chain, parsed, err := ParseCertificate(both)
	if err != nil || len(chain) != 1 || !parsed.Equal(key) {
		t.Fatalf("%v, %v", chain, err)
	}
	for name, text := range map[string][]byte{
		"empty": nil, "no key": certificate, "no certificate": both[:len(both)-len(certificate)],
		"broken":    []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
		"encrypted": []byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
	} {
		if _, _, err := ParseCertificate(text); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	file := filepath.Join(t.TempDir(), "app.pem")
	if err := os.WriteFile(file, both, 0o600); err != nil {
		t.Fatal(err)
	}
	s := &script{steps: []served{token("t", time.Hour)}}
	o := by(s, "AZURE_TENANT_ID", tenant, "AZURE_CLIENT_ID", admin, "AZURE_CLIENT_CERTIFICATE_PATH", file)
	o.Cloud = cloud.China()
	if get(t, must[*Credential](t)(Find(o)), "https://management.chinacloudapi.cn/") != "t" {
		t.Error("no token")
	}
	form := must[url.Values](t)(url.ParseQuery(s.forms[0]))
	if form.Get("scope") != "https://management.chinacloudapi.cn//.default" || s.asked[0].URL.Host != "login.chinacloudapi.cn" {
		t.Errorf("asked %s for %s", s.asked[0].URL, form.Get("scope"))
	}
	claims := jwt.MapClaims{}
	assertion, err := jwt.ParseWithClaims(form.Get("client_assertion"), claims, func(*jwt.Token) (any, error) { return &key.PublicKey, nil }, jwt.WithValidMethods([]string{"PS256"}))
	if err != nil || claims["iss"] != admin || claims["sub"] != admin || claims["jti"] == "" {
		t.Errorf("%v: %v", err, claims)
	}
	if aud, _ := claims.GetAudience(); len(aud) != 1 || aud[0] != s.asked[0].URL.String() {
		t.Errorf("for %v", aud)
	}
	if len(fmt.Sprint(assertion.Header["x5t#S256"])) != 43 || assertion.Header["x5c"] == nil {
		t.Errorf("header %v", assertion.Header)
	}
}

// TestWorkloadIdentity: the token file is read each time.
func TestWorkloadIdentity(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	s := &script{steps: []served{token("a", time.Hour), token("b", time.Hour)}}
	o := by(s, "AZURE_TENANT_ID", tenant, "AZURE_CLIENT_ID", admin, "AZURE_FEDERATED_TOKEN_FILE", file, "AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/")
	c := must[*Credential](t)(Find(o))
	if _, err := c.Token(t.Context(), for1("aud")); err == nil || !strings.Contains(err.Error(), "token file") {
		t.Errorf("without the file: %v", err)
	}
	for i, text := range []string{"canary-1\n", "canary-2"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		get(t, c, fmt.Sprint("aud", i))
		form := must[url.Values](t)(url.ParseQuery(s.forms[i]))
		if form.Get("client_assertion") != strings.TrimSpace(text) || form.Get("client_assertion_type") != assertionType {
			t.Errorf("form %v", form)
		}
		if want := "https://login.microsoftonline.us/" + tenant + "/oauth2/v2.0/token"; s.asked[i].URL.String() != want {
			t.Errorf("asked %s", s.asked[i].URL)
		}
	}
}

// TestOtherTenant: a service's word alone moves no credential to another directory.
func TestOtherTenant(t *testing.T) {
	s := &script{steps: []served{token("t", time.Hour)}}
	o := by(s)
	_, err := must[*Credential](t)(ClientSecret(tenant, admin, "s", o)).Token(t.Context(), clientlib.TokenRequest{Audience: "a", Tenant: "other"})
	if err == nil || !strings.Contains(err.Error(), "Options.Tenants") || s.count() != 0 {
		t.Errorf("%v", err)
	}
	for _, allowed := range []string{"*", "OTHER"} {
		o.Tenants = []string{allowed}
		must[clientlib.Token](t)(must[*Credential](t)(ClientSecret(tenant, admin, "s", o)).Token(t.Context(), clientlib.TokenRequest{Audience: "a", Tenant: "other"}))
	}
	if !strings.Contains(s.asked[1].URL.Path, "/other/") {
		t.Errorf("asked %s", s.asked[1].URL)
	}
}
