package persist

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/state"
)

// States of every version that ever was can be read. Version 1 is that of testdata/v1.
func TestOldVersionsStayReadable(t *testing.T) {
	check := func(t *testing.T, got *Saved) {
		t.Helper()
		if w := got.World; w.Name != "kept" || w.Cloud != "public" || w.Identifiers.Position != 7 || w.Clock.Offset.Hours() != 1 {
			t.Errorf("the world is %+v", w)
		}
		got.State.View(func(tx *state.Tx) {
			rows := 0
			for _, table := range tx.Tables() {
				rows += table.Len()
			}
			if rows != 19 {
				t.Errorf("%d rows, want 19", rows)
			}
			for s := range tx.Secrets.All() {
				if s.Value != `p@ss: "w0rd"` {
					t.Errorf("the secret is %q", s.Value)
				}
			}
			b, _ := tx.Blobs.Get(state.BlobKey("keptstore", "files", "hello world.txt"))
			if data := flat(b.Content); data != "Hello world! :)" || b.Metadata[0].Name != "Case" || b.Tags["a"] != "b" || b.ContentType == "" {
				t.Errorf("the blob is %q, %+v", data, b)
			}
			if tx.Switches().IMDSReadyAfter.Seconds() != 90 || tx.Stamps().Last.Nanosecond() != 200 {
				t.Errorf("%+v %+v", tx.Switches(), tx.Stamps())
			}
		})
	}
	t.Run("folder", func(t *testing.T) {
		got, err := Load("testdata/v1")
		if err != nil {
			t.Fatal(err)
		}
		check(t, got)
	})
	t.Run("data folder", func(t *testing.T) { check(t, reload(t, unpackV1(t))) })
}

func flat(c state.Content) string {
	var b strings.Builder
	_, _ = c.WriteTo(&b)
	return b.String()
}

