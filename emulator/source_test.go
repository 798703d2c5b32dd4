package emulator_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"slices"
	"strconv"
	"testing"
)

// timekeepers are the only packages that ask the host for the time and for chance; all others get both as values.
var timekeepers = []string{"emulator/clock", "emulator/ids", "clientlib/internal/clock"}

// hostTime are the functions of package time that read or wait for the host's clock.
var hostTime = []string{"Now", "Since", "Until", "Sleep", "Tick"}

// chance are the packages that make numbers or ids nobody can repeat. crypto/rand is not among them: keys and nonces
// that protect something come from there.
var chance = []string{"math/rand", "math/rand/v2", "github.com/google/uuid", "github.com/gofrs/uuid", "github.com/hashicorp/go-uuid"}

// checkTime says which files ask the host for time or chance. Tests and programs may.
func checkTime(sources []source) (complaints []string) {
	for _, s := range sources {
		if s.isTest() || s.isProgram() || slices.Contains(timekeepers, path.Dir(s.path)) {
			continue
		}
		for _, imported := range s.imports() {
			if slices.Contains(chance, imported) {
				complaints = append(complaints, fmt.Sprintf("%s imports %s: take ids and chance from emulator/ids", s.path, imported))
			}
		}
		name := s.localName("time")
		ast.Inspect(s.file, func(node ast.Node) bool {
			selector, ok := node.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if from, ok := selector.X.(*ast.Ident); ok && name != "" && from.Name == name && slices.Contains(hostTime, selector.Sel.Name) {
				complaints = append(complaints, fmt.Sprintf("%s: time.%s: take a func() time.Time, or the world's clock", s.at(selector), selector.Sel.Name))
			}
			return true
		})
	}
	return complaints
}

// localName is what the file calls an imported package of the standard library; "" when it does not import it.
func (s source) localName(imported string) string {
	for _, spec := range s.file.Imports {
		if spec.Path.Value != strconv.Quote(imported) {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(imported)
	}
	return ""
}

func (s source) at(node ast.Node) string {
	return fmt.Sprintf("%s:%d", s.path, s.fset.Position(node.Pos()).Line)
}

// checkGlobals says where packages have an init function or state of their own: an exported variable that anyone may
// write to, one that the package itself writes to, or a lock. Unexported tables that nobody writes to are data.
//
// The one exception is in no build that anybody uses: the defect that the suite's self-test plants.
func checkGlobals(sources []source) (complaints []string) {
	packages := map[string][]source{}
	for _, s := range sources {
		if dir := path.Dir(s.path); !s.isTest() && s.path != "emulator/sabotage/on.go" && !slices.Contains(timekeepers, dir) {
			packages[dir+" "+s.file.Name.Name] = append(packages[dir+" "+s.file.Name.Name], s)
		}
	}
	for _, files := range packages {
		complaints = append(complaints, packageGlobals(files)...)
	}
	slices.Sort(complaints)
	return complaints
}

func packageGlobals(files []source) (complaints []string) {
	globals, info := resolve(files)
	for _, s := range files {
		for _, decl := range s.file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if decl.Recv == nil && decl.Name.Name == "init" {
					complaints = append(complaints, s.at(decl)+": init(): write an explicit list, or a function that main calls")
				}
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					if spec, ok := spec.(*ast.ValueSpec); ok && decl.Tok == token.VAR {
						complaints = append(complaints, s.mutable(spec)...)
					}
				}
			}
		}
		ast.Inspect(s.file, func(node ast.Node) bool {
			for _, target := range written(node) {
				if name := root(target); name != nil && globals[info.Uses[name]] {
					complaints = append(complaints, fmt.Sprintf("%s: writes to the package's variable %s: state belongs in a value that somebody owns", s.at(node), name.Name))
				}
			}
			return true
		})
	}
	return complaints
}

// resolve finds the variables of a package and what its names stand for. Imports are not loaded: what they declare is
// of no interest here, and the errors that follow from that are dropped.
func resolve(files []source) (map[types.Object]bool, *types.Info) {
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: noImports{}, Error: func(error) {}}
	var trees []*ast.File
	for _, s := range files {
		trees = append(trees, s.file)
	}
	pkg, _ := config.Check(path.Dir(files[0].path), files[0].fset, trees, info)
	globals := map[types.Object]bool{}
	for _, name := range pkg.Scope().Names() {
		if object, ok := pkg.Scope().Lookup(name).(*types.Var); ok {
			globals[object] = true
		}
	}
	return globals, info
}

