package state

import (
	"sync"
	"sync/atomic"
)

// Store is the shared state of one world. It is safe for concurrent use.
type Store struct {
	mu      sync.Mutex // serialises writers, and everything that copies tables
	current atomic.Pointer[Tx]
	keeper  atomic.Pointer[Keeper]
	hooks   []func(Commit)
}

// New makes an empty Store.
func New() *Store {
	s := &Store{}
	s.current.Store(emptyTx())
	return s
}

// Commit is one change of the state.
type Commit struct {
	// Number counts commits from 1 without gaps.
	Number  uint64
	Changes []Change
	// Stamps are the version's stamps: see [Tx.Stamp].
	Stamps Stamps
}

// Change is one value put or deleted.
type Change struct {
	Table   string
	Key     string
	Deleted bool
	value   any
}

// SwitchesTable is what a Change of the switches calls its table; it has no key.
const SwitchesTable = "switches"

// Value is the value put, nil for a deletion. It is shared: nobody may write to what it
// refers to.
func (c Change) Value() any { return c.value }

type changeLog struct{ changes []Change }

func (l *changeLog) add(c Change) { l.changes = append(l.changes, c) }

// View runs read against the current version, without a lock: writers go on
// meanwhile, and read sees none of what they do.
func (s *Store) View(read func(*Tx)) { read(s.current.Load()) }

// Update runs write against a successor of the current version and publishes it
// when write returns nil. An error, which is returned, or a panic publishes nothing; nor
// does a keeper that cannot keep the change: then the error is a *NotKeptError.
// Writers run one at a time: write must not wait for anything.
func (s *Store) Update(write func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := &changeLog{}
	next := s.current.Load().successor(log)
	if err := write(next); err != nil {
		return err
	}
	if len(log.changes) == 0 {
		return nil
	}
	next.commit++
	next.seal()
	return s.publish(next, log)
}

// publish makes a version the current one, if the keeper can keep it.
func (s *Store) publish(next *Tx, log *changeLog) error {
	c := Commit{Number: next.commit, Changes: log.changes, Stamps: next.stamps}
	if k := s.keeper.Load(); k != nil {
		if err := (*k).Keep(c); err != nil {
			return &NotKeptError{err}
		}
	}
	s.current.Store(next)
	for _, hook := range s.hooks {
		hook(c)
	}
	return nil
}

// OnCommit adds a follower, called in commit order by the writer that committed,
// before its Update returns. A follower must not call Update.
func (s *Store) OnCommit(follow func(Commit)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = append(s.hooks, follow)
}

// Snapshot is a version of the state, kept.
type Snapshot struct {
	mu sync.Mutex
	tx *Tx
}

// Snapshot keeps the current version.
func (s *Store) Snapshot() *Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &Snapshot{tx: s.current.Load().detached()}
}

// View runs read against the kept version, without a lock.
func (s *Snapshot) View(read func(*Tx)) { read(s.tx) }

// Restore makes a kept version the current one. Commit numbers go on: a restore is
// not a step back in history, but a commit of all that differs. Where nobody follows, it
// costs the same however much that is. The error is a *NotKeptError.
func (s *Store) Restore(from *Snapshot) error { return s.RestoreWith(from, func() {}) }

// RestoreWith is Restore for a state of which other things are part: place puts them to the
// same instant. It runs under the writers' lock, before anything is kept or seen, and must
// not call the store; where Restore fails the caller puts them back.
func (s *Store) RestoreWith(from *Snapshot, place func()) error {
	from.mu.Lock()
	next := from.tx.detached()
	from.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.current.Load()
	next.commit = old.commit + 1
	log := &changeLog{}
	if s.keeper.Load() != nil || len(s.hooks) > 0 {
		old.changesTo(next, log)
	}
	place()
	return s.publish(next, log)
}

// Fork makes an independent store that begins with the current version. Nobody keeps or
// follows it.
func (s *Store) Fork() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	fork := &Store{}
	fork.current.Store(s.current.Load().detached())
	return fork
}
