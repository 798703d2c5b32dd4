package emulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/state"
)

const (
	vaultsWorld = "testdata/vaults.yaml"
	worker      = "&client_id=00001111-aaaa-2222-bbbb-3333cccc4444"
	nobody      = "&client_id=00001111-aaaa-2222-bbbb-3333cccc5555"
	firstOne    = "11111111111111111111111111111111"
)

// vault is a URL of a vault's data plane, api-version added.
func (r *rig) vault(name, path string) string {
	link := "&"
	if !strings.Contains(path, "?") {
		link = "?"
	}
	return "https://" + name + "." + r.emu.Cloud().DNS.Vault + path + link + "api-version=7.4"
}

// vaultToken is the authorization of a machine's identity for vaults.
func (r *rig) vaultToken(selector string) string {
	r.Helper()
	return bearer(r.machineToken(r.emu.Cloud().Endpoints.Vault, selector))
}

// changeVault changes a vault behind the services' backs.
func (r *rig) changeVault(name string, change func(*state.Vault)) {
	r.Helper()
	err := r.emu.State().Update(func(tx *state.Tx) error {
		v, _ := tx.Vaults.Get(name)
		change(&v)
		tx.Vaults.Put(v)
		return nil
	})
	if err != nil {
		r.Fatal(err)
	}
}

// vaultRefusal is the body of a vault's refusal.
func vaultRefusal(code, inner, message string) string {
	type object map[string]string
	text, _ := json.Marshal(message)
	body := `{"error":{"code":"` + code + `","message":` + string(text)
	if inner != "" {
		in, _ := json.Marshal(object{"code": inner})
		body += `,"innererror":` + string(in)
	}
	return strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(body + "}}")
}

func (r *rig) wantVault(what string, a answer, status int, body string) {
	r.Helper()
	if a.status != status || a.body != body {
		r.Errorf("%s: %d %s\nwant %d %s", what, a.status, a.body, status, body)
	}
}

// Flow 4 of the tutorial, in each cloud, as printed.
func TestFlow4(t *testing.T) { onCarriers(t, checkFlow4) }

func checkFlow4(t *testing.T, open opener) {
	for _, c := range cloud.All() {
		t.Run(c.Name, func(t *testing.T) {
			r := open(t, emulator.Options{Cloud: c.Name})
			token := r.field(r.imds("api-version=2018-02-01&resource="+url.QueryEscape(c.Endpoints.Vault)), "access_token")
			host := "https://mytestkeyvault." + c.DNS.Vault
			a := r.get(host+"/secrets/MyTestSecret?api-version=2016-10-01", bearer(token))
			want := `^\{"value":"p@ssw0rd!","id":"` + regexp.QuoteMeta(host) + `/secrets/MyTestSecret/7c2204c6093c4d859bc5b9eff8f29050",` +
				`"attributes":\{"enabled":true,"created":(\d{10}),"updated":(\d{10}),"recoveryLevel":"Purgeable"\}\}$`
			m := regexp.MustCompile(want).FindStringSubmatch(a.body)
			if a.status != 200 || m == nil || m[1] != m[2] {
				t.Fatalf("%d %s\nwant %s", a.status, a.body, want)
			}
			vaultHeaders(t, a)
			if got := a.header.Get("x-ms-keyvault-region"); got != c.DefaultLocation {
				t.Errorf("region %q", got)
			}
		})
	}
}

