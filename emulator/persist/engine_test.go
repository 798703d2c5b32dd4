package persist

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.etcd.io/bbolt"

	"github.com/linarite/linarite/emulator/state"
)

// unpackV1 is a data folder of version 1.
func unpackV1(t *testing.T) string {
	t.Helper()
	f, err := os.Open("testdata/v1/world.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, dataFile), string(data))
	return dir
}

// keptStore is a store with an engine over a folder.
func keptStore(t testing.TB, dir string) (*state.Store, *Engine) {
	t.Helper()
	e := openEngine(t, dir)
	saved, err := e.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := state.New()
	if saved != nil {
		s = saved.State
	}
	e.Begin(func() World { return World{Name: "w", Cloud: "public"} })
	if err := s.KeepBy(e, saved == nil); err != nil {
		t.Fatal(err)
	}
	return s, e
}

func blobOf(name string, content ...string) state.Blob {
	var chunks [][]byte
	for _, c := range content {
		chunks = append(chunks, []byte(c))
	}
	return state.Blob{Account: "a", Container: "c", Name: name, Content: state.NewContent(chunks...)}
}

// putBlob writes a blob as a plane does: held first, then committed.
func putBlob(s *state.Store, b state.Blob) error {
	release, err := s.Hold(b.Content)
	if err != nil {
		return err
	}
	defer release()
	return s.Update(func(tx *state.Tx) error { tx.Blobs.Put(b); return nil })
}

func mustPut(t testing.TB, s *state.Store, b state.Blob) {
	t.Helper()
	if err := putBlob(s, b); err != nil {
		t.Fatal(err)
	}
}

// stored lists the contents that the disk has.
func stored(t testing.TB, e *Engine) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	err := e.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket([]byte(blobsBucket)).ForEach(func(_, v []byte) error { all[string(v)] = true; return nil })
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantStored(t testing.TB, e *Engine, want ...string) {
	t.Helper()
	got := stored(t, e)
	for _, w := range want {
		if !got[w] {
			t.Errorf("%.20q is not on the disk", w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("the disk has %d contents, want %d", len(got), len(want))
	}
}

// Each commit is there when the folder is opened again, in the order they were made.
func TestCommitsLast(t *testing.T) {
	dir := t.TempDir()
	s, e := keptStore(t, dir)
	mustPut(t, s, blobOf("one", "1"))
	mustPut(t, s, blobOf("two", "2", "", "2b"))
	err := s.Update(func(tx *state.Tx) error {
		tx.Blobs.Put(blobOf("one", "later"))
		tx.Blobs.Put(blobOf("gone", "x"))
		tx.Blobs.Delete(state.BlobKey("a", "c", "gone"))
		tx.SetSwitches(state.Switches{EventualDelete: 5})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := rowsOf(s)
	closeEngine(t, e)
	again, e := keptStore(t, dir)
	got := rowsOf(again)
	if len(got) != len(want) || got["switches"] != want["switches"] || got["stamps"] != want["stamps"] {
		t.Errorf("%v, want %v", got, want)
	}
	for name, data := range map[string]string{"one": "later", "two": "22b"} {
		again.View(func(tx *state.Tx) {
			if b, _ := tx.Blobs.Get(state.BlobKey("a", "c", name)); flat(b.Content) != data || b.Content.Size != int64(len(data)) {
				t.Errorf("%s is %q, want %q", name, flat(b.Content), data)
			}
		})
	}
	if e.serial < 4 {
		t.Errorf("transactions are counted from %d again", e.serial)
	}
}

// A restore is kept as any commit is, and so is what comes after it.
func TestRestoreLasts(t *testing.T) {
	dir := t.TempDir()
	s, e := keptStore(t, dir)
	mustPut(t, s, blobOf("one", "1"))
	snap := s.Snapshot()
	mustPut(t, s, blobOf("one", "changed"))
	mustPut(t, s, blobOf("two", "2"))
	if err := s.Restore(snap); err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, blobOf("three", "3"))
	closeEngine(t, e)
	saved := reload(t, dir)
	saved.State.View(func(tx *state.Tx) {
		one, _ := tx.Blobs.Get(state.BlobKey("a", "c", "one"))
		if flat(one.Content) != "1" || tx.Blobs.Len() != 2 || !tx.Blobs.Has(state.BlobKey("a", "c", "three")) {
			t.Errorf("%d blobs, one is %q", tx.Blobs.Len(), flat(one.Content))
		}
	})
}

// Content is on the disk once, as long as a blob or block has it, and not longer.
func TestContentIsStoredOnceAndRemoved(t *testing.T) {
	dir := t.TempDir()
	s, e := keptStore(t, dir)
	big := strings.Repeat("b", inline+1)
	mustPut(t, s, blobOf("one", "same"))
	mustPut(t, s, blobOf("two", "same", big))
	mustPut(t, s, blobOf("three", big))
	wantStored(t, e, "same", big)
	remove := func(names ...string) {
		t.Helper()
		err := s.Update(func(tx *state.Tx) error {
			for _, n := range names {
				tx.Blobs.Delete(state.BlobKey("a", "c", n))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	remove("one", "three")
	for range 3 { // a content that is overwritten with itself all day leaves nothing
		mustPut(t, s, blobOf("two", "same", big))
	}
	wantStored(t, e, "same", big)
	if n := len(e.pieces.known); n != 2 {
		t.Errorf("%d chunks are known, want 2", n)
	}
	remove("two")
	mustPut(t, s, blobOf("last", "last"))
	wantStored(t, e, "last")
	if n := len(e.pieces.known) + len(e.pieces.blobs) + len(e.pieces.rows) + len(e.pieces.orphans); n != 3 {
		t.Errorf("%d things are remembered of one blob, want 3", n)
	}
	// Used again while it waits to be removed, by a new blob and by a restore.
	remove("last")
	mustPut(t, s, blobOf("back", "last"))
	wantStored(t, e, "last")
	snap := s.Snapshot()
	remove("back")
	if err := s.Restore(snap); err != nil {
		t.Fatal(err)
	}
	wantStored(t, e, "last")
	closeEngine(t, e)
	_, e = keptStore(t, dir)
	wantStored(t, e, "last")
}

// Large content that no commit came for is removed: with the next commit, or when the
// folder is opened after a kill.
func TestHeldContentIsRemoved(t *testing.T) {
	dir := t.TempDir()
	s, e := keptStore(t, dir)
	big := strings.Repeat("b", inline+1)
	release, err := s.Hold(blobOf("", big).Content)
	if err != nil {
		t.Fatal(err)
	}
	mustPut(t, s, blobOf("other", "o"))
	wantStored(t, e, "o", big) // still held
	release()
	mustPut(t, s, blobOf("other", "p"))
	wantStored(t, e, "o", "p") // o goes with the next one
	if _, err = s.Hold(blobOf("", big).Content); err != nil {
		t.Fatal(err)
	}
	closeEngine(t, e) // as if killed: never released
	_, e = keptStore(t, dir)
	wantStored(t, e, "p")
}

// Small content waits for its commit, and costs no transaction of its own.
func TestSmallContentGoesWithItsCommit(t *testing.T) {
	s, e := keptStore(t, t.TempDir())
	before := e.serial
	mustPut(t, s, blobOf("one", strings.Repeat("s", inline)))
	if e.serial != before+1 {
		t.Errorf("%d transactions, want 1", e.serial-before)
	}
}

// On a full disk nothing changes, for readers and on the disk; when there is space again,
// all goes on.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	s, e := keptStore(t, dir)
	mustPut(t, s, blobOf("one", "1"))
	transact, followed := e.transact, 0
	s.OnCommit(func(state.Commit) { followed++ })
	full := func(write func(*bbolt.Tx) error) error {
		return transact(func(tx *bbolt.Tx) error {
			if err := write(tx); err != nil {
				return err
			}
			return &os.PathError{Op: "write", Path: e.path, Err: syscall.ENOSPC}
		})
	}
	snap := s.Snapshot()
	mustPut(t, s, blobOf("two", "2"))
	followed = 0
	before := rowsOf(s)
	e.transact = full
	for name, change := range map[string]func() error{
		"small":   func() error { return putBlob(s, blobOf("three", "3")) },
		"large":   func() error { return putBlob(s, blobOf("four", strings.Repeat("4", inline+1))) },
		"restore": func() error { return s.Restore(snap) },
		"delete": func() error {
			return s.Update(func(tx *state.Tx) error { tx.Blobs.Delete(state.BlobKey("a", "c", "one")); return nil })
		},
	} {
		err := change()
		var lost *state.NotKeptError
		if !errors.As(err, &lost) || !strings.Contains(err.Error(), "is full: free some space, then try again") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if got := rowsOf(s); fmt.Sprint(got) != fmt.Sprint(before) || followed != 0 {
		t.Errorf("something changed: %v, want %v; %d commits followed", got, before, followed)
	}
	e.transact = transact
	mustPut(t, s, blobOf("four", strings.Repeat("4", inline+1)))
	mustPut(t, s, blobOf("five", "5"))
	wantStored(t, e, "1", "2", "5", strings.Repeat("4", inline+1))
	if followed != 2 {
		t.Errorf("%d commits followed, want 2", followed)
	}
	closeEngine(t, e)
	reload(t, dir)
}

// Where nobody knows whether a transaction is on the disk, nothing more is written: what is
// served might be another state than the one that is kept.
func TestUnclearFailure(t *testing.T) {
	dir := t.TempDir()
	s, e := keptStore(t, dir)
	transact := e.transact
	e.transact = func(write func(*bbolt.Tx) error) error {
		if err := transact(write); err != nil {
			return err
		}
		return &os.PathError{Op: "fdatasync", Path: e.path, Err: syscall.EIO}
	}
	first := putBlob(s, blobOf("one", "1"))
	e.transact = transact
	second := putBlob(s, blobOf("two", "2"))
	for _, err := range []error{first, second} {
		if err == nil || !strings.Contains(err.Error(), "end Linarite, see to the disk, and start it again") {
			t.Error(err)
		}
	}
	s.View(func(tx *state.Tx) {
		if tx.Blobs.Len() != 0 {
			t.Error("a commit is served that may not be kept")
		}
	})
}

// What cannot be written down is refused, and does no harm.
func TestWhatHasNoForm(t *testing.T) {
	s, e := keptStore(t, t.TempDir())
	bad := blobOf("bad", "b")
	bad.Created = bad.Created.AddDate(12000, 0, 0)
	if err := putBlob(s, bad); err == nil || !strings.Contains(err.Error(), "cannot be kept: the year 12001") {
		t.Error(err)
	}
	mustPut(t, s, blobOf("good", "g"))
	wantStored(t, e, "g")
}

// A folder is one process's.
func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	_, e := keptStore(t, dir)
	_, err := OpenEngine(dir)
	if err == nil || !strings.Contains(err.Error(), "is in use by another process: end that one, or name another folder by --data") {
		t.Fatal(err)
	}
	closeEngine(t, e)
	keptStore(t, dir)
}

func TestClosedEngine(t *testing.T) {
	s, e := keptStore(t, t.TempDir())
	closeEngine(t, e)
	if err := putBlob(s, blobOf("one", "1")); err == nil || !strings.Contains(err.Error(), "closed") {
		t.Error(err)
	}
}

// A saved state is no data folder, and a folder that nobody may write to is said so.
func TestWrongFolders(t *testing.T) {
	if _, err := OpenEngine("testdata/v1"); err == nil || !strings.Contains(err.Error(), "a saved state, not a data folder") {
		t.Error(err)
	}
	file := filepath.Join(t.TempDir(), "file")
	write(t, file, "")
	if _, err := OpenEngine(file); err == nil || !strings.Contains(err.Error(), "data folder: ") {
		t.Error(err)
	}
}

// A database that is not what it was is refused in words, whichever byte is wrong.
func TestDamage(t *testing.T) {
	dir := t.TempDir()
	s, e := keptStore(t, dir)
	for i := range 40 {
		mustPut(t, s, blobOf(fmt.Sprint(i), strings.Repeat(fmt.Sprint(i), 500)))
	}
	closeEngine(t, e)
	whole := read(t, filepath.Join(dir, dataFile))
	open := func(t *testing.T, data string) error {
		t.Helper()
		dir := t.TempDir()
		write(t, filepath.Join(dir, dataFile), data)
		e, err := OpenEngine(dir)
		if err != nil {
			return err
		}
		defer e.Close()
		_, err = e.Load()
		return err
	}
	check := func(t *testing.T, err error) {
		t.Helper()
		var invalid *InvalidError
		if !errors.As(err, &invalid) || !strings.Contains(err.Error(), "world.db: the file cannot be read (") || !strings.Contains(err.Error(), "move it away to begin anew") {
			t.Errorf("%v", err)
		}
	}
	for name, data := range map[string]string{
		"something else": strings.Repeat("something else ", 5000), "a few bytes": "x", "half": whole[:len(whole)/2], "two pages": whole[:2*os.Getpagesize()],
	} {
		t.Run(name, func(t *testing.T) { check(t, open(t, data)) })
	}
	at := bytes.Index([]byte(whole), []byte(`"account":"a"`))
	content := bytes.Index([]byte(whole), []byte("777777777"))
	if at < 0 || content < 0 {
		t.Fatal("nothing to damage was found")
	}
	changed := func(old, with string) string { return strings.ReplaceAll(whole, old, with) }
	t.Run("a record", func(t *testing.T) { check(t, open(t, changed(`"account":"a"`, `"account":"b"`))) })
	t.Run("content", func(t *testing.T) { check(t, open(t, changed("777777777", "777787777"))) })
	t.Run("a newer schema", func(t *testing.T) {
		err := open(t, changed(Schema, "linarite/state/9"))
		if err == nil || !strings.Contains(err.Error(), "use the Linarite that wrote it, or a later one") {
			t.Error(err)
		}
	})
	// Whatever page is spoilt, the program lives; that it notices is promised for what is read.
	page := os.Getpagesize()
	for i := range len(whole) / page {
		_ = open(t, whole[:i*page]+strings.Repeat("\xff", page)+whole[(i+1)*page:])
		_ = open(t, whole[:i*page]+strings.Repeat("\x00", page)+whole[(i+1)*page:])
	}
}

// A file that lost its end is found out before anything is read from beyond it.
func TestWhole(t *testing.T) {
	s, e := keptStore(t, t.TempDir())
	mustPut(t, s, blobOf("one", strings.Repeat("1", inline)))
	if err := whole(e.db); err != nil {
		t.Error(err)
	}
	if err := os.Truncate(e.path, int64(2*os.Getpagesize())); err != nil { // what tells the size is in the first two
		t.Fatal(err)
	}
	if err := whole(e.db); err == nil || !strings.Contains(err.Error(), "it was cut short") {
		t.Error(err)
	}
}

// Many writers, and content that comes and goes: the engine's books are right at the end.
func TestEngineConcurrently(t *testing.T) {
	dir := t.TempDir()
	s, e := keptStore(t, dir)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 15 {
				content := strings.Repeat(fmt.Sprint(i%3), 1+i%2*(inline+1)) // the writers share them
				if err := putBlob(s, blobOf(fmt.Sprint(w, i%4), content)); err != nil {
					t.Error(err)
				}
				if i%5 == 4 {
					_ = s.Update(func(tx *state.Tx) error { tx.Blobs.Delete(state.BlobKey("a", "c", fmt.Sprint(w, i%4))); return nil })
				}
			}
		})
	}
	wg.Wait()
	want := rowsOf(s)
	mustPut(t, s, blobOf("last", "last")) // takes the garbage away
	needed := map[string]bool{}
	s.View(func(tx *state.Tx) {
		for b := range tx.Blobs.All() {
			needed[flat(b.Content)] = true
		}
	})
	if got := stored(t, e); fmt.Sprint(len(got)) != fmt.Sprint(len(needed)) {
		t.Errorf("%d contents on the disk, want %d", len(got), len(needed))
	}
	closeEngine(t, e)
	if got := rowsOf(reload(t, dir).State); len(got) != len(want)+1 {
		t.Errorf("%d rows, want %d", len(got), len(want)+1)
	}
}
