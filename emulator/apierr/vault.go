package apierr

// Refusals of a vault's data plane. Lines end in CR LF where the service's do.
const (
	VaultNoToken         Kind = "vault.NoToken"
	VaultTokenUnreadable Kind = "vault.TokenUnreadable"
	VaultTokenKey        Kind = "vault.TokenKey"
	VaultTokenExpired    Kind = "vault.TokenExpired"
	VaultTokenNotYet     Kind = "vault.TokenNotYet"
	VaultTokenAudience   Kind = "vault.TokenAudience"
	VaultTokenIssuer     Kind = "vault.TokenIssuer"

	VaultConnection Kind = "vault.Connection"
	VaultVersion    Kind = "vault.Version"
	VaultMethod     Kind = "vault.Method"
	VaultPath       Kind = "vault.Path"

	VaultNoPolicy     Kind = "vault.NoPolicy"
	VaultPolicy       Kind = "vault.Policy"
	VaultPolicyBehalf Kind = "vault.PolicyBehalf"
	VaultRBAC         Kind = "vault.RBAC"

	VaultObjectName Kind = "vault.ObjectName"
	VaultProperty   Kind = "vault.Property"
	VaultSkipToken  Kind = "vault.SkipToken"

	VaultSecretNotFound        Kind = "vault.SecretNotFound"
	VaultSecretDisabled        Kind = "vault.SecretDisabled"
	VaultSecretDeleted         Kind = "vault.SecretDeleted"
	VaultSecretBeingDeleted    Kind = "vault.SecretBeingDeleted"
	VaultDeletedSecretNotFound Kind = "vault.DeletedSecretNotFound"
	VaultNoSoftDelete          Kind = "vault.NoSoftDelete"
	VaultPurgeProtected        Kind = "vault.PurgeProtected"
	VaultBackupMalformed       Kind = "vault.BackupMalformed"
	VaultRestoreConflict       Kind = "vault.RestoreConflict"

	VaultThrottled Kind = "vault.Throttled"
	VaultReadOnly  Kind = "vault.ReadOnly"
)

