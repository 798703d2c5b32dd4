package blob

import (
	"context"
	"encoding/base64"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// own is a storage account that a spec makes for itself: for what would disturb others in the
// world's.
type own struct {
	t    *suite.T
	name string
	key  []byte
}

// newAccount makes a storage account by Resource Manager, which the spec has to need
// (arm.storage), and waits until it answers.
func newAccount(ctx context.Context, t *suite.T, sku string, properties map[string]any) own {
	name := t.Unique("o")
	id := t.World.GroupID() + "/providers/Microsoft.Storage/storageAccounts/" + name
	t.Put(ctx, "storageAccount", id, suite.StorageVersion, map[string]any{
		"location": t.World.Location, "kind": "StorageV2", "sku": map[string]any{"name": sku}, "tags": t.World.Tags(), "properties": properties,
	})
	a := t.Send(ctx, t.ARM("POST", id+"/listKeys?api-version="+suite.StorageVersion).Text(""))
	text := match.Text(a, "keys.0.value")
	t.Hide(text)
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) == 0 {
		t.Broken("no key of the account %s: %d", name, a.Status)
	}
	o := own{t, name, key}
	t.Settle(ctx, "the account "+name, func(ctx context.Context) bool {
		a, err := t.Try(ctx, o.blob("GET", "/?comp=list"))
		return err == nil && a.Status == 200
	})
	return o
}

// blob is a request to the account, signed with its key.
func (o own) blob(method, path string) *suite.Request {
	return o.at(o.t.Cloud.Blob(o.name), method, path)
}

// at is a request to an endpoint of the account.
func (o own) at(base, method, path string) *suite.Request {
	r := &suite.Request{Request: wire.Request{Method: method, URL: base + path}}
	return r.Set("x-ms-version", o.t.Env.Target.Versions.Blob).Authorize(func(_ context.Context, w *wire.Request) error {
		sign.SharedKey(w, o.name, o.key, o.t.Now())
		return nil
	})
}
