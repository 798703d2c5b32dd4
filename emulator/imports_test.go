package emulator_test

import (
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// modulePath is the import path of the module's root.
const modulePath = "github.com/linarite/linarite"

// tiers are the rooms under emulator/ from the leaves upwards. A room imports rooms of earlier tiers and itself, never
// its neighbours; fixtures/* and internal/* stand with the leaves. A room is a directory with all that lies below it, so arm/types is
// part of arm.
var tiers = [][]string{
	{"clock", "ids", "cloud", "armid", "apierr", "pki", "sabotage"},
	{"fault", "journal", "state"},
	{"identity", "storageauth", "rbac"},
	{"blobstore", "vaultstore", "refer"},
	{"worldfile", "persist", "explain", "advise"}, // fill a state, by the stores' rules or with what was kept; say what was decided and what would do
	{"wire"},
	{"imds", "entra", "graph", "arm", "blob", "vault", "control"},
	{"front"},
	{"reach/proxy", "reach/dns", "reach/env", "reach/sandbox", "reach/memory", "reach/address", "reach/truststore", "reach/relay"},
	{"reach/doctor"}, // says of each way in what it depends on
	{"."},            // the package emulator itself
}

// firstHTTP is the first room that knows HTTP: the tiers before it speak plain data.
const firstHTTP = "wire"

// A dependency is a module that this one imports directly, why it was chosen over our own code, and the places that
// may import it: directories with a slash at the end, single files without. No places means anywhere. Tests may import
// all of them anywhere.
type dependency struct {
	module, why string
	places      []string
}

// dependencies is the budget. A module that is not in this list needs a decision record before it gets a row.
var dependencies = []dependency{
	{"github.com/goccy/go-yaml", "YAML with strict decoding and positions in its errors", nil},
	{"github.com/golang-jwt/jwt/v5", "JSON Web Tokens", []string{"emulator/identity/", "clientlib/"}},
	{"github.com/gorilla/mux", "routes over escaped paths", []string{"emulator/wire/router.go"}},
	{"github.com/miekg/dns", "DNS messages", []string{"emulator/reach/dns/", "emulator/reach/sandbox/"}},
	{"go.etcd.io/bbolt", "a database in one file whose transactions are on the disk when they end", []string{"emulator/persist/"}},
	{"github.com/onsi/ginkgo/v2", "the conformance suite's runner", []string{"conformance/", "cmd/linarite-conformance/"}},
	{"github.com/onsi/gomega", "the conformance suite's matchers", []string{"conformance/"}},
	{"github.com/rogpeppe/go-internal", "testscript, for tests of the command line", []string{}},
	{"github.com/santhosh-tekuri/jsonschema/v6", "the shipped JSON Schemas, held against what they describe", []string{}},
	{"github.com/spf13/cobra", "commands, flags, completion", []string{"cmd/"}},
	{"github.com/spf13/pflag", "the flag types of cobra's interface", []string{"cmd/"}},
	{"github.com/tidwall/btree", "ordered copy-on-write maps", nil},
	{"github.com/vishvananda/netlink", "links and addresses of the sealed world", []string{"emulator/reach/sandbox/", "emulator/reach/address/"}},
	{"github.com/vishvananda/netns", "network namespaces of the sealed world", []string{"emulator/reach/sandbox/"}},
	{"golang.org/x/net", "the proxies that an environment names, as Go's own client reads them", []string{"cmd/"}},
	{"golang.org/x/sys", "system calls of the sealed world", []string{"emulator/reach/", "cmd/"}},
	{"golang.org/x/term", "whether a file is a terminal", []string{"emulator/beside.go", "cmd/"}},
	{"software.sslmate.com/src/go-pkcs12", "PKCS#12 of vault certificates, and the trust store of Java", []string{"emulator/pki/", "emulator/vaultstore/", "emulator/reach/env/"}},
}

// A place is where a package of the module stands: its top directory, and for the rooms under emulator/ which one and
// in which tier.
type place struct {
	top  string // emulator, clientlib, conformance, fixtures, internal, cmd
	room string // under emulator: as in tiers; elsewhere the top, for fixtures and internal top/name
	tier int    // under emulator, and for fixtures and internal, which are leaves
}

// placeOf finds the place of a package from its directory relative to the root; false means nobody said where such a
// directory stands.
func placeOf(dir string) (place, bool) {
	top, rest, _ := strings.Cut(dir, "/")
	switch top {
	case "clientlib", "conformance", "cmd":
		return place{top: top, room: top}, true
	case "fixtures", "internal":
		name, _, _ := strings.Cut(rest, "/")
		return place{top: top, room: path.Join(top, name)}, true
	case "emulator":
		if rest == "" {
			rest = "."
		}
		for tier, rooms := range tiers {
			for _, room := range rooms {
				if rest == room || strings.HasPrefix(rest, room+"/") {
					return place{top: top, room: room, tier: tier}, true
				}
			}
		}
	}
	return place{}, false
}

// checkRooms says which files stand in a directory that has no tier, and which import what their tier may not.
// Tests are free to join what they test.
func checkRooms(sources []source) (complaints []string) {
	for _, s := range sources {
		dir := path.Dir(s.path)
		from, known := placeOf(dir)
		if !known {
			complaints = append(complaints, fmt.Sprintf("%s: the directory %s has no place: add it to tiers in emulator/imports_test.go, "+
				"left of all that import it, and to the rooms of the architecture", s.path, dir))
			continue
		}
		if s.isTest() || s.isProgram() {
			continue
		}
		for _, imported := range s.imports() {
			rest, ours := strings.CutPrefix(imported, modulePath+"/")
			if !ours {
				continue
			}
			to, known := placeOf(rest)
			if why := forbidden(from, to); known && why != "" {
				complaints = append(complaints, fmt.Sprintf("%s imports %s: %s", s.path, rest, why))
			}
		}
	}
	return complaints
}

// forbidden says why a package at from may not import one at to; "" means it may.
func forbidden(from, to place) string {
	switch {
	case from.room == to.room:
		return ""
	case to.top == "cmd":
		return "commands are not imported"
	case from.top == "cmd":
		return ""
	case from.top == "clientlib" || from.top == "conformance":
		if to.top == "fixtures" || to.top == "internal" || from.top == "conformance" && to.top == "clientlib" {
			return ""
		}
		return from.top + " works against any target and never imports " + to.top + "; join them in a test or in cmd"
	case to.top != "emulator" && to.top != "fixtures" && to.top != "internal":
		return "the emulator knows no client and no suite"
	case from.tier == to.tier:
		return fmt.Sprintf("%s and %s are neighbours in one tier; move what they share to an earlier one", from.room, to.room)
	case from.tier < to.tier:
		return fmt.Sprintf("%s is of a later tier than %s; turn the dependency round, or pass a small interface in", to.room, from.room)
	}
	return ""
}

// checkDependencies says which files import a module that is not in the budget, or from a place it is not meant for.
func checkDependencies(sources []source) (complaints []string) {
	for _, s := range sources {
		for _, imported := range s.imports() {
			host, _, _ := strings.Cut(imported, "/")
			if !strings.Contains(host, ".") || imported == modulePath || strings.HasPrefix(imported, modulePath+"/") {
				continue
			}
			at := slices.IndexFunc(dependencies, func(d dependency) bool {
				return imported == d.module || strings.HasPrefix(imported, d.module+"/")
			})
			switch {
			case at < 0:
				complaints = append(complaints, fmt.Sprintf("%s imports %s, a new dependency: write a decision record (docs/decisions) that says "+
					"what it costs and what it replaces, then add it to dependencies in emulator/imports_test.go", s.path, imported))
			case !s.isTest() && !dependencies[at].allowed(s.path):
				complaints = append(complaints, fmt.Sprintf("%s imports %s, which is meant for %v alone (and tests)", s.path, imported, dependencies[at].places))
			}
		}
	}
	return complaints
}

func (d dependency) allowed(file string) bool {
	return d.places == nil || slices.ContainsFunc(d.places, func(place string) bool {
		return file == place || strings.HasSuffix(place, "/") && strings.HasPrefix(file, place)
	})
}

// knowsHTTP tells whether the package in a directory may know net/http.
func knowsHTTP(dir string) bool {
	at, known := placeOf(dir)
	first, _ := placeOf("emulator/" + firstHTTP)
	return !known || at.top == "clientlib" || at.top == "conformance" || at.top == "cmd" || at.tier >= first.tier
}

// checkHTTP says which packages reach net/http, themselves or through others, though they stand left of wire.
// deps maps the import path of each package to all that it is built from.
func checkHTTP(deps map[string][]string, programs map[string]bool) (complaints []string) {
	for pkg, all := range deps {
		dir, ours := strings.CutPrefix(pkg, modulePath+"/")
		if ours && !programs[pkg] && !knowsHTTP(dir) && slices.Contains(all, "net/http") {
			complaints = append(complaints, dir+" is built with net/http, which begins at "+firstHTTP+"; `go list -deps ./"+dir+"` shows the rest")
		}
	}
	slices.Sort(complaints)
	return complaints
}

func TestRoomsImportOnlyEarlierTiers(t *testing.T) { report(t, checkRooms(moduleSources(t))) }

func TestDependenciesAreInTheBudget(t *testing.T) { report(t, checkDependencies(moduleSources(t))) }

func TestNoHTTPLeftOfWire(t *testing.T) {
	// The go command knows what third parties bring along. Offline by choice: all modules are there, or this test
	// would not have been built.
	list := exec.CommandContext(t.Context(), "go", "list", "-e", "-f", "{{.ImportPath}}\t{{.Name}}\t{{join .Deps \" \"}}", "./...")
	list.Dir = moduleRoot(t)
	list.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off")
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	deps, programs := map[string][]string{}, map[string]bool{}
	for line := range strings.Lines(string(out)) {
		field := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		deps[field[0]], programs[field[0]] = strings.Fields(field[2]), field[1] == "main"
	}
	if len(deps[modulePath+"/emulator/clock"]) == 0 {
		t.Fatal("go list knows no dependencies of emulator/clock: its answer was not understood")
	}
	report(t, checkHTTP(deps, programs))
}

// ---- the checks themselves, seen red

func TestCheckRooms(t *testing.T) {
	const statement = "import _ \"" + modulePath + "/"
	tests := []struct {
		name, path, imports string
		want                []string
	}{
		{"earlier tier", "emulator/state/a.go", "emulator/armid", nil},
		{"façade", "emulator/a.go", "emulator/reach/proxy", nil},
		{"own room, below", "emulator/arm/a.go", "emulator/arm/types", nil},
		{"own room, above", "emulator/arm/types/a.go", "emulator/arm", nil},
		{"fixture", "emulator/worldfile/a.go", "fixtures/world", nil},
		{"suite uses client library", "conformance/specs/a.go", "clientlib/imds", nil},
		{"command", "cmd/linarite/a.go", "emulator", nil},
		{"test joins", "clientlib/imds/a_test.go", "emulator", nil},
		{"neighbour", "emulator/imds/a.go", "emulator/entra", []string{"imds and entra are neighbours"}},
		{"neighbours below reach", "emulator/reach/dns/a.go", "emulator/reach/proxy", []string{"are neighbours"}},
		{"leaf and fixture", "emulator/pki/a.go", "fixtures/keys", []string{"are neighbours"}},
		{"fixture and fixture", "fixtures/worlds/a.go", "fixtures/world", []string{"are neighbours"}},
		{"later tier", "emulator/state/a.go", "emulator/wire", []string{"wire is of a later tier than state"}},
		{"below arm/types", "emulator/rbac/a.go", "emulator/arm/types", []string{"arm is of a later tier than rbac"}},
		{"fixture upwards", "fixtures/world/a.go", "emulator/state", []string{"later tier"}},
		{"client library and emulator", "clientlib/arm/a.go", "emulator/armid", []string{"clientlib works against any target"}},
		{"suite and emulator", "conformance/suite/a.go", "emulator", []string{"conformance works against any target"}},
		{"client library and suite", "clientlib/arm/a.go", "conformance/rules", []string{"clientlib works against any target"}},
		{"emulator and client library", "emulator/control/a.go", "clientlib/arm", []string{"knows no client"}},
		{"a command imported", "emulator/a.go", "cmd/linarite", []string{"commands are not imported"}},
		{"unknown room", "emulator/queue/a.go", "emulator/state", []string{"the directory emulator/queue has no place"}},
		{"unknown room, test alone", "emulator/queue/a_test.go", "emulator/state", []string{"the directory emulator/queue has no place"}},
		{"name that begins like a room", "emulator/blobs/a.go", "emulator/state", []string{"the directory emulator/blobs has no place"}},
		{"what client library and emulator share", "clientlib/wire/a.go", "internal/redact", nil},
		{"what emulator and client library share", "emulator/wire/a.go", "internal/redact", nil},
		{"what is shared, upwards", "internal/redact/a.go", "emulator/state", []string{"later tier"}},
		{"what is shared and a client", "internal/redact/a.go", "clientlib/arm", []string{"knows no client"}},
		{"what is shared and a fixture", "internal/redact/a.go", "fixtures/world", []string{"are neighbours"}},
		{"unknown top directory", "pkg/x/a.go", "emulator/state", []string{"the directory pkg/x has no place"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, checkRooms(parse(t, map[string]string{test.path: "package a\n" + statement + test.imports + "\"\n"})), test.want)
		})
	}
}

