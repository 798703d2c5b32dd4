package persist

import (
	"go.etcd.io/bbolt"

	"github.com/linarite/linarite/emulator/state"
)

// Content up to inline bytes is written with its commit; what is larger goes to the disk
// before, in transactions of its own of about batchSize, so that others need not wait.
const (
	inline    = 64 << 10
	batchSize = 4 << 20
)

// Hold works out the sums of content, and writes what is large: see [state.Keeper].
func (e *Engine) Hold(c state.Content) (release func(), err error) {
	ids, sums := e.sums(c)
	e.mu.Lock()
	defer e.mu.Unlock()
	for i, id := range ids {
		e.pieces.take(id, sums[i])
	}
	drop := func() {
		for _, id := range ids {
			e.pieces.drop(id)
		}
	}
	if c.Size > inline {
		if err := e.store(c, sums); err != nil {
			drop()
			return nil, err
		}
	}
	return func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		drop()
	}, nil
}

// sums works out the sums of chunks without the lock, where they are not known.
func (e *Engine) sums(c state.Content) (ids []chunkID, sums []sum) {
	for _, chunk := range c.Chunks {
		if len(chunk) == 0 {
			continue
		}
		id := idOf(chunk)
		e.mu.Lock()
		known, ok := e.pieces.known[id]
		e.mu.Unlock()
		var s sum
		if ok {
			s = known.sum
		} else {
			s = sumOf(chunk)
		}
		ids, sums = append(ids, id), append(sums, s)
	}
	return ids, sums
}

// store writes the chunks that the disk does not have. It lets others write in between:
// what is held stays.
func (e *Engine) store(c state.Content, sums []sum) error {
	blobs, size, next := map[sum][]byte{}, 0, 0
	flush := func() error {
		if len(blobs) == 0 {
			return nil
		}
		if err := e.write(batch{facts: map[string]*node{}, blobs: blobs}); err != nil {
			return err
		}
		blobs, size = map[sum][]byte{}, 0
		e.mu.Unlock()
		e.mu.Lock() //nolint:staticcheck // the others' turn
		return nil
	}
	for _, chunk := range c.Chunks {
		if len(chunk) == 0 {
			continue
		}
		s := sums[next]
		next++
		if e.pieces.isStored(s) {
			continue
		}
		blobs[s] = chunk
		if size += len(chunk); size >= batchSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// tidy removes content that a process which was killed had written for no commit.
func (e *Engine) tidy() error {
	gone := e.pieces.garbage()
	if len(gone) == 0 {
		return nil
	}
	err := e.transact(func(tx *bbolt.Tx) error {
		for _, s := range gone {
			if err := tx.Bucket([]byte(blobsBucket)).Delete(s[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil //nolint:nilerr // on a full disk it waits for the next commit
	}
	e.pieces.removed(gone)
	return nil
}
