// Package conformance runs the conformance suite: it resolves a target, plans, makes the run's
// world, runs the specs in Ginkgo's tree and writes the report. The program
// linarite-conformance, the tests of this folder and other people's suites call it the same way:
//
//	prepared, err := conformance.Prepare(config) // wrong target, nothing selected: exit 2
//	prepared.Hang()                              // once, before RunSpecs
//	ginkgo.RunSpecs(t, "conformance")
//
// It knows no target by itself: Config.Link gives the way to one, so that nothing here imports
// the emulator.
package conformance
