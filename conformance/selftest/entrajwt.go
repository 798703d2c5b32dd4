package selftest

import (
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
)

// entraJWTFaults alter tokens, of which none has a good signature then.
func entraJWTFaults() []Fault {
	var (
		machine  = On{Plane: "imds", Path: token, Query: "resource=https%3A%2F%2Fstorage", NoQuery: selectors, Status: 200}
		identity = On{Plane: "imds", Path: token, Query: "resource=https%3A%2F%2Fstorage.*client_id=", Status: 200}
		first    = On{Plane: "login", Path: tokenV1, Body: "resource=https%3A%2F%2Fstorage", Status: 200}
		second   = On{Plane: "login", Path: tokenV2, Status: 200}
		exchange = On{Plane: "imds", Path: token, Query: "resource=api%3A%2F%2FAzureADTokenExchange", Status: 200}
		all      []Fault
	)
	for _, f := range []struct {
		name, rule string
		on         On
		do         func(a *wire.Answer)
		also       []string
	}{
		{"no-alg", "ENTRA-JWT-001", machine, TokenHeader("alg", "none"), nil},
		{"hs256", "ENTRA-JWT-001", second, TokenHeader("alg", "HS256"), nil},
		{"signature-of-another", "ENTRA-JWT-001", second, Claim("linarite", 1), nil},
		{"unknown-kid", "ENTRA-JWT-002", machine, TokenHeader("kid", "linarite"), []string{"ENTRA-JWT-003", "ENTRA-OIDC-026"}},
		{"no-x5t", "ENTRA-JWT-003", machine, TokenHeader("x5t", nil), nil},
		{"x5t-of-another", "ENTRA-JWT-003", second, TokenHeader("x5t", "linarite"), nil},
		{"typ-at-jwt", "ENTRA-JWT-005", machine, TokenHeader("typ", "at+jwt"), nil},
		{"aud-without-slash", "ENTRA-JWT-006", machine, trimClaim("aud"), nil},
		{"iss-of-version-2", "ENTRA-JWT-007", first, Claim("iss", "https://login.microsoftonline.com/x/v2.0"), []string{"ENTRA-JWT-009", "ENTRA-JWT-023"}},
		{"iss-without-slash", "ENTRA-JWT-007", machine, trimClaim("iss"), []string{"ENTRA-JWT-023"}},
		{"version-by-endpoint", "ENTRA-JWT-009", second, Claim("ver", "2.0"), []string{"ENTRA-JWT-010", "ENTRA-JWT-024"}},
		{"version-2-for-all", "ENTRA-JWT-010", On{Plane: "login", Path: "/token$", Body: "=https%3A%2F%2F(storage|vault|management)", Status: 200}, Claim("ver", "2.0"), []string{"ENTRA-JWT-009", "ENTRA-JWT-024"}},
		{"exp-a-string", "ENTRA-JWT-011", first, ClaimTo("exp", func(map[string]any) any { return "1709895997" }), nil},
		{"no-nbf", "ENTRA-JWT-011", machine, Claim("nbf", nil), []string{"ENTRA-JWT-012", "ENTRA-JWT-014"}},
		{"iat-is-now", "ENTRA-JWT-012", machine, moveClaim("iat", 300), nil},
		{"nbf-is-now", "ENTRA-JWT-013", identity, moveClaim("nbf", 300), nil},
		{"a-day-sharp", "ENTRA-JWT-014", machine, moveClaim("exp", -300), nil},
		{"appid-of-another", "ENTRA-JWT-015", identity, Claim("appid", nobody), nil},
		{"azp-for-appid", "ENTRA-JWT-015", second, Claim("appid", nil), []string{"ENTRA-FED-001", "ENTRA-CERT-001"}},
		{"appidacr-of-a-secret", "ENTRA-JWT-016", machine, Claim("appidacr", "1"), nil},
		{"appidacr-of-a-certificate", "ENTRA-JWT-017", second, Claim("appidacr", "2"), nil},
		{"oid-of-another", "ENTRA-JWT-019", identity, Both(Claim("oid", nobody), Claim("sub", nobody)), nil},
		{"no-oid", "ENTRA-JWT-019", second, Both(Claim("oid", nil), Claim("sub", nil)), []string{"ENTRA-JWT-020", "ENTRA-ASSERT-001", "ENTRA-FED-001", "ENTRA-FED-011"}},
		{"sub-of-another", "ENTRA-JWT-020", machine, Claim("sub", nobody), nil},
		{"tid-of-another", "ENTRA-JWT-021", machine, Claim("tid", nobody), nil},
		{"no-idtyp", "ENTRA-JWT-022", first, Claim("idtyp", nil), nil},
		{"idp-of-another", "ENTRA-JWT-023", first, Claim("idp", "https://sts.windows.net/x/"), nil},
		{"ver-a-number", "ENTRA-JWT-024", machine, Claim("ver", 1), nil},
		{"uti-the-same", "ENTRA-JWT-025", On{Plane: "imds", Path: token, Query: "resource=https%3A%2F%2Fstorage"}, Claim("uti", "AAAA"), nil},
		{"no-rh", "ENTRA-JWT-026", machine, Claim("rh", nil), nil},
		{"mirid-of-another-machine", "ENTRA-JWT-027", machine, Claim("xms_mirid", "/subscriptions/x/resourcegroups/x/providers/Microsoft.Compute/virtualMachines/x"), nil},
		{"mirid-of-the-host", "ENTRA-JWT-028", identity, ClaimTo("xms_mirid", func(claims map[string]any) any { return claims["xms_az_rid"] }), nil},
		{"mirid-in-camel-case", "ENTRA-JWT-029", machine, ClaimTo("xms_mirid", func(claims map[string]any) any {
			id, _ := claims["xms_mirid"].(string)
			return strings.Replace(id, "resourcegroups", "resourceGroups", 1)
		}), nil},
		{"no-host", "ENTRA-JWT-031", identity, Claim("xms_az_rid", nil), nil},
		{"x5t-in-version-2", "ENTRA-JWT-004", exchange, TokenHeader("x5t", "linarite"), nil},
		{"iss-of-version-1", "ENTRA-JWT-008", exchange, Claim("iss", "https://sts.windows.net/x/"), nil},
		{"iss-of-version-2-with-slash", "ENTRA-JWT-008", exchange, ClaimTo("iss", func(claims map[string]any) any {
			issuer, _ := claims["iss"].(string)
			return issuer + "/"
		}), nil},
		{"appid-for-azp", "ENTRA-JWT-018", exchange, ClaimTo("appid", func(claims map[string]any) any { return claims["azp"] }), nil},
		{"azp-of-another", "ENTRA-JWT-018", exchange, Claim("azp", nobody), nil},
		{"no-azpacr", "ENTRA-JWT-018", exchange, Claim("azpacr", nil), nil},
		{"groups-unasked", "ENTRA-JWT-033", machine, Claim("groups", []string{nobody}), nil},
		{"application-for-a-day", "ENTRA-JWT-034", second, moveClaim("exp", 82800), nil},
	} {
		if f.rule != "ENTRA-JWT-001" && f.on.Query != exchange.Query {
			f.also = append(f.also, "ENTRA-JWT-001")
		}
		all = append(all, Fault{Name: "jwt-" + f.name, Rule: f.rule, Also: f.also, On: f.on, Do: f.do})
	}
	return all
}

// moveClaim adds seconds to a claim that is a time.
func moveClaim(name string, by float64) func(a *wire.Answer) {
	return ClaimTo(name, func(claims map[string]any) any {
		at, _ := claims[name].(float64)
		return int64(at + by)
	})
}

func entraJWTWithoutSpec() []Uncovered {
	const registration = "needs an API of one's own, registered in the tenant"
	return []Uncovered{
		{"ENTRA-JWT-030", registration}, {"ENTRA-JWT-032", registration},
	}
}
