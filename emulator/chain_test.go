package emulator_test

import (
	"crypto/tls"
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/wire"
)

// from sends a request as code on a machine does.
func (r *rig) from(machine, method, target, body string, headers ...string) answer {
	r.Helper()
	req := httptest.NewRequest(method, target, strings.NewReader(body))
	req.RemoteAddr = "127.0.0.1:1234" // a caller of this host, who may control the world
	if strings.HasPrefix(target, "https:") {
		req.TLS = &tls.ConnectionState{}
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	r.emu.Handler().ServeHTTP(w, req.WithContext(wire.WithOrigin(req.Context(), wire.Origin{Machine: machine})))
	return answer{w.Code, w.Header(), w.Body.String()}
}

func (r *rig) tokenOn(machine, resource string) string {
	r.Helper()
	a := r.from(machine, "GET", "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource="+url.QueryEscape(resource), "", "Metadata: true")
	return r.field(a, "access_token")
}

// Machine, token of that identity, blob and secret: each machine opens its own, by scopes as
// narrow as they come, and nothing of the other's.
func TestEachMachineOpensItsOwn(t *testing.T) { onCarriers(t, checkEachMachineOpensItsOwn) }

func checkEachMachineOpensItsOwn(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: "two-machines"})
	const version = "x-ms-version: 2021-12-02"
	for machine, other := range map[string]string{"orders": "invoices", "invoices": "orders"} {
		storage, vault := bearer(r.tokenOn(machine, "https://storage.azure.com/")), bearer(r.tokenOn(machine, "https://vault.azure.net"))
		for owner, status := range map[string]int{machine: 200, other: 403} {
			blob := "https://shopstore.blob.core.windows.net/" + owner + "/2024/" + strings.TrimSuffix(owner, "s") + "-1.json"
			if a := r.from(machine, "GET", blob, "", storage, version); a.status != status || status == 403 && a.header["x-ms-error-code"][0] != "AuthorizationPermissionMismatch" {
				t.Errorf("%s reads %s: %d %s", machine, blob, a.status, a.body)
			}
			if a := r.from(machine, "PUT", blob+"x", "{}", storage, version, "x-ms-blob-type: BlockBlob"); (a.status == 201) != (status == 200) {
				t.Errorf("%s writes %s: %d %s", machine, blob, a.status, a.body)
			}
			secret := "https://shopvault.vault.azure.net/secrets/" + owner + "-database?api-version=7.4"
			if a := r.from(machine, "GET", secret, "", vault); a.status != status {
				t.Errorf("%s reads %s: %d %s", machine, secret, a.status, a.body)
			}
		}
		for what, a := range map[string]answer{
			"a vault's token on storage":   r.from(machine, "GET", "https://shopstore.blob.core.windows.net/"+machine+"/2024/x", "", vault, version),
			"storage's token on the vault": r.from(machine, "GET", "https://shopvault.vault.azure.net/secrets/"+machine+"-database?api-version=7.4", "", storage),
		} {
			if a.status != 401 || a.header.Get("WWW-Authenticate") == "" && a.header["WWW-Authenticate"] == nil {
				t.Errorf("%s: %d %v %s", what, a.status, a.header, a.body)
			}
		}
		if a := r.from(machine, "GET", "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net&client_id=10000000-0000-4000-8000-00000000000"+
			map[string]string{"orders": "2", "invoices": "1"}[machine], "", "Metadata: true"); a.status != 400 {
			t.Errorf("%s gets a token of the other's identity: %d", machine, a.status)
		}
	}
}

// Flow 2's last word: a SAS is not bound to the machine that asked for it, grants are.
func TestASASWorksElsewhereAndGrantsDoNot(t *testing.T) {
	onCarriers(t, checkASASWorksElsewhereAndGrantsDoNot)
}

func checkASASWorksElsewhereAndGrantsDoNot(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: "testdata/two-in-a-group.yaml"})
	const list = "https://management.azure.com" + subPath + "/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/sharedstore/listServiceSas?api-version=2017-06-01"
	body := `{"canonicalizedResource":"/blob/sharedstore/files","signedResource":"c","signedPermission":"r","signedProtocol":"https","signedExpiry":"2099-01-01T00:00:00Z"}`
	a := r.from("granted", "POST", list, body, bearer(r.tokenOn("granted", "https://management.azure.com/")), jsonType)
	var got struct{ ServiceSasToken string }
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := r.from("stranger", "GET", "https://sharedstore.blob.core.windows.net/files/a.txt?"+got.ServiceSasToken, ""); a.status != 200 || a.body != "hello" {
		t.Errorf("the SAS elsewhere: %d %s", a.status, a.body)
	}
	if a := r.from("stranger", "POST", list, body, bearer(r.tokenOn("stranger", "https://management.azure.com/")), jsonType); a.status != 403 {
		t.Errorf("the grant elsewhere: %d %s", a.status, a.body)
	}
	// The key that signed it is changed: the SAS is worth nothing.
	regenerate := strings.Replace(list, "listServiceSas", "regenerateKey", 1)
	if a := r.from("granted", "POST", regenerate, `{"keyName":"key1"}`, bearer(r.tokenOn("granted", "https://management.azure.com/")), jsonType); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := r.from("stranger", "GET", "https://sharedstore.blob.core.windows.net/files/a.txt?"+got.ServiceSasToken, ""); a.status != 403 || !strings.Contains(a.body, "Signature did not match") {
		t.Errorf("after the key changed: %d %s", a.status, a.body)
	}
}

// An Owner opens no blob, a Contributor assigns no role, a data reader writes nothing.
func TestRolesKeepToTheirSide(t *testing.T) { onCarriers(t, checkRolesKeepToTheirSide) }

func checkRolesKeepToTheirSide(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: "testdata/two-in-a-group.yaml"})
	const version = "x-ms-version: 2021-12-02"
	blob := "https://sharedstore.blob.core.windows.net/files/a.txt"
	storage := func(machine string) string { return bearer(r.tokenOn(machine, "https://storage.azure.com/")) }
	management := func(machine string) string { return bearer(r.tokenOn(machine, "https://management.azure.com/")) }
	for what, row := range map[string]struct {
		a      answer
		status int
		code   string
	}{
		"Owner reads a blob":  {r.from("owner", "GET", blob, "", storage("owner"), version), 403, "AuthorizationPermissionMismatch"},
		"data reader reads":   {r.from("reader", "GET", blob, "", storage("reader"), version), 200, ""},
		"data reader writes":  {r.from("reader", "PUT", blob, "x", storage("reader"), version, "x-ms-blob-type: BlockBlob"), 403, "AuthorizationPermissionMismatch"},
		"data reader deletes": {r.from("reader", "DELETE", blob, "", storage("reader"), version), 403, "AuthorizationPermissionMismatch"},
		"Contributor assigns a role": {r.from("contributor", "PUT", "https://management.azure.com"+subPath+"/resourceGroups/rg/providers/Microsoft.Authorization/roleAssignments/11111111-1111-1111-1111-111111111111?api-version=2022-04-01",
			`{"properties":{"roleDefinitionId":"`+subPath+`/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7","principalId":"99999999-9999-9999-9999-999999999999","principalType":"User"}}`,
			management("contributor"), jsonType), 403, "AuthorizationFailed"},
	} {
		if row.a.status != row.status || !strings.Contains(row.a.body, row.code) {
			t.Errorf("%s: %d %s", what, row.a.status, row.a.body)
		}
	}
}
