package worldfile_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/worldfile"
	"github.com/linarite/linarite/fixtures/world"
	"github.com/linarite/linarite/fixtures/worlds"
)

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func apply(t *testing.T, text string, o worldfile.Options) (*state.Store, error) {
	t.Helper()
	w, err := world.Decode("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if o.Cloud == nil {
		o.Cloud = cloud.Public()
	}
	o.Now = now
	s := state.New()
	return s, s.Update(func(tx *state.Tx) error { return worldfile.Apply(tx, w, o) })
}

func starter(t *testing.T, name string) string {
	t.Helper()
	data, ok := worlds.Get(name)
	if !ok {
		t.Fatal(name)
	}
	return string(data)
}

func grants(s *state.Store) map[string]bool {
	out := map[string]bool{}
	s.View(func(tx *state.Tx) {
		for a := range tx.Assignments.All() {
			p, _ := tx.Principals.Get(a.PrincipalID)
			out[p.DisplayName+" "+a.RoleID+" "+a.Scope] = true
		}
	})
	return out
}

const (
	sub    = "/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e"
	group  = sub + "/resourceGroups/DevTest"
	reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
)

// The default world, by the names that others rely on.
func TestTutorialWorld(t *testing.T) {
	s, err := apply(t, starter(t, "tutorial"), worldfile.Options{Cloud: cloud.China()})
	if err != nil {
		t.Fatal(err)
	}
	s.View(func(tx *state.Tx) {
		if _, ok := tx.Tenants.Get("aaaabbbb-0000-cccc-1111-dddd2222eeee"); !ok {
			t.Error("no tenant")
		}
		g, ok := tx.ResourceGroups.Get(state.GroupKey("aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e", "devtest"))
		if !ok || g.Location != "chinanorth" || g.Tags != nil {
			t.Errorf("%+v", g)
		}
		vm, ok := tx.Machines.Get(strings.ToLower(group + "/providers/Microsoft.Compute/virtualMachines/tutorial-vm"))
		if !ok || vm.SystemPrincipal == "" || len(vm.UserIdentities) != 1 {
			t.Errorf("%+v", vm)
		}
		set, ok := tx.Machines.Get(strings.ToLower(group + "/providers/Microsoft.Compute/virtualMachineScaleSets/tutorial-vmss"))
		if !ok || set.Instances != 1 || set.SystemPrincipal == "" || set.SystemPrincipal == vm.SystemPrincipal {
			t.Errorf("%+v", set)
		}
		id, ok := tx.Identities.Get(state.ResourceKey(vm.UserIdentities[0]))
		if !ok || id.ClientID != "00001111-aaaa-2222-bbbb-3333cccc4444" || !strings.Contains(id.ID, "/resourcegroups/DevTest/") {
			t.Errorf("%+v", id)
		}
		admin, ok := tx.Applications.Get("11111111-2222-3333-4444-555555555555")
		if !ok || len(admin.Secrets) != 1 || admin.Secrets[0] != "linarite" {
			t.Errorf("%+v", admin)
		}
		if tx.Switches().TokenLife != 24*time.Hour {
			t.Error(tx.Switches())
		}
	})
	got := grants(s)
	for _, want := range []string{
		"tutorial-vm " + reader + " " + group, "tutorial-id " + reader + " " + group, "tutorial-vmss " + reader + " " + group,
		"tutorial-vm 2a2b9908-6ea1-4ae2-8e65-a410df84e7d1 " + group, "tutorial-vm 17d1049b-9a84-46fb-8f53-869881c3d3ab " + group,
		"linarite-admin 8e3af657-a8ff-443c-a75c-2fe8c4bcb635 " + sub, "linarite-admin b7e6dc6d-f1e8-4753-8033-0f276bb0955b " + sub,
	} {
		if !got[want] {
			t.Errorf("no grant %s in %v", want, got)
		}
	}
	if bare, err := apply(t, starter(t, "tutorial"), worldfile.Options{NoWellKnown: true}); err != nil {
		t.Error(err)
	} else {
		bare.View(func(tx *state.Tx) {
			if tx.Applications.Len() != 0 || tx.Assignments.Len() != len(got)-2 {
				t.Errorf("--no-well-known: %d applications, %d assignments", tx.Applications.Len(), tx.Assignments.Len())
			}
		})
	}
}

// A world is the same every time, in every cloud.
func TestIdsAreStable(t *testing.T) {
	principals := func(c *cloud.Cloud) string {
		s, err := apply(t, starter(t, "two-machines"), worldfile.Options{Cloud: c})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		s.View(func(tx *state.Tx) {
			for p := range tx.Principals.All() {
				out = append(out, p.ObjectID, p.AppID)
			}
			for a := range tx.Assignments.All() {
				out = append(out, a.ID)
			}
		})
		return strings.Join(out, " ")
	}
	if first := principals(cloud.Public()); first == "" || first != principals(cloud.USGov()) {
		t.Error("ids differ")
	}
}

// The credentials of an identity and of an application, each with one audience: the cloud's
// where none is given.
func TestFederated(t *testing.T) {
	const trusted = `federated: [{name: one, issuer: "https://a/", subject: s}, {name: two, issuer: "https://a/", subject: S, audience: b}]`
	s, err := apply(t, head+"cloud: china\ntenant: {applications: [{name: app, "+trusted+"}]}\nsubscriptions: [{groups: [{name: g, identities: [{name: one, "+trusted+"}]}]}]\n", worldfile.Options{Cloud: cloud.China()})
	if err != nil {
		t.Fatal(err)
	}
	want := []state.FederatedCredential{
		{Name: "one", Issuer: "https://a/", Subject: "s", Audiences: []string{"api://AzureADTokenExchangeChina"}},
		{Name: "two", Issuer: "https://a/", Subject: "S", Audiences: []string{"b"}},
	}
	s.View(func(tx *state.Tx) {
		for a := range tx.Applications.All() {
			if !reflect.DeepEqual(a.Federated, want) {
				t.Errorf("%+v", a.Federated)
			}
		}
		for i := range tx.Identities.All() {
			if !reflect.DeepEqual(i.Federated, want) {
				t.Errorf("%+v", i.Federated)
			}
		}
	})
}

