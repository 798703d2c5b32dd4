package identity

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/linarite/linarite/clientlib"
)

// entra asks Entra ID for tokens of an application.
type entra struct {
	pipeline       *clientlib.Pipeline
	authority      string
	tenant, client string
	tenants        []string
	// prove adds what proves who asks; endpoint is the address that is asked.
	prove func(form url.Values, endpoint string, now time.Time) error
}

func newEntra(tenant, client, authority string, o Options) (*entra, error) {
	if err := checkTenant(tenant); err != nil {
		return nil, err
	}
	if !plain(client) {
		return nil, fmt.Errorf("identity: %q is no client id: want a GUID", client)
	}
	p := clientlib.NewPipeline(o.Options, clientlib.Service{Name: "entra", LongestBody: 1 << 20, Retry: clientlib.Retry{Tries: 4, LongestAsked: time.Minute}})
	if authority == "" {
		authority = p.Options().Cloud.Login
	}
	u, err := url.Parse(authority)
	switch {
	case err != nil, u.User != nil, strings.ContainsAny(authority, "?# "): // not shown: there may be a password in it
		return nil, errors.New("identity: the authority's address is not of the form https://HOST: no user, no query, no fragment belongs there")
	case u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("identity: an authority's address begins with https://, and this is %q", authority)
	}
	return &entra{p, strings.TrimSuffix(authority, "/"), tenant, client, o.Tenants, nil}, nil
}

// plain tells whether a name has only what names of tenants and applications have.
func plain(name string) bool {
	return strings.Trim(name, ".") != "" && strings.IndexFunc(name, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '-' || r == '.')
	}) < 0
}

func checkTenant(name string) error {
	switch strings.ToLower(name) {
	case "common", "organizations", "consumers":
		return fmt.Errorf("identity: %s is no tenant of its own: an application without a user needs the one that it is in", name)
	}
	if !plain(name) {
		return fmt.Errorf("identity: %q is no tenant: want a GUID or a domain", name)
	}
	return nil
}

func (e *entra) token(ctx context.Context, r clientlib.TokenRequest) (clientlib.Token, error) {
	tenant := e.tenant
	if r.Tenant != "" && !strings.EqualFold(r.Tenant, e.tenant) {
		if !slices.Contains(e.tenants, "*") && !slices.ContainsFunc(e.tenants, func(t string) bool { return strings.EqualFold(t, r.Tenant) }) {
			return clientlib.Token{}, fmt.Errorf("identity: the service belongs to tenant %s and this credential to %s: if both are yours, name the first in Options.Tenants", r.Tenant, e.tenant)
		}
		if err := checkTenant(r.Tenant); err != nil {
			return clientlib.Token{}, err
		}
		tenant = r.Tenant
	}
	endpoint := e.authority + "/" + url.PathEscape(tenant) + "/oauth2/v2.0/token"
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {e.client}, "scope": {Scope(r.Audience)}}
	if r.Claims != "" {
		form.Set("claims", r.Claims)
	}
	if err := e.prove(form, endpoint, e.pipeline.Options().Clock.Now()); err != nil {
		return clientlib.Token{}, within("Entra ID", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return clientlib.Token{}, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	token, err := fetch(e.pipeline, req, r.Audience, Selector{})
	return token, within("Entra ID", err)
}

// Scope is how Entra ID is asked for an audience: with "/.default" behind it, and a slash at the audience's end kept.
func Scope(audience string) string { return audience + "/.default" }

// ClientSecret gets tokens for an application by a secret.
func ClientSecret(tenant, clientID, secret string, o Options) (*Credential, error) {
	return clientSecret(tenant, clientID, secret, "", o)
}

func clientSecret(tenant, clientID, secret, authority string, o Options) (*Credential, error) {
	e, err := newEntra(tenant, clientID, authority, o)
	if err != nil {
		return nil, err
	}
	if secret == "" {
		return nil, errors.New("identity: the client secret is empty")
	}
	e.prove = func(form url.Values, _ string, _ time.Time) error {
		form.Set("client_secret", secret)
		return nil
	}
	return newCredential("the application "+clientID+", by its secret", e.pipeline.Options(), e.token), nil
}

const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// ClientCertificate gets tokens for an application by a certificate that was registered for it: "Microsoft identity
// platform application authentication certificate credentials". chain begins with the certificate of key; it is sent
// along, for applications that are known by subject name and issuer. ParseCertificate reads both from PEM.
func ClientCertificate(tenant, clientID string, chain []*x509.Certificate, key *rsa.PrivateKey, o Options) (*Credential, error) {
	return clientCertificate(tenant, clientID, chain, key, "", o)
}

func clientCertificate(tenant, clientID string, chain []*x509.Certificate, key *rsa.PrivateKey, authority string, o Options) (*Credential, error) {
	e, err := newEntra(tenant, clientID, authority, o)
	if err != nil {
		return nil, err
	}
	if len(chain) == 0 || key == nil || !key.PublicKey.Equal(chain[0].PublicKey) {
		return nil, errors.New("identity: the first certificate is not the key's")
	}
	thumbprint := sha256.Sum256(chain[0].Raw)
	var x5c []string
	for _, c := range chain {
		x5c = append(x5c, base64.StdEncoding.EncodeToString(c.Raw))
	}
	e.prove = func(form url.Values, endpoint string, now time.Time) error {
		nonce := sha256.Sum256(fmt.Appendf(nil, "%s %d %x", endpoint, now.UnixNano(), thumbprint))
		token := jwt.NewWithClaims(jwt.SigningMethodPS256, jwt.RegisteredClaims{
			Issuer: clientID, Subject: clientID, Audience: jwt.ClaimStrings{endpoint}, ID: base64.RawURLEncoding.EncodeToString(nonce[:16]),
			IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now.Add(-time.Minute)), ExpiresAt: jwt.NewNumericDate(now.Add(10 * time.Minute)),
		})
		token.Header["x5t#S256"], token.Header["x5c"] = base64.RawURLEncoding.EncodeToString(thumbprint[:]), x5c
		assertion, err := token.SignedString(key)
		if err != nil {
			return fmt.Errorf("signing the assertion: %w", err)
		}
		form.Set("client_assertion_type", assertionType)
		form.Set("client_assertion", assertion)
		return nil
	}
	return newCredential("the application "+clientID+", by its certificate", e.pipeline.Options(), e.token), nil
}

