package explain

import (
	"fmt"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
)

// decided puts a decision into words.
func (x *Explanation) decided(d *journal.Decision, w World) {
	switch {
	case d.Reason == journal.ReasonPolicy:
		x.Considered = "the access policies of the vault; role assignments do not count there"
	case d.Considered == 0:
		x.Considered = "no role assignment: the caller has none"
	case d.Considered == 1:
		x.Considered = "1 role assignment"
	default:
		x.Considered = fmt.Sprintf("%d role assignments", d.Considered)
	}
	if a := d.Assignment; a != nil {
		x.Nearest = a.Role + " at " + a.Scope
		if a.Through != "" {
			name := a.Through
			if g, ok := w.Tx.DirectoryGroups.Get(a.Through); ok {
				name = g.Name
			}
			x.Nearest += ", by the group " + name
		}
	}
	x.Why = append(x.Why, reasonText(d, w))
}

// reasonText is a Reason in words; "" for one that has none, which a test finds.
func reasonText(d *journal.Decision, w World) string {
	kind, other := "action", "data action"
	if d.Data {
		kind, other = other, kind
	}
	role := "The role"
	if d.Assignment != nil {
		role = d.Assignment.Role
	}
	switch d.Reason {
	case journal.ReasonAllowed:
		return role + " grants the " + kind + " at or above the scope."
	case journal.ReasonNoAssignment:
		if d.Considered == 0 {
			return "Whoever has no assignment may do nothing."
		}
		return "None of the caller's assignments has to do with the " + kind + " or the scope."
	case journal.ReasonElsewhere:
		why := role + " grants the " + kind + ", but at "
		if d.Assignment != nil && armid.Contains(d.Scope, d.Assignment.Scope) {
			return why + "a scope below the one asked for, and rights do not go upwards."
		}
		return why + "another scope, which does not contain the one asked for."
	case journal.ReasonPending:
		return role + " will grant the " + kind + " here: the assignment takes effect " + effect(d, w) + "."
	case journal.ReasonCondition:
		return role + " would grant the " + kind + " here, but under a condition, and Linarite evaluates none: such an assignment grants nothing."
	case journal.ReasonExcluded:
		return role + " stands here and names the " + kind + ", then takes it back in its not" + map[bool]string{true: "DataActions", false: "Actions"}[d.Data] + "."
	case journal.ReasonWrongKind:
		why := role + " stands here and names this as " + article(other) + "; what was asked is " + article(kind) + ", and one never stands for the other."
		if d.Data {
			why += " Not even Owner opens what is inside."
		}
		return why
	case journal.ReasonRoleLacks:
		return role + " stands here, and does not name the " + kind + "."
	case journal.ReasonPolicy:
		if d.Allowed {
			return "An access policy of the vault grants the permission."
		}
		return "No access policy of the vault that is about the caller grants the permission."
	}
	return ""
}

func article(noun string) string {
	if strings.HasPrefix(noun, "a") {
		return "an " + noun
	}
	return "a " + noun
}

// effect says when an assignment begins to count.
func effect(d *journal.Decision, w World) string {
	at, ok := effectiveFrom(d, w)
	if !ok {
		return "later"
	}
	if !w.Now.Before(at) {
		return "at " + instant(at) + ", which is past by now"
	}
	return "at " + instant(at)
}

func effectiveFrom(d *journal.Decision, w World) (time.Time, bool) {
	var a state.RoleAssignment
	var ok bool
	if d.Assignment != nil {
		a, ok = w.Tx.Assignments.Get(strings.ToLower(d.Assignment.ID))
	}
	return a.EffectiveFrom, ok
}

// instant is a time as people read it, to the second.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }
