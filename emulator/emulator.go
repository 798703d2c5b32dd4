package emulator

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/linarite/linarite/emulator/arm"
	"github.com/linarite/linarite/emulator/blob"
	"github.com/linarite/linarite/emulator/clock"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/control"
	"github.com/linarite/linarite/emulator/entra"
	"github.com/linarite/linarite/emulator/explain"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/graph"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/imds"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/pki"
	"github.com/linarite/linarite/emulator/reach/memory"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vault"
	"github.com/linarite/linarite/emulator/wire"
	"github.com/linarite/linarite/emulator/worldfile"
	"github.com/linarite/linarite/fixtures/keys"
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
	// Data is a folder that keeps the world: every change is on its disk before it is
	// acknowledged. What the folder holds wins over World and From. Empty means none.
	Data string
	// From, where set, is what the world begins with, instead of World and Cloud.
	From *Snapshot
	// NoWellKnown leaves out principals and accounts whose secrets are public, and with them
	// DevAccounts.
	NoWellKnown bool
	// DevAccounts take the place of devstoreaccount1, the storage account of storage
	// emulators; nil means that one.
	DevAccounts []DevAccount
	// NoControl closes the control API.
	NoControl bool
	// ControlFrom are the callers beyond this host that the control API answers too; see
	// Callers. Their requests name a loopback host all the same.
	ControlFrom []netip.Prefix
	// Home holds the installation's authority and signing keys. Nil means keys that are
	// only good for tests, which all such worlds of the process share, and an authority
	// that ends with the world.
	Home *Home
	// Host is the host's clock; nil means the system's.
	Host func() time.Time
	// Seed makes identifiers repeatable; nil means unforeseeable ones.
	Seed *ids.Seed
	// Log takes a line for each request; nil means none.
	Log *slog.Logger
	// OnInternal is told of every bug met while answering.
	OnInternal func(error)
	// MaxWorlds bounds the worlds that begin beside this one (see World): zero means
	// DefaultMaxWorlds, and less than zero none.
	MaxWorlds int
	// AllowUnknownHosts keeps requests for hosts that the world does not serve, which fail,
	// from failing the world's test too.
	AllowUnknownHosts bool
	// Version is what the control API says of itself.
	Version string
	// Rules finds the words and the evidence of a rule, for explanations; nil leaves them
	// with the ids alone.
	Rules func(id string) (explain.Rule, bool)
}

// Emulator is an open world. It is safe for concurrent use.
type Emulator struct {
	options Options
	world   *wire.World
	front   *front.Front
	secret  string
	// authority is made when it is first needed.
	authority func() (*pki.CA, error)
	// root is the world that was opened, this one or the one that this one began beside.
	root *Emulator
	// beside are the others; only the root has any.
	beside neighbours

	// test is the one that the world belongs to.
	test *test
	// exchanges and pipe are the carriers inside the process, served the sockets.
	exchanges memory.Exchanges
	codec     *memory.Codec
	pipe      memory.Pipe
	served    served
	kept      kept
	// closed is closed by the first Close: streams of the control API end then.
	closed chan struct{}
	ending sync.Once
}

// ErrUsage is wrapped by errors about what the user asked for, as against what failed.
var ErrUsage = errors.New("wrong usage")

// Open makes a world. In a test, New does the same and tells the test what goes wrong.
func Open(o Options) (*Emulator, error) {
	if o.Data != "" {
		return openData(o)
	}
	if o.From != nil {
		return o.From.open(o)
	}
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
	machine := o.Machine
	if machine == "" {
		machine = firstMachine(file)
	}
	return assemble(o, w, machine)
}

// assemble puts the planes before a world.
func assemble(o Options, w *wire.World, machine string) (*Emulator, error) {
	id, err := chooseMachine(w, machine)
	if err != nil {
		return nil, err
	}
	e := &Emulator{options: o, world: w, secret: secret(), test: &test{TB: noTest{}}, closed: make(chan struct{})}
	e.root = e
	e.authority = sync.OnceValues(func() (*pki.CA, error) {
		if o.Home != nil {
			return o.Home.CA, nil
		}
		return pki.Create(CAOptions())
	})
	all := planes()
	if !o.NoControl {
		all.Control = sync.OnceValue(func() *wire.Plane { return control.New(e.controls()) })
	}
	e.front = front.New(w, all, id, e.secret)
	e.front.ControlFrom = o.ControlFrom
	w.Inside = e.front
	e.codec = e.codecFor(wire.Origin{})
	e.pipe.Resolve, e.pipe.NewServer, e.pipe.TLS = e.resolver(wire.Origin{}), NewHTTPServer, e.TLSConfig
	e.kept.opened = e.Snapshot()
	return e, nil
}

// authorityPEM is the certificate of the world's authority.
func (e *Emulator) authorityPEM() ([]byte, error) {
	ca, err := e.authority()
	if err != nil {
		return nil, err
	}
	return ca.PEM(), nil
}

// planes are the services. They hold nothing of a world, so all worlds have the same.
var planes = sync.OnceValue(func() front.Planes {
	return front.Planes{
		IMDS: imds.New(), AppService: imds.NewAppService(), Entra: entra.New(), ARM: arm.New(), Graph: graph.New(), Vault: vault.New(), Blob: blob.New(), Siblings: blob.NewSiblings(),
	}
})

func newWorld(o Options, name string, c *cloud.Cloud) (*wire.World, error) {
	seed := ids.RandomSeed()
	if o.Seed != nil {
		seed = *o.Seed
	}
	w := &wire.World{
		Name: name, Cloud: c, Clock: clock.New(o.Host), IDs: ids.New(seed), State: state.New(),
		Faults: &fault.Set{}, Journal: journal.New(journalSize), Log: o.Log, OnInternal: o.OnInternal,
	}
	w.Started = w.Clock.Now()
	if o.Home != nil {
		var err error
		w.Tokens, err = identity.NewNeighbour(c, w.IDs, o.Home.Keys...)
		return w, err
	}
	shared, err := testKeys()
	if err != nil {
		return nil, err
	}
	w.Tokens, err = identity.NewShared(c, w.IDs, shared...)
	return w, err
}

// testKeys are the keys of worlds without a home.
var testKeys = sync.OnceValues(func() ([]*identity.Key, error) { return identity.ParseKeys(keys.Test()) })

// secret is what App Service's endpoint asks its callers for: fresh for each process.
func secret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return strings.ToUpper(hex.EncodeToString(b[:]))
}

// Handler answers the world's requests, told apart by host and path, and those of the worlds
// beside it.
func (e *Emulator) Handler() http.Handler { return http.HandlerFunc(e.enter) }

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

// Validate says what is wrong with a world file: everything that Open would.
func Validate(path string) error {
	_, err := Open(Options{World: path})
	return err
}
