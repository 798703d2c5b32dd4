package suite_test

import (
	"context"
	"strings"
	"testing"

	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

// A spec that takes a machine's identities away stays away where no machine is spared for it.
func TestPlanOfTheSpareMachine(t *testing.T) {
	c, err := suite.NewCatalogue([]suite.Spec{{ID: "ARM-COMPUTE-006/none", Title: "takes all away", Spare: true, Run: func(context.Context, *suite.T) {}}})
	if err != nil {
		t.Fatal(err)
	}
	for spare, status := range map[string]suite.Status{"": suite.Excluded, "/subscriptions/s": ""} {
		plan, err := suite.NewPlan(c, targets.File{Name: "x", Kind: targets.Azure, Names: targets.Names{Spare: spare}}, nil, suite.Selection{})
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.Specs[0]; got.Status != status || (status != "") != strings.Contains(got.Reason, "names.spare") {
			t.Errorf("spare %q: %q (%s), want %q", spare, got.Status, got.Reason, status)
		}
	}
}

// A spec that needs the whole subscription stays away where a run has one group of Azure's, and
// only there.
func TestPlanOfTheWholeSubscription(t *testing.T) {
	c, err := suite.NewCatalogue([]suite.Spec{{
		ID: "ARM-GROUP-015/create", Title: "makes a group", Subscription: true, Run: func(context.Context, *suite.T) {},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		kind   targets.Kind
		group  string
		status suite.Status
	}{
		{targets.Azure, "mine", suite.Excluded}, {targets.Azure, "", ""}, {targets.Emulator, "suite", ""},
	} {
		target := targets.File{Name: "x", Kind: row.kind, Names: targets.Names{Group: row.group}}
		plan, err := suite.NewPlan(c, target, nil, suite.Selection{})
		if err != nil {
			t.Fatal(err)
		}
		got := plan.Specs[0]
		if got.Status != row.status || (row.status != "") != strings.Contains(got.Reason, "the group mine") {
			t.Errorf("%s with the group %q: %q (%s), want %q", row.kind, row.group, got.Status, got.Reason, row.status)
		}
	}
}
