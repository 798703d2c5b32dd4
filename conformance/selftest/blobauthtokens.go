package selftest

// authFaults are about tokens, and requests that say nothing of who sends them.
func authFaults() []Fault {
	const bearer, nobody = "Authorization: ^Bearer ", "!Authorization"
	const before = "x-ms-version: ^2019-10-10$"
	return []Fault{
		{Name: "blob-auth-token-in-old-version", Rule: "BLOB-AUTH-001",
			On: On{Plane: "blob", Header: []string{bearer, "x-ms-version: ^2017-07-29$"}, Status: 403}, Do: Status(200)},
		{Name: "blob-auth-token-over-http", Rule: "BLOB-AUTH-003",
			On: On{Plane: "blob", Header: []string{bearer}, Answer: "not allowed with HTTP"}, Do: Status(200)},
		{Name: "blob-auth-no-token-for-the-account", Rule: "BLOB-AUTH-004",
			On: On{Plane: "blob", Path: "/endpoint(-slash)?$", Header: []string{bearer}, Status: 200}, Do: Status(401)},
		{Name: "blob-auth-audience-is-no-token", Rule: "BLOB-AUTH-005",
			On: On{Plane: "blob", Status: 401, Answer: "Audience validation failed"}, Do: Code("NoAuthenticationInformation")},
		{Name: "blob-auth-malformed-without-detail", Rule: "BLOB-AUTH-008",
			On: On{Plane: "blob", Status: 401, Answer: "missing or malformed"}, Do: NoXML("AuthenticationErrorDetail")},
		{Name: "blob-auth-token-of-anybody", Rule: "BLOB-AUTH-009",
			On: On{Plane: "blob", Status: 401, Answer: "Signature validation failed"}, Do: Status(200)},
		{Name: "blob-auth-challenge-before-its-time", Rule: "BLOB-AUTH-010",
			On: On{Plane: "blob", Header: []string{bearer, before}, Status: 403}, Do: Header("WWW-Authenticate", "Bearer resource_id=https://storage.azure.com")},
		{Name: "blob-auth-malformed-is-unauthorized", Rule: "BLOB-AUTH-011",
			On: On{Plane: "blob", Header: []string{bearer, before}, Status: 400}, Do: Status(401)},
		{Name: "blob-auth-challenge-of-a-uri", Rule: "BLOB-AUTH-012",
			On: On{Plane: "blob", Status: 401}, Do: ReplaceHeader("WWW-Authenticate", "resource_id=", "resource_uri=")},
		{Name: "blob-auth-no-right-is-a-failure", Rule: "BLOB-AUTH-013",
			On: On{Plane: "blob", Header: []string{bearer}, Code: "AuthorizationPermissionMismatch"}, Do: Code("AuthorizationFailure")},
		{Name: "blob-auth-owner-opens-blobs", Rule: "BLOB-AUTH-014",
			On: On{Plane: "blob", Query: "comp=blocklist", Header: []string{bearer}, Status: 403}, Do: Status(200)},
		{Name: "blob-auth-container-opens-all", Rule: "BLOB-AUTH-015", Also: []string{"RBAC-EVAL-006"},
			On: On{Plane: "blob", Query: "^comp=metadata$", Header: []string{bearer}, Status: 403}, Do: Status(200)},
		{Name: "blob-auth-nobody-is-failed", Rule: "BLOB-AUTH-019",
			On: On{Plane: "blob", Header: []string{nobody}, Code: "NoAuthenticationInformation"}, Do: Code("AuthenticationFailed")},
		{Name: "blob-auth-private-from-the-front", Rule: "BLOB-AUTH-020",
			On: On{Plane: "blob", NoQuery: "sig=", Header: []string{nobody}, Code: "ResourceNotFound"}, Do: Header("Server", "Microsoft-HTTPAPI/2.0")},
		{Name: "blob-auth-not-permitted-is-not-found", Rule: "BLOB-AUTH-021",
			On: On{Plane: "blob", Method: "GET", Header: []string{nobody}, Code: "PublicAccessNotPermitted"}, Do: Both(Status(404), Code("ResourceNotFound"))},
		{Name: "blob-auth-public-blocks-closed", Rule: "BLOB-AUTH-022",
			On: On{Plane: "blob", Query: "comp=blocklist", NoQuery: "sig=", Header: []string{nobody}, Status: 200}, Do: Status(401)},
		{Name: "blob-auth-public-metadata-closed", Rule: "BLOB-AUTH-023",
			On: On{Plane: "blob", Query: "restype=container&comp=metadata", NoQuery: "sig=", Header: []string{nobody}, Status: 200}, Do: Status(401)},
	}
}
