package persist

import (
	"crypto/sha256"
	"maps"
)

// chunkID tells chunks in memory apart. What refers to one keeps it there, so no other can
// come to lie at its place.
type chunkID struct {
	at *byte
	n  int
}

func idOf(chunk []byte) chunkID { return chunkID{&chunk[0], len(chunk)} }

func sumOf(chunk []byte) sum { return sha256.Sum256(chunk) }

// piece is a chunk in memory: what it sums to, and how many rows and holds have it.
type piece struct {
	sum  sum
	uses int
}

// blob is what the chunks of one sum are to the disk: its content is there once.
type blob struct {
	// uses are those of all pieces of the sum.
	uses   int
	stored bool
}

// pieces knows which content the disk has, and who needs it. The sum of a chunk is worked
// out once, however many blobs, blocks and commits the chunk goes through.
type pieces struct {
	known map[chunkID]*piece
	blobs map[sum]*blob
	// rows are the chunks that each row of a table has; rows without are left out.
	rows map[rowID][]chunkID
	// orphans are stored and in no use: the next transaction removes them.
	orphans map[sum]bool
}

type rowID struct{ table, key string }

func newPieces() pieces {
	return pieces{map[chunkID]*piece{}, map[sum]*blob{}, map[rowID][]chunkID{}, map[sum]bool{}}
}

// blob returns what is known of a sum.
func (p *pieces) blob(s sum) *blob {
	b, ok := p.blobs[s]
	if !ok {
		b = &blob{}
		p.blobs[s] = b
	}
	return b
}

// isStored tells whether the disk has the content of a sum.
func (p *pieces) isStored(s sum) bool {
	b, ok := p.blobs[s]
	return ok && b.stored
}

// stored notes that the disk has it.
func (p *pieces) stored(s sum) {
	b := p.blob(s)
	if b.stored = true; b.uses == 0 {
		p.orphans[s] = true
	}
}

// removed notes that the disk has what were orphans no more.
func (p *pieces) removed(gone []sum) {
	for _, s := range gone {
		delete(p.orphans, s)
		if b := p.blobs[s]; b.uses > 0 {
			b.stored = false
		} else {
			delete(p.blobs, s)
		}
	}
}

// garbage lists the orphans.
func (p *pieces) garbage() []sum {
	all := make([]sum, 0, len(p.orphans))
	for s := range maps.Keys(p.orphans) {
		all = append(all, s)
	}
	return all
}

// take counts one use of a chunk more.
func (p *pieces) take(id chunkID, s sum) {
	known, ok := p.known[id]
	if !ok {
		known = &piece{sum: s}
		p.known[id] = known
	}
	known.uses++
	p.blob(s).uses++
	delete(p.orphans, s)
}

// drop counts one use less.
func (p *pieces) drop(id chunkID) {
	known := p.known[id]
	if known.uses--; known.uses == 0 {
		delete(p.known, id)
	}
	b := p.blobs[known.sum]
	if b.uses--; b.uses > 0 {
		return
	}
	if b.stored {
		p.orphans[known.sum] = true
	} else {
		delete(p.blobs, known.sum)
	}
}

// row says which chunks a row has from now on; what it had before it has no more.
func (p *pieces) row(row rowID, ids []chunkID, sums []sum) {
	before := p.rows[row]
	for i, id := range ids {
		p.take(id, sums[i])
	}
	for _, id := range before {
		p.drop(id)
	}
	if len(ids) > 0 {
		p.rows[row] = ids
	} else {
		delete(p.rows, row)
	}
}
