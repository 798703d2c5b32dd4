package emulator_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
)

func TestControlFaults(t *testing.T) { onCarriers(t, checkControlFaults) }

func checkControlFaults(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	var got struct{ Faults []fault.Rule }
	r.must(&got, 201, "POST", "faults", `{"match":{"plane":"imds","operation":"GetToken","nth":2},"effect":{"status":429,"retryAfter":"5s"}}`)
	if len(got.Faults) != 1 || got.Faults[0].ID != "1" || got.Faults[0].Effect.RetryAfter != 5*time.Second {
		t.Fatalf("%+v", got)
	}
	for i, want := range []int{200, 429, 200} {
		if a := r.imds(imdsToken); a.status != want || want == 429 && a.header.Get("Retry-After") != "5" {
			t.Errorf("request %d: %d %v", i+1, a.status, a.header)
		}
	}
	one := r.must(nil, 200, "GET", "faults/1", "")
	if r.must(&got, 200, "GET", "faults", ""); len(got.Faults) != 1 || got.Faults[0].Seen != 3 || got.Faults[0].Acted != 1 || !got.Faults[0].Spent {
		t.Errorf("%+v", got)
	}
	// A rule can be added as it is listed.
	if r.must(&got, 201, "POST", "faults", one.body); got.Faults[0].ID != "2" || got.Faults[0].Seen != 0 || got.Faults[0].Spent {
		t.Errorf("%+v", got)
	}
	scenario, _ := fault.ScenarioNamed("imds-warming-up")
	if r.must(&got, 201, "POST", "faults", `{"scenario":"imds-warming-up"}`); len(got.Faults) != len(scenario.Rules) || got.Faults[0].Scenario != "imds-warming-up" {
		t.Errorf("%+v", got)
	}
	r.must(nil, 204, "DELETE", "faults/1", "")
	r.refuses(404, "NotFound", `There is no planned fault "1": GET faults lists`, "DELETE", "faults/1", "")
	r.refuses(404, "NotFound", `There is no planned fault "1"`, "GET", "faults/1", "")
	r.must(nil, 204, "DELETE", "faults", "")
	if a := r.must(nil, 200, "GET", "faults", ""); a.body != `{"faults":[]}` {
		t.Error(a.body)
	}
	for body, part := range map[string]string{
		`{"effect":{}}`:                                   "the effect does nothing",
		`{"effect":{"status":503},"more":1}`:              `unknown field "more"`,
		`{"scenario":"rain"}`:                             `no scenario is called "rain": there are `,
		`{"effect":{"status":503}} {}`:                    "text after the end",
		`{"effect":{"status":503,"delay":"5"}}`:           `"5" is no span of time`,
		`{"match":{"plane":"x"},"effect":{"status":503}}`: `plane "x": want one of`,
	} {
		r.refuses(400, "InvalidRequest", part, "POST", "faults", body)
	}
	var listed struct {
		Scenarios []struct{ Name, Description string }
	}
	r.must(&listed, 200, "GET", "scenarios", "")
	for i, s := range fault.Scenarios() {
		if i >= len(listed.Scenarios) || listed.Scenarios[i].Name != s.Name || listed.Scenarios[i].Description != s.Text {
			t.Errorf("%s is not listed: %+v", s.Name, listed)
		}
	}
	for range 1000 {
		r.emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: "graph"}, Effect: fault.Effect{Status: 503}})
	}
	r.refuses(409, "LimitReached", "There are 1000 planned faults already", "POST", "faults", `{"effect":{"status":503}}`)
}

func TestControlGrants(t *testing.T) { onCarriers(t, checkControlGrants) }

