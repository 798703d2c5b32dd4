package selftest

import (
	"slices"
	"strconv"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

const (
	// token is the path of the metadata service's tokens.
	token = "^/metadata/identity/oauth2/token/?$"
	// forARM is a query for one of Resource Manager's, in the usual spelling.
	forARM = "(^|&)resource=https%3A%2F%2Fmanagement[^&]*%2F(&|$)"
	// selectors are the parameters that name an identity.
	selectors = "(client_id|object_id|m?s?i_res_id)="
	// someToken has the form of a token, and is nobody's.
	someToken = `{"access_token":"e30.e30.c2ln"}`
	nobody    = "00000000-0000-0000-0000-000000000000"
)

func imdsFaults() []Fault {
	return slices.Concat(imdsGuardFaults(), imdsQueryFaults(), imdsSelectorFaults(), imdsAnswerFaults(), imdsCacheFaults(), appServiceFaults())
}

func imdsGuardFaults() []Fault {
	return []Fault{
		{Name: "imds-no-metadata-check", Rule: "IMDS-TOKEN-002", Also: []string{"IMDS-TOKEN-003", "IMDS-TOKEN-004", "IMDS-TOKEN-006", "IMDS-TOKEN-007", "IMDS-TOKEN-049"},
			On: On{Plane: "imds", Path: token, Header: []string{"!Metadata"}}, Do: Answer(200, someToken)},
		{Name: "imds-metadata-false-accepted", Rule: "IMDS-TOKEN-002", Also: []string{"IMDS-TOKEN-003", "IMDS-TOKEN-004", "IMDS-TOKEN-049"},
			On: On{Plane: "imds", Path: token, Header: []string{"Metadata: ^false$"}}, Do: Answer(200, someToken)},
		{Name: "imds-metadata-other-error", Rule: "IMDS-TOKEN-003",
			On: On{Plane: "imds", Path: token, Header: []string{"!Metadata"}}, Do: JSON("error", "bad_request_102")},
		{Name: "imds-metadata-other-text", Rule: "IMDS-TOKEN-004",
			On: On{Plane: "imds", Path: token, Header: []string{"Metadata: ^false$"}}, Do: JSON("error_description", "Required metadata header missing.")},
		{Name: "imds-metadata-lower-case-alone", Rule: "IMDS-TOKEN-005",
			On: On{Plane: "imds", Path: token, Header: []string{"Metadata: [A-Z]"}}, Do: Answer(400, `{"error":"invalid_request","error_description":"Required metadata header not specified"}`)},
		{Name: "imds-query-before-metadata", Rule: "IMDS-TOKEN-006",
			On: On{Plane: "imds", Path: token, NoQuery: "resource=", Header: []string{"!Metadata"}}, Do: JSON("error_description", "Required query variable 'resource' is missing")},
		{Name: "imds-method-before-metadata", Rule: "IMDS-TOKEN-007",
			On: On{Plane: "imds", Path: token, Method: "POST", Header: []string{"!Metadata"}}, Do: Status(405)},
		{Name: "imds-forwarded-accepted", Rule: "IMDS-TOKEN-008", Also: []string{"IMDS-TOKEN-009"},
			On: On{Plane: "imds", Path: token, Header: []string{"X-Forwarded-For: ^1"}}, Do: Answer(200, someToken)},
		{Name: "imds-forwarded-empty-accepted", Rule: "IMDS-TOKEN-008", Also: []string{"IMDS-TOKEN-009"},
			On: On{Plane: "imds", Path: token, Header: []string{"X-Forwarded-For: ^$"}}, Do: Answer(200, someToken)},
		{Name: "imds-forwarded-403", Rule: "IMDS-TOKEN-009",
			On: On{Plane: "imds", Path: token, Header: []string{"X-Forwarded-For: "}}, Do: Status(403)},
		{Name: "imds-method-400", Rule: "IMDS-TOKEN-053",
			On: On{Plane: "imds", Path: token, Status: 405}, Do: Status(400)},
		{Name: "imds-method-post-accepted", Rule: "IMDS-TOKEN-053",
			On: On{Plane: "imds", Path: token, Method: "POST", Header: []string{"Metadata: ^true$"}}, Do: Answer(200, someToken)},
		{Name: "imds-identity-alone-400", Rule: "IMDS-TOKEN-054",
			On: On{Plane: "imds", Path: "^/metadata/identity/?$"}, Do: Status(400)},
		{Name: "imds-first-segment-case", Rule: "IMDS-TOKEN-058",
			On: On{Plane: "imds", Path: "^/[^/]*[A-Z]"}, Do: Answer(404, `{"error":"Not Found"}`)},
		{Name: "imds-path-folds-case", Rule: "IMDS-TOKEN-059",
			On: On{Plane: "imds", Path: "(?i:identity/oauth2/token)$", Status: 404}, Do: Answer(200, someToken)},
		{Name: "imds-second-generation-guarded", Rule: "IMDS-TOKEN-067",
			On: On{Plane: "imds", Path: "getplatformmetadata$", Header: []string{"!Metadata"}}, Do: Status(400)},
		{Name: "imds-second-generation-there", Rule: "IMDS-TOKEN-067",
			On: On{Plane: "imds", Path: "getplatformmetadata$", Header: []string{"Metadata: ^true$"}}, Do: Answer(200, "{}")},
		{Name: "imds-form-type-refused", Rule: "IMDS-TOKEN-068",
			On: On{Plane: "imds", Path: token, Method: "GET", Header: []string{"Content-Type: ^application/x-www-form-urlencoded"}}, Do: Answer(400, `{"error":"invalid_request"}`)},
	}
}

func imdsQueryFaults() []Fault {
	return []Fault{
		{Name: "imds-resource-not-required", Rule: "IMDS-TOKEN-010", Also: []string{"IMDS-TOKEN-011"},
			On: On{Plane: "imds", Path: token, Query: "^api-version=", NoQuery: "resource=.", Header: []string{"Metadata: ^true$"}}, Do: Answer(200, someToken)},
		{Name: "imds-resource-missing-404", Rule: "IMDS-TOKEN-010",
			On: On{Plane: "imds", Path: token, Query: "^api-version=", NoQuery: "resource=.", Header: []string{"Metadata: ^true$"}}, Do: Status(404)},
		{Name: "imds-resource-missing-other-text", Rule: "IMDS-TOKEN-011",
			On: On{Plane: "imds", Path: token, Query: "^api-version=", NoQuery: "resource=.", Header: []string{"Metadata: ^true$"}}, Do: JSON("error_description", "resource is missing")},
		{Name: "imds-version-not-required", Rule: "IMDS-TOKEN-012",
			On: On{Plane: "imds", Path: token, Query: "resource=", NoQuery: "api-version="}, Do: Answer(200, someToken)},
		{Name: "imds-first-version-without-vaults", Rule: "IMDS-TOKEN-013",
			On: On{Plane: "imds", Path: token, Query: "^api-version=2018-02-01&resource=https%3A%2F%2Fvault"}, Do: Answer(400, `{"error":"invalid_request"}`)},
		{Name: "imds-versions-end-in-2021", Rule: "IMDS-TOKEN-014",
			On: On{Plane: "imds", Path: token, Query: "api-version=202[2-9]"}, Do: Answer(400, `{"error":"invalid_request"}`)},
		{Name: "imds-last-of-two-resources", Rule: "IMDS-TOKEN-015", Also: []string{"IMDS-TOKEN-016"},
			On: On{Plane: "imds", Path: token, Query: "resource=.*resource="}, Do: Answer(200, someToken)},
		{Name: "imds-last-of-two-versions", Rule: "IMDS-TOKEN-015", Also: []string{"IMDS-TOKEN-016"},
			On: On{Plane: "imds", Path: token, Query: "api-version=.*api-version="}, Do: Answer(200, someToken)},
		{Name: "imds-twice-403", Rule: "IMDS-TOKEN-016",
			On: On{Plane: "imds", Path: token, Query: "resource=.*(resource|api-version)=", Status: 400}, Do: Status(403)},
		{Name: "imds-unknown-parameter-refused", Rule: "IMDS-TOKEN-018",
			On: On{Plane: "imds", Path: token, Query: "xms_cc="}, Do: Answer(400, `{"error":"invalid_request"}`)},
		{Name: "imds-malformed-query-accepted", Rule: "IMDS-TOKEN-070",
			On: On{Plane: "imds", Path: token, Query: "%zz"}, Do: Answer(200, someToken)},
		{Name: "imds-any-audience", Rule: "IMDS-TOKEN-050", Also: []string{"IMDS-TOKEN-051", "IMDS-TOKEN-052"},
			On: On{Plane: "imds", Path: token, Code: "invalid_resource"}, Do: Answer(200, someToken)},
		{Name: "imds-unknown-audience-500", Rule: "IMDS-TOKEN-050",
			On: On{Plane: "imds", Path: token, Code: "invalid_resource"}, Do: Status(500)},
		{Name: "imds-unknown-audience-other-error", Rule: "IMDS-TOKEN-051",
			On: On{Plane: "imds", Path: token, Code: "invalid_resource"}, Do: JSON("error", "invalid_request")},
		{Name: "imds-unknown-audience-text-cut", Rule: "IMDS-TOKEN-052",
			On: On{Plane: "imds", Path: token, Code: "invalid_resource"}, Do: Replace(`(\\r)?\\nTrace ID.*Z"`, `"`)},
	}
}

func imdsSelectorFaults() []Fault {
	const notFound = `{"error":"invalid_request","error_description":"Identity not found"}`
	return []Fault{
		{Name: "imds-two-selectors-accepted", Rule: "IMDS-TOKEN-017",
			On: On{Plane: "imds", Path: token, Query: selectors + ".*" + selectors}, Do: Answer(200, someToken)},
		{Name: "imds-client-id-ignored", Rule: "IMDS-TOKEN-019",
			On: On{Plane: "imds", Path: token, Query: forARM + ".*client_id=", Status: 200}, Do: Claim("oid", nobody)},
		{Name: "imds-object-id-ignored", Rule: "IMDS-TOKEN-020", Also: []string{"IMDS-TOKEN-024", "IMDS-TOKEN-034", "IMDS-TOKEN-065"},
			On: On{Plane: "imds", Path: token, Query: forARM + ".*object_id=", Status: 200}, Do: Claim("oid", nobody)},
		{Name: "imds-resource-id-ignored", Rule: "IMDS-TOKEN-021",
			On: On{Plane: "imds", Path: token, Query: forARM + `.*\bmsi_res_id=[^&]*resourceGroups`, Status: 200}, Do: Claim("oid", nobody)},
		{Name: "imds-short-resource-id-ignored", Rule: "IMDS-TOKEN-022",
			On: On{Plane: "imds", Path: token, Query: forARM + `.*\bmi_res_id=`, Status: 200}, Do: Claim("oid", nobody)},
		{Name: "imds-resource-id-lower-case-alone", Rule: "IMDS-TOKEN-023",
			On: On{Plane: "imds", Path: token, Query: "msi_res_id=%2FSUBSCRIPTIONS"}, Do: Answer(400, notFound)},
		{Name: "imds-resource-id-as-written-alone", Rule: "IMDS-TOKEN-023",
			On: On{Plane: "imds", Path: token, Query: "msi_res_id=[^&]*resourcegroups"}, Do: Answer(400, notFound)},
		{Name: "imds-another-identity-by-itself", Rule: "IMDS-TOKEN-024",
			On: On{Plane: "imds", Path: token, Query: forARM, NoQuery: selectors, Status: 200}, Do: Claim("oid", nobody)},
		{Name: "imds-unknown-identity-404", Rule: "IMDS-TOKEN-031", Also: []string{"IMDS-TOKEN-032"},
			On: On{Plane: "imds", Path: token, Answer: "Identity not found"}, Do: Status(404)},
		{Name: "imds-unknown-identity-other-text", Rule: "IMDS-TOKEN-031", Also: []string{"IMDS-TOKEN-032"},
			On: On{Plane: "imds", Path: token, Answer: "Identity not found"}, Do: JSON("error_description", "No such identity")},
		{Name: "imds-any-identity-there-is", Rule: "IMDS-TOKEN-032",
			On: On{Plane: "imds", Path: token, NoQuery: "9999|msi_res_id", Answer: "Identity not found"}, Do: Answer(200, someToken)},
		{Name: "imds-selector-not-repeated", Rule: "IMDS-TOKEN-044",
			On: On{Plane: "imds", Path: token, Query: "[&]msi_res_id="}, Do: NoJSON("msi_res_id")},
	}
}

func imdsAnswerFaults() []Fault {
	plain := On{Plane: "imds", Path: token, Query: forARM, NoQuery: selectors, Status: 200}
	return []Fault{
		{Name: "imds-token-201", Rule: "IMDS-TOKEN-001", On: plain, Do: Status(201)},
		{Name: "imds-token-with-scheme", Rule: "IMDS-TOKEN-033", Also: []string{"IMDS-TOKEN-024", "IMDS-TOKEN-034", "IMDS-TOKEN-037", "IMDS-TOKEN-039"},
			On: plain, Do: Replace(`"access_token":"`, `"access_token":"Bearer `)},
		{Name: "imds-client-id-of-another", Rule: "IMDS-TOKEN-034", On: plain, Do: JSON("client_id", nobody)},
		{Name: "imds-no-client-id-of-the-machine", Rule: "IMDS-TOKEN-034", On: plain, Do: NoJSON("client_id")},
		{Name: "imds-expires-in-a-number", Rule: "IMDS-TOKEN-035", On: plain, Do: Replace(`"expires_in":"(\d+)"`, `"expires_in":$1`)},
		{Name: "imds-expires-in-milliseconds", Rule: "IMDS-TOKEN-035", On: plain, Do: Replace(`"expires_in":"(\d+)"`, `"expires_in":"${1}000"`)},
		{Name: "imds-expires-on-a-number", Rule: "IMDS-TOKEN-036", Also: []string{"IMDS-TOKEN-035", "IMDS-TOKEN-037"},
			On: plain, Do: Replace(`"expires_on":"(\d+)"`, `"expires_on":$1`)},
		{Name: "imds-expires-on-late", Rule: "IMDS-TOKEN-037", On: plain, Do: shift("expires_on", 1)},
		{Name: "imds-ext-expires-in-short", Rule: "IMDS-TOKEN-038", On: plain, Do: JSON("ext_expires_in", "3599")},
		{Name: "imds-not-before-is-now", Rule: "IMDS-TOKEN-039", On: plain, Do: shift("not_before", 300)},
		{Name: "imds-resource-without-slash", Rule: "IMDS-TOKEN-040", On: plain, Do: Replace(`"resource":"(.*?)/"`, `"resource":"$1"`)},
		{Name: "imds-token-type-lower-case", Rule: "IMDS-TOKEN-041", On: plain, Do: JSON("token_type", "bearer")},
		{Name: "imds-members-out-of-order", Rule: "IMDS-TOKEN-042", On: plain, Do: Replace(`^\{(.*),("token_type":"Bearer")\}$`, `{$2,$1}`)},
		{Name: "imds-content-type-bare", Rule: "IMDS-TOKEN-045", On: plain, Do: Header("Content-Type", "application/json")},
		{Name: "imds-server-another", Rule: "IMDS-TOKEN-046", On: plain, Do: Header("Server", "Microsoft-IIS/10.0")},
		{Name: "imds-no-request-id", Rule: "IMDS-TOKEN-047", On: plain, Do: NoHeader("x-ms-request-id")},
		{Name: "imds-no-length", Rule: "IMDS-TOKEN-048", On: plain, Do: NoHeader("Content-Length")},
		{Name: "imds-no-description", Rule: "IMDS-TOKEN-049", Also: []string{"IMDS-TOKEN-004"},
			On: On{Plane: "imds", Path: token, Header: []string{"Metadata: ^false$"}, Status: 400}, Do: NoJSON("error_description")},
		{Name: "imds-error-a-number", Rule: "IMDS-TOKEN-049", Also: []string{"IMDS-TOKEN-003", "IMDS-TOKEN-004"},
			On: On{Plane: "imds", Path: token, Header: []string{"Metadata: ^false$"}, Status: 400}, Do: JSON("error", 400)},
	}
}

// shift adds seconds to a member that is a string of digits.
func shift(member string, by int64) func(a *wire.Answer) {
	return func(a *wire.Answer) {
		if n, err := strconv.ParseInt(match.Text(a, member), 10, 64); err == nil {
			JSON(member, strconv.FormatInt(n+by, 10))(a)
		}
	}
}

func imdsCacheFaults() []Fault {
	return []Fault{
		{Name: "imds-no-cache", Rule: "IMDS-TOKEN-060", Also: []string{"IMDS-TOKEN-061", "IMDS-TOKEN-064", "IMDS-TOKEN-065"},
			On: On{Plane: "imds", Path: token, Query: "object_id=", Status: 200}, Do: ClaimTo("uti", func(map[string]any) any { return suite.GUID() })},
		{Name: "imds-cache-by-resource-alone", Rule: "IMDS-TOKEN-061",
			On: On{Plane: "imds", Path: token, Query: "resource=https%3A%2F%2Fstorage.*object_id=", Status: 200}, Do: JSON("access_token", "e30.e30.c2ln")},
		{Name: "imds-expires-in-as-issued", Rule: "IMDS-TOKEN-063",
			On: On{Plane: "imds", Path: token, Query: forARM + ".*object_id=", Status: 200}, Do: JSON("expires_in", "86399")},
		{Name: "imds-bypass-ignored", Rule: "IMDS-TOKEN-064",
			On: On{Plane: "imds", Path: token, Query: forARM + ".*object_id=", Status: 200}, Do: JSON("access_token", "e30.e30.c2ln"),
			Also: []string{"IMDS-TOKEN-020", "IMDS-TOKEN-024", "IMDS-TOKEN-034", "IMDS-TOKEN-061", "IMDS-TOKEN-065"}},
		{Name: "arm-token-ends-with-its-identity", Rule: "IMDS-TOKEN-065",
			On: On{Plane: "arm", Path: "^/tenants$", Status: 200}, Do: Answer(401, `{"error":{"code":"InvalidAuthenticationToken","message":""}}`)},
	}
}

func imdsWithoutSpec() []Uncovered {
	const (
		identities = "needs a machine of which the suite may take the identity that it runs by"
		busy       = "a flood would disturb whatever else the machine runs, and its limits are counted by the machine"
	)
	return slices.Concat([]Uncovered{
		{"IMDS-TOKEN-025", identities}, {"IMDS-TOKEN-026", identities}, {"IMDS-TOKEN-027", identities},
		{"IMDS-TOKEN-028", identities}, {"IMDS-TOKEN-029", identities}, {"IMDS-TOKEN-030", identities},
		{"IMDS-TOKEN-055", "comes while a host is updated, which nobody can ask for"},
		{"IMDS-TOKEN-056", busy}, {"IMDS-TOKEN-057", busy}, {"IMDS-TOKEN-072", busy},
		{"IMDS-TOKEN-066", "a token has groups where its audience asks for them, and lasts a day in the cache"},
		{"IMDS-TOKEN-069", "there is no second authority that the machine's identity is known to"},
		{"IMDS-TOKEN-071", "a token that is not good yet is in the cache only where a clock was set back"},
		{"IMDS-TOKEN-073", "comes while Entra ID does not answer, which nobody can ask for"},
	}, appServiceWithoutSpec())
}

func imdsWithoutFault() []Uncovered { return nil }
