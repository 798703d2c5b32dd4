package fault

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecode(t *testing.T) {
	got, err := Decode([]byte(`{"match":{"plane":"imds","operation":"GetToken","nth":2},"effect":{"status":429,"retryAfter":"5s"}}`))
	want := []Rule{{Match: Match{Plane: "imds", Operation: "GetToken", Nth: 2}, Effect: Effect{Status: 429, RetryAfter: 5 * time.Second}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
	got, err = Decode([]byte(`{"scenario":"token-endpoint-down"}`))
	if err != nil || len(got) != 2 || got[0].Effect.Status != 503 || got[0].Scenario != "token-endpoint-down" {
		t.Errorf("%+v %v", got, err)
	}
}

// Every member survives, and a rule can be added again as it is listed.
func TestARuleAsListedIsARule(t *testing.T) {
	full := Rule{
		ID: "7", Scenario: "imds-throttled",
		Match: Match{Plane: "blob", Operation: "o", Identity: "i", Machine: "m", Resource: "r", Nth: 1, Share: 0.5, Seed: "s"},
		Effect: Effect{Status: 503, Code: "c", RetryAfter: time.Minute, RetryAfterForm: "date", Delay: time.Millisecond, Cut: CutInBody, CutAfter: 1,
			LengthOff: -1, SlowBytes: 1, SlowEvery: 1500 * time.Millisecond, Stale: true, RolesPending: true},
		Times: 1, For: time.Hour, Until: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Added: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Seen: 1, Acted: 1, Spent: true,
	}
	for _, v := range []reflect.Value{reflect.ValueOf(full), reflect.ValueOf(full.Match), reflect.ValueOf(full.Effect)} {
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && v.Field(i).IsZero() {
				t.Errorf("the test has no value for %s", f.Name)
			}
		}
	}
	text, err := json.Marshal(full)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"for":"1h0m0s"`, `"retryAfter":"1m0s"`, `"delay":"1ms"`, `"slowEvery":"1.5s"`} {
		if strings.Count(string(text), part) != 1 {
			t.Errorf("%s is not there once: %s", part, text)
		}
	}
	var back Rule
	if err := json.Unmarshal(text, &back); err != nil || !reflect.DeepEqual(back, full) {
		t.Errorf("%v\n%+v\n%+v", err, back, full)
	}
	var s Set
	s.Attach((&world{now: time.Unix(1, 0), seed: "w"}).host())
	s.Add(Rule{Match: Match{Share: 0.1}, Effect: Effect{Status: 500}})
	text, _ = json.Marshal(s.Rules()[0])
	if rules, err := Decode(text); err != nil || len(rules) != 1 {
		t.Errorf("%s: %v", text, err)
	}
	if text, _ := json.Marshal(Rule{Effect: Effect{Status: 500}}); string(text) != `{"id":"","match":{},"effect":{"status":500},"seen":0,"acted":0,"spent":false}` {
		t.Errorf("%s", text)
	}
}

func TestDecodeRefuses(t *testing.T) {
	const good = `"effect":{"status":500}`
	for text, want := range map[string]string{
		``:                                      "EOF",
		`null`:                                  "the effect does nothing",
		`[]`:                                    "want an object",
		`{}`:                                    "the effect does nothing",
		`{` + good + `} {}`:                     "text after the end",
		`{` + good + `,"colour":1}`:             `unknown field "colour"`,
		`{` + good + `,"match":{"plan":"arm"}}`: `unknown field "plan"`,
		`{"effect":{"status":500,"message":"x"}}`:      `unknown field "message"`,
		`{"effect":{"status":"500"}}`:                  "status: not a string",
		`{"effect":{"status":500.5}}`:                  "status: not a number 500.5",
		`{"effect":{"delay":5}}`:                       `a span of time is a text such as "5s", "1m30s" or "200ms", not 5`,
		`{"effect":{"delay":"5"}}`:                     `"5" is no span of time`,
		`{"effect":{"delay":"-5s"}}`:                   "delay -5s: a span of time is not negative",
		`{"effect":{"status":399}}`:                    "status 399: want 400 to 599",
		`{"effect":{"status":600}}`:                    "status 600",
		`{"effect":{"code":"x"}}`:                      "code needs status",
		`{"effect":{"status":500,"code":"a\nb"}}`:      "visible characters",
		`{"effect":{"delay":"1s","retryAfter":"5s"}}`:  "retryAfter needs status",
		`{"effect":{"status":429,"retryAfter":"1ms"}}`: "its form has whole units of 1s",
		`{"effect":{"status":429,"retryAfter":"1us","retryAfterForm":"retry-after-ms"}}`:     "whole units of 1ms",
		`{"effect":{"status":429,"retryAfter":"1s","retryAfterForm":"ms"}}`:                  `retryAfterForm "ms": want one of seconds, date`,
		`{"effect":{"status":429,"retryAfterForm":"date"}}`:                                  "retryAfterForm needs retryAfter",
		`{"effect":{"cut":"tail"}}`:                                                          `cut "tail": want before-head, after-head or in-body`,
		`{"effect":{"cutAfter":1}}`:                                                          "cutAfter needs cut in-body",
		`{"effect":{"cut":"in-body","cutAfter":-1}}`:                                         "cutAfter -1",
		`{"effect":{"cut":"in-body","lengthOff":1}}`:                                         "lengthOff and cut",
		`{"effect":{"slowBytes":1}}`:                                                         "slowBytes and slowEvery need each other",
		`{"effect":{"slowBytes":-1,"slowEvery":"1s"}}`:                                       "slowBytes -1",
		`{"effect":{"slowBytes":1,"slowEvery":"1s","cut":"after-head"}}`:                     "leaves nothing to send slowly",
		`{"effect":{"stale":true,"status":500}}`:                                             "stale changes what",
		`{"effect":{"rolesPending":true,"status":500}}`:                                      "rolesPending changes who",
		`{"effect":{"rolesPending":true},"match":{"plane":"imds"}}`:                          "no role assignments decide",
		`{` + good + `,"match":{"plane":"dfs"}}`:                                             `plane "dfs": want one of imds, msi, entra, graph, arm, blob, queue, table, file, vault`,
		`{` + good + `,"match":{"identity":"tutorial-id"}}`:                                  "want an object id or a client id",
		`{` + good + `,"match":{"machine":"/vm1"}}`:                                          "machine: not a resource id",
		`{` + good + `,"match":{"resource":"a/b"}}`:                                          "resource needs plane",
		`{` + good + `,"match":{"plane":"arm","resource":"subscriptions/s"}}`:                "begins with a slash",
		`{` + good + `,"match":{"nth":-1}}`:                                                  "counted from 1",
		`{` + good + `,"match":{"share":1.5}}`:                                               "share 1.5",
		`{` + good + `,"match":{"share":-0.5}}`:                                              "share -0.5",
		`{` + good + `,"match":{"nth":1,"share":0.5}}`:                                       "nth and share",
		`{` + good + `,"match":{"seed":"x"}}`:                                                "seed needs share",
		`{` + good + `,"match":{"nth":2},"times":3}`:                                         "nth acts once",
		`{` + good + `,"times":-1}`:                                                          "times -1",
		`{` + good + `,"for":"-1s"}`:                                                         "for -1s",
		`{` + good + `,"for":"1s","until":"2026-01-02T03:04:05Z"}`:                           "for and until",
		`{` + good + `,"match":{"share":0}}`:                                                 "share 0 says nothing: leave it out, or give it a value",
		`{` + good + `,"match":{"share":-0.0}}`:                                              "share -0.0 says nothing",
		`{` + good + `,"match":{"nth":0}}`:                                                   "nth 0 says nothing",
		`{` + good + `,"match":{"identity":""}}`:                                             `identity "" says nothing`,
		`{` + good + `,"times":0}`:                                                           "times 0 says nothing",
		`{` + good + `,"for":"0s"}`:                                                          `for "0s" says nothing`,
		`{` + good + `,"until":"0001-01-01T00:00:00Z"}`:                                      `says nothing`,
		`{"effect":{"status":429,"retryAfter":"0s"}}`:                                        `retryAfter "0s" says nothing`,
		`{"effect":{"cut":"in-body","cutAfter":0}}`:                                          "cutAfter 0 says nothing",
		`{"effect":{"lengthOff":9223372036854775807}}`:                                       "lengthOff 9223372036854775807: want at most",
		`{"scenario":"rain"}`:                                                                `no scenario is called "rain": there are imds-warming-up, imds-throttled`,
		`{` + good + `,"scenario":"rain"}`:                                                   `no scenario is called "rain"`,
		`{"effect":{"status":1,"code":"` + strings.Repeat("x", maxCode+1) + `","delay":""}}`: "no span of time",
	} {
		rules, err := Decode([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "fault: ") {
			t.Errorf("%s: %v, %v\nwant %s", text, rules, err, want)
		}
	}
	_, err := Decode([]byte(`{"match":{"plane":"x","nth":-1},"effect":{"status":1},"times":-1}`))
	if err == nil || strings.Count(err.Error(), "; ") != 3 {
		t.Errorf("not all that is wrong: %v", err)
	}
}

func TestScenarios(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Scenarios() {
		if seen[s.Name] || s.Name == "" || len(s.Rules) == 0 || !strings.HasSuffix(s.Text, ".") || strings.Contains(s.Text, ". ") {
			t.Errorf("%+v", s)
		}
		seen[s.Name] = true
		for _, r := range s.Rules {
			if err := r.Check(); err != nil || r.Scenario != s.Name {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
		if got, ok := ScenarioNamed(s.Name); !ok || !reflect.DeepEqual(got, s) {
			t.Errorf("%s is not found", s.Name)
		}
	}
	if len(seen) != 9 {
		t.Errorf("%d scenarios", len(seen))
	}
}

// What is taken is sound, and is taken again as it is listed.
func FuzzDecode(f *testing.F) {
	f.Add(`{"match":{"plane":"imds","operation":"GetToken","nth":2},"effect":{"status":429,"retryAfter":"5s"}}`)
	f.Add(`{"scenario":"download-cut"}`)
	f.Add(`{"match":{"share":0.3,"seed":"x"},"effect":{"cut":"in-body","cutAfter":3,"slowBytes":1,"slowEvery":"1ms"},"for":"1h","times":2}`)
	f.Add(`{"effect":{"stale":true},"until":"2026-01-02T03:04:05Z"}`)
	f.Add(`{"effect":{"delay":5}}`)
	f.Fuzz(func(t *testing.T, text string) {
		rules, err := Decode([]byte(text))
		for _, r := range rules {
			if err != nil || r.Check() != nil {
				t.Fatalf("%q: %v", text, err)
			}
			var s Set
			added := s.Add(r)
			s.Strike(Point{Plane: r.Match.Plane, Operation: r.Match.Operation, Read: true, Roles: true})
			again, err := json.Marshal(added)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			if back, err := Decode(again); err != nil || len(back) != 1 || back[0] != added {
				t.Fatalf("%q: %s: %v", text, again, err)
			}
		}
	})
}