func checkControlGrants(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	token := bearer(r.machineToken("https://management.azure.com/", ""))
	write := func(want int) {
		t.Helper()
		if a := r.put(r.arm("/subscriptions/"+subscription+"/resourceGroups/new?api-version=2021-04-01"), `{"location":"westus"}`, token); a.status != want {
			t.Errorf("%d %s, want %d", a.status, a.body, want)
		}
	}
	const body = `{"principal":"machine/tutorial-vm","role":"cONTRIBUTOR","scope":"subscription"}`
	write(403)
	a := r.must(nil, 201, "POST", "grants", body)
	if want := `{"principal":"` + r.objectID(strings.TrimPrefix(token, "Authorization: Bearer ")) + `","role":"Contributor","scope":"/subscriptions/` + subscription + `"}`; a.body != want {
		t.Errorf("%s\nwant %s", a.body, want)
	}
	write(201)
	r.must(nil, 201, "POST", "grants", body) // stays
	r.must(nil, 204, "DELETE", "grants", a.body)
	write(403)
	r.refuses(400, "InvalidRequest", "it has ", "DELETE", "grants", body)
	for range 20 { // of several that are missing, the same is named each time
		r.refuses(400, "InvalidBody", "principal is missing", "POST", "grants", `{}`)
	}
	for body, part := range map[string]string{
		`{"principal":"machine/none","role":"Reader","scope":"subscription"}`:          `there is no machine "none": the world has tutorial-vm, tutorial-vmss`,
		`{"principal":"nobody","role":"Reader","scope":"subscription"}`:                `"nobody" is no principal: write machine/NAME`,
		`{"principal":"machine/tutorial-vm","role":"King","scope":"subscription"}`:     `no role is called "King"`,
		`{"principal":"machine/tutorial-vm","role":"Reader","scope":"nowhere"}`:        `there is no resource group "nowhere"`,
		`{"principal":"machine/tutorial-vm","role":"Reader","scope":"/subscriptions"}`: "",
	} {
		r.refuses(400, "InvalidRequest", part, "POST", "grants", body)
		r.refuses(400, "InvalidRequest", part, "DELETE", "grants", body)
	}
	r.refuses(400, "InvalidBody", "scope is missing", "POST", "grants", `{"principal":"machine/tutorial-vm","role":"Reader"}`)
}

func TestControlSnapshots(t *testing.T) { onCarriers(t, checkControlSnapshots) }

func checkControlSnapshots(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	r.clock(`{"op":"freeze","at":"2030-01-01T00:00:00Z"}`)
	r.must(nil, 201, "POST", "faults", `{"match":{"plane":"graph"},"effect":{"status":503}}`)
	if a := r.must(nil, 201, "POST", "snapshots", ""); a.body != `{"id":"1","taken":"2030-01-01T00:00:00Z"}` {
		t.Error(a.body)
	}
	world := r.must(nil, 200, "GET", "world", "").body
	for range 2 { // as often as one likes
		r.emu.Group("since")
		r.clock(`{"op":"advance","by":"1h"}`)
		r.must(nil, 204, "DELETE", "faults", "")
		if r.must(nil, 200, "GET", "world", "").body == world {
			t.Fatal("nothing has changed")
		}
		r.must(nil, 204, "POST", "snapshots/1/restore", "")
		if got := r.must(nil, 200, "GET", "world", "").body; got != world {
			t.Errorf("%s\nwant %s", got, world)
		}
		if a := r.must(nil, 200, "GET", "faults/1", ""); a.status != 200 || !r.emu.Clock().Now().Equal(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%s %s", a.body, r.emu.Clock().Now())
		}
	}
	r.must(nil, 201, "POST", "snapshots", "")
	r.must(nil, 204, "DELETE", "snapshots/1", "")
	if a := r.must(nil, 200, "GET", "snapshots", ""); a.body != `{"snapshots":[{"id":"2","taken":"2030-01-01T00:00:00Z"}]}` {
		t.Error(a.body)
	}
	r.refuses(404, "NotFound", `There is no snapshot "1": GET snapshots lists`, "POST", "snapshots/1/restore", "")
	r.refuses(404, "NotFound", `There is no snapshot "1"`, "DELETE", "snapshots/1", "")
	for range 99 {
		r.must(nil, 201, "POST", "snapshots", "")
	}
	r.refuses(409, "LimitReached", "There are 100 snapshots", "POST", "snapshots", "")
	r.must(nil, 204, "DELETE", "snapshots/2", "")
	if a := r.must(nil, 201, "POST", "snapshots", ""); r.field(a, "id") != "102" {
		t.Error(a.body)
	}
}

func TestControlSaveLoadReset(t *testing.T) { onCarriers(t, checkControlSaveLoadReset) }

