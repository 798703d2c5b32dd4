// Package blob has the specs of Blob storage.
package blob
