package fault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// Decode reads what somebody wants added: one rule as JSON, or {"scenario": NAME} for the
// rules of a scenario. It is strict, and the rules have passed Check. Members that Add
// gives (id, added, seen, acted, spent) may be there, so that a rule can be added again as
// it is listed.
func Decode(data []byte) ([]Rule, error) {
	var r Rule
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("fault: %w", readable(err))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("fault: text after the end of the rule")
	}
	if err := unsaid(data); err != nil {
		return nil, fmt.Errorf("fault: %w", err)
	}
	if named := (Rule{Scenario: r.Scenario}); r.Scenario != "" && r == named {
		s, ok := ScenarioNamed(r.Scenario)
		if !ok {
			return nil, unknownScenario(r.Scenario)
		}
		return s.Rules, nil
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	return []Rule{r}, nil
}

// unsaid refuses a member that is written and says nothing: whoever writes "share": 0 or an
// identity that came out empty does not mean all requests, which is what leaving it out does.
func unsaid(data []byte) error {
	var rule map[string]json.RawMessage
	if err := json.Unmarshal(data, &rule); err != nil {
		return readable(err)
	}
	for name, value := range rule {
		switch strings.ToLower(name) { // as encoding/json matches names
		case "id", "seen", "acted": // Add gives them
		case "match", "effect":
			if err := unsaid(value); err != nil {
				return err
			}
		default:
			switch text := string(value); {
			case text == `""`, text == `"0001-01-01T00:00:00Z"`, isZeroSpan(text), isZeroNumber(text):
				return fmt.Errorf("%s %s says nothing: leave it out, or give it a value", name, text)
			}
		}
	}
	return nil
}

func isZeroNumber(text string) bool {
	n, err := strconv.ParseFloat(text, 64)
	return err == nil && n == 0
}

func isZeroSpan(text string) bool {
	text, quoted := strings.CutPrefix(text, `"`)
	span, err := time.ParseDuration(strings.TrimSuffix(text, `"`))
	return quoted && err == nil && span == 0
}

func unknownScenario(name string) error {
	var names []string
	for _, s := range Scenarios() {
		names = append(names, s.Name)
	}
	return fmt.Errorf("fault: no scenario is called %q: there are %s", name, strings.Join(names, ", "))
}

// readable says what encoding/json says without the names of our types.
func readable(err error) error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		at := kind.Field
		if i := strings.LastIndexByte(at, '.'); i >= 0 {
			at = at[i+1:]
		}
		if at == "" {
			return fmt.Errorf("want an object, not a %s", kind.Value)
		}
		return fmt.Errorf("%s: not a %s", at, kind.Value)
	}
	return err
}

// duration is a span of time as JSON has it: a text of time.ParseDuration.
type duration time.Duration

func (d duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

func (d *duration) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a span of time is a text such as \"5s\", \"1m30s\" or \"200ms\", not %s", data)
	}
	parsed, err := time.ParseDuration(text)
	if err != nil {
		return fmt.Errorf("%q is no span of time such as \"5s\", \"1m30s\" or \"200ms\"", text)
	}
	*d = duration(parsed)
	return nil
}

// The forms in JSON differ from the values in their spans of time alone: members of the
// outer struct stand before those of the embedded one.
type (
	plainEffect Effect
	effectJSON  struct {
		plainEffect
		RetryAfter duration `json:"retryAfter,omitempty"`
		Delay      duration `json:"delay,omitempty"`
		SlowEvery  duration `json:"slowEvery,omitempty"`
	}
	plainRule Rule
	ruleJSON  struct {
		plainRule
		For duration `json:"for,omitempty"`
	}
)

// MarshalJSON writes spans of time as text.
func (e Effect) MarshalJSON() ([]byte, error) {
	return json.Marshal(effectJSON{plainEffect(e), duration(e.RetryAfter), duration(e.Delay), duration(e.SlowEvery)})
}

// UnmarshalJSON is strict.
func (e *Effect) UnmarshalJSON(data []byte) error {
	var in effectJSON
	if err := strict(data, &in); err != nil {
		return err
	}
	*e = Effect(in.plainEffect)
	e.RetryAfter, e.Delay, e.SlowEvery = time.Duration(in.RetryAfter), time.Duration(in.Delay), time.Duration(in.SlowEvery)
	return nil
}

// MarshalJSON writes spans of time as text. What Kept returns is not written.
func (r Rule) MarshalJSON() ([]byte, error) {
	return json.Marshal(ruleJSON{plainRule(r), duration(r.For)})
}

// UnmarshalJSON is strict.
func (r *Rule) UnmarshalJSON(data []byte) error {
	var in ruleJSON
	if err := strict(data, &in); err != nil {
		return err
	}
	*r = Rule(in.plainRule)
	r.For = time.Duration(in.For)
	r.Until, r.Added = r.Until.UTC(), r.Added.UTC()
	return nil
}

func strict(data []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}
