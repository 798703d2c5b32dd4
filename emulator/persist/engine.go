package persist

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// dataFile is the database in a data folder.
const dataFile = "world.db"

// lockPatience is how long Open waits for a process that is just ending.
const lockPatience = time.Second

// Engine keeps a world in a data folder: it is the keeper of a state.Store. It is safe for
// concurrent use.
type Engine struct {
	path string
	db   *bbolt.DB
	// shape never changes.
	shape shape
	// world tells the rest of the world at any time; see Begin.
	world func() World

	mu sync.Mutex // guards what follows, and serialises writers of the database
	// serial counts the transactions in the database, by which a failed one is found out.
	serial uint64
	// outdated tells that the rows are of an older schema, until all are written anew.
	outdated bool
	// transact runs a function in a transaction that is on the disk when it returns nil.
	transact func(func(*bbolt.Tx) error) error
	// broken is set once what the disk has is not known.
	broken error
	pieces pieces
}

// OpenEngine opens a data folder, and makes it if it is not there. Only one process can
// have it open.
func OpenEngine(dir string) (*Engine, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	path := filepath.Join(dir, dataFile)
	if _, err := os.Stat(filepath.Join(dir, stateFile)); err == nil {
		return nil, &InvalidError{File: dir, What: "this is a saved state, not a data folder: name another folder, and load this one into it"}
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		if err := create(dir, path); err != nil {
			return nil, fmt.Errorf("data folder: %w", err)
		}
	} else if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, &InvalidError{File: path, What: "this is not a regular file"}
	}
	db, err := openDB(path)
	if err != nil {
		return nil, err
	}
	e := &Engine{path: path, db: db, shape: newShape(types()...), pieces: newPieces()}
	e.transact = func(write func(*bbolt.Tx) error) error {
		return guard(func() error { return db.Update(write) })
	}
	return e, nil
}

// create makes an empty database under another name first: whoever is killed meanwhile
// leaves no half of one.
func create(dir, path string) error {
	tmp, err := os.MkdirTemp(dir, tempPrefix+"*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	fresh := filepath.Join(tmp, dataFile)
	db, err := bbolt.Open(fresh, 0o600, nil)
	if err == nil {
		err = db.Close()
	}
	if err == nil {
		err = os.Link(fresh, path) // a rename would take it from another process that is as quick
		if errors.Is(err, fs.ErrExist) {
			return nil
		}
		if err != nil { // no such links on this file system
			err = os.Rename(fresh, path)
		}
	}
	if err != nil {
		return err
	}
	return errors.Join(syncFolder(dir), syncFolder(filepath.Dir(filepath.Clean(dir))))
}

func openDB(path string) (db *bbolt.DB, err error) {
	err = guard(func() error {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockPatience, FreelistType: bbolt.FreelistMapType})
		return err
	})
	perm := new(fs.PathError)
	switch {
	case err == nil:
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s is in use by another process: end that one, or name another folder by --data", path)
	case errors.As(err, &perm):
		return nil, fmt.Errorf("data folder: %w: name another folder by --data", err)
	default:
		return nil, spoilt(path, err)
	}
	if err := whole(db); err != nil {
		_ = db.Close()
		return nil, spoilt(path, err)
	}
	_ = os.Chmod(path, 0o600) // a copy that came with wider rights; what cannot be narrowed works all the same
	return db, nil
}

// whole sees to it that the file has all the pages that it should: to read beyond its end
// would end the process.
func whole(db *bbolt.DB) error {
	return db.View(func(tx *bbolt.Tx) error {
		info, err := os.Stat(db.Path())
		if err == nil && info.Size() < tx.Size() {
			err = fmt.Errorf("it was cut short: it has %d bytes of %d", info.Size(), tx.Size())
		}
		return err
	})
}

// spoilt is the error for a database that is damaged, or not understood.
func spoilt(path string, err error) error {
	return &InvalidError{File: path, What: fmt.Sprintf("the file cannot be read (%v): if another version of Linarite wrote it, use that; else put a copy of it back, or move it away to begin anew with the world file", err)}
}

// Close ends the engine and gives the folder free.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.broken = errors.New("the data folder is closed")
	return e.db.Close()
}

// Outdated tells whether what Load read was of an older schema: then the engine must be
// given all of it, as KeepBy of a state.Store does.
func (e *Engine) Outdated() bool { return e.outdated }

// Path is the path of the database.
func (e *Engine) Path() string { return e.path }
