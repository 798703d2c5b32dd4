package selftest

import "slices"

// blobAuthFaults break what Blob storage says of who asks: keys, signatures, tokens, nobody.
func blobAuthFaults() []Fault {
	return slices.Concat(sasFormFaults(), sasRightFaults(), sasDelegationFaults(), skeyFaults(), authFaults())
}

// What an answer about a wrong signature says, as expressions for On.Answer.
const (
	wrongSAS = "Signature did not match"
	badField = "Signature fields not well formed"
)

// sasFormFaults are about how signatures are read and checked.
func sasFormFaults() []Fault {
	accepted := func(name, rule, query, code, answer string) Fault {
		return Fault{Name: name, Rule: rule, On: On{Plane: "blob", Query: query, NoQuery: "^sig=", Status: 403, Code: code, Answer: answer}, Do: Status(200)}
	}
	refused := func(name, rule, query, notQuery string) Fault {
		return Fault{Name: name, Rule: rule, On: On{Plane: "blob", Query: query, NoQuery: notQuery, Status: 200}, Do: Status(403)}
	}
	const failed = "AuthenticationFailed"
	return []Fault{
		refused("blob-sas-order-matters", "BLOB-SAS-001", "^(sig|se)=", ""),
		refused("blob-sas-without-version", "BLOB-SAS-002", "sig=", "(^|&)sv="),
		refused("blob-sas-2012-layout", "BLOB-SAS-003", "sv=2012-02-12&sr=", ""),
		refused("blob-sas-2013-layout-late", "BLOB-SAS-004", "sv=2013-08-15&sr=", ""),
		refused("blob-sas-2015-layout-ends-early", "BLOB-SAS-005", "sv=2018-03-28&sr=", ""),
		refused("blob-sas-2018-layout-late", "BLOB-SAS-006", "sv=2018-11-09&sr=", "skoid="),
		refused("blob-sas-2020-layout-late", "BLOB-SAS-007", "sv=2020-12-06&sr=", "skoid="),
		refused("blob-sas-account-2020-early", "BLOB-SAS-008", "sv=2020-10-02&ss=", ""),
		refused("blob-sas-account-2020-late", "BLOB-SAS-009", "sv=2020-12-06&ss=", ""),
		accepted("blob-sas-snapshot-not-signed", "BLOB-SAS-016", "snapshot=", failed, wrongSAS),
		accepted("blob-sas-service-not-signed", "BLOB-SAS-017", "sv=2015-02-21&sr=", failed, wrongSAS),
		{Name: "blob-sas-encoded-name", Rule: "BLOB-SAS-018", On: On{Plane: "blob", Path: "%2F|%20", Query: "sig=", Status: 403, Answer: wrongSAS}, Do: Status(200)},
		accepted("blob-sas-any-resource", "BLOB-SAS-019", "sr=(x|cb)&", failed, badField),
		accepted("blob-sas-letters-optional", "BLOB-SAS-020", "sig=", failed, "sp is mandatory"),
		accepted("blob-sas-any-time", "BLOB-SAS-021", "se=tomorrow", failed, badField),
		refused("blob-sas-no-dates", "BLOB-SAS-022", `se=\d{4}-\d\d-\d\d(&|$)`, ""),
		accepted("blob-sas-letters-unordered", "BLOB-SAS-023", "sr=.*sp=wr(&|$)", failed, badField),
		refused("blob-sas-account-letters-ordered", "BLOB-SAS-024", "ss=.*sp=(wr|dclr)(&|$)", ""),
		accepted("blob-sas-after-its-end", "BLOB-SAS-028", `se=[\dT-]+(%3A\d\d)*Z`, failed, "must be after signed start time"),
		accepted("blob-sas-for-http-alone", "BLOB-SAS-062", "spr=http(&|$)", failed, badField),
		refused("blob-sas-no-ranges", "BLOB-SAS-063", `sip=[\d.]+-`, ""),
		accepted("blob-sas-account-before-2015", "BLOB-SAS-064", `sv=201[0-4].*ss=|sv=2015-0[1-3].*ss=`, "", ""),
		accepted("blob-sas-before-its-start", "BLOB-AUTH-024", "(^|&)sp=", failed, "not valid in the specified time frame"),
	}
}

