package selftest

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/specs"
)

// coverage is what the lists say of a rule.
type coverage struct{ spec, fault, noSpec, noFault bool }

// complaints says which rules lack a spec or a fault without a reason, and which reasons are out
// of date.
func complaints(all []rules.Rule, of map[string]coverage) (out []string) {
	for _, r := range all {
		c := of[r.ID]
		if r.Retired != nil {
			continue
		}
		must := r.Level == rules.Must
		switch {
		case c.spec && c.noSpec:
			out = append(out, r.ID+" has a spec, and is listed as having none")
		case !c.spec && !c.noSpec:
			out = append(out, r.ID+" has no spec: "+r.Text)
		case c.spec && must && c.fault && c.noFault:
			out = append(out, r.ID+" has a fault, and is listed as having none")
		case c.spec && must && !c.fault && !c.noFault:
			out = append(out, r.ID+" has no fault: "+r.Text)
		}
	}
	return out
}

// TestCoverage: every rule has a spec and every MUST rule a fault, or a reason why not.
func TestCoverage(t *testing.T) {
	all, err := rules.All()
	if err != nil {
		t.Fatal(err)
	}
	of := map[string]coverage{}
	note := func(id string, f func(c *coverage)) {
		c := of[id]
		f(&c)
		of[id] = c
	}
	for _, s := range specs.All() {
		for _, id := range s.Rules() {
			note(id, func(c *coverage) { c.spec = true })
		}
	}
	for _, f := range Faults() {
		note(f.Rule, func(c *coverage) { c.fault = true })
	}
	for _, u := range WithoutSpec() {
		note(u.Rule, func(c *coverage) { c.noSpec = u.Why != "" })
	}
	for _, u := range WithoutFault() {
		note(u.Rule, func(c *coverage) { c.noFault = u.Why != "" })
	}
	for id := range of {
		if !slices.ContainsFunc(all, func(r rules.Rule) bool { return r.ID == id }) {
			t.Errorf("%s is no rule", id)
		}
	}
	found := complaints(all, of)
	if *update {
		if err := os.WriteFile(open, []byte(strings.Join(found, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(open)
	if err != nil {
		t.Fatal(err)
	}
	known := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, complaint := range found {
		if selected(complaint) && (*strict || !slices.Contains(known, complaint)) {
			t.Error(complaint)
		}
	}
	for _, line := range known {
		if selected(line) && line != "" && !slices.Contains(found, line) {
			t.Errorf("%s no longer holds: -update rewrites the list, which may only become shorter", line)
		}
	}
}

// open has the rules that wait for a spec or a fault.
const open = "testdata/open.txt"

var (
	update = flag.Bool("update", false, "write testdata/open.txt anew")
	strict = flag.Bool("strict", false, "also complain of what testdata/open.txt lists")
)
