package emulator_test

import (
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/state"
)

// asserts asks for a token of a resource by an assertion.
func (r *rig) asserts(clientID, assertion, resource string) answer {
	r.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {clientID}, "scope": {resource + "/.default"},
		"client_assertion_type": {jwtBearer}, "client_assertion": {assertion},
	}
	return r.do("POST", "https://login.microsoftonline.com/"+tenant+"/oauth2/v2.0/token", form.Encode(), "Content-Type: application/x-www-form-urlencoded")
}

// refusedAs holds a refusal of Entra ID to its number.
func (r *rig) refusedAs(what string, a answer, status int, number string) {
	r.Helper()
	if a.status != status || !strings.Contains(a.body, "AADSTS"+number+": ") {
		r.Errorf("%s: want %d AADSTS%s, got %d %s", what, status, number, a.status, a.body)
	}
}

const storage = "https://storage.azure.com"

// A pod's token gets a token of the identity that trusts it, and that opens what the identity
// may open.
func TestPod(t *testing.T) {
	onCarriers(t, func(t *testing.T, open opener) {
		r := open(t, emulator.Options{World: "kubernetes"})
		pod := r.emu.FederatedToken(emulator.FederatedToken{})
		got := r.want("the pod", r.asserts(appID, pod, storage), 200)
		var token struct {
			Token string `json:"access_token"`
			Life  int64  `json:"expires_in"`
		}
		if err := json.Unmarshal([]byte(got.body), &token); err != nil || token.Life != 86399 {
			t.Errorf("%v: it lives for %d s", err, token.Life)
		}
		for name, want := range map[string]string{
			"aud": storage, "appid": appID, "appidacr": "2", "oid": r.emu.Identity("app-id").PrincipalID(), "xms_az_rid": "",
			"xms_mirid": "/subscriptions/" + subscription + "/resourcegroups/cluster/providers/Microsoft.ManagedIdentity/userAssignedIdentities/app-id",
		} {
			if said := claim(t, token.Token, name); said != want {
				t.Errorf("%s is %q, want %q", name, said, want)
			}
		}
		blob := r.get("https://clusterstore.blob.core.windows.net/files/hello.txt", bearer(token.Token), "x-ms-version: 2021-08-06")
		if r.want("the blob", blob, 200); blob.body != "Hello from the pod\n" {
			t.Errorf("the blob is %q", blob.body)
		}
		vaultToken := r.field(r.asserts(appID, pod, "https://vault.azure.net"), "access_token")
		secret := r.get("https://clustervault.vault.azure.net/secrets/greeting?api-version=7.4", bearer(vaultToken))
		if r.want("the secret", secret, 200); r.field(secret, "value") != "Hello from the vault" {
			t.Errorf("the secret is %s", secret.body)
		}
	})
}

// What the identity trusts is trusted of nobody else, and nobody is trusted for longer.
func TestPodOfOthers(t *testing.T) {
	s := stage(t, "kubernetes")
	other := s.emu.Identity("other-id")
	other.Trust(podIssuer, "system:serviceaccount:default:other")
	other.Trust(podIssuer, "system:serviceaccount:default:other")
	theirs := s.emu.FederatedToken(emulator.FederatedToken{ClientID: other.ClientID(), Life: 10 * time.Minute})
	s.want("its own identity", s.asserts(other.ClientID(), theirs, storage), 200)
	s.refusedAs("the other's identity", s.asserts(appID, theirs, storage), 401, "700213")
	s.refusedAs("an application", s.asserts(admin, theirs, storage), 401, "70025")
	s.refusedAs("nobody", s.asserts("99999999-9999-9999-9999-999999999999", theirs, storage), 400, "700016")

	s.emu.Clock().Advance(14 * time.Minute)
	s.want("as far as clocks differ", s.asserts(other.ClientID(), theirs, storage), 200)
	s.emu.Clock().Advance(2 * time.Minute)
	s.refusedAs("expired", s.asserts(other.ClientID(), theirs, storage), 401, "700024")
	s.want("a fresh one", s.asserts(other.ClientID(), s.emu.FederatedToken(emulator.FederatedToken{ClientID: other.ClientID()}), storage), 200)
	s.emu.Clock().Advance(-time.Hour)
	s.refusedAs("not yet", s.asserts(other.ClientID(), theirs, storage), 401, "700024")

	// A refusal says back what it does not know: the token too, and one that does not look like any.
	odd := base64.RawURLEncoding.EncodeToString([]byte(` {"alg":"RS256"}`)) + theirs[strings.IndexByte(theirs, '.'):]
	for _, token := range []string{theirs, odd} {
		s.refusedAs("the token for a name", s.asserts(token, token, storage), 400, "700016")
		for _, e := range s.emu.Journal().Entries(0) {
			if text, err := json.Marshal(e); err != nil || strings.Contains(string(text), token[len(token)-60:]) {
				t.Errorf("the journal has the token: %v %s", err, text)
			}
		}
	}
}

