// Package blob is the data plane of Blob storage: containers and block blobs, reached by
// Entra's tokens, by signatures of the account's keys, by shared access signatures, or by
// everybody where a container is public.
//
// operations.go is the map. What a blob is and may be is in package blobstore; what is
// signed, in storageauth; who may, in rbac. Here is HTTP: which header and which element
// of XML has what.
//
// Sources: the REST API reference of Blob storage, Azure/azure-rest-api-specs
// specification/storage/data-plane/Microsoft.BlobStorage (names of the operations), and
// the rules BLOB-* of conformance/rules, which name the recordings.
package blob
