package ledger

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Entry is a line of a ledger: something that is about to be made, or is known to be gone.
type Entry struct {
	Run  string    `json:"run"`
	Time time.Time `json:"time"`
	// Kind is storageAccount, vault, identity, roleAssignment, group or container.
	Kind string `json:"kind,omitempty"`
	// ID is the resource id.
	ID   string `json:"id"`
	Gone bool   `json:"gone,omitempty"`
	// At is where it was made, as Ledger.SetPlace was told; "" where nobody said.
	At string `json:"at,omitempty"`
}

// Ledger is a file that covers all that a run may have made: each line is on the disk before the
// request that makes the thing is sent. Runs of one target share a file.
type Ledger struct {
	run string
	now func() time.Time
	at  string

	mu   sync.Mutex
	file *os.File
}

// Open opens a ledger for a run, and makes the file where there is none.
func Open(path, run string, now func() time.Time) (*Ledger, error) {
	file, err := os.OpenFile(filepath.Clean(path), os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	// The end of a line that was cut off would spoil the next one.
	text, err := io.ReadAll(file)
	if err == nil && !isLedger(text) {
		err = fmt.Errorf("%s is not empty and no ledger: name another file", path)
	}
	if whole := bytes.LastIndexByte(text, '\n') + 1; err == nil && whole < len(text) { // else another run may write just now
		err = file.Truncate(int64(whole))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &Ledger{run: run, now: now, file: file}, nil
}

// isLedger tells whether a file may be a ledger, by its beginning: nothing is cut off from any other.
func isLedger(text []byte) bool {
	start := []byte(`{"run":`)
	return bytes.HasPrefix(text, start[:min(len(start), len(text))])
}

// SetPlace says where things are made from now on: what is not there may well be elsewhere.
func (l *Ledger) SetPlace(at string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = at
}

// Making implements suite.Ledger.
func (l *Ledger) Making(kind, id string) error {
	return l.write(Entry{Run: l.run, Time: l.now().UTC(), Kind: kind, ID: id})
}

// Gone implements suite.Ledger.
func (l *Ledger) Gone(id string) error {
	return l.write(Entry{Run: l.run, Time: l.now().UTC(), ID: id, Gone: true})
}

// Close closes the file.
func (l *Ledger) Close() error { return l.file.Close() }

func (l *Ledger) write(e Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.At = l.at
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	if _, err := l.file.Write(append(line, '\n')); err != nil {
		return err
	}
	return l.file.Sync()
}

// Read returns what a ledger says may still exist, the latest first. A last line that was cut
// off is left out: the request that it was to come before was not sent. There is no error for a
// file that does not exist.
func Read(path string) ([]Entry, error) {
	text, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var open []Entry
	complete := text[:bytes.LastIndexByte(text, '\n')+1]
	lines := bufio.NewScanner(bytes.NewReader(complete))
	for number := 1; lines.Scan(); number++ {
		var e Entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, number, err)
		}
		kept := open[:0]
		for _, old := range open {
			if old.ID != e.ID {
				kept = append(kept, old)
			}
		}
		if open = kept; !e.Gone {
			open = append([]Entry{e}, open...)
		}
	}
	return open, lines.Err()
}
