package entra

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined as a SHA-1 thumbprint (RFC 7515, 4.1.7).
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// certificateSpecs are about an application that logs in with the key of its certificate.
func certificateSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ENTRA-CERT-001/certificate", Title: "gives a token to an application that signs with the key of its certificate",
			Covers: []string{"ENTRA-CERT-002", "ENTRA-ASSERT-003"}, Run: byCertificate,
		},
		{
			ID: "ENTRA-CERT-003/refused", Title: "refuses an assertion that the application's certificate does not vouch for",
			Covers: []string{"ENTRA-CERT-004", "ENTRA-CERT-005", "ENTRA-CERT-006", "ENTRA-CERT-007"}, Run: otherCertificates,
		},
	}
}

// daemon is the target's application with the key of its certificate.
type daemon struct {
	t    *suite.T
	id   string
	key  *rsa.PrivateKey
	cert []byte
}

func newDaemon(t *suite.T) *daemon {
	id, text := t.ApplicationCertificate()
	d := &daemon{t: t, id: id}
	for rest := []byte(text); d.key == nil || d.cert == nil; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			t.Broken("the certificate of the application is no PEM of an RSA key and its certificate")
		}
		if block.Type == "CERTIFICATE" && d.cert == nil {
			d.cert = block.Bytes
		} else if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil && d.key == nil {
			d.key, _ = parsed.(*rsa.PrivateKey)
		}
	}
	return d
}

func (d *daemon) x5t() string {
	sum := sha1.Sum(d.cert) //nolint:gosec // see the import
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (d *daemon) claims() object {
	now := d.t.Now()
	return object{
		"iss": d.id, "sub": d.id, "aud": d.t.World.Login + "/" + d.t.World.Tenant + "/oauth2/v2.0/token", "jti": suite.GUID(),
		"nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(10 * time.Minute).Unix(),
	}
}

// assertion is signed with RS256, its claims changed.
func (d *daemon) assertion(changes object) string {
	return signed(d.t, d.key, object{"x5t": d.x5t()}, d.claims().with(changes))
}

// modern is signed with PS256, the certificate named by its SHA-256.
func (d *daemon) modern() string {
	print256 := sha256.Sum256(d.cert)
	text := segment(d.t, object{"alg": "PS256", "typ": "JWT", "x5t#S256": base64.RawURLEncoding.EncodeToString(print256[:])}) + "." + segment(d.t, d.claims())
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPSS(rand.Reader, d.key, crypto.SHA256, sum[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
	if err != nil {
		d.t.Broken("signing an assertion: %v", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (d *daemon) send(ctx context.Context, assertion string, more ...string) *wire.Answer {
	return d.t.Send(ctx, asserts(d.t, d.id, assertion, more...))
}

func byCertificate(ctx context.Context, t *suite.T) {
	d := newDaemon(t)
	for about, assertion := range map[string]string{"RS256 and x5t": d.assertion(nil), "PS256 and x5t#S256": d.modern()} {
		a := d.send(ctx, assertion)
		t.Rule("ENTRA-CERT-001").Expect(a, about).To(match.Status(200))
		t.Rule("ENTRA-CERT-001").Expect(a, about).To(match.Claim("appid", d.id))
		t.Rule("ENTRA-CERT-002").Expect(a, about).To(hasToken())
		t.Rule("ENTRA-ASSERT-003").Expect(a, about).To(match.Claim("appidacr", "2"))
	}
}

func otherCertificates(ctx context.Context, t *suite.T) {
	d := newDaemon(t)
	unknown := sha1.Sum([]byte(t.Unique("certificate"))) //nolint:gosec // see the import
	a := d.send(ctx, signed(t, d.key, object{"x5t": base64.RawURLEncoding.EncodeToString(unknown[:])}, d.claims()))
	refusedAs(t, "ENTRA-CERT-003", a, 401, "invalid_client", 700027)
	t.Rule("ENTRA-CERT-003").Expect(a).To(match.JSON("error_description", gomega.ContainSubstring(fmt.Sprintf("'%X'", unknown))))
	for _, m := range []struct {
		rule    string
		changes object
		number  int
	}{
		{"ENTRA-CERT-004", object{"sub": noOne}, 50048},
		{"ENTRA-CERT-005", object{"iss": noOne, "sub": noOne}, 700021},
		{"ENTRA-CERT-006", object{"aud": "https://login.example.com/" + t.World.Tenant + "/v2.0"}, 700023},
	} {
		a := d.send(ctx, d.assertion(m.changes))
		t.Rule(m.rule).Expect(a).To(match.Refused())
		t.Rule(m.rule).Expect(a).To(match.JSON("error_codes.0", m.number))
	}
	refusedAs(t, "ENTRA-CERT-007", d.send(ctx, tampered(d.assertion(nil))), 401, "invalid_client", 700027)
	t.Require(d.send(ctx, d.assertion(nil)), hasToken(), "as it should be")
}
