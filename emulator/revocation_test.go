package emulator_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

// leafOf is what a server's TLS socket shows to a client that asks for localhost.
func leafOf(t *testing.T, s *emulator.Server, home *emulator.Home) *x509.Certificate {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AddCert(home.CA.Certificate())
	conn, err := (&tls.Dialer{Config: &tls.Config{RootCAs: roots, ServerName: "localhost"}}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.HTTPSURL, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
}

func TestRevocationListAtTheFrontDoor(t *testing.T) {
	home, err := emulator.EphemeralHome()
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]emulator.Options{"open": {Home: home}, "without the control API": {Home: home, NoControl: true}} {
		t.Run(name, func(t *testing.T) {
			emu, err := emulator.Open(o)
			if err != nil {
				t.Fatal(err)
			}
			defer emu.Close()
			server, err := emu.Serve(emulator.ServeOptions{BlobPort: emulator.NoPort})
			if err != nil {
				t.Fatal(err)
			}
			leaf := leafOf(t, server, home)
			if len(leaf.CRLDistributionPoints) != 1 || !strings.HasPrefix(leaf.CRLDistributionPoints[0], server.URL+"/_linarite/crl/") {
				t.Fatalf("the leaf names %q, the front door is %s", leaf.CRLDistributionPoints, server.URL)
			}
			url := leaf.CRLDistributionPoints[0]
			fetch := func(method, url, host string) (*http.Response, []byte) {
				t.Helper()
				req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
				if err != nil {
					t.Fatal(err)
				}
				req.Host = host
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer resp.Body.Close()
				body, err := io.ReadAll(resp.Body)
				if err != nil {
					t.Fatal(err)
				}
				return resp, body
			}
			resp, body := fetch(http.MethodGet, url, "")
			list, err := x509.ParseRevocationList(body)
			if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/pkix-crl" {
				t.Fatalf("%v, %s %s: %q", err, resp.Status, resp.Header, body)
			}
			if err := list.CheckSignatureFrom(home.CA.Certificate()); err != nil {
				t.Error(err)
			}
			if resp, _ := fetch(http.MethodHead, url, ""); resp.StatusCode != http.StatusOK || resp.ContentLength <= 0 {
				t.Errorf("HEAD: %s, %d bytes", resp.Status, resp.ContentLength)
			}
			for what, r := range map[string][3]string{
				"another list": {http.MethodGet, server.URL + "/_linarite/crl/00.crl", ""}, "another method": {http.MethodPost, url, ""},
				"another host": {http.MethodGet, url, "example.org"}, "a name of Azure's": {http.MethodGet, url, "management.azure.com"},
			} {
				if resp, body := fetch(r[0], r[1], r[2]); resp.StatusCode < 400 || strings.HasPrefix(resp.Header.Get("Content-Type"), "application/pkix") {
					t.Errorf("%s: %s: %q", what, resp.Status, body)
				}
			}
		})
	}
}

// Where nobody could fetch a list, leaves name none.
func TestNoFrontDoorNoList(t *testing.T) {
	home, err := emulator.EphemeralHome()
	if err != nil {
		t.Fatal(err)
	}
	emu, err := emulator.Open(emulator.Options{Home: home})
	if err != nil {
		t.Fatal(err)
	}
	defer emu.Close()
	server, err := emu.Serve(emulator.ServeOptions{Port: emulator.NoPort, BlobPort: emulator.NoPort})
	if err != nil {
		t.Fatal(err)
	}
	if leaf := leafOf(t, server, home); leaf.CRLDistributionPoints != nil {
		t.Errorf("the leaf names %q", leaf.CRLDistributionPoints)
	}
}
