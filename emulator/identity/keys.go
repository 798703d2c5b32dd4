package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // x5t is defined as a SHA-1 thumbprint (RFC 7515, 4.1.7).
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"
)

// KeyBits is the size of the signing keys, as Entra's.
const KeyBits = 2048

// Key is a signing key with the certificate that its published form shows.
type Key struct {
	private *rsa.PrivateKey
	cert    []byte
	id      string
}

// ID is the key id: the base64url SHA-1 thumbprint of the certificate, unless the
// key was given another by WithID.
func (k *Key) ID() string { return k.id }

// WithID is the same key under another id: worlds that share a key tell their
// tokens apart by it.
func (k *Key) WithID(id string) *Key { return &Key{private: k.private, cert: k.cert, id: id} }

// numbered is the same key under an id that belongs to a number, and looks like any other.
func (k *Key) numbered(n uint64) *Key {
	sum := sha1.Sum(binary.BigEndian.AppendUint64(slices.Clone(k.cert), n)) //nolint:gosec // see the import
	return k.WithID(base64.RawURLEncoding.EncodeToString(sum[:]))
}

// NewKey generates a key. It takes a tenth of a second or so.
func NewKey() (*Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, KeyBits)
	if err != nil {
		return nil, err
	}
	return certify(private)
}

// The certificate only dresses the published key: nobody verifies a chain with it,
// so its dates are fixed and it is the same for the same key.
func certify(private *rsa.PrivateKey) (*Key, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "accounts.accesscontrol.windows.net"},
		NotBefore:    time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum(cert) //nolint:gosec // see the import
	return &Key{private: private, cert: cert, id: base64.RawURLEncoding.EncodeToString(sum[:])}, nil
}

const (
	pemKey  = "PRIVATE KEY"
	pemCert = "CERTIFICATE"
)

// PEM is the key and its certificate, PKCS #8 and X.509.
func (k *Key) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, err
	}
	out := pem.EncodeToMemory(&pem.Block{Type: pemKey, Bytes: der})
	return append(out, pem.EncodeToMemory(&pem.Block{Type: pemCert, Bytes: k.cert})...), nil
}

// ParseKeys reads keys as PEM wrote them, one after the other.
func ParseKeys(data []byte) ([]*Key, error) {
	var keys []*Key
	var pending *rsa.PrivateKey
	for {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		data = rest
		switch block.Type {
		case pemKey:
			parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("signing key: %w", err)
			}
			private, ok := parsed.(*rsa.PrivateKey)
			if !ok {
				return nil, errors.New("signing key: not an RSA key")
			}
			pending = private
		case pemCert:
			key, err := pair(pending, block.Bytes)
			if err != nil {
				return nil, err
			}
			keys, pending = append(keys, key), nil
		}
	}
	if pending != nil || len(keys) == 0 {
		return nil, errors.New("signing key: no key with its certificate in the file")
	}
	return keys, nil
}

func pair(private *rsa.PrivateKey, der []byte) (*Key, error) {
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	public, ok := cert.PublicKey.(*rsa.PublicKey)
	if private == nil || !ok || !public.Equal(&private.PublicKey) {
		return nil, errors.New("signing key: certificate and key do not belong together")
	}
	sum := sha1.Sum(der) //nolint:gosec // see the import
	return &Key{private: private, cert: der, id: base64.RawURLEncoding.EncodeToString(sum[:])}, nil
}

// JWK is a published key (RFC 7517) in the member order of Entra's documents.
type JWK struct {
	KTY string   `json:"kty"`
	Use string   `json:"use"`
	KID string   `json:"kid"`
	X5T string   `json:"x5t"`
	N   string   `json:"n"`
	E   string   `json:"e"`
	X5C []string `json:"x5c"`
	// Issuer stands only in the key sets of the v2.0 endpoint.
	Issuer string `json:"issuer,omitempty"`
}

// Public is the key's published form, without an issuer.
func (k *Key) Public() JWK {
	return JWK{
		KTY: "RSA", Use: "sig", KID: k.id, X5T: k.id,
		N:   base64.RawURLEncoding.EncodeToString(k.private.N.Bytes()),
		E:   base64.RawURLEncoding.EncodeToString(big.NewInt(int64(k.private.E)).Bytes()),
		X5C: []string{base64.StdEncoding.EncodeToString(k.cert)},
	}
}
