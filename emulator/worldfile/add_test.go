package worldfile

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/fixtures/world"
)

// What is granted once is granted; what is revoked is gone, and only that.
func TestGrantAndRevoke(t *testing.T) {
	file, err := world.Decode("add.yaml", []byte("schema: linarite/world/1\ntenant: {groups: [{name: team}]}\nsubscriptions: [{groups: [{name: One}]}]\n"))
	if err != nil {
		t.Fatal(err)
	}
	err = state.New().Update(func(tx *state.Tx) error {
		if err := Apply(tx, file, Options{Cloud: cloud.Public()}); err != nil {
			return err
		}
		var who, scope string
		for g := range tx.DirectoryGroups.All() {
			who = g.ID
		}
		var at state.ResourceGroup
		for at = range tx.ResourceGroups.All() {
			scope = "/subscriptions/" + at.SubscriptionID + "/resourceGroups/" + at.Name
		}
		add := In(tx, at, Options{Cloud: cloud.Public()})
		for range 2 {
			if err := add.Grant(who, "reader", scope); err != nil {
				t.Fatal(err)
			}
		}
		if err := add.Grant(who, "Contributor", scope); err != nil || tx.Assignments.Len() != 2 {
			t.Fatal(err, tx.Assignments.Len())
		}
		for a := range tx.Assignments.All() {
			if a.PrincipalType != "Group" || a.PrincipalID != who {
				t.Errorf("%+v", a)
			}
		}
		if err := add.Revoke(who, "Owner", scope); err == nil || !strings.Contains(err.Error(), "Reader at "+scope) || !strings.Contains(err.Error(), "Contributor at "+scope) {
			t.Error(err)
		}
		if err := add.Revoke(who, "Reader", scope); err != nil || tx.Assignments.Len() != 1 {
			t.Error(err)
		}
		if err := add.Grant(who, "Reader", "One"); err == nil {
			t.Error("a scope that is no id")
		}
		if err := add.Grant(who, "Nothing", scope); err == nil || !strings.Contains(err.Error(), `no role is called "Nothing"`) {
			t.Error(err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
