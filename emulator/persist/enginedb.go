package persist

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"reflect"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// What the database consists of: a bucket of facts, a bucket of chunks by their sums, and a
// bucket for each table. A record is the CRC-32C of its JSON, then the JSON.
const (
	factsBucket = "facts"
	blobsBucket = "blobs"
	tablePrefix = "table "

	// keyPrefix begins the keys of rows: the database has no empty keys.
	keyPrefix = '='

	schemaFact = "schema"
	serialFact = "serial"
)

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) } // made once by package crc32

// record is the form of a node in the database.
func record(n *node) []byte {
	b := appendJSON(make([]byte, 4, 512), n)
	binary.BigEndian.PutUint32(b, crc32.Checksum(b[4:], castagnoli()))
	return b
}

func readRecord(b []byte) (*node, error) {
	if len(b) < 4 || binary.BigEndian.Uint32(b) != crc32.Checksum(b[4:], castagnoli()) {
		return nil, errors.New("a record does not have the checksum that it was written with")
	}
	return parseJSON(b[4:])
}

// guard runs read with panics, and reads beyond what is there, made errors: the library
// trusts the pages that it finds.
func guard(read func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return read()
}

// Load reads the world that the folder has, nil for none. What is wrong with it is an
// *InvalidError.
func (e *Engine) Load() (*Saved, error) { return e.load(version, steps()) }

func (e *Engine) load(current int, all []step) (*Saved, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var saved *Saved
	var foreign error
	err := guard(func() error {
		return e.db.View(func(tx *bbolt.Tx) error {
			facts := tx.Bucket([]byte(factsBucket))
			if facts == nil {
				return nil
			}
			chain, err := upgrade(string(facts.Get([]byte(schemaFact))), current, all)
			if err != nil {
				foreign = &InvalidError{File: e.path, What: err.Error()}
				return foreign
			}
			if v := facts.Get([]byte(serialFact)); len(v) == 8 {
				e.serial = binary.BigEndian.Uint64(v)
			}
			r := reader{tx: tx, engine: e, chain: chain, chunks: map[sum][]byte{}, sums: map[chunkID]sum{}}
			saved, err = r.read()
			e.outdated = len(chain) > 0
			return err
		})
	})
	switch {
	case foreign != nil:
		return nil, foreign
	case err != nil:
		return nil, spoilt(e.path, err)
	}
	if saved != nil {
		return saved, e.tidy()
	}
	return nil, nil
}

// reader reads a whole database.
type reader struct {
	tx     *bbolt.Tx
	engine *Engine
	chain  []step
	// chunks are those read so far; sums are theirs.
	chunks map[sum][]byte
	sums   map[chunkID]sum
}

func (r *reader) read() (*Saved, error) {
	e := r.engine
	b := &builder{decoder: decoder{e.shape, r.chunk}, upgrade: r.chain}
	b.row = r.use
	saved, err := b.build(func() error {
		facts := r.tx.Bucket([]byte(factsBucket))
		for _, name := range []string{worldKey, switchesKey, stampsKey} {
			if err := r.add(b, name, facts.Get([]byte(name))); err != nil {
				return err
			}
		}
		return r.tx.ForEach(func(name []byte, rows *bbolt.Bucket) error {
			if len(name) <= len(tablePrefix) || string(name[:len(tablePrefix)]) != tablePrefix {
				return nil
			}
			table := renamed(string(name[len(tablePrefix):]), r.chain)
			return rows.ForEach(func(_, v []byte) error { return r.add(b, table, v) })
		})
	})
	if err != nil {
		return nil, err
	}
	return saved, r.stored()
}

func (r *reader) add(b *builder, name string, v []byte) error {
	if v == nil {
		return nil
	}
	n, err := readRecord(v)
	if err == nil {
		err = b.add(name, n)
	}
	if err != nil {
		return fmt.Errorf("in %s: %w", name, err)
	}
	return nil
}

// chunk fetches a chunk, once.
func (r *reader) chunk(name sum) ([]byte, error) {
	if c, ok := r.chunks[name]; ok {
		return c, nil
	}
	v := r.tx.Bucket([]byte(blobsBucket)).Get(name[:])
	if v == nil {
		return nil, fmt.Errorf("the content %s is missing", name)
	}
	c := append(make([]byte, 0, len(v)), v...)
	if sumOf(c) != name {
		return nil, fmt.Errorf("the content %s is not what it was", name)
	}
	if len(c) > 0 {
		r.chunks[name], r.sums[idOf(c)] = c, name
	}
	return c, nil
}

// use notes the chunks of a row that was read.
func (r *reader) use(table, key string, value any) {
	var ids []chunkID
	var sums []sum
	e := encoder{r.engine.shape, func(chunk []byte) (sum, error) {
		id := idOf(chunk)
		ids, sums = append(ids, id), append(sums, r.sums[id])
		return r.sums[id], nil
	}}
	_, _ = e.encode(reflect.ValueOf(value)) // it was decoded, so it can be encoded
	r.engine.pieces.row(rowID{table, key}, ids, sums)
}

// stored notes which content the disk has; what no row has of it are orphans.
func (r *reader) stored() error {
	return r.tx.Bucket([]byte(blobsBucket)).ForEach(func(k, _ []byte) error {
		if len(k) == len(sum{}) {
			r.engine.pieces.stored(sum(k))
		}
		return nil
	})
}
