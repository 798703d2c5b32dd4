package refer_test

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/refer"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/worldfile"
	"github.com/linarite/linarite/fixtures/world"
)

const referred = `schema: linarite/world/1
tenant:
  groups: [{name: team, members: [machine/web]}]
  applications: [{name: app, clientId: 10000000-0000-4000-8000-000000000001}]
subscriptions:
  - id: 20000000-0000-4000-8000-000000000001
    groups:
      - name: One
        machines: [{name: web, identity: {system: true}}, {name: bare}]
        identities: [{name: same-id}]
        storage: [{name: acct, containers: [{name: files}]}]
        vaults: [{name: Vault1}]
      - name: Two
        identities: [{name: same-id}, {name: own-id}]
        storage: [{name: vault1}]
`

func referTo(t *testing.T, use func(tx *state.Tx)) {
	t.Helper()
	file, err := world.Decode("referred.yaml", []byte(referred))
	if err != nil {
		t.Fatal(err)
	}
	if err := state.New().Update(func(tx *state.Tx) error {
		if err := worldfile.Apply(tx, file, worldfile.Options{Cloud: cloud.Public()}); err != nil {
			return err
		}
		use(tx)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestPrincipal(t *testing.T) {
	referTo(t, func(tx *state.Tx) {
		name := func(objectID string) string {
			if g, ok := tx.DirectoryGroups.Get(objectID); ok {
				return "group " + g.Name
			}
			p, _ := tx.Principals.Get(objectID)
			return p.DisplayName
		}
		for ref, want := range map[string]string{
			"machine/web": "web", "machine/WEB": "web", "machine/one/web": "web", "identity/own-id": "own-id", "identity/Two/same-id": "same-id",
			"application/app": "app", "group/team": "group team", "10000000-0000-4000-8000-000000000001": "app",
		} {
			if id, err := refer.Principal(tx, ref); err != nil || name(id) != want {
				t.Errorf("%s: %s %v", ref, name(id), err)
			}
		}
		if id, err := refer.Principal(tx, "30000000-AAAA-4000-8000-000000000001"); err != nil || id != "30000000-aaaa-4000-8000-000000000001" {
			t.Errorf("an object id: %s %v", id, err)
		}
		for ref, part := range map[string]string{
			"machine/web2": "there is no machine \"web2\": the world has web, bare", "machine/bare": "has no identity of its own", "identity/same-id": "there are 2 of the name",
			"user/x": "is no principal: write machine/NAME", "": "is no principal", "group/": "there is no group", "machine": `there is no machine ""`,
		} {
			if id, err := refer.Principal(tx, ref); err == nil || !strings.Contains(err.Error(), part) && !strings.Contains(err.Error(), strings.Replace(part, "web, bare", "bare, web", 1)) {
				t.Errorf("%q: %s %v", ref, id, err)
			}
		}
	})
}

func TestScope(t *testing.T) {
	const sub = "/subscriptions/20000000-0000-4000-8000-000000000001"
	referTo(t, func(tx *state.Tx) {
		for ref, want := range map[string]string{
			"subscription": sub, "one": sub + "/resourceGroups/One", "One/acct": sub + "/resourceGroups/One/providers/Microsoft.Storage/storageAccounts/acct",
			"One/acct/files":         sub + "/resourceGroups/One/providers/Microsoft.Storage/storageAccounts/acct/blobServices/default/containers/files",
			"One/VAULT1/secrets/any": sub + "/resourceGroups/One/providers/Microsoft.KeyVault/vaults/Vault1/secrets/any",
			"One/web":                sub + "/resourceGroups/One/providers/Microsoft.Compute/virtualMachines/web",
			"Two/vault1":             sub + "/resourceGroups/Two/providers/Microsoft.Storage/storageAccounts/vault1",
			"Two/same-id":            sub + "/resourcegroups/Two/providers/Microsoft.ManagedIdentity/userAssignedIdentities/same-id",
			"/":                      "/", sub + "/resourceGroups/other ": sub + "/resourceGroups/other",
		} {
			if got, err := refer.Scope(tx, ref); err != nil || !armid.Equal(got, want) {
				t.Errorf("%s: %s %v", ref, got, err)
			}
		}
		for ref, part := range map[string]string{
			"Three": `there is no resource group "Three": the world has One, Two`, "One/nothing": `there is no resource "nothing"`, "One/acct/a/b": "leads nowhere",
			"One/web/files": "leads nowhere", "One/Vault1/secrets": "leads nowhere", "One/Vault1/things/x": "leads nowhere", "": `there is no resource group ""`, "/subscriptions": "",
		} {
			if got, err := refer.Scope(tx, ref); err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("%q: %s %v", ref, got, err)
			}
		}
	})
}
