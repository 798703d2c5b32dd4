// Package worldfile turns a world file into state.
//
// Ids that the file leaves out are UUIDs, version 5, of the tenant, the kind of thing
// and its path of names: a world is the same every time it is opened, and two worlds
// that differ in names differ in ids.
package worldfile
