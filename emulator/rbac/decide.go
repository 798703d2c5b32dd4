package rbac

import (
	"iter"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
)

// Query is the question "may this principal do this here".
type Query struct {
	// PrincipalID is the object id of the caller.
	PrincipalID string
	// Action is an action or, where Data is set, a data action.
	Action string
	Data   bool
	// Scope is the id of the resource acted on.
	Scope string
	// Now is the world's time, which decides whether an assignment has taken effect.
	Now time.Time
}

// Decide answers a query. An assignment grants the action where its scope contains the
// query's by whole segments, it has taken effect, and one entry of its role names the
// action without taking it back. Assignments add up: what one role takes back another may
// grant. Actions and data actions never stand for each other.
//
// A refusal cites the assignment that came nearest, by this order, the nearest first:
//
//  1. grants the action here, but has not taken effect (ReasonPending)
//  2. grants it here under a condition (ReasonCondition)
//  3. names it here, and takes it back by notActions (ReasonExcluded)
//  4. grants it at another scope (ReasonElsewhere)
//  5. names it here as the other kind of action (ReasonWrongKind)
//  6. stands here without naming it (ReasonRoleLacks)
//
// Among equals the one whose scope shares most segments with the query's counts, then the
// first. Where nothing of the list applies, the reason is ReasonNoAssignment.
func Decide(f Facts, q Query) journal.Decision {
	d := journal.Decision{
		Principal: q.PrincipalID,
		Action:    q.Action,
		Data:      q.Data,
		Scope:     q.Scope,
	}
	var nearest candidate
	for assignment, through := range held(f, q.PrincipalID) {
		d.Considered++
		role, _ := f.RoleDefinition(assignment.RoleID)
		standing := weigh(q, &assignment, role.Permissions)
		if standing < nearest.standing || standing == unrelated {
			continue
		}
		if standing == nearest.standing && !nearer(assignment.Scope, nearest.Scope, q.Scope) {
			continue
		}
		nearest = candidate{standing, journal.Assignment{
			ID: assignment.ID, Role: role.Name, RoleID: assignment.RoleID, Scope: assignment.Scope, Through: through,
		}}
		if standing == grants {
			break
		}
	}
	d.Allowed = nearest.standing == grants
	d.Reason = nearest.standing.reason()
	if nearest.standing != unrelated {
		d.Assignment = &nearest.Assignment
	}
	return d
}

// candidate is the nearest assignment so far.
type candidate struct {
	standing standing
	journal.Assignment
}

// nearer tells whether scope a is nearer to the target than b is.
func nearer(a, b, target string) bool {
	return a != b && armid.Shared(a, target) > armid.Shared(b, target)
}

// standing is how near an assignment comes to granting a query.
type standing int

const (
	unrelated standing = iota
	lacks
	wrongKind
	elsewhere
	excluded
	conditional
	pending
	grants
)

func (s standing) reason() journal.Reason {
	switch s {
	case lacks:
		return journal.ReasonRoleLacks
	case wrongKind:
		return journal.ReasonWrongKind
	case elsewhere:
		return journal.ReasonElsewhere
	case excluded:
		return journal.ReasonExcluded
	case conditional:
		return journal.ReasonCondition
	case pending:
		return journal.ReasonPending
	case grants:
		return journal.ReasonAllowed
	default:
		return journal.ReasonNoAssignment
	}
}

// weigh tells how near an assignment of a role with these entries comes.
func weigh(q Query, a *state.RoleAssignment, entries []state.Permission) standing {
	s := judge(entries, q.Action, q.Data)
	if s == grants && a.Condition != "" {
		s = conditional
	}
	here := armid.Contains(a.Scope, q.Scope)
	switch {
	case sabotage.On(sabotage.RBACSibling):
		here = strings.HasPrefix(strings.ToLower(q.Scope), strings.ToLower(a.Scope))
	case sabotage.On(sabotage.RBACParent) && strings.Count(a.Scope, "/") == 4: // a resource group
		here = armid.Equal(a.Scope, q.Scope)
	}
	switch {
	case !here && s == grants:
		return elsewhere
	case !here:
		return unrelated
	case s == grants && a.EffectiveFrom.After(q.Now):
		return pending
	default:
		return s
	}
}

// judge weighs the entries of a role, wherever it is assigned: grants, conditional,
// excluded, wrongKind or lacks, whichever entry comes nearest.
func judge(entries []state.Permission, action string, data bool) standing {
	best := lacks
	for i := range entries {
		e := &entries[i]
		named, taken, other, otherTaken := e.Actions, e.NotActions, e.DataActions, e.NotDataActions
		if data {
			named, taken, other, otherTaken = other, otherTaken, named, taken
		}
		verdict := lacks
		switch {
		case matchAny(named, action):
			switch {
			case matchAny(taken, action) && !sabotage.On(sabotage.RBACExclusions):
				verdict = excluded
			case e.Condition != "":
				verdict = conditional
			default:
				return grants
			}
		case matchAny(other, action) && !matchAny(otherTaken, action):
			if verdict = wrongKind; data && sabotage.On(sabotage.RBACOpensData) {
				return grants
			}
		}
		best = max(best, verdict)
	}
	return best
}

// held yields every assignment that counts for a principal, its own first, each with the
// group it comes through.
func held(f Facts, principalID string) iter.Seq2[state.RoleAssignment, string] {
	return func(yield func(state.RoleAssignment, string) bool) {
		for a := range f.RoleAssignmentsOf(principalID) {
			if !yield(a, "") {
				return
			}
		}
		for _, group := range f.GroupsOf(principalID) {
			for a := range f.RoleAssignmentsOf(group) {
				if !yield(a, group) {
					return
				}
			}
		}
	}
}
