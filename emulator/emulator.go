package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/arm"
	"github.com/linarite/linarite/emulator/blob"
	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/control"
	"github.com/linarite/linarite/emulator/entra"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/graph"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/imds"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vault"
	"github.com/linarite/linarite/emulator/wire"
	"github.com/linarite/linarite/emulator/worldfile"
	"github.com/linarite/linarite/fixtures/keys"
	"github.com/linarite/linarite/fixtures/world"
	"github.com/linarite/linarite/fixtures/worlds"
)

// DefaultWorld is the starter world that is opened when none is named.
const DefaultWorld = "tutorial"

// DefaultCloud is the cloud of a world whose file names none.
const DefaultCloud = "public"

// journalSize is how many entries a world's journal keeps.
const journalSize = 10_000

// Options say which world to open, and how. The zero value opens the tutorial world in
// the public cloud with keys that are only good for tests.
type Options struct {
	// World is the name of a starter world or the path of a world file; empty means
	// DefaultWorld. A name with a path separator or an ending .yaml or .yml is a path.
	World string
	// Cloud is public, china or usgov; empty takes the file's, or DefaultCloud. It must
	// not contradict the file.
	Cloud string
	// Machine is the name of the machine that callers are on unless their way in tells;
	// empty means the world's first.
	Machine string
	// NoWellKnown leaves out principals whose secrets are public.
	NoWellKnown bool
	// NoControl closes the control API.
	NoControl bool
	// Home holds the installation's authority and signing keys. Nil means keys that are
	// only good for tests, and no TLS.
	Home *Home
	// Host is the host's clock; nil means the system's.
	Host func() time.Time
	// Seed makes identifiers repeatable; nil means unforeseeable ones.
	Seed *ids.Seed
	// Log takes a line for each request; nil means none.
	Log *slog.Logger
	// OnInternal is told of every bug met while answering.
	OnInternal func(error)
	// Version is what the control API says of itself.
	Version string
}

// Emulator is an open world.
type Emulator struct {
	world  *wire.World
	front  *front.Front
	home   *Home
	secret string
	// machine is the ARM id of the machine that callers are on by default.
	machine string
	// noWellKnown keeps accounts out whose keys are public.
	noWellKnown bool
}

// ErrUsage is wrapped by errors about what the user asked for, as against what failed.
var ErrUsage = errors.New("wrong usage")

