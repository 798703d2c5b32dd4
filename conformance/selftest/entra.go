package selftest

import (
	"slices"
	"strconv"
)

func entraFaults() []Fault {
	return slices.Concat(entraTokenFaults(), entraRefusalFaults(), entraJWTFaults(), entraOIDCFaults(), entraGraphFaults(), entraAssertFaults())
}

// The paths of the token endpoints.
const (
	tokenV1 = "^/[^/]+/oauth2/token$"
	tokenV2 = "^/[^/]+/oauth2/v2.0/token$"
)

func entraTokenFaults() []Fault {
	v2 := On{Plane: "login", Path: tokenV2, Status: 200}
	v1 := On{Plane: "login", Path: tokenV1, Status: 200}
	bad := On{Plane: "login", Path: tokenV1, Answer: "AADSTS7000215"}
	return []Fault{
		{Name: "entra-token-201", Rule: "ENTRA-TOKEN-001", Also: []string{"ENTRA-TOKEN-029"}, On: On{Plane: "login", Path: tokenV2, Body: "client_secret=", Status: 200}, Do: Status(201)},
		{Name: "entra-token-with-scheme", Rule: "ENTRA-TOKEN-001", Also: []string{"ENTRA-OIDC-026", "ENTRA-TOKEN-004", "ENTRA-TOKEN-005", "ENTRA-TOKEN-029"},
			On: On{Plane: "login", Path: tokenV2, Body: "management", Status: 200}, Do: Replace(`"access_token":"`, `"access_token":"Bearer `)},
		{Name: "entra-expires-in-a-string", Rule: "ENTRA-TOKEN-002", Also: []string{"ENTRA-FED-002"}, On: v2, Do: Replace(`"expires_in":(\d+)`, `"expires_in":"$1"`)},
		{Name: "entra-ext-expires-in-a-string", Rule: "ENTRA-TOKEN-002", On: v2, Do: Replace(`"ext_expires_in":(\d+)`, `"ext_expires_in":"$1"`)},
		{Name: "entra-v1-expires-in-a-number", Rule: "ENTRA-TOKEN-003", On: v1, Do: Replace(`"expires_in":"(\d+)"`, `"expires_in":$1`)},
		{Name: "entra-v1-no-resource", Rule: "ENTRA-TOKEN-003", On: v1, Do: NoJSON("resource")},
		{Name: "entra-two-resources-accepted", Rule: "ENTRA-TOKEN-004",
			On: On{Plane: "login", Path: tokenV2, Body: `default\+https`}, Do: Answer(200, someToken)},
		{Name: "entra-scope-loses-its-slash", Rule: "ENTRA-TOKEN-005", Also: []string{"ENTRA-JWT-001"},
			On: On{Plane: "login", Path: tokenV2, Body: `%2F%2F\.default`, Status: 200}, Do: trimClaim("aud")},
		{Name: "entra-no-basic", Rule: "ENTRA-TOKEN-006",
			On: On{Plane: "login", Path: tokenV2, Header: []string{"Authorization: ^Basic "}}, Do: Answer(401, `{"error":"invalid_client","error_codes":[7000216]}`)},
		{Name: "entra-basic-unchecked", Rule: "ENTRA-TOKEN-006",
			On: On{Plane: "login", Path: tokenV2, Header: []string{"Authorization: ^Basic "}, Status: 401}, Do: Answer(200, someToken)},
		{Name: "entra-error-without-trace", Rule: "ENTRA-TOKEN-007", On: bad, Do: NoJSON("trace_id")},
		{Name: "entra-error-without-uri", Rule: "ENTRA-TOKEN-007", On: bad, Do: NoJSON("error_uri")},
		{Name: "entra-error-codes-strings", Rule: "ENTRA-TOKEN-008", On: bad, Do: Replace(`"error_codes":\[(\d+)\]`, `"error_codes":["$1"]`)},
		{Name: "entra-error-without-lines", Rule: "ENTRA-TOKEN-009", On: bad, Do: Replace(`(\\r)?\\nTrace ID.*Z","error_codes`, `","error_codes`)},
		{Name: "entra-correlation-of-its-own", Rule: "ENTRA-TOKEN-010", On: bad, Do: JSON("correlation_id", nobody)},
		{Name: "entra-openid-scopes-refused", Rule: "ENTRA-TOKEN-029",
			On: On{Plane: "login", Path: tokenV2, Body: `\+openid`}, Do: Answer(400, `{"error":"invalid_scope","error_codes":[1002012]}`)},
		{Name: "entra-nowhere-400", Rule: "ENTRA-TOKEN-025", On: On{Plane: "login", Path: "/tokens$"}, Do: Status(400)},
	}
}

