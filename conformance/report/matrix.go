package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/suite"
)

// badge is what a shield shows.
func (r Report) badge() map[string]any {
	pass, all := 0, 0
	for _, rule := range r.Rules {
		if rule.Level != rules.Must {
			continue
		}
		switch rule.Status {
		case suite.Pass:
			pass++
			all++
		case suite.Fail, suite.Broken:
			all++
		}
	}
	colour := "red"
	if pass == all && all > 0 {
		colour = "brightgreen"
	}
	return map[string]any{"schemaVersion": 1, "label": "conformance " + r.Target.Name, "message": fmt.Sprintf("%d/%d MUST", pass, all), "color": colour}
}

// mark is a status in a cell.
func mark(r Rule) string {
	switch r.Status {
	case suite.Pass:
		return "pass"
	case suite.Fail:
		if r.Known != "" {
			return "**fail** (known)"
		}
		return "**fail**"
	case suite.Broken:
		return "**error**"
	case suite.Unsupported:
		return "–"
	}
	return string(r.Status)
}

// Matrix is a table in Markdown: a row a rule, a column a report, and the totals before it.
func Matrix(reports []Report) string {
	var out strings.Builder
	out.WriteString("# Conformance\n\n| target |")
	for _, s := range suite.Statuses() {
		fmt.Fprintf(&out, " %s |", s)
	}
	out.WriteString(" profiles claimed |\n|---|" + strings.Repeat("--:|", len(suite.Statuses())) + "---|\n")
	for _, r := range reports {
		fmt.Fprintf(&out, "| %s (%s) |", r.Target.Name, r.Target.Kind)
		for _, s := range suite.Statuses() {
			fmt.Fprintf(&out, " %d |", r.Totals[s])
		}
		var claimed []string
		for _, p := range r.Profiles {
			if p.Claimed {
				claimed = append(claimed, p.Name)
			}
		}
		fmt.Fprintf(&out, " %s |\n", strings.Join(claimed, ", "))
	}
	out.WriteString("\n| rule | level | known by |")
	for _, r := range reports {
		fmt.Fprintf(&out, " %s |", r.Target.Name)
	}
	out.WriteString("\n|---|---|---|" + strings.Repeat("---|", len(reports)) + "\n")
	for _, id := range ids(reports) {
		var first Rule
		var cells strings.Builder
		for _, r := range reports {
			i := slices.IndexFunc(r.Rules, func(x Rule) bool { return x.ID == id })
			if i < 0 {
				cells.WriteString(" |")
				continue
			}
			first = r.Rules[i]
			fmt.Fprintf(&cells, " %s |", mark(first))
		}
		fmt.Fprintf(&out, "| %s | %s | %s |%s\n", id, first.Level, first.Standing, cells.String())
	}
	return out.String()
}

func ids(reports []Report) []string {
	var all []string
	for _, r := range reports {
		for _, rule := range r.Rules {
			if !slices.Contains(all, rule.ID) {
				all = append(all, rule.ID)
			}
		}
	}
	slices.Sort(all)
	return all
}

// Change is a rule whose status differs between two reports.
type Change struct {
	ID    string
	Level rules.Level
	A, B  suite.Status
	Got   string
}

// Worse tells whether the second report is worse by it: the rule fails, or is a MUST rule that passed.
func (c Change) Worse() bool {
	return c.B == suite.Fail || c.A == suite.Pass && c.Level == rules.Must
}

// Compare lists the rules whose status differs. Reports of different lists of specs are compared
// only by what both have, and only if common is set; else it is an error.
func Compare(a, b Report, common bool) ([]Change, error) {
	if a.Suite.ListHash != b.Suite.ListHash && !common {
		return nil, fmt.Errorf("the reports are of different lists of specs (%s and %s): --common compares the rules that both have", a.Suite.ListHash, b.Suite.ListHash)
	}
	var out []Change
	for _, x := range a.Rules {
		i := slices.IndexFunc(b.Rules, func(y Rule) bool { return y.ID == x.ID })
		if i < 0 || b.Rules[i].Status == x.Status {
			continue
		}
		got := b.Rules[i].Got
		if got == "" {
			got = x.Got
		}
		out = append(out, Change{ID: x.ID, Level: b.Rules[i].Level, A: x.Status, B: b.Rules[i].Status, Got: firstLine(got)})
	}
	return out, nil
}
