package selftest

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/linarite/linarite/clientlib/wire"
)

// Paths of Microsoft.Authorization.
const (
	anAssignment = `/roleAssignments/[^/]+$`
	aRole        = `/roleDefinitions/[^/]+$`
	roleList     = `/roleDefinitions$`
	grantList    = `/roleAssignments$`
)

// assignmentFaults are about role assignments.
func assignmentFaults() []Fault {
	on := func(method string, status int) On {
		return On{Plane: "arm", Method: method, Path: anAssignment, Status: status}
	}
	coded := func(method, code string) On { return On{Plane: "arm", Method: method, Path: anAssignment, Code: code} }
	listed := func(query string) On {
		return On{Plane: "arm", Method: "GET", Path: grantList, Query: query, Status: 200}
	}
	made := answered(201, `{"name":"a"}`)
	return []Fault{
		{Name: "arm-authz-unlisted-at-resources", Rule: "ARM-AUTHZ-001", Also: []string{"ARM-AUTHZ-023", "ARM-AUTHZ-024", "ARM-AUTHZ-025", "RBAC-EVAL-020", "RBAC-EVAL-021"},
			On: On{Plane: "arm", Method: "GET", Path: ofProviders + `.*` + grantList, Status: 200}, Do: answered(200, `{"value":[]}`)},
		{Name: "arm-authz-no-root", Rule: "ARM-AUTHZ-002", On: On{Plane: "arm", Method: "GET", Path: `^/providers/Microsoft.Authorization/roleAssignments$`, Status: 403}, Do: Status(404)},
		{Name: "arm-authz-put-with-200", Rule: "ARM-AUTHZ-003", Also: []string{"ARM-AUTHZ-006", "ARM-AUTHZ-017"}, On: on("PUT", 201), Do: Status(200)},
		{Name: "arm-authz-members-missing", Rule: "ARM-AUTHZ-007", On: on("GET", 200), Do: Replace(`,"delegatedManagedIdentityResourceId":null,"description":null`, "")},
		{Name: "arm-authz-members-in-old-versions", Rule: "ARM-AUTHZ-008",
			On: On{Plane: "arm", Method: "GET", Path: anAssignment, Query: "api-version=201", Status: 200}, Do: JSON("properties.condition", nil)},
		{Name: "arm-authz-updated-never", Rule: "ARM-AUTHZ-010", Also: []string{"ARM-AUTHZ-009"},
			On: on("GET", 200), Do: Replace(`"updatedOn":"[^"]*"`, `"updatedOn":"2020-01-01T00:00:00.0000000Z"`)},
		{Name: "arm-authz-creation-moves", Rule: "ARM-AUTHZ-010",
			On: On{Plane: "arm", Method: "GET", Path: anAssignment, Status: 200, Answer: `"description":"why"`}, Do: JSON("properties.createdBy", nil)},
		{Name: "arm-authz-role-as-sent", Rule: "ARM-AUTHZ-011", On: on("PUT", 201), Do: Replace(`"roleDefinitionId":"/subscriptions/[^/]+`, `"roleDefinitionId":"`)},
		{Name: "arm-authz-delete-empty", Rule: "ARM-AUTHZ-012", Also: []string{"ARM-AUTHZ-003", "ARM-AUTHZ-009", "ARM-AUTHZ-010", "ARM-AUTHZ-021", "ARM-AUTHZ-022"}, On: on("DELETE", 200), Do: Body("")},
		{Name: "arm-authz-delete-with-202", Rule: "ARM-AUTHZ-012", Also: []string{"ARM-AUTHZ-001", "ARM-AUTHZ-042", "ARM-AUTHZ-043", "ARM-AUTHZ-044", "ARM-AUTHZ-047", "RBAC-EVAL-022"}, On: on("DELETE", 200), Do: Status(202)},
		{Name: "arm-authz-changes-all", Rule: "ARM-AUTHZ-013", On: coded("PUT", "RoleAssignmentUpdateNotPermitted"), Do: made},
		{Name: "arm-authz-update-code", Rule: "ARM-AUTHZ-013", On: coded("PUT", "RoleAssignmentUpdateNotPermitted"), Do: Code("BadRequestFormat")},
		{Name: "arm-authz-twins", Rule: "ARM-AUTHZ-014", Also: []string{"ARM-AUTHZ-015"}, On: coded("PUT", "RoleAssignmentExists"), Do: made},
		{Name: "arm-authz-twins-code", Rule: "ARM-AUTHZ-014", On: coded("PUT", "RoleAssignmentExists"), Do: Code("Conflict")},
		{Name: "arm-authz-twins-text", Rule: "ARM-AUTHZ-014", On: coded("PUT", "RoleAssignmentExists"), Do: Replace("already exists", "is there")},
		{Name: "arm-authz-any-principal", Rule: "ARM-AUTHZ-016", On: coded("PUT", "PrincipalNotFound"), Do: made},
		{Name: "arm-authz-principal-text", Rule: "ARM-AUTHZ-016", On: coded("PUT", "PrincipalNotFound"), Do: Replace(`Principal [0-9a-f]+`, "Principal")},
		{Name: "arm-authz-principal-must-be-known", Rule: "ARM-AUTHZ-017",
			On: On{Plane: "arm", Method: "PUT", Path: anAssignment, Status: 201}, Do: JSON("properties.principalId", "other")},
		{Name: "arm-authz-principal-type", Rule: "ARM-AUTHZ-018", On: on("PUT", 201), Do: JSON("properties.principalType", "User")},
		{Name: "arm-authz-get-of-nothing", Rule: "ARM-AUTHZ-021", On: coded("GET", "RoleAssignmentNotFound"), Do: Code("NotFound")},
		{Name: "arm-authz-delete-of-nothing", Rule: "ARM-AUTHZ-022", On: on("DELETE", 204), Do: answered(404, `{"error":{"code":"RoleAssignmentNotFound","message":"no"}}`)},
		{Name: "arm-authz-nothing-below", Rule: "ARM-AUTHZ-023", On: On{Plane: "arm", Method: "GET", Path: ofGroup + authz + "roleAssignments$", NoQuery: "filter", Status: 200}, Do: withoutEntry("/userAssignedIdentities/")},
		{Name: "arm-authz-scope-with-below", Rule: "ARM-AUTHZ-024", On: listed("atScope"), Do: Replace(`/providers/`, `/PROVIDERS/`)},
		{Name: "arm-authz-principal-of-others", Rule: "ARM-AUTHZ-025", On: listed(`filter=principalId`), Do: withEntry(`{"name":"other"}`)},
		{Name: "arm-authz-filters-together", Rule: "ARM-AUTHZ-027", On: On{Plane: "arm", Method: "GET", Path: grantList, Query: `principalId.*atScope`, Status: 400}, Do: answered(200, `{"value":[]}`)},
		{Name: "arm-authz-any-body", Rule: "ARM-AUTHZ-029", On: coded("PUT", "BadRequestFormat"), Do: made},
		{Name: "arm-authz-refusal-scope", Rule: "ARM-AUTHZ-036", On: coded("PUT", "AuthorizationFailed"), Do: Replace(`over scope '[^']*/roleAssignments/`, "over scope '/")},
		{Name: "arm-authz-refused-list-scope", Rule: "ARM-AUTHZ-036",
			On: On{Plane: "arm", Method: "GET", Path: grantList, Code: "AuthorizationFailed"}, Do: Replace(`/providers/Microsoft.Authorization'`, "'")},
		{Name: "arm-authz-denies-unlisted", Rule: "ARM-AUTHZ-054", On: On{Plane: "arm", Method: "GET", Path: ofGroup + authz + `denyAssignments$`, Status: 200}, Do: answered(200, "{}")},
		{Name: "arm-authz-classics-unlisted", Rule: "ARM-AUTHZ-055", On: On{Plane: "arm", Method: "GET", Path: `/classicAdministrators$`, Status: 200}, Do: answered(200, "{}")},
		{Name: "arm-authz-permissions-of-one-role", Rule: "ARM-AUTHZ-056", On: On{Plane: "arm", Method: "GET", Path: `/permissions$`, Status: 200},
			Do: answered(200, `{"value":[{"actions":["*/read"],"notActions":[],"dataActions":[],"notDataActions":[]}]}`)},
		{Name: "arm-authz-contributor-assigns", Rule: "ARM-AUTHZ-057", Also: []string{"ARM-AUTHZ-036"}, On: on("PUT", 403), Do: made},
	}
}

