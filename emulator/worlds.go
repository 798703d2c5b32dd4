package emulator

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/control"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/reach/memory"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// DefaultMaxWorlds is how many worlds there may be beside the one that was opened, unless
// Options say otherwise.
const DefaultMaxWorlds = 64

// neighbours are the worlds beside the one that was opened. Each begins as that one was when it was
// opened, whatever has happened in it since, so that it matters to nobody who came first.
type neighbours struct {
	mu     sync.RWMutex
	all    map[string]*Emulator
	closed bool
}

// worldName is the name of a world beside the opened one. It has no dot, which ends it in
// the user of a proxy.
var worldName = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// Worlds lists the worlds: the one that was opened, and by name those beside it.
func (e *Emulator) Worlds() []control.World {
	e = e.root
	out := []control.World{e.status()}
	e.beside.mu.RLock()
	defer e.beside.mu.RUnlock()
	for _, name := range slices.Sorted(maps.Keys(e.beside.all)) {
		out = append(out, e.beside.all[name].status())
	}
	return out
}

func (e *Emulator) status() control.World {
	s := control.World{Name: e.world.Name, Opened: e.root == e, Now: e.world.Clock.Now()}
	e.world.State.View(func(tx *state.Tx) { s.Commit = tx.CommitNumber() })
	return s
}

// World finds a world by its name, in any letter case. A name that no world has yet makes
// one, which begins as this one was when it was opened, and from then on has nothing in
// common with it: neither what is written nor clock, faults, journal and tokens. The empty
// name is the world that was opened, and so is its own. No other than that is kept in a data
// folder.
//
// The error is a refusal of package apierr: a name that cannot be, or more worlds than
// Options allow.
func (e *Emulator) World(name string) (*Emulator, error) {
	e = e.root
	if found := e.begun(name); found != nil {
		return found, nil
	}
	lower := strings.ToLower(name)
	if !worldName.MatchString(lower) {
		return nil, apierr.New(apierr.ControlQuery, fmt.Sprintf("%q is not the name of a world: take 1 to 63 of a-z, 0-9 and -.", name))
	}
	return e.begin(lower)
}

// begun is the world of a name, nil where there is none yet.
func (e *Emulator) begun(name string) *Emulator {
	e = e.root
	if name == "" || strings.EqualFold(name, e.world.Name) {
		return e
	}
	e.beside.mu.RLock()
	defer e.beside.mu.RUnlock()
	return e.beside.all[strings.ToLower(name)]
}

// worldFor is World for the caller that sent r. Whom the control API does not answer begins
// no worlds: another container could fill this host's memory, or the places of others.
func (e *Emulator) worldFor(r *http.Request, name string) (*Emulator, error) {
	if found := e.begun(name); found != nil {
		return found, nil
	}
	if caller, kept := e.root.front.KeptOut(r); kept {
		return nil, apierr.New(apierr.ControlBegin, name, caller)
	}
	return e.World(name)
}

// begin makes the world of a name, unless somebody was quicker.
func (e *Emulator) begin(name string) (*Emulator, error) {
	e.beside.mu.Lock()
	defer e.beside.mu.Unlock()
	if found := e.beside.all[name]; found != nil {
		return found, nil
	}
	if e.beside.closed {
		return nil, apierr.New(apierr.ControlLater, memory.ErrClosed.Error())
	}
	if have := len(e.beside.all); have >= e.maxWorlds() {
		return nil, apierr.New(apierr.ControlFull, fmt.Sprintf("There is no world %q yet, and there are %d beside %s already, which is as many as there may be: "+
			"end one by linarite world end NAME, or serve with a greater --max-worlds.", name, have, e.world.Name))
	}
	made, err := e.forkAs(name)
	if err != nil {
		return nil, err
	}
	if e.beside.all == nil {
		e.beside.all = map[string]*Emulator{}
	}
	e.beside.all[name] = made
	return made, nil
}

// maxWorlds is how many worlds there may be beside the opened one.
func (e *Emulator) maxWorlds() int {
	if e.options.MaxWorlds == 0 {
		return DefaultMaxWorlds
	}
	return max(e.options.MaxWorlds, 0)
}

