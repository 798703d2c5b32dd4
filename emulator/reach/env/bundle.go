package env

import (
	"bytes"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// bundlePaths are where systems keep the certificates they trust, in one file.
var bundlePaths = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Arch, Gentoo, NixOS
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // RHEL, Fedora
	"/etc/pki/tls/certs/ca-bundle.crt",                  // older RHEL, Fedora
	"/etc/ssl/ca-bundle.pem",                            // SUSE
	"/etc/ssl/cert.pem",                                 // Alpine, FreeBSD, macOS
}

// SystemBundle returns the certificates the system trusts and the path they come from:
// the file SSL_CERT_FILE names in environ, where it holds any, and otherwise the first
// of the places where systems keep theirs. Where there is none (a bare container) it
// returns nil and "".
func SystemBundle(environ []string, readFile func(string) ([]byte, error)) ([]byte, string) {
	for _, path := range append([]string{lookup(environ, "SSL_CERT_FILE")}, bundlePaths...) {
		if path == "" {
			continue
		}
		if data, err := readFile(path); err == nil && len(Merge(data)) > 0 {
			return data, path
		}
	}
	return nil, ""
}

// Bundle returns what a client should trust once the variables of this package are
// set: what it trusts now, which is the system's bundle, the file of each certificate
// variable in environ and the folders of SSL_CERT_DIR, and the given certificates. A file
// that cannot be read adds nothing: its variable was of no use to its client either.
func Bundle(environ []string, readFile func(string) ([]byte, error), certificates ...[]byte) []byte {
	system, _ := SystemBundle(environ, readFile)
	bundles := [][]byte{system}
	for _, name := range caVars {
		if path := lookup(environ, name); path != "" {
			if data, err := readFile(path); err == nil {
				bundles = append(bundles, data)
			}
		}
	}
	return Merge(slices.Concat(bundles, inFolders(lookup(environ, "SSL_CERT_DIR"), readFile), certificates)...)
}

// maxFolder bounds how many files of a folder are read: systems have some hundreds.
const maxFolder = 5000

// inFolders reads the certificates of a list of folders. OpenSSL and Go go on reading them
// beside a bundle, but the clients that read a bundle alone do not.
func inFolders(list string, readFile func(string) ([]byte, error)) (bundles [][]byte) {
	for _, folder := range filepath.SplitList(list) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, entry := range entries[:min(len(entries), maxFolder)] {
			if info, err := os.Stat(filepath.Join(folder, entry.Name())); err != nil || !info.Mode().IsRegular() {
				continue // a pipe would never end
			}
			if data, err := readFile(filepath.Join(folder, entry.Name())); err == nil {
				bundles = append(bundles, data)
			}
		}
	}
	return bundles
}

// Merge returns the certificates of all bundles as PEM, each once and in order.
// Everything else in them, comments and private keys included, is left out.
func Merge(bundles ...[]byte) []byte {
	var out bytes.Buffer
	seen := map[string]bool{}
	for _, rest := range bundles {
		for {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil {
				break
			}
			if block.Type != "CERTIFICATE" || seen[string(block.Bytes)] || !isSequence(block.Bytes) {
				continue
			}
			seen[string(block.Bytes)] = true
			out.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes}))
		}
	}
	return out.Bytes()
}

// isSequence reports whether der is one ASN.1 SEQUENCE, as every certificate is. More
// is not asked: OpenSSL takes certificates that crypto/x509 refuses, but stops reading
// a bundle at what is no DER at all.
func isSequence(der []byte) bool {
	var raw asn1.RawValue
	rest, err := asn1.Unmarshal(der, &raw)
	return err == nil && len(rest) == 0 && raw.Tag == asn1.TagSequence && raw.Class == asn1.ClassUniversal
}

// JavaToolOptions is what environ says for JavaToolOptions of the options here.
func JavaToolOptions(environ []string) string { return lookup(environ, javaToolOptions) }

// lookup returns the value of name in environ; the last entry counts, as in os/exec.
func lookup(environ []string, name string) (value string) {
	for _, entry := range environ {
		if v, ok := strings.CutPrefix(entry, name+"="); ok {
			value = v
		}
	}
	return value
}