// A machine's own identity has no federated credential, and a managed identity no secret.
func TestIdentityWithoutCredentials(t *testing.T) {
	s := stage(t, "tutorial")
	var own string
	s.change(func(tx *state.Tx) {
		for m := range tx.Machines.All() {
			if p, ok := tx.Principals.Get(m.SystemPrincipal); ok {
				own = p.AppID
			}
		}
	})
	token := s.emu.FederatedToken(emulator.FederatedToken{Issuer: podIssuer, Subject: podSubject})
	s.refusedAs("the machine's", s.asserts(own, token, storage), 401, "70025")
	s.refusedAs("the user-assigned", s.asserts(tutorialID, token, storage), 401, "70025")
}

// A token that another world signed is worth nothing here, though both have the same key.
func TestPodOfAnotherWorld(t *testing.T) {
	here, there := emulator.New(t, emulator.World("kubernetes")), emulator.New(t, emulator.World("kubernetes"))
	r := &rig{TB: t, emu: here, http: here.Client()}
	r.refusedAs("of another world", r.asserts(appID, there.FederatedToken(emulator.FederatedToken{}), storage), 400, "50166")
	r.want("its own", r.asserts(appID, here.FederatedToken(emulator.FederatedToken{}), storage), 200)
}

// An issuer whose keys came with the world signs for itself, and the world not for it.
func TestListedIssuer(t *testing.T) {
	s := stage(t, listedWorld())
	s.want("the cluster's", s.asserts(appID, foreignToken(nil), storage), 200)
	if a := s.control("POST", "federated-tokens", `{}`); a.status != 400 || !strings.Contains(a.body, "came with the world") {
		t.Errorf("got %d %s", a.status, a.body)
	}
	s.emu.Identity("other-id").Trust("https://token.actions.githubusercontent.com", "repo:acme/shop")
	if a := s.control("POST", "federated-tokens", `{}`); a.status != 201 || s.field(a, "subject") != "repo:acme/shop" {
		t.Errorf("with one that the world can sign for: %d %s", a.status, a.body)
	}
	a := s.control("POST", "federated-tokens", `{"issuer":"https://other.example.com","subject":"x"}`)
	s.refusedAs("another's", s.asserts(appID, s.field(a, "token"), storage), 401, "700211")
}

