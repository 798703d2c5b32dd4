package known_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/conformance/known"
	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/specs"
)

var update = flag.Bool("update", false, "write docs/azurite.md anew")

// docs is where the documents are.
var docs = filepath.Join("..", "..", "docs")

// catalogue is all rules by their ids, and the ids of the rules that each spec asserts.
func catalogue(t *testing.T) (map[string]rules.Rule, map[string][]string) {
	t.Helper()
	all, err := rules.All()
	if err != nil {
		t.Fatal(err)
	}
	byID, asserted := map[string]rules.Rule{}, map[string][]string{}
	for _, r := range all {
		byID[r.ID] = r
	}
	for _, s := range specs.All() {
		asserted[s.ID] = s.Rules()
	}
	return byID, asserted
}

// complaints says which differences are of rules that do not exist, or that no spec shows.
func complaints(list known.List, byID map[string]rules.Rule, asserted map[string][]string) (out []string) {
	for _, d := range list {
		r, ok := byID[d.Rule]
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("%s: there is no rule %s", d.ID, d.Rule))
		case r.Retired != nil:
			out = append(out, fmt.Sprintf("%s: %s is retired", d.ID, d.Rule))
		case d.Spec != "" && !slices.Contains(asserted[d.Spec], d.Rule):
			out = append(out, fmt.Sprintf("%s: no spec %s asserts %s", d.ID, d.Spec, d.Rule))
		}
	}
	return out
}

func TestRulesExist(t *testing.T) {
	byID, asserted := catalogue(t)
	names, err := filepath.Glob("*.json")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		list, err := known.For(strings.TrimSuffix(name, ".json"))
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range complaints(list, byID, asserted) {
			t.Errorf("%s: %s", name, c)
		}
	}
	wrong := known.List{
		{ID: "a", Rule: "BLOB-NOT-001"}, {ID: "b", Rule: "BLOB-PUT-003", Spec: "BLOB-NOT-001/x"},
		{ID: "c", Rule: "BLOB-PUT-003", Spec: "BLOB-PUT-002/crc64"}, {ID: "d", Rule: "BLOB-COMMON-041", Spec: "BLOB-PUT-003/no-type"},
	}
	if got := complaints(wrong, byID, asserted); len(got) != 3 {
		t.Errorf("of a list with three mistakes: %q", got)
	}
}

// withoutRow are the MUST rules of a list that no row of the table of divergences names.
func withoutRow(list known.List, byID map[string]rules.Rule, text string) (out []string) {
	told := map[string]bool{}
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for id := range strings.SplitSeq(cells[1], ",") {
				told[strings.TrimSpace(id)] = true
			}
		}
	}
	for _, d := range list {
		if byID[d.Rule].Level == rules.Must && !told[d.Rule] {
			out = append(out, d.Rule)
		}
	}
	return out
}

// TestOwnDifferencesAreTold: what Linarite is known to break of the MUST rules, its users are told.
func TestOwnDifferencesAreTold(t *testing.T) {
	byID, _ := catalogue(t)
	text, err := os.ReadFile(filepath.Join(docs, "divergences.md"))
	if err != nil {
		t.Fatal(err)
	}
	list, err := known.For("emulator")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range withoutRow(list, byID, string(text)) {
		t.Errorf("known/emulator.json has the MUST rule %s: give it a row in docs/divergences.md", id)
	}
	three := known.List{{Rule: "BLOB-PUT-003"}, {Rule: "BLOB-PUT-007"}, {Rule: "BLOB-CONT-015"}} // the last is a SHOULD
	if got := withoutRow(three, byID, "| BLOB-PUT-001, BLOB-PUT-003 | 2026-11 | x BLOB-PUT-007 |\n"); !slices.Equal(got, []string{"BLOB-PUT-007"}) {
		t.Errorf("without a row: %q", got)
	}
}

const preface = `# Where Azurite differs from Azure

<!-- Made by "make golden" from conformance/known/azurite.json; a change made here is lost. -->

Each row is a rule of ` + "`conformance/rules`" + ` that a spec shows [Azurite](https://github.com/Azure/Azurite) to break, on each run of
` + "`.ci/azurite`" + `, which names the version and runs the specs of Blob storage by an account's key over http. What Azurite does not
claim to have is no row: tokens and delegation keys here, SharedKey Lite; see
[the target](../conformance/targets/azurite.yaml). Linarite's own differences are in [divergences.md](divergences.md).

In %d of these %d rules a client breaks or security changes (MUST). A rule marked *unverified* follows from documentation; nobody
has shown the answer of the real service.

| rule | what Azure does | what Azurite does | evidence |
|---|---|---|---|
`

// table is docs/azurite.md.
func table(list known.List, byID map[string]rules.Rule) string {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b known.Difference) int { return strings.Compare(a.Rule, b.Rule) })
	var rows strings.Builder
	seen := map[string]bool{}
	must := 0
	for _, d := range list {
		r := byID[d.Rule]
		if !seen[r.ID] && r.Level == rules.Must {
			must++
		}
		seen[r.ID] = true
		text := r.Text
		if r.Standing == rules.Unverified {
			text += " *(unverified)*"
		}
		fmt.Fprintf(&rows, "| %s %s | %s | %s | %s |\n", r.ID, r.Level, cell(text), cell(d.Why), cell(d.Ref))
	}
	return fmt.Sprintf(preface, must, len(seen)) + rows.String()
}

// cell is text that ends no cell of a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// TestAzuriteTable holds docs/azurite.md to the list; -update writes it.
func TestAzuriteTable(t *testing.T) {
	byID, _ := catalogue(t)
	list, err := known.For("azurite")
	if err != nil {
		t.Fatal(err)
	}
	file, want := filepath.Join(docs, "azurite.md"), table(list, byID)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("docs/azurite.md is not what known/azurite.json says: make golden (%v)", err)
	}
}
