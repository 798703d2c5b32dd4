package selftest

import (
	"encoding/base64"
	"strings"
)

// wrongMAC is what an answer about a wrong signature by a key says.
const wrongMAC = "The MAC signature found"

// skeyFaults are about requests signed by keys.
func skeyFaults() []Fault {
	// unsigned is a part of a request that may be signed wrongly.
	unsigned := func(name, rule string, on On) Fault {
		on.Plane, on.Status, on.Answer = "blob", 403, wrongMAC
		return Fault{Name: name, Rule: rule, On: on, Do: Status(200)}
	}
	return []Fault{
		{Name: "blob-skey-blank-for-colon", Rule: "BLOB-SKEY-001",
			On: On{Plane: "blob", Header: []string{`Authorization: ^SharedKey \S+ \S+$`}}, Do: Status(200)},
		unsigned("blob-skey-if-match-not-signed", "BLOB-SKEY-002", On{Header: []string{"If-Match: ."}}),
		unsigned("blob-skey-metadata-by-any-signature", "BLOB-SKEY-003", On{Method: "GET", Query: "^comp=metadata$", Header: []string{"Authorization: ^SharedKey "}}),
		unsigned("blob-skey-zero-in-2015", "BLOB-SKEY-004", On{Method: "PUT", Header: []string{"x-ms-version: ^2015-02-21$"}}),
		{Name: "blob-skey-no-zero-in-2014", Rule: "BLOB-SKEY-005",
			On: On{Plane: "blob", Method: "PUT", Query: "^comp=metadata$", Header: []string{"x-ms-version: ^2014-02-14$"}, Status: 200}, Do: Status(403)},
		unsigned("blob-skey-date-twice", "BLOB-SKEY-006", On{Header: []string{"Date: .", "x-ms-date: ."}, Method: "GET"}),
		unsigned("blob-skey-range-not-signed", "BLOB-SKEY-007", On{Header: []string{"x-ms-range: ."}}),
		unsigned("blob-skey-metadata-unsorted", "BLOB-SKEY-008", On{Header: []string{"x-ms-meta-second: ."}}),
		unsigned("blob-skey-empty-not-signed", "BLOB-SKEY-013", On{Header: []string{"x-ms-lzempty: ^$"}}),
		unsigned("blob-skey-path-decoded", "BLOB-SKEY-014", On{Path: "%20"}),
		unsigned("blob-skey-no-slash", "BLOB-SKEY-015", On{Path: "^/?$", Query: "comp=list"}),
		unsigned("blob-skey-parameter-not-signed", "BLOB-SKEY-016", On{Query: "maxresults="}),
		unsigned("blob-skey-value-encoded", "BLOB-SKEY-017", On{Query: "prefix=[^&]*%26"}),
		unsigned("blob-skey-names-as-written", "BLOB-SKEY-018", On{Query: "TimeOut="}),
		unsigned("blob-skey-values-unsorted", "BLOB-SKEY-019", On{Query: "(lzmany)=.*lzmany="}),
		unsigned("blob-skey-account-once", "BLOB-SKEY-020", On{Path: "/twice[a-z0-9]+$"}),
		{Name: "blob-skey-no-lite", Rule: "BLOB-SKEY-022",
			On: On{Plane: "blob", Header: []string{"Authorization: ^SharedKeyLite "}, Status: 200}, Do: Status(403)},
		{Name: "blob-skey-any-date", Rule: "BLOB-SKEY-023",
			On: On{Plane: "blob", Status: 403, Answer: "Request date header too old"}, Do: Status(200)},
		{Name: "blob-skey-wrong-is-a-failure", Rule: "BLOB-SKEY-026", Also: []string{"BLOB-AUTH-018"},
			On: On{Plane: "blob", Status: 403, Answer: wrongMAC}, Do: Code("AuthorizationFailure")},
		{Name: "blob-skey-second-key-of-another", Rule: "BLOB-SKEY-029", Also: []string{"ARM-STORAGE-010"},
			On: On{Plane: "arm", Path: "(?i)/listkeys$", Status: 200}, Do: JSON("keys.1.value", base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 64))))},
		{Name: "blob-skey-forbidden-is-failed", Rule: "BLOB-SKEY-034", Also: []string{"BLOB-AUTH-017"},
			On: On{Plane: "blob", Header: []string{"Authorization: ^SharedKey"}, Code: "KeyBasedAuthenticationNotPermitted"}, Do: Code("AuthenticationFailed")},
		{Name: "blob-auth-forbidden-keys-share", Rule: "BLOB-AUTH-017",
			On: On{Plane: "blob", Query: "sig=", Code: "KeyBasedAuthenticationNotPermitted"}, Do: Code("AuthenticationFailed")},
		{Name: "blob-auth-unknown-scheme-is-failed", Rule: "BLOB-AUTH-016", Also: []string{"BLOB-SKEY-030"},
			On: On{Plane: "blob", Header: []string{"Authorization: ^(Basic|Unheard) "}, Status: 400}, Do: Both(Status(403), Code("AuthenticationFailed"))},
		{Name: "blob-auth-string-to-sign-kept", Rule: "BLOB-AUTH-018", Also: []string{"BLOB-SKEY-027"},
			On: On{Plane: "blob", Answer: wrongMAC}, Do: NoXML("AuthenticationErrorDetail")},
	}
}