// A cluster that somebody runs himself publishes its keys in a public container: Entra ID
// reads them there, inside the world, each time.
func TestPublishedIssuer(t *testing.T) {
	s := stage(t, "kubernetes")
	account := s.emu.StorageAccount("oidcstore")
	container := account.Container("cluster")
	public := func(level string) {
		s.change(func(tx *state.Tx) {
			for c := range tx.Containers.All() {
				if c.Account == account.Name() {
					c.Public = level
					tx.Containers.Put(c)
					return
				}
			}
		})
	}
	public("blob")
	issuer := "https://oidcstore.blob.core.windows.net/cluster/"
	s.emu.Identity("app-id").Trust(issuer, podSubject)
	key, _ := testKey()
	publish := func(kid string) {
		container.Upload("openid/v1/jwks", []byte(`{"keys":[{"kty":"RSA","use":"sig","kid":"`+kid+`","n":"`+modulus(key)+`","e":"AQAB"}]}`))
	}
	token := foreignToken(func(c *said) { c.Issuer = issuer })
	ask := func() answer { return s.asserts(appID, token, storage) }

	s.refusedAs("nothing published", ask(), 400, "50166")
	container.Upload(".well-known/openid-configuration", []byte(`{"issuer":"`+issuer+`","jwks_uri":"`+issuer+`openid/v1/jwks"}`))
	s.refusedAs("no keys", ask(), 400, "50166")
	publish(clusterKeyID)
	s.want("published", ask(), 200)
	publish("its-next-key")
	s.refusedAs("another key", ask(), 401, "7000272")
	publish(clusterKeyID)
	public("")
	s.refusedAs("a private container", ask(), 400, "50166")
	public("blob")
	s.want("public again", ask(), 200)
	container.Upload(".well-known/openid-configuration", []byte(`{"issuer":"https://other.example.com","jwks_uri":"`+issuer+`openid/v1/jwks"}`))
	s.refusedAs("of another issuer", ask(), 400, "50166")
	for what, keys := range map[string]string{
		"of another service": "https://login.microsoftonline.com/" + tenant + "/discovery/v2.0/keys", "without TLS": "http" + strings.TrimPrefix(issuer, "https") + "openid/v1/jwks",
	} {
		container.Upload(".well-known/openid-configuration", []byte(`{"issuer":"`+issuer+`","jwks_uri":"`+keys+`"}`))
		s.refusedAs("keys "+what, ask(), 400, "50166")
	}
	document := `{"issuer":"` + issuer + `","jwks_uri":"` + issuer + `openid/v1/jwks"}`
	container.Upload(".well-known/openid-configuration", []byte(document+strings.Repeat(" ", 1<<20)))
	s.refusedAs("too long", ask(), 400, "50166")
	container.Upload(".well-known/openid-configuration", []byte(document+strings.Repeat(" ", 1<<20-len(document))))
	s.want("as long as may be", ask(), 200)

	last := s.emu.Journal().Last()
	s.refusedAs("an issuer that nobody trusts", s.asserts(appID, foreignToken(func(c *said) { c.Issuer = issuer + "other/" }), storage), 401, "700211")
	if n := len(s.emu.Journal().Entries(last)); n != 1 {
		t.Errorf("%d requests for an issuer that nobody trusts", n)
	}
}

func modulus(key *rsa.PrivateKey) string { return base64.RawURLEncoding.EncodeToString(key.N.Bytes()) }

// An application with a certificate logs in as MSAL's clients do, each with its own spelling
// of the thumbprint.
func TestCertificate(t *testing.T) {
	s := stage(t, daemonWorld())
	_, cert := testKey()
	short, err := base64.RawURLEncoding.DecodeString(thumbprint(cert))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*said){
		"x5t":          nil,
		"padded x5t":   func(c *said) { c.thumbprint = base64.StdEncoding.EncodeToString(short) },
		"kid":          func(c *said) { c.keyID, c.thumbprint = thumbprint(cert), "" },
		"the v1 URL":   func(c *said) { c.Audience = []string{"https://login.microsoftonline.com/" + tenant + "/oauth2/token"} },
		"the issuer":   func(c *said) { c.Audience = []string{"https://login.microsoftonline.com/" + tenant + "/v2.0"} },
		"another name": func(c *said) { c.Audience = []string{"https://login.windows.net/" + tenant + "/oauth2/v2.0/token"} },
		"the domain": func(c *said) {
			c.Audience = []string{"https://login.microsoftonline.com/linarite.onmicrosoft.com/oauth2/v2.0/token"}
		},
		"without a nbf": func(c *said) { c.NotBefore = 0 },
	} {
		a := s.asserts(daemonID, ownAssertion(change), storage)
		if s.want(name, a, 200); claim(t, s.field(a, "access_token"), "appidacr") != "2" {
			t.Errorf("%s: appidacr is %s", name, a.body)
		}
		if s.field(a, "expires_in") == "86399" {
			t.Errorf("%s: an application's token lives for a day", name)
		}
	}
	for name, aud := range map[string]string{
		"another path": "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/authorize", "another tenant": "https://login.microsoftonline.com/common/oauth2/v2.0/token",
		"plain": "http://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token", "nothing": "x",
	} {
		s.refusedAs(name, s.asserts(daemonID, ownAssertion(func(c *said) { c.Audience = []string{aud} }), storage), 401, "700023")
	}
	s.refusedAs("no certificate at all", s.asserts(oldDaemonID, ownAssertion(func(c *said) { c.Issuer, c.Subject = oldDaemonID, oldDaemonID }), storage), 401, "700027")
	a := s.form("/"+tenant+"/oauth2/v2.0/token", "grant_type=client_credentials&client_id="+daemonID+"&scope=https%3A%2F%2Fstorage.azure.com%2F.default&client_assertion=x")
	s.refusedAs("without its type", a, 400, "900144")
}

