package selftest

import (
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/conformance/known"
	"github.com/linarite/linarite/conformance/specs"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

// only runs the specs whose ids begin so, and their faults: go test ./conformance/selftest -only BLOB-CONT
var only = flag.String("only", "", "prefixes of ids of specs, with commas")

// chosen are the specs that -only names.
func chosen(t *testing.T) []suite.Spec {
	t.Helper()
	catalogue, err := suite.NewCatalogue(specs.All())
	if err != nil {
		t.Fatal(err)
	}
	var out []suite.Spec
	for _, s := range catalogue.Specs {
		if selected(s.ID) {
			out = append(out, s)
		}
	}
	return out
}

func selected(id string) bool {
	for _, prefix := range strings.Split(*only, ",") {
		if strings.HasPrefix(id, prefix) {
			return true
		}
	}
	return false
}

// TestFaults: every spec passes on the emulator; then each planted fault turns its rule red, and
// nothing that it does not name.
func TestFaults(t *testing.T) {
	env := rig(t)
	baseline := Measure(t.Context(), env, chosen(t))
	differences, err := known.For(env.Target.Name)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range baseline.specs {
		for _, r := range baseline.Results[s.ID].Rules {
			id, stale := differences.Judge(r.Rule, "", r.Status == suite.Fail, r.Status == suite.Pass, r.Got)
			if stale {
				t.Errorf("%s: %s passes, and is a known difference (%s)", s.ID, r.Rule, id)
			}
			if r.Status != suite.Pass && id == "" {
				t.Errorf("%s: %s is %s: %s %s %s", s.ID, r.Rule, r.Status, r.Want, r.Got, r.Reason)
			}
		}
	}
	if t.Failed() {
		return
	}
	baseline.env.Target.Limits.Settle = patiently // a target with a fault may never come to it
	names := map[string]bool{}
	var planted []Fault
	for i, f := range Faults() {
		if names[f.Name] {
			t.Errorf("two faults are called %s", f.Name)
		}
		if names[f.Name] = true; selected(f.Rule) && i%stride == 0 {
			planted = append(planted, f)
		}
	}
	each(planted, func(f Fault) {
		if out := baseline.Plant(t.Context(), f); !out.Killed {
			t.Errorf("%s (%s): %s", f.Name, f.Rule, out.Why)
		}
	})
}

// TestNulls: on a target that is none, no rule passes, whatever was made before.
func TestNulls(t *testing.T) {
	env := rig(t)
	env.Target.Limits.Spec, env.Target.Limits.Settle = shortly, shortly
	for _, null := range Nulls() {
		t.Run(null.Name, func(t *testing.T) {
			b := Measure(t.Context(), env.With(null.Transport), chosen(t))
			for id, result := range b.Results {
				for _, r := range result.Rules {
					if r.Status == suite.Pass {
						t.Errorf("%s passes in %s", r.Rule, id)
					}
				}
			}
		})
	}
}

// shortly is long enough for an answer in this process.
const (
	shortly = targets.Duration(200 * time.Millisecond)
	// patiently is long enough for the second to change, which some times are told in.
	patiently = targets.Duration(1500 * time.Millisecond)
)