// ParseCertificate reads certificates and one RSA key, not encrypted, from PEM.
func ParseCertificate(text []byte) (chain []*x509.Certificate, key *rsa.PrivateKey, err error) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE":
			c, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				return nil, nil, fmt.Errorf("identity: certificate %d: %w", len(chain)+1, err)
			}
			chain = append(chain, c)
		case "PRIVATE KEY":
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, nil, errors.New("identity: the private key cannot be read")
			}
			key, _ = parsed.(*rsa.PrivateKey)
		case "RSA PRIVATE KEY":
			if key, err = x509.ParsePKCS1PrivateKey(block.Bytes); err != nil {
				return nil, nil, errors.New("identity: the private key cannot be read")
			}
		case "ENCRYPTED PRIVATE KEY":
			return nil, nil, errors.New("identity: the private key is encrypted: take the password off first")
		}
	}
	if len(chain) == 0 || key == nil {
		return nil, nil, errors.New("identity: want PEM with a certificate and its RSA private key")
	}
	for i, c := range chain { // the key's own first
		if key.PublicKey.Equal(c.PublicKey) {
			chain[0], chain[i] = chain[i], chain[0]
			return chain, key, nil
		}
	}
	return nil, nil, errors.New("identity: none of the certificates is the private key's")
}

// WorkloadIdentity gets tokens for a workload that has a token file which Entra ID trusts: AZURE_TENANT_ID,
// AZURE_CLIENT_ID (unless Options.Identity is a ClientID), AZURE_FEDERATED_TOKEN_FILE and, unless Options.Cloud is set,
// AZURE_AUTHORITY_HOST. The file is read each time, since the platform replaces it.
func WorkloadIdentity(o Options) (*Credential, error) {
	client, file := o.env("AZURE_CLIENT_ID"), o.env("AZURE_FEDERATED_TOKEN_FILE")
	switch o.Identity.kind {
	case "":
	case "client_id":
		client = o.Identity.value
	default:
		return nil, errors.New("identity: a workload identity is named by its client id")
	}
	if file == "" || client == "" || o.env("AZURE_TENANT_ID") == "" {
		return nil, fmt.Errorf("identity: a workload identity is %w: AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_FEDERATED_TOKEN_FILE are not all set", ErrUnavailable)
	}
	e, err := newEntra(o.env("AZURE_TENANT_ID"), client, authority(o), o)
	if err != nil {
		return nil, err
	}
	e.prove = func(form url.Values, _ string, _ time.Time) error {
		assertion, err := os.ReadFile(file) //nolint:gosec // the environment names it, and who sets that may read it
		if err != nil {
			return fmt.Errorf("the token file: %w", err)
		}
		if len(strings.TrimSpace(string(assertion))) == 0 {
			return fmt.Errorf("the token file %s is empty", file)
		}
		form.Set("client_assertion_type", assertionType)
		form.Set("client_assertion", strings.TrimSpace(string(assertion)))
		return nil
	}
	return newCredential("the workload identity "+client, e.pipeline.Options(), e.token), nil
}
