package pki_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/pki"
)

func TestAuthority(t *testing.T) {
	ca := create(t, at(noon))
	cert := ca.Certificate()

	if !strings.HasPrefix(cert.Subject.CommonName, "Linarite local CA ") {
		t.Errorf("subject = %q", cert.Subject.CommonName)
	}
	if cert.SerialNumber.BitLen() < 64 {
		t.Errorf("serial number %v is not random", cert.SerialNumber)
	}
	if !cert.IsCA || !cert.MaxPathLenZero || cert.KeyUsage != x509.KeyUsageCertSign|x509.KeyUsageCRLSign {
		t.Errorf("IsCA %v, MaxPathLenZero %v, KeyUsage %b", cert.IsCA, cert.MaxPathLenZero, cert.KeyUsage)
	}
	if len(cert.SubjectKeyId) == 0 || !bytes.Equal(cert.SubjectKeyId, cert.AuthorityKeyId) {
		t.Errorf("key identifiers %x, %x", cert.SubjectKeyId, cert.AuthorityKeyId)
	}
	if !cert.NotAfter.Equal(noon.Add(options(nil).Lifetime)) {
		t.Errorf("NotAfter = %v", cert.NotAfter)
	}
	for _, e := range cert.Extensions {
		switch e.Id.String() {
		case "2.5.29.15", "2.5.29.19", "2.5.29.30": // key usage, basic and name constraints
			if !e.Critical {
				t.Errorf("extension %v is not critical", e.Id)
			}
		}
	}
	if other := create(t, at(noon)).Certificate(); other.SerialNumber.Cmp(cert.SerialNumber) == 0 || other.Subject.CommonName == cert.Subject.CommonName {
		t.Error("two authorities share a serial number or a name")
	}
}

func TestCreateRefuses(t *testing.T) {
	for name, change := range map[string]func(*pki.CAOptions){
		"no clock":           func(o *pki.CAOptions) { o.Now = nil },
		"no lifetime":        func(o *pki.CAOptions) { o.Lifetime = 0 },
		"no names":           func(o *pki.CAOptions) { o.DNS = nil },
		"no addresses":       func(o *pki.CAOptions) { o.IPs = nil },
		"a leading dot":      func(o *pki.CAOptions) { o.DNS = []string{".core.windows.net"} },
		"the empty name":     func(o *pki.CAOptions) { o.DNS = []string{""} },
		"a wildcard":         func(o *pki.CAOptions) { o.DNS = []string{"*.core.windows.net"} },
		"upper case":         func(o *pki.CAOptions) { o.DNS = []string{"Core.windows.net"} },
		"an invalid address": func(o *pki.CAOptions) { o.IPs = []netip.Prefix{{}} },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(at(noon))
			change(&o)
			if ca, err := pki.Create(o); err == nil {
				t.Errorf("created %v", ca.Certificate().Subject)
			}
		})
	}
}

// TestChain lets crypto/x509 judge leaves as a client does.
func TestChain(t *testing.T) {
	ca := create(t, at(noon))
	roots := x509.NewCertPool()
	roots.AddCert(ca.Certificate())
	for _, tt := range []struct {
		sni, verify string
		ok          bool
	}{
		{"acct.blob.core.windows.net", "acct.blob.core.windows.net", true},
		{"ACCT.blob.core.windows.net", "acct.blob.core.windows.net", true},
		{"acct.blob.core.windows.net", "other.blob.core.windows.net", false},
		{"", "localhost", true},
		{"", "127.0.0.1", true},
		{"", "::1", true},
		{"", "127.0.0.2", false},
		{"localhost", "localhost", true},
		{"core.windows.net", "core.windows.net", true},
	} {
		state, err := handshake(ca.TLSConfig(everything, nil), &tls.Config{ServerName: tt.sni, InsecureSkipVerify: true})
		if err != nil {
			t.Errorf("%q: %v", tt.sni, err)
			continue
		}
		leaf := state.PeerCertificates[0]
		if !leaf.BasicConstraintsValid || leaf.IsCA || leaf.KeyUsage != x509.KeyUsageDigitalSignature || !bytes.Equal(leaf.AuthorityKeyId, ca.Certificate().SubjectKeyId) {
			t.Errorf("SNI %q: basic constraints %v, CA %v, key usage %b, authority %x", tt.sni, leaf.BasicConstraintsValid, leaf.IsCA, leaf.KeyUsage, leaf.AuthorityKeyId)
		}
		_, err = leaf.Verify(x509.VerifyOptions{DNSName: tt.verify, Roots: roots, CurrentTime: noon})
		if (err == nil) != tt.ok {
			t.Errorf("SNI %q verified as %q: %v", tt.sni, tt.verify, err)
		}
		if got := state.NegotiatedProtocol; got != "" {
			t.Errorf("SNI %q: protocol %q without ALPN", tt.sni, got)
		}
	}
}

