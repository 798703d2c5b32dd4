package emulator

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/persist"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// kept is what an Emulator knows of what lasts of it.
type kept struct {
	// engine is nil for a world without a data folder.
	engine *persist.Engine
	// opened is what the world was opened with.
	opened *Snapshot
	// devAccounts tells that the world is to have the accounts of storage emulators, whatever
	// is loaded.
	devAccounts atomic.Bool

	mu sync.Mutex // one Save, Load or Reset at a time
	// moving tells that Load or Reset moves the clock: that is kept with the state.
	moving atomic.Bool
}

// lasting is what lasts of the world beside its state.
func (e *Emulator) lasting() persist.World {
	w := e.world
	seed := w.IDs.Seed()
	return persist.World{
		Name: w.Name, Cloud: w.Cloud.Name, Machine: e.front.Machine(), Started: w.Started, Clock: w.Clock.Position(),
		Identifiers: persist.IDs{Seed: seed[:], Position: w.IDs.Position()},
	}
}

// snapshotOf is a world that was read back. Its hosts have no tokens.
func snapshotOf(s *persist.Saved, c *cloud.Cloud, w *wire.World) (*Snapshot, error) {
	var seed ids.Seed
	if len(s.World.Identifiers.Seed) != len(seed) {
		return nil, fmt.Errorf("world.identifiers.seed has %d bytes: it takes %d", len(s.World.Identifiers.Seed), len(seed))
	}
	copy(seed[:], s.World.Identifiers.Seed)
	return &Snapshot{
		name: s.World.Name, cloud: c, machine: stillThere(s.State, s.World.Machine), started: s.World.Started,
		state: s.State.Snapshot(), tokens: &identity.Cache{}, clock: s.World.Clock, seed: seed, drawn: s.World.Identifiers.Position,
	}, nil
}

// openData opens the world that a data folder holds, or fills the folder with the world
// that the other options name.
func openData(o Options) (*Emulator, error) {
	dir := o.Data
	o.Data = ""
	engine, err := persist.OpenEngine(dir)
	if err != nil {
		return nil, err
	}
	e, fresh, err := fromData(engine, dir, o)
	if err == nil {
		err = e.keepBy(engine, fresh)
	}
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	return e, nil
}

// fromData opens a world from the engine, or afresh where that has none.
func fromData(engine *persist.Engine, dir string, o Options) (e *Emulator, fresh bool, err error) {
	saved, err := engine.Load()
	if err != nil {
		return nil, false, err
	}
	if saved == nil {
		e, err = Open(o)
		return e, true, err
	}
	c, err := keptCloud(saved.World, dir, o)
	if err != nil {
		return nil, false, err
	}
	w, err := newWorld(o, saved.World.Name, c)
	if err != nil {
		return nil, false, err
	}
	then, err := snapshotOf(saved, c, w)
	if err != nil {
		return nil, false, &persist.InvalidError{File: engine.Path(), What: err.Error()}
	}
	w.Started, w.State = then.started, saved.State // the very rows that the engine has read
	then.place(w)
	machine := o.Machine
	if machine == "" {
		machine = then.machine
	}
	e, err = assemble(o, w, machine)
	return e, engine.Outdated(), err
}

// keptCloud is the cloud of a data folder's world, which nobody may have asked for
// another than.
func keptCloud(w persist.World, dir string, o Options) (*cloud.Cloud, error) {
	asked, by := o.Cloud, "--cloud"
	if asked == "" && o.World != "" {
		file, _, _, err := readWorld(o.World)
		if err != nil {
			return nil, err
		}
		asked, by = string(file.Cloud), "the world file"
	}
	if asked != "" && !strings.EqualFold(asked, w.Cloud) {
		return nil, fmt.Errorf("%w: the data folder %s holds the world %s of the cloud %s, and %s says %s: leave that out, or name another folder",
			ErrUsage, dir, w.Name, w.Cloud, by, asked)
	}
	c, ok := cloud.ByName(w.Cloud)
	if !ok {
		return nil, fmt.Errorf("the data folder %s holds a world of the cloud %q: there are public, china and usgov", dir, w.Cloud)
	}
	return c, nil
}

