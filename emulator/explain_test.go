package emulator_test

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/explain"
)

var update = flag.Bool("update", false, "write the texts of explanations anew")

// allRules reads the rules once.
var allRules = sync.OnceValues(rules.All)

// rulebook joins the rules of the conformance suite, which the emulator does not know.
func rulebook(t testing.TB) func(string) (explain.Rule, bool) {
	t.Helper()
	all, err := allRules()
	if err != nil {
		t.Fatal(err)
	}
	return func(id string) (explain.Rule, bool) {
		i := slices.IndexFunc(all, func(r rules.Rule) bool { return r.ID == id })
		if i < 0 {
			return explain.Rule{}, false
		}
		r := all[i]
		out := explain.Rule{ID: r.ID, Level: string(r.Level), Standing: string(r.Standing), Text: r.Text}
		for _, e := range r.Evidence {
			out.Evidence = append(out.Evidence, string(e.Kind)+": "+e.Ref)
		}
		return out, true
	}
}

// unprovoked are the kinds that no request brings about, each with the reason. A kind belongs
// here only if nobody could ever see it explained.
var unprovoked = map[apierr.Kind]string{
	apierr.ControlPath:      "the control API leaves no trace in the journal",
	apierr.ControlMethod:    "the control API leaves no trace in the journal",
	apierr.ControlCrossSite: "the control API leaves no trace in the journal",
	apierr.ControlCaller:    "the control API leaves no trace in the journal",
	apierr.ControlBegin:     "who begins no world has come to none, so no journal tells of it",
	apierr.ControlWorld:     "the control API leaves no trace in the journal",
	apierr.ControlQuery:     "the control API leaves no trace in the journal",
	apierr.ControlMediaType: "the control API leaves no trace in the journal",
	apierr.ControlTooLarge:  "the control API leaves no trace in the journal",
	apierr.ControlBody:      "the control API leaves no trace in the journal",
	apierr.ControlRequest:   "the control API leaves no trace in the journal",
	apierr.ControlUnknown:   "the control API leaves no trace in the journal",
	apierr.ControlFull:      "the control API leaves no trace in the journal",
	apierr.ControlLater:     "the control API leaves no trace in the journal",
}

// section begins a text in a file of texts.
const section = "==== "

func acts() []act {
	return slices.Concat(
		identityActs(), entraActs(), assertionActs(), graphActs(), frontActs(), armActs(), armProviderActs(), federatedActs(), authorizationActs(),
		vaultActs(), storageActs(), storageAccessActs(), faultActs(), lostActs(),
	)
}

// Every kind of refusal is provoked by a request, and explained in the words that
// testdata/explain has: a new kind needs an act, and its text.
func TestExplanations(t *testing.T) {
	got := map[string][]string{}
	played := map[apierr.Kind]bool{}
	for _, a := range acts() {
		t.Run(a.name(), func(t *testing.T) {
			s := stage(t, a.world)
			a.play(s)
			entries := s.emu.Journal().Entries(s.emu.Journal().Last() - 1)
			if len(entries) != 1 || entries[0].Kind != a.kind {
				t.Fatalf("want a refusal of the kind %s, got %+v", a.kind, entries)
			}
			x := s.explained()
			if x.Mend.Text == "" {
				t.Errorf("%s: nothing is said about what would mend it", a.kind)
			}
			file, _, _ := strings.Cut(string(a.kind), ".")
			got[file] = append(got[file], section+a.name()+"\n"+x.String())
		})
		played[a.kind] = true
	}
	for _, kind := range apierr.Kinds() {
		why, excused := unprovoked[kind]
		switch {
		case played[kind] && excused:
			t.Errorf("%s is provoked, and listed as what cannot be (%s)", kind, why)
		case !played[kind] && !excused:
			t.Errorf("no act provokes %s: add one to explain…acts_test.go, then run this test with -update and read the text", kind)
		}
	}
	if !t.Failed() {
		compareTexts(t, got)
	}
}

func compareTexts(t *testing.T, got map[string][]string) {
	dir := filepath.Join("testdata", "explain")
	for file, texts := range got {
		slices.Sort(texts)
		path, text := filepath.Join(dir, file+".txt"), strings.Join(texts, "\n")
		if *update {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		wanted := strings.Split("\n"+string(want), "\n"+section)[1:]
		for i, one := range texts {
			one = strings.TrimPrefix(one, section)
			if i >= len(wanted) || strings.TrimRight(one, "\n") != strings.TrimRight(wanted[i], "\n") {
				old := "nothing"
				if i < len(wanted) {
					old = wanted[i]
				}
				t.Fatalf("%s has other words; if the new ones are better, run with -update.\n---- now\n%s\n---- there\n%s", path, one, old)
			}
		}
		if len(wanted) != len(texts) {
			t.Errorf("%s has %d texts, and there are %d acts: run with -update", path, len(wanted), len(texts))
		}
	}
}

// The example of the documentation is what is said.
func TestTheDocumentedExplanation(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "docs", "explain.md"))
	if err != nil {
		t.Fatal(err)
	}
	texts, err := os.ReadFile(filepath.Join("testdata", "explain", "storage.txt"))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(string(doc), "```")
	if len(parts) != 3 || len(parts[1]) < 500 || !strings.Contains(string(texts), parts[1]) {
		t.Error("the example in docs/explain.md is not among the texts of testdata/explain/storage.txt: copy it from there")
	}
}
