package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/state"
)

const (
	devTest    = subPath + "/resourceGroups/DevTest"
	accountAt  = devTest + "/providers/Microsoft.Storage/storageAccounts/tutorialstore"
	identityAt = devTest + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/"
	machineAt  = devTest + "/providers/Microsoft.Compute/virtualMachines/tutorial-vm"
	vaultAt    = devTest + "/providers/Microsoft.KeyVault/vaults/"
	jsonType   = "Content-Type: application/json"
)

type armError struct {
	Error struct{ Code, Message string }
}

func (r *rig) refused(what string, a answer, status int, code string) {
	r.Helper()
	var e armError
	if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != status || e.Error.Code != code {
		r.Errorf("%s: %d %s, want %d %s", what, a.status, a.body, status, code)
	}
}

// Flows 2, 3 and 7: keys and a service SAS from Resource Manager, for the machine that is
// a Storage Account Contributor, and for nobody less.
func TestKeysAndSASFromResourceManager(t *testing.T) {
	onCarriers(t, checkKeysAndSASFromResourceManager)
}

func checkKeysAndSASFromResourceManager(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	machine := bearer(r.machineToken("https://management.azure.com/", ""))
	reader := bearer(r.machineToken("https://management.azure.com/", "&client_id="+tutorialID))

	keys := r.do("POST", r.arm(accountAt+"/listKeys?api-version=2016-12-01"), "", machine)
	want := regexp.MustCompile(`^\{"keys":\[\{"keyName":"key1","value":"([A-Za-z0-9+/]{86}==)","permissions":"FULL"\},\{"keyName":"key2","value":"([A-Za-z0-9+/]{86}==)","permissions":"FULL"\}\]\}$`)
	m := want.FindStringSubmatch(keys.body)
	if keys.status != 200 || m == nil || m[1] == m[2] || keys.header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v %s", keys.status, keys.header, keys.body)
	}
	if a := r.do("POST", r.arm(accountAt+"/listkeys?api-version=2023-05-01&$expand=kerb"), "", machine); !strings.Contains(a.body, `{"keys":[{"creationTime":"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	r.refused("a Reader lists keys", r.do("POST", r.arm(accountAt+"/listKeys?api-version=2016-12-01"), "", reader), 403, "AuthorizationFailed")
	if a := r.get(r.arm(accountAt+"/listKeys?api-version=2016-12-01"), machine); a.status < 400 {
		t.Errorf("GET of listKeys: %d %s", a.status, a.body)
	}

	body := `{"canonicalizedResource":"/blob/tutorialstore/files","signedResource":"c","signedPermission":"rcw","signedProtocol":"https","signedExpiry":"2099-09-22T02:00:00Z"}`
	sas := r.do("POST", r.arm(accountAt+"/listServiceSas/?api-version=2017-06-01"), body, machine, "Content-Type: application/x-www-form-urlencoded")
	if !regexp.MustCompile(`^\{"serviceSasToken":"sv=2015-04-05&sr=c&spr=https&se=2099-09-22T02%3A00%3A00Z&sp=rcw&sig=[A-Za-z0-9%]+"\}$`).MatchString(sas.body) {
		t.Errorf("%d %s", sas.status, sas.body)
	}
	r.refused("a Reader asks for a SAS", r.do("POST", r.arm(accountAt+"/listServiceSas?api-version=2017-06-01"), body, reader), 403, "AuthorizationFailed")
	for change, names := range map[string]string{
		`"signedExpiry":"2099-09-22T02:00:00Z"`: "signedExpiry", `"signedPermission":"rcw"`: "signedPermission", `"signedResource":"c"`: "signedResource",
	} {
		a := r.do("POST", r.arm(accountAt+"/ListServiceSas?api-version=2023-01-01"), strings.Replace(body, change, `"x":""`, 1), machine)
		if a.status != 400 || !strings.Contains(a.body, "Values for request parameters are invalid: "+names+".") {
			t.Errorf("without %s: %d %s", names, a.status, a.body)
		}
	}

	changed := r.do("POST", r.arm(accountAt+"/regenerateKey?api-version=2016-12-01"), `{"keyName":"key1"}`, machine, jsonType)
	n := want.FindStringSubmatch(changed.body)
	if n == nil || n[1] == m[1] || n[2] != m[2] {
		t.Errorf("regenerateKey: %d %s", changed.status, changed.body)
	}
	if raw, err := base64.StdEncoding.DecodeString(n[1]); err != nil || len(raw) != 64 {
		t.Errorf("a key of %d bytes", len(raw))
	}
	r.refused("no such key", r.do("POST", r.arm(accountAt+"/regenerateKey?api-version=2016-12-01"), `{"keyName":"key9"}`, machine, jsonType), 400, "InvalidValuesForRequestParameters")
}

// A copy of the data is in the region that the account's is paired with (ARM-STORAGE-021).
func TestPairedLocations(t *testing.T) { onCarriers(t, checkPairedLocations) }

func checkPairedLocations(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	at := devTest + "/providers/Microsoft.Storage/storageAccounts"
	for location, paired := range map[string]string{
		"eastus": "westus", "westcentralus": "westus2", "eastus2": "centralus", "eastasia": "southeastasia", // recorded
		"qatarcentral": "eastus", // has no pair; any other
	} {
		one := r.arm(at + "/in" + location + "?api-version=2019-06-01")
		if a := r.do("PUT", one, `{"sku":{"name":"Standard_GRS"},"kind":"StorageV2","location":"`+location+`"}`, owner, jsonType); a.status != 202 {
			t.Fatalf("%s: %d %s", location, a.status, a.body)
		}
		if got := r.get(one, owner); !strings.Contains(got.body, `"secondaryLocation":"`+paired+`"`) {
			t.Errorf("%s: %s", location, got.body)
		}
	}
	// The provider's own list says no charset (ARM-STORAGE-014), the front door's does.
	for path, want := range map[string]string{at: "application/json", subPath + "/providers/Microsoft.Storage/storageAccounts": "application/json; charset=utf-8"} {
		if got := r.get(r.arm(path+"?api-version=2019-06-01"), owner).header.Get("Content-Type"); got != want {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestStorageAccountLife(t *testing.T) { onCarriers(t, checkStorageAccountLife) }

func checkStorageAccountLife(t *testing.T, open opener) {
	r := open(t, emulator.Options{Cloud: "china"})
	owner := bearer(r.adminToken())
	at := r.arm(devTest + "/providers/Microsoft.Storage/storageAccounts/fresh1?api-version=2023-05-01")
	const body = `{"sku":{"name":"Standard_RAGRS"},"kind":"StorageV2","location":"China North","properties":{"encryption":{"services":{"blob":{}},"keySource":"Microsoft.Storage"}}}`
	a := r.do("PUT", at, body, owner, jsonType)
	if a.status != 202 || a.body != "" || a.header.Get("Content-Type") != "text/plain; charset=utf-8" || a.header.Get("Retry-After") == "" {
		t.Fatalf("%d %v %s", a.status, a.header, a.body)
	}
	done := r.get(a.header.Get("Location"), owner)
	if done.status != 200 || r.field(done, "name") != "fresh1" {
		t.Fatalf("%d %s", done.status, done.body)
	}
	got := r.get(at, owner)
	if got.body != done.body || !strings.Contains(got.body, `"blob":"https://fresh1.blob.core.chinacloudapi.cn/"`) || !strings.Contains(got.body, `"statusOfSecondary":"available"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if old := r.get(strings.Replace(at, "2023-05-01", "2016-01-01", 1), owner); strings.Contains(old.body, "networkAcls") || strings.Contains(old.body, "keyCreationTime") {
		t.Errorf("an old version shows %s", old.body)
	}
	if a := r.do("PUT", at, body, owner, jsonType); a.status != 200 {
		t.Errorf("again: %d %s", a.status, a.body)
	}
	if a := r.do("PATCH", at, `{"tags":{"a":"b"},"properties":{"allowSharedKeyAccess":false,"minimumTlsVersion":"TLS1_2"}}`, owner, jsonType); !strings.Contains(a.body, `"allowSharedKeyAccess":false`) || !strings.Contains(a.body, `"tags":{"a":"b"}`) {
		t.Errorf("patch: %d %s", a.status, a.body)
	}
	for _, name := range []string{"fresh1", "tutorialstore"} { // one made by ARM, one by the world file
		r.changeAccount(name, func(a *state.StorageAccount) {
			if !a.HourMetrics.Enabled || a.HourMetrics.RetentionDays != 7 {
				t.Errorf("%s has the hour metrics %+v (BLOB-CONT-016)", name, a.HourMetrics)
			}
		})
	}
	r.refused("elsewhere", r.do("PUT", at, strings.Replace(body, "China North", "chinaeast", 1), owner, jsonType), 409, "InvalidResourceLocation")
	r.refused("nowhere", r.do("PUT", at, strings.Replace(body, "China North", "westus", 1), owner, jsonType), 400, "LocationNotAvailableForResourceType")
	bad := strings.Replace(at, "fresh1", "Not-Valid", 1)
	r.refused("bad name", r.do("PUT", bad, body, owner, jsonType), 400, "AccountNameInvalid")
	r.refused("bad version", r.get(strings.Replace(at, "2023-05-01", "2001-01-01", 1), owner), 400, "NoRegisteredProviderFound")
	r.refused("missing", r.get(strings.Replace(at, "fresh1", "fresh2", 1), owner), 404, "ResourceNotFound")
	for name, status := range map[string]int{"fresh1": 204, "fresh2": 404} {
		if a := r.do("HEAD", strings.Replace(at, "fresh1", name, 1), "", owner); a.status != status || a.body != "" {
			t.Errorf("HEAD of %s: %d %s", name, a.status, a.body)
		}
	}
	check := r.arm(subPath + "/providers/Microsoft.Storage/checkNameAvailability?api-version=2023-05-01")
	for name, want := range map[string]string{
		"fresh1": `{"nameAvailable":false,"reason":"AlreadyExists","message":"The storage account named fresh1 is already taken."}`, "fresh2": `{"nameAvailable":true}`,
	} {
		if a := r.do("POST", check, `{"name":"`+name+`","type":"Microsoft.Storage/storageAccounts"}`, owner, jsonType); a.body != want {
			t.Errorf("%d %s", a.status, a.body)
		}
	}
	if a := r.do("DELETE", at, "", owner); a.status != 200 || a.body != "" {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
	if a := r.do("DELETE", at, "", owner); a.status != 204 {
		t.Errorf("delete again: %d %s", a.status, a.body)
	}
}

// Flow 6: an identity is made, given to the machine, and found by the metadata service.
func TestAnIdentityIsGivenToTheMachine(t *testing.T) {
	onCarriers(t, checkAnIdentityIsGivenToTheMachine)
}

func checkAnIdentityIsGivenToTheMachine(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	at := r.arm(identityAt + "flow6-id?api-version=2023-01-31")
	made := r.do("PUT", at, `{"location":"westus"}`, owner, jsonType)
	want := `^\{"id":"/subscriptions/` + subscription + `/resourcegroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/flow6-id","name":"flow6-id",` +
		`"type":"Microsoft.ManagedIdentity/userAssignedIdentities","location":"westus","tags":\{\},"properties":\{"tenantId":"` + tenant + `","principalId":"([0-9a-f-]{36})","clientId":"([0-9a-f-]{36})"\}\}$`
	m := regexp.MustCompile(want).FindStringSubmatch(made.body)
	if made.status != 201 || m == nil || made.header.Get("Location") != "/subscriptions/"+subscription+"/resourcegroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/flow6-id" {
		t.Fatalf("%d %v %s", made.status, made.header, made.body)
	}
	if again := r.do("PUT", at, `{"location":"westus","tags":{}}`, owner, jsonType); again.status != 200 || again.body != made.body || again.header.Get("Location") != "" {
		t.Errorf("%d %s", again.status, again.body)
	}
	machine := r.arm(machineAt + "?api-version=2024-07-01")
	id := r.field(made, "id")
	assign := `{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"` + id + `":{}}}}`
	token := "api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F&client_id=" + m[2]
	if a := r.imds(token); a.status != 400 {
		t.Fatalf("not assigned yet: %d %s", a.status, a.body)
	}
	a := r.do("PATCH", machine, assign, owner, jsonType)
	if a.status != 200 || !strings.Contains(a.body, `"provisioningState":"Updating"`) || !strings.Contains(a.body, `"`+id+`":{}`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if poll := r.get(a.header.Get("Azure-AsyncOperation"), owner); poll.status != 200 || r.field(poll, "status") != "Succeeded" {
		t.Errorf("%d %s", poll.status, poll.body)
	}
	if got := r.get(machine, owner); !strings.Contains(got.body, `"`+id+`":{"principalId":"`+m[1]+`","clientId":"`+m[2]+`"}`) || !strings.Contains(got.body, `"provisioningState":"Succeeded"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	issued := r.field(r.imds(token), "access_token")
	if claim(t, issued, "oid") != m[1] {
		t.Error("a token of another identity")
	}
	r.refused("no role yet", r.get(r.arm(devTest+"?api-version=2016-09-01"), bearer(issued)), 403, "AuthorizationFailed")

	r.refused("unknown identity", r.do("PATCH", machine, strings.Replace(assign, "flow6-id", "nobody", 1), owner, jsonType), 400, "FailedIdentityOperation")
	r.refused("no type", r.do("PATCH", machine, `{"identity":{}}`, owner, jsonType), 400, "InvalidRequestContent")
	r.refused("no id", r.do("PATCH", machine, `{"identity":{"type":"UserAssigned","userAssignedIdentities":{"flow6-id":{}}}}`, owner, jsonType), 400, "LinkedInvalidPropertyId")
	r.refused("by the machine itself", r.do("PATCH", machine, assign, bearer(r.machineToken("https://management.azure.com/", "")), jsonType), 403, "AuthorizationFailed")

	removed := r.do("PATCH", machine, `{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"`+strings.ToLower(id)+`":null}}}`, owner, jsonType)
	if removed.status != 200 || strings.Contains(removed.body, "flow6-id") || !strings.Contains(removed.body, "tutorial-id") {
		t.Errorf("removed: %d %s", removed.status, removed.body)
	}
	if none := r.do("PATCH", machine, `{"identity":{"type":"None"}}`, owner, jsonType); none.status != 200 || strings.Contains(none.body, `"identity"`) {
		t.Errorf("none: %d %s", none.status, none.body)
	}
	if a := r.imds("api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F"); a.status != 400 || r.field(a, "error_description") != "Identity not found" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.do("DELETE", at, "", owner); a.status != 200 {
		t.Errorf("delete: %d %s", a.status, a.body)
	}
	if a := r.do("DELETE", at, "", owner); a.status != 204 {
		t.Errorf("delete again: %d %s", a.status, a.body)
	}
	if again := r.do("PUT", at, `{"location":"westus"}`, owner, jsonType); strings.Contains(again.body, m[1]) || strings.Contains(again.body, m[2]) {
		t.Error("the same name made again has the same ids")
	}
}

func TestVaultLife(t *testing.T) { onCarriers(t, checkVaultLife) }

func checkVaultLife(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	at := r.arm(vaultAt + "fresh-vault?api-version=2023-02-01")
	body := `{"location":"westus","properties":{"tenantId":"` + tenant + `","sku":{"family":"A","name":"standard"},"accessPolicies":[]}}`
	a := r.do("PUT", at, body, owner, jsonType)
	if a.status != 200 || !strings.Contains(a.body, `"vaultUri":"https://fresh-vault.vault.azure.net","provisioningState":"RegisteringDns"`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if got := r.get(at, owner); !strings.Contains(got.body, `"vaultUri":"https://fresh-vault.vault.azure.net/","provisioningState":"Succeeded","publicNetworkAccess":"Enabled"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	policy := func(what, secrets string) answer {
		return r.do("PUT", r.arm(vaultAt+"fresh-vault/accessPolicies/"+what+"?api-version=2023-02-01"),
			`{"properties":{"accessPolicies":[{"tenantId":"`+tenant+`","objectId":"99999999-9999-9999-9999-999999999999","permissions":{"secrets":`+secrets+`}}]}}`, owner, jsonType)
	}
	for _, row := range [][3]string{
		{"add", `["get"]`, `"secrets":["get"]`}, {"add", `["Get","list"]`, `"secrets":["get","list"]`}, {"replace", `["set"]`, `"secrets":["set"]`}, {"remove", `["set"]`, `"accessPolicies":[]`},
	} {
		if a := policy(row[0], row[1]); a.status != 200 || !strings.Contains(a.body, row[2]) {
			t.Errorf("%s %s: %d %s", row[0], row[1], a.status, a.body)
		}
	}
	r.refused("bad name", r.do("PUT", r.arm(vaultAt+"a--b?api-version=2023-02-01"), body, owner, jsonType), 400, "VaultNameNotValid")
	r.refused("no tenant", r.do("PUT", at, `{"location":"westus","properties":{}}`, owner, jsonType), 400, "BadRequest")
	found := r.get(r.arm(subPath+"/resources?$filter="+url.QueryEscape("resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'FRESH-vault'")+"&api-version=2015-11-01"), owner)
	if !strings.Contains(found.body, `/vaults/fresh-vault"`) || strings.Contains(found.body, "mytestkeyvault") {
		t.Errorf("%d %s", found.status, found.body)
	}
	if a := r.do("DELETE", at, "", owner); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.do("DELETE", at, "", owner); a.status != 204 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

// The clean-up: a group goes with everything in it, identities and assignments too.
func TestDeletingAGroup(t *testing.T) { onCarriers(t, checkDeletingAGroup) }

func checkDeletingAGroup(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	group := r.arm(devTest + "?api-version=2021-04-01")
	machine := bearer(r.machineToken("https://management.azure.com/", ""))
	r.refused("by a reader", r.do("DELETE", group, "", machine), 403, "AuthorizationFailed")
	a := r.do("DELETE", group, "", owner)
	if a.status != 202 || a.body != "" || a.header.Get("Content-Type") != "" {
		t.Fatalf("%d %v %s", a.status, a.header, a.body)
	}
	if poll := r.get(a.header.Get("Location"), owner); poll.status != 200 || poll.body != "" {
		t.Errorf("%d %s", poll.status, poll.body)
	}
	r.refused("gone", r.get(group, owner), 404, "ResourceGroupNotFound")
	r.refused("deleted twice", r.do("DELETE", group, "", owner), 404, "ResourceGroupNotFound")
	r.refused("the reader's grant went with it", r.get(group, machine), 403, "AuthorizationFailed")
	if left := r.get(r.arm(subPath+"/resources?api-version=2021-04-01"), owner); left.body != `{"value":[]}` {
		t.Errorf("left over: %s", left.body)
	}
	if a := r.imds("api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F"); a.status != 400 {
		t.Errorf("the machine is gone, its identity not: %d %s", a.status, a.body)
	}
	if a := r.do("PUT", group, `{"location":"eastus"}`, owner, jsonType); a.status != 201 || !strings.Contains(a.body, `"location":"eastus"`) {
		t.Errorf("made again: %d %s", a.status, a.body)
	}
}

// With the switch, a deleted group shows itself as Deleting until its time has come.
func TestEventualDelete(t *testing.T) { onCarriers(t, checkEventualDelete) }

func checkEventualDelete(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: "testdata/eventual.yaml"})
	owner := bearer(r.adminToken())
	group := r.arm(subPath + "/resourceGroups/rg?api-version=2021-04-01")
	a := r.do("DELETE", group, "", owner)
	poll := func() answer { return r.get(a.header.Get("Location"), owner) }
	if p := poll(); p.status != 202 || p.header.Get("Location") == "" {
		t.Errorf("%d %v", p.status, p.header)
	}
	if g := r.get(group, owner); !strings.Contains(g.body, `"provisioningState":"Deleting"`) {
		t.Errorf("%d %s", g.status, g.body)
	}
	r.refused("a write meanwhile", r.do("PUT", group, `{"location":"westus"}`, owner, jsonType), 409, "ResourceGroupBeingDeleted")
	r.emu.Clock().Advance(61e9)
	if p := poll(); p.status != 200 {
		t.Errorf("%d", p.status)
	}
	r.refused("gone", r.get(group, owner), 404, "ResourceGroupNotFound")
}