// vaultHeaders checks what every answer carries (KV-AUTH-040).
func vaultHeaders(t *testing.T, a answer) {
	t.Helper()
	for name, want := range map[string]string{
		"Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1", "X-Content-Type-Options": "nosniff",
		"Strict-Transport-Security": "max-age=31536000;includeSubDomains", "X-Ms-Keyvault-Service-Version": "1.9.2203.1",
		"X-Ms-Keyvault-Network-Info": "conn_type=Ipv4;addr=127.0.0.1;act_addr_fam=InterNetwork;",
	} {
		if got := a.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	wantType, wantLength := "application/json; charset=utf-8", strconv.Itoa(len(a.body))
	if a.status == http.StatusNoContent {
		wantType, wantLength = "", ""
	}
	if a.header.Get("Content-Type") != wantType || a.header.Get("Content-Length") != wantLength {
		t.Errorf("type %q, length %q of %q", a.header.Get("Content-Type"), a.header.Get("Content-Length"), a.body)
	}
	if id := a.header.Get("X-Ms-Request-Id"); len(id) != 36 {
		t.Errorf("x-ms-request-id %q", id)
	}
	for _, name := range []string{"Server", "Etag", "X-Ms-Version", "X-Powered-By", "Transfer-Encoding", "X-Ms-Client-Request-Id"} {
		if a.header.Values(name) != nil {
			t.Errorf("%s: %q", name, a.header.Values(name))
		}
	}
}

const vaultChallenge = `Bearer authorization="https://login.microsoftonline.com/` + tenant + `", resource="https://vault.azure.net"`

// unread is a body that must not be read: without a token nobody looks at it.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, errors.New("read")
}

// Whoever has no token hears the challenge, whatever is asked (KV-AUTH-001, KV-AUTH-002).
func TestVaultChallenge(t *testing.T) { onCarriers(t, checkVaultChallenge) }

func checkVaultChallenge(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: vaultsWorld})
	want := `{"error":{"code":"Unauthorized","message":"AKV10000: Request is missing a Bearer or PoP token."}}`
	for _, method := range []string{"GET", "PUT", "PATCH", "POST", "DELETE"} {
		for _, target := range []string{
			r.vault("polvault", "/secrets/One"), r.vault("polvault", "/secrets/absent/"), r.vault("polvault", "/secrets/in_valid"), r.vault("polvault", "/"),
			r.vault("polvault", "/keys/k//sign"), "https://polvault.vault.azure.net/secrets/One?api-version=1", "https://polvault.vault.azure.net/nothing",
		} {
			a := r.do(method, target, "")
			r.wantVault(method+" "+target, a, 401, want)
			if got := a.header.Get("WWW-Authenticate"); got != vaultChallenge || len(a.body) != 97 {
				t.Errorf("challenge %s, length %d", got, len(a.body))
			}
			vaultHeaders(t, a)
		}
	}
	for _, header := range []string{"Basic YTpi", "Bearer", "Bearer  ", "bearer a b"} {
		r.wantVault(header, r.get(r.vault("polvault", "/secrets/One"), "Authorization: "+header), 401, want)
	}
	req, err := http.NewRequest("PUT", "https://polvault.vault.azure.net/secrets/One?api-version=7.4", io.NopCloser(unread{t}))
	if err != nil {
		t.Fatal(err)
	}
	w := &recorder{header: http.Header{}}
	r.emu.Handler().ServeHTTP(w, secure(req))
	if w.status != 401 {
		t.Errorf("a body that cannot be read: %d", w.status)
	}
	for cloudName, challenge := range map[string]string{
		"china": `Bearer authorization="https://login.chinacloudapi.cn/` + tenant + `", resource="https://vault.azure.cn"`,
		"usgov": `Bearer authorization="https://login.microsoftonline.us/` + tenant + `", resource="https://vault.usgovcloudapi.net"`,
	} {
		other := open(t, emulator.Options{World: vaultsWorld, Cloud: cloudName})
		if a := other.get(other.vault("polvault", "/secrets")); a.header.Get("WWW-Authenticate") != challenge {
			t.Errorf("%s: %s", cloudName, a.header.Get("WWW-Authenticate"))
		}
	}
}

// Which tokens are refused, word for word.
func TestVaultTokenRefusals(t *testing.T) { onCarriers(t, checkVaultTokenRefusals) }

