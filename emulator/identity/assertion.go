package identity

import (
	"bytes"
	"crypto"
	"crypto/sha1" //nolint:gosec // x5t is defined as a SHA-1 thumbprint (RFC 7515, 4.1.7).
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Assertion is a JSON Web Token by which a client says who it is (RFC 7523, section 2.2): of
// another issuer, which a federated credential trusts, or of the client itself, signed with
// the key of its certificate. Who made it is only known once its signature was verified.
type Assertion struct {
	Issuer, Subject string
	// Audiences are whom it is for, one as a rule.
	Audiences []string
	// NotBefore and Expires bound its life; a zero NotBefore is the year 1970, as Entra says it.
	NotBefore, Expires time.Time

	raw, alg, keyID           string
	thumbprint, thumbprint256 []byte
}

// The failures of an assertion before and at its signature.
var (
	// ErrAssertionMalformed: it is no JSON Web Token with an issuer, a subject, an audience and
	// an expiry.
	ErrAssertionMalformed = errors.New("identity: malformed assertion")
	// ErrAssertionAlgorithm: it is signed in a way that nobody publishes a key for.
	ErrAssertionAlgorithm = errors.New("identity: the assertion's signing algorithm is not taken")
	// ErrAssertionKey: none of the keys is the one that it names.
	ErrAssertionKey = errors.New("identity: no key of the assertion's id")
	// ErrAssertionSignature: the key that it names did not sign it.
	ErrAssertionSignature = errors.New("identity: the assertion's signature is wrong")
)

// algorithms are those with a public key. Entra promises RS256 for federated tokens, and
// says that others may work; its own documents ask for PS256 of certificates.
//
// Sources: "Important considerations and restrictions for federated identity credentials"
// and "Certificate credentials for application authentication", Microsoft documentation.
func algorithms() []string {
	return []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
}

// ParseAssertion reads an assertion without believing it. Line breaks, which decoding would
// pass over, belong to none; nor do extensions that must be understood (crit, RFC 7515,
// section 4.1.11), for no extension is.
func ParseAssertion(raw string) (Assertion, error) {
	if len(raw) > maxToken || strings.ContainsAny(raw, "\r\n") {
		return Assertion{}, ErrAssertionMalformed
	}
	claims := jwt.MapClaims{}
	token, _, err := jwt.NewParser(jwt.WithJSONNumber()).ParseUnverified(raw, claims)
	if err != nil {
		if errors.Is(err, jwt.ErrTokenUnverifiable) {
			return Assertion{}, ErrAssertionAlgorithm
		}
		return Assertion{}, ErrAssertionMalformed
	}
	a := Assertion{raw: raw, alg: token.Method.Alg()}
	if !slices.Contains(algorithms(), a.alg) {
		return Assertion{}, ErrAssertionAlgorithm
	}
	if _, critical := token.Header["crit"]; critical || !a.read(claims) {
		return Assertion{}, ErrAssertionMalformed
	}
	text := func(name string) string { s, _ := token.Header[name].(string); return s }
	a.keyID = text("kid")
	var err1, err2 error
	a.thumbprint, err1 = lenient(text("x5t"))
	a.thumbprint256, err2 = lenient(text("x5t#S256"))
	if err1 != nil || err2 != nil {
		return Assertion{}, ErrAssertionMalformed
	}
	return a, nil
}

// read takes the claims, by their exact names: a claim Sub is not the subject. It tells
// whether they are what an assertion must have.
func (a *Assertion) read(claims jwt.Claims) bool {
	var errs [5]error
	var expires, from *jwt.NumericDate
	a.Issuer, errs[0] = claims.GetIssuer()
	a.Subject, errs[1] = claims.GetSubject()
	a.Audiences, errs[2] = claims.GetAudience()
	expires, errs[3] = claims.GetExpirationTime()
	from, errs[4] = claims.GetNotBefore()
	if errors.Join(errs[:]...) != nil || a.Issuer == "" || a.Subject == "" || len(a.Audiences) == 0 || expires == nil {
		return false
	}
	a.Expires, a.NotBefore = expires.UTC(), time.Unix(0, 0).UTC()
	if from != nil {
		a.NotBefore = from.UTC()
	}
	for _, t := range []time.Time{a.NotBefore, a.Expires} {
		if t.Year() < 1970 || t.Year() > 9999 {
			return false
		}
	}
	return true
}

// Thumbprint is the thumbprint of the key that the assertion names, in upper-case
// hexadecimal digits; empty where it names a key by its id alone.
func (a Assertion) Thumbprint() string {
	if len(a.thumbprint) > 0 {
		return fmt.Sprintf("%X", a.thumbprint)
	}
	return fmt.Sprintf("%X", a.thumbprint256)
}

// KeyID is the id of the key that signed the assertion, as it says itself.
func (a Assertion) KeyID() string { return a.keyID }

// Verify checks the signature with a key of the set. Its error is ErrAssertionKey or
// ErrAssertionSignature.
func (a Assertion) Verify(keys KeySet) error {
	key, ok := keys.find(a)
	if !ok {
		return ErrAssertionKey
	}
	return a.signedWith(key)
}

func (a Assertion) signedWith(key crypto.PublicKey) error {
	parser := jwt.NewParser(jwt.WithValidMethods(algorithms()), jwt.WithoutClaimsValidation(), jwt.WithJSONNumber())
	if _, err := parser.Parse(a.raw, func(*jwt.Token) (any, error) { return key, nil }); err != nil {
		return ErrAssertionSignature
	}
	return nil
}

// VerifyCertificate checks the signature with the certificate that the assertion names by its
// thumbprint (x5t, x5t#S256, or a key id that is one), and returns that certificate. Its
// error is ErrAssertionKey or ErrAssertionSignature.
func (a Assertion) VerifyCertificate(certificates [][]byte) (*x509.Certificate, error) {
	for _, der := range certificates {
		if !a.names(der) {
			continue
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, ErrAssertionKey
		}
		return cert, a.signedWith(cert.PublicKey)
	}
	return nil, ErrAssertionKey
}

func (a Assertion) names(der []byte) bool {
	short := sha1.Sum(der) //nolint:gosec // see the import
	long := sha256.Sum256(der)
	id, _ := lenient(a.keyID)
	return bytes.Equal(a.thumbprint, short[:]) || bytes.Equal(a.thumbprint256, long[:]) ||
		bytes.Equal(id, short[:]) || strings.EqualFold(a.keyID, fmt.Sprintf("%X", short))
}