// stillThere is a machine if the state has it, else the first that it has.
func stillThere(s *state.Store, machine string) (id string) {
	s.View(func(tx *state.Tx) {
		if tx.Machines.Has(state.ResourceKey(machine)) {
			id = machine
			return
		}
		for m := range tx.Machines.All() {
			id = m.ID
			return
		}
	})
	return id
}

// keepBy makes an engine the world's keeper. With all, it is given all there is first.
func (e *Emulator) keepBy(engine *persist.Engine, all bool) error {
	engine.Begin(e.lasting)
	if err := e.world.State.KeepBy(engine, all); err != nil {
		return keeping(err)
	}
	e.kept.engine = engine
	e.world.Clock.OnMove(func() {
		if e.kept.moving.Load() {
			return
		}
		// The clock has moved already. What cannot be written now is written with the next
		// commit.
		if err := engine.KeepWorld(); err != nil && e.world.Log != nil {
			e.world.Log.Error("the clock's position is not kept yet", "error", err)
		}
	})
	return nil
}

// keeping says in the engine's own words what it could not keep.
func keeping(err error) error {
	if lost := new(state.NotKeptError); errors.As(err, &lost) {
		return lost.Err
	}
	return err
}

// Save writes the world as it is to a folder, which must be empty, not there yet, or hold
// a saved world, which is replaced in one step. It holds the state, the clock's position
// and that of the identifiers; not tokens, faults and journal.
func (e *Emulator) Save(dir string) error {
	e.kept.mu.Lock()
	defer e.kept.mu.Unlock()
	then := e.world.State.Snapshot()
	rest := e.lasting() // after the state: identifiers in it have been drawn
	var err error
	then.View(func(tx *state.Tx) { err = persist.Save(dir, rest, tx) })
	return err
}

// Load puts the world back to one that Save wrote, of the same cloud. What is wrong with
// the folder is a *persist.InvalidError or ErrUsage, and changes nothing. The world keeps
// its name and its planned faults; tokens that hosts have cached are gone.
func (e *Emulator) Load(dir string) error {
	then, err := e.savedIn(dir)
	if err != nil {
		return err
	}
	return e.goTo(then, false)
}

// savedIn reads what Load puts the world to.
func (e *Emulator) savedIn(dir string) (*Snapshot, error) {
	saved, err := persist.Load(dir)
	if err != nil {
		return nil, err
	}
	if saved.World.Cloud != e.world.Cloud.Name {
		return nil, fmt.Errorf("%w: %s holds a world of the cloud %s, and this one is of %s: load it into a world opened with --cloud %s",
			ErrUsage, dir, saved.World.Cloud, e.world.Cloud.Name, saved.World.Cloud)
	}
	then, err := snapshotOf(saved, e.world.Cloud, e.world)
	if err != nil {
		return nil, &persist.InvalidError{File: dir, What: err.Error()}
	}
	return then, nil
}

// Reset puts the world back to what it was opened with.
func (e *Emulator) Reset() error { return e.goTo(e.kept.opened, true) }

// goTo puts the world to a snapshot, with its faults or without. Where that cannot be kept,
// nothing has changed.
func (e *Emulator) goTo(then *Snapshot, faults bool) error {
	e.kept.mu.Lock()
	defer e.kept.mu.Unlock()
	w, before := e.world, e.Snapshot()
	place := func(s *Snapshot) {
		e.kept.moving.Store(true)
		defer e.kept.moving.Store(false)
		e.front.PutOn(s.machine)
		s.place(w)
	}
	if err := w.State.RestoreWith(then.state, func() { place(then) }); err != nil {
		before.drawn = max(before.drawn, w.IDs.Position())
		place(before)
		return keeping(err)
	}
	w.Tokens.Restore(then.tokens)
	if faults {
		w.Faults.Restore(then.faults)
	}
	if e.kept.devAccounts.Load() {
		return e.putDevAccounts(then == e.kept.opened)
	}
	return nil
}

// place puts clock and identifiers where they were.
func (s *Snapshot) place(w *wire.World) {
	w.Clock.Restore(s.clock)
	w.IDs.Resume(s.seed, s.drawn)
}

// close ends the keeping of the world; what is asked of it afterwards changes nothing.
func (k *kept) close() error {
	if k.engine == nil {
		return nil
	}
	return k.engine.Close()
}
