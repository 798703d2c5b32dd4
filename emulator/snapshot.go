package emulator

import (
	"fmt"
	"time"

	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
)

// Snapshot is a world at an instant: its state with its running operations, the tokens
// that hosts have cached, where its clock and its source of ids stand, and its faults; not
// its journal. It costs the same however much the world holds, and never changes.
type Snapshot struct {
	name    string
	cloud   *cloud.Cloud
	machine string
	started time.Time
	state   *state.Snapshot
	tokens  *identity.Cache
	clock   clock.Position
	seed    ids.Seed
	drawn   uint64
	faults  []fault.Rule
}

// Snapshot keeps the world as it is.
func (e *Emulator) Snapshot() *Snapshot {
	w := e.world
	return &Snapshot{
		name: w.Name, cloud: w.Cloud, machine: e.front.Machine(), started: w.Started,
		state: w.State.Snapshot(), tokens: w.Tokens.Snapshot(), clock: w.Clock.Position(),
		seed: w.IDs.Seed(), drawn: w.IDs.Position(), faults: w.Faults.Rules(),
	}
}

// Restore puts the world back to a snapshot of it, or of another world of the same cloud.
// What is asked meanwhile is answered by the one or the other. In a data folder it is kept
// as a commit is.
func (e *Emulator) Restore(s *Snapshot) {
	e.test.Helper()
	if s == nil {
		e.fatal("Restore: no snapshot")
		return
	}
	if s.cloud != e.world.Cloud {
		e.fatal("Restore: the snapshot is of the cloud %s, and this world of %s", s.cloud.Name, e.world.Cloud.Name)
		return
	}
	e.must(e.goTo(s, true))
}

// Fork makes a world that begins as this one is now and goes its own way from there: what
// is written in one is not seen in the other. Tokens from before the fork are good in both.
// The fork of a test's world belongs to the same test; another test's begins by New with
// From.
func (e *Emulator) Fork() *Emulator {
	e.test.Helper()
	o := e.options
	o.From = e.Snapshot()
	if _, none := e.test.TB.(noTest); !none {
		return newIn(e.test.TB, o)
	}
	fork, err := Open(o)
	if err != nil {
		e.fatal("Fork: %v", err) // a world that is open can be opened
	}
	return fork
}

// open makes a world that begins as the snapshot is.
func (s *Snapshot) open(o Options) (*Emulator, error) {
	if s.state == nil {
		return nil, fmt.Errorf("%w: From: no snapshot", ErrUsage)
	}
	if o.World != "" && o.World != s.name || o.Cloud != "" && o.Cloud != s.cloud.Name {
		return nil, fmt.Errorf("%w: a world that begins from a snapshot is the world %q in the cloud %s: name no other", ErrUsage, s.name, s.cloud.Name)
	}
	o.Seed = &s.seed
	w, err := newWorld(o, s.name, s.cloud)
	if err != nil {
		return nil, err
	}
	w.Started = s.started
	if err := w.State.Restore(s.state); err != nil {
		return nil, err
	}
	s.place(w)
	w.Tokens.Restore(s.tokens)
	w.Faults.Restore(s.faults)
	machine := o.Machine
	if machine == "" {
		machine = s.machine
	}
	return assemble(o, w, machine)
}
