package emulator

import (
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
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

// DevAccount is a storage account of storage emulators: without Shared Key nobody could
// use it, so its keys are known beforehand.
type DevAccount struct {
	Name string
	// Key1 and Key2 are the keys themselves, not in base64. Key2 may be nil: then it is
	// made of Key1.
	Key1, Key2 []byte
}

// devAccountName is what an account may be called, as in Azure.
var devAccountName = regexp.MustCompile(`^[a-z0-9]{3,24}$`)

// ParseDevAccounts reads accounts as Azurite's variable AZURITE_ACCOUNTS lists them,
// account1:key1[:key2];account2:key1[:key2];… Keys are base64, whose padding may lack. Errors
// wrap ErrUsage and name no key.
func ParseDevAccounts(text string) ([]DevAccount, error) {
	var all []DevAccount
	for part := range strings.SplitSeq(text, ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		a, err := parseDevAccount(part)
		if err == nil && slices.ContainsFunc(all, func(b DevAccount) bool { return a.Name == b.Name }) {
			err = errors.New("it stands there twice; two keys of one account are written name:key1:key2")
		}
		if err != nil {
			return nil, fmt.Errorf("%w: account %d: %w", ErrUsage, len(all)+1, err)
		}
		all = append(all, a)
	}
	if all == nil {
		return nil, fmt.Errorf("%w: it names no account: want account1:key1[:key2];account2:key1[:key2];…", ErrUsage)
	}
	return all, nil
}

func parseDevAccount(text string) (a DevAccount, err error) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return a, fmt.Errorf("it has %d parts between colons: want name:key1 or name:key1:key2", len(parts))
	}
	if a.Name = parts[0]; !devAccountName.MatchString(a.Name) {
		if len(a.Name) > 24 { // it may be a key
			return a, errors.New("the name, which comes first, is too long: want 3 to 24 lower-case letters and digits")
		}
		return a, fmt.Errorf("name %q: want 3 to 24 lower-case letters and digits", a.Name)
	}
	for n, key := range parts[1:] {
		value, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(key, "="))
		if err != nil || n == 0 && len(value) == 0 {
			return a, fmt.Errorf("%s: key %d is no base64", a.Name, n+1)
		}
		if n == 0 {
			a.Key1 = value
		} else if len(value) > 0 {
			a.Key2 = value
		}
	}
	return a, nil
}

// devAccounts are those of the options, or the one that every storage emulator has.
func (o Options) devAccounts() []DevAccount {
	if o.DevAccounts != nil {
		return o.DevAccounts
	}
	key1, _ := base64.StdEncoding.DecodeString(wellKnownKey) // a constant that decodes
	key2 := sha512.Sum512([]byte(wellKnownAccount + "/key2"))
	return []DevAccount{{wellKnownAccount, key1, key2[:]}}
}

// addDevAccounts puts the accounts of storage emulators into the world, unless the world is
// to have nothing whose secret is public.
func (e *Emulator) addDevAccounts() error {
	if e.options.NoWellKnown {
		return nil
	}
	return e.putDevAccounts(e.kept.devAccounts.CompareAndSwap(false, true))
}

// putDevAccounts puts them into the world's first group. Of an account that is there already,
// the keys that somebody chose become its keys where the world begins: what is loaded later
// has its own.
func (e *Emulator) putDevAccounts(begins bool) error {
	accounts := e.options.devAccounts()
	chosen := begins && e.options.DevAccounts != nil
	there := !chosen
	e.world.State.View(func(tx *state.Tx) {
		for _, a := range accounts {
			there = there && tx.Accounts.Has(a.Name)
		}
	})
	if there {
		return nil
	}
	now := e.world.Clock.Now()
	var homeless error
	err := e.world.State.Update(func(tx *state.Tx) error {
		homeless = placeDevAccounts(tx, accounts, chosen, now)
		return nil
	})
	if chosen && homeless != nil {
		return homeless
	}
	return keeping(err)
}

// placeDevAccounts makes the accounts that are not there. A world without groups has no
// place for any.
func placeDevAccounts(tx *state.Tx, accounts []DevAccount, chosen bool, now time.Time) error {
	for _, d := range accounts {
		a, there := tx.Accounts.Get(d.Name)
		if there && !chosen {
			continue
		}
		if !there {
			var ok bool
			for g := range tx.ResourceGroups.All() {
				a, ok = devAccount(g, d.Name, now), true
				break
			}
			if !ok {
				return fmt.Errorf("%w: the world has no resource group that the storage account %s could be in: add one to the world file", ErrUsage, d.Name)
			}
		}
		a.Keys = d.keys(now)
		tx.Accounts.Put(a)
	}
	return nil
}

// keys are the account's two keys. A second key that nobody chose cannot be guessed by who
// does not know the first.
func (d DevAccount) keys(now time.Time) [2]state.AccountKey {
	key2 := d.Key2
	if key2 == nil {
		sum := sha512.Sum512(append([]byte(d.Name+"/key2/"), d.Key1...))
		key2 = sum[:]
	}
	return [2]state.AccountKey{{Name: "key1", Value: d.Key1, CreatedAt: now}, {Name: "key2", Value: key2, CreatedAt: now}}
}

// devAccount is an account without keys. It is read at its secondary endpoint too, as that
// of other storage emulators.
func devAccount(g state.ResourceGroup, name string, now time.Time) state.StorageAccount {
	a := state.StorageAccount{
		ID:   armid.Resource(g.SubscriptionID, g.Name, "Microsoft.Storage/storageAccounts", name).String(),
		Name: name, SubscriptionID: g.SubscriptionID, ResourceGroup: g.Name, Location: g.Location,
		Kind: "StorageV2", SKU: "Standard_RAGRS", AccessTier: blobstore.Hot, MinimumTLSVersion: "TLS1_2",
		AllowBlobPublicAccess: true, CreatedAt: now,
	}
	blobstore.DefaultProperties(&a)
	return a
}
