package control

import (
	"strconv"
	"sync/atomic"

	"github.com/linarite/linarite/emulator/advise"
	"github.com/linarite/linarite/emulator/explain"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/wire"
)

// Info is what the control API knows beside the world. The errors of its functions are
// refusals of package apierr; any other is a bug.
type Info struct {
	// Version is Linarite's.
	Version string
	// CA is the certificate authority's certificate, PEM.
	CA func() ([]byte, error)
	// AppServiceSecret is the value that X-IDENTITY-HEADER must have; env exports it.
	AppServiceSecret string
	// Explain explains a request by its id, its number or "last"; whatIf may be nil.
	Explain func(id string, whatIf *explain.Grant) (explain.Explanation, error)
	// Advise finds the fewest roles for what was done.
	Advise func(advise.Options) (advise.Plan, error)
	// Snapshot keeps the world as it is, and returns what puts it back.
	Snapshot func() (restore func() error)
	// Save writes the world to a folder, Load reads it back, Reset begins again.
	Save, Load func(dir string) error
	Reset      func() error
	// Worlds lists the worlds of the process, Limit is how many there may be beside the opened
	// one, and EndWorld ends one of those.
	Worlds   func() []World
	Limit    int
	EndWorld func(name string) error
	// Closed is closed when the world is about to end: streams end then.
	Closed <-chan struct{}
}

// base is where the API stands.
const base = "/_linarite/v1/"

// api is the control API of one world.
type api struct {
	Info
	snapshots shelf
	asked     atomic.Uint64
	// queries are the parameters that each operation takes beside world.
	queries map[string][]string
}

// New makes the control API.
func New(info Info) *wire.Plane {
	a := &api{Info: info, queries: map[string][]string{
		"Journal": {"after", "plane", "operation", "principal", "machine", "status", "refused", "text", "limit", "follow", "format"},
		"Explain": {"whatif"},
		"Advise":  {"format", "include-refused", "principal", "narrowest", "merge"},
	}}
	return wire.NewPlane(wire.Plane{
		Name:     "control",
		Steps:    wire.FrontPipeline(guard, a.found),
		Envelope: wire.Front{},

		Unrecorded: true,
		// Asking about a world must not change which identifiers it gives next.
		NewRequestID: func(*ids.Source) string { return "control-" + strconv.FormatUint(a.asked.Add(1), 10) },
	}, a.operations())
}

func (a *api) operations() []wire.Operation {
	return []wire.Operation{
		{Name: "Health", Method: "GET", Path: base + "health", View: a.health},
		{Name: "CA", Method: "GET", Path: base + "ca.pem", Prepare: a.readCA, View: ca},
		{Name: "OpenAPI", Method: "GET", Path: base + "openapi.yaml", View: openAPI},
		{Name: "World", Method: "GET", Path: base + "world", View: world},
		{Name: "Machines", Method: "GET", Path: base + "machines", View: machines},
		{Name: "Way", Method: "GET", Path: base + "way", View: a.way},

		lockless("Worlds", "GET", "worlds", a.worlds),
		lockless("EndWorld", "DELETE", "worlds/{name}", a.endWorld),

		lockless("Clock", "GET", "clock", readClock),
		lockless("MoveClock", "POST", "clock", moveClock),

		lockless("Faults", "GET", "faults", listFaults),
		lockless("AddFaults", "POST", "faults", addFaults),
		lockless("ClearFaults", "DELETE", "faults", clearFaults),
		lockless("Fault", "GET", "faults/{id}", readFault),
		lockless("RemoveFault", "DELETE", "faults/{id}", removeFault),
		lockless("Scenarios", "GET", "scenarios", scenarios),

		lockless("Journal", "GET", "journal", a.journal),
		lockless("Explain", "GET", "explain/{id}", a.explain),
		lockless("Advise", "GET", "advise", a.advise),

		{Name: "Grant", Method: "POST", Path: base + "grants", Prepare: readGrant, Update: grant},
		{Name: "Revoke", Method: "DELETE", Path: base + "grants", Prepare: readGrant, Update: revoke},

		{Name: "FederatedToken", Method: "POST", Path: base + "federated-tokens", Prepare: readFederated, View: signFederated},

		lockless("Snapshots", "GET", "snapshots", a.listSnapshots),
		lockless("TakeSnapshot", "POST", "snapshots", a.takeSnapshot),
		lockless("RestoreSnapshot", "POST", "snapshots/{id}/restore", a.restoreSnapshot),
		lockless("DropSnapshot", "DELETE", "snapshots/{id}", a.dropSnapshot),
		lockless("Reset", "POST", "reset", a.reset),
		lockless("Save", "POST", "save", inFolder(a.Save)),
		lockless("Load", "POST", "load", inFolder(a.Load)),
	}
}
