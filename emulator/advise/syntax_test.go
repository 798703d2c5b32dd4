package advise

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A strict check of the little of Bicep and of HCL that plans are written in. It takes less than the
// languages do.

const (
	bicepText = `'(?:[^'\\$\x00-\x1f]|\\['\\$]|\\u\{[0-9a-f]+\}|\$[^{'])*\$?'`
	hclText   = `"(?:[^"\\$%\x00-\x1f]|\\["\\]|\\u[0-9a-f]{4}|\$\$\{|%%\{|[$%][^{"$%]|[$%]")*"?`
)

// forms are what a line can be, and how many brackets it opens.
var forms = map[Format][]struct {
	line *regexp.Regexp
	open string
}{
	Bicep: {
		{regexp.MustCompile(`^ *//.*$`), ""},
		{regexp.MustCompile(`^targetScope = '(?:resourceGroup|subscription|tenant)'$`), ""},
		{regexp.MustCompile(`^resource [a-z_][a-z0-9_]* '[A-Za-z.]+(?:/[A-Za-z]+)+@\d{4}-\d\d-\d\d'(?: existing)? = \{$`), "{"},
		{regexp.MustCompile(`^ +[a-zA-Z]+: \{$`), "{"},
		{regexp.MustCompile(`^ +[a-zA-Z]+: \[$`), "["},
		{regexp.MustCompile(`^ +\{$`), "{"},
		{regexp.MustCompile(`^ +[a-zA-Z]+: (?:` + bicepText + `|[a-z_][a-z0-9_]*)$`), ""},
		{regexp.MustCompile(`^ +` + bicepText + `$`), ""},
		{regexp.MustCompile(`^ +[a-zA-Z]+: [a-zA-Z]+\((?:(?:` + bicepText + `|[a-zA-Z_][a-zA-Z0-9_]*(?:\(\))?(?:\.[a-zA-Z]+)?)(?:, |\)))+(?: // .*)?$`), ""},
		{regexp.MustCompile(`^ *\}$`), "}"},
		{regexp.MustCompile(`^ *\]$`), "]"},
	},
	Terraform: {
		{regexp.MustCompile(`^#.*$`), ""},
		{regexp.MustCompile(`^resource "[a-z_]+" "[a-z_][a-z0-9_]*" \{$`), "{"},
		{regexp.MustCompile(`^  [a-z_]+ *= ` + hclText + `$`), ""},
		{regexp.MustCompile(`^  [a-z_]+ *= \[` + hclText + `(?:, ` + hclText + `)*\]$`), ""},
		{regexp.MustCompile(`^\}$`), "}"},
	},
}

var (
	declared = regexp.MustCompile(`(?m)^resource (?:"([a-z_]+)" )?"?([a-z_][a-z0-9_]*)"? `)
	referred = regexp.MustCompile(`(?m)^ +(?:parent|scope): ([a-z_0-9]+)$|guid\(([a-z_0-9]+)\.id`)
)

// checkSyntax says what is wrong with a text.
func checkSyntax(f Format, text string) error {
	var open []string
	for i, line := range strings.Split(text, "\n") {
		if line == "" {
			continue
		}
		at := slices.IndexFunc(forms[f], func(form struct {
			line *regexp.Regexp
			open string
		}) bool {
			return form.line.MatchString(line)
		})
		if at < 0 {
			return fmt.Errorf("line %d: %s", i+1, line)
		}
		switch bracket := forms[f][at].open; bracket {
		case "{", "[":
			open = append(open, bracket)
		case "}", "]":
			if len(open) == 0 || open[len(open)-1] != map[string]string{"}": "{", "]": "["}[bracket] {
				return fmt.Errorf("line %d closes what is not open", i+1)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fmt.Errorf("%d brackets are open", len(open))
	}
	for _, file := range strings.Split(text, "\ntargetScope") {
		if err := checkNames(file); err != nil {
			return err
		}
	}
	return nil
}

// checkNames says which names of a file are given twice, or to nothing.
func checkNames(file string) error {
	names := map[string]bool{}
	for _, m := range declared.FindAllStringSubmatch(file, -1) {
		name := m[1] + "." + m[2]
		if names[name] {
			return fmt.Errorf("%s twice", name)
		}
		names[name] = true
	}
	for _, m := range referred.FindAllStringSubmatch(file, -1) {
		if name := m[1] + m[2]; !names["."+name] {
			return fmt.Errorf("nothing is called %s", name)
		}
	}
	return nil
}