// TestConstraints signs, with the authority's own key, leaves for names it must not
// speak for: a client refuses them, although the signature is right.
func TestConstraints(t *testing.T) {
	dir := t.TempDir()
	ca := create(t, at(noon))
	if err := ca.Save(dir); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(dir+"/"+pki.CertFile, dir+"/"+pki.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca.Certificate())

	for _, tt := range []struct {
		names []string
		ips   []net.IP
		isCA  bool
		ok    bool
	}{
		{names: []string{"acct.blob.core.windows.net"}, ok: true},
		{ips: []net.IP{net.IPv4(169, 254, 169, 254)}, ok: true},
		{names: []string{"example.com"}},
		{names: []string{"acct.blob.core.windows.net", "example.com"}},
		{names: []string{"evilcore.windows.net"}},
		{ips: []net.IP{net.IPv4(192, 0, 2, 1)}},
		{ips: []net.IP{net.ParseIP("2001:db8::1")}},
	} {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(7), NotBefore: noon, NotAfter: noon.Add(time.Hour),
			DNSNames: tt.names, IPAddresses: tt.ips,
			ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, pair.Leaf, key.Public(), pair.PrivateKey)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		_, err = cert.Verify(x509.VerifyOptions{Roots: roots, CurrentTime: noon})
		var invalid x509.CertificateInvalidError
		if !tt.ok && (!errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName) || tt.ok && err != nil {
			t.Errorf("%v %v: %v", tt.names, tt.ips, err)
		}
	}
}

// TestUnrecognizedName: an alert, which tells a client that the name is the trouble
// (RFC 6066, section 3), and not the certificate of another host.
func TestUnrecognizedName(t *testing.T) {
	ca := create(t, at(noon))
	only := func(host string) bool { return host == "acct.blob.core.windows.net" || host == "example.com" }
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, sni := range []string{
			"other.blob.core.windows.net", // not served
			"example.com",                 // served, says the caller, but not permitted
			"*.core.windows.net",
		} {
			_, err := handshake(ca.TLSConfig(only, nil), &tls.Config{
				ServerName: sni, InsecureSkipVerify: true, MinVersion: version, MaxVersion: version,
			})
			var alert tls.AlertError
			if !errors.As(err, &alert) && (err == nil || !strings.Contains(err.Error(), "unrecognized name")) {
				t.Errorf("%s, TLS %x: %v", sni, version, err)
			}
		}
	}
}

func TestProtocols(t *testing.T) {
	ca := create(t, at(noon))
	state, err := handshake(ca.TLSConfig(everything, nil), &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2", "http/1.1"}})
	if err != nil || state.NegotiatedProtocol != "http/1.1" {
		t.Errorf("protocol %q, %v", state.NegotiatedProtocol, err)
	}
	if _, err := handshake(ca.TLSConfig(everything, nil), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}); err == nil {
		t.Error("TLS 1.1 was accepted")
	}
}

