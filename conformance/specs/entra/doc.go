// Package entra has the specs of Entra ID: tokens, keys, discovery, and Microsoft Graph.
package entra
