package emulator_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

// A source is one Go file of the module; its path is relative to the root and has slashes.
type source struct {
	path string
	file *ast.File
	fset *token.FileSet
}

func (s source) isTest() bool    { return strings.HasSuffix(s.path, "_test.go") }
func (s source) isProgram() bool { return s.file.Name.Name == "main" }

func (s source) imports() []string {
	var all []string
	for _, spec := range s.file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			all = append(all, name)
		}
	}
	return all
}

// readModule parses every Go file of the module at root, whatever its build tags say, and leaves out nested modules,
// test data and hidden directories.
func readModule(root fs.FS) ([]source, error) {
	var sources []source
	fset := token.NewFileSet()
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			base := path.Base(name)
			_, nested := fs.Stat(root, path.Join(name, "go.mod"))
			if name != "." && (base == "testdata" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || nested == nil) {
				return fs.SkipDir
			}
			return nil
		}
		if path.Ext(name) != ".go" {
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		sources = append(sources, source{name, file, fset})
		return nil
	})
	return sources, err
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func moduleSources(t *testing.T) []source {
	t.Helper()
	sources, err := readModule(os.DirFS(moduleRoot(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) == 0 {
		t.Fatal("no Go files found: the walk is broken")
	}
	return sources
}

func report(t *testing.T, complaints []string) {
	t.Helper()
	for _, complaint := range complaints {
		t.Error(complaint)
	}
}

// parse makes sources of a table's texts by path.
func parse(t *testing.T, files map[string]string) []source {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	sources, err := readModule(tree)
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// expect compares complaints with fragments of the ones wanted, one for one.
func expect(t *testing.T, complaints, want []string) {
	t.Helper()
	if len(complaints) != len(want) {
		t.Fatalf("%d complaints, want %d: %q", len(complaints), len(want), complaints)
	}
	for i, fragment := range want {
		if !strings.Contains(complaints[i], fragment) {
			t.Errorf("complaint %q does not say %q", complaints[i], fragment)
		}
	}
}

// one is a list of the complaint, empty for none.
func one(want string) []string {
	if want == "" {
		return nil
	}
	return []string{want}
}

func TestReadModuleLeavesOut(t *testing.T) {
	sources := parse(t, map[string]string{
		"emulator/a.go":                "package a",
		"emulator/a_linux.go":          "//go:build linux\n\npackage a",
		"conformance/sdkcompat/go.mod": "module m",
		"conformance/sdkcompat/a.go":   "package a",
		".cache/a.go":                  "package a",
		"emulator/testdata/a.go":       "not Go",
		"_old/a.go":                    "package a",
	})
	var got []string
	for _, s := range sources {
		got = append(got, s.path)
	}
	if want := []string{"emulator/a.go", "emulator/a_linux.go"}; !slices.Equal(got, want) {
		t.Errorf("read %v, want %v", got, want)
	}
}
