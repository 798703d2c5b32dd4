package pki

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// ReadSecret reads a small file that only its owner may read; one that others may read
// is refused, with the command that closes it.
func ReadSecret(path string) ([]byte, error) { return readFile(path, true) }

// CreateSecret makes a file that only its owner may read, and returns what is in it
// then: where another process was faster, what that one wrote.
func CreateSecret(path string, data []byte) ([]byte, error) {
	if err := makeDir(filepath.Dir(path)); err != nil {
		return nil, err
	}
	err := writeFile(path, data, 0o600, os.Link)
	if errors.Is(err, fs.ErrExist) {
		return ReadSecret(path)
	}
	return data, err
}
