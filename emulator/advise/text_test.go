package advise

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

var update = flag.Bool("update", false, "write testdata anew")

// richPlan is a plan with something of everything.
func richPlan(t testing.TB) Plan {
	t.Helper()
	s := newWorld(t)
	change(t, s, func(tx *state.Tx) {
		tx.Assignments.Put(state.RoleAssignment{ID: "33330000-0000-0000-0000-000000000001", RoleID: roleID(t, "Owner"), Scope: sub, PrincipalID: me})
		tx.Assignments.Put(state.RoleAssignment{ID: "33330000-0000-0000-0000-000000000002", RoleID: roleID(t, "Reader"), Scope: one, PrincipalID: me})
		tx.Assignments.Put(state.RoleAssignment{ID: "33330000-0000-0000-0000-000000000003", RoleID: roleID(t, "AcrPull"), Scope: one, PrincipalID: team})
	})
	unmet := did(me, "Microsoft.Nobody/things/data/read", one)
	unmet.Decision.Data = true
	plan, err := Of([]journal.Entry{
		did(me, readGroup, one), did(me, readGroup, one), did(me, readBlob, files), refused(did(me, listKeys, account)), unmet,
		byAccessPolicy(did(me, "secrets/get", byPolicy)), byAccessPolicy(did(me, "secrets/list", byPolicy)), byAccessPolicy(did(you, "secrets/get", byPolicy)),
		did(you, getSecret, byRoles+"/secrets/pass"), did(you, "Microsoft.ManagedIdentity/userAssignedIdentities/read", identity), did(app, makeGroup, sub),
		did(app, readGroup, "/"), did(app, writeVM, vm),
	}, s, now, Options{IncludeRefused: true, Narrowest: true})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestTexts(t *testing.T) {
	plan := richPlan(t)
	for _, f := range Formats() {
		got, err := plan.Text(f)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "plan."+map[Format]string{Az: "sh", Bicep: "bicep", Terraform: "tf", JSON: "json"}[f])
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not what %s has: run with -update and read the difference\n%s", f, path, got)
		}
	}
}

func TestJSONIsThePlan(t *testing.T) {
	plan := richPlan(t)
	text, err := plan.Text(JSON)
	if err != nil {
		t.Fatal(err)
	}
	var back Plan
	if err := json.Unmarshal([]byte(text), &back); err != nil || !reflect.DeepEqual(back, plan) {
		t.Errorf("%v\n%+v\n%+v", err, back, plan)
	}
}

// Names that mean something to a shell, to Bicep or to Terraform mean nothing there.
func TestHostileNames(t *testing.T) {
	const evil = "it's\n${x} %{y} \\ \" `z` $(w)"
	p := Plan{Principals: []Principal{{
		ObjectID: me, TenantID: tenant, Ref: "application/" + evil,
		Assignments: []Assignment{{Role: evil, RoleID: "r", Scope: one + "/providers/A.B/c/" + evil}},
		Policies:    []Policy{{Vault: evil, VaultID: one + "/providers/Microsoft.KeyVault/vaults/" + evil, Secrets: []string{"get"}}},
		Surplus:     []Held{{ID: evil, Role: evil, Scope: one + "/" + evil, Group: evil}},
		Unmet:       []Need{{Action: evil, Place: evil}},
	}}, Notes: []string{evil}}
	for f, want := range map[Format][]string{
		Az:        {`--role 'it'\''s` + "\n" + `${x} %{y} \ " ` + "`z` $(w)'"},
		Bicep:     {`'it\'s\u{a}\${x} %{y} \\ "` + " `z` $(w)'"},
		Terraform: {`"it's\u000a$${x} %%{y} \\ \"` + " `z` $(w)\""},
	} {
		text, err := p.Text(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s lacks %s:\n%s", f, w, text)
			}
		}
		if f == Bicep || f == Terraform {
			if err := checkSyntax(f, text); err != nil {
				t.Errorf("%s: %v\n%s", f, err, text)
			}
		}
	}
}

func TestSyntax(t *testing.T) {
	plan := richPlan(t)
	empty := Plan{}
	for _, f := range []Format{Bicep, Terraform} {
		for _, p := range []*Plan{&plan, &empty} {
			text, err := p.Text(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := checkSyntax(f, text); err != nil {
				t.Errorf("%s: %v\n%s", f, err, text)
			}
		}
	}
}

// The check refuses what is wrong.
func TestCheckSyntax(t *testing.T) {
	good := map[Format]string{
		Bicep:     "// x\ntargetScope = 'resourceGroup'\n\nresource a 'b/c@2021-04-01' = {\n  name: guid(a.id, 'x')\n  list: [\n    'y'\n  ]\n}\n",
		Terraform: "# x\nresource \"a\" \"b\" {\n  c = \"d $${e}\"\n  f = [\"g\", \"h\"]\n}\n",
	}
	for f, text := range good {
		if err := checkSyntax(f, text); err != nil {
			t.Errorf("%s: %v", f, err)
		}
		for _, change := range [][2]string{{"}\n", ""}, {"]", ""}, {"= {", "= ["}, {"\" {", "\" ["}, {"'y'", "'y"}, {"\"d", "d"}, {"$${", "${"}, {"guid(", "guid"}, {"resource a", "resource 1"}, {"\"b\" {", "\"1b\" {"}, {"name:", "name"}, {"c =", "c"}} {
			if broken := strings.Replace(text, change[0], change[1], 1); broken != text && checkSyntax(f, broken) == nil {
				t.Errorf("%s: taken with %q for %q:\n%s", f, change[1], change[0], broken)
			}
		}
	}
	twice := good[Terraform] + good[Terraform][3:]
	if checkSyntax(Terraform, twice) == nil {
		t.Error("a name given twice is taken")
	}
	if checkSyntax(Bicep, strings.Replace(good[Bicep], "guid(a.id", "guid(b.id", 1)) == nil {
		t.Error("a symbol that nothing declares is taken")
	}
}
