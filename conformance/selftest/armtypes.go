package selftest

import (
	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
)

// Paths of resources.
const (
	anAccount = `/storageAccounts/[^/]+$`
	aVault    = `/Microsoft\.KeyVault/vaults/[^/]+$`
	aMachine  = `/virtualMachines/[^/]+$`
)

// accountFaults are about storage accounts.
func accountFaults() []Fault {
	on := func(method string, status int) On {
		return On{Plane: "arm", Method: method, Path: anAccount, Status: status}
	}
	keys := On{Plane: "arm", Method: "POST", Path: `(?i)/listKeys$`, Query: "2022-09-01", Status: 200}
	sas := On{Plane: "arm", Method: "POST", Path: `/ListServiceSas$`, Status: 200}
	made := answered(202, "")
	return []Fault{
		{Name: "arm-account-made-with-201", Rule: "ARM-STORAGE-001", Also: []string{"ARM-STORAGE-002"}, On: on("PUT", 202), Do: Status(201)},
		{Name: "arm-account-made-with-body", Rule: "ARM-STORAGE-001", On: on("PUT", 202), Do: Body("{}")},
		{Name: "arm-account-poll-without-account", Rule: "ARM-STORAGE-002", On: On{Plane: "arm", Method: "GET", Path: `/asyncoperations/`, Status: 200}, Do: Body("")},
		{Name: "arm-account-put-twice", Rule: "ARM-STORAGE-003", On: on("PUT", 200), Do: Status(202)},
		{Name: "arm-account-any-name", Rule: "ARM-STORAGE-004", On: On{Plane: "arm", Method: "PUT", Path: anAccount, Code: "AccountNameInvalid"}, Do: made},
		{Name: "arm-account-short-name", Rule: "ARM-STORAGE-004",
			On: On{Plane: "arm", Method: "PUT", Path: `/storageAccounts/..$`, Code: "AccountNameInvalid"}, Do: made},
		{Name: "arm-account-long-name", Rule: "ARM-STORAGE-004",
			On: On{Plane: "arm", Method: "PUT", Path: `/storageAccounts/[a-z0-9]{25}$`, Code: "AccountNameInvalid"}, Do: made},
		{Name: "arm-account-name-code", Rule: "ARM-STORAGE-004", On: On{Plane: "arm", Method: "PUT", Path: anAccount, Code: "AccountNameInvalid"}, Do: Code("BadRequest")},
		{Name: "arm-account-twice", Rule: "ARM-STORAGE-005", On: On{Plane: "arm", Method: "PUT", Path: anAccount, Code: "StorageAccountAlreadyTaken"}, Do: made},
		{Name: "arm-account-taken-code", Rule: "ARM-STORAGE-005", On: On{Plane: "arm", Method: "PUT", Path: anAccount, Code: "StorageAccountAlreadyTaken"}, Do: Code("Conflict")},
		{Name: "arm-account-any-value", Rule: "ARM-STORAGE-006", On: On{Plane: "arm", Method: "POST", Code: "InvalidValuesForRequestParameters"}, Do: answered(200, `{"serviceSasToken":"sv=2015-04-05"}`)},
		{Name: "arm-account-value-not-named", Rule: "ARM-STORAGE-006", On: On{Plane: "arm", Method: "POST", Code: "InvalidValuesForRequestParameters"}, Do: Replace("signedExpiry", "something")},
		{Name: "arm-keys-other-order", Rule: "ARM-STORAGE-007", On: keys, Do: Both(Replace(`"key1"`, `"key0"`), Replace(`"key2"`, `"key1"`), Replace(`"key0"`, `"key2"`))},
		{Name: "arm-keys-short", Rule: "ARM-STORAGE-007", On: keys, Do: Replace(`("value":"[^"]{8})[^"]*`, "$1")},
		{Name: "arm-keys-both-change", Rule: "ARM-STORAGE-010", On: keys, Do: firstKeyBySecond},
		{Name: "arm-keys-never-change", Rule: "ARM-STORAGE-010", On: keys, Do: Replace(`("keyName":"key2","value":")[^"]*`, "${1}"+sixtyFour)},
		{Name: "arm-keys-for-readers", Rule: "ARM-STORAGE-011", Also: []string{"RBAC-EVAL-019"}, On: On{Plane: "arm", Method: "POST", Path: `(?i)/listKeys$`, Status: 403}, Do: answered(200, `{"keys":[]}`)},
		{Name: "arm-sas-version", Rule: "ARM-STORAGE-012", Also: []string{"BLOB-SAS-048"}, On: sas, Do: Replace("sv=2015-04-05", "sv=2021-12-02")},
		{Name: "arm-sas-letters-sorted", Rule: "ARM-STORAGE-013", On: sas, Do: Replace("sp=lwr", "sp=rwl")},
		{Name: "arm-account-deleted-with-202", Rule: "ARM-STORAGE-016", On: on("DELETE", 200), Do: Status(202)},
		{Name: "arm-account-delete-of-nothing", Rule: "ARM-STORAGE-016", On: on("DELETE", 204), Do: answered(404, `{"error":{"code":"ResourceNotFound","message":"no"}}`)},
		{Name: "arm-account-taken-with-409", Rule: "ARM-STORAGE-019",
			On: On{Plane: "arm", Path: `Microsoft.Storage/checkNameAvailability$`, Status: 200, Answer: `"nameAvailable":false`}, Do: Status(409)},
		{Name: "arm-account-always-free", Rule: "ARM-STORAGE-019",
			On: On{Plane: "arm", Path: `Microsoft.Storage/checkNameAvailability$`, Status: 200}, Do: answered(200, `{"nameAvailable":true}`)},
	}
}