type noImports struct{}

func (noImports) Import(string) (*types.Package, error) { return nil, errors.New("not loaded") }

// mutable says which variables of a declaration can be written through by other packages, or exist to be written to.
func (s source) mutable(spec *ast.ValueSpec) (complaints []string) {
	for i, name := range spec.Names {
		var value ast.Expr
		if i < len(spec.Values) {
			value = spec.Values[i]
		}
		switch {
		case name.Name == "_":
		case isLock(spec.Type) || isLock(value):
			complaints = append(complaints, fmt.Sprintf("%s: %s guards state of the package: move it into the value it guards", s.at(name), name.Name))
		case name.IsExported() && (isReference(spec.Type) || isReference(value)):
			complaints = append(complaints, fmt.Sprintf("%s: anyone may write to %s: unexport it and hand out copies through a function", s.at(name), name.Name))
		}
	}
	return complaints
}

// isLock recognises the types of sync and sync/atomic, also inside a literal or behind a pointer.
func isLock(expr ast.Expr) bool {
	switch expr := expr.(type) {
	case *ast.SelectorExpr:
		from, ok := expr.X.(*ast.Ident)
		return ok && (from.Name == "sync" || from.Name == "atomic")
	case *ast.IndexExpr: // atomic.Pointer[T]
		return isLock(expr.X)
	case *ast.StarExpr:
		return isLock(expr.X)
	case *ast.UnaryExpr:
		return isLock(expr.X)
	case *ast.CompositeLit:
		return isLock(expr.Type)
	}
	return false
}

// isReference recognises types and values of maps, slices, channels and pointers as they are written; a value that a
// function returns is taken for what its author says it is.
func isReference(expr ast.Expr) bool {
	switch expr := expr.(type) {
	case *ast.MapType, *ast.ChanType, *ast.StarExpr:
		return true
	case *ast.ArrayType:
		return expr.Len == nil
	case *ast.CompositeLit:
		return isReference(expr.Type)
	case *ast.UnaryExpr:
		return expr.Op == token.AND
	case *ast.CallExpr:
		name, ok := expr.Fun.(*ast.Ident)
		return ok && (name.Name == "make" || name.Name == "new")
	}
	return false
}

// written lists what a statement or expression writes to, or makes writable elsewhere by taking its address.
func written(node ast.Node) []ast.Expr {
	switch node := node.(type) {
	case *ast.AssignStmt:
		if node.Tok != token.DEFINE {
			return node.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{node.X}
	case *ast.RangeStmt:
		if node.Tok == token.ASSIGN {
			return []ast.Expr{node.Key, node.Value}
		}
	case *ast.CallExpr:
		if name, ok := node.Fun.(*ast.Ident); ok && (name.Name == "delete" || name.Name == "clear" || name.Name == "copy") && len(node.Args) > 0 {
			return node.Args[:1]
		}
	case *ast.UnaryExpr:
		if node.Op == token.AND {
			return []ast.Expr{node.X}
		}
	}
	return nil
}

// root is the variable in which a written place lies: x in x.field[3].
func root(expr ast.Expr) *ast.Ident {
	for {
		switch e := expr.(type) {
		case *ast.Ident:
			return e
		case *ast.IndexExpr:
			expr = e.X
		case *ast.SelectorExpr:
			expr = e.X
		case *ast.StarExpr:
			expr = e.X
		case *ast.ParenExpr:
			expr = e.X
		case *ast.SliceExpr:
			expr = e.X
		default:
			return nil
		}
	}
}

func TestNobodyAsksTheHostForTimeOrChance(t *testing.T) { report(t, checkTime(moduleSources(t))) }

func TestPackagesHaveNoState(t *testing.T) { report(t, checkGlobals(moduleSources(t))) }

// ---- the checks themselves, seen red

func TestCheckTime(t *testing.T) {
	tests := []struct{ name, path, text, want string }{
		{"a time.Time", "emulator/state/a.go", `import "time"; func f(now func() time.Time) time.Time { return now().Add(time.Second) }`, ""},
		{"a variable named time", "emulator/state/a.go", `type t struct{ Now int }; func f(time t) int { return time.Now }`, ""},
		{"the clock", "emulator/clock/a.go", `import "time"; var f = time.Now`, ""},
		{"a test", "emulator/state/a_test.go", `import "time"; var f = time.Now`, ""},
		{"a call", "emulator/state/a.go", `import "time"; func f() time.Time { return time.Now() }`, "emulator/state/a.go:1: time.Now"},
		{"a value", "emulator/state/a.go", `import "time"; var f = time.Now`, "time.Now"},
		{"another name", "clientlib/arm/a.go", `import stdtime "time"; func f() { stdtime.Sleep(1) }`, "time.Sleep"},
		{"elapsed", "conformance/suite/a.go", `import "time"; func f(t time.Time) any { return time.Since(t) }`, "time.Since"},
		{"chance", "emulator/fault/a.go", `import _ "math/rand/v2"`, "imports math/rand/v2"},
		{"ids", "emulator/fault/a.go", `import _ "github.com/google/uuid"`, "imports github.com/google/uuid"},
		{"keys", "emulator/pki/a.go", `import _ "crypto/rand"`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, checkTime(parse(t, map[string]string{test.path: "package a; " + test.text})), one(test.want))
		})
	}
	program := parse(t, map[string]string{"fixtures/tutorial/play/main.go": `package main; import "time"; var f = time.Now`})
	expect(t, checkTime(program), nil)
}

