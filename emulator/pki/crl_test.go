package pki

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// ofNow makes an authority by the host's clock, which openssl goes by.
func ofNow(t *testing.T) *CA {
	t.Helper()
	ca, err := Create(CAOptions{
		DNS: []string{"localhost"}, IPs: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}, Lifetime: 24 * time.Hour, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func TestRevocationList(t *testing.T) {
	ca := ofNow(t)
	der, err := ca.RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	list, err := x509.ParseRevocationList(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := list.CheckSignatureFrom(ca.cert); err != nil {
		t.Error(err)
	}
	now := ca.now()
	if len(list.RevokedCertificateEntries) != 0 || list.ThisUpdate.After(now) || !list.NextUpdate.After(now) || list.Number.Sign() <= 0 {
		t.Errorf("%+v", list)
	}
	if !slices.Equal(list.AuthorityKeyId, ca.cert.SubjectKeyId) {
		t.Errorf("it is of the key %x", list.AuthorityKeyId)
	}
}

func TestLeavesNameTheList(t *testing.T) {
	ca := ofNow(t)
	const url = "http://127.0.0.1:4280/_linarite/crl/x.crl"
	names := func(crl func() string) []string {
		t.Helper()
		cert, err := ca.TLSConfig(func(string) bool { return true }, crl).GetCertificate(&tls.ClientHelloInfo{ServerName: "localhost"})
		if err != nil {
			t.Fatal(err)
		}
		return cert.Leaf.CRLDistributionPoints
	}
	// Two servers share the authority, and each leaf names its own server's.
	for range 2 {
		if got := names(func() string { return url }); !slices.Equal(got, []string{url}) {
			t.Errorf("a leaf names %q", got)
		}
		if got := names(nil); got != nil {
			t.Errorf("a leaf of a server without a list names %q", got)
		}
	}
	// An authority from before there were lists.
	ca.cert.KeyUsage &^= x509.KeyUsageCRLSign
	if got := names(func() string { return url }); got != nil {
		t.Errorf("a leaf names %q, which nobody can sign", got)
	}
	if _, err := ca.RevocationList(); err == nil || !strings.Contains(err.Error(), "linarite ca rotate") {
		t.Errorf("an authority that may sign no lists: %v", err)
	}
}

func TestOpenSSLChecksTheList(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("no openssl here")
	}
	ca, dir := ofNow(t), t.TempDir()
	write := func(name, kind string, der []byte) string {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	cert, err := ca.leaf("localhost", "http://127.0.0.1:1/x.crl")
	if err != nil {
		t.Fatal(err)
	}
	list, err := ca.RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	other, err := ofNow(t).RevocationList()
	if err != nil {
		t.Fatal(err)
	}
	root, leaf := write("ca.pem", certificateBlock, ca.cert.Raw), write("leaf.pem", certificateBlock, cert.Certificate[0])
	for name, of := range map[string]struct {
		list []byte
		good bool
	}{"its own": {list, true}, "another authority's": {other, false}} {
		crl := write("crl.pem", "X509 CRL", of.list)
		out, err := exec.CommandContext(t.Context(), openssl, "verify", "-x509_strict", "-crl_check", "-CAfile", root, "-CRLfile", crl, leaf).CombinedOutput()
		if (err == nil) != of.good {
			t.Errorf("with %s list: %v\n%s", name, err, out)
		}
	}
}
