package arm

import (
	"context"
	"fmt"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// vaultType is the path of vaults below a group.
const vaultType = "/providers/Microsoft.KeyVault/vaults/"

// ofVault is the body that makes a vault; further properties come in pairs.
func ofVault(t *suite.T, more ...any) map[string]any {
	properties := map[string]any{
		"tenantId": t.World.Tenant, "sku": map[string]any{"family": "A", "name": "standard"}, "accessPolicies": []any{},
		"enableRbacAuthorization": false, "softDeleteRetentionInDays": 7,
	}
	for i := 0; i+1 < len(more); i += 2 {
		properties[more[i].(string)] = more[i+1]
	}
	return ofGroup(t, "properties", properties)
}

// ownVault notes a vault that is about to be made; it is deleted and purged when the spec has
// ended, since the names of deleted vaults stay taken.
func ownVault(t *suite.T) (id, name string) {
	name = "lz" + t.Unique("v")
	id = t.World.GroupID() + vaultType + name
	t.Cleanup(func(ctx context.Context) {
		t.Send(ctx, t.ARM("POST", deletedVault(t, name)+"/purge?api-version="+suite.VaultVersion).Text(""))
	})
	t.Owns("vault", id, suite.VaultVersion)
	return id, name
}

func deletedVault(t *suite.T, name string) string {
	return fmt.Sprintf("%s/providers/Microsoft.KeyVault/locations/%s/deletedVaults/%s", t.World.SubscriptionID(), t.World.Location, name)
}

// vaultSpecs are about vaults as resources.
func vaultSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-VAULT-001/life", Title: "makes a vault, changes and deletes it",
			Covers: []string{"ARM-VAULT-002", "ARM-VAULT-003"},
			Run: func(ctx context.Context, t *suite.T) {
				id, name := ownVault(t)
				made := put(ctx, t, id, suite.VaultVersion, ofVault(t))
				t.Rule("ARM-VAULT-001").Expect(made, "a new vault").To(match.Status(200))
				t.Rule("ARM-VAULT-001").Expect(made, "a new vault").To(match.JSON("name", name))
				t.Rule("ARM-VAULT-002").Expect(made).To(match.JSON("properties.provisioningState", "RegisteringDns"))
				t.Rule("ARM-VAULT-002").Expect(made).To(match.JSON("properties.vaultUri", gomega.MatchRegexp(`^https://[^/]+$`)))
				t.Until(ctx, 200, func() *suite.Request { return t.ARM("GET", id+"?api-version="+suite.VaultVersion) })
				t.Rule("ARM-VAULT-001").Expect(put(ctx, t, id, suite.VaultVersion, ofVault(t)), "a vault that is there").To(match.Status(200))
				t.Rule("ARM-VAULT-003").Expect(remove(ctx, t, id, suite.VaultVersion), "a vault").To(match.Status(200))
				t.Rule("ARM-VAULT-003").Expect(remove(ctx, t, id, suite.VaultVersion), "what is not there").To(match.Status(204))
			},
		},
		{
			ID: "ARM-VAULT-004/policies", Title: "adds permissions to a policy, and takes them away",
			Covers: []string{"ARM-VAULT-005"},
			Run:    vaultPolicies,
		},
	}
}