func TestCheckGlobals(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"a table", `var table = map[string]int{"a": 1}; func f(k string) int { return table[k] }`, ""},
		{"a table copied", `var rows = []int{1}; func Rows() []int { out := append([]int(nil), rows...); out[0] = 2; return out }`, ""},
		{"an error", `import "errors"; var ErrGone = errors.New("gone")`, ""},
		{"a pattern", `import "regexp"; var Pattern = regexp.MustCompile("a")`, ""},
		{"an interface kept", `type T struct{}; var _ any = (*T)(nil)`, ""},
		{"shadowed", `var n = 1; func f() int { n := n; n++; return n }`, ""},
		{"parameter of the same name", `var rows = []int{1}; func f(rows []int) { rows[0] = 1 }`, ""},
		{"a value computed once", `import "sync"; var load = sync.OnceValue(func() int { return 1 })`, ""},
		{"method named init", `type T struct{}; func (T) init() {}`, ""},
		{"init", `func init() {}`, "init()"},
		{"exported map", `var Table = map[string]int{}`, "anyone may write to Table"},
		{"exported slice by type", `var Rows []int`, "anyone may write to Rows"},
		{"exported pointer", `type T struct{}; var Default = &T{}`, "anyone may write to Default"},
		{"exported make", `var Done = make(chan int)`, "anyone may write to Done"},
		{"assigned", `var n int; func f() { n = 1 }`, "writes to the package's variable n"},
		{"counted", `var n int; func f() { n++ }`, "writes to the package's variable n"},
		{"element", `var m = map[string]int{}; func f() { m["a"] = 1 }`, "writes to the package's variable m"},
		{"field", `var s struct{ a []int }; func f() { (s.a)[0] = 1 }`, "writes to the package's variable s"},
		{"deleted", `var m = map[string]int{}; func f() { delete(m, "a") }`, "writes to the package's variable m"},
		{"address", `var n int; func f() *int { return &n }`, "writes to the package's variable n"},
		{"ranged into", `var n int; func f(l []int) { for n = range l {} }`, "writes to the package's variable n"},
		{"lock", `import "sync"; var mu sync.Mutex`, "mu guards state"},
		{"counter", `import "sync/atomic"; var seq atomic.Pointer[int]`, "seq guards state"},
		{"lock by pointer", `import "sync"; var mu = &sync.RWMutex{}`, "mu guards state"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expect(t, checkGlobals(parse(t, map[string]string{"emulator/state/a.go": "package a; " + test.text})), one(test.want))
		})
	}
	t.Run("written in another file", func(t *testing.T) {
		expect(t, checkGlobals(parse(t, map[string]string{
			"emulator/state/a.go": "package a; var n int",
			"emulator/state/b.go": "package a; func f() { n = 1 }",
		})), one("emulator/state/b.go:1: writes to the package's variable n"))
	})
	t.Run("test and timekeeper", func(t *testing.T) {
		expect(t, checkGlobals(parse(t, map[string]string{
			"emulator/state/a_test.go": "package a; var n int; func f() { n = 1 }",
			"emulator/ids/a.go":        "package a; var n int; func f() { n = 1 }",
		})), nil)
	})
}
