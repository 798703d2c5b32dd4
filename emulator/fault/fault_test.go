package fault

import (
	"slices"
	"testing"
)

func strikes(s *Set, p Point, n int) (out []int) {
	for range n {
		e, _ := s.Strike(p)
		out = append(out, e.Status)
	}
	return out
}

func TestRulesMatchCountAndEnd(t *testing.T) {
	token := Point{Plane: "imds", Operation: "GetToken", Machine: "/x/vm1", MachineName: "vm1"}
	for name, row := range map[string]struct {
		rule Rule
		at   Point
		want []int
	}{
		"always":         {Rule{Match: Match{Plane: "imds"}, Effect: Effect{Status: 500}}, token, []int{500, 500, 500}},
		"twice":          {Rule{Match: Match{Plane: "imds"}, Times: 2, Effect: Effect{Status: 429}}, token, []int{429, 429, 0}},
		"the second":     {Rule{Match: Match{Operation: "GetToken", Nth: 2}, Effect: Effect{Status: 410}}, token, []int{0, 410, 0}},
		"other plane":    {Rule{Match: Match{Plane: "arm"}, Effect: Effect{Status: 500}}, token, []int{0, 0}},
		"by name":        {Rule{Match: Match{Machine: "vm1"}, Effect: Effect{Status: 500}}, token, []int{500}},
		"other machine":  {Rule{Match: Match{Machine: "vm2"}, Effect: Effect{Status: 500}}, token, []int{0}},
		"another caller": {Rule{Match: Match{Principal: "p"}, Effect: Effect{Status: 500}}, token, []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			var s Set
			s.Add(row.rule)
			if got := strikes(&s, row.at, len(row.want)); !slices.Equal(got, row.want) {
				t.Fatalf("%v, want %v", got, row.want)
			}
		})
	}
}

func TestASpentRuleLetsTheNextAct(t *testing.T) {
	var s Set
	first := s.Add(Rule{Times: 1, Effect: Effect{Status: 1}})
	s.Add(Rule{Effect: Effect{Status: 2}})
	if got := strikes(&s, Point{}, 3); !slices.Equal(got, []int{1, 2, 2}) {
		t.Fatal(got)
	}
	kept := s.Rules()
	if kept[0].ID != first.ID || kept[0].Seen != 3 || kept[0].Acted != 1 {
		t.Fatalf("%+v", kept[0])
	}
	if !s.Remove(first.ID) || s.Remove(first.ID) || len(s.Rules()) != 1 {
		t.Fatal("remove")
	}
	s.Clear()
	if _, hit := s.Strike(Point{}); hit {
		t.Fatal("cleared rules act")
	}
	s.Restore(kept)
	if got := strikes(&s, Point{}, 1); got[0] != 2 {
		t.Fatal("counts come back with a restore:", got)
	}
}
