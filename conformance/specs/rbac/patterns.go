package rbac

import (
	"context"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// patternSpecs are about what a pattern of a role matches.
func patternSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "RBAC-EVAL-009/star-over-slashes", Title: "lets a star stand for a type of any depth",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				ask := func() *suite.Request {
					return as(t, who, "GET", t.World.GroupID()+identities, suite.IdentityVersion)
				}
				role := t.Role(ctx, map[string][]string{"actions": {"*/read"}})
				opens(ctx, t, "RBAC-EVAL-009", ask, func() { t.Grant(ctx, who, role, t.World.GroupID()) }, 200)
			},
		},
		{
			ID: "RBAC-EVAL-010/whole-action", Title: "does not take a read for the reading of something longer",
			Needs: []string{"vault.secret.list"},
			Run:   wholeAction,
		},
		{
			ID: "RBAC-EVAL-011/letter-case", Title: "matches a pattern in another letter case",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Stranger(ctx)
				ask := func() *suite.Request {
					return as(t, who, "GET", t.World.GroupID()+accounts, suite.StorageVersion)
				}
				role := t.Role(ctx, map[string][]string{"actions": {"MICROSOFT.storage/STORAGEACCOUNTS/Read"}})
				opens(ctx, t, "RBAC-EVAL-011", ask, func() { t.Grant(ctx, who, role, t.World.GroupID()) }, 200)
			},
		},
		{
			ID: "RBAC-EVAL-012/nothing-between", Title: "lets a star between two slashes stand for nothing",
			Run: func(ctx context.Context, t *suite.T) {
				who, other := t.Stranger(ctx), t.Identity(ctx)
				ask := func() *suite.Request { return as(t, who, "GET", other.ID, suite.IdentityVersion) }
				opens(ctx, t, "RBAC-EVAL-012", ask, func() { t.Grant(ctx, who, suite.RoleIdentityOperator, other.ID) }, 200)
			},
		},
	}
}

// wholeAction: …/secrets/readMetadata/action begins as a read does, and is none.
func wholeAction(ctx context.Context, t *suite.T) {
	who, vault := t.Stranger(ctx), t.World.RBACVault
	name, _ := t.SecretIn(ctx, vault, t.Unique("value"))
	role := t.Role(ctx, map[string][]string{"dataActions": {"Microsoft.KeyVault/vaults/secrets/getSecret/action", "Microsoft.KeyVault/vaults/*/read"}})
	t.Grant(ctx, who, role, t.World.VaultID(vault))
	of := func(path string) func() *suite.Request {
		return func() *suite.Request { return t.As(who, t.VaultOf(vault, "GET", "secrets/"+name+path)) }
	}
	shut(ctx, t, "RBAC-EVAL-010", of(""), of("/versions"), func() { t.Grant(ctx, who, suite.RoleVaultReader, t.World.VaultID(vault)) }, 200)
}

// dataSpecs are about data actions, which Blob storage asks for.
func dataSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "RBAC-EVAL-006/data-actions-alone", Title: "gives no data to whom the account's every action is allowed",
			Needs: []string{"blob.auth.bearer", "blob.metadata"},
			Run: func(ctx context.Context, t *suite.T) {
				who, path := t.Stranger(ctx), blob(ctx, t)
				t.Grant(ctx, who, suite.RoleStorageContrib, t.World.AccountID())
				ask := func() *suite.Request {
					return t.As(who, t.Blob("PUT", path+"?comp=metadata").Set("x-ms-meta-a", "b"))
				}
				shut(ctx, t, "RBAC-EVAL-006", keys(t, who), ask, func() { t.Grant(ctx, who, suite.RoleBlobDataContrib, t.World.AccountID()) }, 200)
			},
		},
		{
			ID: "RBAC-EVAL-007/owner", Title: "gives no data to an Owner",
			Needs: []string{"blob.auth.bearer", "blob.tags"},
			Run: func(ctx context.Context, t *suite.T) {
				who, path := t.Stranger(ctx), blob(ctx, t)
				t.Grant(ctx, who, suite.RoleOwner, t.World.AccountID())
				ask := func() *suite.Request { return t.As(who, t.Blob("GET", path+"?comp=tags")) }
				shut(ctx, t, "RBAC-EVAL-007", keys(t, who), ask, func() { t.Grant(ctx, who, suite.RoleBlobDataOwner, t.World.AccountID()) }, 200)
			},
		},
		{
			ID: "RBAC-EVAL-008/not-data-actions", Title: "takes notDataActions away from dataActions",
			Needs: []string{"blob.auth.bearer", "blob.properties"},
			Run: func(ctx context.Context, t *suite.T) {
				who, path := t.Stranger(ctx), blob(ctx, t)
				const blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/"
				role := t.Role(ctx, map[string][]string{"dataActions": {blobs + "*"}, "notDataActions": {blobs + "write"}})
				t.Grant(ctx, who, role, t.World.AccountID())
				read := func() *suite.Request { return t.As(who, t.Blob("GET", path)) }
				ask := func() *suite.Request {
					return t.As(who, t.Blob("PUT", path+"?comp=properties").Set("x-ms-blob-content-language", "la"))
				}
				shut(ctx, t, "RBAC-EVAL-008", read, ask, func() { t.Grant(ctx, who, suite.RoleBlobDataContrib, t.World.AccountID()) }, 200)
			},
		},
	}
}

// blob puts one into a container of its own.
func blob(ctx context.Context, t *suite.T) (path string) {
	path = t.Container(ctx) + "/blob"
	t.PutBlob(ctx, path, "content")
	return path
}

// keys asks for the account's keys: what whoever may act on the account may do.
func keys(t *suite.T, who suite.Who) func() *suite.Request {
	return func() *suite.Request {
		return as(t, who, "POST", t.World.AccountID()+"/listKeys", suite.StorageVersion).Text("")
	}
}

// linkedSpecs are about what a request needs on other resources than its own.
func linkedSpecs() []suite.Spec {
	return []suite.Spec{{
		ID: "RBAC-EVAL-024/assign", Title: "refuses to give a machine an identity to whom the identity is not open",
		Needs: []string{"arm.compute.identity"},
		Run: func(ctx context.Context, t *suite.T) {
			who, other := t.Stranger(ctx), t.Identity(ctx)
			change := func(to any) *suite.Request {
				return t.ARM("PATCH", t.World.Machine+"?api-version="+suite.MachineVersion).JSON(map[string]any{"identity": map[string]any{
					"type": "SystemAssigned, UserAssigned", "userAssignedIdentities": map[string]any{other.ID: to},
				}})
			}
			t.Cleanup(func(ctx context.Context) { t.Until(ctx, 200, func() *suite.Request { return change(nil) }) })
			t.Grant(ctx, who, suite.RoleMachineContrib, t.World.Machine)
			t.Until(ctx, 200, func() *suite.Request { return as(t, who, "GET", t.World.Machine, suite.MachineVersion) })
			ask := func() *suite.Request { return t.As(who, change(map[string]any{})) }
			a := t.Send(ctx, ask())
			for a.Status == 409 { // another change of the machine is under way
				a = t.Until(ctx, 403, ask)
			}
			t.Rule("RBAC-EVAL-024").Expect(a).To(match.Status(403))
			t.Grant(ctx, who, suite.RoleIdentityOperator, other.ID)
			t.Until(ctx, 200, ask)
		},
	}}
}