func certificateFor(t *testing.T, ca *pki.CA, host string) *x509.Certificate {
	t.Helper()
	cert, err := ca.TLSConfig(everything, nil).GetCertificate(&tls.ClientHelloInfo{ServerName: host})
	if err != nil || cert == nil {
		t.Fatalf("%s: %v, %v", host, cert, err)
	}
	return cert.Leaf
}

func TestLeafLife(t *testing.T) {
	now := noon
	ca := create(t, func() time.Time { return now })
	const host = "acct.blob.core.windows.net"
	day := 24 * time.Hour

	first := certificateFor(t, ca, host)
	if life := first.NotAfter.Sub(first.NotBefore); life > 90*day {
		t.Errorf("a leaf of %v", life)
	}
	now = noon.Add(30 * day)
	if again := certificateFor(t, ca, host); !again.Equal(first) {
		t.Error("a young leaf was not reused")
	}
	now = noon.Add(70 * day)
	if renewed := certificateFor(t, ca, host); renewed.Equal(first) || !now.Before(renewed.NotAfter) {
		t.Error("an old leaf was not renewed in time")
	}
	now = noon.Add(-12 * time.Hour) // the host's clock is set back
	if back := certificateFor(t, ca, host); back.NotBefore.After(now) {
		t.Error("the leaf is not valid yet")
	}

	root := ca.Certificate()
	now = root.NotAfter.Add(-time.Hour)
	if last := certificateFor(t, ca, host); last.NotAfter.After(root.NotAfter) {
		t.Error("the leaf outlives its authority")
	}
	now = root.NotAfter.Add(time.Second)
	_, err := ca.TLSConfig(everything, nil).GetCertificate(&tls.ClientHelloInfo{ServerName: host})
	if err == nil || !strings.Contains(err.Error(), "linarite ca rotate") {
		t.Errorf("an expired authority answers: %v", err)
	}
}

// TestManyAtOnce: all first handshakes for a host share one leaf, and all leaves one key.
func TestManyAtOnce(t *testing.T) {
	ca := create(t, at(noon))
	hosts := []string{"a.blob.core.windows.net", "b.blob.core.windows.net"}
	got := make([]*x509.Certificate, 64)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() {
			cert, err := ca.TLSConfig(everything, nil).GetCertificate(&tls.ClientHelloInfo{ServerName: hosts[i%2]})
			if err == nil {
				got[i] = cert.Leaf
			}
		})
	}
	wg.Wait()
	for i, cert := range got {
		if cert == nil || !cert.Equal(got[i%2]) {
			t.Fatalf("handshake %d got another certificate", i)
		}
	}
	if got[0].Equal(got[1]) || !got[0].PublicKey.(*ecdsa.PublicKey).Equal(got[1].PublicKey) {
		t.Error("the two hosts should have two certificates over one key")
	}
}

func TestPermits(t *testing.T) {
	ca := create(t, at(noon))
	for host, want := range map[string]bool{
		"acct.blob.core.windows.net": true,
		"core.windows.net":           true,
		"localhost":                  true,
		"a_b.core.windows.net":       true,
		"evilcore.windows.net":       false,
		"example.com":                false,
		"":                           false,
		".core.windows.net":          false,
		"a..core.windows.net":        false,
		"a b.core.windows.net":       false,
		"*.core.windows.net":         false,
		"\x00.core.windows.net":      false,
		strings.Repeat("a", 64) + ".core.windows.net":      false,
		strings.Repeat("a.", 120) + "core.windows.net":     false,
		strings.Repeat("a.", 118) + "core.windows.net":     true,
		"acct.blob.core.windows.net.":                      false,
		"acct.blob.core.windows.net.example.com":           false,
		"acct.blob.core.windows.net/../vault.azure.net":    false,
		"acct.blob.core.windows.net\nfoo.core.windows.net": false,
	} {
		if got := ca.Permits(host); got != want {
			t.Errorf("Permits(%q) = %v", host, got)
		}
	}
}
