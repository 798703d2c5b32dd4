package state

import (
	"sync"
	"sync/atomic"
)

// Store is the shared state of one world. It is safe for concurrent use.
type Store struct {
	mu      sync.Mutex // serialises writers, and everything that copies tables
	current atomic.Pointer[Tx]
	hooks   []func(Commit)
}

// New makes an empty Store.
func New() *Store {
	s := &Store{}
	s.current.Store(emptyTx())
	return s
}

// Commit is one published change of the state.
type Commit struct {
	// Number counts commits from 1 without gaps.
	Number  uint64
	Changes []Change
}

// Change is one value put or deleted.
type Change struct {
	Table   string
	Key     string
	Deleted bool
	value   any
}

// Value is the value put, nil for a deletion.
func (c Change) Value() any { return c.value }

type changeLog struct{ changes []Change }

func (l *changeLog) add(c Change) { l.changes = append(l.changes, c) }

// View runs read against the current version, without a lock: writers go on
// meanwhile, and read sees none of what they do.
func (s *Store) View(read func(*Tx)) { read(s.current.Load()) }

// Update runs write against a successor of the current version and publishes it
// when write returns nil. An error, which is returned, or a panic publishes nothing.
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
	s.current.Store(next)
	for _, hook := range s.hooks {
		hook(Commit{Number: next.commit, Changes: log.changes})
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
// not a step back in history. Followers are not told; whoever restores tells them.
func (s *Store) Restore(from *Snapshot) {
	from.mu.Lock()
	tx := from.tx.detached()
	from.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	tx.commit = s.current.Load().commit + 1
	s.current.Store(tx)
}

// Fork makes an independent store that begins with the current version.
func (s *Store) Fork() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	fork := &Store{}
	fork.current.Store(s.current.Load().detached())
	return fork
}