// entraRefusalFaults are three for each refusal: it is none, it has another status, another code.
func entraRefusalFaults() []Fault {
	var all []Fault
	for _, r := range []struct {
		name, rule string
		number     int
		also       []string
	}{
		{"wrong-secret", "ENTRA-TOKEN-011", 7000215, []string{"ENTRA-TOKEN-006"}},
		{"unknown-client", "ENTRA-TOKEN-012", 700016, nil},
		{"no-credential", "ENTRA-TOKEN-013", 7000216, []string{"ENTRA-ASSERT-002", "ENTRA-ASSERT-005"}},
		{"missing-parameter", "ENTRA-TOKEN-014", 900144, []string{"ENTRA-TOKEN-015", "ENTRA-ASSERT-004"}},
		{"grant-type", "ENTRA-TOKEN-016", 70003, nil},
		{"scope", "ENTRA-TOKEN-017", 1002012, []string{"ENTRA-TOKEN-004"}},
		{"unknown-resource", "ENTRA-TOKEN-018", 500011, nil},
		{"resource-parameter", "ENTRA-TOKEN-019", 901002, nil},
		{"unknown-tenant", "ENTRA-TOKEN-020", 90002, nil},
		{"impossible-tenant", "ENTRA-TOKEN-021", 900023, nil},
		{"method", "ENTRA-TOKEN-022", 900561, nil},
		{"malformed", "ENTRA-TOKEN-023", 9002313, nil},
		{"twice", "ENTRA-TOKEN-030", 9000411, nil},
	} {
		on := On{Plane: "login", Path: tokenV2, Answer: "AADSTS" + strconv.Itoa(r.number) + ":"}
		all = append(all,
			Fault{Name: "entra-" + r.name + "-accepted", Rule: r.rule, Also: r.also, On: on, Do: Answer(200, someToken)},
			Fault{Name: "entra-" + r.name + "-other-status", Rule: r.rule, Also: r.also, On: on, Do: Status(403)},
			Fault{Name: "entra-" + r.name + "-other-error", Rule: r.rule, Also: r.also, On: on, Do: JSON("error", "server_error")},
			Fault{Name: "entra-" + r.name + "-other-code", Rule: r.rule, Also: r.also, On: on, Do: JSON("error_codes", []int{50000})},
		)
	}
	return all
}

func entraWithoutSpec() []Uncovered {
	const trusting = "needs an application that trusts a machine's identity, and no target's application does"
	const trouble = "comes while the service is in trouble, which nobody can ask for"
	return slices.Concat(entraJWTWithoutSpec(), entraGraphWithoutSpec(), []Uncovered{
		{"ENTRA-TOKEN-024", "needs an application of another tenant, whose secret the suite would have to know"},
		{"ENTRA-CERT-008", "needs a certificate that has expired since, and no target's application has one"},
		{"ENTRA-CERT-009", "needs a certificate that is not valid yet, and no target's application has one"},
		{"ENTRA-FED-013", trusting}, {"ENTRA-FED-014", trusting}, {"ENTRA-FED-015", trusting}, {"ENTRA-FED-016", trusting},
		{"ENTRA-TOKEN-026", "a flood would lock the application out for others"},
		{"ENTRA-TOKEN-027", trouble}, {"ENTRA-TOKEN-028", trouble},
	})
}

func entraWithoutFault() []Uncovered { return nil }
