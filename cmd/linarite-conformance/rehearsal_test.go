package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/ledger"
	"github.com/linarite/linarite/conformance/provision"
	"github.com/linarite/linarite/conformance/specs"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
	"github.com/linarite/linarite/emulator"
)

// stage is a world that stands for real Azure, with what a run there has.
type stage struct {
	t      *testing.T
	emu    *emulator.Emulator
	client *wire.Client
	target targets.File
	ledger string
}

func rehearse(t *testing.T, from *emulator.Emulator) *stage {
	t.Helper()
	emu := emulator.New(t, emulator.World(filepath.Join("testdata", "rehearsal.yaml")), emulator.AllowUnknownHosts())
	if from != nil {
		emu = from.Fork()
	}
	t.Setenv("LINARITE_AZURE_SUBSCRIPTION", "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e")
	t.Setenv("LINARITE_AZURE_GROUP", "conformance")
	t.Setenv("LINARITE_AZURE_CLOUD", "public")
	t.Setenv("LINARITE_AZURE_LOCATION", "westus")
	target, err := targets.Load("azure-vm")
	if err != nil {
		t.Fatal(err)
	}
	target.Limits.Spec, target.Limits.Settle = targets.Duration(10*time.Second), targets.Duration(time.Second)
	client := &wire.Client{Dial: emu.DialContext, TLS: &tls.Config{RootCAs: emu.RootCAs(), MinVersion: tls.VersionTLS12}}
	t.Cleanup(client.CloseIdle)
	return &stage{t: t, emu: emu, client: client, target: target, ledger: filepath.Join(t.TempDir(), "ledger.jsonl")}
}

