package blobstore

import (
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

// DefaultContentType is the type of a blob that was given none.
const DefaultContentType = "application/octet-stream"

// Blob finds a committed blob. It refuses only with ContainerNotFound: found tells whether
// there is a blob, so that conditions can be judged first.
func Blob(tx *state.Tx, account, container, name string) (b state.Blob, found bool, err error) {
	if !tx.Containers.Has(state.ContainerKey(account, container)) {
		return b, false, apierr.New(apierr.StorageContainerNotFound)
	}
	b, found = tx.Blobs.Get(state.BlobKey(account, container, name))
	return b, found, nil
}

// PutBlob makes a blob, or replaces one with all that belongs to it (BLOB-PUT-007). MD5 is
// stored as given: see Body.MD5. The container exists.
func PutBlob(tx *state.Tx, b state.Blob, now time.Time) (state.Blob, error) {
	if err := CheckBlobName(b.Container, b.Name); err != nil {
		return b, err
	}
	if err := CheckMetadata(b.Metadata); err != nil {
		return b, err
	}
	if err := CheckTags(b.Tags); err != nil {
		return b, err
	}
	if !tx.Containers.Has(state.ContainerKey(b.Account, b.Container)) {
		return b, apierr.New(apierr.StorageContainerNotFound)
	}
	if b.ContentType == "" {
		b.ContentType = DefaultContentType
	}
	old, _ := tx.Blobs.Get(state.BlobKey(b.Account, b.Container, b.Name))
	b.Modified = stamp(tx, now, old.Modified)
	b.Created, b.TierChanged = b.Modified, time.Time{}
	if b.Tier != "" {
		b.TierChanged = b.Modified
	}
	dropStaged(tx, b.Account, b.Container, b.Name)
	tx.Blobs.Put(b)
	return b, nil
}

// UpdateBlob stores a blob that was found and changed, as modified now: for properties and
// metadata.
func UpdateBlob(tx *state.Tx, b state.Blob, now time.Time) (state.Blob, error) {
	if err := CheckMetadata(b.Metadata); err != nil {
		return b, err
	}
	b.Modified = stamp(tx, now, b.Modified)
	tx.Blobs.Put(b)
	return b, nil
}

// SetTags replaces the tags of a blob that was found; this is no modification
// (BLOB-COMMON-015).
func SetTags(tx *state.Tx, b state.Blob, tags map[string]string) error {
	if err := CheckTags(tags); err != nil {
		return err
	}
	b.Tags = tags
	tx.Blobs.Put(b)
	return nil
}

// The access tiers of block blobs.
const (
	Hot     = "Hot"
	Cool    = "Cool"
	Cold    = "Cold"
	Archive = "Archive"
)

// IsTier tells whether a block blob can have the tier.
func IsTier(name string) bool {
	return name == Hot || name == Cool || name == Cold || name == Archive
}

// SetTier sets the tier of a blob that was found; this is no modification. woken tells
// that the blob comes back from the archive: here at once, where the service takes hours.
func SetTier(tx *state.Tx, b state.Blob, tier string, now time.Time) (woken bool) {
	woken = b.Tier == Archive && tier != Archive
	b.Tier, b.TierChanged = tier, now
	tx.Blobs.Put(b)
	return woken
}

// DeleteBlob removes a blob that was found, with its staged blocks.
func DeleteBlob(tx *state.Tx, account, container, name string) {
	tx.Blobs.Delete(state.BlobKey(account, container, name))
	dropStaged(tx, account, container, name)
}
