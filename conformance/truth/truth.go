package truth

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// Difference is one thing in which an answer was not as the truth has it.
type Difference struct {
	// Of names the exchange: a recording, or a request by its operation.
	Of string `json:"of"`
	// At is the number of the interaction in the recording, from 0.
	At int `json:"at"`
	// What was compared: status, code, headers, members, a finding's code.
	What string `json:"what"`
	// Want is the truth and Got ours; either may be empty.
	Want string `json:"want"`
	Got  string `json:"got"`
	// Reason is the key of one of the list's reasons; what a check finds has none yet.
	Reason string `json:"reason"`
}

func (d Difference) String() string {
	return fmt.Sprintf("%s #%d, %s: truth %q, ours %q", d.Of, d.At, d.What, d.Want, d.Got)
}

// key is what makes a difference the same as another one.
func (d Difference) key() Difference {
	d.Reason = ""
	return d
}

func compare(a, b Difference) int {
	return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.At, b.At), cmp.Compare(a.What, b.What), cmp.Compare(a.Want, b.Want), cmp.Compare(a.Got, b.Got))
}

// Kind says whose a difference is. There is none for an emulator that is wrong: that is mended, not listed.
type Kind string

// The kinds of reasons.
const (
	NotBuilt       Kind = "not built"       // the emulator has no such feature yet; it says so when asked
	Artefact       Kind = "artefact"        // made by the way of checking
	ServiceVersion Kind = "service version" // the service answered so then and does otherwise now
	Departure      Kind = "departure"       // the service departs from its own description, in the way that we do
	Divergence     Kind = "divergence"      // a difference that we chose, with its rule in docs/divergences.md or its record
)

func kinds() []Kind { return []Kind{NotBuilt, Artefact, ServiceVersion, Departure, Divergence} }

// Reason explains differences.
type Reason struct {
	Kind Kind `json:"kind"`
	// Feature is what a difference of the kind "not built" waits for.
	Feature string `json:"feature,omitempty"`
	Why     string `json:"why"`
	// Evidence is a rule's id, a decision record, or a public place.
	Evidence string `json:"evidence,omitempty"`
}

// Score counts what was sent and how much of it was as the truth has it.
type Score struct {
	Sent    int `json:"sent"`    // requests sent
	Skipped int `json:"skipped"` // requests that could not be sent
	Status  int `json:"status"`  // answers with the same status
	All     int `json:"all"`     // answers without any difference
}

// Add adds another score.
func (s *Score) Add(o Score) {
	s.Sent += o.Sent
	s.Skipped += o.Skipped
	s.Status += o.Status
	s.All += o.All
}

// Found is what a check found.
type Found struct {
	Differences []Difference
	// Scores are by family of requests.
	Scores map[string]Score
	// Left counts what was left out of the comparison, by why and what it is about.
	Left map[string]int
}

// List is what is known of one check.
type List struct {
	// Check is the command that finds the differences.
	Check       string            `json:"check"`
	Scores      map[string]Score  `json:"scores"`
	Left        map[string]int    `json:"left"`
	Reasons     map[string]Reason `json:"reasons"`
	Differences []Difference      `json:"differences"`
}

