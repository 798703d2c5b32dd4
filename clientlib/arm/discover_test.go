package arm_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/linarite/linarite/clientlib"
	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/clientlib/cloud"
	"github.com/linarite/linarite/emulator"
)

// TestDiscover: the clouds describe themselves as package cloud knows them, and no token is sent.
func TestDiscover(t *testing.T) {
	for _, want := range cloud.All() {
		t.Run(want.Name, func(t *testing.T) {
			emu := emulator.New(t, emulator.Cloud(want.Name))
			bare := clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
				if req.Header.Get("Authorization") != "" {
					t.Error("a token was sent")
				}
				return emu.Client().Do(req)
			})
			for _, endpoint := range []string{want.ARM, want.ARM + "/", strings.ToUpper(want.ARM)} {
				got, err := arm.Discover(t.Context(), endpoint, clientlib.Options{Transport: bare})
				if err != nil || got != want {
					t.Errorf("%s: %+v, %v", endpoint, got, err)
				}
			}
			older := clientlib.TransportFunc(func(req *http.Request) (*http.Response, error) {
				if strings.Contains(req.URL.RawQuery, "2022-09-01") {
					return &http.Response{StatusCode: 400, Body: io.NopCloser(strings.NewReader(`{"error":{"code":"InvalidApiVersionParameter"}}`))}, nil
				}
				return emu.Client().Do(req)
			})
			if got, err := arm.Discover(t.Context(), want.ARM, clientlib.Options{Transport: older}); err != nil || got != want {
				t.Errorf("of 2019: %+v, %v", got, err)
			}
		})
	}
}

// own is a document of a cloud that nobody knows.
const own = `{"name":"Own","authentication":{"loginEndpoint":"https://login.own.example/","audiences":["https://first.own.example","https://arm.own.example/"]},` +
	`"resourceManager":"https://arm.own.example/","microsoftGraphResourceId":"https://graph.own.example/","suffixes":{"storage":".own.example","keyVaultDns":"vault.own.example"}}`

