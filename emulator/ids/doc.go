// Package ids is the one source of identifiers: GUIDs, request ids, nonces and
// entity tags.
//
// A Source is a seed and a counter. The same seed and the same sequence of calls
// give the same identifiers, so a world can be replayed; the counter is the
// position that a snapshot keeps. Names give stable GUIDs by RFC 9562, version 5.
//
// Identifiers are not secrets. Keys and signatures use crypto/rand elsewhere.
package ids
