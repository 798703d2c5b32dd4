package emulator

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/explain"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

// ErrNoRequest is wrapped by the error of an explanation of what the journal does not have.
var ErrNoRequest = errors.New("no such request")

// ExplainOptions say what an explanation is to have beside the exchange.
type ExplainOptions struct {
	// Rules finds the words and the evidence of a rule; nil takes the world's, Options.Rules.
	Rules func(id string) (explain.Rule, bool)
	// WhatIf is a grant whose effect is wanted; nil for none.
	WhatIf *explain.Grant
}

// Explain says why a request was refused, or allowed. id is the id of an answer, a number of the
// journal, or "last": the last refusal.
func (e *Emulator) Explain(id string) (explain.Explanation, error) {
	return e.ExplainWith(id, ExplainOptions{})
}

// ExplainWith is Explain with options. Its errors wrap ErrNoRequest or explain.ErrGrant.
func (e *Emulator) ExplainWith(id string, o ExplainOptions) (x explain.Explanation, err error) {
	entry, err := findEntry(e.world.Journal, id)
	if err != nil {
		return x, err
	}
	if o.Rules == nil {
		o.Rules = e.options.Rules
	}
	w := explain.World{Cloud: e.world.Cloud, Now: e.world.Clock.Now(), Rules: o.Rules}
	e.world.State.View(func(tx *state.Tx) {
		w.Tx = tx
		if o.WhatIf != nil {
			x, err = explain.Ask(entry, *o.WhatIf, w)
		} else {
			x = explain.Of(entry, w)
		}
	})
	return x, err
}

func findEntry(j *journal.Journal, id string) (journal.Entry, error) {
	seq, err := strconv.ParseUint(id, 10, 64)
	numbered := err == nil
	is := func(e *journal.Entry) bool { return numbered && e.Seq == seq || strings.EqualFold(e.RequestID, id) }
	last := strings.EqualFold(id, "last") || id == ""
	if last {
		is = (*journal.Entry).Refused
	}
	if entry, ok := j.Find(is); ok {
		return entry, nil
	}
	if last {
		return journal.Entry{}, fmt.Errorf("%w: nothing was refused, as far as the journal goes back", ErrNoRequest)
	}
	return journal.Entry{}, fmt.Errorf("%w: the journal has none with the id or number %q; it keeps the newest, up to number %d", ErrNoRequest, id, j.Last())
}
