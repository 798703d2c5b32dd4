package rules

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Level says what follows when a target breaks a rule. Only MUST decides whether a run passes.
type Level string

// The levels, by what a client notices.
const (
	Must   Level = "MUST"   // a client breaks, or security changes
	Should Level = "SHOULD" // clients see it, none is known to break
	May    Level = "MAY"    // for information
)

// Standing says how a rule is known, the strongest way first.
type Standing string

// The standings. Where documents and recordings disagree, the recording wins and the evidence names both.
const (
	Recorded   Standing = "recorded"   // seen from the real service
	Specified  Standing = "specified"  // in an API specification or an RFC
	Documented Standing = "documented" // in the service's documentation
	SDK        Standing = "sdk"        // a client depends on it
	Unverified Standing = "unverified" // inferred; nobody has seen it
)

// Kind says what a piece of evidence is.
type Kind string

// The kinds of evidence.
const (
	Doc       Kind = "doc"      // documentation
	Spec      Kind = "spec"     // an API specification or an RFC
	Recording Kind = "recorded" // an exchange with the real service, kept in a public place
	Issue     Kind = "issue"    // an exchange with the real service, quoted in an issue or a pull request
	Source    Kind = "sdk"      // the source of a client, or its test data
)

// Evidence is one public place that says what a rule says.
type Evidence struct {
	Kind Kind `json:"kind"`
	// Ref names the place as a person would look it up: a repository and a path, an issue by its number, an RFC.
	Ref string `json:"ref"`
}

// Retirement says why a rule no longer holds.
type Retirement struct {
	Reason string `json:"reason"`
	// Successor is the id of the rule that replaces it, empty when none does.
	Successor string `json:"successor,omitempty"`
}

// Rule is one observable fact about Azure.
type Rule struct {
	ID       string     `json:"id"`
	Level    Level      `json:"level"`
	Feature  string     `json:"feature"`
	Standing Standing   `json:"standing"`
	Text     string     `json:"text"`
	Evidence []Evidence `json:"evidence"`
	// Since and Until are the first and the last service version (api-version, x-ms-version) that the rule holds for;
	// empty means no limit.
	Since string `json:"since,omitempty"`
	Until string `json:"until,omitempty"`
	// Clouds are those that the rule holds for; none means all.
	Clouds []string `json:"clouds,omitempty"`
	// Cost of checking the rule on real Azure, "free" when absent.
	Cost string `json:"cost,omitempty"`
	// Faults are the planted faults that break this rule in the self-test of the suite.
	Faults []string `json:"faults,omitempty"`
	// Retired is nil while the rule holds.
	Retired *Retirement `json:"retired,omitempty"`
}

// Area is the id without its number: IMDS-TOKEN.
func (r Rule) Area() string { return r.ID[:strings.LastIndexByte(r.ID, '-')] }

// Feature is a part of Azure that a target may lack. Its name has its parents in front: imds.token.userAssigned
// implies imds.token, where that is listed.
type Feature struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

//go:embed *-*.json features.json
var files embed.FS

var idPattern = regexp.MustCompile(`^(IMDS|ENTRA|ARM|RBAC|BLOB|KV|CLIENT)-[A-Z0-9]+-\d{3}$`)

// All returns every rule, the retired ones included, by area and number.
func All() ([]Rule, error) { return load(files) }

// Features returns the features by name.
func Features() ([]Feature, error) {
	var features []Feature
	if err := decode(files, "features.json", &features); err != nil {
		return nil, err
	}
	return features, nil
}

// load reads the rules of all areas in fsys. Its errors name the file, and the row where one is at fault.
func load(fsys fs.FS) ([]Rule, error) {
	names, err := fs.Glob(fsys, "*-*.json")
	if err != nil {
		return nil, err
	}
	var all []Rule
	for _, name := range names {
		var rules []Rule
		if err := decode(fsys, name, &rules); err != nil {
			return nil, err
		}
		area := strings.ToUpper(strings.TrimSuffix(path.Base(name), ".json"))
		for i, rule := range rules {
			if err := rule.check(area, i+1); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		all = append(all, rules...)
	}
	return all, nil
}

// decode reads one file strictly: a member that the form does not have is an error, as is anything after the value.
func decode(fsys fs.FS, name string, into any) error {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		line := 1 + bytes.Count(text[:decoder.InputOffset()], []byte("\n"))
		return fmt.Errorf("%s: line %d or a little after: %w", name, line, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: text after the end of the list", name)
	}
	return nil
}

// check says what is wrong with the form of a row, which stands at a place (from 1) of its area's file.
func (r Rule) check(area string, number int) error {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%s: %s", r.ID, fmt.Sprintf(format, args...))
	}
	if want := fmt.Sprintf("%s-%03d", area, number); r.ID != want {
		return fmt.Errorf("row %d has the id %q, want %s: numbers go in steps of one, and a rule that is wrong is retired, not removed", number, r.ID, want)
	}
	switch {
	case !idPattern.MatchString(r.ID):
		return wrong("not of the form PLANE-AREA-NNN with a known plane")
	case !slices.Contains([]Level{Must, Should, May}, r.Level):
		return wrong("level %q: want MUST, SHOULD or MAY", r.Level)
	case r.Feature == "":
		return wrong("no feature")
	case r.Text == "":
		return wrong("no text")
	case len(r.Evidence) == 0:
		return wrong("no evidence: name what you looked at, also for an unverified rule")
	case r.Retired != nil && r.Retired.Reason == "":
		return wrong("retired without a reason")
	}
	for _, cloud := range r.Clouds {
		if !slices.Contains([]string{"public", "china", "usgov"}, cloud) {
			return wrong("cloud %q: want public, china or usgov", cloud)
		}
	}
	return r.checkStanding(wrong)
}

// checkStanding compares the standing with the evidence: a rule stands as its best evidence lets it.
func (r Rule) checkStanding(wrong func(string, ...any) error) error {
	carries := map[Standing][]Kind{
		Recorded:   {Recording, Issue},
		Specified:  {Spec},
		Documented: {Doc},
		SDK:        {Source},
		Unverified: {Doc, Spec, Recording, Issue, Source},
	}
	kinds, known := carries[r.Standing]
	if !known {
		return wrong("standing %q: want recorded, specified, documented, sdk or unverified", r.Standing)
	}
	if r.Standing == Unverified && r.Level == Must {
		return wrong("an unverified rule cannot decide a run: make it SHOULD, or find evidence")
	}
	for _, evidence := range r.Evidence {
		if !slices.Contains(carries[Unverified], evidence.Kind) {
			return wrong("evidence of kind %q: want doc, spec, recorded, issue or sdk", evidence.Kind)
		}
		if evidence.Ref == "" || strings.HasPrefix(evidence.Ref, "/") || strings.HasPrefix(evidence.Ref, ".") {
			return wrong("evidence %q is not a public place", evidence.Ref)
		}
	}
	if !slices.ContainsFunc(r.Evidence, func(e Evidence) bool { return slices.Contains(kinds, e.Kind) }) {
		return wrong("standing %s needs evidence of kind %v", r.Standing, kinds)
	}
	return nil
}
