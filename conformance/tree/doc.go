// Package tree hangs the specs of the suite into Ginkgo's tree: one container a plane, one an
// area, one leaf a spec, with labels of the form Key:Value that filters take as sets. It works in
// a Go test, inside another suite's tree, and in a plain program.
//
// Each leaf leaves its result in the run's report as an entry, whichever process ran it; the
// process that gathers them hands all results to Options.Report at the end.
package tree
