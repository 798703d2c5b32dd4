package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/linarite/linarite/conformance/known"
	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/suite"
	"github.com/linarite/linarite/conformance/targets"
)

// Schema is what a report says of itself.
const Schema = "linarite.conformance/report/1"

// Report is the outcome of one run against one target.
type Report struct {
	Schema string `json:"schema"`
	Suite  Suite  `json:"suite"`
	Target Target `json:"target"`
	Run    Run    `json:"run"`
	// Publishable tells whether the report may stand for the target: complete, unfiltered, without
	// errors, by a released suite.
	Publishable  bool               `json:"publishable"`
	Profiles     []Profile          `json:"profiles"`
	Capabilities []suite.Capability `json:"capabilities"`
	Rules        []Rule             `json:"rules"`
	Specs        []suite.SpecResult `json:"specs"`
	Totals       Totals             `json:"totals"`
	// Problems are failures outside the specs.
	Problems []string `json:"problems,omitempty"`
	// Left is what the run made and could not take away, with what takes it away.
	Left []string `json:"left"`
}

// Suite says which suite ran.
type Suite struct {
	Version string `json:"version"`
	Rules   int    `json:"rules"`
	Specs   int    `json:"specs"`
	// ListHash is of the ids of all specs: reports with the same one can be compared.
	ListHash string `json:"listHash"`
}

// Target says what it ran against.
type Target struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Version string `json:"version,omitempty"`
	Cloud   string `json:"cloud"`
}

// Run says how.
type Run struct {
	ID       string    `json:"id"`
	Start    time.Time `json:"start"`
	Seconds  float64   `json:"seconds"`
	Seed     int64     `json:"seed"`
	Procs    int       `json:"procs"`
	Filter   string    `json:"filter"`
	Complete bool      `json:"complete"`
	Requests int       `json:"requests"`
}

// Profile is how far a target keeps a profile's rules.
type Profile struct {
	Name string `json:"name"`
	// Core counts the rules of the profile's core features, Extended the others.
	Core     Totals `json:"core"`
	Extended Totals `json:"extended"`
	// Unsupported are the features of the profile that the target lacks.
	Unsupported []string `json:"unsupported"`
	// Claimed tells that no core feature is missing, no MUST rule of it failed, and all were
	// looked at.
	Claimed bool `json:"claimed"`
}

// Totals count rules by status; they add up to the rules in scope.
type Totals map[suite.Status]int

// Rule is how one rule fared.
type Rule struct {
	ID       string         `json:"id"`
	Level    rules.Level    `json:"level"`
	Standing rules.Standing `json:"standing"`
	Status   suite.Status   `json:"status"`
	// Spec is the spec that decided, the first one where several agree.
	Spec     string `json:"spec,omitempty"`
	Want     string `json:"want,omitempty"`
	Got      string `json:"got,omitempty"`
	Reason   string `json:"reason,omitempty"`
	Exchange int    `json:"exchange,omitempty"`
	// Known is the id of the known difference that says so too.
	Known string `json:"known,omitempty"`
	// Outdated is the id of the known difference that is no longer one: the rule passes.
	Outdated string `json:"outdated,omitempty"`
}

// Input is all that a report is made of.
type Input struct {
	Version   string
	Catalogue *suite.Catalogue
	Target    targets.File
	// TargetVersion is what the target calls its version, where that is known.
	TargetVersion string
	Plan          suite.Plan
	Run           Run
	Results       map[string]suite.SpecResult
	Known         known.List
	Problems      []string
	Left          []string
}

// New adds the results up.
func New(in Input) Report {
	r := Report{
		Schema: Schema, Run: in.Run, Capabilities: in.Plan.Capabilities, Problems: in.Problems, Left: in.Left, Totals: Totals{},
		Suite:  Suite{Version: in.Version, Rules: len(in.Catalogue.Rules), Specs: len(in.Catalogue.Specs), ListHash: ListHash(in.Catalogue.Specs)},
		Target: Target{Name: in.Target.Name, Kind: string(in.Target.Kind), Version: in.TargetVersion, Cloud: in.Target.Cloud},
	}
	byRule := map[string]Rule{}
	words := map[string][]suite.RuleResult{}
	for _, s := range in.Catalogue.Specs {
		result := in.Results[s.ID]
		r.Specs = append(r.Specs, result)
		r.Run.Requests += result.Requests
		for _, one := range result.Rules {
			add(byRule, in.Catalogue.RuleOf(one.Rule), one)
			words[one.Rule] = append(words[one.Rule], one)
		}
	}
	for _, rule := range in.Catalogue.Rules {
		if one, ok := byRule[rule.ID]; ok {
			one = judge(one, words[rule.ID], in.Known)
			r.Rules = append(r.Rules, one)
			r.Totals[one.Status]++
		}
	}
	for _, p := range suite.Profiles() {
		r.Profiles = append(r.Profiles, profile(p, in, r.Rules))
	}
	r.Publishable = in.Run.Complete && in.Run.Filter == "" && r.Totals[suite.Broken] == 0 && len(in.Problems) == 0 &&
		r.Totals[suite.NotRun] == 0 && released(in.Version)
	if r.Left == nil {
		r.Left = []string{}
	}
	return r
}

