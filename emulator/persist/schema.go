package persist

import (
	"fmt"
	"strconv"
	"strings"
)

// version is that of the records written now. Once a version is released, whatever changes
// the form of a record, or what it means, needs the next one, and a step that brings older
// records there: a Linarite that does not know a field must not take a record for its own.
const version = 1

// schemaPrefix begins the name of a schema; its version follows.
const schemaPrefix = "linarite/state/"

// Schema is the schema of what is written.
var Schema = schemaPrefix + strconv.Itoa(version)

// step brings records of one version to the next.
type step struct {
	// from is the version of the records it takes.
	from int
	// table returns the new name of a table, or of a record that is no row; nil where all
	// stay.
	table func(name string) string
	// record changes a record of the new name in place; nil where fields are only new.
	record func(name string, n *node) error
}

// steps are all steps there are, oldest first: none yet.
func steps() []step { return nil }

// upgrade chooses the steps for records of a schema. The error is what to tell people.
func upgrade(schema string, current int, all []step) ([]step, error) {
	digits, ours := strings.CutPrefix(schema, schemaPrefix)
	v, err := strconv.Atoi(digits)
	switch {
	case !ours || err != nil || v < 1 || strconv.Itoa(v) != digits:
		return nil, fmt.Errorf("schema is %q: it takes %s%d or an older version of it", schema, schemaPrefix, current)
	case v > current:
		return nil, fmt.Errorf("schema is %s, and this Linarite knows versions up to %d: use the Linarite that wrote it, or a later one", schema, current)
	}
	for i, s := range all {
		if s.from == v {
			return all[i:], nil
		}
	}
	return nil, nil
}

// renamed is the present name of a table.
func renamed(name string, steps []step) string {
	for _, s := range steps {
		if s.table != nil {
			name = s.table(name)
		}
	}
	return name
}