func checkVaultTokenRefusals(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: vaultsWorld})
	public, target := cloud.Public(), r.vault("polvault", "/secrets/One")
	good := r.machineToken("https://vault.azure.net", "")
	otherTenant := "bbbbcccc-1111-dddd-2222-eeee3333ffff"
	stranger := someone(otherTenant, "99999999-9999-9999-9999-999999999999", "https://vault.azure.net")
	foreign, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	unknownKey := issue(t, newSigner(t, public, foreign), stranger)
	china := issue(t, signer(t, cloud.China()), someone(tenant, "x", "https://vault.azure.cn"))
	key := func(token string) string {
		return "AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '" + strings.Split(token, ".")[0] + "'."
	}
	audience := func(found string) string {
		return "AKV10022: Invalid audience. Expected https://vault.azure.net, found: " + found + "."
	}
	none := reheaded(t, good, `{"typ":"JWT","alg":"none"}`, func(string) []byte { return nil })
	for name, row := range map[string]struct{ token, message string }{
		"resource manager's":  {r.machineToken("https://management.azure.com/", ""), audience("https://management.azure.com/")},
		"trailing slash":      {r.machineToken("https://vault.azure.net/", ""), audience("https://vault.azure.net/")},
		"the vault's own URL": {r.machineToken("https://polvault.vault.azure.net", ""), audience("https://polvault.vault.azure.net")},
		"another tenant's": {issue(t, signer(t, public), stranger), "AKV10032: Invalid issuer. Expected one of https://sts.windows.net/" + tenant +
			"/, https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/, https://sts.windows.net/e2d54eb5-3869-4f70-8578-dee5fc7331f4/, found https://sts.windows.net/" + otherTenant + "/."},
		"an unknown key's":  {unknownKey, key(unknownKey)},
		"another cloud's":   {china, key(china)},
		"alg none":          {none, key(none)},
		"signature changed": {good[:len(good)-4] + "AAAA", key(good)},
		"garbage":           {"garbage", "[TokenInvalid] Error validating token."},
		"three dots":        {"a.b.c", "[TokenInvalid] Error validating token."},
	} {
		a := r.get(target, bearer(row.token))
		r.wantVault(name, a, 401, vaultRefusal("Unauthorized", "", row.message))
		if got := a.header.Get("WWW-Authenticate"); got != vaultChallenge {
			t.Errorf("%s: challenge %s", name, got)
		}
	}
	if a := r.get(target, bearer(r.machineToken("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", ""))); a.status != 200 {
		t.Errorf("the application's id as audience: %d %s", a.status, a.body)
	}
	if a := r.get(target, bearer(good)); a.status != 200 {
		t.Errorf("the pair of the refusals: %d %s", a.status, a.body)
	}
	r.emu.Clock().Advance(24*time.Hour + time.Second)
	a := r.get(target, bearer(good))
	r.wantVault("expired", a, 401, vaultRefusal("Unauthorized", "", "[TokenExpired] Error validating token: 'S2S12086'."))
	if a.header.Get("WWW-Authenticate") != vaultChallenge || len(a.body) != 96 {
		t.Errorf("challenge %s, length %d, recorded is 96", a.header.Get("WWW-Authenticate"), len(a.body))
	}
	r.emu.Clock().Advance(-48 * time.Hour)
	r.wantVault("not yet", r.get(target, bearer(good)), 401, vaultRefusal("Unauthorized", "", "[TokenNotYetValid] Error validating token: 'S2S12086'."))
}

func TestVaultVersions(t *testing.T) { onCarriers(t, checkVaultVersions) }

