//go:build linarite_selftest

package selftest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/emulator/sabotage"
)

// TestDefects: each defect of the emulator turns the rules red that it breaks, and no others.
func TestDefects(t *testing.T) {
	defer sabotage.Plant("")
	baseline := Measure(t.Context(), rig(t), chosen(t))
	listed := map[sabotage.Defect]bool{}
	for _, d := range Defects() {
		listed[sabotage.Defect(d.Name)] = true
		t.Run(d.Name, func(t *testing.T) {
			sabotage.Plant("")
			env := rig(t)
			env.Target.Limits.Settle = patiently
			sabotage.Plant(sabotage.Defect(d.Name))
			after := Measure(t.Context(), env, chosen(t))
			sabotage.Plant("")
			var red []string
			for _, one := range after.specs {
				if slices.Contains(one.Profiles, suite.Tutorial) { // a flow breaks with any link of it
					continue
				}
				id := one.ID
				for i, r := range after.Results[id].Rules {
					if r.Status != suite.Pass && baseline.Results[id].Rules[i].Status == suite.Pass && !slices.Contains(red, r.Rule) {
						red = append(red, r.Rule)
					}
					if r.Status == suite.Broken && slices.Contains(d.Rules, r.Rule) {
						t.Errorf("%s is no failure of %s, but an error: %s", r.Rule, id, r.Reason)
					}
				}
			}
			slices.Sort(red)
			if want := slices.Sorted(slices.Values(slices.Concat(d.Rules, d.Also))); !slices.Equal(red, want) {
				t.Errorf("it turned red: %s\nwant           %s", fmt.Sprintf("%q", red), fmt.Sprintf("%q", want))
			}
		})
	}
	for _, d := range sabotage.Defects() {
		if !listed[d] {
			t.Errorf("%s is not listed with the rules that it breaks", d)
		}
	}
}
