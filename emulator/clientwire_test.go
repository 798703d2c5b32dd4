package emulator_test

import (
	"crypto/tls"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/emulator"
)

// What the client library signs, the world takes; with one thing changed, it refuses. The
// two were written apart.
func TestClientLibrarySigns(t *testing.T) {
	emu := emulator.New(t)
	account := emu.StorageAccount("acct")
	key, err := sign.DecodeKey(account.Key())
	if err != nil {
		t.Fatal(err)
	}
	client := &wire.Client{Dial: emu.DialContext, TLS: &tls.Config{RootCAs: emu.RootCAs()}}
	t.Cleanup(client.CloseIdle)
	url := account.URL() + "files"

	send := func(r *wire.Request, status int, code string) *wire.Answer {
		t.Helper()
		a, err := client.Send(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		if got, message, _ := wire.ParseError(a); a.Status != status || got != code {
			t.Errorf("%s %s: %d %s %s, want %d %s", r.Method, r.URL, a.Status, got, message, status, code)
		}
		return a
	}
	versioned := func(method, url, version string) *wire.Request {
		return &wire.Request{Method: method, URL: url, Header: wire.Header{{Name: "x-ms-version", Value: version}}}
	}
	container := versioned("PUT", url+"?restype=container", "2021-12-02")
	container.Header.Add("x-ms-meta-fooBar", `a  "b  c"`)
	sign.SharedKey(container, "acct", key, time.Now())
	unsigned := container.Clone()
	unsigned.Header.Set("x-ms-meta-fooBar", "other")
	send(unsigned, 403, "AuthenticationFailed")
	send(container, 201, "")

	blob := versioned("PUT", url+"/a%20b//c", "2014-02-14")
	blob.Header.Add("x-ms-blob-type", "BlockBlob")
	blob.Body = []byte{}
	sign.SharedKeyLite(blob, "acct", key, time.Now())
	send(blob, 201, "")

	for _, version := range []string{"2012-02-12", "2013-08-15", "2015-02-21", "2015-04-05", "2018-11-09", "2020-12-06", "2026-04-06"} {
		sas := sign.SAS{Version: version, Resource: "b", Permissions: "r", Expiry: "2099-01-01", Account: "acct", Container: "files", Blob: "a b//c"}
		send(&wire.Request{URL: blob.URL + "?" + sas.Query(key)}, 200, "")
		wrong := sas.Params().With("se", "2099-01-02").With("sig", sign.Sign(key, sas.StringToSign(version)))
		if a := send(&wire.Request{URL: blob.URL + "?" + wrong.Encode()}, 403, "AuthenticationFailed"); a.TLS == nil {
			t.Error("without TLS")
		}
	}
	all := sign.AccountSAS{Account: "acct", Version: "2015-04-05", Services: "b", ResourceTypes: "sco", Permissions: "l", Expiry: "2099-01-01"}
	send(&wire.Request{URL: url + "?restype=container&comp=list&" + all.Query(key)}, 200, "")
}
