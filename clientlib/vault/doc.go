// Package vault reads and writes the secrets of an Azure Key Vault: the REST API "Key Vault secrets".
//
// A vault says itself whom tokens must be for. For a vault of the cloud in Options that is known beforehand, and no
// request is spent on asking; for any other the vault's challenge is followed, if the resource it names is the domain
// that the vault is in. A token is never sent to a vault whose challenge names another.
//
// Requests are tried again as Key Vault's guidance says: 429 and 5xx, after waits of up to 1, 2, 4, 8 and 16 seconds, each
// spread over its upper half ("Azure Key Vault throttling guidance", Microsoft documentation). Values of secrets are in no error, no log, and no %v.
package vault
