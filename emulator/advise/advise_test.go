package advise

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
)

const (
	subID     = "aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	sub       = "/subscriptions/" + subID
	one       = sub + "/resourceGroups/one"
	two       = sub + "/resourceGroups/two"
	account   = one + "/providers/Microsoft.Storage/storageAccounts/acct"
	other     = one + "/providers/Microsoft.Storage/storageAccounts/other"
	files     = account + "/blobServices/default/containers/files"
	logs      = account + "/blobServices/default/containers/logs"
	byRoles   = one + "/providers/Microsoft.KeyVault/vaults/byroles"
	byPolicy  = one + "/providers/Microsoft.KeyVault/vaults/bypolicy"
	vm        = one + "/providers/Microsoft.Compute/virtualMachines/vm"
	identity  = two + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id"
	tenant    = "aaaabbbb-0000-cccc-1111-dddd2222eeee"
	me        = "11110000-0000-0000-0000-000000000001"
	you       = "11110000-0000-0000-0000-000000000002"
	app       = "11110000-0000-0000-0000-000000000003"
	team      = "22220000-0000-0000-0000-000000000001"
	inBlobs   = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/"
	readBlob  = inBlobs + "read"
	writeBlob = inBlobs + "write"
	readGroup = "Microsoft.Resources/subscriptions/resourceGroups/read"
	listKeys  = "Microsoft.Storage/storageAccounts/listKeys/action"
	readAcct  = "Microsoft.Storage/storageAccounts/read"
	getSecret = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
	setSecret = "Microsoft.KeyVault/vaults/secrets/setSecret/action"
	makeGroup = "Microsoft.Resources/subscriptions/resourceGroups/write"
	writeVM   = "Microsoft.Compute/virtualMachines/write"
)

var now = time.Date(2025, 1, 24, 12, 0, 0, 0, time.UTC)

// newWorld is a world of two groups with a little of everything.
func newWorld(t testing.TB) *state.Store {
	t.Helper()
	s := state.New()
	change(t, s, func(tx *state.Tx) {
		tx.Subscriptions.Put(state.Subscription{ID: subID, TenantID: tenant, State: "Enabled"})
		for _, g := range []string{"one", "two"} {
			tx.ResourceGroups.Put(state.ResourceGroup{SubscriptionID: subID, Name: g, Location: "westus"})
		}
		for _, a := range []string{"acct", "other"} {
			tx.Accounts.Put(state.StorageAccount{ID: strings.TrimSuffix(account, "acct") + a, Name: a, SubscriptionID: subID, ResourceGroup: "one"})
		}
		for _, c := range []string{"files", "logs", "more"} {
			tx.Containers.Put(state.Container{Account: "acct", Name: c})
		}
		tx.Vaults.Put(state.Vault{ID: byRoles, Name: "byroles", SubscriptionID: subID, ResourceGroup: "one", TenantID: tenant, RBAC: true, CreatedAt: now.Add(-time.Hour)})
		tx.Vaults.Put(state.Vault{ID: byPolicy, Name: "bypolicy", SubscriptionID: subID, ResourceGroup: "one", TenantID: tenant, CreatedAt: now.Add(-time.Hour), Policies: []state.AccessPolicy{
			{TenantID: tenant, ObjectID: me, Secrets: []string{"all", "purge"}, Keys: []string{"get"}},
		}})
		tx.Secrets.Put(state.Secret{Vault: "byroles", Name: "pass", Version: "1"})
		tx.Machines.Put(state.Machine{ID: vm, Name: "vm", SubscriptionID: subID, ResourceGroup: "one", SystemPrincipal: me})
		tx.Identities.Put(state.Identity{ID: identity, Name: "id", SubscriptionID: subID, ResourceGroup: "two", PrincipalID: you})
		tx.Principals.Put(state.Principal{ObjectID: me, AppID: "c-" + me, TenantID: tenant, DisplayName: "vm", Kind: state.PrincipalSystemAssigned, ResourceID: vm})
		tx.Principals.Put(state.Principal{ObjectID: you, AppID: "c-" + you, TenantID: tenant, DisplayName: "id", Kind: state.PrincipalUserAssigned, ResourceID: identity})
		tx.Principals.Put(state.Principal{ObjectID: app, AppID: "c-" + app, TenantID: tenant, DisplayName: "ci", Kind: state.PrincipalApplication})
		tx.DirectoryGroups.Put(state.DirectoryGroup{ID: team, TenantID: tenant, Name: "team", Members: []string{me}})
	})
	return s
}

