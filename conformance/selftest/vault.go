package selftest

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/linarite/linarite/clientlib/wire"
)

func vaultFaults() []Fault {
	return slices.Concat(vaultTokenFaults(), vaultPermissionFaults(), vaultAnswerFaults(), secretFaults(), secretListFaults())
}

func vaultWithoutSpec() []Uncovered {
	return append(secretWithoutSpec(), []Uncovered{
		{"KV-AUTH-012", "a token that has ended takes hours to get, and cannot be forged"},
		{"KV-AUTH-013", "nobody gives out a token that is not good yet"},
		{"KV-AUTH-017", "a session cannot be revoked by what a run may do"},
		{"KV-AUTH-023", "needs a group in the directory, which a run may not make"},
		{"KV-AUTH-033", "the emulator keeps no firewall rules of vaults"},
		{"KV-AUTH-045", "documented, never seen in traffic, and left out of the emulator"},
		{"KV-AUTH-047", "takes thousands of requests in ten seconds, and disturbs whoever else uses the vault"},
		{"KV-AUTH-048", "as KV-AUTH-047"},
		{"KV-AUTH-051", "a vault does not fail over when asked to"},
	}...)
}

func vaultWithoutFault() []Uncovered { return nil }

// vaultTokenFaults are about who is let in.
func vaultTokenFaults() []Fault {
	const opened = `{"value":"value","id":"https://a/secrets/b/c","attributes":{"enabled":true}}`
	return []Fault{
		{Name: "vault-delete-without-token", Rule: "KV-AUTH-001",
			On: On{Plane: "vault", Method: "DELETE", Header: []string{"!Authorization"}, Status: 401}, Do: Status(200)},
		{Name: "vault-body-before-token", Rule: "KV-AUTH-002",
			On: On{Plane: "vault", Body: "^no JSON$", Status: 401}, Do: Answer(400, `{"error":{"code":"BadParameter","message":"Property  has invalid value\r\n"}}`)},
		{Name: "vault-no-token-old-text", Rule: "KV-AUTH-003",
			On: On{Plane: "vault", Answer: "AKV10000"}, Do: Replace("AKV10000: ", "")},
		{Name: "vault-challenge-without-resource", Rule: "KV-AUTH-004",
			On: On{Plane: "vault", Status: 401}, Do: ReplaceHeader("WWW-Authenticate", ", resource=.*", "")},
		{Name: "vault-challenge-for-any-tenant", Rule: "KV-AUTH-005",
			On: On{Plane: "vault", Status: 401}, Do: ReplaceHeader("WWW-Authenticate", `(="https://[^/"]+/)[^"]+`, "${1}common")},
		{Name: "vault-token-for-another-audience", Rule: "KV-AUTH-008",
			On: On{Plane: "vault", Answer: "AKV10022.*found: https://management"}, Do: Answer(200, opened)},
		{Name: "vault-audience-slash-ignored", Rule: "KV-AUTH-009",
			On: On{Plane: "vault", Answer: `AKV10022.*found: https://vault\.[a-z.]+/\."`}, Do: Answer(200, opened)},
		{Name: "vault-audience-own-url", Rule: "KV-AUTH-009",
			On: On{Plane: "vault", Answer: `AKV10022.*found: https://[a-z0-9]+\.vault\.`}, Do: Answer(200, opened)},
		{Name: "vault-token-of-any-tenant", Rule: "KV-AUTH-011",
			On: On{Plane: "vault", Answer: "AKV10032"}, Do: Status(200)},
		{Name: "vault-signature-unchecked", Rule: "KV-AUTH-014", Also: []string{"KV-AUTH-016"},
			On: On{Plane: "vault", Answer: "AKV10046"}, Do: Status(200)},
	}
}

// vaultPermissionFaults are about who may what.
func vaultPermissionFaults() []Fault {
	return []Fault{
		{Name: "vault-roles-lists-for-anybody", Rule: "KV-AUTH-018", Also: []string{"KV-AUTH-025", "KV-AUTH-026"},
			On: On{Plane: "vault", Path: "^/secrets$", Answer: "ForbiddenByRbac"}, Do: Answer(200, `{"value":[],"nextLink":null}`)},
		{Name: "vault-body-before-permission", Rule: "KV-AUTH-019",
			On: On{Plane: "vault", Body: "^no JSON$", Status: 403}, Do: Answer(400, `{"error":{"code":"BadParameter","message":"Property  has invalid value\r\n"}}`)},
		{Name: "vault-no-policy-other-inner", Rule: "KV-AUTH-020",
			On: On{Plane: "vault", Answer: `"AccessDenied"`}, Do: JSON("error.innererror.code", "ForbiddenByPolicy")},
		{Name: "vault-policy-old-inner", Rule: "KV-AUTH-021",
			On: On{Plane: "vault", Answer: "does not have secrets get permission"}, Do: JSON("error.innererror.code", "AccessDenied")},
		{Name: "vault-recover-needs-nothing", Rule: "KV-AUTH-025",
			On: On{Plane: "vault", Answer: "does not have secrets recover permission"}, Do: Status(404)},
		{Name: "vault-scope-by-prefix", Rule: "KV-AUTH-026",
			On: On{Plane: "vault", Path: "^/secrets/one1$", Answer: "ForbiddenByRbac"}, Do: Status(404)},
		{Name: "vault-roles-without-inner", Rule: "KV-AUTH-027",
			On: On{Plane: "vault", Answer: "ForbiddenByRbac"}, Do: NoJSON("error.innererror")},
	}
}

// vaultAnswerFaults are about what all operations have in common.
func vaultAnswerFaults() []Fault {
	return []Fault{
		{Name: "vault-version-by-default", Rule: "KV-AUTH-034",
			On: On{Plane: "vault", NoQuery: "api-version", Header: []string{"Authorization: ^Bearer"}, Status: 400}, Do: Status(200)},
		{Name: "vault-unknown-version-other-code", Rule: "KV-AUTH-035",
			On: On{Plane: "vault", Query: "api-version=", Answer: "is not recognized"}, Do: Code("InvalidApiVersion")},
		{Name: "vault-slash-behind-list", Rule: "KV-AUTH-037",
			On: On{Plane: "vault", Method: "GET", Path: "^/secrets/$", Status: 200}, Do: Answer(404, `{"error":{"code":"NotFound","message":"x"}}`)},
		{Name: "vault-wrong-verb-not-found", Rule: "KV-AUTH-038",
			On: On{Plane: "vault", Code: "MethodNotAllowed"}, Do: Status(404)},
		{Name: "vault-refusal-without-region", Rule: "KV-AUTH-040",
			On: On{Plane: "vault", Status: 404}, Do: NoHeader("x-ms-keyvault-region")},
		{Name: "vault-refusal-without-envelope", Rule: "KV-AUTH-041",
			On: On{Plane: "vault", Path: "^/secrets$", Header: []string{"!Authorization"}, Status: 401}, Do: Replace(`"error":\{(.*)\}\}`, "$1}")},
		{Name: "vault-ids-in-lower-case", Rule: "KV-AUTH-044",
			On: On{Plane: "vault", Status: 200, Answer: `"id":"[^"]*[A-Z]`}, Do: func(a *wire.Answer) {
				a.Body = regexp.MustCompile(`"id":"[^"]*"`).ReplaceAllFunc(a.Body, bytes.ToLower)
			}},
	}
}