func checkVaultVersions(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: vaultsWorld})
	token := r.vaultToken("")
	at := "https://polvault.vault.azure.net/secrets/One"
	unknown := func(version string) string {
		return vaultRefusal("BadParameter", "", "The specified version ("+version+") is not recognized. Consider using the latest supported version (2026-04-01).")
	}
	for query, version := range map[string]string{"": "", "?api-version=": "", "?api-version=7.7": "7.7", "?x-ms-version=7.4": "", "?api-version=7.4%20": "7.4 "} {
		r.wantVault(query, r.get(at+query, token), 400, unknown(version))
	}
	for _, query := range []string{"?api-version=7.4", "?api%2Dversion=7.4", "?API-Version=2026-07-01-PREVIEW", "?x=y&%61pi-version=2015-06-01", "?api-version=7.3-preview"} {
		if a := r.get(at+query, token); a.status != 200 {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	for version, want := range map[string]string{
		"2016-10-01": `"recoveryLevel":"Recoverable+Purgeable"}`, "7.0": `"recoveryLevel":"Recoverable+Purgeable"}`,
		"7.1": `"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90}`, "2026-04-01": `"recoveryLevel":"Recoverable+Purgeable","recoverableDays":90}`,
	} {
		if a := r.get(at+"?api-version="+version, token); !strings.Contains(a.body, want) {
			t.Errorf("%s: %s", version, a.body)
		}
	}
}

func caller(t *testing.T, authorization string) (app, object, line string) {
	token := strings.TrimPrefix(authorization, "Authorization: Bearer ")
	app, object = claim(t, token, "appid"), claim(t, token, "oid")
	return app, object, "appid=" + app + ";oid=" + object
}

// Access policies: of a principal, of its group, of an application on behalf of a user.
func TestVaultPolicies(t *testing.T) { onCarriers(t, checkVaultPolicies) }

func checkVaultPolicies(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: vaultsWorld})
	vm, group, stranger := r.vaultToken(""), r.vaultToken(worker), r.vaultToken(nobody)
	iss := ";iss=https://sts.windows.net/" + tenant + "/"
	lacks := func(who, permission string) string {
		_, _, line := caller(t, who)
		return vaultRefusal("Forbidden", "ForbiddenByPolicy", "The user, group or application '"+line+";numgroups=0"+iss+"' does not have secrets "+permission+
			" permission on key vault 'polvault;location=westus'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287")
	}
	one := r.vault("polvault", "/secrets/One")
	for _, row := range []struct{ method, path, permission string }{
		{"GET", "/secrets/One", ""}, {"GET", "/secrets/One/" + firstOne, ""}, {"GET", "/secrets", ""}, {"GET", "/secrets/One/versions", ""}, {"GET", "/deletedsecrets", ""},
		{"PUT", "/secrets/One", "set"}, {"PATCH", "/secrets/One/", "set"}, {"DELETE", "/secrets/absent", "delete"}, {"POST", "/secrets/One/backup", "backup"},
		{"POST", "/secrets/restore", "restore"}, {"POST", "/deletedsecrets/One/recover", "recover"}, {"DELETE", "/deletedsecrets/One", "purge"}, {"PUT", "/secrets/in_valid", "set"},
	} {
		a := r.do(row.method, r.vault("polvault", row.path), "not JSON", vm)
		if row.permission == "" {
			if a.status != 200 {
				t.Errorf("%s %s: %d %s", row.method, row.path, a.status, a.body)
			}
			continue
		}
		r.wantVault(row.method+" "+row.path, a, 403, lacks(vm, row.permission))
	}
	if a := r.do("PUT", one, `{"value":"2"}`, group, jsonType); a.status != 200 {
		t.Errorf("a member of the group: %d %s", a.status, a.body)
	}
	_, object, line := caller(t, stranger)
	r.wantVault("nobody, a role as he may have", r.get(one, stranger), 403, vaultRefusal("Forbidden", "AccessDenied",
		"Access denied. Caller was not found on any access policy.\r\nCaller: "+line+";numgroups=0"+iss+"\r\nVault: polvault;location=westus"))

	r.changeVault("polvault", func(v *state.Vault) {
		v.Policies = append(v.Policies, state.AccessPolicy{TenantID: tenant, ObjectID: object, ApplicationID: "00001111-aaaa-2222-bbbb-3333cccc5555", Secrets: []string{"get"}})
	})
	r.wantVault("on behalf", r.get(one, stranger), 403, vaultRefusal("Forbidden", "ForbiddenByPolicy", "The policy requires the caller '"+line+iss+
		"' to use on-behalf-of (OBO) flow. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"))
	entries := r.emu.Journal().Entries(0)
	last := entries[len(entries)-1]
	if d := last.Decision; last.Plane != "vault" || d == nil || d.Allowed || d.Reason != "access-policy" || d.Action != "secrets/get" {
		t.Errorf("journal: %+v %+v", last, d)
	}
}

// Roles: at one secret, at one vault; Owner and Contributor open nothing, and neither does
// an access policy of a vault that asks roles.
func TestVaultRoles(t *testing.T) { onCarriers(t, checkVaultRoles) }

