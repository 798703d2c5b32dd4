package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An archive shows names and addresses of a world: nobody else on the machine is to read it.
func TestAnArchiveIsItsOwnersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "world.har")
	if err := writeHAR(nil, path, strings.NewReader("{}")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() != 2 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}
