package journal

import "strings"

// Filter says which entries are wanted: those for which all of it holds. The zero
// Filter wants all.
type Filter struct {
	// After wants entries with a greater Seq.
	After uint64
	// Plane and Operation are names in any case; Operation also by its beginning, or by the
	// part behind the underscore, as planned faults take it.
	Plane, Operation string
	// Principal is an object id, client id or display name; Machine an ARM id or name.
	Principal, Machine string
	// Status is a status, or its class from 1 to 5.
	Status int
	// Refused wants refusals alone.
	Refused bool
	// Text must be, in any case, in the URL, the code, the message or the rules.
	Text string
}

// Match tells whether the filter lets an entry through.
func (f Filter) Match(e *Entry) bool {
	switch {
	case e.Seq <= f.After,
		f.Refused && !e.Refused(),
		f.Status != 0 && f.Status != e.Status && f.Status != e.Status/100,
		f.Plane != "" && !strings.EqualFold(f.Plane, e.Plane),
		f.Operation != "" && !hasPrefixFold(e.Operation, f.Operation) && !isLastFold(e.Operation, f.Operation):
		return false
	case f.Principal != "" && !anyFold(f.Principal, e.Principal, e.ClientID, e.PrincipalName):
		return false
	case f.Machine != "" && !anyFold(f.Machine, e.Machine, e.Machine[strings.LastIndexByte(e.Machine, '/')+1:]):
		return false
	}
	return f.Text == "" || e.contains(strings.ToLower(f.Text))
}

func (e *Entry) contains(lower string) bool {
	for _, s := range append([]string{e.URL, e.Code, e.Message}, e.Rules...) {
		if strings.Contains(strings.ToLower(s), lower) {
			return true
		}
	}
	return false
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

func isLastFold(operation, asked string) bool {
	_, last, _ := strings.Cut(operation, "_")
	return strings.EqualFold(last, asked)
}

func anyFold(want string, of ...string) bool {
	for _, s := range of {
		if strings.EqualFold(want, s) {
			return true
		}
	}
	return false
}
