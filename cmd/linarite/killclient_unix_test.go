//go:build unix

package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/storageauth"
)

const (
	keptSubscription = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	keptTenant       = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	devKey           = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// keptClient asks a served world as its clients do.
type keptClient struct {
	t       *testing.T
	http    *http.Client
	info    readyInfo
	begin   func() // told of each request that begins; nil tells nobody
	key     []byte
	manager string // authorizations
	secrets string
	storage string
}

// keptAnswer is an answer; status is 0 where none came, or not all that was asked for.
type keptAnswer struct {
	status int
	header http.Header
	body   string
	err    error
}

func newKeptClient(t *testing.T, home string, info readyInfo) *keptClient {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(home, "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	proxy, err := url.Parse(info.URL)
	if err != nil {
		t.Fatal(err)
	}
	key, err := base64.StdEncoding.DecodeString(devKey)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		Proxy: http.ProxyURL(proxy), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 8,
	}
	t.Cleanup(transport.CloseIdleConnections)
	c := &keptClient{t: t, http: &http.Client{Transport: transport, Timeout: patience}, info: info, key: key}
	c.manager, c.secrets, c.storage = c.login("https://management.azure.com"), c.login("https://vault.azure.net"), c.login("https://storage.azure.com")
	if a := c.blob("PUT", "/files?restype=container", ""); a.status != http.StatusCreated && a.status != http.StatusConflict {
		t.Fatalf("container: %d %s %v", a.status, a.body, a.err)
	}
	return c
}

// login gets the administrator's authorization for a resource.
func (c *keptClient) login(resource string) string {
	c.t.Helper()
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"11111111-2222-3333-4444-555555555555"}, "client_secret": {"linarite"}, "scope": {resource + "/.default"},
	}
	a := c.do("POST", c.info.URL+"/"+keptTenant+"/oauth2/v2.0/token", form.Encode(), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}})
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(a.body), &token); err != nil || token.AccessToken == "" {
		c.t.Fatalf("no token: %d %s %v", a.status, a.body, a.err)
	}
	return "Bearer " + token.AccessToken
}

func (c *keptClient) do(method, target, body string, h http.Header) keptAnswer {
	if c.begin != nil {
		c.begin()
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		return keptAnswer{err: err}
	}
	req.Header = h
	resp, err := c.http.Do(req)
	if err != nil {
		return keptAnswer{err: err}
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil && method == http.MethodGet {
		return keptAnswer{err: err}
	}
	return keptAnswer{resp.StatusCode, resp.Header, string(got), err} // of a write, the status is the acknowledgement
}

// blob asks for a path of devstoreaccount1 at the blob port, signed.
func (c *keptClient) blob(method, path, body string, headers ...string) keptAnswer {
	u, err := url.Parse(c.info.BlobURL + "/devstoreaccount1" + path)
	if err != nil {
		return keptAnswer{err: err}
	}
	h := http.Header{"x-ms-date": {time.Now().UTC().Format(http.TimeFormat)}, "x-ms-version": {"2021-12-02"}}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h[name] = []string{value}
	}
	signed := h.Clone()
	if body != "" {
		signed["Content-Length"] = []string{strconv.Itoa(len(body))}
	}
	sign := storageauth.Request{
		Method: method, Account: "devstoreaccount1", Path: u.EscapedPath(), PathStyle: true, Query: storageauth.ParseQuery(u.RawQuery), Header: signed, Version: "2021-12-02",
	}
	a := storageauth.Authorization{Scheme: storageauth.SharedKey, Account: "devstoreaccount1", Signature: storageauth.Sign(c.key, sign.StringToSign(storageauth.SharedKey))}
	h["Authorization"] = []string{a.String()}
	return c.do(method, u.String(), body, h)
}

// inAccount asks an account by its host, with the administrator's token.
func (c *keptClient) inAccount(method, account, path, body string, headers ...string) keptAnswer {
	h := http.Header{"Authorization": {c.storage}, "x-ms-version": {"2021-12-02"}}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h[name] = []string{value}
	}
	return c.do(method, "https://"+account+".blob.core.windows.net"+path, body, h)
}

func (c *keptClient) vault(method, path, body string) keptAnswer {
	return c.do(method, "https://mytestkeyvault.vault.azure.net"+path+"?api-version=7.4", body, http.Header{"Authorization": {c.secrets}, "Content-Type": {"application/json"}})
}

func (c *keptClient) arm(method, path, body string) keptAnswer {
	return c.do(method, "https://management.azure.com"+keptSubscription+path, body, http.Header{"Authorization": {c.manager}, "Content-Type": {"application/json"}})
}

// acknowledged tells whether a change was acknowledged by one of the statuses; another
// status is a failure, no answer is none.
func (c *keptClient) acknowledged(a keptAnswer, statuses ...int) bool {
	if a.status == 0 || slices.Contains(statuses, a.status) {
		return a.status != 0
	}
	c.t.Errorf("%d %s, want %v", a.status, a.body, statuses)
	return false
}

// there is the body of what is there, absent where it is not.
func (a keptAnswer) there(t *testing.T, name string) string {
	t.Helper()
	switch a.status {
	case http.StatusOK:
		return a.body
	case http.StatusNotFound:
		return absent
	}
	t.Errorf("%s: %d %s %v", name, a.status, a.body, a.err)
	return absent
}
