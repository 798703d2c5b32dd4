// Package fault holds a world's planned failures: rules that match a request and
// say what goes wrong with it, the same way every time.
//
// The pipeline asks twice: before an operation runs, where a rule can refuse the
// request in the plane's own words, and after it, where a rule can spoil the answer.
package fault
