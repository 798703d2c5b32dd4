package selftest

// Defect is a switch of the emulator's builds with the tag linarite_selftest.
type Defect struct {
	Name string
	// Rules are those that have to fail.
	Rules []string
	// Also are rules that cannot be looked at then: what their specs need to begin with is broken.
	Also []string
}

// Defects returns them all. The lists are what each breaks: signatures that nobody compares, for
// one, break nearly all that is said about what is signed.
func Defects() []Defect {
	return []Defect{
		{"imds-another-machines-identity", []string{"IMDS-TOKEN-032"}, nil},
		{"token-audience-ignored", []string{
			"ARM-COMMON-019", "ARM-COMMON-020", "ARM-COMMON-024", "ARM-COMMON-025", "ARM-COMMON-027", "BLOB-AUTH-005", "BLOB-AUTH-010", "KV-AUTH-004",
			"KV-AUTH-008", "KV-AUTH-009",
		}, []string{"BLOB-AUTH-012"}},
		{"token-signature-ignored", []string{
			"ARM-COMMON-015", "ARM-COMMON-016", "BLOB-AUTH-009", "BLOB-AUTH-010", "ENTRA-GRAPH-004", "ENTRA-GRAPH-009", "KV-AUTH-014", "KV-AUTH-016",
		}, nil},
		{"entra-assertion-signature-ignored", []string{"ENTRA-FED-009", "ENTRA-FED-010"}, nil},
		{"entra-assertion-subject-in-any-case", []string{"ENTRA-FED-006"}, nil},
		{"entra-assertion-after-expiry", []string{"ENTRA-ASSERT-009", "ENTRA-ASSERT-010"}, nil},
		{"rbac-sibling-scope", []string{"BLOB-AUTH-015", "KV-AUTH-026", "RBAC-SCOPE-008"}, nil},
		{"rbac-parent-scope-lost", []string{
			"RBAC-EVAL-002", "RBAC-EVAL-005", "RBAC-EVAL-009", "RBAC-EVAL-011", "RBAC-EVAL-023", "RBAC-SCOPE-003", "RBAC-SCOPE-009",
		}, []string{
			"ARM-AUTHZ-050", "ARM-AUTHZ-056", "RBAC-EVAL-001", "RBAC-EVAL-003", "RBAC-EVAL-004", "RBAC-EVAL-020", "RBAC-EVAL-021", "RBAC-SCOPE-005",
			"RBAC-SCOPE-006", "RBAC-SCOPE-008",
		}},
		{"rbac-control-opens-data", []string{
			"BLOB-AUTH-014", "KV-AUTH-018", "KV-AUTH-025", "KV-AUTH-026", "KV-AUTH-027", "KV-AUTH-028", "KV-AUTH-030", "RBAC-EVAL-006",
			"RBAC-EVAL-007",
		}, []string{"KV-AUTH-031"}},
		{"rbac-not-actions-ignored", []string{"ARM-AUTHZ-057", "RBAC-EVAL-003", "RBAC-EVAL-008"}, nil},
		{"rbac-deleted-assignment-honoured", []string{"ARM-AUTHZ-022", "RBAC-EVAL-022"}, []string{"ARM-AUTHZ-042", "ARM-AUTHZ-043", "ARM-AUTHZ-044", "ARM-AUTHZ-047"}},
		{"arm-regenerated-key-stays", []string{"ARM-STORAGE-010", "BLOB-SAS-061"}, nil},
		{"blob-signature-not-compared", []string{
			"BLOB-AUTH-018", "BLOB-AUTH-024", "BLOB-COMMON-011", "BLOB-SAS-001", "BLOB-SAS-002", "BLOB-SAS-003", "BLOB-SAS-004", "BLOB-SAS-005",
			"BLOB-SAS-006", "BLOB-SAS-007", "BLOB-SAS-008", "BLOB-SAS-009", "BLOB-SAS-010", "BLOB-SAS-011", "BLOB-SAS-012", "BLOB-SAS-013",
			"BLOB-SAS-014", "BLOB-SAS-015", "BLOB-SAS-016", "BLOB-SAS-017", "BLOB-SAS-018", "BLOB-SAS-046", "BLOB-SAS-061", "BLOB-SKEY-002",
			"BLOB-SKEY-003", "BLOB-SKEY-004", "BLOB-SKEY-005", "BLOB-SKEY-006", "BLOB-SKEY-007", "BLOB-SKEY-008", "BLOB-SKEY-011", "BLOB-SKEY-013",
			"BLOB-SKEY-014", "BLOB-SKEY-015", "BLOB-SKEY-016", "BLOB-SKEY-017", "BLOB-SKEY-018", "BLOB-SKEY-019", "BLOB-SKEY-020", "BLOB-SKEY-022",
			"BLOB-SKEY-026", "BLOB-SKEY-027", "BLOB-SKEY-028", "BLOB-SVC-004", "BLOB-SVC-005",
		}, []string{"BLOB-SKEY-009"}},
		{"blob-sas-after-expiry", []string{"BLOB-AUTH-024", "BLOB-SAS-030", "BLOB-SAS-069"}, nil},
		{"blob-sas-before-start", []string{"BLOB-AUTH-024", "BLOB-SAS-030", "BLOB-SAS-069"}, nil},
		{"blob-sas-from-any-address", []string{"BLOB-AUTH-026", "BLOB-SAS-032", "BLOB-SAS-053", "BLOB-SAS-063"}, nil},
		{"blob-sas-any-permission", []string{
			"BLOB-AUTH-025", "BLOB-AUTH-031", "BLOB-SAS-034", "BLOB-SAS-039", "BLOB-SAS-052", "BLOB-SAS-055", "BLOB-SAS-059", "BLOB-SAS-067",
			"BLOB-SAS-069",
		}, nil},
		{"blob-sas-any-level", []string{"BLOB-SAS-060"}, nil},
		{"blob-sas-policy-not-looked-at", []string{"BLOB-SAS-069"}, nil},
		{"blob-date-not-checked", []string{"BLOB-SKEY-023", "BLOB-SKEY-024", "BLOB-SKEY-025"}, nil},
		{"blob-if-none-match-ignored", []string{
			"BLOB-COND-001", "BLOB-COND-003", "BLOB-COND-004", "BLOB-COND-005", "BLOB-COND-006", "BLOB-COND-007", "BLOB-COND-009", "BLOB-PUT-008",
		}, nil},
		{"blob-if-match-ignored", []string{
			"BLOB-COND-001", "BLOB-COND-002", "BLOB-COND-005", "BLOB-COND-006", "BLOB-COND-007", "BLOB-COND-008", "BLOB-COND-009",
		}, nil},
		{"blob-range-one-byte-short", []string{"BLOB-GET-003", "BLOB-GET-006", "BLOB-GET-009"}, nil},
		{"blob-md5-not-compared", []string{"BLOB-COMMON-028", "BLOB-PUT-025"}, nil},
		{"blob-delimiter-ignored", []string{"BLOB-LIST-003", "BLOB-LIST-004"}, nil},
		{"blob-marker-ignored", []string{"BLOB-LIST-006"}, nil},
		{"vault-disabled-secret-readable", []string{"KV-SECRET-020", "KV-SECRET-022"}, []string{"KV-AUTH-041"}},
		{"vault-deleted-secret-readable", []string{"KV-SECRET-043"}, []string{"KV-SECRET-050"}},
		{"vault-dates-refuse-reads", []string{"KV-SECRET-015", "KV-SECRET-021", "KV-SECRET-023", "KV-SECRET-025"}, nil},
		{"vault-policy-of-anyone", []string{"KV-AUTH-020"}, nil},
	}
}
