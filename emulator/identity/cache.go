package identity

import (
	"strings"
	"sync"
)

// generation is how many verified tokens one generation of the cache holds.
const generation = 2048

// verifiedCache remembers tokens whose signature was good, so that a token is verified
// once however often it is used. Two generations bound it: what is used moves to the
// young one, what is not falls out with the old one.
type verifiedCache struct {
	mu         sync.Mutex
	young, old map[string]*claims
}

func newVerifiedCache() *verifiedCache {
	c := &verifiedCache{}
	c.clear()
	return c
}

func (v *verifiedCache) get(raw string) (*claims, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c, ok := v.young[raw]; ok {
		return c, true
	}
	c, ok := v.old[raw]
	if ok {
		v.add(raw, c)
	}
	return c, ok
}

func (v *verifiedCache) put(raw string, c *claims) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.add(raw, c)
}

func (v *verifiedCache) add(raw string, c *claims) {
	if len(v.young) >= generation {
		v.old, v.young = v.young, make(map[string]*claims)
	}
	v.young[strings.Clone(raw)] = c // raw holds on to all the headers of its request
}

func (v *verifiedCache) clear() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.young, v.old = make(map[string]*claims), nil
}
