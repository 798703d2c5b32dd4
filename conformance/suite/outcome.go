package suite

// Status is how a rule fared in a spec, and a spec in a run.
type Status string

// The statuses. The totals of a run add up to the rules in scope.
const (
	Pass        Status = "pass"        // every assertion held, and the target answered
	Fail        Status = "fail"        // an assertion about the target was false
	Broken      Status = "error"       // the suite itself failed: set-up, transport, credential, time
	Unsupported Status = "unsupported" // the target lacks a feature
	Excluded    Status = "excluded"    // out of range, over budget, disruptive
	NotRun      Status = "notRun"      // not selected, or the run was cut short
)

// Statuses are all of them, in the order of reports.
func Statuses() []Status { return []Status{Pass, Fail, Broken, Unsupported, Excluded, NotRun} }

// weight orders statuses: of several about one rule, the heaviest is the rule's.
func (s Status) weight() int {
	switch s {
	case Fail:
		return 5
	case Broken:
		return 4
	case Pass:
		return 3
	case Unsupported:
		return 2
	case Excluded:
		return 1
	}
	return 0
}

// Worse is the status that counts of two about the same rule: what failed anywhere has failed,
// and what passed somewhere was not left out.
func Worse(a, b Status) Status {
	if b.weight() > a.weight() {
		return b
	}
	return a
}

// RuleResult is how one rule fared in one spec.
type RuleResult struct {
	Rule   string `json:"rule"`
	Spec   string `json:"spec"`
	Status Status `json:"status"`
	// Want and Got say what the first false assertion was about, or Reason what went wrong or
	// why the spec did not run.
	Want   string `json:"want,omitempty"`
	Got    string `json:"got,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Exchange is the place, from 1, of the exchange that the false assertion was about among
	// those of the spec; 0 is none.
	Exchange int `json:"exchange,omitempty"`
}

// SpecResult is what one run of a spec came to.
type SpecResult struct {
	Spec      string       `json:"spec"`
	Status    Status       `json:"status"`
	Reason    string       `json:"reason,omitempty"`
	Rules     []RuleResult `json:"rules"`
	Exchanges []Exchange   `json:"exchanges,omitempty"`
	// Requests and Bytes are what the spec sent, and received in bodies.
	Requests int   `json:"requests"`
	Bytes    int64 `json:"bytes"`
}

// Left is the result of a spec that did not run.
func Left(p Planned) SpecResult {
	s, status, reason := p.Spec, p.Status, p.Reason
	r := SpecResult{Spec: s.ID, Status: status, Reason: reason}
	for _, id := range s.Rules() {
		r.Rules = append(r.Rules, RuleResult{Rule: id, Spec: s.ID, Status: status, Reason: reason})
	}
	return r
}
