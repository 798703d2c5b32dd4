package tree

import (
	"fmt"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/linarite/linarite/conformance/specs"
	"github.com/linarite/linarite/conformance/suite"
)

// TestLabels: every spec has the labels that filters rely on, and Ginkgo takes them all.
func TestLabels(t *testing.T) {
	c, err := suite.NewCatalogue(specs.All())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range c.Specs {
		labels := Labels(c, s)
		for _, key := range []string{"ID", "Rule", "Feature", "Profile", "Plane", "Level", "Standing", "Cost"} {
			found := false
			for _, l := range labels {
				found = found || strings.HasPrefix(l, key+":")
			}
			if !found {
				t.Errorf("%s has no label %s", s.ID, key)
			}
		}
		for _, l := range labels {
			if _, err := types.ValidateAndCleanupLabel(l, types.CodeLocation{}); err != nil {
				t.Errorf("%s: %v", s.ID, err)
			}
		}
	}
}

// TestGather: what ran in another process comes as JSON, what did not run at all is not run, and a
// preview, which shows every spec as passed, is none.
func TestGather(t *testing.T) {
	planned := func(id string) suite.Planned { return suite.Planned{Spec: suite.Spec{ID: id}} }
	plan := suite.Plan{Specs: []suite.Planned{planned("A-B-001/here"), planned("A-B-001/there"), planned("A-B-001/not")}}
	leaf := func(attempts int, state types.SpecState, value types.ReportEntryValue) types.SpecReport {
		return types.SpecReport{LeafNodeType: types.NodeTypeIt, State: state, NumAttempts: attempts,
			ReportEntries: types.ReportEntries{{Name: entry, Value: value}}}
	}
	here := types.WrapEntryValue(suite.SpecResult{Spec: "A-B-001/here", Status: suite.Pass})
	there := types.ReportEntryValue{AsJSON: `{"spec":"A-B-001/there","status":"fail"}`}
	r := ginkgo.Report{SpecReports: types.SpecReports{leaf(1, types.SpecStatePassed, here), leaf(1, types.SpecStateFailed, there),
		{LeafNodeType: types.NodeTypeBeforeSuite, State: types.SpecStateFailed}}}
	run, ran := gather(plan, r)
	got := fmt.Sprint(run.Results["A-B-001/here"].Status, run.Results["A-B-001/there"].Status, run.Results["A-B-001/not"].Status, run.Complete, len(run.Problems))
	if !ran || got != "passfailnotRuntrue 1" {
		t.Errorf("%v %s", ran, got)
	}
	r.SpecReports[0].State = types.SpecStateInterrupted
	if run, _ := gather(plan, r); run.Complete {
		t.Error("an interrupted run is complete")
	}
	if _, ran := gather(plan, ginkgo.Report{SpecReports: types.SpecReports{leaf(0, types.SpecStatePassed, types.ReportEntryValue{})}}); ran {
		t.Error("a preview was taken for a run")
	}
}
