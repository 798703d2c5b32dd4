package emulator_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/storageauth"
)

// siblingsRig is a world on sockets with the URLs of its storage services.
func siblingsRig(t *testing.T) (blob, queue, table string) {
	t.Helper()
	r := openWorld(t, emulator.Options{World: "tutorial"})
	s, err := r.emu.Serve(emulator.ServeOptions{Port: emulator.NoPort, HTTPSPort: emulator.NoPort})
	if err != nil {
		t.Fatal(err)
	}
	return s.BlobURL, s.QueueURL, s.TableURL
}

// signLite signs as SharedKeyLite does: table alone has no verb in it.
func signLite(t *testing.T, req *http.Request, table bool) {
	t.Helper()
	date := time.Now().UTC().Format(http.TimeFormat)
	req.Header.Set("x-ms-date", date)
	req.Header.Set("x-ms-version", "2021-12-02")
	toSign := date + "\n"
	if !table {
		toSign = req.Method + "\n\n" + req.Header.Get("Content-Type") + "\n\nx-ms-date:" + date + "\nx-ms-version:2021-12-02\n"
	}
	toSign += "/devstoreaccount1" + req.URL.Path
	if comp := req.URL.Query().Get("comp"); comp != "" {
		toSign += "?comp=" + comp
	}
	key, _ := base64.StdEncoding.DecodeString(devKey)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(toSign))
	req.Header.Set("Authorization", "SharedKeyLite devstoreaccount1:"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func askPort(t *testing.T, req *http.Request) (*http.Response, string) {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func portRequest(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return req
}

// Queue and table have service properties, to whoever holds the key, and nothing else.
func TestSiblings(t *testing.T) {
	_, queue, table := siblingsRig(t)
	const properties = "/devstoreaccount1/?restype=service&comp=properties"
	for _, s := range []struct {
		url   string
		table bool
	}{{queue, false}, {table, true}} {
		do := func(method, path, body string, signed bool, want int) string {
			t.Helper()
			req := portRequest(t, method, s.url+path, body)
			if s.table {
				req.Header.Set("Accept", "application/json")
			}
			if signed {
				signLite(t, req, s.table)
			}
			resp, text := askPort(t, req)
			if resp.StatusCode != want {
				t.Errorf("table %v: %s %s: %d, want %d: %s", s.table, method, path, resp.StatusCode, want, text)
			}
			return text
		}
		do("GET", properties, "", true, 200)
		do("GET", properties, "", false, 401)
		do("PUT", properties, "<StorageServiceProperties><Logging><Version>1.0</Version><Read>true</Read></Logging></StorageServiceProperties>", true, 202)
		if text := do("GET", properties, "", true, 200); !strings.Contains(text, "<Read>true</Read>") {
			t.Errorf("what was put is not there: %s", text)
		}
		do("PUT", properties, "<StorageServiceProperties><Nothing/></StorageServiceProperties>", true, 400)
		text := do("PUT", "/devstoreaccount1/thing", "", true, 501)
		if strings.Contains(text, `{"odata.error"`) != s.table || !strings.Contains(text, "docs/azurite-dropin.md") {
			t.Errorf("table %v: refused by %s", s.table, text)
		}
		do("GET", "/nobody/?restype=service&comp=properties", "", true, 421)
	}
}

// A page of another origin may what the rules say: the preflight tells, and answers carry
// what browsers want to see.
func TestCrossOrigin(t *testing.T) {
	blob, _, _ := siblingsRig(t)
	preflight := func(origin, method, headers string) *http.Response {
		req := portRequest(t, "OPTIONS", blob+"/devstoreaccount1/no/blob", "")
		for name, value := range map[string]string{"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers} {
			if value != "" {
				req.Header.Set(name, value)
			}
		}
		resp, _ := askPort(t, req)
		return resp
	}
	if resp := preflight("http://a.example", "PUT", ""); resp.StatusCode != 403 {
		t.Errorf("without rules: %d", resp.StatusCode)
	}
	put := portRequest(t, "PUT", blob+"/devstoreaccount1/?restype=service&comp=properties", `<StorageServiceProperties><Cors>`+
		`<CorsRule><AllowedOrigins>http://a.example</AllowedOrigins><AllowedMethods>GET,PUT</AllowedMethods><AllowedHeaders>x-ms-*,content-type</AllowedHeaders><ExposedHeaders>x-ms-request-*,ETag</ExposedHeaders><MaxAgeInSeconds>60</MaxAgeInSeconds></CorsRule>`+
		`<CorsRule><AllowedOrigins>*</AllowedOrigins><AllowedMethods>GET</AllowedMethods><AllowedHeaders>*</AllowedHeaders><ExposedHeaders></ExposedHeaders><MaxAgeInSeconds>5</MaxAgeInSeconds></CorsRule></Cors></StorageServiceProperties>`)
	signLite(t, put, false)
	if resp, text := askPort(t, put); resp.StatusCode != 202 {
		t.Fatalf("%d %s", resp.StatusCode, text)
	}
	for _, c := range []struct {
		origin, method, headers string
		status                  int
		allow, credentials, age string
	}{
		{"http://a.example", "PUT", "x-ms-date, Content-Type", 200, "http://a.example", "true", "60"},
		{"http://a.example", "GET", "authorization", 403, "", "", ""}, // the first rule decides
		{"http://b.example", "GET", "authorization", 200, "*", "", "5"},
		{"http://b.example", "PUT", "", 403, "", "", ""},
		{"HTTP://A.example", "PUT", "", 403, "", "", ""},
		{"", "PUT", "", 400, "", "", ""},
		{"http://a.example", "", "", 400, "", "", ""},
	} {
		resp := preflight(c.origin, c.method, c.headers)
		h := resp.Header
		if resp.StatusCode != c.status || h.Get("Access-Control-Allow-Origin") != c.allow || h.Get("Access-Control-Allow-Credentials") != c.credentials || h.Get("Access-Control-Max-Age") != c.age {
			t.Errorf("%+v: %d %v", c, resp.StatusCode, h)
		}
	}
	get := func(origin string) http.Header {
		req := portRequest(t, "GET", blob+"/devstoreaccount1/no/blob", "")
		if origin != "" {
			req.Header.Set("Origin", origin)
		}
		resp, _ := askPort(t, req)
		return resp.Header
	}
	if h := get("http://a.example"); h.Get("Access-Control-Allow-Origin") != "http://a.example" || h.Get("Access-Control-Expose-Headers") != "ETag,x-ms-request-id" || h.Get("Vary") != "Origin" {
		t.Errorf("a rule's origin: %v", h)
	}
	if h := get(""); h.Get("Access-Control-Allow-Origin") != "" || h.Get("Vary") != "Origin" {
		t.Errorf("no origin: %v", h)
	}
}

// The account may stand in the host, as storage emulators' clients write it; any other host
// has it in the path.
func TestAccountInTheHost(t *testing.T) {
	blob, queue, _ := siblingsRig(t)
	for _, row := range []struct{ url, host, path string }{
		{blob, "devstoreaccount1.blob.localhost", ""},
		{blob, "devstoreaccount1.blob.localhost:10000", ""},
		{queue, "devstoreaccount1.queue.localhost:10001", ""},
		{blob, "devstoreaccount1-secondary.blob.localhost", ""},
		{blob, "DevStoreAccount1.storage.example:10000", ""},
		{blob, "host.docker.internal:10000", "/devstoreaccount1"},
		{blob, "azurite:10000", "/devstoreaccount1"},
		{blob, "azurite.test", "/devstoreaccount1"},
		{blob, "192.0.2.1:10000", "/devstoreaccount1"},
		{blob, "[::1]:10000", "/devstoreaccount1"},
	} {
		req := portRequest(t, "GET", row.url+row.path+"/?restype=service&comp=properties", "")
		req.Host = row.host
		signLite(t, req, false)
		if resp, text := askPort(t, req); resp.StatusCode != 200 {
			t.Errorf("%s%s: %d %s", row.host, row.path, resp.StatusCode, text)
		}
	}
}

// A signature for services reads the properties of those that it names.
func TestSiblingsBySignature(t *testing.T) {
	_, queue, _ := siblingsRig(t)
	key, err := base64.StdEncoding.DecodeString(devKey)
	if err != nil {
		t.Fatal(err)
	}
	for services, want := range map[string]int{"q": 200, "bqtf": 200, "b": 403, "t": 403} {
		sas := storageauth.SAS{
			Kind: storageauth.KindAccount, Version: "2021-12-02", Services: services, ResourceTypes: "s", Permissions: "r",
			Expiry: time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
		}
		query := sas.Signed(storageauth.Target{Account: "devstoreaccount1"}, key).Encode()
		resp, text := askPort(t, portRequest(t, "GET", queue+"/devstoreaccount1/?restype=service&comp=properties&"+query, ""))
		if resp.StatusCode != want {
			t.Errorf("ss=%s: %d, want %d: %s", services, resp.StatusCode, want, text)
		}
	}
}
