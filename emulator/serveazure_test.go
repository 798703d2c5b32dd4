package emulator_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

// resolver asks the server's name server alone.
func resolver(server *emulator.Server, network string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.DNS)
	}}
}

// A world on sockets answers where Azure would: names lead to it, by https and by http, and
// what is not served is refused in words.
func TestServeAzure(t *testing.T) {
	emu := emulator.New(t, emulator.World("tutorial"), emulator.AllowUnknownHosts())
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	server, err := emu.Serve(emulator.ServeOptions{Port: 0, HTTPSPort: 0, BlobPort: emulator.NoPort, IMDSAddress: "127.0.0.1:0",
		AzureOptions: emulator.AzureOptions{HTTPSAddress: "127.0.0.1:0", DNSAddress: "127.0.0.1:0", CAFile: caFile}})
	if err != nil {
		t.Fatal(err)
	}
	for _, network := range []string{"udp", "tcp"} {
		names := resolver(server, network)
		for _, host := range []string{"management.azure.com", "tutorialstore.blob.core.windows.net", "unserved.servicebus.windows.net", "management.chinacloudapi.cn"} {
			if got, err := names.LookupHost(t.Context(), host); err != nil || len(got) != 1 || got[0] != "127.0.0.1" {
				t.Errorf("%s by %s: %v %v", host, network, got, err)
			}
		}
		var missing *net.DNSError
		if _, err := names.LookupHost(t.Context(), "example.com"); !errors.As(err, &missing) || !missing.IsNotFound {
			t.Errorf("example.com by %s: %v", network, err)
		}
	}
	pem, err := os.ReadFile(caFile)
	if err != nil || strings.Contains(string(pem), "PRIVATE") {
		t.Fatalf("%s %v", pem, err)
	}
	if info, err := os.Stat(caFile); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
		t.Errorf("others are to read the certificate: %v %v", info.Mode(), err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) { // names lead to the metadata service's socket
			at := strings.TrimPrefix(server.IMDS, "http://")
			if strings.HasSuffix(addr, ":443") {
				at = strings.TrimPrefix(server.HTTPSURL, "https://")
			}
			return (&net.Dialer{}).DialContext(ctx, network, at)
		},
	}}
	t.Cleanup(client.CloseIdleConnections)
	for url, want := range map[string]string{
		"http://169.254.169.254/metadata/identity/oauth2/token?resource=https://management.azure.com/&api-version=2018-02-01": `"token_type":"Bearer"`,
		"http://whatever.example/metadata/identity/oauth2/token?resource=https://vault.azure.net&api-version=2018-02-01":      `"token_type":"Bearer"`,
		"http://tutorialstore.blob.core.windows.net/files/hello_world.txt":                                                    "AccountRequiresHttps",
		"https://management.azure.com/subscriptions?api-version=2016-06-01":                                                   "AuthenticationFailed",
		"https://unserved.servicebus.windows.net/":                                                                            "HostNotServed",
		"http://unserved.servicebus.windows.net/":                                                                             "HostNotServed",
	} {
		if got := text(t, client, url); !strings.Contains(got, want) {
			t.Errorf("%s: %s", url, got)
		}
	}
}

// A server that is closed has left its name server's address.
func TestServeAzureEnds(t *testing.T) {
	server, err := emulator.New(t).Serve(emulator.ServeOptions{AzureOptions: emulator.AzureOptions{DNSAddress: "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	pc, err := net.ListenPacket("udp", server.DNS)
	if err != nil {
		t.Fatal(err)
	}
	_ = pc.Close()
	ln, err := net.Listen("tcp", server.DNS)
	if err != nil {
		t.Fatal(err)
	}
	_ = ln.Close()
}

// text asks as a client of the metadata service does.
func text(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Metadata", "true")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// Everything that a server opened is closed with it, and what cannot be is said before
// anything is served.
func TestServeAzureRefuses(t *testing.T) {
	emu := emulator.New(t)
	busy, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for name, tt := range map[string]struct {
		o    emulator.AzureOptions
		imds string
		want string
	}{
		"an answer that is no address":     {o: emulator.AzureOptions{DNSAddress: "127.0.0.1:0", DNSAnswer: "nowhere"}, want: "--dns-answer"},
		"an answer nobody can connect to":  {o: emulator.AzureOptions{DNSAddress: "0.0.0.0:0"}, want: "no client can connect"},
		"the same, by the metadata socket": {o: emulator.AzureOptions{DNSAddress: "127.0.0.1:0"}, imds: "0.0.0.0:0", want: "--imds-address"},
		"an answer without a server":       {o: emulator.AzureOptions{DNSAnswer: "127.0.0.1"}, want: "--dns-address"},
		"a name server's port is taken":    {o: emulator.AzureOptions{DNSAddress: busy.LocalAddr().String()}, want: "--dns-address"},
		"no folder for the certificate":    {o: emulator.AzureOptions{CAFile: filepath.Join(t.TempDir(), "none", "ca.pem")}, want: "--ca-file"},
		"no address to add":                {o: emulator.AzureOptions{AddAddress: true}, want: "there is no address to add"},
	} {
		server, err := emu.Serve(emulator.ServeOptions{AzureOptions: tt.o, IMDSAddress: tt.imds})
		if err == nil {
			_ = server.Close()
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCallers(t *testing.T) {
	got, err := emulator.Callers([]string{"172.17.0.1", "::ffff:10.0.0.1", "10.1.2.3/16", "any"})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range got {
		all = append(all, p.String())
	}
	if want := "172.17.0.1/32 10.0.0.1/32 10.1.0.0/16 0.0.0.0/0 ::/0"; strings.Join(all, " ") != want {
		t.Errorf("%s, want %s", all, want)
	}
	if _, err := emulator.Callers([]string{"gateway?"}); !errors.Is(err, emulator.ErrUsage) {
		t.Error(err)
	}
}

// far asks a world's door from an address beyond its host.
func far(emu *emulator.Emulator, url string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, url, nil)
	r.RemoteAddr = "10.0.0.9:1234"
	r.Header.Set("Metadata", "true")
	w := httptest.NewRecorder()
	emu.Handler().ServeHTTP(w, r)
	return w
}

// Another container that reaches the front door has no control over the world, unless told.
func TestControlFromBeyond(t *testing.T) {
	const door = "http://127.0.0.1:4280/_linarite/v1/health"
	if w := far(emulator.New(t), door); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "10.0.0.9") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	let := emulator.New(t, emulator.With(func(o *emulator.Options) { o.ControlFrom = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")} }))
	if w := far(let, door); w.Code != http.StatusOK {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := far(let, "http://linarite:4280/_linarite/v1/health"); w.Code != http.StatusMisdirectedRequest {
		t.Errorf("by another name: %d %s", w.Code, w.Body)
	}
}

// Where a server listens on every address, what it says of itself can be connected to.
func TestServeEverywhere(t *testing.T) {
	server, err := emulator.New(t).Serve(emulator.ServeOptions{Host: "0.0.0.0", HTTPSPort: emulator.NoPort, BlobPort: emulator.NoPort})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(server.URL, "http://127.0.0.1:") {
		t.Error(server.URL)
	}
}
