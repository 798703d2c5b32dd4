package selftest

// Defect is a switch of the emulator's builds with the tag linarite_selftest, and the rules that it
// breaks.
type Defect struct {
	Name  string
	Rules []string
}

// Defects returns them all.
func Defects() []Defect {
	return []Defect{
		{"imds-another-machines-identity", nil},
		{"imds-picks-one-of-two", nil},
		{"token-expiry-ignored", nil},
		{"token-audience-ignored", nil},
		{"token-signature-ignored", nil},
		{"rbac-sibling-scope", nil},
		{"rbac-parent-scope-lost", nil},
		{"rbac-control-opens-data", nil},
		{"rbac-not-actions-ignored", nil},
		{"rbac-group-membership-ignored", nil},
		{"rbac-deleted-assignment-honoured", nil},
		{"arm-regenerated-key-stays", nil},
		{"blob-signature-not-compared", nil},
		{"blob-sas-after-expiry", nil},
		{"blob-sas-before-start", nil},
		{"blob-sas-from-any-address", nil},
		{"blob-sas-any-permission", nil},
		{"blob-sas-any-level", nil},
		{"blob-sas-policy-not-looked-at", nil},
		{"blob-date-not-checked", nil},
		{"blob-if-none-match-ignored", nil},
		{"blob-if-match-ignored", nil},
		{"blob-range-one-byte-short", nil},
		{"blob-md5-not-compared", nil},
		{"blob-delimiter-ignored", nil},
		{"blob-marker-ignored", nil},
		{"vault-disabled-secret-readable", nil},
		{"vault-deleted-secret-readable", nil},
		{"vault-dates-refuse-reads", nil},
		{"vault-policy-of-anyone", nil},
	}
}
