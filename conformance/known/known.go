package known

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"
)

// Difference is one way in which a target is known to break a rule.
type Difference struct {
	ID   string `json:"id"`
	Rule string `json:"rule"`
	// Spec is the one that fails so, where a rule has several that fail in several ways; without
	// it the difference is of them all.
	Spec string `json:"spec,omitempty"`
	// Want is always "fail"; Got is a part of what the failing assertion says.
	Want string `json:"want"`
	Got  string `json:"got"`
	Why  string `json:"why"`
	Ref  string `json:"ref"`
	// Checked is the day on which somebody last looked, as 2026-11-28.
	Checked string `json:"checked"`
	// Until is the version of the target from which it holds no longer, where that is known.
	Until string `json:"until,omitempty"`
}

// List is the known differences of one target.
type List []Difference

//go:embed *.json
var files embed.FS

// For reads the list of a target; there is an empty one for targets without a file.
func For(target string) (List, error) {
	text, err := files.ReadFile(target + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	list, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("known/%s.json: %w", target, err)
	}
	return list, nil
}

// Parse reads a list strictly: a line for each rule, or for each spec of it, with a reason, a place
// to read about it and the day it was looked at.
func Parse(text []byte) (List, error) {
	var list List
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&list); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("text after the list")
	}
	seen := map[string]bool{}
	for _, d := range list {
		switch {
		case d.ID == "" || seen[d.ID]:
			return nil, fmt.Errorf("the id %q is empty or there twice", d.ID)
		case seen[d.Rule+d.Spec]:
			return nil, fmt.Errorf("%s: %s is there twice", d.ID, d.Rule)
		case d.Rule == "" || strings.ContainsAny(d.Rule, "*?"):
			return nil, fmt.Errorf("%s: the rule %q is not one rule", d.ID, d.Rule)
		case d.Want != "fail" || d.Got == "" || d.Why == "" || d.Ref == "":
			return nil, fmt.Errorf("%s: want is fail, and got, why and ref say how, why and where it is told", d.ID)
		}
		if _, err := time.Parse(time.DateOnly, d.Checked); err != nil {
			return nil, fmt.Errorf("%s: checked is no day: %w", d.ID, err)
		}
		seen[d.ID], seen[d.Rule+d.Spec] = true, true
	}
	return list, nil
}

// Old are the differences that nobody has looked at for 180 days.
func (l List) Old(now time.Time) (old List) {
	const most = 180 * 24 * time.Hour
	for _, d := range l {
		if day, err := time.Parse(time.DateOnly, d.Checked); err == nil && now.Sub(day) > most {
			old = append(old, d)
		}
	}
	return old
}

// Judge says of a rule's result in a spec which difference it is, empty for none, and whether the
// list is out of date there: the rule passes. An empty spec asks about the rule as a whole.
func (l List) Judge(rule, spec string, failed, passed bool, got string) (id string, stale bool) {
	for _, d := range l {
		switch {
		case d.Rule != rule || d.Spec != "" && spec != "" && d.Spec != spec:
		case failed && strings.Contains(got, d.Got):
			return d.ID, false
		case passed && (spec == "" || d.Spec != ""): // another spec of the rule may still fail
			return d.ID, true
		}
	}
	return "", false
}
