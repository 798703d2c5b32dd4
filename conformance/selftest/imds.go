package selftest

// token is the path of the metadata service's tokens.
const token = "^/metadata/identity/oauth2/token/?$"

func imdsFaults() []Fault {
	return []Fault{
		{Name: "imds-no-metadata-check", Rule: "IMDS-TOKEN-002", Also: []string{"IMDS-TOKEN-003", "IMDS-TOKEN-004"},
			On: On{Plane: "imds", Path: token, Header: []string{"!Metadata"}}, Do: Answer(200, `{"access_token":"x"}`)},
		{Name: "imds-metadata-other-error", Rule: "IMDS-TOKEN-003",
			On: On{Plane: "imds", Path: token, Header: []string{"!Metadata"}}, Do: JSON("error", "bad_request_102")},
		{Name: "imds-forwarded-accepted", Rule: "IMDS-TOKEN-008",
			On: On{Plane: "imds", Path: token, Header: []string{"X-Forwarded-For: ^1"}}, Do: Answer(200, `{"access_token":"x"}`)},
	}
}

func imdsWithoutSpec() []Uncovered { return nil }

func imdsWithoutFault() []Uncovered { return nil }
