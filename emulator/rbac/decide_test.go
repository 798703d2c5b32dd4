package rbac

import (
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

const (
	sub       = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	rg1       = sub + "/resourceGroups/rg1"
	rg10      = sub + "/resourceGroups/rg10"
	account   = rg1 + "/providers/Microsoft.Storage/storageAccounts/acct"
	container = account + "/blobServices/default/containers/files"
	identity  = rg1 + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1"

	readGroup   = "Microsoft.Resources/subscriptions/resourceGroups/read"
	writeVM     = "Microsoft.Compute/virtualMachines/write"
	listKeys    = "Microsoft.Storage/storageAccounts/listKeys/action"
	grantRole   = "Microsoft.Authorization/roleAssignments/write"
	readBlob    = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
	tagBlob     = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/write"
	deleteBlob  = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete"
	delegateKey = "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action"
	assignID    = "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action"
	getSecret   = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
)

var now = time.Date(2025, 1, 24, 3, 0, 0, 0, time.UTC)

// world is Facts by hand: who holds what, and which groups contain whom.
type world struct {
	held   map[string][]state.RoleAssignment
	custom map[string]state.RoleDefinition
	groups map[string][]string
}

func (w world) RoleAssignmentsOf(id string) iter.Seq[state.RoleAssignment] {
	return slices.Values(w.held[id])
}

func (w world) GroupsOf(id string) []string { return w.groups[id] }

func (w world) RoleDefinition(id string) (state.RoleDefinition, bool) {
	if role, ok := builtin()[id]; ok {
		return role, true
	}
	role, ok := w.custom[id]
	return role, ok
}

func roleID(t testing.TB, name string) string {
	t.Helper()
	for id, role := range builtin() {
		if role.Name == name {
			return id
		}
	}
	t.Fatalf("no built-in role %q", name)
	return ""
}

func grant(t testing.TB, role, scope string) state.RoleAssignment {
	t.Helper()
	return state.RoleAssignment{ID: role + "@" + scope, RoleID: roleID(t, role), Scope: scope, PrincipalID: "me"}
}

func TestDecide(t *testing.T) {
	type row struct {
		name   string
		held   []state.RoleAssignment
		action string
		data   bool
		scope  string
		want   journal.Reason
		cited  string
	}
	g := func(role, scope string) state.RoleAssignment { return grant(t, role, scope) }
	later := func(a state.RoleAssignment) state.RoleAssignment { a.EffectiveFrom = now.Add(1); return a }
	withCondition := func(a state.RoleAssignment) state.RoleAssignment {
		a.Condition, a.ConditionVersion = "(true)", "2.0"
		return a
	}
	tests := []row{
		{"nobody", nil, readGroup, false, rg1, journal.ReasonNoAssignment, ""},
		{"reader reads", []state.RoleAssignment{g("Reader", rg1)}, readGroup, false, rg1, journal.ReasonAllowed, "Reader@" + rg1},
		{"from the subscription", []state.RoleAssignment{g("Reader", sub)}, readGroup, false, rg1, journal.ReasonAllowed, "Reader@" + sub},
		{"from the root", []state.RoleAssignment{g("Reader", "/")}, readGroup, false, rg1, journal.ReasonAllowed, "Reader@/"},
		{"whatever the case", []state.RoleAssignment{g("Reader", sub+"/RESOURCEGROUPS/RG1/")}, "microsoft.resources/SUBSCRIPTIONS/resourcegroups/Read", false, rg1, journal.ReasonAllowed, "Reader@" + sub + "/RESOURCEGROUPS/RG1/"},
		{"rg1 is not rg10", []state.RoleAssignment{g("Reader", rg1)}, readGroup, false, rg10, journal.ReasonElsewhere, "Reader@" + rg1},
		{"rg10 is not rg1", []state.RoleAssignment{g("Reader", rg10)}, readGroup, false, rg1, journal.ReasonElsewhere, "Reader@" + rg10},
		{"not upwards", []state.RoleAssignment{g("Owner", account)}, readGroup, false, rg1, journal.ReasonElsewhere, "Owner@" + account},
		{"reader does not write", []state.RoleAssignment{g("Reader", rg1)}, writeVM, false, rg1, journal.ReasonRoleLacks, "Reader@" + rg1},
		{"reader lists no keys", []state.RoleAssignment{g("Reader", rg1)}, listKeys, false, account, journal.ReasonRoleLacks, "Reader@" + rg1},
		{"contributor lists keys", []state.RoleAssignment{g("Contributor", rg1)}, listKeys, false, account, journal.ReasonAllowed, "Contributor@" + rg1},
		{"listkeys is listKeys", []state.RoleAssignment{g("Storage Account Key Operator Service Role", rg1)}, listKeys, false, account, journal.ReasonAllowed, "Storage Account Key Operator Service Role@" + rg1},
		{"contributor grants no role", []state.RoleAssignment{g("Contributor", sub)}, grantRole, false, rg1, journal.ReasonExcluded, "Contributor@" + sub},
		{"a notAction is no deny", []state.RoleAssignment{g("Contributor", sub), g("User Access Administrator", sub)}, grantRole, false, rg1, journal.ReasonAllowed, "User Access Administrator@" + sub},
		{"owner has no data action", []state.RoleAssignment{g("Owner", sub)}, readBlob, true, container, journal.ReasonWrongKind, "Owner@" + sub},
		{"data reader reads", []state.RoleAssignment{g("Storage Blob Data Reader", container)}, readBlob, true, container, journal.ReasonAllowed, "Storage Blob Data Reader@" + container},
		{"data reader of another container", []state.RoleAssignment{g("Storage Blob Data Reader", container)}, readBlob, true, container + "2", journal.ReasonElsewhere, "Storage Blob Data Reader@" + container},
		{"data action asked as action", []state.RoleAssignment{g("Storage Blob Data Reader", rg1)}, readBlob, false, container, journal.ReasonWrongKind, "Storage Blob Data Reader@" + rg1},
		{"data contributor sets no tags", []state.RoleAssignment{g("Storage Blob Data Contributor", account)}, tagBlob, true, container, journal.ReasonRoleLacks, "Storage Blob Data Contributor@" + account},
		{"data owner sets tags", []state.RoleAssignment{g("Storage Blob Data Owner", account)}, tagBlob, true, container, journal.ReasonAllowed, "Storage Blob Data Owner@" + account},
		{"a delegation key is an action", []state.RoleAssignment{g("Storage Blob Data Reader", account)}, delegateKey, false, account, journal.ReasonAllowed, "Storage Blob Data Reader@" + account},
		{"operator assigns identities", []state.RoleAssignment{g("Managed Identity Operator", rg1)}, assignID, false, identity, journal.ReasonAllowed, "Managed Identity Operator@" + rg1},
		{"key vault reader sees no secret", []state.RoleAssignment{g("Key Vault Reader", sub)}, getSecret, true, rg1, journal.ReasonRoleLacks, "Key Vault Reader@" + sub},
		{"pending", []state.RoleAssignment{later(g("Reader", rg1))}, readGroup, false, rg1, journal.ReasonPending, "Reader@" + rg1},
		{"a condition never grants", []state.RoleAssignment{withCondition(g("Reader", rg1))}, readGroup, false, rg1, journal.ReasonCondition, "Reader@" + rg1},
		{"nor one of a role", []state.RoleAssignment{g("Key Vault Data Access Administrator", rg1)}, grantRole, false, rg1, journal.ReasonCondition, "Key Vault Data Access Administrator@" + rg1},
		{"nothing to do with it", []state.RoleAssignment{g("AcrPull", rg10)}, readGroup, false, rg1, journal.ReasonNoAssignment, ""},

		// Which assignment is nearest.
		{"pending before a condition", []state.RoleAssignment{withCondition(g("Owner", rg1)), later(g("Reader", sub))}, readGroup, false, rg1, journal.ReasonPending, "Reader@" + sub},
		{"a condition before excluded", []state.RoleAssignment{g("Contributor", rg1), withCondition(g("Owner", sub))}, grantRole, false, rg1, journal.ReasonCondition, "Owner@" + sub},
		{"excluded before elsewhere", []state.RoleAssignment{g("Owner", rg10), g("Contributor", sub)}, grantRole, false, rg1, journal.ReasonExcluded, "Contributor@" + sub},
		{"elsewhere before the wrong kind", []state.RoleAssignment{g("Owner", rg1), g("Storage Blob Data Reader", rg10)}, readBlob, true, container, journal.ReasonElsewhere, "Storage Blob Data Reader@" + rg10},
		{"the wrong kind before lacking", []state.RoleAssignment{g("AcrPull", rg1), g("Owner", sub)}, readBlob, true, container, journal.ReasonWrongKind, "Owner@" + sub},
		{"lacking before unrelated", []state.RoleAssignment{g("AcrPull", rg10), g("AcrPull", sub)}, readGroup, false, rg1, journal.ReasonRoleLacks, "AcrPull@" + sub},
		{"the narrower of two", []state.RoleAssignment{g("AcrPull", sub), g("AcrPush", rg1), g("AcrPull", "/")}, readGroup, false, rg1, journal.ReasonRoleLacks, "AcrPush@" + rg1},
		{"the nearer of two elsewhere", []state.RoleAssignment{g("Reader", "/subscriptions/other"), g("Reader", rg10)}, readGroup, false, rg1, journal.ReasonElsewhere, "Reader@" + rg10},
		{"the first of equals", []state.RoleAssignment{g("AcrPull", rg1), g("AcrPush", rg1)}, readGroup, false, rg1, journal.ReasonRoleLacks, "AcrPull@" + rg1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := world{held: map[string][]state.RoleAssignment{"me": test.held}}
			d := Decide(w, Query{PrincipalID: "me", Action: test.action, Data: test.data, Scope: test.scope, Now: now})
			cited := ""
			if d.Assignment != nil {
				cited = d.Assignment.ID
			}
			if d.Reason != test.want || cited != test.cited || d.Allowed != (test.want == journal.ReasonAllowed) {
				t.Errorf("allowed %v, reason %s, cites %q; want %s, %q", d.Allowed, d.Reason, cited, test.want, test.cited)
			}
			if d.Principal != "me" || d.Action != test.action || d.Data != test.data || d.Scope != test.scope || d.Considered > len(test.held) {
				t.Errorf("the decision misstates the question: %+v", d)
			}
		})
	}
}

