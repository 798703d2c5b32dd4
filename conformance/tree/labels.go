package tree

import (
	"slices"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/linarite/linarite/conformance/suite"
)

// Labels are those of a spec. Nothing else in the suite makes a label, so a filter such as
//
//	Feature: containsAny {blob.list, blob.get} && Level: isSubsetOf {MUST}
//
// can rely on their keys: ID, Rule, Feature, Profile, Plane, Level, Standing, Cost.
func Labels(c *suite.Catalogue, s suite.Spec) ginkgo.Labels {
	var all ginkgo.Labels
	add := func(key, value string) {
		if l := key + ":" + value; !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	add("ID", strings.ReplaceAll(s.ID, "/", ".")) // a slash is a sign of the filter language
	for _, id := range s.Rules() {
		rule := c.RuleOf(id)
		add("Rule", id)
		add("Level", string(rule.Level))
		add("Standing", string(rule.Standing))
	}
	for _, f := range c.Needs(s) {
		add("Feature", f)
	}
	for _, p := range suite.Profiles() {
		if p.In(s) {
			add("Profile", p.Name)
		}
	}
	add("Plane", s.Plane())
	if s.Slow {
		add("Cost", "slow")
	} else {
		add("Cost", "quick")
	}
	return all
}