func change(t testing.TB, s *state.Store, how func(*state.Tx)) {
	t.Helper()
	if err := s.Update(func(tx *state.Tx) error { how(tx); return nil }); err != nil {
		t.Fatal(err)
	}
}

func roleID(t testing.TB, name string) string {
	t.Helper()
	for _, r := range rbac.BuiltInRoles() {
		if r.Name == name {
			return r.ID
		}
	}
	t.Fatalf("no built-in role %q", name)
	return ""
}

// did is an entry of what somebody was allowed to do.
func did(who, action, scope string) journal.Entry {
	data := strings.HasPrefix(strings.ToLower(action), strings.ToLower(inBlobs)) || strings.Contains(action, "/secrets/")
	return journal.Entry{Principal: who, Plane: "arm", Method: "GET", Status: 200, Time: now, Decision: &journal.Decision{
		Allowed: true, Principal: who, Action: action, Data: data, Scope: scope, Reason: journal.ReasonAllowed,
	}}
}

func refused(e journal.Entry) journal.Entry {
	e.Status, e.Decision.Allowed, e.Decision.Reason = 403, false, journal.ReasonNoAssignment
	return e
}

func made(e journal.Entry) journal.Entry {
	e.Method, e.Status = "PUT", 201
	return e
}

func byAccessPolicy(e journal.Entry) journal.Entry {
	e.Plane, e.Decision.Reason, e.Decision.Data = "vault", journal.ReasonPolicy, true
	return e
}

func beside(e journal.Entry, d journal.Entry) journal.Entry {
	e.Beside = append(e.Beside, *d.Decision)
	return e
}

// brief is a plan in few words: "machine/vm: Reader @ one; keys get @ vault; unmet ACTION".
func brief(p Plan) (lines []string) {
	short := strings.NewReplacer(sub+"/resourceGroups/", "", "/blobServices/default/containers/", "/", "providers/Microsoft.Storage/storageAccounts/", "",
		"providers/Microsoft.KeyVault/vaults/", "", "providers/Microsoft.Compute/virtualMachines/", "", "providers/Microsoft.ManagedIdentity/userAssignedIdentities/", "", sub, "sub")
	for i := range p.Principals {
		q := &p.Principals[i]
		for _, a := range q.Assignments {
			lines = append(lines, q.Ref+": "+a.Role+" @ "+short.Replace(a.Scope))
		}
		for j := range q.Policies {
			for _, f := range families() {
				if list := *q.Policies[j].list(f); len(list) > 0 {
					lines = append(lines, q.Ref+": "+string(f)+" "+strings.Join(list, " ")+" @ "+q.Policies[j].Vault)
				}
			}
		}
		for _, n := range q.Unmet {
			lines = append(lines, q.Ref+": unmet "+n.Action)
		}
	}
	return lines
}

