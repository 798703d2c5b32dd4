package main

import (
	"sync"

	"github.com/linarite/linarite/conformance/rules"
	"github.com/linarite/linarite/emulator/explain"
)

// rulebook has the rules of the conformance suite in the words of explanations. It is read
// when the first is asked for; rules that cannot be read are rules that nobody knows.
var rulebook = sync.OnceValue(func() map[string]explain.Rule {
	all, err := rules.All()
	if err != nil {
		return nil
	}
	book := make(map[string]explain.Rule, len(all))
	for _, r := range all {
		known := explain.Rule{ID: r.ID, Level: string(r.Level), Standing: string(r.Standing), Text: r.Text}
		for _, e := range r.Evidence {
			known.Evidence = append(known.Evidence, string(e.Kind)+": "+e.Ref)
		}
		book[r.ID] = known
	}
	return book
})

// ruleNamed finds a rule for explanations: the emulator does not know the suite.
func ruleNamed(id string) (explain.Rule, bool) {
	r, ok := rulebook()[id]
	return r, ok
}
