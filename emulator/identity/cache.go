package identity

import (
	"crypto/sha256"
	"sync"
)

// generation is how many verified tokens one generation of the cache holds.
const generation = 2048

// verifiedCache remembers tokens whose signature was good, by hash, so that a token
// is verified once however often it is used. Two generations bound it: what is used
// moves to the young one, what is not falls out with the old one.
type verifiedCache struct {
	mu         sync.Mutex
	young, old map[[sha256.Size]byte]*claims
}

func newVerifiedCache() *verifiedCache {
	c := &verifiedCache{}
	c.clear()
	return c
}

func (v *verifiedCache) get(sum [sha256.Size]byte) (*claims, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c, ok := v.young[sum]; ok {
		return c, true
	}
	c, ok := v.old[sum]
	if ok {
		v.add(sum, c)
	}
	return c, ok
}

func (v *verifiedCache) put(sum [sha256.Size]byte, c *claims) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.add(sum, c)
}

func (v *verifiedCache) add(sum [sha256.Size]byte, c *claims) {
	if len(v.young) >= generation {
		v.old, v.young = v.young, make(map[[sha256.Size]byte]*claims)
	}
	v.young[sum] = c
}

func (v *verifiedCache) clear() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.young, v.old = make(map[[sha256.Size]byte]*claims), nil
}
