// Package types describes the resource types that Resource Manager's providers have: one
// descriptor each, listed in all.go. Operations, error texts and the providers' own
// listing read them from here.
//
// Source: Azure/azure-rest-api-specs, the versions of each provider's folder; recordings
// of Azure/azure-cli for the versions that clients ask for.
package types
