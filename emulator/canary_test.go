package emulator_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/journal"
)

// Canaries: what must not sing anywhere. Each is a secret of its kind.
const (
	canarySecret   = "c4nary-application-secret~+/="
	canaryWrong    = "c4nary-secret-that-is-wrong"
	canaryValue    = "c4nary value of a vault's secret <&>"
	canaryNewValue = "c4nary value of another secret"
	canaryContent  = "c4nary content of a blob"
	canaryUpload   = "c4nary content that is uploaded"
	canaryMeta     = "c4nary-metadata"
	canaryCookie   = "c4nary-cookie-of-a-browser"
	canaryHeader   = "c4nary-identity-header"
	canarySource   = "c4nary+signature/of/a/source=="
)

// canaryMAC is a signature of the right form.
var canaryMAC = base64.StdEncoding.EncodeToString([]byte("c4nary-mac-of-exactly-32-bytes-+"))

// canaryKey is a key of a storage account.
var canaryKey = base64.StdEncoding.EncodeToString([]byte(strings.Repeat("c4nary-key+/", 6))[:64])

var canaryWorld = strings.NewReplacer("SECRET", canarySecret, "KEY", canaryKey, "VALUE", canaryValue, "CONTENT", canaryContent).Replace(`schema: linarite/world/1
tenant:
  id: ` + tenant + `
  applications: [{name: owner, clientId: ` + admin + `, secrets: ["SECRET"]}]
subscriptions:
- id: ` + subscription + `
  groups:
  - name: rg
    machines: [{name: vm, identity: {system: true}}]
    storage:
    - name: canarystore
      keys: ["KEY"]
      containers: [{name: files, blobs: [{name: a, text: "CONTENT"}]}]
    vaults:
    - name: canary-vault
      mode: policy
      policies: [{principal: application/owner, secrets: [all]}]
      secrets: [{name: one, value: "VALUE"}]
grants:
- {principal: application/owner, role: Owner, scope: subscription}
- {principal: application/owner, role: Storage Blob Data Owner, scope: subscription}
`)

// aviary is a scene that remembers what was asked and answered, and which secrets came up.
type aviary struct {
	*scene
	canaries []string
	asked    []string
	answers  []answer
}

func (a *aviary) add(secrets ...string) {
	a.Helper()
	for _, s := range secrets {
		if len(s) < 8 {
			a.Fatalf("%q is no secret: the request that should have brought it was not answered", s)
		}
		a.canaries = append(a.canaries, s)
	}
}

func (a *aviary) send(method, target, body string, headers ...string) answer {
	a.Helper()
	got := a.ask(method, target, body, headers...)
	a.asked = append(a.asked, strings.Join(append([]string{method, target, body}, headers...), "\n"))
	a.answers = append(a.answers, got)
	return got
}

// forms are the ways in which a secret may be written down.
func forms(secret string) []string {
	inJSON, _ := json.Marshal(secret)
	out := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), url.QueryEscape(url.QueryEscape(secret)), strings.Trim(string(inJSON), `"`),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(secret),
	}
	return slices.Compact(out)
}

func sings(text string, canaries []string) (found []string) {
	for _, c := range canaries {
		for _, form := range forms(c) {
			if strings.Contains(text, form) {
				found = append(found, c)
				break
			}
		}
	}
	return found
}

// Secrets of every kind, through every plane, in requests good and bad: none of them gets into the
// journal, its archives, the log, an explanation, or what somebody else is answered.
func TestNoSecretIsWrittenDown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "canaries.yaml")
	if err := os.WriteFile(path, []byte(canaryWorld), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	a := &aviary{scene: stageLogged(t, path, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))}
	a.add(canarySecret, canaryWrong, canaryValue, canaryNewValue, canaryContent, canaryUpload, canaryMeta, canaryCookie, canaryHeader, canarySource, canaryMAC, canaryKey)
	tokens := a.flyEntra()
	a.flyARM(tokens["arm"])
	a.flyBlob(tokens["storage"])
	a.flyVault(tokens["vault"])
	// Through the proxy too, which has a log of its own.
	a.get("http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=x&access_token="+canaryHeader, "Metadata: true", "Cookie: "+canaryCookie)

	entries := a.emu.Journal().Entries(0)
	planes := map[string]int{}
	refusals := 0
	for _, e := range entries {
		planes[e.Plane]++
		if e.Refused() {
			refusals++
		}
	}
	if len(planes) < 7 || refusals < 25 || len(entries)-refusals < 15 {
		t.Fatalf("too few requests to show anything: %v, %d refused of %d", planes, refusals, len(entries))
	}
	var lines, archive bytes.Buffer
	if err := journal.WriteNDJSON(&lines, slices.Values(entries)); err != nil {
		t.Fatal(err)
	}
	if err := journal.WriteHAR(&archive, "", slices.Values(entries)); err != nil {
		t.Fatal(err)
	}
	written := map[string]string{"journal": lines.String(), "archive": archive.String(), "log": log.String()}
	for _, e := range entries {
		x, err := a.emu.ExplainWith(itoa(int(e.Seq)), emulator.ExplainOptions{Rules: rulebook(t)})
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		written["explanations"] += x.String() + string(text) + "\n"
	}
	for where, text := range written {
		if len(text) < 1000 {
			t.Errorf("%s is all but empty: %q", where, text)
		}
		for _, c := range sings(text, a.canaries) {
			at := strings.Index(text, c)
			t.Errorf("%s has the secret %.60s… (…%s…)", where, c, text[max(0, at-80):min(len(text), max(0, at)+80)])
		}
	}
	for i, got := range a.answers {
		if got.status < 400 {
			continue
		}
		for _, c := range sings(got.body, a.canaries) {
			if len(sings(a.asked[i], []string{c})) == 0 {
				t.Errorf("%s\nis answered with somebody else's secret %s: %s", a.asked[i], c, got.body)
			}
		}
	}
}