// sasRightFaults are about what signatures are good for.
func sasRightFaults() []Fault {
	return []Fault{
		{Name: "blob-sas-from-anywhere", Rule: "BLOB-SAS-032", Also: []string{"BLOB-AUTH-026", "BLOB-SAS-063"},
			On: On{Plane: "blob", Query: "sip=", Code: "AuthorizationSourceIPMismatch"}, Do: Status(200)},
		{Name: "blob-sas-address-is-a-failure", Rule: "BLOB-AUTH-026", Also: []string{"BLOB-SAS-032"},
			On: On{Plane: "blob", Query: "sip=", Code: "AuthorizationSourceIPMismatch"}, Do: Code("AuthorizationFailure")},
		{Name: "blob-sas-https-over-http", Rule: "BLOB-SAS-033", Also: []string{"BLOB-AUTH-027"},
			On: On{Plane: "blob", Query: "spr=https(&|$)", Code: "AuthorizationProtocolMismatch"}, Do: Status(200)},
		{Name: "blob-sas-protocol-is-a-failure", Rule: "BLOB-AUTH-027", Also: []string{"BLOB-SAS-033"},
			On: On{Plane: "blob", Query: "spr=https(&|$)", Code: "AuthorizationProtocolMismatch"}, Do: Code("AuthorizationFailure")},
		{Name: "blob-sas-any-letter", Rule: "BLOB-SAS-034", Also: []string{"BLOB-AUTH-025"},
			On: On{Plane: "blob", Query: "sp=r?w(&|$)", Code: "AuthorizationPermissionMismatch"}, Do: Status(200)},
		{Name: "blob-sas-letter-is-a-failure", Rule: "BLOB-AUTH-025", Also: []string{"BLOB-SAS-034"},
			On: On{Plane: "blob", Query: "sig=", Code: "AuthorizationPermissionMismatch"}, Do: Code("AuthorizationFailure")},
		{Name: "blob-sas-any-service", Rule: "BLOB-SAS-035", Also: []string{"BLOB-AUTH-028"},
			On: On{Plane: "blob", Query: "ss=", Code: "AuthorizationServiceMismatch"}, Do: Status(200)},
		{Name: "blob-sas-service-is-a-failure", Rule: "BLOB-AUTH-028", Also: []string{"BLOB-SAS-035"},
			On: On{Plane: "blob", Query: "ss=", Code: "AuthorizationServiceMismatch"}, Do: Code("AuthorizationFailure")},
		{Name: "blob-sas-any-type", Rule: "BLOB-SAS-036", Also: []string{"BLOB-AUTH-029"},
			On: On{Plane: "blob", Query: "srt=", Code: "AuthorizationResourceTypeMismatch"}, Do: Status(200)},
		{Name: "blob-sas-type-is-a-failure", Rule: "BLOB-AUTH-029", Also: []string{"BLOB-SAS-036"},
			On: On{Plane: "blob", Query: "srt=", Code: "AuthorizationResourceTypeMismatch"}, Do: Code("AuthorizationFailure")},
		{Name: "blob-sas-sets-acl", Rule: "BLOB-SAS-037", Also: []string{"BLOB-AUTH-030"},
			On: On{Plane: "blob", Method: "PUT", Query: "comp=acl&.*sig=", Status: 403}, Do: Status(200)},
		{Name: "blob-sas-acl-is-a-permission", Rule: "BLOB-AUTH-030", Also: []string{"BLOB-SAS-037"},
			On: On{Plane: "blob", Query: "sig=", Code: "AuthorizationFailure"}, Do: Code("AuthorizationPermissionMismatch")},
		{Name: "blob-sas-reads-container", Rule: "BLOB-SAS-038",
			On: On{Plane: "blob", Method: "GET", Query: "^restype=container&.*sr=c&", NoQuery: "comp=list", Status: 403}, Do: Status(200)},
		{Name: "blob-sas-all-letters-needed", Rule: "BLOB-SAS-040",
			On: On{Plane: "blob", Method: "PUT", Query: "sp=[cw](&|$)", NoQuery: "comp=", Status: 201}, Do: Status(403)},
		{Name: "blob-sas-account-type-of-all", Rule: "BLOB-SAS-041",
			On: On{Plane: "blob", Query: "srt=[sco](&|$)", NoQuery: "prefix=regenerated|spr=", Status: 200}, Do: Status(403)},
		{Name: "blob-sas-old-versions-tell", Rule: "BLOB-SAS-052",
			On: On{Plane: "blob", Query: "sv=201[0-4].*sig=", Code: "ResourceNotFound"}, Do: Both(Status(403), Code("AuthorizationPermissionMismatch"))},
		{Name: "blob-sas-creating-overwrites", Rule: "BLOB-AUTH-031", Also: []string{"BLOB-SAS-039"},
			On: On{Plane: "blob", Method: "PUT", Query: "sp=c(&|$)", Code: "UnauthorizedBlobOverwrite"}, Do: Status(201)},
		{Name: "blob-sas-headers-of-the-blob", Rule: "BLOB-AUTH-032",
			On: On{Plane: "blob", Query: "rsct=text%2Fx-said", Status: 200}, Do: Header("Content-Type", "text/plain")},
		{Name: "blob-sas-manager-of-today", Rule: "BLOB-SAS-048", Also: []string{"ARM-STORAGE-012"},
			On: On{Plane: "arm", Path: "(?i)/list(account|service)sas$", Status: 200}, Do: Replace("sv=2015-04-05", "sv=2021-06-08")},
		{Name: "blob-sas-any-policy", Rule: "BLOB-SAS-069",
			On: On{Plane: "blob", Query: "si=write(&|$)", Status: 403}, Do: Status(200)},
		{Name: "blob-sas-of-a-deleted-policy", Rule: "BLOB-SAS-070",
			On: On{Plane: "blob", Query: "si=deleted(&|$)", Status: 403}, Do: Status(200)},
		{Name: "blob-sas-of-the-old-key", Rule: "BLOB-SAS-061",
			On: On{Plane: "blob", Query: "prefix=regenerated&.*sig=", Status: 403}, Do: Status(200)},
	}
}

