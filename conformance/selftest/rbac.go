package selftest

// Paths that the specs about roles ask, below the host.
const (
	anIdentity  = `/userAssignedIdentities/[^/]+$`
	denied      = `{"error":{"code":"AuthorizationFailed","message":"no"}}`
	ofGroup     = `^/subscriptions/[^/]+/resource[gG]roups/[^/]+`
	ofProviders = ofGroup + `/providers/`
)

func rbacFaults() []Fault {
	empty := Answer(200, `{"value":[]}`)
	return []Fault{
		{Name: "rbac-anybody-lists", Rule: "RBAC-EVAL-001",
			On: On{Plane: "arm", Method: "GET", Path: ofProviders + `Microsoft.KeyVault/vaults$`, Status: 403}, Do: empty},
		{Name: "rbac-reader-reads-no-machines", Rule: "RBAC-EVAL-002", Also: []string{"RBAC-EVAL-023"},
			On: On{Plane: "arm", Method: "GET", Path: ofProviders + `Microsoft.Compute/virtualMachines$`, Status: 200}, Do: Answer(403, denied)},
		{Name: "rbac-not-actions-ignored", Rule: "RBAC-EVAL-003",
			On: On{Plane: "arm", Method: "DELETE", Path: `/roleDefinitions/[^/]+$`, Status: 403}, Do: Answer(204, "")},
		{Name: "rbac-not-actions-deny", Rule: "RBAC-EVAL-004",
			On: On{Plane: "arm", Method: "DELETE", Path: `/roleDefinitions/[^/]+$`, Status: 204}, Do: Answer(403, denied)},
		{Name: "rbac-first-assignment-alone", Rule: "RBAC-EVAL-005",
			On: On{Plane: "arm", Method: "GET", Path: ofProviders + `Microsoft.Compute/virtualMachineScaleSets$`, Status: 200}, Do: Answer(403, denied)},
		{Name: "rbac-account-role-opens-data", Rule: "RBAC-EVAL-006",
			On: On{Plane: "blob", Method: "PUT", Query: "comp=metadata", Header: []string{"Authorization: ^Bearer "}, Status: 403}, Do: Status(200)},
		{Name: "rbac-owner-opens-data", Rule: "RBAC-EVAL-007",
			On: On{Plane: "blob", Method: "GET", Query: "comp=tags", Header: []string{"Authorization: ^Bearer "}, Status: 403}, Do: Status(200)},
		{Name: "rbac-not-data-actions-ignored", Rule: "RBAC-EVAL-008",
			On: On{Plane: "blob", Method: "PUT", Query: "comp=properties", Header: []string{"Authorization: ^Bearer "}, Status: 403}, Do: Status(200)},
		{Name: "rbac-star-stops-at-slash", Rule: "RBAC-EVAL-009", Also: []string{"RBAC-EVAL-003", "RBAC-EVAL-004"},
			On: On{Plane: "arm", Method: "GET", Path: ofProviders + `Microsoft.ManagedIdentity/userAssignedIdentities$`, Status: 200}, Do: Answer(403, denied)},
		{Name: "rbac-pattern-not-anchored", Rule: "RBAC-EVAL-010", Also: []string{"KV-AUTH-025"},
			On: On{Plane: "vault", Method: "GET", Path: `^/secrets/[^/]+/versions$`, Status: 403}, Do: Answer(200, `{"value":[]}`)},
		{Name: "rbac-pattern-case", Rule: "RBAC-EVAL-011",
			On: On{Plane: "arm", Method: "GET", Path: ofProviders + `Microsoft.Storage/storageAccounts$`, Status: 200}, Do: Answer(403, denied)},
		{Name: "rbac-get-needs-nothing", Rule: "RBAC-EVAL-016", Also: []string{"RBAC-SCOPE-007", "RBAC-EVAL-012"},
			On: On{Plane: "arm", Method: "GET", Path: anIdentity, Status: 403}, Do: Answer(200, "{}")},
		{Name: "rbac-head-needs-nothing", Rule: "RBAC-EVAL-016",
			On: On{Plane: "arm", Method: "HEAD", Path: anIdentity, Status: 403}, Do: Status(204)},
		{Name: "rbac-patch-needs-nothing", Rule: "RBAC-EVAL-017",
			On: On{Plane: "arm", Method: "PATCH", Path: anIdentity, Status: 403}, Do: Answer(200, "{}")},
		{Name: "rbac-put-needs-nothing", Rule: "RBAC-EVAL-020", Also: []string{"RBAC-EVAL-017", "RBAC-EVAL-021"},
			On: On{Plane: "arm", Method: "PUT", Path: anIdentity, Status: 403}, Do: Answer(201, "{}")},
		{Name: "rbac-delete-needs-nothing", Rule: "RBAC-EVAL-018",
			On: On{Plane: "arm", Method: "DELETE", Path: anIdentity, Status: 403}, Do: Status(200)},
		{Name: "rbac-action-needs-nothing", Rule: "RBAC-EVAL-019", Also: []string{"ARM-STORAGE-011"},
			On: On{Plane: "arm", Method: "POST", Path: `(?i)/listKeys$`, Status: 403}, Do: Answer(200, `{"keys":[]}`)},
		{Name: "rbac-maker-owns", Rule: "RBAC-EVAL-021",
			On: On{Plane: "arm", Method: "GET", Path: `/userAssignedIdentities/[^/]+/providers/Microsoft.Authorization/roleAssignments$`, Query: "atScope", Status: 200},
			Do: withEntry(`{"properties":{"scope":"/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"}}`)},
		{Name: "rbac-deleted-assignment-counts", Rule: "RBAC-EVAL-022",
			On: On{Plane: "arm", Method: "GET", Path: ofProviders + `Microsoft.KeyVault/vaults/[^/]+$`, Status: 403}, Do: Answer(200, "{}")},
		{Name: "rbac-assign-not-asked", Rule: "RBAC-EVAL-024",
			On: On{Plane: "arm", Method: "PATCH", Path: `/virtualMachines/[^/]+$`, Status: 403}, Do: Answer(200, "{}")},
		{Name: "rbac-subscription-not-for-groups", Rule: "RBAC-SCOPE-001", Also: []string{"ARM-GROUP-004"},
			On: On{Plane: "arm", Method: "HEAD", Path: ofGroup + "$", Status: 204}, Do: Status(403)},
		{Name: "rbac-subscription-not-for-resources", Rule: "RBAC-SCOPE-002",
			On: On{Plane: "arm", Method: "GET", Path: `/storageAccounts/[^/]+/providers/Microsoft.Authorization/permissions$`, Status: 200}, Do: Answer(403, denied)},
		{Name: "rbac-group-not-for-resources", Rule: "RBAC-SCOPE-003",
			On: On{Plane: "arm", Method: "GET", Path: `/storageAccounts/[^/]+/providers/Microsoft.Authorization/denyAssignments$`, Status: 200}, Do: Answer(403, denied)},
		{Name: "rbac-account-not-for-containers", Rule: "RBAC-SCOPE-004",
			On: On{Plane: "blob", Method: "GET", Query: `^restype=container$`, Header: []string{"Authorization: ^Bearer "}, Status: 200}, Do: Status(403)},
		{Name: "rbac-group-for-subscription", Rule: "RBAC-SCOPE-005",
			On: On{Plane: "arm", Method: "GET", Path: `^/subscriptions/[^/]+/providers/Microsoft.Authorization/roleAssignments$`, Status: 403}, Do: empty},
		{Name: "rbac-group-for-sibling", Rule: "RBAC-SCOPE-006",
			On: On{Plane: "arm", Method: "GET", Path: ofProviders + `Microsoft.Authorization/denyAssignments$`, Status: 403},
			Do: Answer(404, `{"error":{"code":"ResourceGroupNotFound","message":"no"}}`)},
		{Name: "rbac-resource-for-neighbour", Rule: "RBAC-SCOPE-007", Also: []string{"RBAC-EVAL-016", "RBAC-EVAL-012"},
			On: On{Plane: "arm", Method: "GET", Path: anIdentity, Status: 403}, Do: Answer(200, "{}")},
		{Name: "rbac-scope-by-prefix", Rule: "RBAC-SCOPE-008",
			On: On{Plane: "arm", Method: "GET", Path: ofGroup + `0/providers/`, Status: 403},
			Do: Answer(404, `{"error":{"code":"ResourceGroupNotFound","message":"no"}}`)},
		{Name: "rbac-scope-case", Rule: "RBAC-SCOPE-009",
			On: On{Plane: "arm", Method: "GET", Path: `/userAssignedIdentities/[^/]+/providers/Microsoft.Authorization/permissions$`, Status: 200}, Do: Answer(403, denied)},
	}
}

func rbacWithoutSpec() []Uncovered {
	const known = "Linarite knowingly differs (docs/divergences.md); "
	return []Uncovered{
		{"RBAC-EVAL-013", "a group of the directory cannot be made by Resource Manager, nor by a deployer without rights in the directory"},
		{"RBAC-EVAL-014", "as RBAC-EVAL-013"},
		{"RBAC-EVAL-015", known + "users cannot make deny assignments in Azure either"},
		{"RBAC-EVAL-025", known + "an assignment with a condition grants nothing here"},
		{"RBAC-SCOPE-010", "the deployer has no rights at the root of the tenant"},
		{"RBAC-SCOPE-011", known + "the deployer has no rights on a management group"},
	}
}

func rbacWithoutFault() []Uncovered { return nil }
