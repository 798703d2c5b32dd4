package rules

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// id puts together an id that need not exist, so that the search for cited ids does not find it here.
func id(area string, number int) string { return fmt.Sprintf("%s-%03d", area, number) }

func all(t *testing.T) []Rule {
	t.Helper()
	rules, err := All()
	if err != nil {
		t.Fatal(err)
	}
	return rules
}

func TestRulesAreWellFormed(t *testing.T) {
	rules := all(t)
	if len(rules) < 100 {
		t.Errorf("%d rules: the embedded files are missing", len(rules))
	}
	byID := map[string]Rule{}
	for _, rule := range rules {
		if _, twice := byID[rule.ID]; twice {
			t.Errorf("%s is there twice", rule.ID)
		}
		byID[rule.ID] = rule
	}
	for _, rule := range rules {
		if rule.Retired == nil || rule.Retired.Successor == "" {
			continue
		}
		if next, there := byID[rule.Retired.Successor]; !there || next.Retired != nil {
			t.Errorf("%s: its successor %s is not a rule that holds", rule.ID, rule.Retired.Successor)
		}
	}
}

// sentenceEnd is a full stop with another sentence behind it.
var sentenceEnd = regexp.MustCompile(`[\w)]\. [A-Z]`)

func oneSentence(text string) bool {
	// A quoted message, after a colon, may have several sentences of its own.
	said, _, _ := strings.Cut(text, ": ")
	return strings.HasSuffix(text, ".") && !sentenceEnd.MatchString(said)
}

func TestTextsAreOneSentence(t *testing.T) {
	for _, rule := range all(t) {
		if !oneSentence(rule.Text) {
			t.Errorf("%s: not one sentence: %s", rule.ID, rule.Text)
		}
	}
	for text, want := range map[string]bool{
		"A is B.":                               true,
		"A is B":                                false,
		"A is B. C is D.":                       false,
		"The message of A is: It failed. Stop.": true,
		"A, such as 1.0 or 2.0, is B.":          true,
	} {
		if oneSentence(text) != want {
			t.Errorf("oneSentence(%q) = %v", text, !want)
		}
	}
}

func TestFeaturesAreRegistered(t *testing.T) {
	features, err := Features()
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, rule := range all(t) {
		used[rule.Feature] = true
	}
	known := map[string]bool{}
	for i, feature := range features {
		known[feature.Name] = true
		if i > 0 && features[i-1].Name >= feature.Name {
			t.Errorf("%s is out of order, or there twice", feature.Name)
		}
		if !oneSentence(feature.Text) {
			t.Errorf("%s: not one sentence: %s", feature.Name, feature.Text)
		}
		if !used[feature.Name] {
			t.Errorf("no rule has the feature %s", feature.Name)
		}
	}
	for name := range used {
		if !known[name] {
			t.Errorf("the feature %s is not in features.json: give it one sentence there", name)
		}
	}
}

// cited finds ids in text.
var cited = regexp.MustCompile(`\b(IMDS|ENTRA|ARM|RBAC|BLOB|KV|CLIENT)-[A-Z0-9]+-\d{3}\b`)

// A citation is an id with the first file that has it.
type citation struct{ id, file string }

// citations finds the ids in Go code, YAML and docs/divergences.md of the tree. Live is false for the last, which may
// speak of retired rules.
func citations(fsys fs.FS) (live, history []citation, err error) {
	err = fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && strings.HasPrefix(entry.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		extension := filepath.Ext(name)
		if name != "docs/divergences.md" && extension != ".go" && extension != ".yaml" && extension != ".yml" {
			return nil
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		for _, match := range cited.FindAllString(string(text), -1) {
			if extension == ".md" {
				history = append(history, citation{match, name})
			} else {
				live = append(live, citation{match, name})
			}
		}
		return nil
	})
	return live, history, err
}

// checkCitations says which cited rules do not exist, and which code still follows a rule that was retired.
func checkCitations(fsys fs.FS, rules []Rule) ([]string, error) {
	live, history, err := citations(fsys)
	if err != nil {
		return nil, err
	}
	byID := map[string]Rule{}
	for _, rule := range rules {
		byID[rule.ID] = rule
	}
	complaints := map[string]bool{}
	for _, c := range slices.Concat(live, history) {
		if _, there := byID[c.id]; !there {
			complaints[fmt.Sprintf("%s cites %s, which no rule has", c.file, c.id)] = true
		}
	}
	for _, c := range live {
		if gone := byID[c.id].Retired; gone != nil {
			complaints[fmt.Sprintf("%s cites %s, which was retired (%s); see %s", c.file, c.id, gone.Reason, gone.Successor)] = true
		}
	}
	return slices.Sorted(maps.Keys(complaints)), nil
}