var vaultRows = map[Kind]row{
	VaultThrottled: {rule: "KV-AUTH-048", status: 429, code: "Throttled", text: "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached"},
	VaultReadOnly:  {rule: "KV-AUTH-051", status: 503, code: "ServiceUnavailable", text: `Operation "%s" is unavailable: the service is currently in a read-only state.`},

	VaultNoToken:         {rule: "KV-AUTH-003", status: 401, code: "Unauthorized", text: "AKV10000: Request is missing a Bearer or PoP token."},
	VaultTokenUnreadable: {rule: "KV-AUTH-015", status: 401, code: "Unauthorized", text: "[TokenInvalid] Error validating token."},
	VaultTokenKey:        {rule: "KV-AUTH-014", status: 401, code: "Unauthorized", text: "AKV10046: Unable to resolve the key used for signature validation. EncodedJwtHeader: '%s'."},
	VaultTokenExpired:    {rule: "KV-AUTH-012", status: 401, code: "Unauthorized", text: "[TokenExpired] Error validating token: 'S2S12086'."},
	VaultTokenNotYet:     {rule: "KV-AUTH-013", status: 401, code: "Unauthorized", text: "[TokenNotYetValid] Error validating token: 'S2S12086'."},
	VaultTokenAudience:   {rule: "KV-AUTH-008", status: 401, code: "Unauthorized", text: "AKV10022: Invalid audience. Expected %s, found: %s."},
	VaultTokenIssuer:     {rule: "KV-AUTH-011", status: 401, code: "Unauthorized", text: "AKV10032: Invalid issuer. Expected one of %s, found %s."},

	VaultConnection: {rule: "KV-AUTH-032", status: 403, code: "Forbidden", inner: "ForbiddenByConnection",
		text: "Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: %s\r\nVault: %s;location=%s"},
	VaultVersion: {rule: "KV-AUTH-035", status: 400, code: "BadParameter", text: "The specified version (%s) is not recognized. Consider using the latest supported version (%s)."},
	VaultMethod:  {rule: "KV-AUTH-038", status: 405, code: "MethodNotAllowed", text: "HTTP %s not allowed"},
	VaultPath:    {rule: "KV-AUTH-039", status: 404, code: "NotFound", text: "No operation of a vault has the path '%s'."},

	VaultNoPolicy: {rule: "KV-AUTH-020", status: 403, code: "Forbidden", inner: "AccessDenied",
		text: "Access denied. Caller was not found on any access policy.\r\nCaller: %s\r\nVault: %s;location=%s"},
	VaultPolicy: {rule: "KV-AUTH-021", status: 403, code: "Forbidden", inner: "ForbiddenByPolicy",
		text: "The user, group or application '%s' does not have %s %s permission on key vault '%s;location=%s'. " +
			"For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"},
	VaultPolicyBehalf: {rule: "KV-AUTH-022", status: 403, code: "Forbidden", inner: "ForbiddenByPolicy",
		text: "The policy requires the caller '%s' to use on-behalf-of (OBO) flow. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287"},
	VaultRBAC: {rule: "KV-AUTH-027", status: 403, code: "Forbidden", inner: "ForbiddenByRbac",
		text: "Caller is not authorized to perform action on resource.\r\n" +
			"If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\n" +
			"Caller: %s\r\nAction: '%s'\r\nResource: '%s'\r\nAssignment: (not found)\r\nDenyAssignmentId: null\r\n" +
			"DecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: %s;location=%s\r\n"},

	VaultObjectName: {rule: "KV-SECRET-005", status: 400, code: "BadParameter", text: "The request URI contains an invalid name: %s"},
	VaultProperty:   {rule: "KV-SECRET-007", status: 400, code: "BadParameter", text: "Property %s has invalid value\r\n"},
	VaultSkipToken:  {rule: "KV-SECRET-036", status: 400, code: "BadParameter", text: "The continuation token '%s' is invalid."},

	VaultSecretNotFound: {rule: "KV-SECRET-018", status: 404, code: "SecretNotFound",
		text: "A secret with (name/id) %s was not found in this key vault. If you recently deleted this secret you may be able to recover it using the correct recovery command. " +
			"For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"},
	VaultSecretDisabled: {rule: "KV-SECRET-020", status: 403, code: "Forbidden", inner: "SecretDisabled", text: "Operation get is not allowed on a disabled secret."},
	VaultSecretDeleted: {rule: "KV-SECRET-048", status: 409, code: "Conflict", inner: "ObjectIsDeletedButRecoverable",
		text: "Secret %s is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged."},
	VaultSecretBeingDeleted:    {rule: "KV-SECRET-049", status: 409, code: "Conflict", inner: "ObjectIsBeingDeleted", text: "Secret %s is currently being deleted%s."},
	VaultDeletedSecretNotFound: {rule: "KV-SECRET-046", status: 404, code: "SecretNotFound", text: "Deleted Secret not found: %s"},
	VaultNoSoftDelete:          {rule: "KV-SECRET-042", status: 400, code: "NotSupported", text: `Operation "%s" is not enabled for this vault.`},
	VaultPurgeProtected: {rule: "KV-SECRET-052", status: 403, code: "Forbidden",
		text: "Operation \"purge\" is not allowed because purge protection is enabled for this vault. " +
			"Key Vault service will automatically purge it after the retention period has passed.\r\nVault: %s;location=%s"},
	VaultBackupMalformed: {rule: "KV-SECRET-057", status: 400, code: "Malformed backup blob", text: "Backup blob contains invalid or corrupt version."},
	VaultRestoreConflict: {rule: "KV-SECRET-056", status: 409, code: "Conflict",
		text: "There was a conflict restoring the secret '%s'. This can happen if either: a second secret with the same name was created after the first secret was deleted; " +
			"thus trying to restore a secret whose name is already in use. To fix this, rename the second secret to something else so that the restore works. " +
			"The second probable cause of this exception is when multiple operations are performed in parallel against the secret. " +
			"To avoid this error, perform operations against a secret in a sequential manner."},
}
