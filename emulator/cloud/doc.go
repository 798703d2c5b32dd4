// Package cloud describes the Azure clouds as data: the public cloud, Azure in China
// operated by 21Vianet, and Azure US Government. What differs between clouds is a field
// of Cloud; no other package names a host, an audience or a suffix.
//
// Sources: Azure/azure-cli cloud.py; hashicorp/go-azure-sdk sdk/environments and
// sdk/internal/metadata (captured answers of /metadata/endpoints); Azure/azure-sdk-for-go
// sdk/azcore/cloud; AzureAD/microsoft-authentication-library-for-js AuthorityMetadata.ts
// (login hosts and issuers); the sovereign-cloud pages of the Azure documentation.
package cloud
