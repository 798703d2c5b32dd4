package apply_test

import (
	"strings"
	"testing"
)

// impossible is what Plan.Not lists: the tenant's own, and what only stands beside the world as it was before.
const impossible = `displayname=suite-app|displayname=readers|linarite-admin.*roleid=|^federat|^principals .*linarite-admin`

func TestApplyMakesTheWorld(t *testing.T) {
	for _, name := range []string{"tutorial", "two-machines", "suite", "empty", "rich"} {
		bubble(t, name, func(t *testing.T, s *site) {
			lines := s.apply(name)
			want := state(t, open(t, decode(t, name)))
			got := state(t, s.emu)
			if d := unlike(without(got, impossible), without(want, impossible)); d != "" {
				t.Errorf("after apply, + is there and - is in the world:\n%s\n%s", d, lines)
			}
			ledgerThen, again := len(s.entries()), s.apply(name)
			if strings.Contains(again, " made") || strings.Contains(again, " changed") {
				t.Errorf("applied again:\n%s", again)
			}
			if d := unlike(state(t, s.emu), got); d != "" || len(s.entries()) != ledgerThen {
				t.Errorf("the second apply changed something (ledger %d, then %d):\n%s", ledgerThen, len(s.entries()), d)
			}
		})
	}
}

func TestSweepLeavesWhatWasThere(t *testing.T) {
	for _, name := range []string{"tutorial", "two-machines", "suite", "rich"} {
		bubble(t, name, func(t *testing.T, s *site) {
			before := state(t, s.emu)
			s.apply(name)
			if swept := s.sweep(); swept.Failed() {
				t.Errorf("kept %q, left %q", swept.Kept, swept.Left)
			}
			if d := unlike(state(t, s.emu), before); d != "" {
				t.Errorf("after the sweep:\n%s", d)
			}
			if left := s.entries(); len(left) > 0 {
				t.Errorf("the ledger still has %v", left)
			}
			s.apply(name) // names of vaults are free again
		})
	}
}