func TestEffectiveFrom(t *testing.T) {
	a := grant(t, "Reader", rg1)
	a.EffectiveFrom = now
	w := world{held: map[string][]state.RoleAssignment{"me": {a}}}
	for at, want := range map[time.Time]bool{now.Add(-1): false, now: true, now.Add(time.Hour): true} {
		if d := Decide(w, Query{PrincipalID: "me", Action: readGroup, Scope: rg1, Now: at}); d.Allowed != want {
			t.Errorf("at %v: %+v", at, d)
		}
		if Any(w, "me", sub, at) != want || (Permissions(w, "me", rg1, at) != nil) != want {
			t.Errorf("at %v: the lists disagree with the decision", at)
		}
	}
}

func TestGroups(t *testing.T) {
	w := world{
		held:   map[string][]state.RoleAssignment{"team": {grant(t, "Reader", rg1)}, "me": {grant(t, "AcrPull", sub)}},
		groups: map[string][]string{"me": {"other", "team"}},
	}
	d := Decide(w, Query{PrincipalID: "me", Action: readGroup, Scope: rg1, Now: now})
	want := journal.Assignment{ID: "Reader@" + rg1, Role: "Reader", RoleID: roleID(t, "Reader"), Scope: rg1, Through: "team"}
	if !d.Allowed || d.Assignment == nil || *d.Assignment != want || d.Considered != 2 {
		t.Errorf("%+v cites %+v, want %+v", d, d.Assignment, want)
	}
	if d := Decide(w, Query{PrincipalID: "team", Action: "Microsoft.ContainerRegistry/registries/pull/read", Scope: sub}); d.Allowed {
		t.Error("a group has what its member has")
	}
}