// A state is written in one way only, so that two can be compared.
func TestSavingIsDeterministic(t *testing.T) {
	got, err := Load("testdata/v1")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	save(t, dir, got.World, got.State)
	for _, name := range []string{stateFile, "blobs/355836b24c6ae238afa2bd5f21d5575a511287ea91ddf1cc1ffffb14a267a3c1"} {
		if a, b := read(t, filepath.Join("testdata/v1", name)), read(t, filepath.Join(dir, name)); a != b && version == 1 {
			t.Errorf("%s is\n%s, want\n%s", name, b, a)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, stateFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("a file of secrets: %v %v", info.Mode(), err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const head = "schema: linarite/state/1\nworld:\n  name: \"w\"\n"

// What is wrong is said with its place and what to do.
func TestLoadIsStrict(t *testing.T) {
	const none = "0000000000000000000000000000000000000000000000000000000000000000"
	blob := func(content string) string {
		return head + "blobs:\n- name: \"b\"\n  content:\n" + content
	}
	for _, test := range []struct{ name, data, want string }{
		{"empty", "", `state.yaml:1: the file is empty: it begins with schema: linarite/state/1`},
		{"no schema", "world:\n  name: \"w\"\n", `state.yaml:1: the file begins with schema: linarite/state/1`},
		{"list at once", "- a\n", `state.yaml:1: the file begins with an element of a list: it begins with schema: linarite/state/1`},
		{"another schema", "schema: linarite/world/1\n", `state.yaml:1: schema is "linarite/world/1": it takes linarite/state/1 or an older version of it`},
		{"schema of nothing", "schema: linarite/state/01\n", `state.yaml:1: schema is "linarite/state/01": it takes`},
		{"newer schema", "# a comment\nschema: linarite/state/2\n", `state.yaml:2: schema is linarite/state/2, and this Linarite knows versions up to 1: use the Linarite that wrote it, or a later one`},
		{"unknown table", head + "queues:\n- name: \"q\"\n", `state.yaml:5: there is no table "queues": the tables are tenants, principals`},
		{"unknown key", head + "containers:\n- account: \"a\"\n  nam: \"b\"\n", `state.yaml:6: unknown key "nam" in containers: the keys here are account, name, public,`},
		{"unknown key of the world", head + "  clok: 1\n", `state.yaml:4: unknown key "clok" in world: the keys here are`},
		{"unknown key deep inside", head + "vaults:\n- name: \"v\"\n  policies:\n    - secret: []\n", `state.yaml:7: unknown key "secret" in vaults.policies[0]: the keys here are`},
		{"key twice", head + "containers:\n- name: \"a\"\n  name: \"b\"\n", `state.yaml:6: key "name" is given twice in containers`},
		{"table twice", head + "containers:\n- name: \"a\"\nvaults:\n- name: \"v\"\ncontainers:\n- name: \"b\"\n", `state.yaml:8: key "containers" is given twice: it stands on line 4 already`},
		{"table twice at once", head + "containers:\n- name: \"a\"\ncontainers:\n- name: \"b\"\n", `state.yaml:6: key "containers" is given twice: it stands on line 4 already`},
		{"row twice", head + "containers:\n- name: \"a\"\n- name: \"a\"\n", `state.yaml:6: this is in containers already: remove one of the two`},
		{"number for text", head + "containers:\n- name: 1\n", `state.yaml:5: containers.name takes a text in quotes, not a whole number`},
		{"text for number", head + "machines:\n- instances: \"1\"\n", `state.yaml:5: machines.instances takes a whole number, or true or false, not a text`},
		{"truth for number", head + "machines:\n- instances: true\n", `state.yaml:5: machines.instances is true: it takes a value of int`},
		{"list for mapping", head + "containers:\n- []\n", `state.yaml:5: containers takes a mapping`},
		{"nothing", head + "containers:\n- name:\n", `state.yaml:5: there is no value here`},
		{"no instant", head + "  started: \"yesterday\"\n", `state.yaml:4: world.started is "yesterday": it takes an instant such as 2026-11-28T09:30:00Z`},
		{"no duration", head + "switches: {tokenLife: \"long\"}\n", `state.yaml:4: switches.tokenLife is "long": it takes a duration`},
		{"a clock too far", head + "  clock: {offset: \"2000000h0m0s\"}\n", `state.yaml:3: world.clock: 2255`},
		{"a clock frozen at no time", head + "  clock: {frozen: true}\n", `state.yaml:3: world.clock: 0001-01-01T00:00:00Z is out of reach`},
		{"no base64", head + "  identifiers: {seed: \"?\"}\n", `state.yaml:4: world.identifiers.seed is not base64`},
		{"three keys", head + "storageAccounts:\n- keys: [{}, {}, {}]\n", `state.yaml:5: storageAccounts.keys has 3 elements: it takes 2`},
		{"not YAML", head + "containers:\n- name: \"a\n", `state.yaml:5: this is not YAML`},
		{"tag", head + "containers:\n- name: !!str a\n", `state.yaml:5: `},
		{"alias", head + "containers:\n- name: *a\n", `state.yaml:5: `},
		{"too deep", head + "containers:\n- name: a\n- name: " + strings.Repeat("[", 200000) + "\n", `state.yaml:6: lists or mappings stand in one another more than 100 deep`},
		{"too deep over lines", head + "containers:\n- name: \n" + strings.Repeat("  [{\n", 60), `state.yaml:56: lists or mappings stand`},
		{"too deep behind a quote", head + "containers:\n- name: a \"\n  x: " + strings.Repeat("[", 200000) + "\n", `state.yaml:6: lists or mappings`},
		{"too many keys", head + "containers:\n- " + strings.Repeat("? ", 200000) + "\n", `state.yaml:5: lists or mappings`},
		{"too many dashes", head + "containers:\n" + strings.Repeat("- ", 200000) + "\n", `state.yaml:5: lists or mappings stand in one another more than 100 deep`},
		{"missing blob", blob("    size: 1\n    blobs: [\"" + none + "\"]\n"), `state.yaml:8: the file DIR/blobs/` + none + ` is missing: copy it from where this folder comes from`},
		{"no sum", blob("    size: 1\n    blobs:\n    - \"../../etc/passwd\"\n"), `state.yaml:9: blobs.content.blobs[0] is "../../etc/passwd": it takes a SHA-256 sum`},
		{"spoilt blob", blob("    size: 1\n    blobs: [\"" + strings.Repeat("1", 64) + "\"]\n"), `state.yaml:8: the file DIR/blobs/` + strings.Repeat("1", 64) + ` does not have the content that its name`},
		{"wrong size", blob("    size: 2\n    blobs: [\"ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb\"]\n"), `state.yaml:7: blobs.content.size is 2, but its blobs have 1 bytes together`},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, stateFile), test.data)
			write(t, filepath.Join(dir, blobFolder, strings.Repeat("1", 64)), "other")
			write(t, filepath.Join(dir, blobFolder, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"), "a")
			_, err := Load(dir)
			var invalid *InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("%T %v", err, err)
			}
			if want := dir + "/" + strings.ReplaceAll(test.want, "DIR", dir); !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got  %v\nwant %v", err, want)
			}
		})
	}
	if _, err := Load(t.TempDir()); err == nil || !strings.Contains(err.Error(), "name a folder that linarite saved a state to") {
		t.Error(err)
	}
}

func write(t testing.TB, path, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A pipe would be read for ever.
func TestLoadReadsFilesAlone(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, stateFile), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "state.yaml is not a regular file") {
		t.Error(err)
	}
	if err := os.Mkdir(filepath.Join(dir, dataFile), 0o700); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(filepath.Join(dir, stateFile))
	if _, err := OpenEngine(dir); err == nil || !strings.Contains(err.Error(), "this is not a regular file") {
		t.Error(err)
	}
}

