package types

import "slices"

func identityVersions() []string {
	return []string{
		"2025-05-31-preview", "2025-01-31-preview", "2024-11-30", "2023-07-31-preview", "2023-01-31", "2022-01-31-preview",
		"2021-09-30-preview", "2018-11-30", "2015-08-31-preview",
	}
}

func userAssignedIdentities() Type {
	return Type{Namespace: "Microsoft.ManagedIdentity", Name: "userAssignedIdentities", Versions: identityVersions()}
}

// federatedCredentials begin with 2022-01-31-preview (ARM-MSI-025).
func federatedCredentials() Type {
	versions := slices.DeleteFunc(identityVersions(), func(v string) bool { return v < "2022-01-31-preview" })
	return Type{Namespace: "Microsoft.ManagedIdentity", Name: "userAssignedIdentities/federatedIdentityCredentials", Versions: versions}
}

func systemIdentities() Type {
	return Type{Namespace: "Microsoft.ManagedIdentity", Name: "identities", Versions: identityVersions(), Global: true}
}