// withEntry puts an entry before those of a list.
func withEntry(entry string) func(a *wire.Answer) {
	return Both(Replace(`"value":\[\{`, `"value":[`+entry+`,{`), Replace(`"value":\[\]`, `"value":[`+entry+`]`))
}

// withoutEntry takes the entries out of a list in which a text stands.
func withoutEntry(text string) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		var list struct {
			Value []json.RawMessage `json:"value"`
		}
		if json.Unmarshal(a.Body, &list) != nil {
			return
		}
		list.Value = slices.DeleteFunc(list.Value, func(entry json.RawMessage) bool { return bytes.Contains(entry, []byte(text)) })
		a.Body, _ = json.Marshal(list) // it came from JSON
	}
}

// authz is the provider's path below a scope.
const authz = `/providers/Microsoft.Authorization/`

// roleFaults are about role definitions.
func roleFaults() []Fault {
	on := func(method string, status int) On {
		return On{Plane: "arm", Method: method, Path: aRole, Status: status}
	}
	return []Fault{
		{Name: "arm-role-id-of-scope", Rule: "ARM-AUTHZ-037", On: On{Plane: "arm", Method: "GET", Path: ofGroup + ".*" + aRole, Status: 200}, Do: Replace(`"id":"/subscriptions/[^/]+/`, `"id":"/subscriptions/s/resourceGroups/g/`)},
		{Name: "arm-role-missing-code", Rule: "ARM-AUTHZ-038", On: On{Plane: "arm", Method: "GET", Path: aRole, Code: "RoleDefinitionDoesNotExist"}, Do: Code("NotFound")},
		{Name: "arm-role-missing-is-empty", Rule: "ARM-AUTHZ-038", On: On{Plane: "arm", Method: "GET", Path: aRole, Code: "RoleDefinitionDoesNotExist"}, Do: answered(200, "{}")},
		{Name: "arm-role-members-missing", Rule: "ARM-AUTHZ-039", Also: []string{"ARM-AUTHZ-044"}, On: on("GET", 200), Do: Replace(`,"createdBy":(null|"[^"]*"),"updatedBy":(null|"[^"]*")`, "")},
		{Name: "arm-role-name-case", Rule: "ARM-AUTHZ-040", On: On{Plane: "arm", Method: "GET", Path: roleList, Query: `roleName`, Status: 200}, Do: answered(200, `{"value":[]}`)},
		{Name: "arm-role-update-with-200", Rule: "ARM-AUTHZ-042", On: on("PUT", 201), Do: Status(200)},
		{Name: "arm-role-lists-left-out", Rule: "ARM-AUTHZ-043", On: on("PUT", 201), Do: Replace(`,"notDataActions":\[\]`, "")},
		{Name: "arm-role-lists-all", Rule: "ARM-AUTHZ-045", Also: []string{"ARM-AUTHZ-041", "ARM-AUTHZ-040"}, On: On{Plane: "arm", Method: "GET", Path: roleList, Status: 200}, Do: answered(200, `{"value":[]}`)},
		{Name: "arm-role-not-listed-below", Rule: "ARM-AUTHZ-045", On: On{Plane: "arm", Method: "GET", Path: `/storageAccounts/[^/]+` + authz + `roleDefinitions$`, Status: 200},
			Do: withoutEntry(`"CustomRole"`)},
		{Name: "arm-role-same-name", Rule: "ARM-AUTHZ-046", On: On{Plane: "arm", Method: "PUT", Path: aRole, Code: "RoleDefinitionWithSameNameExists"}, Do: answered(201, "{}")},
		{Name: "arm-role-same-name-code", Rule: "ARM-AUTHZ-046", On: On{Plane: "arm", Method: "PUT", Path: aRole, Code: "RoleDefinitionWithSameNameExists"}, Do: Code("Conflict")},
		{Name: "arm-role-at-any-scope", Rule: "ARM-AUTHZ-050", On: on("PUT", 403), Do: answered(201, "{}")},
	}
}
