// Package vault is the data plane of Azure Key Vault: the secrets of a vault at
// https://{vault}.vault.azure.net, as described by the "Azure Key Vault REST API
// reference" and Azure/azure-rest-api-specs specification/keyvault/data-plane/Secrets.
// Keys and certificates are not emulated yet, and say so.
package vault
