package persist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"syscall"

	"go.etcd.io/bbolt"

	"github.com/linarite/linarite/emulator/state"
)

// Begin says where the engine finds the rest of the world, which it writes with each
// commit. It comes before the engine is a keeper.
func (e *Engine) Begin(world func() World) { e.world = world }

// row is a row of a commit in the form of the database.
type row struct {
	id rowID
	// record is nil for a row that is deleted.
	record []byte
	chunks []chunkID
	sums   []sum
}

// batch is what one transaction writes.
type batch struct {
	facts map[string]*node
	rows  []row
	// blobs are chunks that the disk does not have.
	blobs map[sum][]byte
	// afresh removes all rows first.
	afresh bool
}

// Keep writes a commit to the disk, and returns when it is there: see [state.Keeper].
func (e *Engine) Keep(c state.Commit) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	b := batch{facts: map[string]*node{}, blobs: map[sum][]byte{}, afresh: e.outdated}
	if err := e.fact(b, stampsKey, c.Stamps); err != nil {
		return err
	}
	for _, change := range c.Changes {
		if change.Table == state.SwitchesTable {
			if err := e.fact(b, switchesKey, change.Value()); err != nil {
				return err
			}
			continue
		}
		r, err := e.row(b, change)
		if err != nil {
			return fmt.Errorf("%s in %s cannot be kept: %w", change.Key, change.Table, err)
		}
		b.rows = append(b.rows, r)
	}
	if err := e.write(b); err != nil {
		return err
	}
	for _, r := range b.rows {
		e.pieces.row(r.id, r.chunks, r.sums)
	}
	e.outdated = false
	return nil
}

// KeepWorld writes the rest of the world: for what changes without a commit, as the clock
// does.
func (e *Engine) KeepWorld() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.write(batch{facts: map[string]*node{}})
}

func (e *Engine) fact(b batch, name string, value any) error {
	encoder := encoder{shape: e.shape}
	n, err := encoder.encode(reflect.ValueOf(value))
	if n == nil {
		n = &node{kind: mapping}
	}
	b.facts[name] = n
	return err
}

// row makes the row of a change, and puts the chunks that it needs into the batch.
func (e *Engine) row(b batch, change state.Change) (row, error) {
	r := row{id: rowID{change.Table, change.Key}}
	if change.Deleted {
		return r, nil
	}
	encoder := encoder{e.shape, func(chunk []byte) (sum, error) {
		id := idOf(chunk)
		s := e.sum(id, chunk)
		r.chunks, r.sums = append(r.chunks, id), append(r.sums, s)
		if !e.pieces.isStored(s) {
			b.blobs[s] = chunk
		}
		return s, nil
	}}
	n, err := encoder.encode(reflect.ValueOf(change.Value()))
	if err != nil {
		return r, err
	}
	if n == nil {
		n = &node{kind: mapping}
	}
	r.record = record(n)
	return r, nil
}

// sum is the sum of a chunk, worked out only where it is not known.
func (e *Engine) sum(id chunkID, chunk []byte) sum {
	if known, ok := e.pieces.known[id]; ok {
		return known.sum
	}
	return sumOf(chunk)
}

// write makes a transaction of a batch and of what is due with each: the world, the serial
// number, and the removal of content that nobody needs. Its errors are for people.
func (e *Engine) write(b batch) error {
	if e.broken != nil {
		return e.broken
	}
	if err := e.fact(b, worldKey, e.world()); err != nil {
		return err
	}
	needed := map[sum]bool{}
	for _, r := range b.rows {
		for _, s := range r.sums {
			needed[s] = true
		}
	}
	gone := slices.DeleteFunc(e.pieces.garbage(), func(s sum) bool { return needed[s] })
	err := e.transact(func(tx *bbolt.Tx) error { return b.write(tx, e.serial+1, gone) })
	if err != nil {
		return e.failed(err)
	}
	e.serial++
	e.pieces.removed(gone)
	for s := range b.blobs {
		e.pieces.stored(s)
	}
	return nil
}

func (b batch) write(tx *bbolt.Tx, serial uint64, gone []sum) error {
	if b.afresh {
		if err := removeTables(tx); err != nil {
			return err
		}
	}
	facts, err := tx.CreateBucketIfNotExists([]byte(factsBucket))
	if err != nil {
		return err
	}
	blobs, err := tx.CreateBucketIfNotExists([]byte(blobsBucket))
	if err != nil {
		return err
	}
	for name, n := range b.facts {
		if err := facts.Put([]byte(name), record(n)); err != nil {
			return err
		}
	}
	if err := facts.Put([]byte(schemaFact), []byte(Schema)); err != nil {
		return err
	}
	if err := facts.Put([]byte(serialFact), binary.BigEndian.AppendUint64(nil, serial)); err != nil {
		return err
	}
	for _, s := range gone {
		if err := blobs.Delete(s[:]); err != nil {
			return err
		}
	}
	for s, chunk := range b.blobs {
		if err := blobs.Put(s[:], chunk); err != nil {
			return err
		}
	}
	for _, r := range b.rows {
		if err := r.write(tx); err != nil {
			return err
		}
	}
	return nil
}

func (r row) write(tx *bbolt.Tx) error {
	table, err := tx.CreateBucketIfNotExists([]byte(tablePrefix + r.id.table))
	if err != nil {
		return err
	}
	key := append([]byte{keyPrefix}, r.id.key...)
	if r.record == nil {
		return table.Delete(key)
	}
	return table.Put(key, r.record)
}

// removeTables removes the rows of an older schema: all are written anew.
func removeTables(tx *bbolt.Tx) error {
	var names [][]byte
	err := tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
		if len(name) > len(tablePrefix) && string(name[:len(tablePrefix)]) == tablePrefix {
			names = append(names, append([]byte(nil), name...))
		}
		return nil
	})
	for _, name := range names {
		if err == nil {
			err = tx.DeleteBucket(name)
		}
	}
	return err
}

// failed says what became of a transaction that ended with an error. Where it is on the
// disk after all, or nobody knows, nothing more can be written before the world is read
// anew.
func (e *Engine) failed(err error) error {
	var serial uint64
	reading := guard(func() error {
		return e.db.View(func(tx *bbolt.Tx) error {
			if facts := tx.Bucket([]byte(factsBucket)); facts != nil {
				serial = binary.BigEndian.Uint64(facts.Get([]byte(serialFact)))
			}
			return nil
		})
	})
	switch {
	case reading != nil || serial != e.serial:
		e.broken = fmt.Errorf("writing %s failed in a way that leaves open what it holds (%w): end Linarite, see to the disk, and start it again", e.path, err)
		return e.broken
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("the disk that holds %s is full: free some space, then try again", e.path)
	}
	return fmt.Errorf("%s cannot be written: %w", e.path, err)
}
