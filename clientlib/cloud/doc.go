// Package cloud says, for each Azure cloud, where its services answer and for whom a token
// has to be meant there: https://learn.microsoft.com/azure/developer/identity/cloud-endpoints
// and the metadata that Resource Manager gives of itself
// (GET /metadata/endpoints?api-version=2022-09-01).
//
// It is what a client needs to know, and no more. The emulator has its own, larger table; a
// test holds the two together.
package cloud
