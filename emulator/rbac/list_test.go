package rbac

import (
	"reflect"
	"testing"

	"github.com/linarite/linarite/emulator/state"
)

func TestPermissions(t *testing.T) {
	conditional := grant(t, "AcrPush", sub)
	conditional.Condition, conditional.ConditionVersion = "(true)", "2.0"
	w := world{
		held: map[string][]state.RoleAssignment{
			"me":   {grant(t, "Reader", rg1), grant(t, "Reader", sub), grant(t, "Owner", rg10), conditional},
			"team": {grant(t, "AcrPull", "/")},
		},
		groups: map[string][]string{"me": {"team"}},
	}
	want := []state.Permission{
		builtin()[roleID(t, "Reader")].Permissions[0],
		builtin()[roleID(t, "AcrPush")].Permissions[0],
		builtin()[roleID(t, "AcrPull")].Permissions[0],
	}
	want[1].Condition, want[1].ConditionVersion = "(true)", "2.0"
	if got := Permissions(w, "me", account, now); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got := builtin()[roleID(t, "AcrPush")].Permissions[0].Condition; got != "" {
		t.Errorf("the listing changed the role: condition %q", got)
	}
	if got := Permissions(w, "nobody", account, now); got != nil {
		t.Errorf("nobody may %+v", got)
	}
}

func TestAny(t *testing.T) {
	w := world{
		held:   map[string][]state.RoleAssignment{"me": {grant(t, "AcrPull", rg1)}, "team": {grant(t, "AcrPull", "/subscriptions/b")}},
		groups: map[string][]string{"me": {"team"}},
	}
	for scope, want := range map[string]bool{
		"/": true, sub: true, rg1: true, account: true, rg10: false, "/subscriptions/b": true, "/subscriptions/c": false,
	} {
		if got := Any(w, "me", scope, now); got != want {
			t.Errorf("Any(%q) = %v, want %v", scope, got, want)
		}
	}
	if Any(w, "nobody", "/", now) {
		t.Error("nobody has something")
	}
}

func TestFactsOfState(t *testing.T) {
	store := state.New()
	err := store.Update(func(tx *state.Tx) error {
		tx.Roles.Put(state.RoleDefinition{ID: "custom", Name: "Custom", Permissions: []state.Permission{{Actions: []string{writeVM}}}})
		tx.DirectoryGroups.Put(state.DirectoryGroup{ID: "team", Members: []string{"me"}})
		tx.Assignments.Put(state.RoleAssignment{ID: "1", PrincipalID: "me", RoleID: "custom", Scope: rg1})
		tx.Assignments.Put(state.RoleAssignment{ID: "2", PrincipalID: "team", RoleID: roleID(t, "Reader"), Scope: sub})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	store.View(func(tx *state.Tx) {
		for action, want := range map[string]string{writeVM: "1", readGroup: "2"} {
			d := Decide(FactsOf(tx), Query{PrincipalID: "me", Action: action, Scope: rg1, Now: now})
			if !d.Allowed || d.Assignment.ID != want {
				t.Errorf("%s: %+v cites %+v, want assignment %s", action, d, d.Assignment, want)
			}
		}
		if role, ok := FactsOf(tx).RoleDefinition("8E3AF657-A8FF-443C-A75C-2FE8C4BCB635"); !ok || role.Name != "Owner" || !role.BuiltIn {
			t.Errorf("Owner: %+v, %v", role, ok)
		}
		if role, ok := FactsOf(tx).RoleDefinition("CUSTOM"); !ok || role.Name != "Custom" {
			t.Errorf("Custom: %+v, %v", role, ok)
		}
		if role, ok := FactsOf(tx).RoleDefinition("none"); ok {
			t.Errorf("found %+v", role)
		}
	})
}

func TestBuiltInRolesAreTheCallersOwn(t *testing.T) {
	BuiltInRoles()[0].Permissions[0].Actions[0] = "spoiled"
	first := BuiltInRoles()[0]
	if first.Permissions[0].Actions[0] == "spoiled" || builtin()[first.ID].Permissions[0].Actions[0] == "spoiled" {
		t.Error("a caller changed a built-in role")
	}
	if !first.BuiltIn || len(first.AssignableScopes) != 1 || first.AssignableScopes[0] != "/" {
		t.Errorf("%+v", first)
	}
}
