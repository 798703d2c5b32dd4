package worldfile

import (
	"encoding/base64"
	"fmt"
	"maps"
	"slices"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/fixtures/world"
)

// StorageType is the ARM type of storage accounts.
const StorageType = "Microsoft.Storage/storageAccounts"

func (a *applier) account(subscription string, g *world.ResourceGroup, s *world.StorageAccount) error {
	allow := s.AllowSharedKeyAccess
	kept := state.StorageAccount{
		ID: armid.Resource(subscription, g.Name, StorageType, s.Name).String(), Name: s.Name, SubscriptionID: subscription, ResourceGroup: g.Name,
		Location: a.location(g, s.Location), Kind: string(s.Kind), SKU: "Standard_LRS", HTTPSOnly: s.HTTPSOnly, AllowBlobPublicAccess: true,
		MinimumTLSVersion: "TLS1_0", CreatedAt: a.o.Now,
	}
	if !allow {
		kept.AllowSharedKeyAccess = &allow
	}
	if s.Kind != world.StorageV1 {
		kept.AccessTier = "Hot"
	}
	for i, name := range []string{"key1", "key2"} {
		kept.Keys[i] = state.AccountKey{Name: name, Value: ids.NamedBytes(a.tenant, kept.ID, name), CreatedAt: a.o.Now}
		if i < len(s.Keys) {
			value, err := base64.StdEncoding.DecodeString(s.Keys[i])
			if err != nil {
				return at(s.PosOf(fmt.Sprintf("keys[%d]", i)), err)
			}
			kept.Keys[i].Value = value
		}
	}
	blobstore.DefaultProperties(&kept)
	a.tx.Accounts.Put(kept)
	for i := range s.Containers {
		if err := a.container(s.Name, &s.Containers[i]); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) container(account string, c *world.Container) error {
	public := string(c.Public)
	if c.Public == world.PublicNone {
		public = ""
	}
	if _, err := blobstore.CreateContainer(a.tx, state.Container{Account: account, Name: c.Name, Public: public}, a.o.Now); err != nil {
		return at(c.PosOf("name"), err)
	}
	for i := range c.Blobs {
		if err := a.blob(account, c.Name, &c.Blobs[i]); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) blob(account, container string, b *world.Blob) error {
	if b.File != "" && a.o.Files == nil {
		return at(b.PosOf("file"), fmt.Errorf("a world that is not a file has no files beside it: give the blob's text or base64"))
	}
	content, err := b.Open(a.o.Files)
	if err != nil {
		return at(b.PosOf("file"), err)
	}
	body, err := blobstore.Read(content, -1, maxBlob)
	if closing := content.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return at(b.Pos(), err)
	}
	kept := state.Blob{
		Account: account, Container: container, Name: b.Name, Content: body.Content, Tags: maps.Clone(b.Tags),
		ContentHeaders: state.ContentHeaders{ContentType: b.ContentType, MD5: body.MD5},
	}
	for _, name := range slices.Sorted(maps.Keys(b.Metadata)) {
		kept.Metadata = append(kept.Metadata, state.MetadataItem{Name: name, Value: b.Metadata[name]})
	}
	if _, err := blobstore.PutBlob(a.tx, kept, a.o.Now); err != nil {
		return at(b.PosOf("name"), err)
	}
	return nil
}

// maxBlob bounds a blob that a world file names, in bytes.
const maxBlob = 1 << 30
