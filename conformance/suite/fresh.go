package suite

import (
	"context"
	"fmt"
	"maps"
)

// NewVault makes a vault for one spec alone, waits until its name leads somewhere, and deletes and
// purges it when the spec has ended. It asks access policies, has none, and keeps what is deleted
// for 7 days; properties change that, where one of nil is left out.
func (t *T) NewVault(ctx context.Context, properties map[string]any) string {
	name := t.Unique("lzv")
	all := map[string]any{"tenantId": t.World.Tenant, "sku": map[string]any{"family": "A", "name": "standard"}, "accessPolicies": []any{},
		"enableRbacAuthorization": false, "enableSoftDelete": true, "softDeleteRetentionInDays": 7}
	maps.Copy(all, properties)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == nil })
	t.Cleanup(func(ctx context.Context) { // names of deleted vaults stay taken until they are purged
		path := fmt.Sprintf("%s/providers/Microsoft.KeyVault/locations/%s/deletedVaults/%s/purge?api-version=%s",
			t.World.SubscriptionID(), t.World.Location, name, VaultVersion)
		t.Send(ctx, t.ARM("POST", path).Text(""))
	})
	t.Put(ctx, "vault", t.World.VaultID(name), VaultVersion, map[string]any{"location": t.World.Location, "tags": t.World.Tags(), "properties": all})
	t.leads(ctx, "the name of a new vault", t.VaultOf(name, "GET", "secrets").Anonymous())
	return name
}

// NewAccount makes a storage account for one spec alone, waits until its name leads somewhere, and
// deletes it when the spec has ended. Its resource id is the one of the world's with its name.
func (t *T) NewAccount(ctx context.Context) string {
	name := t.Unique("lza")
	w := t.World
	w.Account = name
	t.Put(ctx, "storageAccount", w.AccountID(), StorageVersion, map[string]any{
		"location": t.World.Location, "kind": "StorageV2", "sku": map[string]any{"name": "Standard_LRS"}, "tags": t.World.Tags(),
		"properties": map[string]any{"supportsHttpsTrafficOnly": true, "allowSharedKeyAccess": true, "minimumTlsVersion": "TLS1_2"},
	})
	t.leads(ctx, "the name of a new account", request("GET", t.Cloud.Blob(name), "?comp=list").Set("x-ms-version", t.Env.Target.Versions.Blob))
	return name
}

// leads waits until a request has an answer, whichever but an error of the server's: a new name needs a while to be known.
func (t *T) leads(ctx context.Context, what string, r *Request) {
	t.Settle(ctx, what, func(ctx context.Context) bool {
		a, err := t.Try(ctx, r)
		return err == nil && a.Status < 500
	})
}
