package report

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/conformance/known"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

// id puts together the id of a rule that exists.
func id(n int) string { return fmt.Sprintf("IMDS-TOKEN-%03d", n) }

// made is a report of six specs, one a status; IMDS-TOKEN-004 is a SHOULD.
func made(t *testing.T, change func(in *Input)) Report {
	t.Helper()
	body := func(context.Context, *suite.T) {}
	var specs []suite.Spec
	results := map[string]suite.SpecResult{}
	for i, status := range suite.Statuses() {
		n := []int{1, 2, 3, 6, 8, 10}[i]
		s := suite.Spec{ID: id(n) + "/x", Title: "x", Run: body}
		specs = append(specs, s)
		results[s.ID] = suite.SpecResult{Spec: s.ID, Status: status, Requests: 2, Rules: []suite.RuleResult{
			{Rule: id(n), Spec: s.ID, Status: status, Got: "got <409> & \x01", Reason: "why"},
		}}
	}
	c, err := suite.NewCatalogue(specs)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := suite.NewPlan(c, targets.File{Name: "t", Kind: targets.Emulator}, nil, suite.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	in := Input{Version: "v1", Catalogue: c, Target: targets.File{Name: "t", Kind: targets.Emulator, Cloud: "public"}, Plan: plan,
		Run: Run{ID: "r", Complete: true}, Results: results}
	if change != nil {
		change(&in)
	}
	return New(in)
}

// only leaves a status for all specs.
func only(status suite.Status) func(in *Input) {
	return func(in *Input) {
		for name, r := range in.Results {
			r.Status, r.Rules = status, append([]suite.RuleResult(nil), r.Rules...)
			r.Rules[0].Status = status
			in.Results[name] = r
		}
	}
}

func TestTotalsAddUp(t *testing.T) {
	r := made(t, nil)
	sum := 0
	for _, s := range suite.Statuses() {
		if r.Totals[s] != 1 {
			t.Errorf("%d %s", r.Totals[s], s)
		}
		sum += r.Totals[s]
	}
	if sum != len(r.Rules) || r.Run.Requests != 12 || r.Publishable {
		t.Errorf("%d rules, %d in all; %+v", len(r.Rules), sum, r.Run)
	}
}

func TestExit(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(in *Input)
		want   int
	}{
		{"all pass", only(suite.Pass), 0},
		{"one fails", func(in *Input) { only(suite.Pass)(in); in.Results[id(2)+"/x"].Rules[0].Status = suite.Fail }, 1},
		{"one is broken", func(in *Input) { only(suite.Pass)(in); in.Results[id(2)+"/x"].Rules[0].Status = suite.Broken }, 1},
		{"one fails as known", func(in *Input) {
			only(suite.Pass)(in)
			in.Results[id(2)+"/x"].Rules[0].Status = suite.Fail
			in.Known = known.List{{ID: "k", Rule: id(2), Got: "409"}}
		}, 0},
		{"one fails otherwise than known", func(in *Input) {
			only(suite.Pass)(in)
			in.Results[id(2)+"/x"].Rules[0].Status = suite.Fail
			in.Known = known.List{{ID: "k", Rule: id(2), Got: "500"}}
		}, 1},
		{"one passes that is known to fail", func(in *Input) { only(suite.Pass)(in); in.Known = known.List{{ID: "k", Rule: id(2), Got: "409"}} }, 1},
		{"a SHOULD passes that is known to fail", func(in *Input) { only(suite.Pass)(in); in.Known = known.List{{ID: "k", Rule: id(6), Got: "409"}} }, 1},
		{"nothing ran", only(suite.NotRun), 1},
		{"all unsupported", only(suite.Unsupported), 1},
		{"cut short", func(in *Input) { only(suite.Pass)(in); in.Run.Complete = false }, 1},
		{"something is left", func(in *Input) { only(suite.Pass)(in); in.Left = []string{"x"} }, 1},
		{"a problem outside the specs", func(in *Input) { only(suite.Pass)(in); in.Problems = []string{"x"} }, 1},
	} {
		if r := made(t, row.change); r.Exit() != row.want {
			t.Errorf("%s: exit %d, want %d", row.name, r.Exit(), row.want)
		}
	}
}

// TestKnownInEverySpec: a difference that is known of one spec hides nothing in another spec of the
// same rule.
func TestKnownInEverySpec(t *testing.T) {
	const second = "IMDS-TOKEN-003/x" // it speaks of rule 2 as well
	fails := func(got string) func(in *Input) {
		return func(in *Input) {
			only(suite.Pass)(in)
			one := in.Results[id(2)+"/x"]
			one.Rules[0].Status = suite.Fail
			other := in.Results[second]
			other.Rules = append(other.Rules, suite.RuleResult{Rule: id(2), Spec: second, Status: suite.Fail, Got: got})
			in.Results[second] = other
		}
	}
	passes := func(in *Input) {
		fails("")(in)
		in.Results[second].Rules[1].Status = suite.Pass
	}
	whole := known.List{{ID: "k", Rule: id(2), Got: "409"}}
	each := known.List{{ID: "k", Rule: id(2), Spec: id(2) + "/x", Got: "409"}, {ID: "l", Rule: id(2), Spec: second, Got: "500"}}
	for _, row := range []struct {
		name     string
		change   func(in *Input)
		list     known.List
		known    string
		spec     string
		outdated bool
	}{
		{"both as the rule", fails("409 again"), whole, "k", id(2) + "/x", false},
		{"the second otherwise", fails("500"), whole, "", second, false},
		{"each as its own", fails("500"), each, "k", id(2) + "/x", false},
		{"the second not as its own", fails("409"), each, "", second, false},
		{"the second passes, of the rule", passes, whole, "k", id(2) + "/x", false},
		{"the second passes, of its own", passes, each, "", second, true},
	} {
		r := made(t, func(in *Input) { row.change(in); in.Known = row.list })
		for _, rule := range r.Rules {
			if rule.ID == id(2) && (rule.Status != suite.Fail || rule.Known != row.known || rule.Spec != row.spec || rule.Outdated != "" != row.outdated) {
				t.Errorf("%s: %+v", row.name, rule)
			}
		}
	}
}

