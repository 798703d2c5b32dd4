package pki

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	// localhost is the host of a client that names none.
	localhost = "localhost"

	// LeafLifetime is the longest a leaf is valid: within every client's limit.
	LeafLifetime = 90 * 24 * time.Hour

	// maxLeaves bounds the cache: the names in it come from strangers. An entry is
	// about 2 KiB and costs well under a millisecond to make again.
	maxLeaves = 1024
)

// leaf is one cached certificate. It is made once, by the first handshake that needs
// it; the others wait for that one.
type leaf struct {
	notBefore, notAfter time.Time
	// renewAt is when a new handshake gets a new leaf, well before the old one ends.
	renewAt time.Time

	once sync.Once
	cert *tls.Certificate
	err  error
}

// leafName is what a leaf is cached by.
type leafName struct {
	host, crl string
}

// newLeaf plans a leaf that lies within the life of root.
func newLeaf(root *x509.Certificate, now time.Time) *leaf {
	from := now.Add(-backdate)
	if from.Before(root.NotBefore) {
		from = root.NotBefore
	}
	until := from.Add(LeafLifetime)
	if until.After(root.NotAfter) {
		until = root.NotAfter
	}
	return &leaf{notBefore: from, notAfter: until, renewAt: now.Add(until.Sub(now) * 2 / 3)}
}

func (l *leaf) usable(now time.Time) bool {
	return !now.Before(l.notBefore) && now.Before(l.renewAt)
}

// leaf returns a certificate for host that names the revocation list at crl, from the
// cache where it can.
func (ca *CA) leaf(host, crl string) (*tls.Certificate, error) {
	now := ca.now()
	if err := checkTimes(ca.cert, now); err != nil {
		return nil, err
	}
	if !ca.signsLists() {
		crl = "" // better none than one that is never there
	}
	name := leafName{host, crl}
	ca.mu.Lock()
	l := ca.leaves[name]
	if l == nil || !l.usable(now) {
		if l == nil && len(ca.leaves) >= maxLeaves {
			ca.evictOne()
		}
		l = newLeaf(ca.cert, now)
		ca.leaves[name] = l
	}
	ca.mu.Unlock()

	l.once.Do(func() { l.cert, l.err = ca.issue(name, l.notBefore, l.notAfter) })
	return l.cert, l.err
}

// evictOne drops whichever leaf the map yields first: with no order among hosts, that
// is as good as any, and needs no bookkeeping on every handshake.
func (ca *CA) evictOne() {
	for name := range ca.leaves {
		delete(ca.leaves, name)
		return
	}
}

func (ca *CA) issue(name leafName, notBefore, notAfter time.Time) (*tls.Certificate, error) {
	key, err := ca.leafKey()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		// No common name: clients match the subject alternative name only, and a
		// common name holds 64 bytes where a host name may have 253.
		Subject:               pkix.Name{Organization: []string{organization}},
		NotBefore:             notBefore,
		NotAfter:              notAfter,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:              []string{name.host},
	}
	if name.crl != "" {
		template.CRLDistributionPoints = []string{name.crl}
	}
	if name.host == localhost {
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return nil, fmt.Errorf("pki: issue a certificate for %s: %w", name.host, err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("pki: read back the certificate for %s: %w", name.host, err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: parsed}, nil
}
