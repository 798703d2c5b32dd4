package emulator_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/state"
)

const ownIssuer = "https://oidcstore.blob.core.windows.net/cluster/"

// publishingCluster makes a cluster that publishes testKey, and the pod's identity trust it.
func publishingCluster(s *scene) {
	account := s.emu.StorageAccount("oidcstore")
	container := account.Container("cluster")
	s.change(func(tx *state.Tx) {
		for c := range tx.Containers.All() {
			if c.Account == account.Name() {
				c.Public = "blob"
				tx.Containers.Put(c)
				return
			}
		}
	})
	key, _ := testKey()
	container.Upload(".well-known/openid-configuration", []byte(`{"issuer":"`+ownIssuer+`","jwks_uri":"`+ownIssuer+`openid/v1/jwks"}`))
	container.Upload("openid/v1/jwks", []byte(`{"keys":[{"kty":"RSA","use":"sig","kid":"`+clusterKeyID+`","n":"`+modulus(key)+`","e":"AQAB"}]}`))
	s.emu.Identity("app-id").Trust(ownIssuer, podSubject)
}

// Planned faults of Blob storage strike Entra ID too, when it reads an issuer's keys there:
// it says that it could not, whatever they do to the connection.
func TestIssuerBehindFaults(t *testing.T) {
	s := stage(t, "kubernetes")
	publishingCluster(s)
	token := foreignToken(func(c *said) { c.Issuer = ownIssuer })
	for _, effect := range []string{
		`{"cut":"before-head"}`, `{"cut":"after-head"}`, `{"cut":"in-body"}`, `{"status":503}`, `{"status":404}`,
	} {
		s.want("planned", s.control("POST", "faults", `{"match":{"plane":"blob"},"effect":`+effect+`,"times":1}`), 201)
		s.refusedAs(effect, s.asserts(appID, token, storage), 400, "50166")
		s.want("when it is over", s.asserts(appID, token, storage), 200)
	}
}

// What is explained of a foreign token is what it says, all of it.
func TestForeignTokenExplained(t *testing.T) {
	s := stage(t, listedWorld())
	subject := "sig=" + strings.Repeat("0123456789", 20) + strings.Repeat("é", 300)
	s.emu.Identity("app-id").Trust(podIssuer, subject)
	s.refusedAs("of another audience", s.asserts(appID, foreignToken(func(c *said) { c.Subject, c.NotBefore, c.Audience = subject, 0, []string{"x"} }), storage), 401, "700212")
	why := strings.Join(s.explained().Why, " ")
	for _, part := range []string{", good until " + noon.Add(time.Hour).Format("2006-01-02 15:04:05") + " UTC.", "The nearest federated credential of the world is trusted-2 ", "The token differs in its audience."} {
		if !strings.Contains(why, part) {
			t.Errorf("%q is not in %s", part, why)
		}
	}
}

// A state that somebody wrote may have a credential for no audience: it trusts nothing.
func TestCredentialWithoutAudience(t *testing.T) {
	s := stage(t, "kubernetes")
	s.change(func(tx *state.Tx) {
		for i := range slices.Values(slices.Collect(tx.Identities.All())) {
			i.Federated = []state.FederatedCredential{{Name: "none", Issuer: podIssuer, Subject: podSubject}}
			tx.Identities.Put(i)
		}
	})
	if a := s.control("POST", "federated-tokens", `{}`); a.status != 400 || !strings.Contains(a.body, "no federated credential fits") {
		t.Errorf("%d %s", a.status, a.body)
	}
	a := s.control("POST", "federated-tokens", fmt.Sprintf(`{"issuer":%q,"subject":%q}`, podIssuer, podSubject))
	s.refusedAs("for any", s.asserts(appID, s.field(a, "token"), storage), 401, "700212")
}

// A certificate counts from its first day on, and until then as one that has expired
// (ENTRA-CERT-009).
func TestCertificateBeforeItsTime(t *testing.T) {
	s := stage(t, daemonWorld())
	assertion := ownAssertion(func(c *said) {
		c.Issuer, c.Subject, c.thumbprint = earlyDaemonID, earlyDaemonID, thumbprint(certificateFrom(noon.Add(time.Hour)))
		c.Expires = noon.Add(3 * time.Hour).Unix()
	})
	a := s.asserts(earlyDaemonID, assertion, storage)
	s.refusedAs("an hour before", a, 401, "700027")
	if !strings.Contains(a.body, "[Reason - The key used is expired.") {
		t.Errorf("%s", a.body)
	}
	s.emu.Clock().Advance(time.Hour)
	s.want("from then on", s.asserts(earlyDaemonID, assertion, storage), 200)
}

// Nobody can be two clients, or prove himself twice (ENTRA-TOKEN-030).
func TestParametersTwice(t *testing.T) {
	s := stage(t, listedWorld())
	token := foreignToken(nil)
	good := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {appID}, "scope": {storage + "/.default"},
		"client_assertion_type": {jwtBearer}, "client_assertion": {token},
	}
	s.want("each once", s.form("/"+tenant+"/oauth2/v2.0/token", good.Encode()), 200)
	for name, value := range good {
		for _, twice := range []string{value[0], "x", ""} {
			a := s.form("/"+tenant+"/oauth2/v2.0/token", good.Encode()+"&"+name+"="+url.QueryEscape(twice))
			s.refusedAs(name, a, 400, "9000411")
			if !strings.Contains(a.body, "The parameter '"+name+"' is duplicated.") {
				t.Errorf("%s", a.body)
			}
		}
	}
	if a := s.form("/"+tenant+"/oauth2/token", "resource=x&resource=x"); !strings.Contains(a.body, "'resource' is duplicated") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
