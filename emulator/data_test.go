package emulator_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
)

// setSecret sets a secret by the machine's own token, and returns its id.
func (r *rig) setSecret(name, value string) string {
	r.Helper()
	a := r.want("set "+name, r.do("PUT", r.vault("mytestkeyvault", "/secrets/"+name), `{"value":"`+value+`"}`, r.vaultToken(""), "Content-Type: application/json"), 200)
	return r.field(a, "id")
}

// wantSecret checks a secret's value; "" means it is not there.
func (r *rig) wantSecret(name, value string) {
	r.Helper()
	a := r.get(r.vault("mytestkeyvault", "/secrets/"+name), r.vaultToken(""))
	if value == "" && a.status != 404 || value != "" && r.field(a, "value") != value {
		r.Errorf("secret %s: %d %s, want %q", name, a.status, a.body, value)
	}
}

func (r *rig) close() {
	r.Helper()
	if err := r.emu.Close(); err != nil {
		r.Fatal(err)
	}
}

// A world on a data folder goes on where it stopped: state, clock, ids, and what it is called.
func TestDataFolder(t *testing.T) { onCarriers(t, checkDataFolder) }

func checkDataFolder(t *testing.T, open opener) {
	dir := filepath.Join(t.TempDir(), "data")
	r := open(t, emulator.Options{Data: dir, Cloud: "china"})
	first := r.setSecret("kept", "one")
	r.want("container", r.signed("PUT", r.devBlob("/kept?restype=container", true), ""), 201)
	big := strings.Repeat("content ", 30_000)
	r.want("blob", r.signed("PUT", r.devBlob("/kept/b", true), big, "x-ms-blob-type: BlockBlob"), 201)
	r.want("group", r.put(r.arm(subPath+"/resourceGroups/kept?api-version=2021-04-01"), `{"location":"chinanorth"}`, bearer(r.adminToken())), 201)
	r.emu.Clock().Advance(90 * time.Minute)
	r.close()

	again := open(t, emulator.Options{Data: dir, World: "tutorial"})
	if again.emu.Cloud().Name != "china" || again.emu.Name() != "tutorial" || again.emu.Machine().Name() != "tutorial-vm" {
		t.Errorf("%s %s %s", again.emu.Cloud().Name, again.emu.Name(), again.emu.Machine().Name())
	}
	if ahead := time.Until(again.emu.Clock().Now()); ahead < 89*time.Minute {
		t.Errorf("the clock is %v ahead", ahead)
	}
	again.wantSecret("kept", "one")
	if got := again.want("blob", again.signed("GET", again.devBlob("/kept/b", true), ""), 200); got.body != big {
		t.Errorf("%d bytes, want %d", len(got.body), len(big))
	}
	again.want("group", again.get(again.arm(subPath+"/resourceGroups/kept?api-version=2021-04-01"), bearer(again.adminToken())), 200)
	if second := again.setSecret("kept", "two"); second == first {
		t.Error("an identifier was given out again")
	}
}

// The series of identifiers goes on: a seed that is given counts for a fresh folder alone.
func TestDataFolderKeepsTheSeed(t *testing.T) { onCarriers(t, checkDataFolderKeepsTheSeed) }

func checkDataFolderKeepsTheSeed(t *testing.T, open opener) {
	dir, seed := t.TempDir(), ids.NamedSeed("kept")
	r := open(t, emulator.Options{Data: dir, Seed: &seed})
	first := r.setSecret("s", "1")
	r.close()
	again := open(t, emulator.Options{Data: dir, Seed: &seed})
	if second := again.setSecret("s", "1"); first == second {
		t.Errorf("%s twice", first)
	}
}

// What a folder holds wins over the world asked for, but not silently over its cloud.
func TestDataFolderOfAnotherCloud(t *testing.T) { onCarriers(t, checkDataFolderOfAnotherCloud) }