func checkVaultRoles(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: vaultsWorld})
	vm, officer, owner := r.vaultToken(""), r.vaultToken(worker), r.vaultToken(nobody)
	_, object, _ := caller(t, owner)
	r.changeVault("rolevault", func(v *state.Vault) {
		v.Policies = []state.AccessPolicy{{TenantID: tenant, ObjectID: object, Secrets: []string{"all", "purge"}}}
	})
	const prefix = "Microsoft.KeyVault/vaults/"
	denied := func(who, action, vault, path string) string {
		_, _, line := caller(t, who)
		return vaultRefusal("Forbidden", "ForbiddenByRbac", "Caller is not authorized to perform action on resource.\r\n"+
			"If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\n"+
			"Caller: "+line+";iss=https://sts.windows.net/"+tenant+"/\r\nAction: '"+prefix+action+"'\r\n"+
			"Resource: '/subscriptions/"+subscription+"/resourcegroups/devtest/providers/microsoft.keyvault/vaults/"+strings.ToLower(vault)+path+"'\r\n"+
			"Assignment: (not found)\r\nDenyAssignmentId: null\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: "+vault+";location=westus\r\n")
	}
	for _, row := range []struct {
		who, method, vault, path string
		action, scope            string
	}{
		{vm, "GET", "RoleVault", "/secrets/One", "", ""},
		{vm, "GET", "RoleVault", "/secrets/oNE/", "", ""},
		{vm, "GET", "RoleVault", "/secrets/One/versions", "", ""},
		{vm, "GET", "RoleVault", "/secrets/One1", "secrets/getSecret/action", "/secrets/one1"},
		{vm, "GET", "RoleVault", "/secrets", "secrets/readMetadata/action", ""},
		{vm, "PUT", "RoleVault", "/secrets/One", "secrets/setSecret/action", "/secrets/one"},
		{vm, "GET", "othervault", "/secrets/One", "secrets/getSecret/action", "/secrets/one"},
		{officer, "GET", "RoleVault", "/secrets/One1", "", ""},
		{officer, "GET", "RoleVault", "/secrets", "", ""},
		{officer, "GET", "othervault", "/secrets/One", "secrets/getSecret/action", "/secrets/one"},
		{owner, "GET", "RoleVault", "/secrets/One", "secrets/getSecret/action", "/secrets/one"},
		{owner, "PATCH", "RoleVault", "/secrets/One", "secrets/update/action", "/secrets/one"},
		{owner, "DELETE", "RoleVault", "/secrets/absent", "secrets/delete", "/secrets/absent"},
		{owner, "POST", "RoleVault", "/secrets/One/backup", "secrets/backup/action", "/secrets/one"},
		{owner, "POST", "RoleVault", "/secrets/restore", "secrets/restore/action", ""},
		{owner, "GET", "RoleVault", "/deletedsecrets", "secrets/readMetadata/action", ""},
		{owner, "GET", "RoleVault", "/deletedsecrets/One", "secrets/readMetadata/action", "/secrets/one"},
		{owner, "POST", "RoleVault", "/deletedsecrets/One/recover", "secrets/recover/action", "/secrets/one"},
		{owner, "DELETE", "RoleVault", "/deletedsecrets/One", "secrets/purge/action", "/secrets/one"},
	} {
		a := r.do(row.method, r.vault(strings.ToLower(row.vault), row.path), "", row.who)
		what := row.method + " " + row.vault + row.path
		if row.action != "" {
			r.wantVault(what, a, 403, denied(row.who, row.action, row.vault, row.scope))
			if a.header.Values("X-Ms-Keyvault-Rbac-Assignment-Id") != nil {
				t.Errorf("%s: headers of an allowed call", what)
			}
		} else if a.status != 200 || len(a.header.Get("X-Ms-Keyvault-Rbac-Assignment-Id")) != 36 || a.header.Get("X-Ms-Keyvault-Rbac-Cache") == "" {
			t.Errorf("%s: %d %v %s", what, a.status, a.header, a.body)
		}
	}
	if a := r.get(r.vault("rolevault", "/secrets/absent"), officer); a.status != 404 || a.header.Get("X-Ms-Keyvault-Rbac-Assignment-Id") == "" {
		t.Errorf("a 404 of an allowed call: %d %v", a.status, a.header)
	}
}

// Routes, names and verbs, after the token and the permission.
func TestVaultRoutes(t *testing.T) { onCarriers(t, checkVaultRoutes) }

