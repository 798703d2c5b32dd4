// Package imds is the instance metadata service: the managed-identity token endpoint
// that every VM finds at 169.254.169.254, and App Service's token endpoint, which
// says the same things in other words.
//
// Sources: Microsoft Learn, "How to use managed identities for Azure resources on an
// Azure VM to acquire an access token" and "How to use managed identities for App
// Service"; Azure/azure-rest-api-specs, InstanceMetadataService/stable/2023-07-01.
package imds
