package emulator_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined as a SHA-1 thumbprint (RFC 7515, 4.1.7).
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/linarite/linarite/fixtures/keys"
)

// What the world kubernetes says of its pod.
const (
	appID       = "00003333-cccc-4444-dddd-5555eeee6666"
	podIssuer   = "https://westus.oic.prod-aks.azure.com/" + tenant + "/00004444-dddd-5555-eeee-6666ffff7777/"
	podSubject  = "system:serviceaccount:default:app"
	podAudience = "api://AzureADTokenExchange"
	jwtBearer   = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

	// entraIssuer issues tokens of version 2.0 in the usual tenant.
	entraIssuer = "https://login.microsoftonline.com/" + tenant + "/v2.0"

	daemonID    = "00005555-eeee-6666-ffff-777700008888"
	oldDaemonID = "00006666-ffff-7777-aaaa-888800009999"
	// earlyDaemonID is an application whose certificate is good from an hour after noon on.
	earlyDaemonID = "00007777-aaaa-8888-bbbb-99990000aaaa"
)

// said is what an assertion says.
type said struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  []string `json:"aud"`
	NotBefore int64    `json:"nbf,omitempty"`
	Expires   int64    `json:"exp"`

	keyID, thumbprint string
}

// signedBy signs an assertion with RS256.
func (c said) signedBy(key *rsa.PrivateKey) string {
	head := map[string]string{"alg": "RS256", "typ": "JWT"}
	if c.keyID != "" {
		head["kid"] = c.keyID
	}
	if c.thumbprint != "" {
		head["x5t"] = c.thumbprint
	}
	text := segment(head) + "." + segment(c)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func segment(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

// testKey is a key that tests sign with, and its certificate, the same in every run.
var testKey = sync.OnceValues(func() (*rsa.PrivateKey, []byte) {
	var key *rsa.PrivateKey
	for rest := keys.Test(); ; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		switch block.Type {
		case "PRIVATE KEY":
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				panic(err)
			}
			key = parsed.(*rsa.PrivateKey)
		case "CERTIFICATE":
			return key, block.Bytes
		}
	}
})

// clusterKeyID is the id under which the cluster of listedWorld publishes its key.
const clusterKeyID = "cluster-key"

// foreignToken is what a cluster projects into the pod of the world kubernetes, changed.
func foreignToken(change func(*said)) string {
	c := said{
		Issuer: podIssuer, Subject: podSubject, Audience: []string{podAudience},
		NotBefore: noon.Add(-time.Minute).Unix(), Expires: noon.Add(time.Hour).Unix(), keyID: clusterKeyID,
	}
	if change != nil {
		change(&c)
	}
	key, _ := testKey()
	return c.signedBy(key)
}

// ownAssertion is what a client with a certificate signs itself, changed.
func ownAssertion(change func(*said)) string {
	key, cert := testKey()
	c := said{
		Issuer: daemonID, Subject: daemonID, Audience: []string{"https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token"},
		NotBefore: noon.Unix(), Expires: noon.Add(10 * time.Minute).Unix(), thumbprint: thumbprint(cert),
	}
	if change != nil {
		change(&c)
	}
	return c.signedBy(key)
}

func thumbprint(cert []byte) string {
	sum := sha1.Sum(cert) //nolint:gosec // see the import
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// oldAssertion is signed with a certificate that had its day.
func oldAssertion() string {
	return ownAssertion(func(c *said) {
		c.Issuer, c.Subject, c.thumbprint = oldDaemonID, oldDaemonID, thumbprint(oldCertificate())
	})
}

// oldCertificate is of testKey, and expired a year before noon.
func oldCertificate() []byte { return certificateFrom(noon.AddDate(-2, 0, 0)) }

// certificateFrom is a certificate of testKey for a year.
func certificateFrom(from time.Time) []byte {
	key, _ := testKey()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "old"},
		NotBefore: from, NotAfter: from.AddDate(1, 0, 0), SignatureAlgorithm: x509.SHA256WithRSA,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return cert
}

// tampered is an assertion with another signature.
func tampered(token string) string {
	at := strings.LastIndexByte(token, '.') + 1
	return token[:at] + strings.Repeat("A", len(token)-at)
}

// unsigned says of itself that nobody signed it.
func unsigned() string {
	parts := strings.Split(foreignToken(nil), ".")
	return segment(map[string]string{"alg": "none"}) + "." + parts[1] + "."
}

// listedWorld is a cluster whose issuer publishes testKey.
func listedWorld() string {
	key, _ := testKey()
	jwks := `{"keys":[{"kty":"RSA","use":"sig","alg":"RS256","kid":"` + clusterKeyID + `","n":"` + base64.RawURLEncoding.EncodeToString(key.N.Bytes()) + `","e":"AQAB"}]}`
	return `schema: linarite/world/1
tenant: {id: ` + tenant + `}
issuers:
- {url: "` + podIssuer + `", jwks: ` + strconv.Quote(jwks) + `}
subscriptions:
- id: ` + subscription + `
  groups:
  - name: cluster
    identities:
    - name: app-id
      clientId: ` + appID + `
      federated: [{name: app, issuer: "` + podIssuer + `", subject: "` + podSubject + `"}]
`
}

// daemonWorld has applications that log in with certificates.
func daemonWorld() string {
	_, cert := testKey()
	text := func(der []byte) string {
		return strconv.Quote(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	}
	return `schema: linarite/world/1
tenant:
  id: ` + tenant + `
  applications:
  - {name: daemon, clientId: ` + daemonID + `, certificates: [` + text(cert) + `]}
  - {name: old-daemon, clientId: ` + oldDaemonID + `, certificates: [` + text(oldCertificate()) + `]}
  - {name: early-daemon, clientId: ` + earlyDaemonID + `, certificates: [` + text(certificateFrom(noon.Add(time.Hour))) + `]}
subscriptions:
- id: ` + subscription + `
  groups: [{name: rg}]
`
}
