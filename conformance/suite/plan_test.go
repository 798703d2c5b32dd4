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
		plan, err := suite.NewPlan(c, targets.File{Name: "x", Kind: targets.Azure, Credentials: targets.Credentials{Deployer: "imds"}, Names: targets.Names{Spare: spare}}, nil, suite.Selection{})
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
		target := targets.File{Name: "x", Kind: row.kind, Credentials: targets.Credentials{Deployer: "imds"}, Names: targets.Names{Group: row.group}}
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

// What a file does not name an endpoint for is asked nowhere: the plan says so; what it names no credential for is
// absent.
func TestPlanOfWhatIsNotNamed(t *testing.T) {
	body := func(context.Context, *suite.T) {}
	c, err := suite.NewCatalogue([]suite.Spec{
		{ID: "KV-SECRET-001/x", Title: "x", Run: body}, {ID: "BLOB-GET-001/x", Title: "x", Run: body}, {ID: "IMDS-APPSVC-002/x", Title: "x", Run: body},
		{ID: "ENTRA-TOKEN-001/x", Title: "x", Run: body},
	})
	if err != nil {
		t.Fatal(err)
	}
	here := targets.Endpoints{IMDS: "http://127.0.0.1:1", Login: "http://127.0.0.1:2", Vault: "http://127.0.0.1:3", Blob: "http://127.0.0.1:4"}
	named := targets.Credentials{Deployer: "env:D", Application: "env:A", Account: "key:a:K"}
	for _, row := range []struct {
		name   string
		target targets.File
		want   string // the statuses, or what the error says
	}{
		{"a vault and no more", targets.File{Kind: targets.Vault}, "unsupported unsupported unsupported unsupported"},
		{"credentials and no endpoints", targets.File{Kind: targets.Vault, Credentials: named}, "endpoints.login"},
		{"an account and no endpoint", targets.File{Kind: targets.Azurite, Credentials: targets.Credentials{Account: "key:a:K"}}, "name endpoints.blob, or list blob under absent"},
		{"all", targets.File{Kind: targets.Vault, Credentials: named, Endpoints: here}, "  unsupported "},
		{"tokens from nowhere", targets.File{Kind: targets.Vault, Credentials: targets.Credentials{Deployer: "env:D"}, Endpoints: targets.Endpoints{Vault: here.Vault},
			Absent: map[string]string{"entra": ""}}, "for tokens of the deployer's, and the file does not say where: name endpoints.login"},
		{"a proxy", targets.File{Kind: targets.Emulator, Via: "http://127.0.0.1:5", Credentials: named}, "  unsupported "},
		{"a secret of a service that is nowhere", targets.File{Kind: targets.Emulator, Credentials: targets.Credentials{Deployer: "imds", AppService: "S"}}, "endpoints.appservice"},
		{"there, and not named", targets.File{Kind: targets.Azure, Capabilities: map[string]bool{"entra.token.clientSecret": true}}, "does not name credentials.application"},
	} {
		plan, err := suite.NewPlan(c, row.target, nil, suite.Selection{})
		if err != nil {
			if !strings.Contains(err.Error(), row.want) {
				t.Errorf("%s: %v, want %q", row.name, err, row.want)
			}
			continue
		}
		var got []string
		for _, p := range plan.Specs {
			got = append(got, string(p.Status))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: %q, want %q", row.name, strings.Join(got, " "), row.want)
		}
	}
}
