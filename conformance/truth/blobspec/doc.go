// Package blobspec holds answers of Blob storage against the published description of its API (OpenAPI 2.0 with the
// extensions x-ms-paths and xml): status, headers with their types, and the elements of XML. The validator of the other
// planes reads neither XML nor paths with queries.
package blobspec
