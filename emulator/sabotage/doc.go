// Package sabotage makes the emulator wrong on purpose, one defect at a time, so that the
// conformance suite can show that it notices: what a change of answers on the wire cannot fake,
// such as a role that is honoured at a sibling scope. The defects are in builds with the tag
// linarite_selftest alone; in all others On is false, and the compiler leaves them out.
package sabotage
