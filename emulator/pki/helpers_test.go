package pki_test

import (
	"crypto/tls"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/pki"
)

// noon is "now" where a test does not meet a real client.
var noon = time.Date(2031, 5, 4, 12, 0, 0, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

func options(now func() time.Time) pki.CAOptions {
	return pki.CAOptions{
		DNS: []string{"core.windows.net", "vault.azure.net", "localhost"},
		IPs: []netip.Prefix{
			netip.MustParsePrefix("127.0.0.0/8"),
			netip.MustParsePrefix("::1/128"),
			netip.MustParsePrefix("169.254.169.254/32"),
		},
		Lifetime: 10 * 365 * 24 * time.Hour,
		Now:      now,
	}
}

func create(t *testing.T, now func() time.Time) *pki.CA {
	t.Helper()
	ca, err := pki.Create(options(now))
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func everything(string) bool { return true }

// handshake runs one TLS handshake over a pipe, and returns what each side made of it.
func handshake(server, client *tls.Config) (tls.ConnectionState, error) {
	a, b := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer a.Close()
		conn := tls.Server(a, server)
		if conn.Handshake() == nil {
			_ = conn.Close() // a pipe has no buffer: read what TLS 1.3 sends last
		}
	}()
	conn := tls.Client(b, client)
	err := conn.Handshake()
	if err == nil {
		_, _ = conn.Read(make([]byte, 1))
	}
	state := conn.ConnectionState()
	b.Close()
	<-done
	return state, err
}
