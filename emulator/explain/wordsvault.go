package explain

import "github.com/linarite/linarite/emulator/apierr"

// vaultWords say what mends a refusal of a vault, whatever the request was.
var vaultWords = map[apierr.Kind]string{
	apierr.VaultNoToken:         "Nothing is wrong as long as the client comes again: libraries ask without a token first, to hear from the challenge where to get one. By hand, send Authorization: Bearer TOKEN.",
	apierr.VaultTokenUnreadable: "Send a token after Bearer: what stood there is none.",
	apierr.VaultTokenKey:        "Get a fresh token from this world: the key that signed this one is not one of its keys, or the token was changed on the way.",
	apierr.VaultTokenExpired:    "Get a fresh token. Clients that keep tokens must look at expires_on; the world's clock may have been moved.",
	apierr.VaultTokenNotYet:     "Wait until the token is good, or set the world's clock forward: it stands before the time at which the token was issued.",
	apierr.VaultTokenAudience:   "Get a token for Key Vault, without a slash at the end: not the vault's own URL, nor another service.",
	apierr.VaultTokenIssuer:     "Log in to the tenant that the vault belongs to: the token is of another one.",
	apierr.VaultConnection:      "Enable public network access of the vault: no caller here has a private link.",
	apierr.VaultVersion:         "Add the parameter api-version, with a version that the service has.",
	apierr.VaultMethod:          "Use another verb: the path has no operation with this one.",
	apierr.VaultPath:            "Mind the path: no operation of a vault has it.",
	apierr.VaultPolicyBehalf:    "Have a policy made for the caller itself: the one there is for an application that acts for a user, which managed identities never do.",

	apierr.VaultObjectName: "Name secrets with letters, digits and '-'.",
	apierr.VaultProperty:   "Correct the member of the body or the parameter that the answer names; where it names none, the body as a whole cannot be read or is too long.",
	apierr.VaultSkipToken:  "Take $skiptoken from the nextLink of a page, unchanged.",

	apierr.VaultSecretNotFound:        "Create the secret first, or mind its name and version. A deleted secret can be recovered.",
	apierr.VaultSecretDisabled:        "Enable the secret: its attribute enabled is false.",
	apierr.VaultSecretDeleted:         "Recover or purge the deleted secret of this name first.",
	apierr.VaultSecretBeingDeleted:    "Come again a few seconds later: the secret is being deleted.",
	apierr.VaultDeletedSecretNotFound: "Look at the list of deleted secrets: none has this name.",
	apierr.VaultNoSoftDelete:          "Use a vault with soft delete: this one deletes at once, and keeps nothing that could be listed or recovered.",
	apierr.VaultPurgeProtected:        "Wait until the retention period is over: purge protection cannot be switched off.",
	apierr.VaultBackupMalformed:       "Restore what backup answered, unchanged, in the subscription that it is from.",
	apierr.VaultRestoreConflict:       "Restore into another vault: this one has a secret of that name.",
}
