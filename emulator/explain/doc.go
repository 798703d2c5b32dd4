// Package explain says in plain words why a request was refused, or allowed: what was asked, by
// whom, which right it took, which assignments were looked at and why the nearest did
// not do, how the rule is known, and what would mend it.
//
// It works on plain data: an entry of the journal, from which secrets are gone already, and a version of the
// world's state. The words for a refusal are listed by its kind in emulator/apierr, so
// that a new kind without words fails a test.
package explain
