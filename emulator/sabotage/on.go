//go:build linarite_selftest

package sabotage

import "sync/atomic"

// planted is the one defect of the process. It is the only state of its kind in the emulator, and
// in no build that anybody uses.
var planted atomic.Pointer[Defect]

// On tells whether a defect is planted.
func On(d Defect) bool {
	p := planted.Load()
	return p != nil && *p == d
}

// Plant plants one defect in all worlds of the process; an empty one takes the last away.
func Plant(d Defect) { planted.Store(&d) }
