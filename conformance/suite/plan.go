package suite

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/targets"
)

// A Capability says whether a target has a feature, and how that is known.
type Capability struct {
	Feature string `json:"feature"`
	Present bool   `json:"present"`
	// Origin is declared, probed, default, or unnamed: the target file names no credential for it.
	Origin string `json:"origin"`
	Reason string `json:"reason,omitempty"`
}

// Selection says which specs a run is about.
type Selection struct {
	// Profile is the name of the only profile to run, empty for all.
	Profile string
	// IDs are ids of specs, rules or areas (BLOB-SAS) to run, none for all.
	IDs []string
	// Disruptive and Slow let such specs run.
	Disruptive, Slow bool
}

// Planned is a spec with what the planner decided.
type Planned struct {
	Spec Spec
	// Status is empty for a spec that will run, else Unsupported, Excluded or NotRun.
	Status Status
	Reason string
}

// Plan decides before a run which specs run, and why the others do not.
type Plan struct {
	Specs        []Planned
	Capabilities []Capability
}

// Runs are the specs that will run.
func (p Plan) Runs() []Spec {
	var out []Spec
	for _, s := range p.Specs {
		if s.Status == "" {
			out = append(out, s.Spec)
		}
	}
	return out
}

// NewPlan resolves the features of a target, declared first, then probed (by name, of those
// that were), then present by default, and sorts the specs by them. A name that is selected or
// declared and means nothing is an error.
func NewPlan(c *Catalogue, target targets.File, probed []Capability, sel Selection) (Plan, error) {
	capabilities, err := c.capabilities(target, probed)
	if err != nil {
		return Plan{}, err
	}
	if err := c.checkSelection(sel); err != nil {
		return Plan{}, err
	}
	absent := map[string]Capability{}
	for _, k := range capabilities {
		if !k.Present {
			absent[k.Feature] = k
		}
	}
	plan := Plan{Capabilities: capabilities}
	for _, s := range c.Specs {
		status, reason := c.decide(s, target, absent, sel)
		plan.Specs = append(plan.Specs, Planned{s, status, reason})
	}
	return plan, c.reach(target, plan.Runs())
}

func (c *Catalogue) capabilities(target targets.File, probed []Capability) ([]Capability, error) {
	byName := map[string]Capability{}
	for _, f := range c.Features {
		byName[f.Name] = Capability{Feature: f.Name, Present: true, Origin: "default"}
	}
	for _, k := range probed {
		byName[k.Feature] = k
	}
	without := unnamed(target)
	maps.Copy(byName, without)
	known := func(name string) error { // a feature, or the beginning of some: arm
		if !slices.ContainsFunc(c.Features, func(f rules.Feature) bool { return slices.Contains(parents(f.Name), name) }) {
			return fmt.Errorf("target %s: no feature %q", target.Name, name)
		}
		return nil
	}
	for name, present := range target.Capabilities {
		if err := known(name); err != nil {
			return nil, err
		}
		if k, ok := without[name]; ok && present {
			return nil, fmt.Errorf("target %s: it says that %s is there, and does not name %s", target.Name, name, k.Reason[strings.LastIndexByte(k.Reason, ' ')+1:])
		}
		byName[name] = Capability{Feature: name, Present: present, Origin: "declared"}
	}
	for name, why := range target.Absent {
		if err := known(name); err != nil {
			return nil, err
		}
		byName[name] = Capability{Feature: name, Origin: "declared", Reason: why}
	}
	all := make([]Capability, 0, len(byName))
	for _, k := range byName {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Capability) int { return cmp.Compare(a.Feature, b.Feature) })
	return all, nil
}

// named tells whether an id is the spec's, or that of a rule it asserts, or of the area of one.
func (s Spec) named(id string) bool {
	return s.ID == id || slices.ContainsFunc(s.Rules(), func(rule string) bool { return rule == id || strings.HasPrefix(rule, id+"-") })
}

func (c *Catalogue) checkSelection(sel Selection) error {
	if _, ok := profileOf(sel.Profile); sel.Profile != "" && !ok {
		return fmt.Errorf("no profile %q", sel.Profile)
	}
	for _, id := range sel.IDs {
		if !slices.ContainsFunc(c.Specs, func(s Spec) bool { return s.named(id) }) {
			return fmt.Errorf("no spec has the id, or asserts the rule or one of the area, %q", id)
		}
	}
	return nil
}

// decide says why a spec does not run; an empty status means that it does.
func (c *Catalogue) decide(s Spec, target targets.File, absent map[string]Capability, sel Selection) (Status, string) {
	if p, _ := profileOf(sel.Profile); sel.Profile != "" && !p.In(s) {
		return NotRun, "not in the profile " + sel.Profile
	}
	if len(sel.IDs) > 0 && !slices.ContainsFunc(sel.IDs, s.named) {
		return NotRun, "not selected"
	}
	for _, need := range c.Needs(s) {
		for _, feature := range parents(need) {
			if k, ok := absent[feature]; ok {
				return Unsupported, because(feature+" is not there ("+k.Origin+")", k.Reason)
			}
		}
	}
	for _, id := range s.Rules() {
		if reason := outOfRange(c.byRule[id], target); reason != "" {
			return Excluded, reason
		}
	}
	switch {
	case s.Disruptive && !sel.Disruptive && target.Kind != targets.Emulator:
		return Excluded, "it may disturb others: --disruptive runs it"
	case s.Subscription && target.Kind == targets.Azure && target.Names.Group != "":
		return Excluded, "it needs rights on the whole subscription, and the target file names the group " + target.Names.Group
	case s.Spare && target.Names.Spare == "":
		return Excluded, "it takes the identities of a machine away, and the target file names none for that (names.spare)"
	case s.Slow && !sel.Slow && target.Kind == targets.Azure:
		return Excluded, "it waits for minutes: --slow runs it"
	}
	return "", ""
}

func because(what, why string) string {
	if why == "" {
		return what
	}
	return what + ": " + why
}

// outOfRange says why a rule does not hold for the versions or the cloud of a target. The end of
// a rule's range does not matter: whoever knows newer versions is still asked for older ones.
func outOfRange(r rules.Rule, target targets.File) string {
	newest := target.Versions.BlobNewest
	switch {
	case len(r.Clouds) > 0 && target.Cloud != "" && !slices.Contains(r.Clouds, target.Cloud):
		return fmt.Sprintf("%s does not hold in the cloud %s", r.ID, target.Cloud)
	case newest != "" && strings.HasPrefix(r.ID, "BLOB-") && r.Since > newest:
		return fmt.Sprintf("%s holds since version %s, and the target knows none after %s", r.ID, r.Since, newest)
	}
	return ""
}