// Read reads a list and refuses one that is not in order.
func Read(file string) (List, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return List{}, err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var l List
	if err := dec.Decode(&l); err != nil {
		return List{}, fmt.Errorf("%s: %w", file, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return List{}, fmt.Errorf("%s: text after the list", file)
	}
	if err := l.check(); err != nil {
		return List{}, fmt.Errorf("%s: %w", file, err)
	}
	return l, nil
}

// check says what a list lacks: reasons that exist, are used and are complete, and no difference twice.
func (l List) check() error {
	var errs []error
	used, seen := map[string]bool{}, map[Difference]bool{}
	for _, d := range l.Differences {
		if _, ok := l.Reasons[d.Reason]; !ok {
			errs = append(errs, fmt.Errorf("%v: no reason %q; write one, or mend the emulator", d, d.Reason))
		}
		if seen[d.key()] {
			errs = append(errs, fmt.Errorf("%v: listed twice", d))
		}
		used[d.Reason], seen[d.key()] = true, true
	}
	for name, r := range l.Reasons {
		switch {
		case !used[name]:
			errs = append(errs, fmt.Errorf("reason %s: nothing has it; take it out", name))
		case !slices.Contains(kinds(), r.Kind):
			errs = append(errs, fmt.Errorf("reason %s: %q is none of %q", name, r.Kind, kinds()))
		case r.Why == "":
			errs = append(errs, fmt.Errorf("reason %s: says nothing", name))
		case (r.Kind == NotBuilt) != (r.Feature != ""):
			errs = append(errs, fmt.Errorf("reason %s: what is not built names the feature it waits for, nothing else does", name))
		case r.Kind != NotBuilt && r.Kind != Artefact && r.Evidence == "":
			errs = append(errs, fmt.Errorf("reason %s: a reason of the kind %q has evidence", name, r.Kind))
		}
	}
	return errors.Join(errs...)
}

// Compare says what was found and is not known, what is known and was not found, and which counts are others.
func (l List) Compare(found Found) error {
	var errs []error
	known := map[Difference]bool{}
	for _, d := range l.Differences {
		known[d.key()] = true
	}
	for _, d := range found.Differences {
		if !known[d.key()] {
			errs = append(errs, fmt.Errorf("new: %v", d))
		}
		delete(known, d.key())
	}
	for _, d := range l.Differences {
		if known[d.key()] {
			errs = append(errs, fmt.Errorf("gone: %v", d))
		}
	}
	errs = append(errs, counts("score", l.Scores, found.Scores)...)
	errs = append(errs, counts("left out", l.Left, found.Left)...)
	return errors.Join(errs...)
}

func counts[V comparable](what string, listed, now map[string]V) (errs []error) {
	for _, name := range names(listed, now) {
		if listed[name] != now[name] {
			errs = append(errs, fmt.Errorf("%s of %s: listed %+v, now %+v", what, name, listed[name], now[name]))
		}
	}
	return errs
}

// names lists the keys of all maps, sorted.
func names[V any](all ...map[string]V) []string {
	var out []string
	for _, m := range all {
		for name := range m {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Renew returns the list with what was found. Differences that were known keep their reasons; new ones have none, and
// the list is refused until somebody writes them. Reasons that nothing has any more go.
func (l List) Renew(found Found) List {
	reasons := map[Difference]string{}
	for _, d := range l.Differences {
		reasons[d.key()] = d.Reason
	}
	next := List{Check: l.Check, Scores: found.Scores, Left: found.Left, Reasons: map[string]Reason{}}
	for _, d := range found.Differences {
		d.Reason = reasons[d.key()]
		if r, ok := l.Reasons[d.Reason]; ok {
			next.Reasons[d.Reason] = r
		}
		next.Differences = append(next.Differences, d)
	}
	slices.SortFunc(next.Differences, compare)
	next.Differences = slices.Compact(next.Differences)
	return next
}

// Write writes a list with one difference a line, so that a change of the list can be read.
func (l List) Write(file string) error {
	var b bytes.Buffer
	part := func(name string, v any) error {
		text, err := marshal(v, "  ", "  ")
		fmt.Fprintf(&b, "  %q: %s,\n", name, text)
		return err
	}
	b.WriteString("{\n")
	if err := errors.Join(part("check", l.Check), part("scores", l.Scores), part("left", l.Left), part("reasons", l.Reasons)); err != nil {
		return err
	}
	b.WriteString("  \"differences\": [")
	for i, d := range l.Differences {
		text, err := marshal(d, "", "")
		if err != nil {
			return err
		}
		b.WriteString(map[bool]string{true: "\n    ", false: ",\n    "}[i == 0] + text)
	}
	b.WriteString("\n  ]\n}\n")
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// marshal writes JSON without escaping what only HTML would mind.
func marshal(v any, prefix, indent string) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, indent)
	err := enc.Encode(v)
	return strings.TrimSpace(b.String()), err
}

// Summary writes the scores as a table, and how many differences each kind of reason has.
func (l List) Summary(w io.Writer) {
	total := Score{}
	row := func(name string, s Score) {
		fmt.Fprintf(w, "%-24s %5d %8d %8s %10s\n", name, s.Sent, s.Skipped, percent(s.Status, s.Sent), percent(s.All, s.Sent))
	}
	fmt.Fprintf(w, "%-24s %5s %8s %8s %10s\n", "family", "sent", "not sent", "status", "everything")
	for _, name := range names(l.Scores) {
		row(name, l.Scores[name])
		total.Add(l.Scores[name])
	}
	row("all", total)
	count := map[string]int{}
	for _, d := range l.Differences {
		count[d.Reason]++
	}
	for _, kind := range kinds() {
		for _, name := range names(l.Reasons) {
			if r := l.Reasons[name]; r.Kind == kind {
				fmt.Fprintf(w, "%5d  %-16s %s\n", count[name], r.Kind, cmp.Or(r.Feature, name))
			}
		}
	}
	for _, name := range names(l.Left) {
		fmt.Fprintf(w, "%5d  %-16s %s\n", l.Left[name], "left out", name)
	}
	if n := count[""]; n > 0 {
		fmt.Fprintf(w, "%5d  without a reason\n", n)
	}
}

func percent(part, whole int) string {
	if whole == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(whole))
}
