package emulator

import "github.com/linarite/linarite/emulator/state"

// State is the world's store, for tests that need what no world file says.
func (e *Emulator) State() *state.Store { return e.world.State }
