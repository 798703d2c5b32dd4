package persist

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/state"
)

var update = flag.Bool("update", false, "write testdata anew")

// The form of the records is written down: a change of package state that changes it
// does not go unnoticed.
func TestShape(t *testing.T) {
	var b strings.Builder
	fmt.Fprintf(&b, "schema %s\n", Schema)
	describe := func(name string, row reflect.Type) {
		fmt.Fprintf(&b, "%s: %s\n", name, describeType(newShape(types()...), row))
	}
	describe(worldKey, reflect.TypeFor[World]())
	describe(switchesKey, reflect.TypeFor[state.Switches]())
	describe(stampsKey, reflect.TypeFor[state.Stamps]())
	state.New().View(func(tx *state.Tx) {
		for _, table := range tx.Tables() {
			describe(table.Name(), table.Row())
		}
	})
	const path = "testdata/shape.txt"
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != b.String() {
		t.Errorf("the form of what is saved has changed. If %s is released, make it the next version and write the step that brings older records there (schema.go); "+
			"then, or before a release, go test ./emulator/persist -run TestShape -update\n%s", Schema, firstDifference(string(want), b.String()))
	}
}

func describeType(s shape, t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[state.Content]():
		return "content"
	case isLeaf(t), t == reflect.TypeFor[[]byte](), t.PkgPath() == "time":
		return t.String()
	}
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		return "[" + describeType(s, t.Elem()) + "]"
	case reflect.Pointer:
		return "?" + describeType(s, t.Elem())
	case reflect.Struct:
		var fields []string
		for _, f := range s[t] {
			fields = append(fields, f.key+" "+describeType(s, t.FieldByIndex(f.index).Type))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	if t.Kind() == reflect.Map {
		return "texts"
	}
	return t.Kind().String()
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "was " + a[i] + "\nis  " + b[i]
		}
	}
	return "there are more or fewer lines"
}

// No two fields of a struct have one key, and no key is one of a table's neighbours.
func TestKeysAreDistinct(t *testing.T) {
	for typ, fields := range newShape(types()...) {
		seen := map[string]bool{}
		for _, f := range fields {
			if seen[f.key] {
				t.Errorf("%v has two fields with the key %q", typ, f.key)
			}
			seen[f.key] = true
		}
	}
	names := []string{"schema", worldKey, switchesKey, stampsKey}
	state.New().View(func(tx *state.Tx) {
		for _, table := range tx.Tables() {
			if slices.Contains(names, table.Name()) {
				t.Errorf("two tables are called %q", table.Name())
			}
			names = append(names, table.Name())
		}
	})
}

func TestKeyOf(t *testing.T) {
	for name, want := range map[string]string{
		"ID": "id", "Name": "name", "SubscriptionID": "subscriptionID", "VMID": "vmid", "SKU": "sku", "HTTPSOnly": "httpsOnly",
		"IMDSReadyAfter": "imdsReadyAfter", "MD5": "md5", "IDLength": "idLength", "ErrorDocument404": "errorDocument404", "RBAC": "rbac",
	} {
		if got := keyOf(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
