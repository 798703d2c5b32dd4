// Package vaultstore holds the rules about what lies in a key vault, without HTTP: who
// may by an access policy, what a name may be, how versions follow each other, what
// deletion leaves behind. The data plane and Resource Manager share it.
//
// The protocol is that of "Azure Key Vault REST API reference", secrets, as described by
// Azure/azure-rest-api-specs specification/keyvault/data-plane/Secrets. Refusals are
// values of apierr in the data plane's words.
package vaultstore
