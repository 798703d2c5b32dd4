package persist

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Load reads a saved folder. What is wrong with it is an *InvalidError.
func Load(dir string) (*Saved, error) { return load(dir, version, steps()) }

// load is Load for a version and its steps.
func load(dir string, current int, all []step) (*Saved, error) {
	path := filepath.Join(dir, stateFile)
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &InvalidError{File: path, What: "there is no such file: name a folder that linarite saved a state to"}
	}
	if err != nil {
		return nil, fmt.Errorf("loading a state: %w", err)
	}
	blobs := folderBlobs{filepath.Join(dir, blobFolder), map[sum][]byte{}}
	b := &builder{decoder: decoder{newShape(types()...), blobs.get}}
	saved, err := b.build(func() error { return b.readState(data, current, all) })
	var p *problem
	if errors.As(err, &p) {
		return nil, &InvalidError{File: path, Line: max(1, p.line), What: p.what}
	}
	return saved, err
}

// readState hands the records of state.yaml to the builder.
func (b *builder) readState(data []byte, current int, all []step) error {
	lines := map[string]int{}
	last := 0
	err := readYAML(data, func(key string, line int, value *node) error {
		if line != last {
			if lines[key] > 0 {
				return &problem{line, fmt.Sprintf("key %q is given twice: it stands on line %d already", key, lines[key])}
			}
			last, lines[key] = line, line
		}
		if key == "schema" {
			var err error
			if b.upgrade, err = upgrade(value.text, current, all); err != nil {
				return wrong(value, "%v", err)
			}
			return nil
		}
		if lines["schema"] == 0 {
			return &problem{line, "the file begins with schema: " + Schema}
		}
		return b.add(renamed(key, b.upgrade), value)
	})
	if err == nil && lines["schema"] == 0 {
		err = &problem{1, "the file is empty: it begins with schema: " + Schema}
	}
	return err
}

// folderBlobs are the blobs of a saved folder, each read once.
type folderBlobs struct {
	dir  string
	read map[sum][]byte
}

func (f folderBlobs) get(name sum) ([]byte, error) {
	if chunk, ok := f.read[name]; ok {
		return chunk, nil
	}
	chunk, err := readBlob(filepath.Join(f.dir, name.String()), name)
	if err == nil {
		f.read[name] = chunk
	}
	return chunk, err
}

// readFile reads a file, and no pipe or device, which may never end.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	return os.ReadFile(path)
}

// readBlob reads a blob, and sees to it that it is the one its name says.
func readBlob(path string, name sum) ([]byte, error) {
	chunk, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the file %s is missing: copy it from where this folder comes from, or remove what refers to it", path)
	}
	if err == nil && sum(sha256.Sum256(chunk)) != name {
		err = fmt.Errorf("the file %s does not have the content that its name, a SHA-256 sum, says: copy it again from where this folder comes from, or remove what refers to it", path)
	}
	return chunk, err
}
