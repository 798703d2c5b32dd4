package emulator

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/front"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
	"github.com/linarite/linarite/fixtures/world"
	"github.com/linarite/linarite/fixtures/worlds"
)

// readWorld finds a starter world or reads a file; beside is the folder of the file.
func readWorld(name string) (file *world.World, shown string, beside fs.FS, err error) {
	if name == "" {
		name = DefaultWorld
	}
	starters, err := starterWorlds()
	if err != nil {
		return nil, "", nil, err
	}
	if file, ok := starters[name]; ok {
		return file, name, nil, nil
	}
	if !isPath(name) {
		return nil, "", nil, fmt.Errorf("%w: no starter world is called %q: there are %s; a file is named by its path, as in ./%s.yaml",
			ErrUsage, name, strings.Join(worlds.Names(), ", "), name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, "", nil, fmt.Errorf("%w: world file: %w", ErrUsage, err)
	}
	file, err = world.Decode(name, data)
	if err != nil {
		return nil, "", nil, fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return file, name, os.DirFS(filepath.Dir(name)), nil
}

// starterWorlds are the starter worlds by name, which nobody changes.
var starterWorlds = sync.OnceValues(func() (map[string]*world.World, error) {
	all := map[string]*world.World{}
	for _, name := range worlds.Names() {
		data, _ := worlds.Get(name)
		file, err := world.Decode(name+".yaml", data)
		if err != nil {
			return nil, err
		}
		all[name] = file
	}
	return all, nil
})

func isPath(name string) bool {
	return strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".yaml") || strings.HasSuffix(name, ".yml")
}

func chooseCloud(asked string, file *world.World) (*cloud.Cloud, error) {
	name := string(file.Cloud)
	switch {
	case asked == "" && name == "":
		name = DefaultCloud
	case asked != "" && name != "" && !strings.EqualFold(asked, name):
		return nil, fmt.Errorf("%w: the world file says cloud: %s, so --cloud %s cannot be had: leave one of them out", ErrUsage, name, asked)
	case asked != "":
		name = asked
	}
	c, ok := cloud.ByName(name)
	if !ok {
		return nil, fmt.Errorf("%w: no cloud is called %q: there are public, china and usgov", ErrUsage, name)
	}
	return c, nil
}

// chooseMachine returns the ARM id of a machine by its name. "" is none, for a world that
// has no machine.
func chooseMachine(w *wire.World, name string) (id string, err error) {
	if name == "" {
		return "", nil
	}
	var names string
	w.State.View(func(tx *state.Tx) {
		if m, ok := front.FindMachine(tx, name); ok {
			id = m.ID
		}
		names = machinesOf(tx)
	})
	if id == "" {
		return "", fmt.Errorf("%w: this world has no machine called %q: it has %s", ErrUsage, name, names)
	}
	return id, nil
}

// machinesOf lists the machines of a world for a sentence.
func machinesOf(tx *state.Tx) string {
	var names []string
	for m := range tx.Machines.All() {
		names = append(names, m.Name)
	}
	if names == nil {
		return "none"
	}
	return strings.Join(names, ", ")
}

// firstMachine is the first in the order of the file.
func firstMachine(file *world.World) string {
	for _, s := range file.Subscriptions {
		for _, g := range s.Groups {
			for _, m := range g.Machines {
				return m.Name
			}
		}
	}
	return ""
}
