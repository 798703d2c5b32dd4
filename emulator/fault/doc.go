// Package fault holds a world's planned failures: rules that match a request and
// say what goes wrong with it, the same way every time. docs/faults.md is for people.
//
// A rule is data: it can be listed, sent as JSON, kept in a snapshot and added again, and
// does the same each time. Chance comes from a seed that the rule names, time from the
// world's clock. Decode and Check are what takes rules from people; Scenarios are rules
// under a name.
//
// The pipeline asks once, as soon as it knows who sends a request, and applies the effect:
// a refusal in the plane's own words, an operation that sees less than there is, or an
// answer that does not arrive whole.
package fault
