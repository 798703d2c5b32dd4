package arm

import (
	"fmt"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
)

const (
	testSub   = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	testGroup = "/subscriptions/" + testSub + "/resourceGroups/rg1"
)

var testNow = time.Date(2025, 1, 24, 3, 0, 0, 0, time.UTC)

func inState(t *testing.T, write func(*state.Tx), read func(*state.Tx)) {
	t.Helper()
	s := state.New()
	if err := s.Update(func(tx *state.Tx) error { write(tx); return nil }); err != nil {
		t.Fatal(err)
	}
	s.View(read)
}

func TestExists(t *testing.T) {
	const (
		account = testGroup + "/providers/Microsoft.Storage/storageAccounts/acct"
		vault   = testGroup + "/providers/Microsoft.KeyVault/vaults/kv"
		vm      = testGroup + "/providers/Microsoft.Compute/virtualMachines/vm"
	)
	inState(t, func(tx *state.Tx) {
		tx.Subscriptions.Put(state.Subscription{ID: testSub})
		tx.ResourceGroups.Put(state.ResourceGroup{SubscriptionID: testSub, Name: "rg1"})
		tx.ResourceGroups.Put(state.ResourceGroup{SubscriptionID: testSub, Name: "gone", GoneAt: testNow})
		tx.Accounts.Put(state.StorageAccount{ID: account, Name: "acct", SubscriptionID: testSub, ResourceGroup: "rg1"})
		tx.Containers.Put(state.Container{Account: "acct", Name: "files"})
		tx.Vaults.Put(state.Vault{ID: vault, Name: "kv", SubscriptionID: testSub, ResourceGroup: "rg1"})
		tx.Machines.Put(state.Machine{ID: vm, Name: "vm"})
		tx.Identities.Put(state.Identity{ID: "/subscriptions/" + testSub + "/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/Id1"})
	}, func(tx *state.Tx) {
		for id, want := range map[string]bool{
			"/": true, "/subscriptions/" + testSub: true, "/subscriptions/99999999-0000-0000-0000-000000000000": false,
			testGroup: true, testGroup + "0": false, "/subscriptions/" + testSub + "/resourceGroups/GONE": false,
			account: true, account + "2": false, "/subscriptions/" + testSub + "/resourceGroups/rg10/providers/Microsoft.Storage/storageAccounts/acct": false,
			testGroup + "/providers/microsoft.storage/STORAGEACCOUNTS/ACCT": true,
			account + "/blobServices/default":                               true,
			account + "/blobServices/default/containers/files":              true,
			account + "/blobServices/default/containers/file":               false,
			account + "2/blobServices/default/containers/files":             false,
			account + "/queueServices/default/queues/q":                     true, // not kept here
			vault:                 true,
			vault + "/secrets/s":  true,
			vault + "2/secrets/s": false,
			vm:                    true,
			vm + "2":              false,
			vm + "/extensions/x":  true,
			testGroup + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1": true,
			testGroup + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id2": false,
			testGroup + "/providers/Microsoft.Network/virtualNetworks/net":                false,
			"/providers/Microsoft.Management/managementGroups/mg":                         false,
		} {
			parsed, err := armid.Parse(id)
			if err != nil {
				t.Fatal(err)
			}
			if got := exists(tx, parsed, testNow); got != want {
				t.Errorf("%s: %v", id, got)
			}
		}
	})
}

func TestRoomForAssignments(t *testing.T) {
	id := func(n int) string { return fmt.Sprintf("a0000000-0000-0000-0000-%012d", n) }
	for _, held := range []int{maxAssignments - 1, maxAssignments} {
		inState(t, func(tx *state.Tx) {
			for n := range held {
				tx.Assignments.Put(state.RoleAssignment{ID: id(n), Scope: testGroup, PrincipalID: id(n)})
			}
			tx.Assignments.Put(state.RoleAssignment{ID: id(99999), Scope: "/", PrincipalID: id(99999)})
		}, func(tx *state.Tx) {
			at, _ := armid.Parse(testGroup)
			var refusal *apierr.Error
			if err := roomFor(tx, state.RoleAssignment{ID: "new", Scope: testGroup, PrincipalID: "new"}, at); err != nil {
				refusal = err.(*apierr.Error) //nolint:errorlint // nothing wraps it
			}
			if full := refusal != nil && refusal.Kind == apierr.AuthzAssignmentLimit; full != (held == maxAssignments) {
				t.Errorf("%d assignments: %v", held, refusal)
			}
			if err := roomFor(tx, state.RoleAssignment{ID: "new", Scope: "/", PrincipalID: "new"}, armid.ID{}); err != nil {
				t.Errorf("the root has no such limit: %v", err)
			}
		})
	}
}

func TestPath(t *testing.T) {
	for in, want := range map[string]string{
		"/": "/", "//subscriptions/s": "/subscriptions/s", "/a/b/": "/a/b", "/a%20/b": "/a/b", "/a%20%20/b%20": "/a/b", "/a%20b/c": "/a%20b/c", "/a//b": "/a//b", "/a/%20": "/a",
	} {
		if got := path(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestParseEscaped(t *testing.T) {
	for in, want := range map[string]string{
		"/subscriptions/s/resourcegroups/a%28b%29": "/subscriptions/s/resourceGroups/a(b)",
		"/subscriptions/s/resourceGroups/a%2Fb":    "/subscriptions/s/resourceGroups/a%2Fb",
		"/subscriptions/s/resourceGroups/%09a":     "/subscriptions/s/resourceGroups/%09a",
		"/subscriptions/s/resourceGroups/a%zz":     "/subscriptions/s/resourceGroups/a%zz",
	} {
		if got, err := parseEscaped(in); err != nil || got.String() != want {
			t.Errorf("%s: %s %v, want %s", in, got, err, want)
		}
	}
}
