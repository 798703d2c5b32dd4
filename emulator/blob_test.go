package emulator_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/storageauth"
)

const (
	storageResource = "https://storage.azure.com/"
	devAccount      = "devstoreaccount1"
	devKey          = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
	version2017     = "x-ms-version: 2017-11-09"
	version2021     = "x-ms-version: 2021-12-02"
)

// blob is a URL of an account's blob endpoint.
func (r *rig) blob(account, path string) string {
	return "https://" + account + ".blob." + r.emu.Cloud().DNS.Storage + path
}

// refusedBlob checks a refusal: status, code, and a part of the body.
func (r *rig) refusedBlob(what string, a answer, status int, code, part string) {
	r.Helper()
	if a.status != status || a.header.Get("x-ms-error-code") != code || !strings.Contains(a.body, part) {
		r.Errorf("%s: %d %s %s\nwant %d %s with %q", what, a.status, a.header.Get("x-ms-error-code"), a.body, status, code, part)
	}
}

func decodedKey(t testing.TB) []byte {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(devKey)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signed sends a request signed by the key of devstoreaccount1; headers are kept in their
// case.
func (r *rig) signed(method, target, body string, headers ...string) answer {
	r.Helper()
	u, err := url.Parse(target)
	if err != nil {
		r.Fatal(err)
	}
	h := http.Header{"x-ms-date": {time.Now().UTC().Format(http.TimeFormat)}, "x-ms-version": {"2021-12-02"}}
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		h[name] = []string{value}
	}
	signedHeader := h.Clone()
	if body != "" {
		signedHeader["Content-Length"] = []string{itoa(len(body))}
	}
	sign := storageauth.Request{
		Method: method, Account: devAccount, Path: u.EscapedPath(), PathStyle: u.Hostname() == "127.0.0.1",
		Query: storageauth.ParseQuery(u.RawQuery), Header: signedHeader, Version: "2021-12-02",
	}
	a := storageauth.Authorization{
		Scheme: storageauth.SharedKey, Account: devAccount, Signature: storageauth.Sign(decodedKey(r), sign.StringToSign(storageauth.SharedKey)),
	}
	h["Authorization"] = []string{a.String()}
	return r.raw(method, target, body, h)
}

// Flow 1 of the tutorial, in each cloud: a blob with the machine's own token.
func TestFlow1(t *testing.T) { onCarriers(t, checkFlow1) }

func checkFlow1(t *testing.T, open opener) {
	for _, c := range cloud.All() {
		t.Run(c.Name, func(t *testing.T) {
			r := open(t, emulator.Options{Cloud: c.Name})
			token := r.machineToken(storageResource, "")
			for _, name := range []string{"hello_world.txt", "hello%20world.txt"} {
				a := r.get(r.blob("tutorialstore", "/files/"+name), version2017, bearer(token))
				if a.status != 200 || a.body != "Hello world! :)" {
					t.Fatalf("%s: %d %s", name, a.status, a.body)
				}
				for header, want := range map[string]string{
					"Content-Type": "text/plain", "Content-Length": "15", "Content-Md5": "xmhJLh0qfc4sV8czi7ALig==", "Accept-Ranges": "bytes", "x-ms-version": "2017-11-09",
					"x-ms-blob-type": "BlockBlob", "x-ms-lease-status": "unlocked", "x-ms-lease-state": "available", "x-ms-server-encrypted": "true",
					"Server": "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
				} {
					if got := a.header.Get(header); got != want {
						t.Errorf("%s: %q, want %q", header, got, want)
					}
				}
				if etag := a.header.Get("ETag"); !regexp.MustCompile(`^"0x[0-9A-F]{15}"$`).MatchString(etag) {
					t.Errorf("ETag %s", etag)
				}
			}
		})
	}
}

// BLOB-AUTH-001 to BLOB-AUTH-015.
func TestBlobTokens(t *testing.T) { onCarriers(t, checkBlobTokens) }

