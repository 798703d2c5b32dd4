package truststore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// A Machine is what plans are made for and done on.
type Machine interface {
	// OS is the operating system, by Go's name.
	OS() string
	// Getenv reads the environment.
	Getenv(name string) string
	// IsRoot tells whether steps that need the administrator can be done as they are.
	IsRoot() bool
	// ReadFile and Glob look at files, Writable tells whether this user may change one.
	ReadFile(path string) ([]byte, error)
	Glob(pattern string) []string
	Writable(path string) bool
	// LookPath finds a program.
	LookPath(name string) (string, error)
	// Run runs a program and returns what it said; the error has its complaint.
	Run(ctx context.Context, args []string) ([]byte, error)
}

// ThisMachine is the one the program runs on.
func ThisMachine() Machine { return thisMachine{} }

type thisMachine struct{}

func (thisMachine) OS() string                           { return runtime.GOOS }
func (thisMachine) Getenv(name string) string            { return os.Getenv(name) }
func (thisMachine) IsRoot() bool                         { return os.Geteuid() == 0 }
func (thisMachine) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) }
func (thisMachine) LookPath(name string) (string, error) { return exec.LookPath(name) }

func (thisMachine) Glob(pattern string) []string {
	found, _ := filepath.Glob(pattern) // fails for a bad pattern alone
	return found
}

func (thisMachine) Writable(path string) bool {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

func (thisMachine) Run(ctx context.Context, args []string) ([]byte, error) {
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		said := strings.TrimSpace(complaint.String())
		if said == "" {
			said = strings.TrimSpace(out.String())
		}
		err = fmt.Errorf("%w: %s", err, said)
	}
	return out.Bytes(), err
}
