package persist

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/state"
)

// stepsToThree are steps to a version 3 that may never be: version 1 called containers
// buckets, versions 1 and 2 called their names titles.
func stepsToThree() []step {
	return []step{
		{from: 1, table: func(name string) string {
			if name == "buckets" {
				return "containers"
			}
			return name
		}},
		{from: 2, record: func(name string, n *node) error {
			if name == "containers" {
				for i, key := range n.keys {
					if key == "title" {
						n.keys[i] = "name"
					}
				}
				if n.get("name") == nil {
					return errors.New("a container without a title")
				}
			}
			return nil
		}},
	}
}

// Records of older versions go through all steps from theirs on, and are what is kept from
// then on.
func TestUpgrade(t *testing.T) {
	load3 := func(t *testing.T, text string) (*Saved, error) {
		t.Helper()
		dir := t.TempDir()
		write(t, filepath.Join(dir, stateFile), text)
		return load(dir, 3, stepsToThree())
	}
	for name, text := range map[string]string{
		"two versions ago": "schema: linarite/state/1\nbuckets:\n- title: \"c\"\n",
		"one version ago":  "schema: linarite/state/2\ncontainers:\n- title: \"c\"\n",
		"this version":     "schema: linarite/state/3\ncontainers:\n- name: \"c\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := load3(t, text)
			if err != nil {
				t.Fatal(err)
			}
			got.State.View(func(tx *state.Tx) {
				if !tx.Containers.Has(state.ContainerKey("", "c")) {
					t.Error("the container is not there")
				}
			})
		})
	}
	for text, want := range map[string]string{
		"schema: linarite/state/2\nbuckets:\n- title: \"c\"\n":  `there is no table "buckets"`,
		"schema: linarite/state/3\ncontainers:\n- title: c\n":   `unknown key "title"`,
		"schema: linarite/state/4\n":                            "knows versions up to 3",
		"schema: linarite/state/2\ncontainers:\n- public: \"\"": `:3: a container without a title`,
	} {
		if _, err := load3(t, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestUpgradeOfADataFolder(t *testing.T) {
	dir := t.TempDir()
	e := openEngine(t, dir)
	e.Begin(func() World { return World{Name: "w"} })
	old := &node{kind: mapping}
	old.set("title", &node{kind: text, text: "c"})
	if err := e.write(batch{facts: map[string]*node{}, rows: []row{{id: rowID{"buckets", "c"}, record: record(old)}}}); err != nil {
		t.Fatal(err)
	}
	got, err := e.load(3, stepsToThree())
	if err != nil {
		t.Fatal(err)
	}
	if !e.Outdated() {
		t.Error("nobody is told to write it anew")
	}
	if err := got.State.KeepBy(e, e.Outdated()); err != nil {
		t.Fatal(err)
	}
	if e.Outdated() {
		t.Error("it is still outdated")
	}
	closeEngine(t, e)
	reload(t, dir).State.View(func(tx *state.Tx) { // by the schema of today: the old table is gone
		if !tx.Containers.Has(state.ContainerKey("", "c")) {
			t.Error("the container is not there")
		}
	})
}
