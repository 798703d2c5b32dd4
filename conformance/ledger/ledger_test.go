package ledger

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T, path, run string) *Ledger {
	t.Helper()
	l, err := Open(path, run, func() time.Time { return time.Unix(1e9, 0) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// left are the ids that a ledger says may exist.
func left(t *testing.T, path string) string {
	t.Helper()
	entries, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.Run+":"+e.ID)
	}
	return strings.Join(ids, " ")
}

func TestLedger(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.jsonl")
	if got := left(t, path); got != "" {
		t.Errorf("%q of a file that is not there", got)
	}
	l := open(t, path, "r1")
	for _, err := range []error{l.Making("vault", "/a"), l.Making("identity", "/b"), l.Gone("/a"), l.Making("vault", "/c")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := left(t, path); got != "r1:/c r1:/b" {
		t.Errorf("%q", got)
	}
	// Killed while it wrote a line: the request was not sent, and the next run goes on.
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = f.WriteString(`{"run":"r1","id":"/d`)
		f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := left(t, path); got != "r1:/c r1:/b" {
		t.Errorf("%q with a line that was cut off", got)
	}
	if err := open(t, path, "r2").Making("vault", "/e"); err != nil {
		t.Fatal(err)
	}
	if got := left(t, path); got != "r2:/e r1:/c r1:/b" {
		t.Errorf("%q", got)
	}
	if err := os.WriteFile(path, []byte("{}\nnonsense\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(path); err == nil || !strings.Contains(err.Error(), "ledger.jsonl:2") {
		t.Error(err)
	}
}

// TestOpenLeavesOthersAlone: a file that is no ledger stays as it is.
func TestOpenLeavesOthersAlone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("mine, without a line's end"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(path, "r", time.Now); err == nil || !strings.Contains(err.Error(), "no ledger") {
		t.Error(err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine, without a line's end" {
		t.Errorf("%q, %v", text, err)
	}
}