func checkControlSaveLoadReset(t *testing.T, open opener) {
	var host time.Time
	r := open(t, hosted(&host))
	folder := func(dir string) string { return `{"dir":"` + filepath.ToSlash(dir) + `"}` }
	opened := r.must(nil, 200, "GET", "world", "").body
	r.emu.Group("saved")
	world, dir := r.must(nil, 200, "GET", "world", "").body, filepath.Join(t.TempDir(), "state")
	r.must(nil, 204, "POST", "save", folder(dir))
	r.emu.Group("since")
	r.must(nil, 201, "POST", "faults", `{"match":{"plane":"graph"},"effect":{"status":503}}`)
	r.must(nil, 204, "POST", "load", folder(dir))
	if got := r.must(nil, 200, "GET", "world", "").body; got != world {
		t.Errorf("%s\nwant %s", got, world)
	}
	r.must(nil, 200, "GET", "faults/1", "") // stays
	r.must(nil, 204, "POST", "reset", "")
	if got := r.must(nil, 200, "GET", "world", "").body; got != opened {
		t.Errorf("%s\nwant %s", got, opened)
	}
	r.refuses(404, "NotFound", "", "GET", "faults/1", "")
	if err := os.WriteFile(filepath.Join(dir, "state.yaml"), []byte("schema: linarite/state/1\nworld:\n  nam: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "thesis.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	china := filepath.Join(t.TempDir(), "china")
	if err := open(t, emulator.Options{Cloud: "china"}).emu.Save(china); err != nil {
		t.Fatal(err)
	}
	before := r.marks(dir)
	for _, row := range []struct{ path, dir, part string }{
		{"load", filepath.Join(dir, "none"), "there is no such file: name a folder that linarite saved a state to"},
		{"load", dir, "state.yaml:3: "},
		{"load", china, "holds a world of the cloud china, and this one is of public"},
		{"load", "state", `dir: "state" is no absolute path`},
		{"save", "", `dir: "" is no absolute path`},
		{"save", other, "holds thesis.txt and no state"},
		{"save", filepath.Join(other, "thesis.txt", "below"), "not a directory"},
	} {
		r.refuses(400, "InvalidRequest", row.part, "POST", row.path, folder(row.dir))
	}
	if after := r.marks(dir); after != before {
		t.Errorf("something has changed:\n%s\n---- before\n%s", after, before)
	}
}

// What cannot be kept now is a 503, with the keeper's words, and not made.
func TestControlNotKept(t *testing.T) { onCarriers(t, checkControlNotKept) }

func checkControlNotKept(t *testing.T, open opener) {
	var host time.Time
	r := open(t, hosted(&host))
	dir := filepath.Join(t.TempDir(), "state")
	r.must(nil, 204, "POST", "save", `{"dir":"`+filepath.ToSlash(dir)+`"}`)
	r.must(nil, 201, "POST", "snapshots", "")
	r.emu.Group("since")
	if err := r.emu.State().KeepBy(fullDisk{}, false); err != nil {
		t.Fatal(err)
	}
	before := r.marks(dir)
	for operation, body := range changing(dir) {
		switch operation {
		case "POST reset", "POST load", "POST snapshots/1/restore", "POST grants", "DELETE grants":
			method, path, _ := strings.Cut(operation, " ")
			r.refuses(503, "ServiceUnavailable", errFull.Error(), method, path, body)
		}
	}
	if after := r.marks(dir); after != before {
		t.Errorf("something has changed:\n%s\n---- before\n%s", after, before)
	}
}

func TestControlExplain(t *testing.T) { onCarriers(t, checkControlExplain) }

func checkControlExplain(t *testing.T, open opener) {
	r := open(t, emulator.Options{Rules: rulebook(t)})
	r.refuses(404, "NotFound", "nothing was refused", "GET", "explain/last", "")
	token := bearer(r.machineToken("https://management.azure.com/", ""))
	refused := r.put(r.arm("/subscriptions/"+subscription+"/resourceGroups/new?api-version=2021-04-01"), `{"location":"westus"}`, token)
	r.get(r.arm(armGroup), token)
	x, err := r.emu.Explain("last")
	if err != nil || !strings.Contains(x.String(), "RBAC-EVAL-") || !strings.Contains(x.String(), "MUST, ") {
		t.Fatalf("the world has no rules in its explanations: %v\n%s", err, x)
	}
	for _, id := range []string{"last", "2", strings.ToUpper(refused.header.Get("x-ms-request-id"))} {
		var got struct {
			Text        string
			Explanation struct {
				Seq   int
				Rules []struct{ Text string }
			}
		}
		if r.must(&got, 200, "GET", "explain/"+id, ""); got.Text != x.String() || got.Explanation.Seq != 2 || got.Explanation.Rules[0].Text == "" {
			t.Errorf("%s: %+v", id, got)
		}
	}
	if a := r.control("GET", "explain/last", "", "Accept: text/plain"); a.body != x.String() {
		t.Errorf("%s\nwant %s", a.body, x)
	}
	whatIf := func(grant string) string { return "explain/last?whatif=" + url.QueryEscape(grant) }
	if a := r.must(nil, 200, "GET", whatIf(`machine/tutorial-vm "Contributor" subscription`), ""); !strings.Contains(a.body, "With this grant it would be allowed.") {
		t.Error(a.body)
	}
	r.refuses(400, "InvalidRequest", "want PRINCIPAL ROLE SCOPE", "GET", whatIf("Contributor"), "")
	r.refuses(400, "InvalidRequest", `no role is called "King"`, "GET", whatIf("machine/tutorial-vm King subscription"), "")
	r.refuses(404, "NotFound", `the journal has none with the id or number "77"`, "GET", "explain/77", "")
}