func TestOf(t *testing.T) {
	tests := []struct {
		name    string
		entries []journal.Entry
		o       Options
		want    []string
	}{
		{"nothing was done", nil, Options{}, nil},
		{"two blobs of a container", []journal.Entry{did(me, readBlob, files), did(me, readBlob, files)}, Options{}, []string{"machine/vm: Storage Blob Data Reader @ one/acct/files"}},
		{"reader and writer", []journal.Entry{did(me, readBlob, files), did(me, writeBlob, files)}, Options{}, []string{"machine/vm: Storage Blob Data Contributor @ one/acct/files"}},
		{"whatever the case", []journal.Entry{did(me, readBlob, files), did(strings.ToUpper(me), strings.ToUpper(readBlob), strings.ToLower(files))}, Options{}, []string{"machine/vm: Storage Blob Data Reader @ one/acct/files"}},
		{"two containers", []journal.Entry{did(me, readBlob, logs), did(me, readBlob, files)}, Options{}, []string{"machine/vm: Storage Blob Data Reader @ one/acct/files", "machine/vm: Storage Blob Data Reader @ one/acct/logs"}},
		{"a container that is gone", []journal.Entry{did(me, readBlob, files+"2")}, Options{}, []string{"machine/vm: Storage Blob Data Reader @ one/acct"}},
		{"the list of containers is no blob", []journal.Entry{did(me, "Microsoft.Storage/storageAccounts/blobServices/containers/read", account), did(me, readBlob, files)}, Options{}, []string{"machine/vm: Reader @ one/acct", "machine/vm: Storage Blob Data Reader @ one/acct/files"}},
		{"group and keys", []journal.Entry{did(me, readGroup, one), did(me, listKeys, account)}, Options{}, []string{"machine/vm: Reader @ one", "machine/vm: Storage Account Key Operator Service Role @ one/acct"}},
		{"account and keys", []journal.Entry{did(me, readAcct, account), did(me, listKeys, account)}, Options{}, []string{"machine/vm: Reader and Data Access @ one/acct"}},
		{"what the group grants is not granted again", []journal.Entry{did(me, readAcct, account), did(me, readGroup, one)}, Options{}, []string{"machine/vm: Reader @ one"}},
		{"two groups", []journal.Entry{did(me, readGroup, two), did(me, readGroup, one)}, Options{}, []string{"machine/vm: Reader @ one", "machine/vm: Reader @ two"}},
		{"two principals", []journal.Entry{did(you, readGroup, two), did(me, readGroup, one), did(app, readGroup, sub)}, Options{}, []string{"application/ci: Reader @ sub", "identity/id: Reader @ two", "machine/vm: Reader @ one"}},
		{"one of them", []journal.Entry{did(you, readGroup, two), did(me, readGroup, one)}, Options{Principal: strings.ToUpper(you)}, []string{"identity/id: Reader @ two"}},
		{"somebody who is gone", []journal.Entry{did("gone", readGroup, two)}, Options{}, nil},
		{"refused", []journal.Entry{refused(did(me, readGroup, one))}, Options{}, nil},
		{"refused, wanted", []journal.Entry{refused(did(me, readGroup, one)), byAccessPolicy(refused(did(me, "secrets/set", byPolicy)))}, Options{IncludeRefused: true}, []string{"machine/vm: Reader @ one", "machine/vm: secrets set @ bypolicy"}},
		{"vault by roles", []journal.Entry{did(me, getSecret, byRoles+"/secrets/pass")}, Options{}, []string{"machine/vm: Key Vault Secrets User @ one/byroles"}},
		{"a single secret", []journal.Entry{did(me, getSecret, byRoles+"/secrets/pass")}, Options{Narrowest: true}, []string{"machine/vm: Key Vault Secrets User @ one/byroles/secrets/pass"}},
		{"a secret that is gone", []journal.Entry{did(me, getSecret, byRoles+"/secrets/none")}, Options{Narrowest: true}, []string{"machine/vm: Key Vault Secrets User @ one/byroles"}},
		{"setting makes secrets", []journal.Entry{did(me, setSecret, byRoles+"/secrets/pass")}, Options{Narrowest: true}, []string{"machine/vm: Key Vault Secrets Officer @ one/byroles"}},
		{"vault by policy", []journal.Entry{byAccessPolicy(did(me, "secrets/list", byPolicy)), byAccessPolicy(did(me, "secrets/get", byPolicy+"/secrets/a")), byAccessPolicy(did(me, "secrets/get", byPolicy+"/secrets/b"))}, Options{}, []string{"machine/vm: secrets get list @ bypolicy"}},
		{"vault that changed its mind", []journal.Entry{byAccessPolicy(did(me, "secrets/get", byRoles+"/secrets/a")), did(me, getSecret, byPolicy+"/secrets/pass")}, Options{}, nil},
		{"a group was made", []journal.Entry{made(did(me, makeGroup, two))}, Options{}, []string{"machine/vm: Contributor @ sub"}},
		{"a group was changed", []journal.Entry{func() journal.Entry { e := made(did(me, makeGroup, two)); e.Status = 200; return e }()}, Options{}, []string{"machine/vm: Contributor @ two"}},
		{"a vault was made", []journal.Entry{func() journal.Entry {
			e := made(did(me, "Microsoft.KeyVault/vaults/write", byRoles))
			e.Status, e.Time = 200, now.Add(-time.Hour)
			return e
		}()}, Options{}, []string{"machine/vm: Key Vault Contributor @ one"}},
		{"a vault was changed", []journal.Entry{func() journal.Entry {
			e := made(did(me, "Microsoft.KeyVault/vaults/write", byRoles))
			e.Status = 200
			return e
		}()}, Options{}, []string{"machine/vm: Key Vault Contributor @ one/byroles"}},
		{"a federated credential was made", []journal.Entry{made(did(me, "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write", identity+"/federatedIdentityCredentials/main"))}, Options{}, []string{"machine/vm: Managed Identity Contributor @ two/id"}},
		{"what is decided beside", []journal.Entry{beside(did(me, writeVM, vm), did(me, "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action", identity))}, Options{}, []string{"machine/vm: Virtual Machine Contributor @ one/vm", "machine/vm: Managed Identity Operator @ two/id"}},
		{"no role has it", []journal.Entry{func() journal.Entry {
			e := did(me, "Microsoft.Nobody/things/data/read", one)
			e.Decision.Data = true
			return e
		}(), did(me, readGroup, one)}, Options{}, []string{"machine/vm: Reader @ one", "machine/vm: unmet Microsoft.Nobody/things/data/read"}},
		{"merged from two on", []journal.Entry{did(me, readBlob, files), did(me, readBlob, logs), did(me, readAcct, other)}, Options{Merge: 2}, []string{"machine/vm: Storage Blob Data Reader @ one/acct", "machine/vm: Reader @ one/other"}},
		{"not merged from three on", []journal.Entry{did(me, readBlob, files), did(me, readBlob, logs)}, Options{Merge: 3}, []string{"machine/vm: Storage Blob Data Reader @ one/acct/files", "machine/vm: Storage Blob Data Reader @ one/acct/logs"}},
		{"merged twice", []journal.Entry{did(me, readGroup, one), did(me, readGroup, two)}, Options{Merge: 2}, []string{"machine/vm: Reader @ sub"}},
		{"merged, and the lifted does for a reader", []journal.Entry{did(me, writeBlob, files), did(me, writeBlob, account+"/blobServices/default/containers/more"), did(me, readBlob, logs)}, Options{Merge: 2}, []string{"machine/vm: Storage Blob Data Contributor @ one/acct"}},
		{"merged, and the lifted does for another", []journal.Entry{did(me, "Microsoft.Storage/storageAccounts/blobServices/containers/read", files), did(me, readAcct, account), did(me, readAcct, other)}, Options{Merge: 2}, []string{"machine/vm: Reader @ one"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			plan, err := Of(test.entries, newWorld(t), now, test.o)
			if err != nil {
				t.Fatal(err)
			}
			if got := brief(plan); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			grants := 0
			for i := range plan.Principals {
				grants += len(plan.Principals[i].drops())
			}
			if p := plan.Proof; p.Needs != p.Allowed || p.Grants != p.Necessary || p.Grants != grants || grants > 0 && p.Needs == 0 {
				t.Errorf("proof %+v of %d grants", p, grants)
			}
		})
	}
}

