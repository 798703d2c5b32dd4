// Package wire is HTTP, written once: what an operation is, how a request finds
// it, in which order a plane checks a request, and how values and refusals become
// bytes.
//
// A plane is a list of operations and a list of steps. Each step may refuse by
// returning an *apierr.Error; the plane's envelope writes it. An operation returns
// a value and writes neither status nor body itself. Any other error, and any
// panic, is a bug in Linarite: it is answered with 500, logged, recorded in the
// journal and reported to the world.
package wire
