package identity

import (
	"slices"
	"sync"

	"github.com/linarite/linarite/emulator/ids"
)

// keyring is the keys of one world: which signs, and whose tokens are accepted.
type keyring struct {
	// shared keys are every world's of the process, and the ids of the signing one are this
	// one's alone.
	shared bool
	// neighbours tells that other worlds have the same keys under other ids.
	neighbours bool

	mu sync.RWMutex
	// current are the keys as they are now; the first signs, all are published.
	current []*Key
	// used tells whether the first has signed.
	used bool
	// earlier are the keys under ids that they had before, in this world or in the one it
	// began from.
	earlier []*Key
}

func ownKeys(keys []*Key) *keyring { return &keyring{current: keys} }

func sharedKeys(keys []*Key) *keyring {
	k := &keyring{shared: true, neighbours: true}
	for _, key := range keys {
		k.current = append(k.current, key.numbered(ids.Unique()))
	}
	return k
}

// signing is the key to sign the next token with.
func (k *keyring) signing() *Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.used = true
	return k.current[0]
}

func (k *keyring) published() []*Key {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return slices.Concat(k.current, k.earlier)
}

// find returns the key to verify a token with. Where there are other worlds, one that
// this world does not know by the id may still be the key; own is then false.
func (k *keyring) find(id string) (key *Key, own bool) {
	all := k.published()
	if i := slices.IndexFunc(all, func(key *Key) bool { return key.id == id }); i >= 0 {
		return all[i], true
	}
	if k.neighbours {
		return all[0], false
	}
	return nil, false
}

// turn gives the signing key another id, unless it has not signed under the one it has,
// and returns the key under all ids under which it has signed so far. So the tokens of
// before and after are told apart by their key ids, however the clock stands.
func (k *keyring) turn() []*Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.shared && k.used {
		k.earlier = append(slices.Clip(k.earlier), k.current[0])
		k.current = slices.Concat([]*Key{k.current[0].numbered(ids.Unique())}, k.current[1:])
		k.used = false
	}
	return k.earlier
}

// accept makes tokens good that were signed under these ids.
func (k *keyring) accept(signed []*Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	known := slices.Concat(k.current, k.earlier)
	for _, key := range signed {
		if !slices.ContainsFunc(known, func(other *Key) bool { return other.id == key.id }) {
			k.earlier = append(slices.Clip(k.earlier), key)
		}
	}
}
