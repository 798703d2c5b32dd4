package blobstore

import (
	"encoding/base64"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
)

// Limits of block lists, "Put Block" and "Put Block List".
const (
	// MaxBlocks is how many blocks a blob may have.
	MaxBlocks = 50_000
	// maxStaged is how many blocks may wait to be committed.
	maxStaged = 100_000
	// maxBlockID is the length of a block id before base64, in bytes.
	maxBlockID = 64
	// stagedFor is how long blocks wait.
	stagedFor = 7 * 24 * time.Hour
)

// CheckBlockID tells whether a text is the base64 of a block id (BLOB-PUT-012).
func CheckBlockID(id string) error {
	if raw, err := base64.StdEncoding.DecodeString(id); err != nil || len(raw) == 0 || len(raw) > maxBlockID {
		return apierr.New(apierr.StorageBlockID)
	}
	return nil
}

// Staged tells what of a blob waits to be committed.
func Staged(tx *state.Tx, account, container, name string, now time.Time) (state.Uncommitted, bool) {
	u, ok := tx.Uncommitted.Get(state.BlobKey(account, container, name))
	if !ok || !now.Before(u.Touched.Add(stagedFor)) {
		return state.Uncommitted{}, false
	}
	return u, true
}

// StagedBlocks lists the blocks that wait to be committed, in the order of their ids.
func StagedBlocks(tx *state.Tx, account, container, name string, now time.Time) []state.Block {
	if _, ok := Staged(tx, account, container, name, now); !ok {
		return nil
	}
	var out []state.Block
	for b := range tx.Staged.Prefix(state.StagedKey(account, container, name, "")) {
		out = append(out, state.Block{ID: b.ID, Content: b.Content})
	}
	return out
}

// StageBlock keeps a block until it is committed. Ids of one blob have one length
// (BLOB-PUT-011).
func StageBlock(tx *state.Tx, b state.StagedBlock, now time.Time) error {
	if !tx.Containers.Has(state.ContainerKey(b.Account, b.Container)) {
		return apierr.New(apierr.StorageContainerNotFound)
	}
	if err := CheckBlobName(b.Container, b.Name); err != nil {
		return err
	}
	u, ok := Staged(tx, b.Account, b.Container, b.Name, now)
	if !ok {
		dropStaged(tx, b.Account, b.Container, b.Name)
		u = state.Uncommitted{Account: b.Account, Container: b.Container, Name: b.Name, IDLength: len(b.ID), Created: now}
	}
	if len(b.ID) != u.IDLength {
		return apierr.New(apierr.StorageBlockLength)
	}
	if !tx.Staged.Has(state.StagedKey(b.Account, b.Container, b.Name, b.ID)) {
		if u.Blocks == maxStaged {
			return apierr.New(apierr.StorageBlockCount)
		}
		u.Blocks++
	}
	u.Touched = now
	tx.Uncommitted.Put(u)
	tx.Staged.Put(b)
	return nil
}

func dropStaged(tx *state.Tx, account, container, name string) {
	if key := state.BlobKey(account, container, name); tx.Uncommitted.Has(key) {
		tx.Uncommitted.Delete(key)
		tx.Staged.DeletePrefix(state.StagedKey(account, container, name, ""))
	}
}

// Source says where Put Block List looks for a block.
type Source int

// The sources.
const (
	// Latest looks among the staged blocks, then among the committed.
	Latest Source = iota
	// Committed and Uncommitted look in one place.
	Committed
	Uncommitted
)

// BlockRef is one block of a block list.
type BlockRef struct {
	ID   string
	From Source
}

// CommitBlocks makes the blob of the blocks listed: Content and Blocks of b are set, all
// else is as in PutBlob. The other staged blocks are dropped (BLOB-PUT-017).
func CommitBlocks(tx *state.Tx, b state.Blob, list []BlockRef, now time.Time) (state.Blob, error) {
	if len(list) > MaxBlocks {
		return b, apierr.New(apierr.StorageBlockListTooLong)
	}
	old, _ := tx.Blobs.Get(state.BlobKey(b.Account, b.Container, b.Name))
	committed := make(map[string]state.Content, len(old.Blocks))
	for _, block := range old.Blocks {
		committed[block.ID] = block.Content
	}
	_, waiting := Staged(tx, b.Account, b.Container, b.Name, now)
	b.Blocks = make([]state.Block, 0, len(list))
	parts := make([]state.Content, 0, len(list))
	for _, ref := range list {
		var content state.Content
		found := false
		if ref.From != Committed && waiting {
			var staged state.StagedBlock
			staged, found = tx.Staged.Get(state.StagedKey(b.Account, b.Container, b.Name, ref.ID))
			content = staged.Content
		}
		if !found && ref.From != Uncommitted {
			content, found = committed[ref.ID]
		}
		if !found {
			return b, apierr.New(apierr.StorageBlockList)
		}
		b.Blocks = append(b.Blocks, state.Block{ID: ref.ID, Content: content})
		parts = append(parts, content)
	}
	b.Content = state.Concat(parts...)
	return PutBlob(tx, b, now)
}