const head = "schema: linarite/world/1\n"

func TestEverythingResolves(t *testing.T) {
	s, err := apply(t, head+`
tenant:
  groups:
    - {name: team, members: [machine/vm, group/inner]}
    - {name: inner, members: [identity/other, 99999999-9999-9999-9999-999999999999]}
  applications:
    - {name: app, federated: [{name: gha, issuer: "https://token.actions.githubusercontent.com", subject: s}]}
subscriptions:
  - id: aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e
    groups:
      - name: DevTest
        location: westus2
        machines: [{name: vm, kind: appservice, identity: {system: true, user: [other]}}]
        identities: [{name: other}]
        storage: [{name: acct, containers: [{name: files}]}]
        vaults: [{name: kv-one, secrets: [{name: s, value: v}]}]
roles:
  - {name: Peeker, actions: [Microsoft.Resources/*/read]}
grants:
  - {principal: group/team, role: Peeker, scope: subscription}
  - {principal: application/app, role: Reader, scope: DevTest/acct}
  - {principal: application/app, role: Storage Blob Data Reader, scope: DevTest/acct/files}
  - {principal: application/app, role: acdd72a7-3385-48ef-bd42-f606fba81ae7, scope: DevTest/kv-one/secrets/s}
  - {principal: identity/other, role: reader, scope: DevTest/vm}
  - {principal: application/app, role: Reader, scope: DevTest/other}
  - {principal: 88888888-8888-8888-8888-888888888888, role: Reader, scope: /subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourcegroups/DevTest/}
switches: {rolePropagation: 1m, tokenLife: 1h}
`, worldfile.Options{})
	if err != nil {
		t.Fatal(err)
	}
	scopes := map[string]bool{}
	s.View(func(tx *state.Tx) {
		for a := range tx.Assignments.All() {
			scopes[a.Scope] = true
			if !a.EffectiveFrom.IsZero() {
				t.Error("what a world begins with counts at once")
			}
		}
		var team, inner state.DirectoryGroup
		for g := range tx.DirectoryGroups.All() {
			if g.Name == "team" {
				team = g
			} else {
				inner = g
			}
		}
		if len(team.Members) != 2 || team.Members[1] != inner.ID || len(inner.Members) != 2 {
			t.Errorf("%+v %+v", team, inner)
		}
		for r := range tx.Roles.All() {
			if r.AssignableScopes[0] != sub || r.Permissions[0].Actions[0] != "Microsoft.Resources/*/read" {
				t.Errorf("%+v", r)
			}
		}
		for a := range tx.Applications.All() {
			if a.Federated[0].Audiences[0] != "api://AzureADTokenExchange" {
				t.Errorf("%+v", a)
			}
		}
		for g := range tx.ResourceGroups.All() {
			if g.Location != "westus2" {
				t.Error(g.Location)
			}
		}
		if sw := tx.Switches(); sw.RolePropagation != time.Minute || sw.TokenLife != time.Hour {
			t.Error(sw)
		}
	})
	for _, want := range []string{
		sub, group, group + "/providers/Microsoft.Storage/storageAccounts/acct", group + "/providers/Microsoft.Web/sites/vm",
		group + "/providers/Microsoft.Storage/storageAccounts/acct/blobServices/default/containers/files",
		group + "/providers/Microsoft.KeyVault/vaults/kv-one/secrets/s",
		sub + "/resourcegroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/other",
	} {
		if !scopes[want] {
			t.Errorf("no assignment at %s: %v", want, scopes)
		}
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	issuers, set := "issuers:\n  - {url: https://issuer.example.com, ", `{"keys":[{"kty":"RSA","n":"`+strings.Repeat("_", 171)+`","e":"AQAB"}]}`
	base := head + "subscriptions:\n  - groups: [{name: rg, machines: [{name: vm, identity: {system: true}}]}]\n"
	for text, want := range map[string]string{
		head + "subscriptions:\n  - groups: [{name: rg, location: mars}]\n":                         `test.yaml:3:35: the cloud public has no region "mars": it has eastus, `,
		base + "grants:\n  - {principal: machine/vm, role: Raeder, scope: rg}\n":                    `test.yaml:5:35: no role is called "Raeder"`,
		base + "grants:\n  - {principal: machine/vm, role: Reader, scope: /nonsense/x}\n":           `test.yaml:5:`,
		base + "issuers:\n  - {url: https://login.partner.microsoftonline.cn/t/v2.0, jwks: '{}'}\n": `test.yaml:5:11: https://login.partner.microsoftonline.cn/t/v2.0 is Entra ID itself, `,
		base + issuers + `jwks: "{}"}` + "\n":                                                       `test.yaml:5:45: no JSON Web Key Set: it has no key`,
		base + issuers + "file: none.json}\n":                                                       `test.yaml:5:45: open none.json: file does not exist`,
		base + issuers + "file: long.json}\n":                                                       `test.yaml:5:45: too long for a key set`,
	} {
		s, err := apply(t, text, worldfile.Options{Files: fstest.MapFS{"long.json": {Data: append(bytes.Repeat([]byte(" "), 1<<20), set...)}}})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
		s.View(func(tx *state.Tx) {
			if tx.Tenants.Len() != 0 {
				t.Error("a refused file left something behind")
			}
		})
	}
}
