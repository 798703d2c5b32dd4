package env

import (
	"slices"
	"strings"
)

// scrubPrefixes begin the names of whole families that Scrub removes.
var scrubPrefixes = []string{
	"AZURE_",      // Azure SDKs, az, Azure PowerShell: credentials, authority, IMDS address, defaults
	"ARM_",        // Terraform's azurerm: credentials, metadata host
	"IDENTITY_",   // managed identity in App Service, Service Fabric and Arc
	"MSI_",        // managed identity in Cloud Shell, Azure ML and older App Service
	"AZCOPY_SPA_", // azcopy: a service principal's id, secret and certificate
}

// scrubNames are the single variables that Scrub removes, with those that Sealed sets.
var scrubNames = []string{
	"IMDS_ENDPOINT",                    // makes SDKs take the machine for Azure Arc
	"DEFAULT_IDENTITY_CLIENT_ID",       // Azure ML's default identity
	"MSAL_MANAGED_IDENTITY_ENDPOINT",   // another IMDS for older MSAL Python
	"APPSETTING_WEBSITE_SITE_NAME",     // makes az login take the machine for App Service
	"ACC_CLOUD",                        // makes az take the machine for Cloud Shell (azure/cli/core/util.py, in_cloud_console)
	"AZUREPS_HOST_ENVIRONMENT",         // the same for MSAL Python and hashicorp/go-azure-sdk
	"AZCOPY_OAUTH_TOKEN_INFO",          // a whole azcopy login
	"AZCOPY_TENANT_ID",                 // the tenant of one
	"AZCOPY_ACTIVE_DIRECTORY_ENDPOINT", // and its authority
	"SSL_CERT_DIR",                     // trust comes from one file, the same for every client
}

// proxyNames are matched in any case.
var proxyNames = []string{"http_proxy", "https_proxy", "all_proxy", "no_proxy"}

// Scrub returns environ ("NAME=value") without the variables that would lead a client
// in a sealed world elsewhere, give it the user's own credentials, or contradict Sealed.
// The names in keep stay. Order is kept; environ is not changed.
func Scrub(environ, keep []string) []string {
	sealed := Sealed(SealedOptions{})
	drop := func(entry string) bool {
		name, _, ok := strings.Cut(entry, "=")
		if !ok || slices.Contains(keep, name) {
			return false
		}
		return slices.ContainsFunc(scrubPrefixes, func(p string) bool { return strings.HasPrefix(name, p) }) ||
			slices.ContainsFunc(proxyNames, func(p string) bool { return strings.EqualFold(p, name) }) ||
			slices.Contains(scrubNames, name) ||
			slices.ContainsFunc(sealed, func(v Var) bool { return v.Name == name })
	}
	return slices.DeleteFunc(slices.Clone(environ), drop)
}

// Overlay returns environ with those vars added whose names it does not hold. After
// Scrub, a name that is still there is one the user asked to keep.
func Overlay(environ []string, vars []Var) []string {
	out := slices.Clone(environ)
	for _, v := range vars {
		held := func(entry string) bool { return strings.HasPrefix(entry, v.Name+"=") }
		if !slices.ContainsFunc(environ, held) {
			out = append(out, v.Name+"="+v.Value)
		}
	}
	return out
}
