// Package known has the differences of targets that are known: one line of known/<target>.json a
// rule, with how it fails and where that is told. A known difference still counts as a failure,
// and decides nothing; one that fails in another way, or no longer, is an error of the list.
package known