func checkBlobTokens(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	hello := r.blob("tutorialstore", "/files/hello_world.txt")
	token := r.machineToken(storageResource, "")
	reader := r.machineToken(storageResource, "&client_id="+tutorialID)
	arm := r.machineToken("https://management.azure.com/", "")
	other := issue(t, signer(t, r.emu.Cloud()), someone("99999999-9999-9999-9999-999999999999", "99999999-0000-0000-0000-000000000000", storageResource))
	forged := reheaded(t, token, string(part(t, token, 0)), hs256([]byte("x")))
	detail := func(s string) string { return "<AuthenticationErrorDetail>" + s }
	const mismatch, info, failed = "AuthorizationPermissionMismatch", "InvalidAuthenticationInfo", "AuthenticationFailed"
	for name, row := range map[string]struct {
		target  string
		headers []string
		status  int
		code    string
		part    string
	}{
		"no version":        {hello, []string{bearer(token)}, 403, failed, detail("Authentication scheme Bearer is not supported in this version.<")},
		"old version":       {hello, []string{bearer(token), "x-ms-version: 2017-07-29"}, 403, failed, detail("Authentication scheme Bearer is not supported in this version.<")},
		"bad version":       {hello, []string{bearer(token), "x-ms-version: tomorrow"}, 400, "InvalidHeaderValue", "<HeaderName>x-ms-version</HeaderName><HeaderValue>tomorrow</HeaderValue>"},
		"audience":          {hello, []string{bearer(arm), version2021}, 401, info, detail("Audience validation failed. Audience did not match.<")},
		"audience, before":  {hello, []string{bearer(arm), version2017}, 403, failed, detail("Audience validation failed. Audience did not match.<")},
		"tenant":            {hello, []string{bearer(other), version2021}, 401, info, detail("Issuer validation failed. Issuer did not match.<")},
		"signature":         {hello, []string{bearer(forged), version2021}, 401, info, detail("Signature validation failed.")},
		"no token":          {hello, []string{"Authorization: Bearer YOU SHALL NOT PASS", version2021}, 401, info, detail("The access token was missing or malformed.<")},
		"no token, before":  {hello, []string{"Authorization: Bearer YOU SHALL NOT PASS", version2017}, 400, info, "Authentication information is not given in the correct format."},
		"scheme":            {hello, []string{"Authorization: Basic YTpi", version2021}, 400, info, "not given in the correct format"},
		"Reader":            {hello, []string{bearer(reader), version2021}, 403, mismatch, "using this permission."},
		"Reader, no such":   {r.blob("tutorialstore", "/nowhere/x"), []string{bearer(reader), version2021}, 403, mismatch, "using this permission."},
		"no such blob":      {r.blob("tutorialstore", "/files/x"), []string{bearer(token), version2021}, 404, "BlobNotFound", "The specified blob does not exist.\nRequestId:"},
		"no such container": {r.blob("tutorialstore", "/nowhere/x"), []string{bearer(token), version2021}, 404, "ContainerNotFound", "The specified container does not exist."},
		"ACL":               {r.blob("tutorialstore", "/files?restype=container&comp=acl"), []string{bearer(reader), version2021}, 403, mismatch, ""},
		"comp":              {hello + "?comp=nonsense", []string{bearer(token), version2021}, 400, "InvalidQueryParameterValue", "<QueryParameterName>comp</QueryParameterName><QueryParameterValue>nonsense<"},
		"container's name":  {r.blob("tutorialstore", "/FILES/x"), []string{bearer(token), version2021}, 400, "InvalidResourceName", "The specifed resource name contains invalid characters."},
		"short name":        {r.blob("tutorialstore", "/ab/x"), []string{bearer(token), version2021}, 400, "OutOfRangeInput", ""},
		"plain http":        {strings.Replace(hello, "https:", "http:", 1), []string{bearer(token), version2021}, 400, "AccountRequiresHttps", "The account being accessed does not support http."},
		"http, no TLS":      {strings.Replace(r.blob(devAccount, "/c/b"), "https:", "http:", 1), []string{bearer(token), version2021}, 403, failed, detail("Authentication scheme Bearer is not allowed with HTTP.<")},
	} {
		a := r.get(row.target, row.headers...)
		r.refusedBlob(name, a, row.status, row.code, row.part)
		wantChallenge := ""
		if row.status == 401 {
			wantChallenge = "Bearer authorization_uri=https://login.microsoftonline.com/" + tenant + "/oauth2/authorize resource_id=https://storage.azure.com"
		}
		if got := a.header.Get("WWW-Authenticate"); got != wantChallenge {
			t.Errorf("%s: challenge %q", name, got)
		}
		frontEnd := row.code == failed || row.code == info || row.code == "AccountRequiresHttps"
		if got := a.header.Get("Server") == "Microsoft-HTTPAPI/2.0"; got != frontEnd || (a.header.Get("x-ms-version") == "") != frontEnd && name != "bad version" {
			t.Errorf("%s: %v", name, a.header)
		}
	}
	put := r.do("PUT", r.blob("tutorialstore", "/files/new"), "x", bearer(token), version2021, "x-ms-blob-type: BlockBlob")
	r.refusedBlob("put as a reader", put, 403, mismatch, "")
	r.emu.Clock().Advance(25 * time.Hour)
	r.refusedBlob("expired", r.get(hello, bearer(token), version2021), 401, info, detail("Lifetime validation failed. The token is expired.<"))
	for _, resource := range []string{"https://storage.azure.com", cloud.AppStorage, "https://tutorialstore.blob.core.windows.net", "https://tutorialstore.blob.core.windows.net/"} {
		if a := r.get(hello, bearer(r.machineToken(resource, "")), version2021); a.status != 200 {
			t.Errorf("audience %s: %d %s", resource, a.status, a.body)
		}
	}
	another := r.machineToken("https://otherstore.blob.core.windows.net", "")
	r.refusedBlob("another account's audience", r.get(hello, bearer(another), version2021), 401, info, "Audience validation failed.")
	r.refusedBlob("no such account", r.get(r.blob("nostore", "/c/b")), 421, "HostNotServed", "It has devstoreaccount1, tutorialstore.")
}