// What the plan does without is named, and why.
func TestSurplus(t *testing.T) {
	s := newWorld(t)
	change(t, s, func(tx *state.Tx) {
		for i, a := range []state.RoleAssignment{
			{RoleID: roleID(t, "Owner"), Scope: sub, PrincipalID: me},
			{RoleID: roleID(t, "Reader"), Scope: one, PrincipalID: me},
			{RoleID: roleID(t, "AcrPull"), Scope: one, PrincipalID: me},
			{RoleID: roleID(t, "Storage Blob Data Reader"), Scope: files, PrincipalID: me, Condition: "(true)"},
			{RoleID: roleID(t, "Contributor"), Scope: one, PrincipalID: team},
			{RoleID: roleID(t, "Owner"), Scope: sub, PrincipalID: you},
		} {
			a.ID = fmt.Sprintf("assignment-%d", i)
			tx.Assignments.Put(a)
		}
	})
	plan, err := Of([]journal.Entry{did(me, readGroup, one), did(me, readBlob, files), byAccessPolicy(did(me, "secrets/get", byPolicy))}, s, now, Options{})
	if err != nil {
		t.Fatal(err)
	}
	p := plan.Principals[0]
	var got []string
	for _, h := range p.Surplus {
		got = append(got, fmt.Sprintf("%s %s %v %s", h.ID, h.Role, h.Wider, h.Group))
	}
	want := []string{"assignment-0 Owner true ", "assignment-2 AcrPull false ", "assignment-4 Contributor true " + team, "assignment-3 Storage Blob Data Reader true "}
	if !slices.Equal(got, want) {
		t.Errorf("surplus %q\nwant    %q", got, want)
	}
	if !p.Assignments[0].There || p.Assignments[1].There {
		t.Errorf("%+v", p.Assignments)
	}
	if got := strings.Join(p.Policies[0].Surplus, " "); got != "keys/get secrets/backup secrets/delete secrets/list secrets/purge secrets/recover secrets/restore secrets/set" {
		t.Errorf("surplus permissions: %s", got)
	}
	// The world is as it was.
	s.View(func(tx *state.Tx) {
		if tx.Assignments.Len() != 6 || len(tx.GroupsOf(me)) != 1 {
			t.Error("the world was changed")
		}
	})
}