func TestFederatedTokenOfTheControlAPI(t *testing.T) {
	s := stage(t, "kubernetes")
	for _, c := range []struct{ body, part string }{
		{`{"subject":"x"}`, "no federated credential fits: say issuer and subject, or use what one of these has: subject " + podSubject},
		{`{"clientId":"x"}`, `no user-assigned identity and no application has the client id \"x\"`},
		{`{"lifetime":"soon"}`, "is no span of time"},
		{`{"lifetime":"-1h"}`, "for a second at least"},
		{`{"lifetime":"20000h"}`, "for a year at most"},
		{`{"issuer":"http://x","subject":"x"}`, "is no https URL"},
		{`{"issuer":"https://sts.windows.net/` + tenant + `/","subject":"x"}`, "Entra ID itself"},
		{`{"issuer":"https://login.windows.net/` + tenant + `/v2.0","subject":"x"}`, "Entra ID itself"},
		{`{"issuer":"https://oidcstore.blob.core.windows.net/cluster/","subject":"x"}`, "publishes in this world's Blob storage"},
		{`{"nothing":1}`, "unknown field"},
	} {
		if a := s.control("POST", "federated-tokens", c.body); a.status != 400 || !strings.Contains(a.body, c.part) {
			t.Errorf("%s: %d %s", c.body, a.status, a.body)
		}
	}
	a := s.control("POST", "federated-tokens", `{"lifetime":"10m"}`)
	if a.status != 201 || s.field(a, "issuer") != podIssuer || s.field(a, "subject") != podSubject || s.field(a, "audience") != podAudience || s.field(a, "expiresOn") != "2025-01-24T12:10:00Z" {
		t.Errorf("%d %s", a.status, a.body)
	}
	s.emu.Identity("other-id").Trust(podIssuer, "system:serviceaccount:default:other")
	if a := s.control("POST", "federated-tokens", `{}`); a.status != 400 || !strings.Contains(a.body, "more than one") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// A client is one of its own tenant.
func TestClientOfAnotherTenant(t *testing.T) {
	s := stage(t, "kubernetes")
	const other = "bbbbcccc-1111-dddd-2222-eeeeffff3333"
	s.change(func(tx *state.Tx) { tx.Tenants.Put(state.Tenant{ID: other, DisplayName: "Other"}) })
	pod := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {appID}, "scope": {storage + "/.default"}, "client_assertion_type": {jwtBearer},
		"client_assertion": {s.emu.FederatedToken(emulator.FederatedToken{})},
	}
	s.refusedAs("the identity", s.form("/"+other+"/oauth2/v2.0/token", pod.Encode()), 400, "700016")
	secret := "grant_type=client_credentials&client_secret=linarite&scope=https%3A%2F%2Fstorage.azure.com%2F.default&client_id=" + admin
	s.refusedAs("the application", s.form("/"+other+"/oauth2/v2.0/token", secret), 400, "700016")
	s.want("the application at home", s.form("/"+tenant+"/oauth2/v2.0/token", secret), 200)
}

// The keys that came with the world are an issuer's keys wherever it stands: nothing is read.
func TestListedBeforePublished(t *testing.T) {
	s := stage(t, listedWorld())
	s.change(func(tx *state.Tx) {
		listed, _ := tx.Issuers.Get(podIssuer)
		listed.URL = ownIssuer
		tx.Issuers.Put(listed)
	})
	s.emu.Identity("app-id").Trust(ownIssuer, podSubject)
	last := s.emu.Journal().Last()
	s.want("the cluster's", s.asserts(appID, foreignToken(func(c *said) { c.Issuer = ownIssuer }), storage), 200)
	if n := len(s.emu.Journal().Entries(last)); n != 1 {
		t.Errorf("%d requests", n)
	}
}
