package selftest

// commonFaults are about what is the same for every type.
func commonFaults() []Fault {
	const inGroup = ofGroup + `/resources$`
	coded := func(method, path, code string) On { return On{Plane: "arm", Method: method, Path: path, Code: code} }
	ok := answered(200, `{"value":[{"name":"x"}]}`)
	refused := On{Plane: "arm", Path: inGroup, Status: 401}
	return []Fault{
		{Name: "arm-version-not-needed", Rule: "ARM-COMMON-001", Also: []string{"ARM-COMMON-002", "ARM-COMMON-003", "ARM-COMMON-009", "ARM-COMMON-038", "ARM-COMMON-040"},
			On: coded("GET", inGroup, "MissingApiVersionParameter"), Do: ok},
		{Name: "arm-version-missing-code", Rule: "ARM-COMMON-002", Also: []string{"ARM-COMMON-009"}, On: coded("GET", inGroup, "MissingApiVersionParameter"), Do: Code("BadRequest")},
		{Name: "arm-version-name-case", Rule: "ARM-COMMON-004", On: On{Plane: "arm", Query: "API-Version", Status: 200},
			Do: answered(400, `{"error":{"code":"MissingApiVersionParameter","message":"no"}}`)},
		{Name: "arm-front-door-any-version", Rule: "ARM-COMMON-005", Also: []string{"ARM-COMMON-006"}, On: coded("GET", aGroup, "InvalidApiVersionParameter"), Do: answered(200, "{}")},
		{Name: "arm-front-door-version-code", Rule: "ARM-COMMON-005", On: coded("GET", aGroup, "InvalidApiVersionParameter"), Do: Code("NoRegisteredProviderFound")},
		{Name: "arm-provider-any-version", Rule: "ARM-COMMON-007", Also: []string{"ARM-COMMON-008", "ARM-MSI-025"}, On: coded("GET", "", "NoRegisteredProviderFound"), Do: answered(200, "{}")},
		{Name: "arm-provider-version-code", Rule: "ARM-COMMON-007", On: coded("GET", "", "NoRegisteredProviderFound"), Do: Code("InvalidApiVersionParameter")},
		{Name: "arm-no-token-needed", Rule: "ARM-COMMON-010", Also: []string{"ARM-COMMON-011"}, On: coded("GET", inGroup, "AuthenticationFailed"), Do: ok},
		{Name: "arm-no-token-code", Rule: "ARM-COMMON-010", On: coded("GET", inGroup, "AuthenticationFailed"), Do: Code("InvalidAuthenticationToken")},
		{Name: "arm-any-scheme", Rule: "ARM-COMMON-012", Also: []string{"ARM-COMMON-013"}, On: coded("GET", inGroup, "AuthenticationFailedInvalidHeader"), Do: ok},
		{Name: "arm-token-not-read", Rule: "ARM-COMMON-014",
			On: On{Plane: "arm", Path: inGroup, Header: []string{`Authorization: ^Bearer (garbage|a\.b\.c)$`}, Status: 401}, Do: ok},
		{Name: "arm-signature-not-checked", Rule: "ARM-COMMON-015", Also: []string{"ARM-COMMON-016"},
			On: On{Plane: "arm", Path: inGroup, Header: []string{`Authorization: ^Bearer [^.]{10,}\.`}, Code: "InvalidAuthenticationToken"}, Do: ok},
		{Name: "arm-audience-not-checked", Rule: "ARM-COMMON-019", Also: []string{"ARM-COMMON-020"}, On: coded("GET", inGroup, "InvalidAuthenticationTokenAudience"), Do: ok},
		{Name: "arm-audience-code", Rule: "ARM-COMMON-019", On: coded("GET", inGroup, "InvalidAuthenticationTokenAudience"), Do: Code("InvalidAuthenticationToken")},
		{Name: "arm-audience-of-old", Rule: "ARM-COMMON-021",
			On: On{Plane: "arm", Path: inGroup, Header: []string{`Authorization: ^Bearer [^.]+\.[^.]*` + coreWindows}, Status: 200}, Do: answered(401, `{"error":{"code":"InvalidAuthenticationTokenAudience","message":"no"}}`)},
		{Name: "arm-no-challenge", Rule: "ARM-COMMON-024", Also: []string{"ARM-COMMON-025", "ARM-COMMON-027"}, On: refused, Do: NoHeader("WWW-Authenticate")},
		{Name: "arm-challenge-without-tenant", Rule: "ARM-COMMON-025", On: refused, Do: ReplaceHeader("WWW-Authenticate", `(authorization_uri="https://[^/"]+/)[^"]*`, "${1}common")},
		{Name: "arm-any-subscription", Rule: "ARM-COMMON-029", Also: []string{"ARM-COMMON-030"}, On: coded("GET", "", "SubscriptionNotFound"), Do: ok},
		{Name: "arm-subscription-code", Rule: "ARM-COMMON-029", On: coded("GET", "", "SubscriptionNotFound"), Do: Code("NotFound")},
		{Name: "arm-subscription-form", Rule: "ARM-COMMON-031", On: coded("GET", "", "InvalidSubscriptionId"), Do: answered(404, `{"error":{"code":"SubscriptionNotFound","message":"no"}}`)},
		{Name: "arm-rights-not-asked", Rule: "ARM-COMMON-032", Also: []string{"ARM-COMMON-035", "ARM-COMMON-036", "RBAC-EVAL-019"},
			On: coded("GET", `(?i)/storageAccounts/[^/]+$`, "AuthorizationFailed"), Do: answered(200, "{}")},
		{Name: "arm-forbidden-code", Rule: "ARM-COMMON-032", On: coded("GET", `(?i)/storageAccounts/[^/]+$`, "AuthorizationFailed"), Do: Code("Forbidden")},
		{Name: "arm-missing-before-forbidden", Rule: "ARM-COMMON-033", Also: []string{"ARM-GROUP-029"}, On: coded("GET", aGroup, "AuthorizationFailed"),
			Do: answered(404, `{"error":{"code":"ResourceGroupNotFound","message":"no"}}`)},
		{Name: "arm-forbidden-before-missing", Rule: "ARM-COMMON-034", Also: []string{"ARM-GROUP-002", "ARM-GROUP-003"}, On: coded("GET", aGroup, "ResourceGroupNotFound"), Do: answered(403, denied)},
		{Name: "arm-error-without-envelope", Rule: "ARM-COMMON-038", Also: []string{"ARM-COMMON-002", "ARM-COMMON-003", "ARM-COMMON-009"},
			On: coded("GET", inGroup, "MissingApiVersionParameter"), Do: Replace(`^\{"error":(.*)\}$`, "$1")},
		{Name: "arm-head-with-body", Rule: "ARM-COMMON-039", On: On{Plane: "arm", Method: "HEAD", Path: aGroup, Status: 400}, Do: Body("{}")},
		{Name: "arm-any-type", Rule: "ARM-COMMON-041", On: coded("GET", ofGroup, "InvalidResourceType"), Do: answered(200, "{}")},
		{Name: "arm-type-code", Rule: "ARM-COMMON-041", On: coded("GET", ofGroup, "InvalidResourceType"), Do: Code("ResourceNotFound")},
		{Name: "arm-any-namespace", Rule: "ARM-COMMON-042", On: coded("GET", ofGroup, "InvalidResourceNamespace"), Do: Code("InvalidResourceType")},
		{Name: "arm-any-resource", Rule: "ARM-COMMON-043", Also: []string{"ARM-COMMON-044", "ARM-GROUP-037", "IMDS-TOKEN-065"}, On: coded("GET", anIdentity, "ResourceNotFound"), Do: answered(200, "{}")},
		{Name: "arm-resource-code", Rule: "ARM-COMMON-043", On: coded("GET", anIdentity, "ResourceNotFound"), Do: Replace(`"code":"ResourceNotFound"`, `"code":"NotFound"`)},
		{Name: "arm-ids-by-case", Rule: "ARM-COMMON-046", Also: []string{"ARM-COMMON-047"},
			On: On{Plane: "arm", Method: "GET", Path: `/USERASSIGNEDIDENTITIES/`, Status: 200}, Do: answered(404, `{"error":{"code":"ResourceNotFound","message":"no"}}`)},
		{Name: "arm-names-as-asked", Rule: "ARM-COMMON-047", On: On{Plane: "arm", Method: "GET", Path: `(?i)/userAssignedIdentities/[^/]+$`, Status: 200, Answer: `"name":"Lz`}, Do: Replace(`"name":"Lz`, `"name":"lz`)},
		{Name: "arm-group-of-body", Rule: "ARM-COMMON-048", On: On{Plane: "arm", Method: "PUT", Path: anIdentity, Body: "elsewhere", Status: 201}, Do: Replace(`(/resource[gG]roups/)[^/]+`, "${1}elsewhere")},
		{Name: "arm-no-request-id", Rule: "ARM-COMMON-050", On: coded("GET", anIdentity, "ResourceNotFound"), Do: NoHeader("x-ms-request-id")},
		{Name: "arm-no-correlation-id", Rule: "ARM-COMMON-051", Also: []string{"ARM-COMMON-054"}, On: coded("GET", anIdentity, "ResourceNotFound"), Do: NoHeader("x-ms-correlation-request-id")},
		{Name: "arm-content-type", Rule: "ARM-COMMON-062", On: coded("GET", anIdentity, "ResourceNotFound"), Do: Header("Content-Type", "application/json")},
		{Name: "arm-list-named-otherwise", Rule: "ARM-COMMON-066", Also: []string{"ARM-GROUP-028", "ARM-COMMON-067", "ARM-COMMON-068"},
			On: On{Plane: "arm", Method: "GET", Path: `/resource[gG]roups$`, Query: `top=1(&|$)`, Status: 200}, Do: Replace(`"value":`, `"values":`)},
		{Name: "arm-next-link-relative", Rule: "ARM-COMMON-067", Also: []string{"ARM-COMMON-066", "ARM-COMMON-068", "ARM-GROUP-028"},
			On: On{Plane: "arm", Method: "GET", Path: `/resource[gG]roups$`, Query: `top=1(&|$)`, Status: 200}, Do: Replace(`"nextLink":"https://[^/]+`, `"nextLink":"`)},
		{Name: "arm-next-link-empty", Rule: "ARM-COMMON-068",
			On: On{Plane: "arm", Method: "GET", Path: `/resource[gG]roups$`, Query: `skiptoken`, Status: 200}, Do: Replace(`\]\}$`, `],"nextLink":""}`)},
		{Name: "arm-delete-of-nothing", Rule: "ARM-COMMON-069", Also: []string{"ARM-MSI-005"}, On: On{Plane: "arm", Method: "DELETE", Path: anIdentity, Status: 204}, Do: answered(404, `{"error":{"code":"ResourceNotFound","message":"no"}}`)},
		{Name: "arm-head-with-200", Rule: "ARM-COMMON-070", On: On{Plane: "arm", Method: "HEAD", Path: anIdentity, Status: 204}, Do: Status(200)},
		{Name: "arm-metadata-for-token", Rule: "ARM-COMMON-071", Also: []string{"ARM-COMMON-082"}, On: On{Plane: "arm", Path: "^/metadata/endpoints$", Status: 200}, Do: answered(401, "{}")},
		{Name: "arm-body-not-checked", Rule: "ARM-COMMON-072", On: coded("PATCH", aGroup, "InvalidRequestContent"), Do: answered(200, "{}")},
		{Name: "arm-body-code", Rule: "ARM-COMMON-072", On: coded("PATCH", aGroup, "InvalidRequestContent"), Do: Code("BadRequest")},
		{Name: "arm-resource-moves", Rule: "ARM-COMMON-088", On: coded("PUT", anIdentity, "InvalidResourceLocation"), Do: answered(200, "{}")},
	}
}

// coreWindows finds management.core.windows.net in base64, wherever it begins.
const coreWindows = `(dlbWVudC5jb3JlLndpbmRvd3M|FnZW1lbnQuY29yZS53aW5kb3dz|hZ2VtZW50LmNvcmUud2luZG93cy)`