// BLOB-AUTH-014, BLOB-AUTH-015: Owner opens no blob, and a role on one container opens no
// other.
func TestBlobRights(t *testing.T) { onCarriers(t, checkBlobRights) }

func checkBlobRights(t *testing.T, open opener) {
	const file = `schema: linarite/world/1
tenant:
  applications: [{name: owner, clientId: 00000000-0000-0000-0000-00000000000a, secrets: [s]}, {name: writer, clientId: 00000000-0000-0000-0000-00000000000b, secrets: [s]}]
subscriptions:
- groups:
  - name: rg
    storage:
    - name: store
      containers: [{name: one, blobs: [{name: b, text: x}]}, {name: one1, blobs: [{name: b, text: x}]}]
grants:
- {principal: application/owner, role: Owner, scope: subscription}
- {principal: application/writer, role: Storage Blob Data Contributor, scope: rg/store/one}
`
	r := openText(t, open, file)
	owner := r.appToken("00000000-0000-0000-0000-00000000000a", "s", storageResource)
	writer := r.appToken("00000000-0000-0000-0000-00000000000b", "s", storageResource)
	for name, row := range map[string]struct {
		token, path string
		status      int
	}{
		"owner": {owner, "/one/b", 403}, "writer": {writer, "/one/b", 200}, "writer elsewhere": {writer, "/one1/b", 403},
		"writer lists": {writer, "/one?restype=container&comp=list", 200}, "writer lists elsewhere": {writer, "/one1?restype=container&comp=list", 403},
		"owner lists containers": {owner, "/?comp=list", 200}, "writer lists containers": {writer, "/?comp=list", 403},
		"owner sees container": {owner, "/one?restype=container", 200},
	} {
		if a := r.get(r.blob("store", row.path), bearer(row.token), version2021); a.status != row.status {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := r.do("PUT", r.blob("store", "/one/new"), "data", bearer(writer), version2021, "x-ms-blob-type: BlockBlob"); a.status != 201 {
		t.Errorf("%d %s", a.status, a.body)
	}
}
