package clientlib_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unshown are exported functions that no example calls, and why.
var unshown = map[string]string{
	"String": "of fmt", "GoString": "of fmt", "Error": "of error", "Unwrap": "of errors", "LogValue": "of slog",
	"MarshalText": "of encoding", "UnmarshalJSON": "of encoding/json",

	"wire.Header.Del":    "as http.Header has it",
	"wire.Header.Add":    "as http.Header has it",
	"wire.Header.Has":    "as http.Header has it",
	"wire.Header.Get":    "as http.Header has it",
	"wire.Header.Values": "as http.Header has it",
}

// TestEachCallIsShown: every exported function and method of the client library is called by an example of its package
// whose output is checked, or has a reason. It goes by names: of two methods that are called the same, one may be shown.
func TestEachCallIsShown(t *testing.T) {
	used := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() || strings.Contains(path, "internal") || d.Name() == "examples" || d.Name() == "testdata" {
			if d != nil && d.IsDir() && path != "." {
				return fs.SkipDir
			}
			return err
		}
		functions, calls := read(t, path)
		for _, f := range functions {
			name := f[strings.LastIndexByte(f, '.')+1:]
			switch shown := calls[name]; {
			case unshown[name] != "":
				used[name] = true
			case unshown[f] != "" && !shown:
				used[f] = true
			case !shown:
				t.Errorf("%s: no example calls it: write one, or give a reason in unshown", f)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for f, why := range unshown {
		if !used[f] {
			t.Errorf("%s (%s) is shown, or is gone: take it off the list", f, why)
		}
	}
}

// read returns the exported functions of a directory's package, and the names that its examples with an output call.
func read(t *testing.T, dir string) (functions []string, calls map[string]bool) {
	t.Helper()
	var files, tests []*ast.File
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			tests = append(tests, file)
			continue
		}
		files = append(files, file)
	}
	for _, file := range files {
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !f.Name.IsExported() {
				continue
			}
			name := file.Name.Name
			if f.Recv != nil {
				on := strings.TrimPrefix(typeName(f.Recv.List[0].Type), "*")
				if !ast.IsExported(on) {
					continue
				}
				name += "." + on
			}
			functions = append(functions, name+"."+f.Name.Name)
		}
	}
	calls = map[string]bool{}
	for _, e := range doc.Examples(tests...) {
		if e.Output == "" && !e.EmptyOutput {
			continue
		}
		ast.Inspect(e.Code, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				calls[s.Sel.Name] = true
			}
			return true
		})
	}
	slices.Sort(functions)
	return functions, calls
}

// typeName is a receiver's type, with its star.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