// identityFaults are about user-assigned identities.
func identityFaults() []Fault {
	on := func(method string, status int) On {
		return On{Plane: "arm", Method: method, Path: anIdentity, Query: "2018-11-30", Status: status}
	}
	return []Fault{
		{Name: "arm-identity-made-with-200", Rule: "ARM-MSI-001", On: on("PUT", 201), Do: Status(200)},
		{Name: "arm-identity-without-tenant", Rule: "ARM-MSI-001", On: on("PUT", 201), Do: NoJSON("properties.tenantId")},
		{Name: "arm-identity-put-twice", Rule: "ARM-MSI-002", On: on("PUT", 200), Do: Status(201)},
		{Name: "arm-identity-ids-change", Rule: "ARM-MSI-002", On: on("PUT", 200), Do: JSON("properties.clientId", "11111111-0000-0000-0000-000000000000")},
		{Name: "arm-identity-deleted-with-202", Rule: "ARM-MSI-005", On: on("DELETE", 200), Do: Status(202)},
		{Name: "arm-identity-delete-of-nothing", Rule: "ARM-MSI-005", On: on("DELETE", 204), Do: Status(200)},
		{Name: "arm-identity-ids-by-name", Rule: "ARM-MSI-008", Also: []string{"ARM-MSI-002"}, On: on("PUT", 201), Do: JSON("properties.clientId", "11111111-0000-0000-0000-000000000000")},
	}
}

