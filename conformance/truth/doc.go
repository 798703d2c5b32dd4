// Package truth holds the emulator against what the real services said: it compares the differences that a check found
// (recorded requests sent again, traffic held against published descriptions) with those that are known.
//
// The known ones are in *.json here, each with its reason. A difference that is not among them fails a check, and so
// does a known one that is gone, or one fewer request sent: the lists say what is true today. docs/truth.md says how
// to read and how to change them. Recordings and descriptions are no part of this repository.
package truth
