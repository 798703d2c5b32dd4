package pki_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/pki"
)

func TestSaveAndLoad(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "linarite")
	ca := create(t, at(noon))
	if err := ca.Save(dir); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" {
		for name, want := range map[string]fs.FileMode{".": 0o700, pki.CertFile: 0o644, pki.KeyFile: 0o600} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("%s has mode %04o, want %04o", name, got, want)
			}
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left behind: %v", entries)
	}

	loaded, err := pki.Load(dir, at(noon))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(loaded.PEM(), ca.PEM()) {
		t.Error("another certificate came back")
	}
	leaf := certificateFor(t, loaded, "acct.blob.core.windows.net")
	if err := leaf.CheckSignatureFrom(ca.Certificate()); err != nil {
		t.Error(err)
	}

	next := create(t, at(noon)) // rotate
	if err := next.Save(dir); err != nil {
		t.Fatal(err)
	}
	if loaded, err = pki.Load(dir, at(noon)); err != nil || !bytes.Equal(loaded.PEM(), next.PEM()) {
		t.Errorf("after a second Save: %v", err)
	}
}

// foreign returns a self-signed certificate and its key, made by other hands.
func foreign(t *testing.T, key any, public any, change func(*x509.Certificate)) (certPEM, keyPEM []byte) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: noon.Add(-time.Hour), NotAfter: noon.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"core.windows.net"},
		PermittedIPRanges: create(t, at(noon)).Certificate().PermittedIPRanges,
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

func TestLoadRefuses(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, goodKey := foreign(t, key, key.Public(), nil)
	_, otherKey := func() ([]byte, []byte) {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return foreign(t, k, k.Public(), nil)
	}()
	changed := func(change func(*x509.Certificate)) []byte {
		cert, _ := foreign(t, key, key.Public(), change)
		return cert
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, rsaPEM := foreign(t, rsaKey, rsaKey.Public(), nil)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, p384PEM := foreign(t, p384, p384.Public(), nil)

	for _, tt := range []struct {
		name      string
		cert, key []byte
		mode      fs.FileMode
		want      string // "" loads
	}{
		{"as it should be", good, goodKey, 0o600, ""},
		{"read-only key", good, goodKey, 0o400, ""},
		{"key open to the group", good, goodKey, 0o640, "chmod 600 "},
		{"key open to all", good, goodKey, 0o604, "chmod 600 "},
		{"key of another certificate", good, otherKey, 0o600, "is not the key of"},
		{"RSA key", good, rsaPEM, 0o600, "not an ECDSA P-256 key"},
		{"key of another curve", good, p384PEM, 0o600, "not an ECDSA P-256 key"},
		{"expired", changed(func(c *x509.Certificate) { c.NotAfter = noon.Add(-time.Minute) }), goodKey, 0o600, "expired on 2031-05-04: make a new one with `linarite ca rotate`"},
		{"not valid yet", changed(func(c *x509.Certificate) { c.NotBefore = noon.Add(time.Minute) }), goodKey, 0o600, "valid only from 2031-05-04"},
		{"not an authority", changed(func(c *x509.Certificate) { c.IsCA = false }), goodKey, 0o600, "not the certificate of an authority"},
		{"may not sign", changed(func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }), goodKey, 0o600, "not the certificate of an authority"},
		{"unconstrained names", changed(func(c *x509.Certificate) { c.PermittedDNSDomains = nil }), goodKey, 0o600, "every site at risk"},
		{"unconstrained addresses", changed(func(c *x509.Certificate) { c.PermittedIPRanges = nil }), goodKey, 0o600, "every site at risk"},
		{"constraints that may be ignored", changed(func(c *x509.Certificate) { c.PermittedDNSDomainsCritical = false }), goodKey, 0o600, "every site at risk"},
		{"empty certificate", nil, goodKey, 0o600, "no PEM block"},
		{"garbage certificate", []byte("garbage"), goodKey, 0o600, "no PEM block"},
		{"garbage in the certificate", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}), goodKey, 0o600, "not a certificate"},
		{"two certificates", append(bytes.Clone(good), good...), goodKey, 0o600, "more than one PEM block"},
		{"garbage key", good, []byte("garbage"), 0o600, "no PEM block"},
		{"certificate for a key", good, good, 0o600, "no PEM block"},
		{"garbage in the key", good, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}), 0o600, "not a PKCS #8 key"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, pki.CertFile), tt.cert, 0o644)
			write(t, filepath.Join(dir, pki.KeyFile), tt.key, tt.mode)
			_, err := pki.Load(dir, at(noon))
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if err != nil && !strings.Contains(err.Error(), dir) {
				t.Errorf("the error does not name the file: %v", err)
			}
			if again, err2 := pki.LoadOrCreate(dir, options(at(noon))); (err2 == nil) != (err == nil) {
				t.Errorf("LoadOrCreate: %v, %v", again, err2)
			}
			if now, _ := os.ReadFile(filepath.Join(dir, pki.KeyFile)); !bytes.Equal(now, tt.key) {
				t.Error("LoadOrCreate wrote over the key")
			}
		})
	}
}