// unreleased is what versions have that no release has: Go calls a build from a checkout (devel), or
// by the commit and its time, with +dirty where files were changed.
var unreleased = regexp.MustCompile(`^$|devel|\+dirty|[-.]\d{14}-[0-9a-f]{12}`)

func released(version string) bool { return !unreleased.MatchString(version) }

// add counts a spec's word about a rule; the heavier status decides.
func add(byRule map[string]Rule, rule rules.Rule, one suite.RuleResult) {
	old, ok := byRule[rule.ID]
	if ok && suite.Worse(old.Status, one.Status) == old.Status {
		return
	}
	byRule[rule.ID] = Rule{
		ID: rule.ID, Level: rule.Level, Standing: rule.Standing, Status: one.Status, Spec: one.Spec,
		Want: one.Want, Got: one.Got, Reason: one.Reason, Exchange: one.Exchange,
	}
}

// judge compares a rule with the list of known differences. It is known only if all failures of
// it are, in whichever spec; the first that is not is what the report shows.
func judge(r Rule, words []suite.RuleResult, list known.List) Rule {
	if id, stale := list.Judge(r.ID, "", false, r.Status == suite.Pass, ""); stale {
		return outdated(r, r.Spec, id)
	}
	for _, one := range words {
		id, stale := list.Judge(r.ID, one.Spec, one.Status == suite.Fail, one.Status == suite.Pass, one.Got)
		switch {
		case stale:
			return outdated(r, one.Spec, id)
		case one.Status == suite.Fail && id == "" || one.Status == suite.Broken:
			r.Status, r.Spec, r.Known = one.Status, one.Spec, ""
			r.Want, r.Got, r.Reason, r.Exchange = one.Want, one.Got, one.Reason, one.Exchange
			return r
		case id != "" && r.Known == "":
			r.Known = id
		}
	}
	return r
}

// outdated is a rule that passes, in some spec, against what the list says.
func outdated(r Rule, spec, id string) Rule {
	r.Status, r.Spec, r.Known, r.Outdated = suite.Fail, spec, "", id
	r.Want, r.Got, r.Reason, r.Exchange = "", "it passes: the known difference "+id+" is out of date", "", 0
	return r
}

func profile(p suite.Profile, in Input, all []Rule) Profile {
	out := Profile{Name: p.Name, Core: Totals{}, Extended: Totals{}, Unsupported: []string{}}
	mine := map[string]bool{}
	for _, s := range in.Catalogue.Specs {
		if p.In(s) {
			for _, id := range s.Rules() {
				mine[id] = true
			}
		}
	}
	absent := map[string]bool{}
	for _, k := range in.Plan.Capabilities {
		absent[k.Feature] = !k.Present
	}
	claimed := len(mine) > 0
	for _, r := range all {
		if !mine[r.ID] {
			continue
		}
		feature := in.Catalogue.RuleOf(r.ID).Feature
		core := slices.Contains(p.Core, feature)
		if absent[feature] && !slices.Contains(out.Unsupported, feature) {
			out.Unsupported = append(out.Unsupported, feature)
		}
		if core {
			out.Core[r.Status]++
			claimed = claimed && (r.Status == suite.Pass || r.Status == suite.Excluded || r.Level != rules.Must)
		} else {
			out.Extended[r.Status]++
		}
	}
	for _, f := range p.Core {
		claimed = claimed && !absent[f]
	}
	out.Claimed = claimed && out.Core[suite.Pass] > 0
	slices.Sort(out.Unsupported)
	return out
}

// Exit is the exit status that a run comes to: 0 when no MUST rule failed or was broken otherwise
// than known, no known difference is out of date, something ran, and nothing was left; 1 when not.
// A run that was cut short never exits 0.
func (r Report) Exit() int {
	ran := 0
	for _, rule := range r.Rules {
		bad := rule.Status == suite.Fail || rule.Status == suite.Broken
		if bad && rule.Known == "" && (rule.Level == rules.Must || rule.Outdated != "") {
			return 1
		}
		if bad || rule.Status == suite.Pass {
			ran++
		}
	}
	if ran == 0 || !r.Run.Complete || len(r.Problems) > 0 || len(r.Left) > 0 {
		return 1
	}
	return 0
}

// ListHash is a hash of the ids of specs, in any order.
func ListHash(specs []suite.Spec) string {
	ids := make([]string, len(specs))
	for i, s := range specs {
		ids[i] = s.ID
	}
	slices.Sort(ids)
	sum := sha256.New()
	for _, id := range ids {
		fmt.Fprintln(sum, id)
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// Read reads a report.json.
func Read(file string) (Report, error) {
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return Report{}, err
	}
	var r Report
	if err := json.Unmarshal(text, &r); err != nil {
		return Report{}, fmt.Errorf("%s: %w", file, err)
	}
	if r.Schema != Schema {
		return Report{}, fmt.Errorf("%s: schema is %q, want %s", file, r.Schema, Schema)
	}
	return r, nil
}
