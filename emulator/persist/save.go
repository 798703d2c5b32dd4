package persist

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/linarite/linarite/emulator/state"
)

// Names in a saved folder.
const (
	stateFile  = "state.yaml"
	blobFolder = "blobs"
	// tempPrefix begins the names of files that are being written.
	tempPrefix = ".saving-"
)

// Save writes a world to a folder, which is made if it is not there, and otherwise must be
// empty or hold a saved world, which is replaced. state.yaml names all that belongs to a
// state and is put in its place last, in one step: whatever happens before, the folder
// still holds the state it held.
func Save(dir string, w World, tx *state.Tx) error {
	if err := mayHold(dir); err != nil {
		return err
	}
	blobs := filepath.Join(dir, blobFolder)
	if err := os.MkdirAll(blobs, 0o700); err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	s := saver{blobs: blobs, written: map[sum]bool{}}
	data, err := s.state(w, tx)
	if err == nil {
		err = syncFolder(blobs)
	}
	if err == nil {
		err = writeFile(filepath.Join(dir, stateFile), data)
	}
	if err != nil {
		for _, path := range s.fresh {
			_ = os.Remove(path) // the state that is there does without
		}
		return fmt.Errorf("saving the state: %w", err)
	}
	if err := errors.Join(syncFolder(dir), syncFolder(filepath.Dir(filepath.Clean(dir)))); err != nil { // or a new folder could be lost with its name
		return fmt.Errorf("saving the state: %w", err)
	}
	return s.sweep(dir)
}

// mayHold refuses a folder that holds something else than a state.
func mayHold(dir string) error {
	head, err := readFile(filepath.Join(dir, stateFile))
	if err == nil {
		if !bytes.Contains(head, []byte("schema: "+schemaPrefix)) {
			return fmt.Errorf("%s is no state of Linarite's: save into another folder", filepath.Join(dir, stateFile))
		}
		return nil
	}
	entries, listing := os.ReadDir(dir)
	if errors.Is(listing, fs.ErrNotExist) {
		return nil
	}
	if listing != nil {
		return listing
	}
	for _, e := range entries {
		if e.Name() != blobFolder && !strings.HasPrefix(e.Name(), tempPrefix) {
			return fmt.Errorf("%s holds %s and no state: save into an empty folder, or one that is not there yet", dir, e.Name())
		}
	}
	return nil
}

// saver writes one state.
type saver struct {
	blobs   string
	written map[sum]bool
	// fresh are the files that were not there before.
	fresh []string
}

const stateHead = `# A world of Linarite, saved. Content is in blobs/, by its SHA-256 sum. This file holds keys and secrets.
# linarite serve --data keeps a world by itself; this folder is a copy. See docs/state.md.
`

// state writes the blobs, and returns the text of state.yaml.
func (s *saver) state(w World, tx *state.Tx) ([]byte, error) {
	e := encoder{newShape(types()...), s.put}
	var b bytes.Buffer
	b.WriteString(stateHead + "schema: " + Schema + "\n")
	for _, part := range []struct {
		key   string
		value any
	}{{worldKey, w}, {switchesKey, tx.Switches()}, {stampsKey, tx.Stamps()}} {
		n, err := e.encode(reflect.ValueOf(part.value))
		if err != nil {
			return nil, err
		}
		if n != nil {
			b.WriteString(part.key + ":\n  ")
			writeYAML(&b, n, 2)
		}
	}
	for _, t := range tx.Tables() {
		if t.Len() > 0 {
			b.WriteString(t.Name() + ":\n")
		}
		for _, row := range t.Rows() {
			n, err := e.encode(reflect.ValueOf(row))
			if err != nil {
				return nil, err
			}
			if n == nil {
				n = &node{kind: mapping}
			}
			writeYAML(&b, &node{kind: list, items: []*node{n}}, 0)
		}
	}
	return b.Bytes(), nil
}

// put writes a chunk, once.
func (s *saver) put(chunk []byte) (sum, error) {
	name := sum(sha256.Sum256(chunk))
	if s.written[name] {
		return name, nil
	}
	path := filepath.Join(s.blobs, name.String())
	if _, err := readBlob(path, name); err != nil { // not there from a save before, or spoilt
		if err := writeFile(path, chunk); err != nil {
			return name, err
		}
		s.fresh = append(s.fresh, path)
	}
	s.written[name] = true
	return name, nil
}

// sweep removes what no state refers to: blobs of the state before, and what a save that
// was interrupted left behind.
func (s *saver) sweep(dir string) error {
	for _, folder := range []string{dir, s.blobs} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return fmt.Errorf("the state is saved, but tidying up failed: %w", err)
		}
		for _, e := range entries {
			raw, err := hex.DecodeString(e.Name())
			stale := folder == s.blobs && err == nil && len(raw) == len(sum{}) && !s.written[sum(raw)]
			if !stale && !strings.HasPrefix(e.Name(), tempPrefix) {
				continue
			}
			if err := os.Remove(filepath.Join(folder, e.Name())); err != nil {
				return fmt.Errorf("the state is saved, but tidying up failed: %w", err)
			}
		}
	}
	return nil
}

// writeFile puts a file in its place in one step, once it is on the disk. Only its owner
// may read it: a state holds secrets.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), tempPrefix+"*") // mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
