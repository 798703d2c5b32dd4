package truststore

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A record is an authority that was put somewhere, and where. It is a folder named by the certificate's SHA-256.
type record struct {
	authority

	dir    string
	stores []Store
}

// The files of a record.
const (
	certFile   = "ca.pem"
	storesFile = "stores.json"
)

func (r *record) places() string {
	var all []string
	for _, s := range r.stores {
		all = append(all, s.Path)
	}
	return strings.Join(all, ", ")
}

func (g *Manager) folder() string { return filepath.Join(g.Home, "trusted") }

// load reads all records, in order of their names.
func (g *Manager) load() ([]*record, error) {
	entries, err := os.ReadDir(g.folder())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var records []*record
	for _, e := range entries {
		r, err := read(filepath.Join(g.folder(), e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // nothing was put anywhere by it yet
		}
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

func read(dir string) (*record, error) {
	r := &record{dir: dir, authority: authority{file: filepath.Join(dir, certFile)}}
	data, err := os.ReadFile(r.file)
	if err != nil {
		return nil, err
	}
	if r.cert, err = parse(data); err != nil {
		return nil, fmt.Errorf("%s: %w: remove the folder it is in, and the certificate from the stores by hand", r.file, err)
	}
	path := filepath.Join(dir, storesFile)
	if data, err = os.ReadFile(path); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &r.stores); err != nil {
		return nil, fmt.Errorf("%s: %w: remove the folder it is in, and the certificate from the stores by hand", path, err)
	}
	return r, nil
}

// recordOf finds or begins the record of an authority.
func (g *Manager) recordOf(cert *x509.Certificate) (*record, error) {
	a := authority{cert: cert}
	dir := filepath.Join(g.folder(), a.sum())
	a.file = filepath.Join(dir, certFile)
	r, err := read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return &record{authority: a, dir: dir}, nil
	}
	return r, err
}

// note adds a store to a record, strike takes one off it; the record goes with its last store.
func (g *Manager) note(r *record, s Store) error {
	if !slices.Contains(r.stores, s) {
		r.stores = append(r.stores, s)
	}
	return g.save(r)
}

func (g *Manager) strike(r *record, s Store) error {
	r.stores = slices.DeleteFunc(r.stores, func(have Store) bool { return have == s })
	if len(r.stores) == 0 && !g.DryRun {
		return os.RemoveAll(r.dir)
	}
	return g.save(r)
}

func (g *Manager) save(r *record) error {
	if g.DryRun {
		return nil
	}
	if err := os.MkdirAll(r.dir, 0o700); err != nil {
		return err
	}
	if err := replace(r.file, encode(r.cert)); err != nil {
		return err
	}
	data, err := json.MarshalIndent(r.stores, "", "  ")
	if err != nil {
		return err
	}
	return replace(filepath.Join(r.dir, storesFile), data)
}

func replace(path string, data []byte) error {
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