// sasDelegationFaults are about signatures by user delegation keys.
func sasDelegationFaults() []Fault {
	refused := func(name, rule, query string) Fault {
		return Fault{Name: name, Rule: rule, On: On{Plane: "blob", Query: query + ".*skoid=", Status: 200}, Do: Status(403)}
	}
	return []Fault{
		refused("blob-sas-delegation-2020-early", "BLOB-SAS-010", "sv=2019-12-12&"),
		refused("blob-sas-delegation-2020-late", "BLOB-SAS-011", "sv=2020-02-10&"),
		refused("blob-sas-delegation-no-scope", "BLOB-SAS-012", "sv=2020-12-06&"),
		refused("blob-sas-delegation-2025-late", "BLOB-SAS-013", "sv=2025-07-05&"),
		{Name: "blob-sas-delegation-any-header", Rule: "BLOB-SAS-014",
			On: On{Plane: "blob", Query: "srh=", Header: []string{"x-ms-lzfirst: 3"}, Status: 403}, Do: Status(200)},
		{Name: "blob-sas-delegation-headers-sorted", Rule: "BLOB-SAS-015",
			On: On{Plane: "blob", Query: "srh=.*lzsecond=b", Header: []string{"x-ms-lzfirst: 1"}, Status: 403}, Do: Status(200)},
		{Name: "blob-sas-delegation-within-its-key", Rule: "BLOB-SAS-045",
			On: On{Plane: "blob", Path: "/outlives-its-key$", Query: "skoid=", Status: 200}, Do: Status(403)},
		{Name: "blob-sas-delegation-before-2018", Rule: "BLOB-SAS-065",
			On: On{Plane: "blob", Query: "sv=2018-0.*skoid=", Status: 403}, Do: Status(200)},
	}
}

// blobAuthWithoutSpec are rules that no spec asserts.
func blobAuthWithoutSpec() []Uncovered {
	return []Uncovered{
		{"BLOB-SKEY-021", "only seen where the account is in the path, and no target of that kind has a secondary"},
		{"BLOB-AUTH-006", "needs an identity of a second tenant, which no target has"},
		{"BLOB-AUTH-007", "needs a token that ends during a run; tests of the emulator move its clock"},
	}
}

// blobAuthWithoutFault are rules that no change on the wire breaks.
func blobAuthWithoutFault() []Uncovered { return nil }
