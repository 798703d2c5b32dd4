package emulator

import (
	"crypto/sha512"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
)

// The storage account that every storage emulator has, and its public key ("Use the
// Azurite emulator for local Azure Storage development"): clients have it built in as
// UseDevelopmentStorage=true.
const (
	wellKnownAccount = "devstoreaccount1"
	wellKnownKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// addWellKnownAccount puts the well-known account into the world's first group, unless it
// is there, or the world is to have nothing whose secret is public. A world without groups
// has no place for it.
func (e *Emulator) addWellKnownAccount() error {
	if e.options.NoWellKnown {
		return nil
	}
	e.kept.wellKnown.Store(true)
	there := false
	e.world.State.View(func(tx *state.Tx) { there = tx.Accounts.Has(wellKnownAccount) })
	if there {
		return nil
	}
	key1, err := base64.StdEncoding.DecodeString(wellKnownKey)
	if err != nil {
		return fmt.Errorf("the well-known key: %w", err)
	}
	key2 := sha512.Sum512([]byte(wellKnownAccount + "/key2"))
	now := e.world.Clock.Now()
	return keeping(e.world.State.Update(func(tx *state.Tx) error {
		if tx.Accounts.Has(wellKnownAccount) { // made meanwhile
			return nil
		}
		for g := range tx.ResourceGroups.All() {
			tx.Accounts.Put(wellKnown(g, now, key1, key2[:]))
			break
		}
		return nil
	}))
}

func wellKnown(g state.ResourceGroup, now time.Time, key1, key2 []byte) state.StorageAccount {
	a := state.StorageAccount{
		ID:   armid.Resource(g.SubscriptionID, g.Name, "Microsoft.Storage/storageAccounts", wellKnownAccount).String(),
		Name: wellKnownAccount, SubscriptionID: g.SubscriptionID, ResourceGroup: g.Name, Location: g.Location,
		Kind: "StorageV2", SKU: "Standard_LRS", AccessTier: blobstore.Hot, MinimumTLSVersion: "TLS1_2",
		Keys: [2]state.AccountKey{
			{Name: "key1", Value: key1, CreatedAt: now}, {Name: "key2", Value: key2, CreatedAt: now},
		},
		AllowBlobPublicAccess: true, CreatedAt: now,
	}
	blobstore.DefaultProperties(&a)
	return a
}
