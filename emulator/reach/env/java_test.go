package env_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/linarite/linarite/emulator/reach/env"
)

// authorities are n real certificates, as PEM.
func authorities(t testing.TB, n int) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for i := range n {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 1)), Subject: pkix.Name{CommonName: "authority"}, IsCA: true, BasicConstraintsValid: true,
			NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	return out
}

// All certificates are in the store, but for what would make Java give it up.
func TestTrustStore(t *testing.T) {
	certificates := authorities(t, 3)
	store, err := env.TrustStore(slices.Concat(certificates, certificate(1)))
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := pkcs12.DecodeTrustStore(store, "")
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	for _, c := range decoded {
		got.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	if !bytes.Equal(got.Bytes(), certificates) {
		t.Errorf("got\n%s\nwant\n%s", got.Bytes(), certificates)
	}
	if store, err := env.TrustStore(nil); err != nil || len(store) == 0 {
		t.Errorf("of nothing: %d bytes, %v", len(store), err)
	}

	path := filepath.Join(t.TempDir(), "store.p12")
	if err := os.WriteFile(path, store, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := run(t, []string{"LC_ALL=C"}, "keytool", "-list", "-keystore", path, "-J-Djava.security.egd=file:/dev/urandom"); strings.Count(said, "trustedCertEntry") != 3 {
		t.Errorf("Java reads: %s", said)
	}
}

// What the user told Java stays, but for what would lead it elsewhere, and is told once.
func TestJavaToolOptions(t *testing.T) {
	sealed := func(own string) string {
		o := sealedOptions
		o.JavaToolOptions = own
		return values(env.Sealed(o))["JAVA_TOOL_OPTIONS"]
	}
	const ours = "-Djavax.net.ssl.trustStore=/w/bundle.p12"
	for own, want := range map[string]string{
		"":                             ours,
		"-Xmx1g  -ea\t-Dx=1":           "-Xmx1g -ea -Dx=1 " + ours,
		`-Dx="a b" '-Dy=c "d" e' -Dz`:  `-Dx="a b" '-Dy=c "d" e' -Dz ` + ours,
		"-Dhttps.proxyHost=p -Dx=1":    "-Dx=1 " + ours,
		`"-Dhttps.proxyHost=p" -Dx=1`:  "-Dx=1 " + ours,
		`-D"http.proxyHost"=p -Dx=1`:   "-Dx=1 " + ours,
		"-Djavax.net.ssl.trustStore=/": ours,
		"-Djavax.net.ssl.trustStorePassword=p -Djavax.net.ssl.keyStore=/mine": "-Djavax.net.ssl.keyStore=/mine " + ours,
		"-Dhttp.proxyHostile=1": "-Dhttp.proxyHostile=1 " + ours,
		`-Dx="never ended`:      `-Dx="never ended ` + ours,
		ours:                    ours,
	} {
		if got := sealed(own); got != want {
			t.Errorf("%q: %q, want %q", own, got, want)
		}
	}

	o := env.ProxyOptions{URL: "http://127.0.0.1:4280", TrustStore: `/a b/"c".p12`, JavaToolOptions: "-Xmx1g"}
	want := `-Xmx1g -Djavax.net.ssl.trustStore="/a b/"'"'"c"'"'".p12" -Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=4280 ` +
		"-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=4280 -Dhttp.nonProxyHosts=localhost|127.*|[::1]"
	got := values(env.Proxy(o))["JAVA_TOOL_OPTIONS"]
	if got != want {
		t.Errorf("behind a proxy:\n%s\nwant\n%s", got, want)
	}
	o.JavaToolOptions = got
	if again := values(env.Proxy(o))["JAVA_TOOL_OPTIONS"]; again != want {
		t.Errorf("said again:\n%s\nwant\n%s", again, want)
	}
	o.User = "my world"
	if got := values(env.Proxy(o))["JAVA_TOOL_OPTIONS"]; !strings.Contains(got, `-Dhttps.proxyUser="my world" -Dhttps.proxyPassword=linarite `) {
		t.Errorf("with a user: %s", got)
	}
	if got := env.JavaToolOptions([]string{"A=1", "JAVA_TOOL_OPTIONS=-Xmx1g"}); got != "-Xmx1g" {
		t.Error(got)
	}
}

// How Java itself reads what is written: with options in quotes, and a path with a blank.
func TestJavaReadsItsOptions(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b")
	store, err := env.TrustStore(authorities(t, 2))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "it's.p12")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, store, 0o600); err != nil {
		t.Fatal(err)
	}
	o := env.ProxyOptions{URL: "http://127.0.0.1:4280", TrustStore: path, JavaToolOptions: "-Dmine='x  y' -Dhttp.proxyHost=elsewhere"}
	said := run(t, []string{"JAVA_TOOL_OPTIONS=" + values(env.Proxy(o))["JAVA_TOOL_OPTIONS"]}, "java", "-XshowSettings:properties", "-version")
	for _, want := range []string{"javax.net.ssl.trustStore = " + path, "http.proxyHost = 127.0.0.1", "https.proxyPort = 4280", "mine = x  y"} {
		if !strings.Contains(said, want+"\n") {
			t.Errorf("Java does not say %q:\n%s", want, said)
		}
	}
}

func BenchmarkTrustStore(b *testing.B) {
	bundle := authorities(b, 140)
	for b.Loop() {
		if _, err := env.TrustStore(bundle); err != nil {
			b.Fatal(err)
		}
	}
}