// vaultRefusals are about vaults that cannot be, and who may change what.
func vaultRefusals() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-VAULT-006/taken", Title: "refuses a name that another vault has",
			Subscription: true,
			Run: func(ctx context.Context, t *suite.T) {
				a := put(ctx, t, newGroup(ctx, t)+vaultType+t.World.Vault, suite.VaultVersion, ofVault(t))
				t.Rule("ARM-VAULT-006").Expect(a).To(match.Status(409))
				t.Rule("ARM-VAULT-006").Expect(a).To(match.Code("VaultAlreadyExists"))
				t.Require(get(ctx, t, t.World.VaultID(t.World.Vault), suite.VaultVersion), match.JSON("name", t.World.Vault), "who has the name")
			},
		},
		{
			ID: "ARM-VAULT-007/refusals", Title: "refuses a name and a body that no vault can have",
			Covers: []string{"ARM-VAULT-008", "ARM-VAULT-010"},
			Run: func(ctx context.Context, t *suite.T) {
				a := put(ctx, t, t.World.GroupID()+vaultType+"a--b", suite.VaultVersion, ofVault(t))
				t.Rule("ARM-VAULT-007").Expect(a).To(match.Status(400))
				t.Rule("ARM-VAULT-007").Expect(a).To(match.Code("VaultNameNotValid"))
				// The retention of a vault that is there cannot be changed.
				a = patch(ctx, t, t.World.VaultID(t.World.Vault), suite.VaultVersion, map[string]any{"properties": map[string]any{"softDeleteRetentionInDays": 8}})
				t.Rule("ARM-VAULT-008").Expect(a).To(match.Status(400))
				t.Rule("ARM-VAULT-008").Expect(a).To(match.Code("BadRequest"))
				a = get(ctx, t, deletedVault(t, t.Unique("none")), suite.VaultVersion)
				t.Rule("ARM-VAULT-010").Expect(a).To(match.Status(404))
				t.Rule("ARM-VAULT-010").Expect(a).To(match.Code("ResourceNotFound"))
				t.Require(get(ctx, t, t.World.VaultID(t.World.Vault), suite.VaultVersion), match.JSON("properties.softDeleteRetentionInDays", 7), "the retention")
			},
		},
		{
			ID: "ARM-VAULT-009/permission-model", Title: "lets nobody change who decides in a vault who may not assign roles",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				id, _ := ownVault(t)
				t.Require(put(ctx, t, id, suite.VaultVersion, ofVault(t)), match.Status(gomega.BeElementOf(200, 201)), "a vault")
				change := func(properties map[string]any) func() *suite.Request {
					return func() *suite.Request {
						return as(t, who, "PATCH", id, suite.VaultVersion).JSON(map[string]any{"properties": properties})
					}
				}
				rbac := change(map[string]any{"enableRbacAuthorization": true})
				t.Grant(ctx, who, suite.RoleVaultContributor, id)
				t.Until(ctx, 200, change(map[string]any{"enabledForDeployment": true}))
				t.Rule("ARM-VAULT-009").Expect(t.Send(ctx, rbac())).To(match.Status(403))
				t.Grant(ctx, who, suite.RoleUserAccessAdmin, id)
				t.Until(ctx, 200, rbac)
			},
		},
	}
}

func vaultPolicies(ctx context.Context, t *suite.T) {
	who := t.Identity(ctx)
	id, _ := ownVault(t)
	t.Require(put(ctx, t, id, suite.VaultVersion, ofVault(t)), match.Status(gomega.BeElementOf(200, 201)), "a vault")
	change := func(what string, secrets ...string) {
		a := put(ctx, t, id+"/accessPolicies/"+what, suite.VaultVersion, map[string]any{"properties": map[string]any{"accessPolicies": []any{
			map[string]any{"tenantId": t.World.Tenant, "objectId": who.PrincipalID, "permissions": map[string]any{"secrets": secrets}},
		}}})
		t.Require(a, match.Status(gomega.BeElementOf(200, 201)), what)
	}
	is := func(rule, what string, want ...any) {
		t.Rule(rule).Expect(get(ctx, t, id, suite.VaultVersion), what).To(match.JSON("properties.accessPolicies.0.permissions.secrets", gomega.ConsistOf(want...)))
	}
	change("add", "get", "list")
	is("ARM-VAULT-004", "the first", "get", "list")
	change("add", "list", "set")
	is("ARM-VAULT-004", "united", "get", "list", "set")
	change("remove", "list")
	is("ARM-VAULT-005", "without one", "get", "set")
	change("remove", "get", "set")
	t.Rule("ARM-VAULT-005").Expect(get(ctx, t, id, suite.VaultVersion), "without any").To(match.JSON("properties.accessPolicies", gomega.BeEmpty()))
}