func write(t *testing.T, path string, data []byte, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestLoadMissing(t *testing.T) {
	if _, err := pki.Load(t.TempDir(), at(noon)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestLoadOrCreate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	first, err := pki.LoadOrCreate(dir, options(at(noon)))
	if err != nil {
		t.Fatal(err)
	}
	second, err := pki.LoadOrCreate(dir, options(at(noon)))
	if err != nil || !bytes.Equal(first.PEM(), second.PEM()) {
		t.Fatalf("made another: %v", err)
	}

	// Killed between the key and the certificate: the key is kept.
	if err := os.Remove(filepath.Join(dir, pki.CertFile)); err != nil {
		t.Fatal(err)
	}
	third, err := pki.LoadOrCreate(dir, options(at(noon)))
	if err != nil || third.Certificate().Subject.CommonName != first.Certificate().Subject.CommonName {
		t.Fatalf("the key was not kept: %v", err)
	}

	// A lost key is not replaced behind the back of those who trust the certificate.
	if err := os.Remove(filepath.Join(dir, pki.KeyFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := pki.LoadOrCreate(dir, options(at(noon))); err == nil || !strings.Contains(err.Error(), "without its key") {
		t.Errorf("got %v", err)
	}
}

// TestLoadOrCreateAtOnce stands for processes that start together: they share nothing
// but the directory.
func TestLoadOrCreateAtOnce(t *testing.T) {
	for range 20 {
		dir := filepath.Join(t.TempDir(), "new")
		got := make([]*pki.CA, 8)
		errs := make([]error, len(got))
		start := make(chan struct{})
		var wg sync.WaitGroup
		for i := range got {
			wg.Go(func() {
				<-start
				got[i], errs[i] = pki.LoadOrCreate(dir, options(at(noon)))
			})
		}
		close(start)
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for _, ca := range got {
			if !bytes.Equal(ca.PEM(), got[0].PEM()) {
				t.Fatal("two processes got two authorities")
			}
		}
		if entries, _ := os.ReadDir(dir); len(entries) != 2 {
			t.Fatalf("left behind: %v", entries)
		}
	}
}

// FuzzLoad: whatever is in the files, Load neither panics nor accepts an authority
// that is not constrained.
func FuzzLoad(f *testing.F) {
	ca, err := pki.Create(options(at(noon)))
	if err != nil {
		f.Fatal(err)
	}
	saved := f.TempDir()
	if err := ca.Save(saved); err != nil {
		f.Fatal(err)
	}
	keyPEM, err := os.ReadFile(filepath.Join(saved, pki.KeyFile))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(ca.PEM(), keyPEM)
	f.Add(keyPEM, ca.PEM())
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"), []byte{})
	f.Add(append([]byte("text before\n"), ca.PEM()...), append(keyPEM, "text after"...))
	f.Fuzz(func(t *testing.T, cert, key []byte) {
		dir := t.TempDir()
		write(t, filepath.Join(dir, pki.CertFile), cert, 0o644)
		write(t, filepath.Join(dir, pki.KeyFile), key, 0o600)
		ca, err := pki.Load(dir, at(noon))
		if (ca == nil) == (err == nil) {
			t.Fatalf("%v, %v", ca, err)
		}
		if err == nil && (ca.Permits("example.com") || len(ca.Certificate().PermittedIPRanges) == 0) {
			t.Fatal("accepted an authority for example.com")
		}
	})
}
