package armreplay

import (
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
)

// mapping turns what a recording names into what the world does.
type mapping struct {
	pairs map[string]string // recorded → ours
}

// recordedSubscription stands in the recordings for every subscription and tenant.
const recordedSubscription = "00000000-0000-0000-0000-000000000000"

func newMapping() *mapping {
	return &mapping{map[string]string{
		recordedSubscription: subscription,
		"eastus2euap":        "eastus2", // a region that is open to Microsoft alone

		// The users of the recordings are a principal of the world (learnPrincipal), in requests and in answers.
		`"principalType": "User"`: `"principalType": "ServicePrincipal"`,
		`"principalType":"User"`:  `"principalType":"ServicePrincipal"`,
	}}
}

// apply replaces all that is mapped, the longest first: one name may be the beginning of another.
func (m *mapping) apply(text string) string {
	var from []string
	for recorded := range m.pairs {
		from = append(from, recorded)
	}
	slices.SortFunc(from, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	var pairs []string
	for _, recorded := range from {
		pairs = append(pairs, recorded, m.pairs[recorded])
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (m *mapping) add(recorded, ours string) {
	if recorded != "" && recorded != ours && m.pairs[recorded] == "" {
		m.pairs[recorded] = ours
	}
}

var (
	guid = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`)
	hex  = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
)

// learn maps the identifiers of a recorded answer to those that stand in the same place of ours.
func (m *mapping) learn(recorded, ours []byte) {
	var a, b any
	if json.Unmarshal(recorded, &a) == nil && json.Unmarshal(ours, &b) == nil {
		m.walk(a, b)
	}
}

func (m *mapping) walk(recorded, ours any) {
	switch r := recorded.(type) {
	case map[string]any:
		o, ok := ours.(map[string]any)
		for name, value := range r {
			if ok {
				m.walk(value, o[name])
			}
		}
	case []any:
		// Elements of lists stand in any order; one alone is the same thing.
		if o, ok := ours.([]any); ok && len(r) == 1 && len(o) == 1 {
			m.walk(r[0], o[0])
		}
	case string:
		if o, ok := ours.(string); ok && guid.FindString(r) == r && guid.FindString(o) == o && !strings.HasPrefix(r, "88888888-") {
			m.add(r, o)
		}
	}
}

// learnPrincipal maps a principal that a role is assigned to, and that no answer told of, to the one of the world: the
// recordings make users, and Graph's users are nothing that one can make here.
func (m *mapping) learnPrincipal(body []byte) {
	var asked struct {
		Properties struct {
			PrincipalID string `json:"principalId"`
		} `json:"properties"`
	}
	if json.Unmarshal(body, &asked) == nil && asked.Properties.PrincipalID != unknownPrincipal {
		m.add(asked.Properties.PrincipalID, somebody)
	}
}

// learnLocation maps the last segment of a recorded Location to that of ours: the operation that clients poll.
func (m *mapping) learnLocation(recorded string, ours http.Header) {
	a, errA := url.Parse(recorded)
	b, errB := url.Parse(ours.Get("Location"))
	if recorded == "" || errA != nil || errB != nil || b.Path == "" {
		return
	}
	m.add(path.Base(a.Path), path.Base(b.Path))
}
