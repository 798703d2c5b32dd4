// Package replay is a target that answers with what the real services once answered: recordings of
// the tests of published SDKs. It judges the specs, before the specs judge anybody: one whose
// requests, in their order, are those of a recording has to pass on the recorded answers.
//
// A request fits a recorded one by its method, the shape of its path, its query and the header
// fields that mean something; names, bodies and checksums are the spec's own in what it is given
// back. Most specs fit no recording, for their requests were never recorded: they are excluded, and
// say so.
package replay
