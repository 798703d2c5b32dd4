package selftest

import (
	"fmt"
	"strconv"
)

// secondKey begins a token that is signed with the second key of a cluster.
const secondKey = "eyJhbGciOiJSUzI1NiIsImtpZCI6InNlY29uZC1rZXki"

// entraAssertFaults are about clients that prove themselves by an assertion.
func entraAssertFaults() []Fault {
	asserted := On{Plane: "login", Path: tokenV2, Body: "client_assertion=", Status: 200}
	all := []Fault{
		{Name: "entra-assertion-201", Rule: "ENTRA-ASSERT-001", Also: assertionRules(), On: asserted, Do: Status(201)},
		{Name: "entra-federated-another-object", Rule: "ENTRA-FED-001", Also: []string{"ENTRA-ASSERT-001", "ENTRA-FED-011"}, On: asserted, Do: Claim("oid", nobody)},
		{Name: "entra-federated-another-client", Rule: "ENTRA-FED-001", Also: []string{"ENTRA-CERT-001"}, On: asserted, Do: Claim("appid", nobody)},
		{Name: "entra-federated-an-hour", Rule: "ENTRA-FED-002", On: asserted, Do: JSON("expires_in", 3599)},
		{Name: "entra-certificate-another-client", Rule: "ENTRA-CERT-001", Also: []string{"ENTRA-FED-001"}, On: asserted, Do: Claim("appid", nobody)},
		{Name: "entra-certificate-no-token", Rule: "ENTRA-CERT-002", Also: assertionRules(), On: asserted, Do: NoJSON("access_token")},
		{Name: "entra-certificate-as-a-secret", Rule: "ENTRA-ASSERT-003", On: asserted, Do: Claim("appidacr", "1")},
		{Name: "entra-saml-accepted", Rule: "ENTRA-ASSERT-002", On: On{Plane: "login", Path: tokenV2, Body: "saml2-bearer"}, Do: Answer(200, someToken)},
		{Name: "entra-tampered-accepted", Rule: "ENTRA-FED-010", On: On{Plane: "login", Path: tokenV2, Answer: "AADSTS50013:"}, Do: Answer(200, someToken)},
		{Name: "entra-next-key-never", Rule: "ENTRA-FED-011", On: On{Plane: "login", Path: tokenV2, Body: secondKey, Status: 200},
			Do: Answer(400, `{"error":"invalid_request","error_codes":[50166]}`)},
	}
	return append(all, assertionRefusalFaults()...)
}

// assertionRules turn red, or cannot be looked at, when no assertion is believed.
func assertionRules() []string {
	var all []string
	for _, family := range []struct {
		name string
		last int
	}{{"ASSERT", 11}, {"FED", 12}, {"CERT", 7}} {
		for n := 1; n <= family.last; n++ {
			all = append(all, fmt.Sprintf("ENTRA-%s-%03d", family.name, n))
		}
	}
	return all
}

// assertionRefusalFaults are three for each refusal: it is none, it has another error, another code.
func assertionRefusalFaults() []Fault {
	var all []Fault
	for _, r := range []struct {
		name, rule string
		number     int
		// loose tells that only the number is known of the refusal.
		loose bool
		also  []string
	}{
		{"no-credentials", "ENTRA-FED-003", 70025, false, []string{"ENTRA-FED-001"}},
		{"issuer", "ENTRA-FED-004", 700211, false, nil},
		{"subject", "ENTRA-FED-005", 700213, false, nil},
		{"subject-case", "ENTRA-FED-006", 7002138, false, nil},
		{"audience", "ENTRA-FED-007", 700212, false, nil},
		{"unreached", "ENTRA-FED-008", 50166, false, nil},
		{"key", "ENTRA-FED-009", 7000272, false, []string{"ENTRA-FED-011"}},
		{"own", "ENTRA-FED-012", 700222, false, nil},
		{"untyped", "ENTRA-ASSERT-004", 900144, false, []string{"ENTRA-TOKEN-014", "ENTRA-TOKEN-015"}},
		{"other-type", "ENTRA-ASSERT-005", 7000216, false, []string{"ENTRA-ASSERT-002", "ENTRA-TOKEN-013"}},
		{"no-jwt", "ENTRA-ASSERT-006", 50027, false, nil},
		{"unsigned", "ENTRA-ASSERT-007", 5002730, false, nil},
		{"two-audiences", "ENTRA-ASSERT-008", 5002741, true, nil},
		{"time", "ENTRA-ASSERT-009", 700024, false, []string{"ENTRA-ASSERT-010"}},
		{"no-certificate", "ENTRA-CERT-003", 700027, false, []string{"ENTRA-CERT-007"}},
		{"certificate-signature", "ENTRA-CERT-007", 700027, false, []string{"ENTRA-CERT-003"}},
		{"certificate-subject", "ENTRA-CERT-004", 50048, true, nil},
		{"certificate-client", "ENTRA-CERT-005", 700021, true, nil},
		{"certificate-audience", "ENTRA-CERT-006", 700023, true, nil},
	} {
		on := On{Plane: "login", Path: tokenV2, Answer: "AADSTS" + strconv.Itoa(r.number) + ":"}
		name := "entra-assertion-" + r.name
		all = append(all,
			Fault{Name: name + "-accepted", Rule: r.rule, Also: r.also, On: on, Do: Answer(200, someToken)},
			Fault{Name: name + "-other-code", Rule: r.rule, Also: r.also, On: on, Do: JSON("error_codes", []int{50000})},
		)
		if !r.loose {
			all = append(all, Fault{Name: name + "-other-error", Rule: r.rule, Also: r.also, On: on, Do: JSON("error", "server_error")})
		}
	}
	return append(all, Fault{
		Name: "entra-assertion-time-unsaid", Rule: "ENTRA-ASSERT-010", Also: []string{"ENTRA-ASSERT-009"},
		On: On{Plane: "login", Path: tokenV2, Answer: "AADSTS700024:"}, Do: Replace(`valid from \S+, `, ``),
	})
}