// A data folder that was copied with wider rights is narrowed when it is opened.
func TestTheDataFileIsItsOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, dataFile)
	for range 2 { // made, and found with wider rights
		e, err := OpenEngine(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info.Mode(), err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Brackets in texts are no nesting.
func TestBracketsInTexts(t *testing.T) {
	many := strings.Repeat("[", 500)
	dir := t.TempDir()
	write(t, filepath.Join(dir, stateFile), head+"containers:\n- name: \""+many+"\\\"\"\n  metadata:\n  - name: '"+many+"''x'\n    value: |\n      it's "+many+"\n\n      "+many+"\n- name: it's # "+many+"\n")
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	got.State.View(func(tx *state.Tx) {
		c, ok := tx.Containers.Get(state.ContainerKey("", many+`"`))
		if !ok || tx.Containers.Len() != 2 || c.Metadata[0].Name != many+"'x" || c.Metadata[0].Value != "it's "+many+"\n\n"+many+"\n" {
			t.Errorf("%+v", c)
		}
	})
}

// A person may write a state as YAML allows: what counts is what it says.
func TestLoadReadsYAML(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, stateFile), "\uFEFF# head\nschema: linarite/state/1 # ours\n\nworld: {name: w, cloud: china}\nresourceGroups:\n# the first\n- name: one\n  tags: {a: b}\n\n- {name: 'two', location: \"x\"}\n"+
		"containers:\n  - name: inner\n    metadata:\n    - name: n\n      value: |\n        - text\n        more\n  - name: other\n")
	got, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	got.State.View(func(tx *state.Tx) {
		one, _ := tx.ResourceGroups.Get(state.GroupKey("", "one"))
		two, _ := tx.ResourceGroups.Get(state.GroupKey("", "two"))
		inner, _ := tx.Containers.Get(state.ContainerKey("", "inner"))
		if got.World.Cloud != "china" || one.Tags["a"] != "b" || two.Location != "x" || tx.Containers.Len() != 2 || len(inner.Metadata) != 1 || inner.Metadata[0].Value != "- text\nmore\n" {
			t.Errorf("%+v %+v %+v %+v", got.World, one, two, inner)
		}
	})
}

// Saving over a state replaces it and what belongs to it alone; nothing else is touched.
func TestSaveReplaces(t *testing.T) {
	dir := t.TempDir()
	blobs := func(names ...string) *state.Store {
		s := state.New()
		err := s.Update(func(tx *state.Tx) error {
			for _, n := range names {
				tx.Blobs.Put(state.Blob{Account: "a", Container: "c", Name: n, Content: state.NewContent([]byte("content of " + n))})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	save(t, dir, World{Name: "first"}, blobs("one", "two"))
	write(t, filepath.Join(dir, tempPrefix+"left"), "of a save that was interrupted")
	write(t, filepath.Join(dir, blobFolder, tempPrefix+"left"), "of a save that was interrupted")
	write(t, filepath.Join(dir, blobFolder, "mine"), "no blob of a state's")
	write(t, filepath.Join(dir, blobFolder, sumOf([]byte("content of two")).String()), "spoilt")
	save(t, dir, World{Name: "second"}, blobs("two", "three"))
	got, err := Load(dir)
	if err != nil || got.World.Name != "second" {
		t.Fatal(got, err)
	}
	var names []string
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, dir+"/"))
		}
		return err
	})
	want := []string{"blobs/" + sumOf([]byte("content of three")).String(), "blobs/" + sumOf([]byte("content of two")).String(), "blobs/mine", "state.yaml"}
	if err != nil || len(names) != len(want) || !reflect.DeepEqual(sorted(names), sorted(want)) {
		t.Errorf("%v, want %v: %v", names, want, err)
	}
}

func sorted(in []string) map[string]bool {
	out := map[string]bool{}
	for _, s := range in {
		out[s] = true
	}
	return out
}

// A save that fails leaves the state that was there, and nothing else.
func TestSaveFailing(t *testing.T) {
	dir := t.TempDir()
	s := state.New()
	put := func(b state.Blob) {
		if err := s.Update(func(tx *state.Tx) error { tx.Blobs.Put(b); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	put(state.Blob{Name: "one", Content: state.NewContent([]byte("one"))})
	save(t, dir, World{Name: "first"}, s)
	put(state.Blob{Name: "two", Content: state.NewContent([]byte("two"))})
	put(state.Blob{Name: "wrong", Tags: map[string]string{"\xff": "not UTF-8"}})
	var err error
	s.View(func(tx *state.Tx) { err = Save(dir, World{Name: "second"}, tx) })
	if err == nil || !strings.Contains(err.Error(), "not UTF-8") {
		t.Error(err)
	}
	got, err := Load(dir)
	if err != nil || got.World.Name != "first" {
		t.Fatal(got, err)
	}
	if entries, _ := os.ReadDir(filepath.Join(dir, blobFolder)); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

// A folder of something else is not written to.
func TestSaveElsewhere(t *testing.T) {
	for name, file := range map[string]string{"file": "notes.txt", "state of another": stateFile} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, file), "something else\n")
			err := Save(dir, World{}, nil)
			if err == nil || !strings.Contains(err.Error(), "save into a") {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, blobFolder)); err == nil {
				t.Error("it was written to")
			}
		})
	}
}