// flyEntra gets tokens, and is refused some.
func (a *aviary) flyEntra() map[string]string {
	a.Helper()
	const form = "Content-Type: application/x-www-form-urlencoded"
	at := "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token"
	login := func(secret, scope string, more ...string) answer {
		v := url.Values{"grant_type": {"client_credentials"}, "client_id": {admin}, "client_secret": {secret}, "scope": {scope}}
		for i := 0; i+1 < len(more); i += 2 {
			v.Set(more[i], more[i+1])
		}
		return a.send("POST", at, v.Encode(), form)
	}
	tokens := map[string]string{}
	for name, resource := range map[string]string{"arm": armResource, "storage": storageResource, "vault": "https://vault.azure.net", "graph": graphResource} {
		token := a.field(login(canarySecret, resource+"/.default"), "access_token")
		a.add(token, strings.Split(token, ".")[2])
		tokens[name] = token
		machine := a.field(a.send("GET", tokenURL+"?api-version=2018-02-01&resource="+url.QueryEscape(resource), "", "Metadata: true"), "access_token")
		a.add(machine)
		tokens["machine "+name] = machine
	}
	login(canaryWrong, armResource+"/.default")
	login(canarySecret, "nonsense")
	login(canarySecret, "https://nobody.example.com/.default")
	login("", armResource+"/.default", "client_assertion", tokens["arm"], "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
	a.send("POST", at, "grant_type=password&password="+canaryWrong+"&%zz", form)
	a.send("GET", at+"?client_secret="+canaryWrong+"&client_assertion="+tokens["arm"], "")
	a.send("POST", at, "grant_type=client_credentials&scope=x", form, "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte(admin+":"+canaryWrong)))
	// App Service: its header, right and wrong.
	secret := a.field(a.ask("GET", "http://127.0.0.1:4280/_linarite/v1/way", ""), "identityHeader")
	a.add(secret)
	msi := "http://127.0.0.1:4280/msi/token?api-version=2019-08-01&resource="
	a.send("GET", msi+"https%3A%2F%2Fvault.azure.net", "", "X-IDENTITY-HEADER: "+secret)
	a.send("GET", msi, "", "X-IDENTITY-HEADER: "+secret)
	a.send("GET", msi, "", "X-IDENTITY-HEADER: "+canaryHeader, "Cookie: session="+canaryCookie)
	// The directory.
	a.send("GET", graphResource+"/v1.0/servicePrincipals", "", bearer(tokens["graph"]))
	a.send("GET", graphResource+"/v1.0/me", "", bearer(tokens["graph"]))
	a.send("GET", graphResource+"/v1.0/groups", "", bearer(tokens["vault"]))
	a.send("GET", "https://login.chinacloudapi.cn/"+tenant+"/?access_token="+tokens["arm"], "", bearer(tokens["arm"]))
	return tokens
}

// flyARM asks for keys and signatures.
func (a *aviary) flyARM(token string) {
	a.Helper()
	const account = subPath + "/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/canarystore"
	post := func(what, body, token string) answer {
		return a.send("POST", "https://management.azure.com"+account+what+"?api-version=2023-05-01", body, bearer(token), jsonType)
	}
	a.add(firstMatch(a, post("/listKeys", "", token).body, `"value":"`))
	const sas = `{"canonicalizedResource":"/blob/canarystore/files","signedResource":"c","signedPermission":"r","signedExpiry":"2099-01-01T00:00:00Z"}`
	signed := a.field(post("/listServiceSas", sas, token), "serviceSasToken")
	values, _ := url.ParseQuery(signed)
	a.add(values.Get("sig"))
	a.send("GET", "https://canarystore.blob.core.windows.net/files/a?"+signed, "")
	a.send("GET", "https://canarystore.blob.core.windows.net/files/a?"+strings.Replace(signed, "sp=r", "sp=rw", 1), "")
	a.send("GET", "https://canarystore.blob.core.windows.net/files/a?"+signed+"&comp=nonsense", "")
	a.send("GET", "https://canarystore.blob.core.windows.net/files/none?"+signed, "", "Referer: https://canarystore.blob.core.windows.net/files/a?"+signed)
	post("/listKeys", "", token+"x")
	post("/listServiceSas", `{"canonicalizedResource":"`+canarySource, token)
	post("/nothing?sig="+url.QueryEscape(canarySource), "", token)
	a.send("GET", "https://management.azure.com"+account+"?api-version=2023-05-01&sig="+url.QueryEscape(canarySource), "", "Authorization: Bearer "+token+" "+token)
}

// flyBlob reads and writes with a token, a key, and what is neither.
func (a *aviary) flyBlob(token string) {
	a.Helper()
	const host = "https://canarystore.blob.core.windows.net"
	date := "x-ms-date: " + noon.Format("Mon, 02 Jan 2006 15:04:05 GMT")
	source := "x-ms-copy-source: https://elsewhere.blob.core.windows.net/c/b?sp=r&sig=" + url.QueryEscape(canarySource)
	const block = "x-ms-blob-type: BlockBlob"
	for _, headers := range [][]string{
		{bearer(token), version2021}, {bearer(token + "x"), version2021}, {bearer(token), version2017}, {bearer(token)},
		{"Authorization: SharedKey canarystore:" + canarySource, version2021, date, source, "x-ms-copy-source-authorization: Bearer " + token},
		{"Authorization: SharedKey canarystore:" + canaryMAC, version2021, date, source, "x-ms-copy-source-authorization: Bearer " + token},
		{"Authorization: SharedKey canarystore:" + canarySource + ":more", version2021, date},
		{"Authorization: " + canarySource, version2021},
		{"Authorization: SharedKeyLite " + canarySource, version2021},
	} {
		headers = append(headers, "x-ms-meta-a: "+canaryMeta, "x-ms-tags: a="+canaryMeta, block)
		a.send("GET", host+"/files/a", "", headers...)
		a.send("PUT", host+"/files/b", canaryUpload, headers...)
		a.send("PUT", host+"/files/c", "", append(headers, source)...)
		a.send("GET", host+"/files/a?sig="+url.QueryEscape(canarySource)+"&sv=2021-12-02&sr=c&sp=r&se=2099-01-01", "", headers...)
	}
	// A good request whose headers carry more than it needs.
	if got := a.send("GET", host+"/files/a", "", bearer(token), version2021, source, "Cookie: "+canaryCookie, "X-IDENTITY-HEADER: "+canaryHeader, "x-ms-encryption-key-sha256: x",
		"x-ms-copy-source-authorization: Basic "+canaryMAC, "Referer: https://elsewhere/?sig="+url.QueryEscape(canaryMAC), "X-Note: the token is "+token); got.status != 200 {
		a.Errorf("%d %s", got.status, got.body)
	}
	a.send("PUT", host+"/files/b", canaryUpload, bearer(token), version2021, block, "x-ms-encryption-key: "+canaryKey, "x-ms-encryption-algorithm: AES256")
	a.send("PUT", host+"/files/b?comp=copy&source="+url.QueryEscape("https://elsewhere/c/b?sig="+url.QueryEscape(canarySource)), "", bearer(token), version2021)
}

// flyVault reads, writes and backs up secrets.
func (a *aviary) flyVault(token string) {
	a.Helper()
	ask := func(method, path, body, token string) answer {
		return a.send(method, a.vault("canary-vault", path), body, bearer(token), jsonType)
	}
	value, _ := json.Marshal(canaryNewValue)
	ask("GET", "/secrets/one", "", token)
	ask("GET", "/secrets/none", "", token)
	ask("PUT", "/secrets/two", `{"value":`+string(value)+`}`, token)
	ask("PUT", "/secrets/two", `{"value":`+string(value)+`,"attributes":1}`, token)
	ask("PUT", "/secrets/in_valid", `{"value":`+string(value)+`}`, token)
	ask("PUT", "/secrets/two", `{"value":`+string(value), token)
	backup := a.field(ask("POST", "/secrets/one/backup", "", token), "value")
	a.add(backup)
	ask("POST", "/secrets/restore", `{"value":"`+backup+`"}`, token)
	ask("POST", "/secrets/restore", `{"value":"`+backup+`x"}`, token)
	parts := strings.Split(token, ".")
	ask("GET", "/secrets/one", "", parts[0]+"."+parts[1]+".AAAA")
	ask("GET", "/secrets/one", "", canaryWrong)
}

func firstMatch(a *aviary, text, before string) string {
	a.Helper()
	_, rest, ok := strings.Cut(text, before)
	if !ok {
		a.Fatalf("no %s in %s", before, text)
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}
