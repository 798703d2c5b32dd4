package emulator

import (
	"fmt"

	"github.com/linarite/linarite/emulator/advise"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/refer"
	"github.com/linarite/linarite/emulator/state"
)

// Advise finds the fewest built-in roles at the narrowest scopes that allow what the journal says
// was done, and proves it on a fork. The world is not changed. Options.Principal names one as a Ref does:
// machine/NAME, identity/NAME, application/NAME, an object id or a client id. Errors wrap
// advise.ErrOptions or advise.ErrProof.
func (e *Emulator) Advise(o advise.Options) (advise.Plan, error) {
	if o.Principal != "" {
		var err error
		e.world.State.View(func(tx *state.Tx) { o.Principal, err = advised(tx, o.Principal) })
		if err != nil {
			return advise.Plan{}, fmt.Errorf("%w: %w", advise.ErrOptions, err)
		}
	}
	entries := e.world.Journal.Select(journal.Filter{})
	plan, err := advise.Of(entries, e.world.State, e.world.Clock.Now(), o)
	if len(entries) > 0 && entries[0].Seq > 1 {
		plan.Notes = append(plan.Notes, fmt.Sprintf("The journal does not go back to the beginning: the first %d requests are not part of this.", entries[0].Seq-1))
	}
	return plan, err
}

// advised finds a principal that can be advised.
func advised(tx *state.Tx, ref string) (string, error) {
	id, err := refer.Principal(tx, ref)
	if err != nil {
		return "", err
	}
	if _, ok := tx.Principals.Get(id); !ok {
		return "", fmt.Errorf("%s is no managed identity or application: advice is for those that act, and groups do not", ref)
	}
	return id, nil
}