func TestCheckDependencies(t *testing.T) {
	tests := []struct{ name, path, imports, want string }{
		{"standard library", "emulator/wire/a.go", "net/http", ""},
		{"own module", "emulator/wire/a.go", modulePath + "/emulator/state", ""},
		{"major version in the path", "conformance/suite/a.go", "github.com/onsi/ginkgo/v2/types", ""},
		{"one file", "emulator/wire/router.go", "github.com/gorilla/mux", ""},
		{"another file beside it", "emulator/wire/pipeline.go", "github.com/gorilla/mux", "meant for [emulator/wire/router.go] alone"},
		{"tokens in identity", "emulator/identity/verify.go", "github.com/golang-jwt/jwt/v5", ""},
		{"tokens elsewhere", "emulator/imds/token.go", "github.com/golang-jwt/jwt/v5", "meant for"},
		{"tokens in a test", "emulator/imds/token_test.go", "github.com/golang-jwt/jwt/v5", ""},
		{"matchers in a test", "emulator/imds/token_test.go", "github.com/onsi/gomega", ""},
		{"matchers in product code", "emulator/imds/token.go", "github.com/onsi/gomega", "meant for [conformance/]"},
		{"tests only", "cmd/linarite/a.go", "github.com/rogpeppe/go-internal/testscript", "meant for [] alone (and tests)"},
		{"a new one", "emulator/state/a.go", "github.com/google/uuid", "write a decision record"},
		{"a new one in a test", "emulator/state/a_test.go", "github.com/google/uuid", "write a decision record"},
		{"name that begins like a known one", "emulator/state/a.go", "github.com/tidwall/btreex", "write a decision record"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, checkDependencies(parse(t, map[string]string{test.path: "package a\nimport _ \"" + test.imports + "\"\n"})), one(test.want))
		})
	}
}

func TestCheckHTTP(t *testing.T) {
	const reaches, reachesNot = "net/http", "net/url"
	deps := map[string][]string{
		modulePath + "/emulator/state":         {reachesNot},
		modulePath + "/emulator/rbac":          {reaches},
		modulePath + "/emulator/vaultstore":    {reaches},
		modulePath + "/emulator/wire":          {reaches},
		modulePath + "/emulator":               {reaches},
		modulePath + "/clientlib/arm":          {reaches},
		modulePath + "/fixtures/keys":          {reaches},
		modulePath + "/internal/redact":        {reaches},
		modulePath + "/fixtures/tutorial/play": {reaches},
		"example.org/other":                    {reaches},
	}
	programs := map[string]bool{modulePath + "/fixtures/tutorial/play": true}
	expect(t, checkHTTP(deps, programs), []string{"emulator/rbac is built", "emulator/vaultstore is built", "fixtures/keys is built", "internal/redact is built"})
}