func TestCitedRulesExist(t *testing.T) {
	root := filepath.Join("..", "..")
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("not the root of the module: %v", err)
	}
	complaints, err := checkCitations(os.DirFS(root), all(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range complaints {
		t.Error(complaint)
	}
}

func TestCheckCitations(t *testing.T) {
	const area = "IMDS-TEST"
	rules := []Rule{
		{ID: id(area, 1)},
		{ID: id(area, 2), Retired: &Retirement{Reason: "wrong", Successor: id(area, 1)}},
	}
	tests := []struct {
		name, file, text, want string
	}{
		{"known", "a.go", "// " + id(area, 1) + ": why", ""},
		{"unknown in code", "emulator/a.go", "// " + id(area, 3), "emulator/a.go cites " + id(area, 3) + ", which no rule has"},
		{"unknown in YAML", "a.yaml", "rule: " + id(area, 3), "which no rule has"},
		{"unknown difference", "docs/divergences.md", id(area, 3), "which no rule has"},
		{"retired in code", "a.go", "// " + id(area, 2), "was retired (wrong); see " + id(area, 1)},
		{"retired difference", "docs/divergences.md", id(area, 2), ""},
		{"other text", "README.md", id(area, 3), ""},
		{"hidden directory", ".cache/a.go", id(area, 3), ""},
		{"longer number", "a.go", id(area, 3) + "4", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := checkCitations(fstest.MapFS{test.file: {Data: []byte(test.text)}}, rules)
			if err != nil {
				t.Fatal(err)
			}
			if test.want == "" && len(got) == 0 {
				return
			}
			if len(got) != 1 || test.want == "" || !strings.Contains(got[0], test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLoadRefuses(t *testing.T) {
	const row = `{"id": "ARM-TEST-%03d", "level": "%s", "feature": "arm", "standing": "%s", "text": "A is B.", "evidence": [{"kind": "%s", "ref": "%s"}]%s}`
	good := fmt.Sprintf(row, 1, "MUST", "documented", "doc", "RFC 1", "")
	tests := []struct{ name, text, want string }{
		{"good", "[" + good + "]", ""},
		{"retired", fmt.Sprintf("["+row+"]", 1, "MUST", "sdk", "sdk", "a/b", `, "retired": {"reason": "wrong"}`), ""},
		{"unknown member", fmt.Sprintf("["+row+"]", 1, "MUST", "sdk", "sdk", "a/b", `, "colour": "blue"`), `unknown field "colour"`},
		{"text after the list", "[" + good + "] []", "after the end"},
		{"not JSON", "[" + good + ",\n", "arm-test.json: line"},
		{"gap", fmt.Sprintf("["+row+"]", 2, "MUST", "sdk", "sdk", "a/b", ""), "row 1 has the id"},
		{"twice", "[" + good + "," + good + "]", "row 2 has the id"},
		{"level", fmt.Sprintf("["+row+"]", 1, "must", "sdk", "sdk", "a/b", ""), `level "must"`},
		{"standing", fmt.Sprintf("["+row+"]", 1, "MUST", "guessed", "sdk", "a/b", ""), `standing "guessed"`},
		{"standing beyond its evidence", fmt.Sprintf("["+row+"]", 1, "MUST", "recorded", "doc", "a/b", ""), "standing recorded needs evidence"},
		{"kind", fmt.Sprintf("["+row+"]", 1, "MUST", "sdk", "hearsay", "a/b", ""), `kind "hearsay"`},
		{"path of a machine", fmt.Sprintf("["+row+"]", 1, "MUST", "sdk", "sdk", "/home/a", ""), "not a public place"},
		{"unverified MUST", fmt.Sprintf("["+row+"]", 1, "MUST", "unverified", "doc", "a/b", ""), "cannot decide a run"},
		{"cloud", fmt.Sprintf("["+row+"]", 1, "MUST", "sdk", "sdk", "a/b", `, "clouds": ["germany"]`), `cloud "germany"`},
		{"retired without reason", fmt.Sprintf("["+row+"]", 1, "MUST", "sdk", "sdk", "a/b", `, "retired": {"reason": ""}`), "without a reason"},
		{"no evidence", `[{"id": "` + id("ARM-TEST", 1) + `", "level": "MUST", "feature": "arm", "standing": "sdk", "text": "A."}]`, "no evidence"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(fstest.MapFS{"arm-test.json": {Data: []byte(test.text)}})
			if test.want == "" && err == nil {
				return
			}
			if err == nil || test.want == "" || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if _, err := load(fstest.MapFS{"queue-test.json": {Data: []byte(strings.ReplaceAll("["+good+"]", "ARM-", "QUEUE-"))}}); err == nil {
		t.Error("a plane that does not exist was taken")
	}
}

// The schema is for other people's tools: what it refuses, load refuses too, but the files must satisfy both.
func TestFilesSatisfySchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(files, "*-*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := files.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		document, err := jsonschema.UnmarshalJSON(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := schema.Validate(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{`{}`, `[{"id": "ARM-TEST-1"}]`} {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(bad))
		if err != nil {
			t.Fatal(err)
		}
		if schema.Validate(document) == nil {
			t.Errorf("the schema takes %s", bad)
		}
	}
}

// The schema says the same as the Go types: the members, and the values of the enumerations.
func TestSchemaAgrees(t *testing.T) {
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	type property struct {
		Pattern string   `json:"pattern"`
		Enum    []string `json:"enum"`
	}
	var schema struct {
		Items struct {
			Properties map[string]property `json:"properties"`
		} `json:"items"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	properties := schema.Items.Properties
	var members []string
	for field := range reflect.TypeFor[Rule]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		members = append(members, name)
	}
	slices.Sort(members)
	if listed := slices.Sorted(maps.Keys(properties)); !slices.Equal(members, listed) {
		t.Errorf("members %v, in the schema %v", members, listed)
	}
	if got := properties["id"].Pattern; got != idPattern.String() {
		t.Errorf("the schema's pattern of an id is %s, want %s", got, idPattern)
	}
	if got, want := properties["level"].Enum, []string{string(Must), string(Should), string(May)}; !slices.Equal(got, want) {
		t.Errorf("levels %v, want %v", got, want)
	}
	want := []string{string(Recorded), string(Specified), string(Documented), string(SDK), string(Unverified)}
	if got := properties["standing"].Enum; !slices.Equal(got, want) {
		t.Errorf("standings %v, want %v", got, want)
	}
}
