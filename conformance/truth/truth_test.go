package truth_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/conformance/truth"
)

func difference(of, got, reason string) truth.Difference {
	return truth.Difference{Of: of, At: 3, What: "status", Want: "201", Got: got, Reason: reason}
}

func known() truth.List {
	return truth.List{
		Check:  "make something",
		Scores: map[string]truth.Score{"blobs": {Sent: 4, Skipped: 1, Status: 3, All: 2}},
		Left:   map[string]int{"queues": 2},
		Reasons: map[string]truth.Reason{
			"leases": {Kind: truth.NotBuilt, Feature: "leases", Why: "There are none yet."},
			"pauses": {Kind: truth.Artefact, Why: "Pauses are cut."},
		},
		Differences: []truth.Difference{difference("a", "501", "leases"), difference("b", "200", "pauses")},
	}
}

func expect(t *testing.T, err error, wants ...string) {
	t.Helper()
	if (err == nil) != (len(wants) == 0) {
		t.Fatalf("the error is %v, not about %q", err, wants)
	}
	for _, want := range wants {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func found(l truth.List, differences ...truth.Difference) truth.Found {
	return truth.Found{Differences: differences, Scores: l.Scores, Left: l.Left}
}

func TestCompare(t *testing.T) {
	l := known()
	a, b := difference("a", "501", ""), difference("b", "200", "")
	expect(t, l.Compare(found(l, b, a)))
	expect(t, l.Compare(found(l, b)), "gone: a #3")
	expect(t, l.Compare(found(l, a, b, difference("c", "500", ""))), "new: c #3")
	expect(t, l.Compare(found(l, b, difference("a", "500", ""))), "new: a #3", "gone: a #3")
	fewer := found(l, a, b)
	fewer.Scores = map[string]truth.Score{"blobs": {Sent: 3, Skipped: 1, Status: 3, All: 2}}
	expect(t, l.Compare(fewer), "score of blobs")
	expect(t, l.Compare(truth.Found{Differences: []truth.Difference{a, b}}), "score of blobs", "left out of queues: listed 2, now 0")
}

func TestReadRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*truth.List)
		want   string
	}{
		"no reason":           {func(l *truth.List) { l.Differences[0].Reason = "" }, `no reason ""`},
		"an unknown reason":   {func(l *truth.List) { l.Differences[0].Reason = "x" }, `no reason "x"`},
		"twice":               {func(l *truth.List) { l.Differences = append(l.Differences, l.Differences[0]) }, "listed twice"},
		"an unused reason":    {func(l *truth.List) { l.Differences = l.Differences[1:] }, "nothing has it"},
		"an unknown kind":     {func(l *truth.List) { l.Reasons["pauses"] = truth.Reason{Kind: "ours is wrong", Why: "x"} }, "is none of"},
		"nothing said":        {func(l *truth.List) { l.Reasons["pauses"] = truth.Reason{Kind: truth.Artefact} }, "says nothing"},
		"no feature":          {func(l *truth.List) { l.Reasons["leases"] = truth.Reason{Kind: truth.NotBuilt, Why: "x"} }, "names the feature"},
		"a feature, but done": {func(l *truth.List) { l.Reasons["pauses"] = truth.Reason{Kind: truth.Artefact, Feature: "x", Why: "x"} }, "names the feature"},
		"no evidence":         {func(l *truth.List) { l.Reasons["pauses"] = truth.Reason{Kind: truth.Departure, Why: "x"} }, "has evidence"},
	} {
		t.Run(name, func(t *testing.T) {
			l := known()
			test.change(&l)
			file := filepath.Join(t.TempDir(), "list.json")
			if err := l.Write(file); err != nil {
				t.Fatal(err)
			}
			_, err := truth.Read(file)
			expect(t, err, test.want, "list.json")
		})
	}
	file := filepath.Join(t.TempDir(), "list.json")
	for _, text := range []string{"", `{"check": 1}`, `{"unknown": 1}`, "{} {}"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := truth.Read(file); err == nil {
			t.Errorf("read %q", text)
		}
	}
}

func TestWriteAndRead(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list.json")
	if err := known().Write(file); err != nil {
		t.Fatal(err)
	}
	l, err := truth.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, l.Compare(found(known(), known().Differences...)))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\n    {\"of\":\"a\",\"at\":3,") {
		t.Errorf("a difference has no line of its own:\n%s", text)
	}
}

func TestRenewKeepsReasons(t *testing.T) {
	l := known().Renew(found(known(), difference("c", "500", ""), difference("a", "501", "")))
	if len(l.Differences) != 2 || l.Differences[0].Reason != "leases" || l.Differences[1].Reason != "" || len(l.Reasons) != 1 {
		t.Errorf("renewed to %+v", l)
	}
}

func TestSummary(t *testing.T) {
	var b strings.Builder
	known().Summary(&b)
	for _, want := range []string{"blobs", "75.0 %", "50.0 %", "1  not built        leases", "1  artefact         pauses", "2  left out         queues"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is not in\n%s", want, b.String())
		}
	}
}

// The lists here are in order, and each rule that they cite exists.
func TestTheLists(t *testing.T) {
	all, err := rules.All()
	if err != nil {
		t.Fatal(err)
	}
	exists := map[string]bool{}
	for _, rule := range all {
		exists[rule.ID] = rule.Retired == nil
	}
	cited := regexp.MustCompile(`\b[A-Z]+-[A-Z0-9]+-\d{3}\b`)
	files, err := filepath.Glob("*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		l, err := truth.Read(file)
		if err != nil {
			t.Error(err)
		}
		for name, reason := range l.Reasons {
			for _, id := range cited.FindAllString(reason.Evidence, -1) {
				if !exists[id] {
					t.Errorf("%s: the reason %s cites %s, which no rule has", file, name, id)
				}
			}
		}
	}
}
