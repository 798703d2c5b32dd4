package truststore

import (
	"context"
	"crypto/sha1" // Windows and macOS name certificates by it
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"path/filepath"
	"strings"
)

// An authority is a certificate with the file that the tools read it from.
type authority struct {
	cert *x509.Certificate
	file string
}

// sum is the name by which everything here knows the certificate: the SHA-256 of its DER form, in hex.
func (a authority) sum() string {
	sum := sha256.Sum256(a.cert.Raw)
	return hex.EncodeToString(sum[:])
}

// short names the certificate in stores that people read.
func (a authority) short() string { return "linarite-" + a.sum()[:16] }

func (a authority) sha1() string {
	sum := sha1.Sum(a.cert.Raw)
	return strings.ToUpper(hex.EncodeToString(sum[:]))
}

// A Store is one place where programs look for the authorities that they trust.
type Store struct {
	// Kind is how the store is worked: debian, redhat, arch, suse, macos, windows, nss, java.
	Kind string
	// Path is the folder, database or key chain.
	Path string
	// Title says who looks there.
	Title string
	// Root tells that changing it takes the administrator.
	Root bool
}

// A step is one command towards a goal.
type step struct {
	args []string
	root bool
}

// folders are the Linux systems that have a folder for the administrator's certificates and a program that spreads them.
func folders() []struct {
	store        Store
	add, removed []string
} {
	return []struct {
		store        Store
		add, removed []string
	}{
		{Store{"redhat", "/etc/pki/ca-trust/source/anchors", "the system", true}, []string{"update-ca-trust", "extract"}, []string{"update-ca-trust", "extract"}},
		{Store{"arch", "/etc/ca-certificates/trust-source/anchors", "the system", true}, []string{"trust", "extract-compat"}, []string{"trust", "extract-compat"}},
		{Store{"suse", "/etc/pki/trust/anchors", "the system", true}, []string{"update-ca-certificates"}, []string{"update-ca-certificates"}},
		{Store{"debian", "/usr/local/share/ca-certificates", "the system", true}, []string{"update-ca-certificates"}, []string{"update-ca-certificates", "--fresh"}},
	}
}

// add are the steps that put the authority into the store.
func (s Store) add(a authority) []step {
	switch s.Kind {
	case "macos":
		args := []string{"security", "add-trusted-cert"}
		if s.Root {
			args = append(args, "-d")
		}
		return s.steps(append(args, "-r", "trustRoot", "-k", s.Path, a.file))
	case "windows":
		return s.steps(append(s.certutil(), "-addstore", "Root", a.file))
	case "nss":
		return s.steps([]string{"certutil", "-A", "-d", "sql:" + s.Path, "-t", "C,,", "-n", a.short(), "-i", a.file})
	case "java":
		return s.steps([]string{s.keytool(), "-importcert", "-noprompt", "-keystore", s.Path, "-storepass", javaPassword, "-alias", a.short(), "-file", a.file})
	}
	for _, f := range folders() {
		if f.store.Kind == s.Kind {
			return s.steps([]string{"install", "-m", "0644", a.file, s.fileOf(a)}, f.add)
		}
	}
	return nil
}

// remove are the steps that take it out.
func (s Store) remove(a authority) []step {
	switch s.Kind {
	case "macos":
		args := []string{"security", "remove-trusted-cert"}
		if s.Root {
			args = append(args, "-d")
		}
		return s.steps(append(args, a.file), []string{"security", "delete-certificate", "-Z", a.sha1(), s.Path})
	case "windows":
		return s.steps(append(s.certutil(), "-delstore", "Root", a.sha1()))
	case "nss":
		return s.steps([]string{"certutil", "-D", "-d", "sql:" + s.Path, "-n", a.short()})
	case "java":
		return s.steps([]string{s.keytool(), "-delete", "-keystore", s.Path, "-storepass", javaPassword, "-alias", a.short()})
	}
	for _, f := range folders() {
		if f.store.Kind == s.Kind {
			return s.steps([]string{"rm", "-f", s.fileOf(a)}, f.removed)
		}
	}
	return nil
}

// has tells whether the authority is in the store.
func (s Store) has(ctx context.Context, m Machine, a authority) bool {
	ask := func(args ...string) (string, bool) {
		out, err := m.Run(ctx, args)
		return strings.ToUpper(string(out)), err == nil
	}
	switch s.Kind {
	case "macos":
		out, ok := ask("security", "find-certificate", "-a", "-Z", "-c", a.cert.Subject.CommonName, s.Path)
		return ok && strings.Contains(out, a.sha1())
	case "windows":
		_, ok := ask(append(s.certutil(), "-store", "Root", a.sha1())...)
		return ok
	case "nss":
		_, ok := ask("certutil", "-L", "-d", "sql:"+s.Path, "-n", a.short())
		return ok
	case "java":
		_, ok := ask(s.keytool(), "-list", "-keystore", s.Path, "-storepass", javaPassword, "-alias", a.short())
		return ok
	}
	data, err := m.ReadFile(s.fileOf(a))
	if err != nil {
		return false
	}
	cert, err := parse(data)
	return err == nil && cert.Equal(a.cert)
}

// javaPassword is what the store that comes with every Java has for a password.
const javaPassword = "changeit"

func (s Store) steps(commands ...[]string) []step {
	steps := make([]step, len(commands))
	for i, args := range commands {
		steps[i] = step{args, s.Root}
	}
	return steps
}

// fileOf is the certificate's name in a store that is a folder. The programs there read .crt alone.
func (s Store) fileOf(a authority) string { return s.Path + "/" + a.short() + ".crt" }

// certutil is Windows' program, which has nothing but the name in common with NSS's.
func (s Store) certutil() []string {
	if s.Root {
		return []string{"certutil"}
	}
	return []string{"certutil", "-user"}
}

// keytool is the one of the Java that the store belongs to: HOME/lib/security/cacerts, or HOME/jre/lib/security/cacerts.
func (s Store) keytool() string {
	home := filepath.Dir(filepath.Dir(filepath.Dir(s.Path)))
	if filepath.Base(home) == "jre" {
		home = filepath.Dir(home)
	}
	return filepath.Join(home, "bin", "keytool")
}

func parse(data []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("no certificate in PEM form")
	}
	return x509.ParseCertificate(block.Bytes)
}
