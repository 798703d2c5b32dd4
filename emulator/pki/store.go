package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// The files of a saved authority.
const (
	// CertFile holds the certificate, readable by all: it is what clients trust.
	CertFile = "ca.pem"
	// KeyFile holds the private key (PKCS #8), readable by its owner only.
	KeyFile = "ca-key.pem"
)

const (
	certificateBlock = "CERTIFICATE"
	keyBlock         = "PRIVATE KEY"

	// maxFile is more than any certificate or key needs.
	maxFile = 1 << 20

	// rotateHint ends the errors that only a new authority mends.
	rotateHint = "make a new one with `linarite ca rotate`"
)

// Save writes the authority to dir, which is made (0700) where it is missing: the
// key to ca-key.pem (0600), the certificate to ca.pem (0644). Each file is replaced
// in one step. Between the two steps a Load in another process may report that they
// do not match.
func (ca *CA) Save(dir string) error {
	if err := makeDir(dir); err != nil {
		return err
	}
	key, err := encodeKey(ca.key)
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, KeyFile), key, 0o600, os.Rename); err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, CertFile), ca.PEM(), 0o644, os.Rename)
}

// Load reads the authority that Save wrote to dir. A missing file is an error that
// wraps fs.ErrNotExist; a key that others may read, an expired or unconstrained
// certificate, a key of another certificate, and anything that is not PEM are
// refused with what to do about it. now reads the host's clock.
func Load(dir string, now func() time.Time) (*CA, error) {
	certPath := filepath.Join(dir, CertFile)
	certPEM, err := readFile(certPath, false)
	if err != nil {
		return nil, err
	}
	cert, err := parseCertificate(certPEM, now())
	if err != nil {
		return nil, fmt.Errorf("pki: %s: %w", certPath, err)
	}
	key, err := loadKey(dir)
	if err != nil {
		return nil, err
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("pki: %s is not the key of %s: %s", filepath.Join(dir, KeyFile), certPath, rotateHint)
	}
	return newCA(cert, key, now), nil
}

// LoadOrCreate loads the authority in dir, or makes and saves one where there is
// none. Processes that start at once end with the same authority, and one killed half
// way is completed by the next: the key is published first, by a hard link that only
// one of them can make, then a certificate of that key, in the same way.
func LoadOrCreate(dir string, o CAOptions) (*CA, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	ca, err := Load(dir, o.Now)
	if !errors.Is(err, fs.ErrNotExist) {
		return ca, err
	}
	if err := makeDir(dir); err != nil {
		return nil, err
	}
	key, err := loadOrCreateKey(dir)
	if err != nil {
		return nil, err
	}
	ca, err = selfSign(o, key)
	if err != nil {
		return nil, err
	}
	err = writeFile(filepath.Join(dir, CertFile), ca.PEM(), 0o644, os.Link)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return Load(dir, o.Now)
}

func loadOrCreateKey(dir string) (*ecdsa.PrivateKey, error) {
	key, err := loadKey(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	certPath, keyPath := filepath.Join(dir, CertFile), filepath.Join(dir, KeyFile)
	if _, err := os.Stat(certPath); err == nil {
		// A certificate is published after its key: look again before calling it lost.
		key, err := loadKey(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("pki: %s is there without its key %s: restore the key, or %s", certPath, keyPath, rotateHint)
		}
		return key, err
	}
	key, err = newKey()
	if err != nil {
		return nil, err
	}
	data, err := encodeKey(key)
	if err != nil {
		return nil, err
	}
	err = writeFile(keyPath, data, 0o600, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return loadKey(dir)
	}
	return key, err
}

func loadKey(dir string) (*ecdsa.PrivateKey, error) {
	path := filepath.Join(dir, KeyFile)
	data, err := readFile(path, true)
	if err != nil {
		return nil, err
	}
	key, err := parseKey(data)
	if err != nil {
		return nil, fmt.Errorf("pki: %s: %w", path, err)
	}
	return key, nil
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("pki: encode the key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: keyBlock, Bytes: der}), nil
}

func parseKey(data []byte) (*ecdsa.PrivateKey, error) {
	der, err := onlyBlock(data, keyBlock)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("not a PKCS #8 key (%w): %s", err, rotateHint)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("not an ECDSA P-256 key: %s", rotateHint)
	}
	return key, nil
}

func parseCertificate(data []byte, now time.Time) (*x509.Certificate, error) {
	der, err := onlyBlock(data, certificateBlock)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("not a certificate (%w): %s", err, rotateHint)
	}
	if !cert.BasicConstraintsValid || !cert.IsCA || cert.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, fmt.Errorf("not the certificate of an authority: %s", rotateHint)
	}
	if !cert.PermittedDNSDomainsCritical || len(cert.PermittedDNSDomains) == 0 || len(cert.PermittedIPRanges) == 0 {
		return nil, fmt.Errorf("not limited to Azure's names, so trusting it would put every site at risk: %s", rotateHint)
	}
	return cert, checkTimes(cert, now)
}

func checkTimes(cert *x509.Certificate, now time.Time) error {
	if now.After(cert.NotAfter) {
		return fmt.Errorf("the certificate authority expired on %s: %s", cert.NotAfter.Format(time.DateOnly), rotateHint)
	}
	if now.Before(cert.NotBefore) {
		return fmt.Errorf("the certificate authority is valid only from %s on: set this machine's clock, or %s", cert.NotBefore.Format(time.DateOnly), rotateHint)
	}
	return nil
}

// onlyBlock returns the content of data's one PEM block, which must be of kind.
func onlyBlock(data []byte, kind string) ([]byte, error) {
	block, rest := pem.Decode(data)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("no PEM block %q in it: %s", kind, rotateHint)
	}
	if extra, _ := pem.Decode(rest); extra != nil {
		return nil, fmt.Errorf("more than one PEM block in it: %s", rotateHint)
	}
	return block.Bytes, nil
}

// readFile reads a small file; a secret one must be closed to others, see tooOpen.
func readFile(path string, secret bool) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("pki: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("pki: %w", err)
	}
	if secret && tooOpen(info) {
		return nil, fmt.Errorf("pki: %s may be read by others (mode %04o): type `chmod 600 %s`", path, info.Mode().Perm(), path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return nil, fmt.Errorf("pki: %w", err)
	}
	return data, nil
}

func makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("pki: %w", err)
	}
	return nil
}

// writeFile writes data beside path and then publishes it there in one step: by
// os.Rename, which replaces, or by os.Link, which fails where path exists.
func writeFile(path string, data []byte, mode fs.FileMode, publish func(from, to string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("pki: %w", err)
	}
	defer os.Remove(f.Name()) // fails after a rename, which took it away
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
	if err == nil {
		err = publish(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("pki: write %s: %w", path, err)
	}
	return nil
}
