package blob

import (
	"context"
	"maps"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/clientlib/wire/sign"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// own is a storage account that a spec has for itself: for what would disturb others in the world's.
type own struct {
	t           *suite.T
	name, id    string
	key, second []byte
}

// newAccount makes a storage account with properties beside the usual, and waits until it answers. On a target
// without TLS, and without a Resource Manager, the world's account stands in: a spec that cannot do with that has
// to need arm.storage.
func newAccount(ctx context.Context, t *suite.T, sku string, properties map[string]any) own {
	if plain(t) {
		return own{t: t, name: t.World.Account, key: accountKey(ctx, t)}
	}
	o := own{t: t, name: t.Unique("o")}
	o.id = t.World.GroupID() + "/providers/Microsoft.Storage/storageAccounts/" + o.name
	usual := map[string]any{"supportsHttpsTrafficOnly": true, "allowBlobPublicAccess": true, "allowSharedKeyAccess": true, "minimumTlsVersion": "TLS1_2"}
	t.Put(ctx, "storageAccount", o.id, suite.StorageVersion, map[string]any{
		"location": t.World.Location, "kind": "StorageV2", "sku": map[string]any{"name": sku}, "tags": t.World.Tags(),
		"properties": merge(usual, properties),
	})
	a := t.Send(ctx, t.ARM("POST", o.id+"/listKeys?api-version="+suite.StorageVersion).Text(""))
	t.Require(a, match.Status(200), "the keys of an account of its own")
	o.key, o.second = o.decode(a, "keys.0.value"), o.decode(a, "keys.1.value")
	t.Settle(ctx, "the account "+o.name, func(ctx context.Context) bool {
		a, err := t.Try(ctx, o.keyed("GET", "/?comp=list"))
		return err == nil && a.Status == 200
	})
	return o
}

func (o own) decode(a *wire.Answer, member string) []byte {
	text := match.Text(a, member)
	o.t.Hide(text)
	key, err := sign.DecodeKey(text)
	if err != nil {
		o.t.Broken("the keys of an account of its own: %v", err)
	}
	return key
}

// at is a request to an endpoint of the account, without a credential.
func (o own) at(base, method, path string) *suite.Request {
	r := &suite.Request{Request: wire.Request{Method: method, URL: base + path}}
	return r.Set("x-ms-version", o.t.Env.Target.Versions.Blob)
}

// request asks the account without a credential, with TLS or without.
func (o own) request(scheme, method, path string) *suite.Request {
	base := o.t.Cloud.Blob(o.name)
	if o.id == "" {
		base = o.t.World.Blob
	}
	return o.at(scheme+base[strings.Index(base, "://"):], method, path)
}

// keyed asks it by its first key.
func (o own) keyed(method, path string) *suite.Request {
	return o.signed(o.request("https", method, path))
}

// signed signs a request by the account's first key.
func (o own) signed(r *suite.Request) *suite.Request {
	return r.Authorize(func(_ context.Context, w *wire.Request) error {
		sign.SharedKey(w, o.name, o.key, o.t.Now())
		return nil
	})
}

// merge is two maps in one; the second's values count.
func merge(a, b map[string]any) map[string]any {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}
