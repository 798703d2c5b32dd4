package blobstore

import (
	"fmt"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

// MaxPolicies is how many stored access policies a container may have.
const MaxPolicies = 5

// Container finds a container, or refuses with ContainerNotFound.
func Container(tx *state.Tx, account, name string) (state.Container, error) {
	c, ok := tx.Containers.Get(state.ContainerKey(account, name))
	if !ok {
		return c, apierr.New(apierr.StorageContainerNotFound)
	}
	return c, nil
}

// CreateContainer makes a container of Account, Name, Public, Metadata and Policies. The
// account's name is in lower case, and there is such an account.
func CreateContainer(tx *state.Tx, c state.Container, now time.Time) (state.Container, error) {
	if !tx.Accounts.Has(c.Account) {
		return c, fmt.Errorf("blobstore: no account %q for container %q", c.Account, c.Name)
	}
	if err := CheckContainerName(c.Name); err != nil {
		return c, err
	}
	if tx.Containers.Has(state.ContainerKey(c.Account, c.Name)) {
		return c, apierr.New(apierr.StorageContainerExists)
	}
	c.Created = stamp(tx, now, time.Time{})
	c.Modified = c.Created
	return c, putContainer(tx, c)
}

// UpdateContainer stores a container that was found and changed, as modified now.
func UpdateContainer(tx *state.Tx, c state.Container, now time.Time) (state.Container, error) {
	c.Modified = stamp(tx, now, c.Modified)
	return c, putContainer(tx, c)
}

// putContainer checks what a container may be like and stores it.
func putContainer(tx *state.Tx, c state.Container) error {
	if err := CheckMetadata(c.Metadata); err != nil {
		return err
	}
	if account, _ := tx.Accounts.Get(c.Account); c.Public != "" && !account.AllowBlobPublicAccess {
		return apierr.New(apierr.StoragePublicAccess)
	}
	tx.Containers.Put(c)
	return nil
}

// DeleteContainer removes a container with all that is in it.
func DeleteContainer(tx *state.Tx, account, name string) {
	tx.Containers.Delete(state.ContainerKey(account, name))
	deleteBlobs(tx, state.ContainerKey(account, name)+"\x00")
}

// DeleteAll removes all containers of an account, for who removes the account.
func DeleteAll(tx *state.Tx, account string) {
	tx.Containers.DeletePrefix(state.ContainerKey(account, ""))
	deleteBlobs(tx, state.ContainerKey(account, ""))
}

func deleteBlobs(tx *state.Tx, prefix string) {
	tx.Blobs.DeletePrefix(prefix)
	tx.Uncommitted.DeletePrefix(prefix)
	tx.Staged.DeletePrefix(prefix)
}

// ListContainers lists at most limit containers of an account whose names begin with
// prefix, from a name on. next is the name that the next page begins with.
func ListContainers(tx *state.Tx, account, prefix, from string, limit int) (page []state.Container, next string) {
	for c := range tx.Containers.From(state.ContainerKey(account, prefix), state.ContainerKey(account, from)) {
		switch {
		case c.Name == "$logs" || c.Name == "$blobchangefeed": // the service's own
		case len(page) == limit:
			return page, c.Name
		default:
			page = append(page, c)
		}
	}
	return page, ""
}
