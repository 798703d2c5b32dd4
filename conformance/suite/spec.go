package suite

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/linarite/linarite/conformance/rules"
)

// Spec is one check of one rule, and perhaps of some that show in the same answers.
type Spec struct {
	// ID is the primary rule and a short name of the case: IMDS-TOKEN-012/missing-header.
	ID string
	// Title says what the target does, as in "refuses a token request without the header".
	Title string
	// Covers are further rules that the spec asserts. One that it does not come to assert is
	// an error of the spec.
	Covers []string
	// Needs are features beyond those of its rules.
	Needs []string
	// Profiles are those that the spec belongs to besides its plane's own.
	Profiles []string
	// Slow marks a spec that waits for minutes on real Azure.
	Slow bool
	// Subscription marks a spec that needs rights on the whole subscription, to make groups, say.
	// It does not run on real Azure where the target file names a group: the deployer's rights
	// end there.
	Subscription bool
	// Spare marks a spec that takes all identities away from a machine, which is the target's spare
	// one. It does not run where the target file names none.
	Spare bool
	// Disruptive marks a spec that may disturb others on the same target while it runs.
	Disruptive bool
	// Run is the body. It must not keep anything between two runs.
	Run func(ctx context.Context, t *T)
}

// Rule is the id of the primary rule.
func (s Spec) Rule() string {
	id, _, _ := strings.Cut(s.ID, "/")
	return id
}

// Rules are the ids of all rules that the spec asserts, the primary one first.
func (s Spec) Rules() []string { return append([]string{s.Rule()}, s.Covers...) }

// Plane is the first part of the id: IMDS, ENTRA, ARM, RBAC, BLOB, KV or CLIENT.
func (s Spec) Plane() string {
	plane, _, _ := strings.Cut(s.ID, "-")
	return plane
}

var specID = regexp.MustCompile(`^[A-Z]+-[A-Z0-9]+-\d{3}/[a-z0-9]+(-[a-z0-9]+)*$`)

// Catalogue is the specs with the rules and features they speak of.
type Catalogue struct {
	Specs    []Spec
	Rules    []rules.Rule
	Features []rules.Feature

	byRule map[string]rules.Rule
}

// NewCatalogue checks the specs against the rules: form and uniqueness of ids, rules that
// exist and are not retired, features that are listed.
func NewCatalogue(specs []Spec) (*Catalogue, error) {
	all, err := rules.All()
	if err != nil {
		return nil, err
	}
	features, err := rules.Features()
	if err != nil {
		return nil, err
	}
	c := &Catalogue{Specs: specs, Rules: all, Features: features, byRule: map[string]rules.Rule{}}
	for _, r := range all {
		c.byRule[r.ID] = r
	}
	seen := map[string]bool{}
	for _, s := range specs {
		if seen[s.ID] {
			return nil, fmt.Errorf("spec %s is there twice", s.ID)
		}
		seen[s.ID] = true
		if err := c.checkSpec(s); err != nil {
			return nil, fmt.Errorf("spec %s: %w", s.ID, err)
		}
	}
	return c, nil
}

func (c *Catalogue) checkSpec(s Spec) error {
	switch {
	case !specID.MatchString(s.ID):
		return fmt.Errorf("the id is not of the form RULE/words-in-lower-case")
	case s.Title == "" || strings.HasSuffix(s.Title, "."):
		return fmt.Errorf("the title %q is not a phrase such as %q", s.Title, "refuses a request without a version")
	case s.Run == nil:
		return fmt.Errorf("it has no body")
	}
	ids := s.Rules()
	for i, id := range ids {
		rule, ok := c.byRule[id]
		switch {
		case !ok:
			return fmt.Errorf("no rule %s", id)
		case rule.Retired != nil:
			return fmt.Errorf("%s is retired: %s", id, rule.Retired.Reason)
		case slices.Contains(ids[:i], id):
			return fmt.Errorf("%s is covered twice", id)
		}
	}
	for _, name := range s.Needs {
		if !slices.ContainsFunc(c.Features, func(f rules.Feature) bool { return f.Name == name }) {
			return fmt.Errorf("no feature %s", name)
		}
	}
	for _, name := range s.Profiles {
		if _, ok := profileOf(name); !ok {
			return fmt.Errorf("no profile %s", name)
		}
	}
	return nil
}

// RuleOf is the rule of an id, which the catalogue has.
func (c *Catalogue) RuleOf(id string) rules.Rule { return c.byRule[id] }

// Needs are the features that a spec needs, those of its rules first, without their parents.
func (c *Catalogue) Needs(s Spec) []string {
	var needs []string
	for _, id := range s.Rules() {
		needs = append(needs, c.byRule[id].Feature)
	}
	needs = append(needs, s.Needs...)
	slices.Sort(needs)
	return slices.Compact(needs)
}
