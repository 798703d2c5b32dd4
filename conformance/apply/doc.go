// Package apply builds what a world file describes on a running Azure, emulated or real, through the
// client library: the program behind `linarite apply`.
//
// A Plan is made of a world alone, and asks nobody: the steps in their order, and what no program
// can make there. Check reads what the steps depend on, and Apply carries them out. A step that finds
// its thing as the world wants it does nothing, so that applying twice is applying once.
//
// # What is ours
//
// What Apply makes carries the tag linarite-apply with the name of the world, wherever Azure has tags.
// What is there without it is used and never changed: where it is not as the world says, the step
// fails with the difference, and the others go on. A ledger, where there is one, has a line for each
// thing before the request that makes it is sent. Sweep takes away what a ledger names, and of that
// only what carries the tag still, or has none because Azure has no place for one.
package apply