func TestPublishable(t *testing.T) {
	if !made(t, only(suite.Pass)).Publishable {
		t.Error("a complete run of a release is not publishable")
	}
	for name, change := range map[string]func(in *Input){
		"filtered":    func(in *Input) { in.Run.Filter = "x" },
		"cut short":   func(in *Input) { in.Run.Complete = false },
		"no release":  func(in *Input) { in.Version = "devel" },
		"a checkout":  func(in *Input) { in.Version = "(devel)" },
		"a commit":    func(in *Input) { in.Version = "v0.0.0-20261128084315-0123456789ab" },
		"a change":    func(in *Input) { in.Version = "v1.2.3+dirty" },
		"with errors": func(in *Input) { in.Results[id(2)+"/x"].Rules[0].Status = suite.Broken },
	} {
		if made(t, func(in *Input) { only(suite.Pass)(in); change(in) }).Publishable {
			t.Errorf("%s, and publishable", name)
		}
	}
}

func TestProfiles(t *testing.T) {
	claimed := func(r Report) (out []string) {
		for _, p := range r.Profiles {
			if p.Claimed {
				out = append(out, p.Name)
			}
		}
		return out
	}
	if got := fmt.Sprint(claimed(made(t, only(suite.Pass)))); got != "[IMDS]" {
		t.Errorf("%s", got)
	}
	for _, s := range []suite.Status{suite.Fail, suite.Broken, suite.Unsupported, suite.NotRun} {
		change := func(in *Input) { only(suite.Pass)(in); in.Results[id(2)+"/x"].Rules[0].Status = s }
		if got := claimed(made(t, change)); len(got) > 0 {
			t.Errorf("with a core rule %s: %v", s, got)
		}
	}
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "out")
	r := made(t, nil)
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Read(filepath.Join(dir, "report.json"))
	if err != nil || fmt.Sprint(again.Totals) != fmt.Sprint(r.Totals) || again.Suite != r.Suite {
		t.Errorf("%+v, %v", again, err)
	}
	var junit struct {
		Suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Errors   int `xml:"errors,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Name    string  `xml:"name,attr"`
				Failure *string `xml:"failure"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	text, err := os.ReadFile(filepath.Join(dir, "junit.xml"))
	if err == nil {
		err = xml.Unmarshal(text, &junit)
	}
	if s := junit.Suite; err != nil || s.Tests != 6 || s.Failures != 1 || s.Errors != 1 || s.Skipped != 3 || len(s.Cases) != 6 || s.Cases[1].Failure == nil {
		t.Errorf("%+v, %v", junit, err)
	}
	matrix, _ := os.ReadFile(filepath.Join(dir, "matrix.md"))
	if !strings.Contains(string(matrix), "| "+id(2)+" | MUST | recorded | **fail** |") {
		t.Errorf("%s", matrix)
	}
	var badge struct{ Label, Message, Color string }
	text, err = os.ReadFile(filepath.Join(dir, "badge.json"))
	if err == nil {
		err = json.Unmarshal(text, &badge)
	}
	if err != nil || badge.Message != "1/3 MUST" || badge.Color != "red" {
		t.Errorf("%+v, %v", badge, err)
	}
}

func TestCompare(t *testing.T) {
	a, b := made(t, only(suite.Pass)), made(t, nil)
	changes, err := Compare(a, b, false)
	if err != nil || len(changes) != 5 || changes[0].ID != id(2) || changes[0].A != suite.Pass || changes[0].B != suite.Fail {
		t.Errorf("%+v, %v", changes, err)
	}
	b.Suite.ListHash = "other"
	if _, err := Compare(a, b, false); err == nil || !strings.Contains(err.Error(), "--common") {
		t.Error(err)
	}
	if _, err := Compare(a, b, true); err != nil {
		t.Error(err)
	}
}

func TestReadRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "r.json")
	for _, text := range []string{"", "{", `{"schema":"x"}`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Read(file); err == nil || !strings.Contains(err.Error(), "r.json") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestWriteLeavesNoHalf: where one file cannot be put in its place, or written, nothing of it is left.
func TestWriteLeavesNoHalf(t *testing.T) {
	dir := t.TempDir()
	r := made(t, nil)
	if err := r.Write(dir); err != nil {
		t.Fatal(err)
	}
	before := listed(t, dir)
	if len(before) != 4 {
		t.Errorf("%v", before)
	}
	if err := Ready(dir); err != nil || !slices.Equal(listed(t, dir), before) {
		t.Errorf("%v, %v", err, listed(t, dir))
	}
	if err := os.Remove(filepath.Join(dir, "report.json")); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "report.json", "in the way"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := r.Write(dir); err == nil || !slices.Equal(listed(t, dir), before) {
		t.Errorf("%v, %v", err, listed(t, dir))
	}
	if err := Ready(filepath.Join(dir, "badge.json", "below a file")); err == nil || !strings.Contains(err.Error(), "no report can be written") {
		t.Error(err)
	}
}

func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		names = append(names, e.Name())
	}
	return names
}