// federatedFaults are about federated credentials.
func federatedFaults() []Fault {
	const aCredential, first = `/federatedIdentityCredentials/[^/]+$`, `/federatedIdentityCredentials/first$`
	on := func(method, path string, status int) On {
		return On{Plane: "arm", Method: method, Path: path, Status: status}
	}
	made := Both(Answer(201, `{"name":"x"}`), Header("Content-Type", "application/json; charset=utf-8"))
	refused := func(path, body string) On {
		return On{Plane: "arm", Method: "PUT", Path: path, Body: body, Status: 400}
	}
	list := On{Plane: "arm", Method: "GET", Path: `/federatedIdentityCredentials$`, Query: "2023-01-31", NoQuery: "top", Status: 200}
	return []Fault{
		{Name: "arm-credential-made-with-200", Rule: "ARM-MSI-009", On: on("PUT", first, 201), Do: Status(200)},
		{Name: "arm-credential-without-subject", Rule: "ARM-MSI-009", On: on("PUT", first, 201), Do: NoJSON("properties.subject")},
		{Name: "arm-credential-for-anybody", Rule: "ARM-MSI-009", On: on("PUT", first, 201), Do: JSON("properties.audiences", []any{})},
		{Name: "arm-credential-changed-with-201", Rule: "ARM-MSI-010", On: on("PUT", first, 200), Do: Status(201)},
		{Name: "arm-credential-stays", Rule: "ARM-MSI-010", On: on("GET", first, 200), Do: JSON("properties.subject", "one")},
		{Name: "arm-credentials-one-listed", Rule: "ARM-MSI-013", On: list, Do: Replace(`\},\{.*\]\}$`, "}]}")},
		{Name: "arm-credentials-null", Rule: "ARM-MSI-013", Also: []string{"ARM-MSI-022"}, On: list, Do: Replace(`\[\]`, "null")},
		{Name: "arm-credential-deleted-with-202", Rule: "ARM-MSI-014", On: on("DELETE", aCredential, 200), Do: Status(202)},
		{Name: "arm-credential-delete-of-nothing", Rule: "ARM-MSI-014", On: on("DELETE", aCredential, 204), Do: answered(404, `{"error":{"code":"ResourceNotFound","message":"no"}}`)},
		{Name: "arm-credentials-without-limit", Rule: "ARM-MSI-015", On: refused(`/one-more$`, ""), Do: made},
		{Name: "arm-credential-twice", Rule: "ARM-MSI-016", On: refused(`Credentials/twice$`, ""), Do: made},
		{Name: "arm-credential-two-audiences", Rule: "ARM-MSI-017", On: refused(aCredential, `api://other`), Do: made},
		{Name: "arm-credential-of-nobody", Rule: "ARM-MSI-018", On: On{Plane: "arm", Method: "PUT", Path: aCredential, Status: 400, Answer: "must specify"}, Do: made},
		{Name: "arm-credential-any-name", Rule: "ARM-MSI-019", On: refused(`Credentials/(ab|a\.b|-abc|a{121})$`, ""), Do: made},
		{Name: "arm-credential-short-name", Rule: "ARM-MSI-019", On: refused(`Credentials/ab$`, ""), Do: made},
		{Name: "arm-credential-long-name", Rule: "ARM-MSI-019", On: refused(`Credentials/a{121}$`, ""), Do: made},
		{Name: "arm-credential-outlives", Rule: "ARM-MSI-021", On: on("GET", `Credentials/one$`, 404), Do: answered(200, `{"name":"one"}`)},
		{Name: "arm-credential-of-no-identity", Rule: "ARM-MSI-021", On: on("PUT", aCredential, 404), Do: made},
		{Name: "arm-credential-by-reader", Rule: "ARM-MSI-024", On: on("PUT", aCredential, 403), Do: answered(200, `{"name":"one"}`)},
		{Name: "arm-credential-action-of-identity", Rule: "ARM-MSI-024", On: on("PUT", aCredential, 403), Do: Replace("/federatedIdentityCredentials/write", "/write")},
		{Name: "arm-credential-in-any-letters", Rule: "ARM-MSI-027", On: on("PUT", `Credentials/letters$`, 201), Do: answered(400, `{"error":{"code":"BadRequest","message":"no"}}`)},
	}
}

// vaultTypeFaults are about vaults as resources.
func vaultTypeFaults() []Fault {
	on := func(method string, status int) On {
		return On{Plane: "arm", Method: method, Path: aVault, Status: status}
	}
	return []Fault{
		{Name: "arm-vault-made-with-201", Rule: "ARM-VAULT-001", On: on("PUT", 200), Do: Status(201)},
		{Name: "arm-vault-deleted-with-202", Rule: "ARM-VAULT-003", On: on("DELETE", 200), Do: Status(202)},
		{Name: "arm-vault-delete-of-nothing", Rule: "ARM-VAULT-003", On: on("DELETE", 204), Do: answered(404, `{"error":{"code":"ResourceNotFound","message":"no"}}`)},
		{Name: "arm-vault-add-replaces", Rule: "ARM-VAULT-004", On: On{Plane: "arm", Method: "GET", Path: aVault, Answer: `"secrets":\["get","list","set"\]`}, Do: Replace(`"get",`, "")},
		{Name: "arm-vault-remove-keeps", Rule: "ARM-VAULT-005", On: On{Plane: "arm", Method: "GET", Path: aVault, Answer: `"secrets":\["get","set"\]`}, Do: Replace(`"get",`, `"get","list",`)},
		{Name: "arm-vault-twice", Rule: "ARM-VAULT-006", On: On{Plane: "arm", Method: "PUT", Path: aVault, Code: "VaultAlreadyExists"}, Do: answered(200, "{}")},
		{Name: "arm-vault-taken-code", Rule: "ARM-VAULT-006", On: On{Plane: "arm", Method: "PUT", Path: aVault, Code: "VaultAlreadyExists"}, Do: Code("Conflict")},
		{Name: "arm-vault-model-for-anybody", Rule: "ARM-VAULT-009", On: on("PATCH", 403), Do: answered(200, "{}")},
	}
}

