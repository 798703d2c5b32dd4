package emulator

import (
	"io"

	"github.com/linarite/linarite/emulator/reach/sandbox"
	"github.com/linarite/linarite/emulator/state"
)

// State is the world's store, for tests that need what no world file says.
func (e *Emulator) State() *state.Store { return e.world.State }

// BreakTokens makes whoever issues or verifies a token panic, as a bug would.
func (e *Emulator) BreakTokens() { e.world.Tokens = nil }

// RunSealed is what Main does in a process that is not in a sealed world.
func RunSealed(out io.Writer, opts ...Option) int { return runSealed(out, opts) }

// ReportUnsealed is what Main says where there is no sealed world.
func ReportUnsealed(out io.Writer, err error) { report(out, err) }

// NoSealedWorld is the error of a system that has none.
func NoSealedWorld(err error) error { return &sandbox.Error{Op: "starting", Err: err} }
