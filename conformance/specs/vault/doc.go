// Package vault has the specs of Key Vault.
package vault
