package emulator_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/wire"
)

// What the benchmarks mean, and how fast is fast enough: docs/benchmarks.md.

// BenchmarkCachedToken asks the front door for a token that the host has in its cache.
func BenchmarkCachedToken(b *testing.B) {
	r := open(b, emulator.Options{})
	request := tokenRequest(r)
	compare(b, request,
		peer{address: strings.TrimPrefix(r.door, "http://")},
		peer{address: serveBare(b, r.bare(request), nil)})
}

// BenchmarkGroupGet asks Resource Manager for a group, by TLS.
func BenchmarkGroupGet(b *testing.B) {
	r := open(b, emulator.Options{})
	request := groupRequest(r)
	client := &tls.Config{ServerName: request.Host, RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	client.RootCAs.AddCert(home(b).CA.Certificate())
	compare(b, request,
		peer{r.tlsAddress, client},
		peer{serveBare(b, r.bare(request), serverTLS(b, r.emu)), client})
}

// BenchmarkHandler is what is left of both without carriers: no socket, no parser, no TLS.
func BenchmarkHandler(b *testing.B) {
	r := open(b, emulator.Options{})
	for _, path := range []struct {
		name    string
		request *http.Request
	}{{"CachedToken", tokenRequest(r)}, {"GroupGet", groupRequest(r)}} {
		b.Run(path.name+"/linarite", func(b *testing.B) { benchHandler(b, r.emu.Handler(), path.request) })
		b.Run(path.name+"/bare", func(b *testing.B) { benchHandler(b, r.bare(path.request), path.request) })
	}
}

func benchHandler(b *testing.B, h http.Handler, request *http.Request) {
	w := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		h.ServeHTTP(w, request)
	}
	if w.status != http.StatusOK {
		b.Fatalf("status %d", w.status)
	}
}

// discard is a ResponseWriter to nowhere.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(status int)      { d.status = status }

// tokenRequest is the question of the tutorial.
func tokenRequest(r *rig) *http.Request {
	r.Helper()
	request := newRequest(r, "http://127.0.0.1/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F")
	request.Header["Metadata"] = []string{"true"}
	return request
}

// groupRequest is the tutorial's last step.
func groupRequest(r *rig) *http.Request {
	r.Helper()
	request := newRequest(r, r.arm("/subscriptions/"+subscription+"/resourceGroups/DevTest?api-version=2021-04-01"))
	request.Header["Authorization"] = []string{"Bearer " + r.machineToken("https://management.azure.com/", "")}
	return request
}

// newRequest is a request as a server gets it, from this machine.
func newRequest(r *rig, target string) *http.Request {
	r.Helper()
	origin := wire.Origin{Scheme: strings.SplitN(target, ":", 2)[0]}
	request, err := http.NewRequestWithContext(wire.WithOrigin(context.Background(), origin), http.MethodGet, target, http.NoBody)
	if err != nil {
		r.Fatal(err)
	}
	request.RemoteAddr = "127.0.0.1:50000"
	return request
}

// bare answers everything with what Linarite answers to the request, byte for byte.
func (r *rig) bare(request *http.Request) http.Handler {
	r.Helper()
	rec := httptest.NewRecorder()
	r.emu.Handler().ServeHTTP(rec, request)
	if rec.Code != http.StatusOK {
		r.Fatalf("%d %s", rec.Code, rec.Body)
	}
	header, body := rec.Header(), rec.Body.Bytes()
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		h := w.Header()
		for name, values := range header {
			h[name] = values
		}
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body)
	})
}