// forkAs makes a world that begins as this one was opened.
func (e *Emulator) forkAs(name string) (*Emulator, error) {
	then := *e.kept.opened
	then.name = name
	// Identifiers of its own: a key or an id that another world has made is good for nothing here.
	then.seed, then.drawn = ids.NamedSeed(string(then.seed[:])+"/"+name), 0
	o := e.options
	o.From, o.World, o.Cloud, o.Machine, o.OnInternal = &then, "", "", "", e.world.OnInternal
	o.Home = o.Home.apart()
	if o.Log != nil {
		o.Log = o.Log.With("world", name)
	}
	made, err := Open(o)
	if err != nil {
		return nil, err
	}
	// One authority for all: TLS ends before anybody knows which world is meant.
	made.root, made.test, made.authority = e, e.test, e.authority
	if e.kept.devAccounts.Load() {
		err = made.addDevAccounts()
	}
	return made, err
}

// apart is the same installation for another world: its keys sign under ids of their own, so
// that a token of one world is to the others what a stranger's is. None is good from before:
// when the world was opened that it begins as, no token of it had been issued.
func (h *Home) apart() *Home {
	if h == nil {
		return nil // worlds without a home tell their tokens apart anyway
	}
	other := *h
	other.Keys = nil
	fresh := ids.New(ids.RandomSeed())
	for _, key := range h.Keys {
		other.Keys = append(other.Keys, key.WithID(fresh.Token(len(key.ID())*3/4)))
	}
	return &other
}

// EndWorld ends a world beside the opened one. Its name is free from then on.
func (e *Emulator) EndWorld(name string) error {
	e = e.root
	name = strings.ToLower(name)
	e.beside.mu.Lock()
	ended := e.beside.all[name]
	delete(e.beside.all, name)
	e.beside.mu.Unlock()
	switch {
	case ended != nil:
		return ended.Close()
	case strings.EqualFold(name, e.world.Name):
		return apierr.New(apierr.ControlRequest, fmt.Sprintf("The world %s is the one that is served: it ends with the process. POST reset puts it back to its beginning.", e.world.Name))
	}
	return apierr.New(apierr.ControlWorld, name, strings.Join(e.worldNames(), ", "))
}

func (e *Emulator) worldNames() (names []string) {
	for _, w := range e.Worlds() {
		names = append(names, w.Name)
	}
	return names
}

func (w *neighbours) close() error {
	w.mu.Lock()
	w.closed = true
	all := slices.Collect(maps.Values(w.all))
	w.all = nil
	w.mu.Unlock()
	var errs []error
	for _, other := range all {
		errs = append(errs, other.Close())
	}
	return errors.Join(errs...)
}

// origin is where a user is: MACHINE, WORLD. or WORLD.MACHINE, as in the user of a proxy.
// The names of worlds have no dots and always come with one, so that no world is ever taken
// for a machine; a machine with a dot in its name has one in front as well.
func (e *Emulator) origin(r *http.Request, user string) (wire.Origin, error) {
	name, machine, dotted := strings.Cut(user, ".")
	if !dotted {
		name, machine = "", user
	}
	if name == "" {
		name = wire.OriginOf(r.Context()).World // of the tunnel, where it is one
	}
	at, err := e.worldFor(r, name)
	if err != nil {
		return wire.Origin{}, err
	}
	o := wire.Origin{Machine: machine}
	if at != at.root {
		o.World = at.world.Name
	}
	if machine == "" {
		return o, nil
	}
	var names []string
	at.world.State.View(func(tx *state.Tx) {
		if m, ok := front.FindMachine(tx, machine); ok {
			o.Machine = m.ID
			return
		}
		for m := range tx.Machines.All() {
			names = append(names, m.Name)
		}
		o.Machine = ""
	})
	if o.Machine == "" {
		words := fmt.Sprintf("The world %s has no machine called %q: it has %s.", at.world.Name, machine, strings.Join(names, ", "))
		if !dotted {
			words += fmt.Sprintf(" If you mean a world, write a dot after it: %q.", user+".")
		}
		return wire.Origin{}, apierr.New(apierr.ControlUnknown, words)
	}
	return o, nil
}
