package pki

import (
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// listLife is how long a revocation list is good. Windows keeps it as long, by its URL.
const listLife = 7 * 24 * time.Hour

// RevocationList is the authority's list of revoked certificates (RFC 5280, section 5), in
// DER form and always empty: leaves live as long as a process, and are never revoked. It is
// there because Windows' own TLS refuses a certificate whose state it cannot ask for. An
// authority made by an older version may sign none, which is an error.
func (ca *CA) RevocationList() ([]byte, error) {
	if !ca.signsLists() {
		return nil, errors.New("pki: this authority was made without the right to sign revocation lists: " + rotateHint)
	}
	now := ca.now()
	from := now.Add(-backdate)
	if from.Before(ca.cert.NotBefore) {
		from = ca.cert.NotBefore
	}
	// Numbers grow, as section 5.2.3 wants, without anything that is kept.
	list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(now.Unix()), ThisUpdate: from, NextUpdate: now.Add(listLife),
	}, ca.cert, ca.key)
	if err != nil {
		return nil, fmt.Errorf("pki: sign the revocation list: %w", err)
	}
	return list, nil
}

// ListName names the authority's revocation list: another one for each authority, because
// clients keep lists by their URL.
func (ca *CA) ListName() string { return hex.EncodeToString(ca.cert.SubjectKeyId) + ".crl" }

func (ca *CA) signsLists() bool { return ca.cert.KeyUsage&x509.KeyUsageCRLSign != 0 }
