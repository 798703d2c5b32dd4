package match

import (
	"strings"
	"testing"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
)

func TestMatchers(t *testing.T) {
	a := &wire.Answer{Status: 404, Reason: "Not Found",
		Header: wire.Header{{Name: "ETag", Value: `"1"`}, {Name: "Empty", Value: ""}},
		Body:   []byte(`{"error":{"code":"NotHere","message":"m"},"value":[{"n":1},{"n":2}],"a.b":true,"none":null}`)}
	x := &wire.Answer{Status: 200, Header: wire.Header{{Name: "x-ms-error-code", Value: "Code"}},
		Body: []byte("\ufeff<?xml version=\"1.0\"?><L><B a=\"1\"><N>1</N></B><B><N>2</N><E/></B></L>")}
	none := &wire.Answer{Status: 200}
	for _, row := range []struct {
		name string
		m    types.GomegaMatcher
		on   *wire.Answer
		want bool
	}{
		{"status", Status(404), a, true}, {"another status", Status(200), a, false}, {"a matcher of it", Status(gomega.BeNumerically(">", 400)), a, true},
		{"code", Code("NotHere"), a, true}, {"another code", Code("x"), a, false}, {"code in the header", Code("Code"), x, true},
		{"no code", Code("x"), none, false}, {"no code, as wanted", Code(Absent()), none, true}, {"a code, none wanted", Code(Absent()), a, false},
		{"message", Message("m"), a, true}, {"no message", Message("m"), none, false},
		{"header", Header("etag", `"1"`), a, true}, {"no header", Header("x", "1"), a, false}, {"no header, as wanted", Header("x", Absent()), a, true},
		{"an empty header is there", Header("Empty", Absent()), a, false}, {"has it", HasHeader("ETag"), a, true}, {"is empty", HasHeader("Empty"), a, false},
		{"body", Body(gomega.ContainSubstring("NotHere")), a, true},
		{"member", JSON("value.1.n", 2), a, true}, {"a name with a dot", JSON(`a\.b`, true), a, true}, {"no member", JSON("value.2.n", 2), a, false},
		{"null is there", JSON("none", Absent()), a, false}, {"no member, as wanted", JSON("value.9", Absent()), a, true}, {"the whole", JSON("", gomega.HaveLen(4)), a, true},
		{"element", XML("B/N", "1"), x, true}, {"the second", XML("B[1]/N", "2"), x, true}, {"an empty one", XML("B[1]/E", ""), x, true},
		{"no element", XML("B/E", ""), x, false}, {"no element, as wanted", XML("B[2]", Absent()), x, true}, {"all", All("B/N", []string{"1", "2"}), x, true},
		{"root", Root("L"), x, true}, {"another root", Root("B"), x, false},
		{"children", Children("", []string{"B", "B"}), x, true}, {"children further down", Children("B[1]", []string{"N", "E"}), x, true},
		{"no children", Children("B/N", gomega.BeEmpty()), x, true}, {"children of nothing", Children("C", gomega.BeEmpty()), x, false},
		{"attribute", Attribute("B", "a", "1"), x, true}, {"another attribute", Attribute("B", "a", "2"), x, false},
		{"no attribute", Attribute("B", "b", ""), x, false}, {"no attribute, as wanted", Attribute("B", "b", Absent()), x, true},
	} {
		got, err := row.m.Match(row.on)
		if err != nil || got != row.want {
			t.Errorf("%s: %v, %v", row.name, got, err)
		}
		if !got && !strings.Contains(row.m.FailureMessage(row.on), " in ") && !strings.Contains(row.m.FailureMessage(row.on), "\nin ") {
			t.Errorf("%s: %s", row.name, row.m.FailureMessage(row.on))
		}
	}
	for name, m := range map[string]types.GomegaMatcher{"no JSON": JSON("x", 1), "no XML": XML("x", "1"), "no XML at all": All("x", ""),
		"no root": Root(""), "no children": Children("", ""), "no attributes": Attribute("x", "y", "")} {
		if _, err := m.Match(&wire.Answer{Body: []byte("<a>{")}); err == nil {
			t.Errorf("%s was read", name)
		}
	}
	if _, err := Status(200).Match("200"); err == nil {
		t.Error("a text was taken for an answer")
	}
	if Text(a, "error.code") != "NotHere" || Value(a, "value.0.n") != 1.0 || Value(a, "x") != nil || Text(none, "x") != "" {
		t.Error("values")
	}
}
