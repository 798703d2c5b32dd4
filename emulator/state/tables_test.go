package state

import (
	"reflect"
	"testing"
)

// A table that is missing from the list of tables would be shared by forks.
func TestEveryTableIsListed(t *testing.T) {
	tx := emptyTx()
	listed := len(tx.tables())
	found := 0
	v := reflect.ValueOf(tx).Elem()
	for i := range v.NumField() {
		if v.Field(i).CanAddr() && v.Type().Field(i).IsExported() {
			if _, ok := v.Field(i).Addr().Interface().(table); ok {
				found++
			}
		}
	}
	if listed != found || found < 15 {
		t.Fatalf("%d tables, %d listed", found, listed)
	}
	seen := map[table]bool{}
	for _, one := range tx.tables() {
		if seen[one] {
			t.Error("a table is listed twice")
		}
		seen[one] = true
	}
}
