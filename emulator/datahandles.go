package emulator

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"iter"
	"net/url"
	"strings"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/blobstore"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/vaultstore"
	"github.com/linarite/linarite/emulator/worldfile"
)

// findByName finds the first thing of a name, without regard to case.
func findByName[V any](all iter.Seq[V], name string, nameOf func(V) string) (V, bool) {
	for v := range all {
		if strings.EqualFold(nameOf(v), name) {
			return v, true
		}
	}
	var none V
	return none, false
}

// StorageAccount is a storage account.
type StorageAccount struct{ resource }

// StorageAccount is the storage account of that name; a new one is of kind StorageV2 and
// wants TLS.
func (e *Emulator) StorageAccount(name string) *StorageAccount {
	e.test.Helper()
	out := &StorageAccount{resource{e: e}}
	e.change(func(tx *state.Tx, add *worldfile.Adder) error {
		a, ok := tx.Accounts.Get(strings.ToLower(name))
		var err error
		if !ok {
			a, err = add.Account(name)
		}
		out.id, out.name = a.ID, a.Name
		return err
	})
	return out
}

// URL is the endpoint of the account's blob service, with a slash at its end.
func (a *StorageAccount) URL() string {
	return "https://" + a.name + ".blob." + a.e.world.Cloud.DNS.Storage + "/"
}

// Key is the account's first key in base64, as clients take it. It is made of names, as in
// a world file: accounts of the same name in other worlds have the same.
func (a *StorageAccount) Key() string {
	var key []byte
	a.e.world.State.View(func(tx *state.Tx) {
		kept, _ := tx.Accounts.Get(a.name)
		key = kept.Keys[0].Value
	})
	return base64.StdEncoding.EncodeToString(key)
}

// ConnectionString is that of the account with its first key.
func (a *StorageAccount) ConnectionString() string {
	return "DefaultEndpointsProtocol=https;AccountName=" + a.name + ";AccountKey=" + a.Key() + ";EndpointSuffix=" + a.e.world.Cloud.DNS.Storage
}

// Container is a blob container.
type Container struct {
	resource
	account *StorageAccount
}

// Container is the container of that name, which nobody may read without authorisation.
func (a *StorageAccount) Container(name string) *Container {
	a.e.test.Helper()
	a.e.change(func(tx *state.Tx, _ *worldfile.Adder) error {
		if tx.Containers.Has(state.ContainerKey(a.name, name)) {
			return nil
		}
		if _, err := blobstore.CreateContainer(tx, state.Container{Account: a.name, Name: name}, a.e.world.Clock.Now()); err != nil {
			return fmt.Errorf("container %q: %w", name, err)
		}
		return nil
	})
	id, err := armid.Parse(a.id)
	a.e.must(err)
	return &Container{resource{a.e, id.Child("blobServices", "default").Child("containers", name).String(), name}, a}
}

// URL is the container's.
func (c *Container) URL() string { return c.account.URL() + c.name }

// BlobURL is that of a blob in the container, be it there or not.
func (c *Container) BlobURL(name string) string {
	return c.URL() + "/" + (&url.URL{Path: name}).EscapedPath()
}

// Upload makes a block blob, or replaces one.
func (c *Container) Upload(name string, content []byte) {
	c.e.test.Helper()
	body := blobstore.BodyOf(bytes.Clone(content))
	c.e.change(func(tx *state.Tx, _ *worldfile.Adder) error {
		b := state.Blob{Account: c.account.name, Container: c.name, Name: name, Content: body.Content, ContentHeaders: state.ContentHeaders{MD5: body.MD5}}
		if _, err := blobstore.PutBlob(tx, b, c.e.world.Clock.Now()); err != nil {
			return fmt.Errorf("blob %q: %w", name, err)
		}
		return nil
	})
}

// Download returns the content of a blob, which must be there.
func (c *Container) Download(name string) []byte {
	c.e.test.Helper()
	var content bytes.Buffer
	var err error
	c.e.world.State.View(func(tx *state.Tx) {
		b, found, _ := blobstore.Blob(tx, c.account.name, c.name, name)
		if !found {
			err = fmt.Errorf("there is no blob %q in %s: it has %s", name, c.name, listOrNone(c.blobs(tx)))
			return
		}
		_, err = b.Content.WriteTo(&content)
	})
	c.e.must(err)
	return content.Bytes()
}

// Blobs lists the names of the blobs in their order.
func (c *Container) Blobs() (names []string) {
	c.e.world.State.View(func(tx *state.Tx) { names = c.blobs(tx) })
	return names
}

func (c *Container) blobs(tx *state.Tx) (names []string) {
	for b := range tx.Blobs.Prefix(state.BlobKey(c.account.name, c.name, "")) {
		names = append(names, b.Name)
	}
	return names
}

func listOrNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// Vault is a key vault.
type Vault struct{ resource }

// Vault is the key vault of that name; in a new one role assignments decide, and what is
// deleted can be recovered.
func (e *Emulator) Vault(name string) *Vault {
	e.test.Helper()
	out := &Vault{resource{e: e}}
	e.change(func(tx *state.Tx, add *worldfile.Adder) error {
		v, ok := tx.Vaults.Get(state.VaultKey(name))
		var err error
		if !ok {
			v, err = add.Vault(name)
		}
		out.id, out.name = v.ID, v.Name
		return err
	})
	return out
}

// URL is the vault's, with a slash at its end.
func (v *Vault) URL() string {
	return "https://" + strings.ToLower(v.name) + "." + v.e.world.Cloud.DNS.Vault + "/"
}

// SetSecret gives a secret a new version, which it returns.
func (v *Vault) SetSecret(name, value string) (version string) {
	v.e.test.Helper()
	version = v.e.world.IDs.Hex(16)
	v.e.change(func(tx *state.Tx, _ *worldfile.Adder) error {
		kept, err := vaultstore.Find(tx, v.name)
		if err == nil {
			_, err = vaultstore.SetSecret(tx, kept, state.Secret{Name: name, Version: version, Value: value, Enabled: true}, v.e.world.Clock.Now())
		}
		if err != nil {
			return fmt.Errorf("secret %q: %w", name, err)
		}
		return nil
	})
	return version
}

// Secret returns the value of the current version of a secret, which must be there.
func (v *Vault) Secret(name string) (value string) {
	v.e.test.Helper()
	var err error
	v.e.world.State.View(func(tx *state.Tx) {
		kept, failed := vaultstore.Find(tx, v.name)
		if err = failed; err != nil {
			return
		}
		s, failed := vaultstore.Secret(tx, kept, name, "")
		if value = s.Value; failed != nil {
			err = fmt.Errorf("there is no secret %q in %s", name, v.name)
		}
	})
	v.e.must(err)
	return value
}
