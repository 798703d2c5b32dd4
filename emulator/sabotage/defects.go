package sabotage

// Defect is something that the emulator does wrong.
type Defect string

// The defects, by plane.
const (
	IMDSOtherMachine Defect = "imds-another-machines-identity" // a user-assigned identity that the machine does not have

	TokenAudience  Defect = "token-audience-ignored"
	TokenSignature Defect = "token-signature-ignored"

	AssertionSignature Defect = "entra-assertion-signature-ignored"
	AssertionSubject   Defect = "entra-assertion-subject-in-any-case"
	AssertionTime      Defect = "entra-assertion-after-expiry"

	RBACSibling    Defect = "rbac-sibling-scope"      // a scope whose name begins with the assignment's
	RBACParent     Defect = "rbac-parent-scope-lost"  // assignments on a group count at the group alone
	RBACOpensData  Defect = "rbac-control-opens-data" // actions are taken for data actions
	RBACExclusions Defect = "rbac-not-actions-ignored"
	RBACDeleted    Defect = "rbac-deleted-assignment-honoured"

	ARMKeyKept Defect = "arm-regenerated-key-stays"

	BlobSignature     Defect = "blob-signature-not-compared"
	BlobSASExpiry     Defect = "blob-sas-after-expiry"
	BlobSASStart      Defect = "blob-sas-before-start"
	BlobSASAddress    Defect = "blob-sas-from-any-address"
	BlobSASLetters    Defect = "blob-sas-any-permission"
	BlobSASLevel      Defect = "blob-sas-any-level"
	BlobSASPolicy     Defect = "blob-sas-policy-not-looked-at"
	BlobDate          Defect = "blob-date-not-checked"
	BlobNoneMatch     Defect = "blob-if-none-match-ignored"
	BlobMatch         Defect = "blob-if-match-ignored"
	BlobRangeShort    Defect = "blob-range-one-byte-short"
	BlobMD5           Defect = "blob-md5-not-compared"
	BlobDelimiter     Defect = "blob-delimiter-ignored"
	BlobMarker        Defect = "blob-marker-ignored"
	VaultDisabled     Defect = "vault-disabled-secret-readable"
	VaultDeleted      Defect = "vault-deleted-secret-readable"
	VaultDates        Defect = "vault-dates-refuse-reads"
	VaultPolicyAnyone Defect = "vault-policy-of-anyone"
)

// Defects returns them all.
func Defects() []Defect {
	return []Defect{
		IMDSOtherMachine, TokenAudience, TokenSignature, AssertionSignature, AssertionSubject, AssertionTime,
		RBACSibling, RBACParent, RBACOpensData, RBACExclusions, RBACDeleted, ARMKeyKept,
		BlobSignature, BlobSASExpiry, BlobSASStart, BlobSASAddress, BlobSASLetters, BlobSASLevel, BlobSASPolicy, BlobDate,
		BlobNoneMatch, BlobMatch, BlobRangeShort, BlobMD5, BlobDelimiter, BlobMarker,
		VaultDisabled, VaultDeleted, VaultDates, VaultPolicyAnyone,
	}
}