func TestCustomRole(t *testing.T) {
	const role = "22222222-0000-0000-0000-000000000000"
	blobs := "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/"
	w := world{
		held: map[string][]state.RoleAssignment{"me": {{ID: "a", RoleID: role, Scope: sub}, {ID: "gone", RoleID: "deleted", Scope: sub}}},
		custom: map[string]state.RoleDefinition{role: {ID: role, Name: "cli-test-role", Permissions: []state.Permission{
			{Actions: []string{"Microsoft.Compute/*/read", "Microsoft.Compute/virtualMachines/start/action"},
				DataActions: []string{blobs + "*"}, NotDataActions: []string{blobs + "write", blobs + "delete"}},
			// The second entry gives back what only the first takes away.
			{DataActions: []string{blobs + "delete"}},
		}}},
	}
	tests := []struct {
		action string
		data   bool
		want   journal.Reason
	}{
		{"Microsoft.Compute/virtualMachines/read", false, journal.ReasonAllowed},
		{"Microsoft.Compute/virtualMachines/start/action", false, journal.ReasonAllowed},
		{"Microsoft.Compute/virtualMachines/restart/action", false, journal.ReasonRoleLacks},
		{readBlob, true, journal.ReasonAllowed},
		{readBlob, false, journal.ReasonWrongKind},
		{blobs + "write", true, journal.ReasonExcluded},
		{blobs + "write", false, journal.ReasonRoleLacks},
		{deleteBlob, true, journal.ReasonAllowed},
	}
	for _, test := range tests {
		d := Decide(w, Query{PrincipalID: "me", Action: test.action, Data: test.data, Scope: container, Now: now})
		if d.Reason != test.want {
			t.Errorf("%s (data %v): %s, want %s", test.action, test.data, d.Reason, test.want)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	w := world{held: map[string][]state.RoleAssignment{}}
	for _, role := range []string{"AcrPull", "Reader", "Key Vault Reader", "Managed Identity Operator", "Storage Account Contributor",
		"Storage Blob Data Owner", "Key Vault Administrator", "AcrPush", "Storage Queue Data Reader", "Storage Blob Data Reader"} {
		w.held["me"] = append(w.held["me"], grant(b, role, rg1))
	}
	for name, q := range map[string]Query{
		"refused": {PrincipalID: "me", Action: tagBlob, Scope: container, Now: now},
		"allowed": {PrincipalID: "me", Action: readBlob, Data: true, Scope: container, Now: now},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Decide(w, q)
			}
		})
	}
}