func checkVaultRoutes(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: vaultsWorld})
	all, reader := r.vaultToken(worker), r.vaultToken("")
	method := func(verb string) string { return vaultRefusal("MethodNotAllowed", "", "HTTP "+verb+" not allowed") }
	for _, row := range []struct {
		method, path string
		status       int
		body         string
	}{
		{"PUT", "/secrets/", 405, method("PUT")},
		{"PUT", "/secrets", 405, method("PUT")},
		{"POST", "/secrets/One", 405, method("POST")},
		{"DELETE", "/secrets/One/" + firstOne, 405, method("DELETE")},
		{"GET", "/nothing/there", 404, vaultRefusal("NotFound", "", "No operation of a vault has the path '/nothing/there'.")},
		{"GET", "/secrets/in_valid", 400, vaultRefusal("BadParameter", "", "The request URI contains an invalid name: in_valid")},
		{"GET", "/secrets/a%2Fb", 400, vaultRefusal("BadParameter", "", "The request URI contains an invalid name: a/b")},
		{"GET", "/secrets/in.valid/versions", 400, vaultRefusal("BadParameter", "", "The request URI contains an invalid name: in.valid")},
		{"PUT", "/secrets/" + strings.Repeat("x", 128), 400, vaultRefusal("BadParameter", "", "The request URI contains an invalid name: "+strings.Repeat("x", 128))},
		{"GET", "/keys", 501, vaultRefusal("NotEmulated", "", "Linarite does not emulate 'keys' of a vault yet: it has secrets and deletedsecrets.")},
		{"POST", "/keys/k//sign", 501, vaultRefusal("NotEmulated", "", "Linarite does not emulate 'keys' of a vault yet: it has secrets and deletedsecrets.")},
		{"GET", "/certificates/c/", 501, vaultRefusal("NotEmulated", "", "Linarite does not emulate 'certificates' of a vault yet: it has secrets and deletedsecrets.")},
	} {
		r.wantVault(row.method+" "+row.path, r.do(row.method, r.vault("polvault", row.path), `{"value":""}`, all), row.status, row.body)
	}
	for _, path := range []string{"/secrets/One", "/secrets/One/", "//secrets/One", "/SECRETS/oNE", "/secrets/%4Fne", "/secrets/One/" + strings.ToUpper(firstOne)} {
		if a := r.get(r.vault("polvault", path), reader); a.status != 200 || !strings.Contains(a.body, `"id":"https://polvault.vault.azure.net/secrets/One/`+firstOne+`"`) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	if a := r.get("https://polvault.vault.azure.net/healthstatus"); a.status != 200 || a.body != "null" {
		t.Errorf("health: %d %s", a.status, a.body)
	}
	if a := r.get(r.vault("polvault", "/secrets/One"), reader, "x-ms-client-request-id: mine"); a.header.Get("x-ms-client-request-id") != "mine" {
		t.Errorf("%v", a.header)
	}
}

// A host without a vault, and one of another cloud.
func TestVaultHosts(t *testing.T) { onCarriers(t, checkVaultHosts) }

func checkVaultHosts(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: vaultsWorld})
	a := r.get(r.vault("nosuchvault", "/secrets/One"))
	if a.status != 421 || !strings.Contains(a.body, "no vault called 'nosuchvault': in Azure, the name would not resolve. It has othervault, polvault, RoleVault.") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.get("http://polvault.vault.azure.net/secrets/One?api-version=7.4"); a.status != 400 || !strings.Contains(a.body, "HttpsRequired") {
		t.Errorf("plain http: %d %s", a.status, a.body)
	}
	r.unserved("https://polvault.vault.azure.cn/secrets/One?api-version=7.4")
	token := r.vaultToken("")
	_, _, line := caller(t, token)
	r.changeVault("polvault", func(v *state.Vault) { v.PublicNetworkAccess = "Disabled" })
	r.wantVault("closed", r.get(r.vault("polvault", "/keys"), token), 403, vaultRefusal("Forbidden", "ForbiddenByConnection",
		fmt.Sprintf("Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: %s;iss=https://sts.windows.net/%s/\r\nVault: polvault;location=westus", line, tenant)))
	if a := r.get(r.vault("polvault", "/keys")); a.status != 401 {
		t.Errorf("closed, and no token: %d", a.status)
	}
}
