// Package blobstore holds the rules of Blob storage that have nothing to do with HTTP:
// which names are allowed, what makes an ETag, how containers, blobs and blocks come,
// change and go, and how they are listed. The data plane, Resource Manager and world
// files share it.
//
// Every function works inside a transaction of package state; a refusal is an
// *apierr.Error. Content is read, and its checksums computed, before: see Read.
//
// Sources: the REST API reference of Blob storage ("Naming and Referencing Containers,
// Blobs, and Metadata", "Put Blob", "Put Block", "Put Block List", "List Blobs", "Set Blob
// Tags") and the rules BLOB-* of conformance/rules, which name the recordings.
package blobstore
