package selftest

func appServiceFaults() []Fault {
	const (
		version2019 = "^api-version=2019-08-01&resource=https%3A%2F%2Fmanagement"
		version2017 = "^api-version=2017-09-01"
		plane       = "appservice"
	)
	plain := On{Plane: plane, Query: version2019, NoQuery: selectors + "|principal_id=", Header: []string{"Metadata: ^true$"}, Status: 200}
	named := func(selector string) On { return On{Plane: plane, Query: "&" + selector + "=", Status: 200} }
	return []Fault{
		{Name: "appservice-token-201", Rule: "IMDS-APPSVC-001", On: plain, Do: Status(201)},
		{Name: "appservice-no-secret-wanted", Rule: "IMDS-APPSVC-002",
			On: On{Plane: plane, Header: []string{"!X-IDENTITY-HEADER", "!secret"}}, Do: Answer(200, someToken)},
		{Name: "appservice-metadata-for-the-secret", Rule: "IMDS-APPSVC-002",
			On: On{Plane: plane, Header: []string{"!X-IDENTITY-HEADER", "Metadata: ^true$"}}, Do: Answer(200, someToken)},
		{Name: "appservice-any-secret", Rule: "IMDS-APPSVC-003",
			On: On{Plane: plane, Header: []string{"X-IDENTITY-HEADER: "}, Status: 401}, Do: Answer(200, someToken)},
		{Name: "appservice-metadata-wanted", Rule: "IMDS-APPSVC-004",
			On: On{Plane: plane, Query: version2019, Header: []string{"!Metadata"}, Status: 200}, Do: Answer(400, `{"statusCode":400,"message":""}`)},
		{Name: "appservice-expires-on-a-number", Rule: "IMDS-APPSVC-005", On: plain, Do: Replace(`"expires_on":"(\d+)"`, `"expires_on":$1`)},
		{Name: "appservice-expires-on-a-date", Rule: "IMDS-APPSVC-005", On: plain, Do: JSON("expires_on", "11/05/2021 15:18:31 +00:00")},
		{Name: "appservice-expires-in", Rule: "IMDS-APPSVC-006", On: plain, Do: JSON("expires_in", "86399")},
		{Name: "appservice-resource-a-list", Rule: "IMDS-APPSVC-007", On: plain, Do: Replace(`"resource":("[^"]*")`, `"resource":[$1]`)},
		{Name: "appservice-client-id-of-another", Rule: "IMDS-APPSVC-008", On: plain, Do: JSON("client_id", nobody)},
		{Name: "appservice-no-not-before", Rule: "IMDS-APPSVC-009", On: plain, Do: NoJSON("not_before")},
		{Name: "appservice-token-type-lower-case", Rule: "IMDS-APPSVC-010", On: plain, Do: JSON("token_type", "bearer")},
		{Name: "appservice-another-identity-by-itself", Rule: "IMDS-APPSVC-011", On: plain, Do: Claim("oid", nobody)},
		{Name: "appservice-client-id-ignored", Rule: "IMDS-APPSVC-013", Also: []string{"IMDS-APPSVC-011"}, On: named("client_id"), Do: Claim("oid", nobody)},
		{Name: "appservice-principal-id-ignored", Rule: "IMDS-APPSVC-014", On: named("principal_id"), Do: Claim("oid", nobody)},
		{Name: "appservice-object-id-ignored", Rule: "IMDS-APPSVC-015", On: named("object_id"), Do: Claim("oid", nobody)},
		{Name: "appservice-resource-id-ignored", Rule: "IMDS-APPSVC-016", On: named("mi_res_id"), Do: Claim("oid", nobody)},
		{Name: "appservice-unknown-identity-404", Rule: "IMDS-APPSVC-017",
			On: On{Plane: plane, Answer: "No User Assigned"}, Do: Status(404)},
		{Name: "appservice-own-identity-for-an-unknown-one", Rule: "IMDS-APPSVC-017", Also: []string{"IMDS-APPSVC-018"},
			On: On{Plane: plane, Answer: "No User Assigned"}, Do: Answer(200, someToken)},
		{Name: "appservice-status-code-a-text", Rule: "IMDS-APPSVC-018",
			On: On{Plane: plane, Answer: "No User Assigned"}, Do: JSON("statusCode", "400")},
		{Name: "appservice-first-version-201", Rule: "IMDS-APPSVC-020", On: On{Plane: plane, Query: version2017, Status: 200}, Do: Status(201)},
		{Name: "appservice-first-version-any-secret", Rule: "IMDS-APPSVC-020",
			On: On{Plane: plane, Query: version2017, Status: 401}, Do: Answer(200, someToken)},
		{Name: "appservice-first-version-no-selector", Rule: "IMDS-APPSVC-021",
			On: On{Plane: plane, Query: version2017 + ".*clientid=", Status: 200}, Do: Claim("oid", nobody)},
		{Name: "appservice-first-version-seconds", Rule: "IMDS-APPSVC-022",
			On: On{Plane: plane, Query: version2017, Status: 200}, Do: JSON("expires_on", "1709895997")},
		{Name: "appservice-first-version-other-day", Rule: "IMDS-APPSVC-022",
			On: On{Plane: plane, Query: version2017, Status: 200}, Do: JSON("expires_on", "11/05/2021 15:18:31 +00:00")},
	}
}

func appServiceWithoutSpec() []Uncovered {
	return []Uncovered{{"IMDS-APPSVC-012", "needs a site without an identity of its own"}}
}