func TestDiscoverOdd(t *testing.T) {
	want := cloud.Cloud{
		Name: "Own", Login: "https://login.own.example", ARM: "https://arm.own.example", ARMAudience: "https://arm.own.example/", Graph: "https://graph.own.example",
		StorageAudience: "https://storage.azure.com/", VaultAudience: "https://vault.own.example", BlobSuffix: "blob.own.example", VaultSuffix: "vault.own.example",
	}
	first := want
	first.ARMAudience = "https://first.own.example"
	for name, row := range map[string]struct {
		from, to string // what is changed in the document
		want     cloud.Cloud
		failed   string
	}{
		"as it is":            {"", "", want, ""},
		"BOM":                 {`{"name"`, "\ufeff" + `{"name"`, want, ""},
		"array":               {own, "[{}," + own + "]", want, ""},
		"only the first":      {`,"https://arm.own.example/"]`, "]", first, ""},
		"another manager":     {`"resourceManager":"https://arm.own.example/"`, `"resourceManager":"https://arm.evil.example/"`, want, ""},
		"array, not there":    {own, `[{"resourceManager":"https://arm.evil.example/"}]`, cloud.Cloud{}, "none is at this address"},
		"no JSON":             {`{"name"`, "<html>canary", cloud.Cloud{}, "not the JSON"},
		"no JSON array":       {`{"name"`, "[canary", cloud.Cloud{}, "not the JSON"},
		"nothing":             {own, "", cloud.Cloud{}, "not the JSON"},
		"empty object":        {own, "{}", cloud.Cloud{}, "loginEndpoint"},
		"null":                {own, "null", cloud.Cloud{}, "loginEndpoint"},
		"plain login":         {"https://login.own", "http://login.own", cloud.Cloud{}, "loginEndpoint"},
		"login's user":        {"https://login.own", "https://u:canary@login.own", cloud.Cloud{}, "loginEndpoint"},
		"login's path":        {"login.own.example/", "login.own.example/adfs", cloud.Cloud{}, "loginEndpoint"},
		"login's query":       {"login.own.example/", "login.own.example/?a=b", cloud.Cloud{}, "loginEndpoint"},
		"no host":             {"https://login.own.example/", "https:///x", cloud.Cloud{}, "loginEndpoint"},
		"no audience":         {`["https://first.own.example","https://arm.own.example/"]`, "[]", cloud.Cloud{}, "audiences"},
		"empty audience":      {`["https://first.own.example","https://arm.own.example/"]`, `["/"]`, cloud.Cloud{}, "audiences"},
		"one of two empty":    {`["https://first.own.example","https://arm.own.example/"]`, `["https://first.own.example","/"]`, first, ""},
		"login's fragment":    {"login.own.example/", "login.own.example/#", cloud.Cloud{}, "loginEndpoint"},
		"login's empty query": {"login.own.example/", "login.own.example/?", cloud.Cloud{}, "loginEndpoint"},
		"plain graph":         {"https://graph", "http://graph", cloud.Cloud{}, "microsoftGraphResourceId"},
		"storage's path":      {`".own.example"`, `"own.example/x"`, cloud.Cloud{}, "suffixes.storage"},
		"storage's port":      {`".own.example"`, `"own.example:8443"`, cloud.Cloud{}, "suffixes.storage"},
		"storage's user":      {`".own.example"`, `"x@own.example"`, cloud.Cloud{}, "suffixes.storage"},
		"a top level":         {`".own.example"`, `"example"`, cloud.Cloud{}, "suffixes.storage"},
		"no storage":          {`".own.example"`, `""`, cloud.Cloud{}, "suffixes.storage"},
		"two dots":            {`".own.example"`, `"own..example"`, cloud.Cloud{}, "suffixes.storage"},
		"vault's fragment":    {`"vault.own.example"`, `"vault.own.example#"`, cloud.Cloud{}, "suffixes.keyVaultDns"},
		"too long":            {own, strings.Repeat("x", 2<<20), cloud.Cloud{}, "too long"},
	} {
		t.Run(name, func(t *testing.T) {
			document := strings.Replace(own, row.from, row.to, 1)
			if row.from != "" && document == own {
				t.Fatal("nothing was changed")
			}
			got, err := arm.Discover(t.Context(), "https://arm.own.example", clientlib.Options{Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(document)), ContentLength: -1}, nil
			})})
			if got != row.want || (err != nil) != (row.failed != "") || err != nil && (!strings.Contains(err.Error(), row.failed) || strings.Contains(err.Error(), "canary")) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	for _, endpoint := range []string{"", "management.azure.com", "http://management.azure.com", "https://", "https://u:canary@management.azure.com", "https://management.azure.com/x", "https://management.azure.com?a", "https://a b", "ftp://x"} {
		_, err := arm.Discover(t.Context(), endpoint, clientlib.Options{Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
			t.Errorf("%s was asked", endpoint)
			return nil, io.EOF
		})})
		if err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	// A refusal is not taken for an older version's answer.
	_, err := arm.Discover(t.Context(), "https://arm.own.example", clientlib.Options{Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 403, Body: http.NoBody}, nil
	})})
	if !clientlib.HasStatus(err, 403) {
		t.Error(err)
	}
}

// FuzzDiscover: whatever is answered, secrets go to https alone, and names are names.
func FuzzDiscover(f *testing.F) {
	f.Add(own)
	f.Add("[" + own + "]")
	f.Fuzz(func(t *testing.T, document string) {
		c, err := arm.Discover(t.Context(), "https://arm.own.example", clientlib.Options{Transport: clientlib.TransportFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(document)), ContentLength: -1}, nil
		})})
		if err != nil {
			return
		}
		for _, address := range []string{c.Login, c.ARM, c.Blob("a"), c.Vault("a")} {
			if !strings.HasPrefix(address, "https://") || strings.ContainsAny(address[8:], "/@?# ") {
				t.Errorf("%q: %q", document, address)
			}
		}
		if c.ARMAudience == "" || c.BlobSuffix == "blob." {
			t.Errorf("%q: %+v", document, c)
		}
	})
}