// What az asks when it logs in.
func TestSubscriptionsAndTenants(t *testing.T) { onCarriers(t, checkSubscriptionsAndTenants) }

func checkSubscriptionsAndTenants(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	for name, token := range map[string]string{"admin": r.adminToken(), "machine": r.machineToken("https://management.core.windows.net/", "")} {
		if a := r.get(r.arm("/tenants?api-version=2022-12-01"), bearer(token)); !strings.HasPrefix(a.body, `{"value":[{"id":"/tenants/`+tenant+`","tenantId":"`+tenant+`","tenantCategory":"Home"`) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		a := r.get(r.arm("/subscriptions?api-version=2022-12-01"), bearer(token))
		if !strings.Contains(a.body, `"id":"/subscriptions/`+subscription+`","authorizationSource":"RoleBased","managedByTenants":[],"subscriptionId":"`+subscription+`","tenantId":"`+tenant+`"`) || !strings.HasSuffix(a.body, `"count":{"type":"Total","value":1}}`) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	owner := bearer(r.adminToken())
	if a := r.get(r.arm(subPath+"?api-version=2016-06-01"), owner); strings.Contains(a.body, "tenantId") || !strings.Contains(a.body, `"state":"Enabled"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	r.refused("the machine reads a group, not the subscription", r.get(r.arm(subPath+"?api-version=2016-06-01"), bearer(r.machineToken("https://management.azure.com/", ""))), 403, "AuthorizationFailed")
	for path, want := range map[string]string{
		"/locations": `"name":"westus"`, "/providers": `"namespace":"Microsoft.Storage"`, "/providers/microsoft.keyvault": `"registrationState":"Registered"`,
	} {
		if a := r.get(r.arm(subPath+path+"?api-version=2021-04-01"), owner); a.status != 200 || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	r.refused("unknown provider", r.get(r.arm(subPath+"/providers/Microsoft.None?api-version=2021-04-01"), owner), 404, "InvalidResourceNamespace")
	r.refused("unknown type", r.get(r.arm(devTest+"/providers/Microsoft.Storage/things/x?api-version=2021-04-01"), owner), 404, "InvalidResourceType")
	for filter, want := range map[string]string{
		"": "tutorialstore", "resourceType eq 'microsoft.compute/virtualmachines'": "tutorial-vm", "substringof('TORIALST', name)": "tutorialstore", "name ne 'tutorialstore' and location eq 'West US'": "tutorial-vm",
	} {
		if a := r.get(r.arm(subPath+"/resources?$filter="+url.QueryEscape(filter)+"&api-version=2021-04-01"), owner); !strings.Contains(a.body, `"name":"`+want+`"`) {
			t.Errorf("%s: %d %s", filter, a.status, a.body)
		}
	}
	r.refused("bad filter", r.get(r.arm(subPath+"/resources?$filter=x&api-version=2021-04-01"), owner), 400, "InvalidFilterInQueryString")
}
