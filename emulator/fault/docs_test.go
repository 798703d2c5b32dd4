package fault

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// The page for people names every member, form and scenario, and its examples are rules.
func TestThePageAgrees(t *testing.T) {
	data, err := os.ReadFile("../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	names := []string{RetrySeconds, RetryDate, RetryMS, RetryMSPrefixed, string(CutBeforeHead), string(CutAfterHead), string(CutInBody)}
	for _, v := range []any{Match{}, Effect{}, Rule{}} {
		kind := reflect.TypeOf(v)
		for i := range kind.NumField() {
			name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
			if name != "" && name != "match" && name != "effect" {
				names = append(names, name)
			}
		}
	}
	for _, s := range Scenarios() {
		names = append(names, s.Name)
	}
	for _, name := range names {
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page does not name %s", name)
		}
	}
	for _, plane := range Planes() {
		if !regexp.MustCompile(`\| .plane. \|.*\b` + plane + `\b`).MatchString(page) {
			t.Errorf("the page does not name the plane %s", plane)
		}
	}
	examples := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(page, -1)
	if len(examples) < 5 {
		t.Fatalf("%d examples", len(examples))
	}
	for _, example := range examples {
		if _, err := Decode([]byte(example[1])); err != nil {
			t.Errorf("%s%v", example[1], err)
		}
	}
}
