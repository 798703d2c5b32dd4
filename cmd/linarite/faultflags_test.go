package main

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/linarite/linarite/emulator/fault"
)

// membersOf lists the members of a struct by their names in JSON.
func membersOf(v any) map[string]reflect.Type {
	members := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(v)) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			members[name] = f.Type
		}
	}
	return members
}

func dashed(name string) string {
	var out strings.Builder
	for _, r := range name {
		if r >= 'A' && r <= 'Z' {
			out.WriteString("-" + strings.ToLower(string(r)))
		} else {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// Each member that people give has a flag, which sets it and nothing else; each flag has a
// member.
func TestEveryMemberOfARuleHasAFlag(t *testing.T) {
	known := map[string]bool{}
	try := func(name string, kind reflect.Type, part func(fault.Rule) any) {
		t.Helper()
		var r fault.Rule
		f := pflag.NewFlagSet("", pflag.ContinueOnError)
		ruleFlags(f, &r)
		text := "7"
		switch kind {
		case reflect.TypeFor[bool]():
			text = "true"
		case reflect.TypeFor[time.Time]():
			text = "2030-01-31T12:00:00Z"
		case reflect.TypeFor[time.Duration]():
			text = "7s"
		}
		flag := dashed(name)
		known[flag] = true
		if err := f.Set(flag, text); err != nil {
			t.Error(err)
			return
		}
		data, err := json.Marshal(part(r))
		if err != nil {
			t.Fatal(err)
		}
		if want := `"` + name + `":` + strings.Trim(text, `"`); !strings.Contains(string(data), want) && !strings.Contains(string(data), `"`+name+`":"`+text+`"`) {
			t.Errorf("--%s %s: %s", flag, text, data)
		}
		if got := ruleText(r); got != "--"+flag+" "+text && got != "--"+flag {
			t.Errorf("--%s %s is shown as %s", flag, text, got)
		}
	}
	for name, kind := range membersOf(fault.Match{}) {
		try(name, kind, func(r fault.Rule) any { return r.Match })
	}
	for name, kind := range membersOf(fault.Effect{}) {
		try(name, kind, func(r fault.Rule) any { return r.Effect })
	}
	given := []string{"id", "scenario", "match", "effect", "added", "seen", "acted", "spent"} // by Add, by --scenario, above
	for name, kind := range membersOf(fault.Rule{}) {
		if !slices.Contains(given, name) {
			try(name, kind, func(r fault.Rule) any { return r })
		}
	}
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	ruleFlags(f, new(fault.Rule))
	f.VisitAll(func(flag *pflag.Flag) {
		if !known[flag.Name] {
			t.Errorf("--%s is of no member", flag.Name)
		}
	})
}

// What a list shows adds the same rule again.
func TestRuleTextIsWhatAddsIt(t *testing.T) {
	for _, s := range fault.Scenarios() {
		for _, want := range s.Rules {
			want.Scenario = ""
			var got fault.Rule
			f := pflag.NewFlagSet("", pflag.ContinueOnError)
			ruleFlags(f, &got)
			if err := f.Parse(strings.Fields(ruleText(want))); err != nil || got != want {
				t.Errorf("%s: %+v, want %+v (%v)", ruleText(want), got, want, err)
			}
		}
	}
	if got := ruleText(fault.Rule{Match: fault.Match{Seed: "a b", Share: 0.25}, For: 90 * time.Second}); got != `--share 0.25 --seed "a b" --for 1m30s` {
		t.Error(got)
	}
}

// Seconds may be bare; what is no span of time is told.
// A flag that is given and says nothing is a mistake, such as a variable that is not set.
func TestAFlagSaysSomething(t *testing.T) {
	for args, want := range map[string]string{
		"--share 0":                         "--share says nothing",
		"--identity=":                       "--identity says nothing",
		"--times 0":                         "--times says nothing",
		"--retry-after 0":                   "--retry-after says nothing",
		"--scenario imds-throttled --nth 0": "--nth says nothing",
	} {
		cmd := newFaultAdd()
		cmd.SetArgs(append(strings.Fields(args), "--status", "500"))
		if strings.Contains(args, "scenario") {
			cmd.SetArgs(strings.Fields(args))
		}
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", args, err, want)
		}
	}
}

func TestParseSpan(t *testing.T) {
	for text, want := range map[string]time.Duration{"5": 5 * time.Second, "-5": -5 * time.Second, "0": 0, "5m": 5 * time.Minute, "1h30m": 90 * time.Minute, "200ms": 200 * time.Millisecond} {
		if got, err := parseSpan(text); err != nil || got != want {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "x", "5 m", "1d", "5.5", "99999999999", strconv.Itoa(1 << 40)} {
		if got, err := parseSpan(text); err == nil || !strings.Contains(err.Error(), strconv.Quote(text)) {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}
