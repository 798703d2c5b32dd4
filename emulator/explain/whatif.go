package explain

import (
	"errors"
	"fmt"
	"strings"

	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/refer"
	"github.com/linarite/linarite/emulator/state"
)

// Grant is a role assignment in words, as `linarite grant` takes it.
type Grant struct {
	// Principal is machine/NAME, identity/NAME, application/NAME, group/NAME, an object id or a
	// client id.
	Principal string `json:"principal"`
	// Role is a role's name or GUID.
	Role string `json:"role"`
	// Scope is a full id, the word subscription, or a path of names such as GROUP/RESOURCE.
	Scope string `json:"scope"`
}

// WhatIf is what a grant would change.
type WhatIf struct {
	Grant    Grant             `json:"grant"`
	Allowed  bool              `json:"allowed"`
	Decision *journal.Decision `json:"decision,omitempty"`
	Text     string            `json:"text"`
}

// ErrGrant is wrapped by errors about a grant that means nothing in the world.
var ErrGrant = errors.New("grant not understood")

// ParseGrant reads PRINCIPAL ROLE SCOPE; a role of several words may stand in quotes or not.
func ParseGrant(text string) (Grant, error) {
	var words []string
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		end, skip := strings.IndexAny(rest, " \t"), 0
		if quote := rest[0]; quote == '"' || quote == '\'' {
			skip = 1
			if end = strings.IndexByte(rest[1:], quote); end < 0 {
				return Grant{}, fmt.Errorf("%w: a quote is not closed in %s", ErrGrant, text)
			}
		} else if end < 0 {
			end = len(rest)
		}
		words = append(words, rest[skip:skip+end])
		rest = rest[end+2*skip:]
	}
	if len(words) < 3 {
		return Grant{}, fmt.Errorf(`%w: want PRINCIPAL ROLE SCOPE, such as machine/tutorial-vm "Storage Blob Data Reader" DevTest`, ErrGrant)
	}
	return Grant{words[0], strings.Join(words[1:len(words)-1], " "), words[len(words)-1]}, nil
}

// WhatIf decides the exchange again, in the world as it is now, with one assignment more; nothing
// is assigned. Its errors say what in the grant the world does not have.
func (x *Explanation) whatIf(g Grant, w World) error {
	assignment, err := resolve(g, w)
	if err != nil {
		return err
	}
	out := &WhatIf{Grant: g}
	x.WhatIf = out
	d := x.Decision
	switch {
	case d == nil:
		out.Text = "No role changes this: the request was answered before, or without, asking what the caller may do."
		return nil
	case d.Reason == journal.ReasonPolicy:
		out.Text = "No role changes this: the vault decides by its access policies."
		return nil
	}
	q := rbac.Query{PrincipalID: d.Principal, Action: d.Action, Data: d.Data, Scope: d.Scope, Now: w.Now}
	facts := rbac.FactsOf(w.Tx)
	before, after := rbac.Decide(facts, q), rbac.Decide(rbac.With(facts, assignment), q)
	out.Allowed, out.Decision = after.Allowed, &after
	switch {
	case before.Allowed:
		out.Text = "It is allowed by now, without this grant: " + reasonText(&before, w)
	case after.Allowed:
		out.Text = "With this grant it would be allowed."
	case !strings.EqualFold(assignment.PrincipalID, d.Principal) && after.Considered == before.Considered:
		out.Text = "It would still be refused: the grant is about somebody else than the caller."
	default:
		out.Text = "It would still be refused. " + reasonText(&after, w)
	}
	return nil
}

// Ask explains an exchange, and what a grant would change.
func Ask(e journal.Entry, g Grant, w World) (Explanation, error) {
	x := Of(e, w)
	err := x.whatIf(g, w)
	return x, err
}

// resolve makes an assignment of a grant.
func resolve(g Grant, w World) (a state.RoleAssignment, err error) {
	a.ID = "what-if"
	a.PrincipalID, err = refer.Principal(w.Tx, g.Principal)
	if err == nil {
		a.RoleID, err = refer.Role(w.Tx, g.Role)
	}
	if err == nil {
		a.Scope, err = refer.Scope(w.Tx, g.Scope)
	}
	if err != nil {
		return a, fmt.Errorf("%w: %w", ErrGrant, err)
	}
	return a, nil
}
