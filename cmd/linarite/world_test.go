package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A disk that is full leaves no half of a file behind, which the next try would not write over.
func TestWriteNewIsWholeOrNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "my.yaml")
	half := func(w io.Writer) error {
		_, _ = io.WriteString(w, "half")
		return syscall.ENOSPC
	}
	if err := writeNew(path, half); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("a full disk: %v", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a file is there: %v", err)
	}
	whole := func(w io.Writer) error {
		_, err := io.WriteString(w, "whole")
		return err
	}
	if err := writeNew(path, whole); err != nil {
		t.Error(err)
	}
	if err := writeNew(path, half); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file that is there: %v", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "whole" {
		t.Errorf("%q %v", got, err)
	}
}
