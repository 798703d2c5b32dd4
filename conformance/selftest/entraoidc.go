package selftest

import (
	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
)

func entraOIDCFaults() []Fault {
	var (
		second   = On{Plane: "login", Path: "^/[^/]{36}/v2.0/.well-known/openid-configuration$", Status: 200}
		common   = On{Plane: "login", Path: "^/common/v2.0/.well-known/openid-configuration$", Status: 200}
		first    = On{Plane: "login", Path: "^/[^/]{36}/.well-known/openid-configuration$", Status: 200}
		unknown  = On{Plane: "login", Path: "openid-configuration$", Answer: "AADSTS90002"}
		keys     = On{Plane: "login", Path: "/discovery(/v2.0)?/keys$", Status: 200}
		keysV1   = On{Plane: "login", Path: "/discovery/keys$", Status: 200}
		instance = On{Plane: "login", Path: "^/common/discovery/instance$", Status: 200}
		stranger = On{Plane: "login", Path: "^/common/discovery/instance$", Status: 400}
	)
	const plain = `{"claims_supported":["iss"]}`
	return []Fault{
		{Name: "oidc-v2-201", Rule: "ENTRA-OIDC-001", On: second, Do: Status(201)},
		{Name: "oidc-v2-issuer-of-v1", Rule: "ENTRA-OIDC-002", On: second, Do: Replace(`"issuer":"[^"]*"`, `"issuer":"https://sts.windows.net/x/"`)},
		{Name: "oidc-common-issuer-filled-in", Rule: "ENTRA-OIDC-003", On: common, Do: Replace(`\{tenantid\}`, nobody)},
		{Name: "oidc-v2-token-endpoint-of-v1", Rule: "ENTRA-OIDC-004", On: second, Do: Replace(`/oauth2/v2.0/token"`, `/oauth2/token"`)},
		{Name: "oidc-v2-keys-of-v1", Rule: "ENTRA-OIDC-005", On: second, Do: Replace(`/discovery/v2.0/keys`, `/discovery/keys`)},
		{Name: "oidc-v2-no-authorization-endpoint", Rule: "ENTRA-OIDC-006", On: second, Do: NoJSON("authorization_endpoint")},
		{Name: "oidc-v2-no-device-endpoint", Rule: "ENTRA-OIDC-007", On: second, Do: NoJSON("device_authorization_endpoint")},
		{Name: "oidc-v2-two-algorithms", Rule: "ENTRA-OIDC-008", On: second, Do: Replace(`\["RS256"\]`, `["RS256","PS256"]`)},
		{Name: "oidc-v2-methods-in-other-order", Rule: "ENTRA-OIDC-009", On: second, Do: Replace(`"client_secret_post","private_key_jwt"`, `"private_key_jwt","client_secret_post"`)},
		{Name: "oidc-v2-other-instance", Rule: "ENTRA-OIDC-010", On: second, Do: JSON("cloud_instance_name", "microsoftonline.de")},
		{Name: "oidc-v2-region-a-number", Rule: "ENTRA-OIDC-011", On: second, Do: JSON("tenant_region_scope", 1)},
		{Name: "oidc-v1-201", Rule: "ENTRA-OIDC-012", On: first, Do: Status(201)},
		{Name: "oidc-v1-is-v2", Rule: "ENTRA-OIDC-012", On: first, Do: Replace(`/oauth2/authorize"`, `/oauth2/v2.0/authorize"`)},
		{Name: "oidc-v1-issuer-of-v2", Rule: "ENTRA-OIDC-013", On: first, Do: Replace(`"issuer":"[^"]*"`, `"issuer":"https://login.microsoftonline.com/x/v2.0"`)},
		{Name: "oidc-v1-token-endpoint-of-v2", Rule: "ENTRA-OIDC-014", On: first, Do: Replace(`/oauth2/token"`, `/oauth2/v2.0/token"`)},
		{Name: "oidc-v1-keys-of-the-tenant", Rule: "ENTRA-OIDC-015", On: first, Do: Replace(`/common/discovery/keys`, `/x/discovery/keys`)},
		{Name: "oidc-not-to-be-kept", Rule: "ENTRA-OIDC-016", On: second, Do: Header("Cache-Control", "no-store")},
		{Name: "oidc-one-origin", Rule: "ENTRA-OIDC-017", On: first, Do: NoHeader("Access-Control-Allow-Origin")},
		{Name: "oidc-any-tenant", Rule: "ENTRA-OIDC-018", Also: []string{"ENTRA-OIDC-019"}, On: unknown, Do: Answer(200, plain)},
		{Name: "oidc-unknown-tenant-404", Rule: "ENTRA-OIDC-018", On: unknown, Do: Status(404)},
		{Name: "oidc-unknown-tenant-as-for-tokens", Rule: "ENTRA-OIDC-019", On: unknown, Do: JSON("error", "invalid_request")},
		{Name: "oidc-keys-without-use", Rule: "ENTRA-OIDC-020", On: keys, Do: NoJSON("keys.0.use")},
		{Name: "oidc-keys-of-curves", Rule: "ENTRA-OIDC-020", On: keys, Do: JSON("keys.1.kty", "EC")},
		{Name: "oidc-keys-padded", Rule: "ENTRA-OIDC-021", Also: []string{"ENTRA-JWT-001"}, On: keys, Do: Replace(`("n":"[^"]*)"`, `$1=="`)},
		{Name: "oidc-exponent-padded", Rule: "ENTRA-OIDC-021", On: keysV1, Do: Replace(`("e":"[^"]*)"`, `$1="`)},
		{Name: "oidc-certificates-in-pem", Rule: "ENTRA-OIDC-022", On: keys, Do: Replace(`"x5c":\["`, `"x5c":["-----BEGIN CERTIFICATE-----`)},
		{Name: "oidc-one-certificate-for-all", Rule: "ENTRA-OIDC-022", On: keysV1, Do: oneCertificate},
		{Name: "oidc-x5t-of-another", Rule: "ENTRA-OIDC-023", On: keys, Do: JSON("keys.0.x5t", "linarite")},
		{Name: "oidc-issuer-in-v1-keys", Rule: "ENTRA-OIDC-024", On: keysV1, Do: JSON("keys.0.issuer", "https://sts.windows.net/x/")},
		{Name: "oidc-one-key", Rule: "ENTRA-OIDC-025", On: keysV1, Do: oneKey},
		{Name: "oidc-keys-after-rotation-alone", Rule: "ENTRA-OIDC-026", Also: []string{"ENTRA-JWT-001", "ENTRA-JWT-002", "ENTRA-OIDC-023"}, On: keys, Do: JSON("keys.0.kid", "linarite")},
		{Name: "oidc-instance-201", Rule: "ENTRA-OIDC-027", On: instance, Do: Status(201)},
		{Name: "oidc-instance-no-endpoint", Rule: "ENTRA-OIDC-027", On: instance, Do: NoJSON("tenant_discovery_endpoint")},
		{Name: "oidc-instance-no-cache", Rule: "ENTRA-OIDC-028", On: instance, Do: NoJSON("metadata.0.preferred_cache")},
		{Name: "oidc-instance-public-cloud-alone", Rule: "ENTRA-OIDC-028", Also: []string{"ENTRA-OIDC-030", "ENTRA-OIDC-031"}, On: instance, Do: Replace(`(?s)("aliases":\[[^]]*\]\}),.*\]`, "$1]")},
		{Name: "oidc-instance-public-alias-missing", Rule: "ENTRA-OIDC-029", On: instance, Do: Replace(`,"sts.windows.net"`, "")},
		{Name: "oidc-instance-china-alias-missing", Rule: "ENTRA-OIDC-030", On: instance, Do: Replace(`,"login.chinacloudapi.cn"`, "")},
		{Name: "oidc-instance-usgov-alias-missing", Rule: "ENTRA-OIDC-031", On: instance, Do: Replace(`,"login.usgovcloudapi.net"`, "")},
		{Name: "oidc-any-instance", Rule: "ENTRA-OIDC-032", Also: []string{"ENTRA-OIDC-033"}, On: stranger, Do: Answer(200, `{"tenant_discovery_endpoint":"https://login.example.com/"}`)},
		{Name: "oidc-unknown-instance-404", Rule: "ENTRA-OIDC-032", On: stranger, Do: Status(404)},
		{Name: "oidc-unknown-instance-other-error", Rule: "ENTRA-OIDC-033", On: stranger, Do: JSON("error", "invalid_request")},
		{Name: "oidc-instance-version-a-number", Rule: "ENTRA-OIDC-034", On: instance, Do: JSON("api-version", 1.1)},
	}
}

// oneCertificate gives the second key the certificate of the first.
func oneCertificate(a *wire.Answer) { JSON("keys.1.x5c", match.Value(a, "keys.0.x5c"))(a) }

// oneKey leaves the first key alone.
func oneKey(a *wire.Answer) { JSON("keys", []any{match.Value(a, "keys.0")})(a) }