// Open makes a world.
func Open(o Options) (*Emulator, error) {
	file, name, beside, err := readWorld(o.World)
	if err != nil {
		return nil, err
	}
	c, err := chooseCloud(o.Cloud, file)
	if err != nil {
		return nil, err
	}
	w, err := newWorld(o, name, c)
	if err != nil {
		return nil, err
	}
	err = w.State.Update(func(tx *state.Tx) error {
		return worldfile.Apply(tx, file, worldfile.Options{Cloud: c, Now: w.Started, NoWellKnown: o.NoWellKnown, Files: beside})
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	machine, err := chooseMachine(w, o.Machine, file)
	if err != nil {
		return nil, err
	}
	e := &Emulator{world: w, home: o.Home, secret: secret(), machine: machine, noWellKnown: o.NoWellKnown}
	planes := front.Planes{IMDS: imds.New(), AppService: imds.NewAppService(), Entra: entra.New(), ARM: arm.New(), Graph: graph.New(), Vault: vault.New(), Blob: blob.New()}
	if !o.NoControl {
		info := control.Info{Version: o.Version, AppServiceSecret: e.secret}
		if o.Home != nil {
			info.CA = o.Home.CA.PEM()
		}
		planes.Control = control.New(info)
	}
	e.front = front.New(w, planes, machine, e.secret)
	return e, nil
}

func newWorld(o Options, name string, c *cloud.Cloud) (*wire.World, error) {
	seed := ids.RandomSeed()
	if o.Seed != nil {
		seed = *o.Seed
	}
	signing, err := o.signingKeys()
	if err != nil {
		return nil, err
	}
	w := &wire.World{
		Name: name, Cloud: c, Clock: clock.New(o.Host), IDs: ids.New(seed), State: state.New(),
		Faults: &fault.Set{}, Journal: journal.New(journalSize), Log: o.Log, OnInternal: o.OnInternal,
	}
	w.Started = w.Clock.Now()
	w.Tokens, err = identity.New(c, w.IDs, signing...)
	return w, err
}

func (o Options) signingKeys() ([]*identity.Key, error) {
	if o.Home != nil {
		return o.Home.Keys, nil
	}
	return identity.ParseKeys(keys.Test())
}

// secret is what App Service's endpoint asks its callers for: fresh for each process.
func secret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return strings.ToUpper(hex.EncodeToString(b[:]))
}

// readWorld finds a starter world or reads a file; beside is the folder of the file.
func readWorld(name string) (file *world.World, shown string, beside fs.FS, err error) {
	if name == "" {
		name = DefaultWorld
	}
	data, ok := worlds.Get(name)
	source := name + ".yaml"
	if !ok {
		if !isPath(name) {
			return nil, "", nil, fmt.Errorf("%w: no starter world is called %q: there are %s; a file is named by its path, as in ./%s.yaml",
				ErrUsage, name, strings.Join(worlds.Names(), ", "), name)
		}
		if data, err = os.ReadFile(name); err != nil {
			return nil, "", nil, fmt.Errorf("%w: world file: %w", ErrUsage, err)
		}
		source, beside = name, os.DirFS(filepath.Dir(name))
	}
	file, err = world.Decode(source, data)
	if err != nil {
		return nil, "", nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return file, name, beside, nil
}

func isPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

func chooseCloud(asked string, file *world.World) (*cloud.Cloud, error) {
	name := string(file.Cloud)
	switch {
	case asked == "" && name == "":
		name = DefaultCloud
	case asked != "" && name != "" && !strings.EqualFold(asked, name):
		return nil, fmt.Errorf("%w: the world file says cloud: %s, so --cloud %s cannot be had: leave one of them out", ErrUsage, name, asked)
	case asked != "":
		name = asked
	}
	c, ok := cloud.ByName(name)
	if !ok {
		return nil, fmt.Errorf("%w: no cloud is called %q: there are public, china and usgov", ErrUsage, name)
	}
	return c, nil
}

// chooseMachine returns the ARM id of the machine that callers are on by default, or ""
// where the world has no machine.
func chooseMachine(w *wire.World, asked string, file *world.World) (id string, err error) {
	name := asked
	if name == "" {
		if name = firstMachine(file); name == "" {
			return "", nil
		}
	}
	var names []string
	w.State.View(func(tx *state.Tx) {
		if m, ok := front.FindMachine(tx, name); ok {
			id = m.ID
		}
		for m := range tx.Machines.All() {
			names = append(names, m.Name)
		}
	})
	if id == "" {
		return "", fmt.Errorf("%w: this world has no machine called %q: it has %s", ErrUsage, asked, strings.Join(names, ", "))
	}
	return id, nil
}

// firstMachine is the first in the order of the file.
func firstMachine(file *world.World) string {
	for _, s := range file.Subscriptions {
		for _, g := range s.Groups {
			for _, m := range g.Machines {
				return m.Name
			}
		}
	}
	return ""
}

// Handler answers the world's requests, told apart by host and path.
func (e *Emulator) Handler() http.Handler { return e.front }

// Cloud is the world's cloud.
func (e *Emulator) Cloud() *cloud.Cloud { return e.world.Cloud }

// Clock is the world's clock.
func (e *Emulator) Clock() *clock.Clock { return e.world.Clock }

// Faults are the world's planned failures.
func (e *Emulator) Faults() *fault.Set { return e.world.Faults }

// Journal is what was asked of the world.
func (e *Emulator) Journal() *journal.Journal { return e.world.Journal }

// Name is what the world is called.
func (e *Emulator) Name() string { return e.world.Name }

// Machine is the name of the machine that callers are on unless their way in tells;
// empty where the world has none.
func (e *Emulator) Machine() string { return e.machine[strings.LastIndexByte(e.machine, '/')+1:] }

// Validate says what is wrong with a world file: everything that Open would.
func Validate(path string) error {
	_, err := Open(Options{World: path})
	return err
}
