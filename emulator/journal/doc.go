// Package journal remembers what was asked of a world, what was decided and what
// was answered: the ground that explain, advise and the request log stand on.
//
// The journal is bounded: it keeps the newest entries. Secrets never reach it; the
// pipeline redacts before it records.
package journal
