package selftest

import (
	"encoding/base64"

	"github.com/linarite/linarite/clientlib/wire"
)

// nothingFound is a list without anything.
const nothingFound = `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#servicePrincipals","value":[]}`

func entraGraphFaults() []Fault {
	const list = "^/v1.0/servicePrincipals$"
	// slashed begins the claims of a token whose audience ends in a slash.
	slashed := base64.RawURLEncoding.EncodeToString([]byte(`{"aud":"https://graph.microsoft.com/`))
	var (
		missing = On{Plane: "graph", Code: "Request_ResourceNotFound"}
		nobody  = On{Plane: "graph", Path: list, Header: []string{"!Authorization"}, Status: 401}
		other   = On{Plane: "graph", Path: list, Answer: "Invalid audience"}
		denied  = On{Plane: "graph", Query: "^$", Code: "Authorization_RequestDenied", Path: "/(users|groups)$"}
		me      = On{Plane: "graph", Path: "^/v1.0/me$"}
		named   = On{Plane: "graph", Path: list, Query: "filter=servicePrincipalNames", Status: 200}
		none    = On{Plane: "graph", Path: list, Query: "filter=servicePrincipalNames.*9999-", Status: 200}
		byIDs   = On{Plane: "graph", Path: "/getByIds$", Status: 200}
		paged   = On{Plane: "graph", Path: list, Query: `^\$top=1$`, Status: 200, Answer: "nextLink"}
		client  = On{Plane: "graph", Path: list, Query: "filter=appId%20eq", Answer: "ManagedIdentity"}
	)
	return []Fault{
		{Name: "graph-error-date-with-zone", Rule: "ENTRA-GRAPH-001", On: missing, Do: Replace(`("date":"[^"]*)"`, `${1}Z"`)},
		{Name: "graph-error-without-request-id", Rule: "ENTRA-GRAPH-001", On: missing, Do: NoJSON("error.innerError.request-id")},
		{Name: "graph-error-with-another-client-request-id", Rule: "ENTRA-GRAPH-001", On: missing, Do: JSON("error.innerError.client-request-id", "x")},
		{Name: "graph-no-token-403", Rule: "ENTRA-GRAPH-002", On: nobody, Do: Status(403)},
		{Name: "graph-no-token-accepted", Rule: "ENTRA-GRAPH-002", Also: []string{"ENTRA-GRAPH-009"}, On: nobody, Do: listing},
		{Name: "graph-no-token-other-code", Rule: "ENTRA-GRAPH-002", On: nobody, Do: JSON("error.code", "Unauthorized")},
		{Name: "graph-not-a-token-400", Rule: "ENTRA-GRAPH-003", On: On{Plane: "graph", Header: []string{"Authorization: ^Bearer linarite$"}}, Do: Status(400)},
		{Name: "graph-signature-unchecked", Rule: "ENTRA-GRAPH-004", Also: []string{"ENTRA-GRAPH-009"}, On: On{Plane: "graph", Path: list, Header: []string{"Authorization: A{20}$"}}, Do: listing},
		{Name: "graph-no-challenge", Rule: "ENTRA-GRAPH-009", On: nobody, Do: NoHeader("WWW-Authenticate")},
		{Name: "graph-any-audience", Rule: "ENTRA-GRAPH-007", On: other, Do: listing},
		{Name: "graph-other-audience-403", Rule: "ENTRA-GRAPH-007", On: other, Do: Status(403)},
		{Name: "graph-audience-without-slash-alone", Rule: "ENTRA-GRAPH-008",
			On: On{Plane: "graph", Path: list, Header: []string{`Authorization: \.` + slashed}}, Do: Answer(401, `{"error":{"code":"InvalidAuthenticationToken","message":""}}`)},
		{Name: "graph-knows-the-deleted", Rule: "ENTRA-GRAPH-010", On: On{Plane: "graph", Code: "Authorization_IdentityNotFound"}, Do: Answer(403, `{"error":{"code":"Authorization_RequestDenied","message":""}}`)},
		{Name: "graph-identities-read", Rule: "ENTRA-GRAPH-011", Also: []string{"ENTRA-GRAPH-012"}, On: denied, Do: listing},
		{Name: "graph-denied-other-code", Rule: "ENTRA-GRAPH-011", On: denied, Do: JSON("error.code", "AuthorizationFailed")},
		{Name: "graph-no-app-role-wanted", Rule: "ENTRA-GRAPH-012", Also: []string{"ENTRA-GRAPH-011"}, On: denied, Do: listing},
		{Name: "graph-denied-401", Rule: "ENTRA-GRAPH-012", On: denied, Do: Status(401)},
		{Name: "graph-missing-400", Rule: "ENTRA-GRAPH-013", On: missing, Do: Status(400)},
		{Name: "graph-missing-other-code", Rule: "ENTRA-GRAPH-013", On: missing, Do: JSON("error.code", "ResourceNotFound")},
		{Name: "graph-me-404", Rule: "ENTRA-GRAPH-014", On: me, Do: Status(404)},
		{Name: "graph-me-the-application", Rule: "ENTRA-GRAPH-014", On: me, Do: Answer(200, `{"id":"x"}`)},
		{Name: "graph-segment-404", Rule: "ENTRA-GRAPH-015", On: On{Plane: "graph", Path: "/linarites$", Status: 400}, Do: Status(404)},
		{Name: "graph-segment-before-token", Rule: "ENTRA-GRAPH-015", On: On{Plane: "graph", Path: "/linarites$", Status: 401}, Do: Status(400)},
		{Name: "graph-version-404", Rule: "ENTRA-GRAPH-016", On: On{Plane: "graph", Path: "^/v0.1/"}, Do: Status(404)},
		{Name: "graph-verb-400", Rule: "ENTRA-GRAPH-017", On: On{Plane: "graph", Method: "DELETE"}, Do: Status(400)},
		{Name: "graph-nothing-found-404", Rule: "ENTRA-GRAPH-018", On: none, Do: Status(404)},
		{Name: "graph-nothing-found-null", Rule: "ENTRA-GRAPH-018", On: none, Do: JSON("value", nil)},
		{Name: "graph-list-without-context", Rule: "ENTRA-GRAPH-018", On: named, Do: Replace(`"@odata.context":"[^"]*",`, "")},
		{Name: "graph-type-bare", Rule: "ENTRA-GRAPH-019", On: named, Do: Header("Content-Type", "application/json")},
		{Name: "graph-no-odata-version", Rule: "ENTRA-GRAPH-019", On: named, Do: NoHeader("odata-version")},
		{Name: "graph-no-request-id", Rule: "ENTRA-GRAPH-019", On: named, Do: NoHeader("request-id")},
		{Name: "graph-not-found-by-client-id", Rule: "ENTRA-GRAPH-020", Also: []string{"ENTRA-GRAPH-018", "ENTRA-GRAPH-021"}, On: named, Do: JSON("value", []any{})},
		{Name: "graph-another-by-client-id", Rule: "ENTRA-GRAPH-020", On: named, Do: Replace(`"appId":"[^"]*"`, `"appId":"x"`)},
		{Name: "graph-member-missing", Rule: "ENTRA-GRAPH-021", On: named, Do: Replace(`"verifiedPublisher":\{[^}]*\}`, `"linarite":1`)},
		{Name: "graph-members-in-other-order", Rule: "ENTRA-GRAPH-021", On: named, Do: Replace(`("appRoles":\[\]),("keyCredentials":\[\])`, "$2,$1")},
		{Name: "graph-identity-an-application", Rule: "ENTRA-GRAPH-022", On: client, Do: JSON("value.0.servicePrincipalType", "Application")},
		{Name: "graph-identity-not-explicit", Rule: "ENTRA-GRAPH-022", On: client, Do: Replace("isExplicit=True", "isExplicit=False")},
		{Name: "graph-identity-of-one-name", Rule: "ENTRA-GRAPH-022", On: client, Do: Replace(`,"https://identity.azure.net/[^"]*"`, "")},
		{Name: "graph-name-ignored", Rule: "ENTRA-GRAPH-023", On: On{Plane: "graph", Path: list, Query: "filter=displayName", Status: 200}, Do: listing},
		{Name: "graph-startswith-finds-nothing", Rule: "ENTRA-GRAPH-024", On: On{Plane: "graph", Path: list, Query: "filter=startswith", Status: 200}, Do: Answer(200, nothingFound)},
		{Name: "graph-unknown-property-ignored", Rule: "ENTRA-GRAPH-025", On: On{Plane: "graph", Code: "Request_UnsupportedQuery"}, Do: listing},
		{Name: "graph-bad-filter-ignored", Rule: "ENTRA-GRAPH-026", On: On{Plane: "graph", Query: "filter=linarite%20linarite"}, Do: listing},
		{Name: "graph-no-next-link", Rule: "ENTRA-GRAPH-027", On: paged, Do: Replace(`"@odata.nextLink":"[^"]*",?`, "")},
		{Name: "graph-always-a-next-link", Rule: "ENTRA-GRAPH-027",
			On: On{Plane: "graph", Path: list, Query: "filter=appId", Status: 200}, Do: Replace(`"value":`, `"@odata.nextLink":"https://graph.microsoft.com/v1.0/servicePrincipals?$$skiptoken=x","value":`)},
		{Name: "graph-next-page-the-same", Rule: "ENTRA-GRAPH-027",
			On: On{Plane: "graph", Path: list, Query: "skiptoken=[^l]"}, Do: JSON("value", []any{})},
		{Name: "graph-top-ignored", Rule: "ENTRA-GRAPH-028", On: On{Plane: "graph", Path: list, Query: `^\$top=2$`}, Do: Answer(200, nothingFound)},
		{Name: "graph-skiptoken-ignored", Rule: "ENTRA-GRAPH-029", On: On{Plane: "graph", Query: "skiptoken=l"}, Do: listing},
		{Name: "graph-by-ids-without-type", Rule: "ENTRA-GRAPH-030", On: byIDs, Do: Replace(`"@odata.type":"[^"]*",`, "")},
		{Name: "graph-by-ids-404", Rule: "ENTRA-GRAPH-030", On: byIDs, Do: Status(404)},
		{Name: "graph-by-ids-the-unknown-too", Rule: "ENTRA-GRAPH-030", Also: []string{"ENTRA-GRAPH-031"}, On: byIDs, Do: Replace(`\]\}$`, `,{"id":"x"}]}`)},
		{Name: "graph-by-ids-any-type", Rule: "ENTRA-GRAPH-031",
			On: On{Plane: "graph", Path: "/getByIds$", Body: `"types":\["user","group"\]`}, Do: listing},
		{Name: "graph-by-ids-nothing-when-none-is-named", Rule: "ENTRA-GRAPH-031", Also: []string{"ENTRA-GRAPH-030"},
			On: On{Plane: "graph", Path: "/getByIds$", Body: `^\{"ids":\[[^]]*\]\}$`}, Do: Answer(200, nothingFound)},
		{Name: "graph-bad-body-accepted", Rule: "ENTRA-GRAPH-032", On: On{Plane: "graph", Path: "/getByIds$", Body: "^linarite$"}, Do: Answer(200, nothingFound)},
		{Name: "graph-users-404", Rule: "ENTRA-GRAPH-033", On: On{Plane: "graph", Path: "/users$", Query: "filter"}, Do: Status(404)},
		{Name: "graph-no-diagnostic", Rule: "ENTRA-GRAPH-035", On: named, Do: NoHeader("x-ms-ags-diagnostic")},
		{Name: "graph-list-for-two-units", Rule: "ENTRA-GRAPH-036", On: named, Do: Header("x-ms-resource-unit", "2")},
		{Name: "graph-groups-a-bare-list", Rule: "ENTRA-GRAPH-033", On: On{Plane: "graph", Path: "/groups$", Query: "filter"}, Do: Body("[]")},
	}
}

// listing makes it a list of one that nobody asked for.
func listing(a *wire.Answer) {
	a.Header.Del("WWW-Authenticate")
	Answer(200, `{"@odata.context":"https://graph.microsoft.com/v1.0/$metadata#servicePrincipals","value":[{"id":"00000000-0000-0000-0000-000000000000"}]}`)(a)
}

func entraGraphWithoutSpec() []Uncovered {
	return []Uncovered{
		{"ENTRA-GRAPH-005", "a token that has expired takes an hour at least"},
		{"ENTRA-GRAPH-006", "Entra ID makes no token for a later time"},
		{"ENTRA-GRAPH-034", "a flood would lock the application out for others"},
	}
}
