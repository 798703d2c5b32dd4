package state

// A Keeper makes commits last. Where a store has one, nothing becomes visible that it
// has not kept: what it refuses did not happen.
type Keeper interface {
	// Hold is told of content that a commit is about to bring, before the writers' lock
	// is taken: whatever takes time can be done here. release ends it, the commit made or
	// not; it is nil with an error.
	Hold(Content) (release func(), err error)
	// Keep is called with each commit under the writers' lock, in order, before the
	// commit is published. It must not call the store. An error refuses the commit, and
	// must leave what is kept as it was.
	Keep(Commit) error
}

// NotKeptError tells that a change was refused because it could not be made to last:
// nothing was changed.
type NotKeptError struct{ Err error }

// Error is the keeper's reason.
func (e *NotKeptError) Error() string { return "state: not kept: " + e.Err.Error() }
func (e *NotKeptError) Unwrap() error { return e.Err }

// KeepBy sets the store's keeper. With all, the keeper is given what is there already as
// one commit first; an error, a *NotKeptError, leaves the store without it.
func (s *Store) KeepBy(k Keeper, all bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if all {
		now, log := s.current.Load(), &changeLog{}
		emptyTx().changesTo(now, log)
		if err := k.Keep(Commit{Number: now.commit, Changes: log.changes, Stamps: now.stamps}); err != nil {
			return &NotKeptError{err}
		}
	}
	s.keeper.Store(&k)
	return nil
}

// Hold tells the keeper, where there is one, of content that a commit is about to bring.
// release must be called once the commit is made, or will not be. The error is a
// *NotKeptError.
func (s *Store) Hold(c Content) (release func(), err error) {
	k := s.keeper.Load()
	if k == nil || c.Size == 0 {
		return func() {}, nil
	}
	release, err = (*k).Hold(c)
	if err != nil {
		return nil, &NotKeptError{err}
	}
	return release, nil
}
