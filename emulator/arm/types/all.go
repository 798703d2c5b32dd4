package types

// All lists the descriptors of every type. A type is added here and in its own file.
func All() []Type {
	return []Type{
		storageAccounts(), blobServices(), containers(),
		userAssignedIdentities(), federatedCredentials(), systemIdentities(),
		virtualMachines(), scaleSets(),
		vaults(), deletedVaults(),
		roleAssignments(), roleDefinitions(), permissions(), denyAssignments(), classicAdministrators(),
	}
}