func TestNotes(t *testing.T) {
	list := journal.Entry{Principal: me, Plane: "arm", Method: "GET", Status: 200, Operation: "ResourceGroups_List"}
	plan, err := Of([]journal.Entry{
		list, did("gone", readGroup, one), did(me, getSecret, byPolicy+"/secrets/pass"), byAccessPolicy(did(me, "secrets/get", byPolicy+"x")),
	}, newWorld(t), now, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"The vault bypolicy decides by access policies now", "The vault of " + byPolicy + "x is gone", "gone did something", "machine/vm asked for ResourceGroups_List"} {
		if i >= len(plan.Notes) || !strings.HasPrefix(plan.Notes[i], want) {
			t.Errorf("note %d: want %q in %q", i, want, plan.Notes)
		}
	}
}

func TestOptionsThatMeanNothing(t *testing.T) {
	for _, merge := range []int{1, -1} {
		if _, err := Of(nil, newWorld(t), now, Options{Merge: merge}); !errors.Is(err, ErrOptions) {
			t.Errorf("merge %d: %v", merge, err)
		}
	}
	if _, err := (&Plan{}).Text("yaml"); !errors.Is(err, ErrOptions) {
		t.Errorf("%v", err)
	}
}

// A plan that is wrong does not get through: the proof fails.
func TestProve(t *testing.T) {
	entries := []journal.Entry{did(me, readGroup, one), did(me, readBlob, files), byAccessPolicy(did(me, "secrets/get", byPolicy))}
	for name, spoil := range map[string]func(p *Principal){
		"":                     func(*Principal) {},
		"machine/vm may not":   func(p *Principal) { p.Assignments = p.Assignments[1:] },
		"machine/vm may not d": func(p *Principal) { p.Policies = nil },
		"does not need Reader": func(p *Principal) {
			p.Assignments = append(p.Assignments, Assignment{Role: "Reader", RoleID: roleID(t, "Reader"), Scope: account})
		},
		"does not need secrets/set": func(p *Principal) { p.Policies[0].Secrets = append(p.Policies[0].Secrets, "set") },
	} {
		s := newWorld(t)
		plan, err := Of(entries, s, now, Options{})
		if err != nil {
			t.Fatal(err)
		}
		spoil(&plan.Principals[0])
		_, err = prove(s, &plan)
		if name == "" && err != nil || name != "" && (!errors.Is(err, ErrProof) || !strings.Contains(err.Error(), name)) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
