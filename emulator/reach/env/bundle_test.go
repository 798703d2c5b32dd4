package env_test

import (
	"bytes"
	"encoding/pem"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/reach/env"
)

// certificate is DER enough for a bundle: a SEQUENCE of one INTEGER.
func certificate(n byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte{0x30, 3, 2, 1, n}})
}

func files(m map[string][]byte) func(string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		if data, ok := m[path]; ok {
			return data, nil
		}
		return nil, fs.ErrNotExist
	}
}

func TestSystemBundle(t *testing.T) {
	for _, tt := range []struct {
		name    string
		environ []string
		files   []string
		want    string
	}{
		{"Debian", nil, []string{"/etc/ssl/certs/ca-certificates.crt"}, "/etc/ssl/certs/ca-certificates.crt"},
		{"RHEL", nil, []string{"/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"}, "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"},
		{"SUSE", nil, []string{"/etc/ssl/ca-bundle.pem"}, "/etc/ssl/ca-bundle.pem"},
		{"Alpine", nil, []string{"/etc/ssl/cert.pem"}, "/etc/ssl/cert.pem"},
		{"the user's own", []string{"SSL_CERT_FILE=/corp.pem"}, []string{"/corp.pem", "/etc/ssl/cert.pem"}, "/corp.pem"},
		{"the user's own is lost", []string{"SSL_CERT_FILE=/corp.pem"}, []string{"/etc/ssl/cert.pem"}, "/etc/ssl/cert.pem"},
		{"the last entry counts", []string{"SSL_CERT_FILE=/a.pem", "SSL_CERT_FILE=/b.pem"}, []string{"/a.pem", "/b.pem"}, "/b.pem"},
		{"the user's own is empty", []string{"SSL_CERT_FILE=/empty.pem"}, []string{"/etc/ssl/cert.pem"}, "/etc/ssl/cert.pem"},
		{"none", nil, nil, ""},
	} {
		m := map[string][]byte{"/empty.pem": []byte("# nothing\n")}
		for i, path := range tt.files {
			m[path] = certificate(byte(i))
		}
		data, path := env.SystemBundle(tt.environ, files(m))
		if path != tt.want || !bytes.Equal(data, m[tt.want]) {
			t.Errorf("%s: %q from %q, want %q", tt.name, data, path, tt.want)
		}
	}
}

// TestBundle: a client goes on trusting all it trusted before.
func TestBundle(t *testing.T) {
	m := map[string][]byte{
		"/etc/ssl/certs/ca-certificates.crt": append(certificate(1), certificate(2)...),
		"/requests.pem":                      append(certificate(2), certificate(3)...),
		"/node.pem":                          certificate(4),
		"/git.pem":                           certificate(5),
	}
	environ := []string{"REQUESTS_CA_BUNDLE=/requests.pem", "NODE_EXTRA_CA_CERTS=/node.pem", "CURL_CA_BUNDLE=/lost.pem", "GIT_SSL_CAINFO=/git.pem"}
	var want []byte
	for _, n := range []byte{1, 2, 3, 4, 5, 9} {
		want = append(want, certificate(n)...)
	}
	if got := env.Bundle(environ, files(m), certificate(9), certificate(1)); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := env.Bundle(nil, files(nil), certificate(9)); !bytes.Equal(got, certificate(9)) {
		t.Errorf("in a bare container: %s", got)
	}
}

func TestMerge(t *testing.T) {
	key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{0x30, 0}})
	junk := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("junk")})
	headers := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Headers: map[string]string{"a": "b"}, Bytes: []byte{0x30, 3, 2, 1, 7}})
	first := slices.Concat([]byte("# a comment\n"), certificate(1), key, junk, certificate(2))
	second := slices.Concat(bytes.TrimSpace(certificate(2)), []byte("\r\n"), headers)

	got := env.Merge(first, nil, second)
	if want := slices.Concat(certificate(1), certificate(2), certificate(7)); !bytes.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(string(got), "PRIVATE") {
		t.Error("a key got into the bundle")
	}
}

// FuzzMerge: whatever is in a bundle, the result holds certificates only, each once,
// and merging it again changes nothing.
func FuzzMerge(f *testing.F) {
	f.Add(certificate(1), certificate(1))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"), []byte("-----BEGIN X-----\n-----END X-----\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		got := env.Merge(a, b)
		if again := env.Merge(got, got); !bytes.Equal(again, got) {
			t.Fatalf("merged again:\n%s\n%s", got, again)
		}
		for rest := got; len(rest) > 0; {
			var block *pem.Block
			if block, rest = pem.Decode(rest); block == nil || block.Type != "CERTIFICATE" {
				t.Fatalf("not only certificates:\n%s", got)
			}
		}
	})
}
