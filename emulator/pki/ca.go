package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// backdate is how far before "now" certificates start to be valid, so that a
// container or a virtual machine whose clock is a little behind trusts them too.
const backdate = 24 * time.Hour

// organization is the O of every subject, by which people find the certificates in
// a trust store.
const organization = "Linarite"

// CAOptions says what a new authority may speak for, and for how long.
type CAOptions struct {
	// DNS lists the permitted names: each stands for itself and everything below it,
	// without a leading dot ("core.windows.net", "localhost").
	DNS []string
	// IPs lists the permitted addresses. It must not be empty: RFC 5280 reads the
	// absence of a list as "every address".
	IPs []netip.Prefix
	// Lifetime is how long the authority is valid from now on.
	Lifetime time.Duration
	// Now reads the host's clock.
	Now func() time.Time
}

func (o CAOptions) validate() error {
	if o.Now == nil {
		return errors.New("pki: CAOptions.Now is nil: pass the host's clock")
	}
	if o.Lifetime <= 0 {
		return fmt.Errorf("pki: a certificate authority needs a positive lifetime, not %s", o.Lifetime)
	}
	if len(o.DNS) == 0 || len(o.IPs) == 0 {
		return errors.New("pki: a certificate authority needs at least one permitted DNS name and one IP range: a list left out would permit everything")
	}
	for _, name := range o.DNS {
		if !validHost(name) {
			return fmt.Errorf("pki: permitted DNS name %q is not a lower-case host name without leading or trailing dot", name)
		}
	}
	for _, p := range o.IPs {
		if !p.IsValid() {
			return fmt.Errorf("pki: permitted IP range %v is not valid", p)
		}
	}
	return nil
}

// CA is a certificate authority with its key, and the leaves it has issued since it
// was made or loaded. It is safe for concurrent use.
type CA struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	now  func() time.Time

	// leafKey is shared by all leaves: they all live in this process, so a key of
	// its own would protect none of them, and would cost the first request to each host.
	leafKey func() (*ecdsa.PrivateKey, error)

	mu     sync.Mutex
	leaves map[leafName]*leaf
}

// Create makes a new authority in memory: an ECDSA P-256 key and a self-signed
// certificate, limited to o.DNS and o.IPs and to TLS servers. Save keeps it.
func Create(o CAOptions) (*CA, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	return selfSign(o, key)
}

func selfSign(o CAOptions, key *ecdsa.PrivateKey) (*CA, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return nil, fmt.Errorf("pki: encode the public key: %w", err)
	}
	id := sha256.Sum256(public)
	now := o.Now()
	template := &x509.Certificate{
		Subject: pkix.Name{
			Organization: []string{organization},
			CommonName:   "Linarite local CA " + hex.EncodeToString(id[:4]),
		},
		NotBefore: now.Add(-backdate),
		NotAfter:  now.Add(o.Lifetime),

		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true, // it signs leaves, never another authority
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		SubjectKeyId:          id[:20],
		AuthorityKeyId:        id[:20],

		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         o.DNS,
		PermittedIPRanges:           ipNets(o.IPs),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("pki: create the authority's certificate: %w", err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("pki: read back the authority's certificate: %w", err)
	}
	return newCA(cert, key, o.Now), nil
}

func newCA(cert *x509.Certificate, key *ecdsa.PrivateKey, now func() time.Time) *CA {
	return &CA{
		cert:    cert,
		key:     key,
		now:     now,
		leafKey: sync.OnceValues(newKey),
		leaves:  map[leafName]*leaf{},
	}
}

func newKey() (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("pki: generate a key: %w", err)
	}
	return key, nil
}

// PEM returns the authority's certificate as one PEM block: what a client needs to
// trust. The key is not in it.
func (ca *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: certificateBlock, Bytes: ca.cert.Raw})
}

// Certificate returns the authority's certificate. It is shared: do not change it.
func (ca *CA) Certificate() *x509.Certificate { return ca.cert }

// Permits reports whether a client that trusts the authority accepts it for host, a
// lower-case DNS name. An authority made by an older version may lack names that
// were added to a cloud since.
func (ca *CA) Permits(host string) bool {
	if !validHost(host) {
		return false
	}
	for _, permitted := range ca.cert.PermittedDNSDomains {
		if host == permitted || strings.HasSuffix(host, "."+permitted) {
			return true
		}
	}
	return false
}

// TLSConfig returns a server configuration that answers each client with a leaf for
// exactly the host it names (by SNI) and only HTTP/1.1 by ALPN. serves says which
// lower-case host names are answered; a name it declines, or that the authority may
// not speak for, fails the handshake with the alert unrecognized_name. A client that
// sends no name, or an address, gets a certificate for localhost, 127.0.0.1 and ::1.
//
// crl, where not nil, is asked at each handshake for the URL at which RevocationList is
// served, which the leaf names then; empty means nowhere.
func (ca *CA) TLSConfig(serves func(host string) bool, crl func() string) *tls.Config {
	if crl == nil {
		crl = func() string { return "" }
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		Time:       ca.now,
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			host := strings.ToLower(hello.ServerName)
			if _, err := netip.ParseAddr(host); host == "" || err == nil {
				host = localhost
			}
			if !ca.Permits(host) || (host != localhost && !serves(host)) {
				// crypto/tls sends unrecognized_name for "no certificate, no error".
				return nil, nil
			}
			return ca.leaf(host, crl())
		},
	}
}

// validHost reports whether name is a lower-case DNS name that may stand in a
// certificate: no wildcard, no empty label, at most 253 bytes.
func validHost(name string) bool {
	if len(name) > 253 {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if len(label) == 0 || len(label) > 63 || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

func ipNets(prefixes []netip.Prefix) []*net.IPNet {
	nets := make([]*net.IPNet, len(prefixes))
	for i, p := range prefixes {
		p = p.Masked()
		nets[i] = &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}
	}
	return nets
}
