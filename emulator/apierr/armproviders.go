package apierr

// Refusals of Resource Manager's resource providers, and those of the front door about
// their resources.
const (
	ARMTypeLocation         Kind = "arm.TypeLocation"
	ARMLocationConflict     Kind = "arm.LocationConflict"
	ARMLinkedID             Kind = "arm.LinkedID"
	ARMLinkedForbidden      Kind = "arm.LinkedForbidden"
	ARMIdentityOperation    Kind = "arm.IdentityOperation"
	ARMIdentityName         Kind = "arm.IdentityName"
	ARMParentMissing        Kind = "arm.ParentMissing"
	ARMFederatedName        Kind = "arm.FederatedName"
	ARMFederatedEmpty       Kind = "arm.FederatedEmpty"
	ARMFederatedAudiences   Kind = "arm.FederatedAudiences"
	ARMFederatedTooLong     Kind = "arm.FederatedTooLong"
	ARMFederatedTaken       Kind = "arm.FederatedTaken"
	ARMFederatedLimit       Kind = "arm.FederatedLimit"
	ARMFederatedAtOnce      Kind = "arm.FederatedAtOnce"
	StorageAccountName      Kind = "arm.StorageAccountName"
	StorageAccountTaken     Kind = "arm.StorageAccountTaken"
	StorageParameters       Kind = "arm.StorageParameters"
	ARMVaultTaken           Kind = "arm.ARMVaultTaken"
	ARMVaultName            Kind = "arm.ARMVaultName"
	ARMVaultBadRequest      Kind = "arm.ARMVaultBadRequest"
	ARMVaultModeForbidden   Kind = "arm.ARMVaultModeForbidden"
	ARMVaultDeletedNotFound Kind = "arm.ARMVaultDeletedNotFound"
)

var armProviderRows = map[Kind]row{
	ARMTypeLocation: {rule: "ARM-COMMON-087", status: 400, code: "LocationNotAvailableForResourceType",
		text: "The provided location '%s' is not available for resource type '%s'. List of available regions for the resource type is '%s'."},
	ARMLocationConflict: {rule: "ARM-COMMON-088", status: 409, code: "InvalidResourceLocation",
		text: "The resource '%s' already exists in location '%s' in resource group '%s'. A resource with the same name cannot be created in location '%s'. Please select a new resource name."},
	ARMLinkedID: {rule: "ARM-COMMON-089", status: 400, code: "LinkedInvalidPropertyId",
		text: "Property id '%s' at path '%s' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'."},
	ARMLinkedForbidden: {rule: "RBAC-EVAL-024", status: 403, code: "LinkedAuthorizationFailed",
		text: "The client '%s' with object id '%s' has permission to perform action '%s' on scope '%s'; however, it does not have permission to perform action '%s' on the linked scope(s) '%s' or the linked scope(s) are invalid."},
	ARMIdentityOperation: {rule: "ARM-COMPUTE-008", status: 400, code: "FailedIdentityOperation", backend: true,
		text: `Identity operation for resource '%s' failed with error 'Failed to perform resource identity operation. Status: 'BadRequest'. Response: '{"error":{"code":"BadRequest","message":"Resource '%s' was not found."}}'.'.`},
	ARMVaultTaken: {rule: "ARM-VAULT-006", status: 409, code: "VaultAlreadyExists", backend: true,
		text: "The vault name '%s' is already in use. Vault names are globally unique so it is possible that the name is already taken."},
	ARMVaultName: {rule: "ARM-VAULT-007", status: 400, code: "VaultNameNotValid", backend: true,
		text: "The vault name '%s' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. " +
			"Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742"},
	ARMVaultBadRequest: {rule: "ARM-VAULT-008", status: 400, code: "BadRequest", backend: true, text: "%s"},
	ARMVaultModeForbidden: {rule: "ARM-VAULT-009", status: 403, code: "InsufficientPermissions", backend: true,
		text: "Caller is not allowed to change permission model. For more information on how to change the permissions model follow this link: https://go.microsoft.com/fwlink/?linkid=2155160. " +
			"Details: oid=%s; action=Microsoft.Authorization/roleAssignments/write; resource=%s; decision=NotAllowed;"},
	ARMVaultDeletedNotFound: {rule: "ARM-VAULT-010", status: 404, code: "ResourceNotFound", backend: true, text: "The specified resource does not exist."},
	StorageAccountName: {rule: "ARM-STORAGE-004", status: 400, code: "AccountNameInvalid", backend: true,
		text: "%s is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only."},
	StorageAccountTaken: {rule: "ARM-STORAGE-005", status: 409, code: "StorageAccountAlreadyTaken", backend: true, text: "The storage account named %s is already taken."},
	StorageParameters:   {rule: "ARM-STORAGE-006", status: 400, code: "InvalidValuesForRequestParameters", backend: true, text: "Values for request parameters are invalid: %s."},
	ARMIdentityName: {rule: "ARM-MSI-006", status: 400, code: "InvalidRequestContent", backend: true,
		text: "The resource name '%s' is invalid: it must be 3 to 128 letters, digits, '-' or '_', and begin with a letter or digit."},
	ARMParentMissing: {rule: "ARM-MSI-021", status: 404, code: "ParentResourceNotFound",
		text: "Failed to perform '%s' on resource(s) of type '%s', because the parent resource '%s' could not be found."},
	ARMFederatedName: {rule: "ARM-MSI-019", status: 400, code: "BadRequest", backend: true, text: "Federated Identity Credential name '%s' is invalid."},
	ARMFederatedEmpty: {rule: "ARM-MSI-018", status: 400, code: "BadRequest", backend: true,
		text: "The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'."},
	ARMFederatedAudiences: {rule: "ARM-MSI-017", status: 400, code: "BadRequest", backend: true, text: "Federated identity credentials must have exactly one audience."},
	ARMFederatedTooLong: {rule: "ARM-MSI-020", status: 400, code: "BadRequest", backend: true,
		text: "The request format was unexpected. Federated Identity Credential property '%s' is longer than %d characters."},
	ARMFederatedTaken: {rule: "ARM-MSI-016", status: 400, code: "BadRequest", backend: true, text: "Issuer and subject combination already exists for this Managed Identity."},
	ARMFederatedLimit: {rule: "ARM-MSI-015", status: 400, code: "BadRequest", backend: true,
		text: "The managed identity '%s' has %d federated identity credentials already, which is the maximum."},
	ARMFederatedAtOnce: {rule: "ARM-MSI-023", status: 409, code: "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity", backend: true,
		text: "Too many Federated Identity Credentials are written concurrently for the managed identity '%s'. " +
			"Concurrent Federated Identity Credentials writes under the same managed identity are not supported."},
}
