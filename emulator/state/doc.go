// Package state holds one world's shared state: who is in the directory, what is
// in the subscriptions, who may do what.
//
// A Store is a current version of all tables. View runs against that version and
// takes no lock; Update works on a copy-on-write successor and publishes it whole,
// so an error, or a panic, commits nothing. Values go in and come out as copies:
// no pointer into the store escapes. Because versions share structure, a Snapshot
// or a Fork costs the same however much the world holds.
//
// Every commit has a number and a list of changes; OnCommit is where persistence
// and other followers hang.
//
// The rules about the nouns (who may, which names are allowed, what follows what)
// are not here: this package keeps, the rooms to its right decide.
package state