// machineFaults are about machines and their identities.
func machineFaults() []Fault {
	changed := On{Plane: "arm", Method: "PATCH", Path: aMachine, Query: "2024-07-01", Status: 200}
	shown := On{Plane: "arm", Method: "GET", Path: aMachine, Query: "2024-07-01", Status: 200}
	return []Fault{
		{Name: "arm-machine-changed-with-202", Rule: "ARM-COMPUTE-001", On: changed, Do: Status(202)},
		{Name: "arm-machine-nothing-to-poll", Rule: "ARM-COMPUTE-001", On: changed, Do: NoHeader("Azure-AsyncOperation")},
		{Name: "arm-machine-changed-at-once", Rule: "ARM-COMPUTE-002", On: changed, Do: Replace(`"Updating"`, `"Succeeded"`)},
		{Name: "arm-machine-identities-replaced", Rule: "ARM-COMPUTE-004", Also: []string{"ARM-COMPUTE-005", "ARM-COMPUTE-006", "ARM-COMPUTE-007", "ARM-COMPUTE-010"}, On: shown, Do: NoJSON("identity.userAssignedIdentities")},
		{Name: "arm-machine-identity-stays", Rule: "ARM-COMPUTE-005", Also: []string{"ARM-COMPUTE-004", "ARM-COMPUTE-006", "ARM-COMPUTE-007", "ARM-COMPUTE-010"}, On: shown, Do: JSON("identity.userAssignedIdentities", map[string]any{})},
		{Name: "arm-machine-none-keeps-own", Rule: "ARM-COMPUTE-006", Also: []string{"ARM-COMPUTE-007"},
			On: shown, Do: keepOwn},
		{Name: "arm-machine-shows-none", Rule: "ARM-COMPUTE-007", On: shown, Do: identityOfNone},
		{Name: "arm-machine-own-keeps-others", Rule: "ARM-COMPUTE-010", Also: []string{"ARM-COMPUTE-006", "ARM-COMPUTE-007"},
			On: On{Plane: "arm", Method: "GET", Path: aMachine, Query: "2024-07-01", Status: 200, Answer: `"type": ?"SystemAssigned",`}, Do: JSON("identity.userAssignedIdentities", map[string]any{"x": map[string]any{}})},
		{Name: "arm-machine-any-identity", Rule: "ARM-COMPUTE-008", On: On{Plane: "arm", Method: "PATCH", Path: aMachine, Code: "FailedIdentityOperation"}, Do: answered(200, "{}")},
		{Name: "arm-machine-identity-code", Rule: "ARM-COMPUTE-008", On: On{Plane: "arm", Method: "PATCH", Path: aMachine, Code: "FailedIdentityOperation"}, Do: Code("BadRequest")},
		{Name: "arm-machine-any", Rule: "ARM-COMPUTE-009", On: On{Plane: "arm", Method: "GET", Path: aMachine, Code: "ResourceNotFound"}, Do: answered(200, "{}")},
		{Name: "arm-machine-missing-code", Rule: "ARM-COMPUTE-009", On: On{Plane: "arm", Method: "GET", Path: aMachine, Code: "ResourceNotFound"}, Do: Replace(`"code":"ResourceNotFound"`, `"code":"NotFound"`)},
	}
}

// sixtyFour is a key of 64 bytes.
const sixtyFour = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="

// firstKeyBySecond makes the first key one that follows the second: it changes with it.
func firstKeyBySecond(a *wire.Answer) {
	second, _ := match.Value(a, "keys.1.value").(string)
	JSON("keys.0.value", second)(a)
}

// keepOwn gives a machine without identities one of its own again.
func keepOwn(a *wire.Answer) {
	if match.Value(a, "identity") == nil {
		JSON("identity", map[string]any{"type": "SystemAssigned", "principalId": "11111111-0000-0000-0000-000000000000"})(a)
	}
}

// identityOfNone gives a machine without identities a member that says so.
func identityOfNone(a *wire.Answer) {
	if match.Value(a, "identity") == nil {
		JSON("identity", map[string]any{"type": "None"})(a)
	}
}