func checkDataFolderOfAnotherCloud(t *testing.T, open opener) {
	dir := t.TempDir()
	open(t, emulator.Options{Data: dir}).close()
	world := filepath.Join(t.TempDir(), "w.yaml")
	if err := os.WriteFile(world, []byte("schema: linarite/world/1\ncloud: usgov\nsubscriptions: [{id: aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range []emulator.Options{{Data: dir, Cloud: "china"}, {Data: dir, World: world}} {
		_, err := emulator.Open(o)
		if !errors.Is(err, emulator.ErrUsage) || !strings.Contains(err.Error(), "holds the world tutorial of the cloud public") {
			t.Errorf("%v", err)
		}
	}
	if _, err := emulator.Open(emulator.Options{Data: dir, Machine: "nobody"}); !errors.Is(err, emulator.ErrUsage) {
		t.Errorf("%v", err)
	}
	r := open(t, emulator.Options{Data: dir, World: "two-machines"}) // all the refused have given it free
	if r.emu.Name() != "tutorial" {
		t.Error(r.emu.Name())
	}
}

// A world that could not be opened leaves nothing that wins the next time.
func TestDataFolderAfterWrongUsage(t *testing.T) { onCarriers(t, checkDataFolderAfterWrongUsage) }

func checkDataFolderAfterWrongUsage(t *testing.T, open opener) {
	dir := t.TempDir()
	if _, err := emulator.Open(emulator.Options{Data: dir, Machine: "nobody"}); !errors.Is(err, emulator.ErrUsage) {
		t.Fatal(err)
	}
	if r := open(t, emulator.Options{Data: dir, World: "two-machines"}); r.emu.Name() != "two-machines" {
		t.Error(r.emu.Name())
	}
}

// Save and Load move all of a world, clock and identifiers too; Reset brings back what the
// world was opened with; and each of them lasts.
func TestSaveLoadReset(t *testing.T) { onCarriers(t, checkSaveLoadReset) }

func checkSaveLoadReset(t *testing.T, open opener) {
	dir, saved := t.TempDir(), filepath.Join(t.TempDir(), "saved")
	r := open(t, emulator.Options{Data: dir})
	r.setSecret("s", "saved")
	r.emu.Clock().Advance(time.Hour)
	if err := r.emu.Save(saved); err != nil {
		t.Fatal(err)
	}
	token := r.vaultToken("")
	r.setSecret("s", "later")
	r.emu.Clock().Advance(time.Hour)
	if err := r.emu.Load(saved); err != nil {
		t.Fatal(err)
	}
	check := func(r *rig, value string, ahead time.Duration) {
		t.Helper()
		r.wantSecret("s", value)
		if got := time.Until(r.emu.Clock().Now()); got < ahead-time.Minute || got > ahead+time.Minute {
			t.Errorf("the clock is %v ahead, want %v", got, ahead)
		}
		r.want("the well-known account", r.signed("GET", r.devBlob("/?comp=list", true), ""), 200)
	}
	check(r, "saved", time.Hour)
	if r.vaultToken("") == token {
		t.Error("the host has a token from before")
	}
	r.close()
	r = open(t, emulator.Options{Data: dir})
	check(r, "saved", time.Hour)
	r.setSecret("s", "changed")
	if err := r.emu.Reset(); err != nil { // to what the folder held
		t.Fatal(err)
	}
	check(r, "saved", time.Hour)

	plain := open(t, emulator.Options{}) // without a data folder
	if err := plain.emu.Load(saved); err != nil {
		t.Fatal(err)
	}
	check(plain, "saved", time.Hour)
	if err := plain.emu.Reset(); err != nil {
		t.Fatal(err)
	}
	check(plain, "", 0)
}

// A state of another world brings its own machine; one of another cloud is refused.
func TestLoadAnother(t *testing.T) { onCarriers(t, checkLoadAnother) }

func checkLoadAnother(t *testing.T, open opener) {
	saved := t.TempDir()
	other := open(t, emulator.Options{World: "two-machines"})
	if err := other.emu.Save(saved); err != nil {
		t.Fatal(err)
	}
	r := open(t, emulator.Options{})
	if err := r.emu.Load(saved); err != nil {
		t.Fatal(err)
	}
	if r.emu.Machine().Name() != other.emu.Machine().Name() {
		t.Errorf("callers are on %s, want %s", r.emu.Machine().Name(), other.emu.Machine().Name())
	}
	r.machineToken("https://management.azure.com/", "")
	china := open(t, emulator.Options{Cloud: "china"})
	if err := china.emu.Load(saved); !errors.Is(err, emulator.ErrUsage) || !strings.Contains(err.Error(), "of the cloud public") {
		t.Error(err)
	}
	if err := r.emu.Load(t.TempDir()); err == nil || r.emu.Machine().Name() != other.emu.Machine().Name() {
		t.Errorf("%v", err)
	}
}

// A restore of a snapshot is kept as a commit is; a fork goes its own way and is not kept.
func TestRestoreOnADataFolder(t *testing.T) { onCarriers(t, checkRestoreOnADataFolder) }

func checkRestoreOnADataFolder(t *testing.T, open opener) {
	dir := t.TempDir()
	r := open(t, emulator.Options{Data: dir})
	r.setSecret("s", "before")
	r.emu.Clock().Advance(time.Hour)
	then := r.emu.Snapshot()
	r.setSecret("s", "after")
	r.emu.Clock().Advance(time.Hour)
	r.emu.Restore(then)
	fork := r.emu.Fork()
	err := fork.State().Update(func(tx *state.Tx) error { tx.Secrets.DeletePrefix(""); return nil })
	if err != nil || fork.Close() != nil {
		t.Fatal(err)
	}
	r.close()
	again := open(t, emulator.Options{Data: dir})
	again.wantSecret("s", "before")
	if ahead := time.Until(again.emu.Clock().Now()); ahead < 59*time.Minute || ahead > 61*time.Minute {
		t.Errorf("the clock is %v ahead", ahead)
	}

	from := open(t, emulator.Options{Data: filepath.Join(dir, "other"), From: then}) // a fresh folder begins with a snapshot too
	from.wantSecret("s", "before")
}

// holds is a keeper that counts what is held.
type holds struct{ now, inCommit int }

func (h *holds) Hold(state.Content) (func(), error) {
	h.now++
	return func() { h.now-- }, nil
}

func (h *holds) Keep(state.Commit) error {
	h.inCommit = h.now
	return nil
}

// The keeper is told of content before its commit, and when the request is over, whatever
// came of it.
func TestContentIsHeldForItsRequest(t *testing.T) { onCarriers(t, checkContentIsHeldForItsRequest) }

func checkContentIsHeldForItsRequest(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	r.want("container", r.signed("PUT", r.devBlob("/kept?restype=container", true), ""), 201)
	h := &holds{}
	if err := r.emu.State().KeepBy(h, false); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{201, 409} {
		h.inCommit = -1
		r.want("blob", r.signed("PUT", r.devBlob("/kept/b", true), "content", "x-ms-blob-type: BlockBlob", "If-None-Match: *"), status)
		if committed := h.inCommit == 1; committed != (status == 201) || h.now != 0 {
			t.Errorf("%d: %d held in the commit, %d after it", status, h.inCommit, h.now)
		}
	}
}

// fullDisk is a keeper that keeps nothing.
type fullDisk struct{}

var errFull = errors.New("the disk that holds data is full: free some space, then try again")

func (fullDisk) Hold(state.Content) (func(), error) { return func() {}, nil }
func (fullDisk) Keep(state.Commit) error            { return errFull }

// A change that cannot be kept is refused in the words of each plane, by a status that says
// later; it is no bug of Linarite's, and nothing has changed.
func TestNotKept(t *testing.T) { onCarriers(t, checkNotKept) }

func checkNotKept(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	r.want("container", r.signed("PUT", r.devBlob("/kept?restype=container", true), ""), 201)
	authorization, adminToken := r.vaultToken(""), bearer(r.adminToken())
	if err := r.emu.State().KeepBy(fullDisk{}, false); err != nil {
		t.Fatal(err)
	}
	const message = "Linarite could not keep this change, and so has not made it: the disk that holds data is full: free some space, then try again"
	blob := r.signed("PUT", r.devBlob("/kept/b", true), "content", "x-ms-blob-type: BlockBlob")
	r.refusedBlob("blob", blob, 503, "ServerBusy", "<Message>"+message)
	r.expect("secret", r.do("PUT", r.vault("mytestkeyvault", "/secrets/s"), `{"value":"v"}`, authorization, "Content-Type: application/json"), 503,
		`{"error":{"code":"ServiceUnavailable","message":"`+message+`"}}`)
	r.expect("group", r.put(r.arm(subPath+"/resourceGroups/g?api-version=2021-04-01"), `{"location":"westus"}`, adminToken), 503,
		`{"error":{"code":"ServiceUnavailable","message":"`+message+`"}}`)
	if err := r.emu.Reset(); !errors.Is(err, errFull) {
		t.Errorf("%v", err)
	}
	r.want("no blob", r.signed("GET", r.devBlob("/kept/b", true), ""), 404)
	r.wantSecret("s", "")
	r.want("no group", r.get(r.arm(subPath+"/resourceGroups/g?api-version=2021-04-01"), adminToken), 404)
	for _, e := range r.emu.Journal().Entries(0) {
		if e.Internal != "" {
			t.Errorf("a bug: %s", e.Internal)
		}
	}
}
