package match_test

import (
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
)

func TestKeys(t *testing.T) {
	a := &wire.Answer{Body: []byte(`{"b":1,"a":[{"z":{},"y":null}],"c":"x"}`)}
	for path, want := range map[string][]string{"": {"b", "a", "c"}, "a.0": {"z", "y"}, "a.0.z": {}} {
		if ok, err := match.Keys(path, gomega.Equal(want)).Match(a); !ok || err != nil {
			t.Errorf("%q: not %v (%v)", path, want, err)
		}
	}
	if ok, _ := match.Keys("", gomega.Equal([]string{"a", "b", "c"})).Match(a); ok {
		t.Error("the order does not count")
	}
	for _, path := range []string{"x", "c", "a", "a.1", "a.0.y"} {
		if ok, err := match.Keys(path, match.Absent()).Match(a); !ok || err != nil {
			t.Errorf("%q is an object (%v)", path, err)
		}
	}
	if _, err := match.Keys("", match.Absent()).Match(&wire.Answer{Body: []byte("<a/>")}); err == nil {
		t.Error("XML has members")
	}
}

// What is not there has no message of the matcher inside, which may not know what to say.
func TestMessageOfWhatIsNotThere(t *testing.T) {
	a := &wire.Answer{Body: []byte(`{}`)}
	m := match.JSON("x", gomega.And(gomega.HavePrefix("a"), gomega.HaveSuffix("b")))
	if ok, err := m.Match(a); ok || err != nil {
		t.Fatal(ok, err)
	}
	if got := m.FailureMessage(a); !strings.Contains(got, "the member x: it is not there") {
		t.Error(got)
	}
}