// run is a run of the flows by a transport: the world, the specs, and the taking away.
func (s *stage) run(transport wire.Transport) (statuses []string) {
	world := provision.Begin(suite.Resolve(s.target), s.target, time.Now())
	lines, err := ledger.Open(s.ledger, world.RunID, time.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	defer lines.Close()
	ctx := s.t.Context()
	world, down, err := provision.Up(ctx, suite.Setup(s.target, world, transport, time.Now, nil, lines))
	defer down(ctx)
	if err != nil {
		return []string{"the world: " + err.Error()}
	}
	env := suite.Setup(s.target, world, transport, time.Now, nil, lines)
	for _, spec := range s.flows() {
		for _, r := range suite.Run(ctx, env, spec).Rules {
			statuses = append(statuses, fmt.Sprintf("%s %s: %s %s %s", spec.ID, r.Rule, r.Status, r.Got, r.Reason))
		}
	}
	return statuses
}

// flows are the specs that run on real Azure.
func (s *stage) flows() []suite.Spec {
	catalogue, err := suite.NewCatalogue(specs.All())
	if err != nil {
		s.t.Fatal(err)
	}
	plan, err := suite.NewPlan(catalogue, s.target, nil, suite.Selection{Profile: s.target.Profile, Slow: true})
	if err != nil {
		s.t.Fatal(err)
	}
	return plan.Runs()
}

// sweep deletes what runs have left.
func (s *stage) sweep() provision.Swept {
	s.t.Helper()
	entries, err := ledger.Read(s.ledger)
	if err != nil {
		s.t.Fatal(err)
	}
	lines, err := ledger.Open(s.ledger, "sweep", time.Now)
	if err != nil {
		s.t.Fatal(err)
	}
	defer lines.Close()
	world := suite.Resolve(s.target)
	world.Machine = world.GroupID() + "/providers/Microsoft.Compute/virtualMachines/runner"
	out, err := provision.Sweep(s.t.Context(), suite.Setup(s.target, world, s.client, time.Now, nil, nil), entries, lines)
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

// owner asks Resource Manager as somebody who may see all.
func (s *stage) owner(method, path string, body string) *wire.Answer {
	s.t.Helper()
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {"33333333-4444-5555-6666-777777777777"}, "client_secret": {"owner-secret"},
		"scope": {"https://management.azure.com/.default"}}
	a := s.send(&wire.Request{Method: "POST", URL: "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/oauth2/v2.0/token",
		Header: wire.Header{{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}}, Body: []byte(form.Encode())})
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(a.Body, &token); err != nil {
		s.t.Fatal(err)
	}
	r := &wire.Request{Method: method, URL: "https://management.azure.com" + path, Header: wire.Header{{Name: "Authorization", Value: "Bearer " + token.AccessToken}}}
	if body != "" {
		r.Body = []byte(body)
		r.Header.Set("Content-Type", "application/json")
	}
	return s.send(r)
}

func (s *stage) send(r *wire.Request) *wire.Answer {
	s.t.Helper()
	a, err := s.client.Send(s.t.Context(), r)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

// inventory is everything in the subscription that a run could touch.
func (s *stage) inventory() []string {
	s.t.Helper()
	const subscription = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	var out []string
	for _, path := range []string{
		subscription + "/resources?api-version=2021-04-01",
		subscription + "/providers/Microsoft.Authorization/roleAssignments?api-version=2022-04-01",
		subscription + "/resourceGroups?api-version=2021-04-01",
	} {
		var list struct{ Value []any }
		a := s.owner("GET", path, "")
		if err := json.Unmarshal(a.Body, &list); err != nil || a.Status != 200 {
			s.t.Fatalf("%s: %d %s", path, a.Status, a.Body)
		}
		for _, v := range list.Value {
			text, _ := json.Marshal(v)
			out = append(out, string(text))
		}
	}
	slices.Sort(out)
	return out
}

// mark gives a thing of somebody else's tags that look like a run's.
func (s *stage) mark(id, version, run, expires string) {
	s.t.Helper()
	body := fmt.Sprintf(`{"tags":{"linarite-run":%q,"linarite-expires":%q}}`, run, expires)
	if a := s.owner("PATCH", id+"?api-version="+version, body); a.Status != 200 {
		s.t.Fatalf("tagging %s: %d %s", id, a.Status, a.Body)
	}
}

// TestRehearsal: the run that docs/azure-vm.md describes passes with the documented roles alone,
// and takes everything away that it made.
func TestRehearsal(t *testing.T) {
	s := rehearse(t, nil)
	before := s.inventory()
	for _, status := range s.run(s.client) {
		if !strings.Contains(status, ": pass") {
			t.Error(status)
		}
	}
	if after := s.inventory(); !slices.Equal(before, after) {
		t.Errorf("it left or took something:\nbefore %s\nafter  %s", strings.Join(before, "\n       "), strings.Join(after, "\n       "))
	}
	s.leastRights()
	if left, err := ledger.Read(s.ledger); err != nil || len(left) > 0 {
		t.Errorf("the ledger still has %v, %v", left, err)
	}
}

// updateActions writes the list of docs/azure-vm.md anew.
var updateActions = flag.Bool("update-actions", false, "write the actions of docs/azure-vm.md anew")

// leastRights holds what the deployer has used on Resource Manager to the list of docs/azure-vm.md.
// What the specs expect to be refused is no right that anybody needs.
func (s *stage) leastRights() {
	s.t.Helper()
	used := map[string]bool{}
	for _, e := range s.emu.Journal().Entries(0) {
		if e.Plane == "arm" && e.Decision != nil && e.Decision.Allowed && strings.HasSuffix(e.Machine, "/runner") {
			for _, d := range append(e.Beside, *e.Decision) {
				used["- `"+d.Action+"`"] = true
			}
		}
	}
	list := strings.Join(slices.Sorted(maps.Keys(used)), "\n")
	file := filepath.Join("..", "..", "docs", "azure-vm.md")
	text, err := os.ReadFile(file)
	if err != nil {
		s.t.Fatal(err)
	}
	const begin, end = "<!-- actions -->\n", "\n<!-- /actions -->"
	before, rest, _ := strings.Cut(string(text), begin)
	was, after, found := strings.Cut(rest, end)
	switch {
	case !found:
		s.t.Fatalf("%s has no list between %s and %s", file, begin, end)
	case *updateActions:
		if err := os.WriteFile(file, []byte(before+begin+list+end+after), 0o600); err != nil {
			s.t.Fatal(err)
		}
	case was != list:
		s.t.Errorf("docs/azure-vm.md lists\n%s\nand the run used\n%s\n(-update-actions writes the list anew)", was, list)
	}
}

// errKilled is what a killed process would no longer see.
var errKilled = errors.New("killed")

// TestKilled: a run is killed after each of its requests in turn, whose answer it never sees. The
// sweep then takes away all that is the run's, and nothing that belongs to anybody else.
func TestKilled(t *testing.T) {
	first := rehearse(t, nil)
	theirs := "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/"
	later := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	first.mark(theirs+"conformance/providers/Microsoft.Storage/storageAccounts/lzctheirs", suite.StorageVersion, "lzcanother", later)
	first.mark(theirs+"elsewhere/providers/Microsoft.Storage/storageAccounts/lzcelsewhere", suite.StorageVersion, "lzcanother", "2020-01-01T00:00:00Z")
	before := first.inventory()
	const most = 2000
	for last := 1; last <= most; last += stride {
		s := rehearse(t, first.emu)
		sent, killed := 0, false
		s.run(wire.TransportFunc(func(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
			if sent++; sent < last {
				return s.client.Send(ctx, r)
			}
			if killed = true; sent == last {
				_, _ = s.client.Send(ctx, r)
			}
			return nil, errKilled
		}))
		out := s.sweep()
		if after := s.inventory(); !slices.Equal(before, after) {
			t.Fatalf("killed after request %d, and swept (%+v):\nbefore %s\nafter  %s", last, out, strings.Join(before, "\n       "), strings.Join(after, "\n       "))
		}
		s.client.CloseIdle()
		if err := s.emu.Close(); err != nil {
			t.Fatal(err)
		}
		if !killed {
			if last < 20 {
				t.Fatalf("the run has %d requests only", last)
			}
			return
		}
	}
	t.Fatalf("the run has more than %d requests", most)
}
