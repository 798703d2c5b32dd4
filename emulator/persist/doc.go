// Package persist makes a world last: as a saved folder that people can read, and as a
// data folder that takes every commit before it is acknowledged. docs/state.md describes
// both.
//
// There is one form of a record for both, derived from the types of package state by
// reflection, so that a table or a field cannot be forgotten: an object with the names of
// the fields in lower camel case, fields without a value left out, instants as RFC 3339
// with nanoseconds, durations as Go writes them, bytes as base64, and content as the
// SHA-256 sums of its chunks. The saved folder writes it as YAML in state.yaml with the chunks
// in blobs/, the data folder as JSON in a bbolt database. Its version is Schema; older
// versions are brought up to date, record by record, before they are decoded.
package persist
