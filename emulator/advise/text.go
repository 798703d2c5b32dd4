package advise

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Format is how a plan is written.
type Format string

// The formats.
const (
	// Az are commands for a POSIX shell.
	Az Format = "az"
	// Bicep are modules, one for each resource group (or subscription, or the tenant).
	Bicep Format = "bicep"
	// Terraform is a configuration for the provider azurerm.
	Terraform Format = "terraform"
	// JSON is the plan itself.
	JSON Format = "json"
)

// Formats lists every Format: the one list.
func Formats() []Format { return []Format{Az, Bicep, Terraform, JSON} }

// Text writes the plan. An unknown format is an error that wraps ErrOptions.
func (p *Plan) Text(f Format) (string, error) {
	switch f {
	case Az:
		return p.az(), nil
	case Bicep:
		return p.bicep(), nil
	case Terraform:
		return p.terraform(), nil
	case JSON:
		text, err := json.MarshalIndent(p, "", "  ")
		return string(text) + "\n", err
	}
	return "", fmt.Errorf("%w: there is no format %q: write az, bicep, terraform or json", ErrOptions, f)
}

// writer puts lines together; comments begin with its mark.
type writer struct {
	strings.Builder
	mark string
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// comment writes a comment on one line, whatever the names in it hold.
func (w *writer) comment(format string, args ...any) {
	w.line("%s %s", w.mark, oneLine(fmt.Sprintf(format, args...)))
}

// oneLine replaces what could end a line.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return '?'
		}
		return r
	}, text)
}

// head says what this is, and how far it was proved.
func (w *writer) head(p *Plan) {
	w.comment("Advice of Linarite: the fewest built-in roles at the narrowest scopes for what was done.")
	w.comment("Replayed on a fork: %d of %d needs allowed; without any one of %d grants something is refused.", p.Proof.Allowed, p.Proof.Needs, p.Proof.Necessary)
	for _, note := range p.Notes {
		w.comment("Note: %s", note)
	}
	if !slices.ContainsFunc(p.Principals, func(q Principal) bool { return len(q.Assignments)+len(q.Policies) > 0 }) {
		w.comment("Nothing was done that takes a role.")
	}
}

// who introduces a principal.
func (w *writer) who(p *Principal) { w.comment("%s, object id %s", p.Ref, p.ObjectID) }

// why says what an assignment is for.
func (w *writer) why(a *Assignment) {
	for _, n := range a.For {
		times := ""
		if n.Times > 1 {
			times = fmt.Sprintf(", %d times", n.Times)
		}
		if n.Refused > 0 {
			times += fmt.Sprintf(", refused %d", n.Refused)
		}
		w.comment("  for %s%s", n.Action, times)
	}
	if len(a.Merged) > 0 {
		w.comment("  in place of %s", strings.Join(a.Merged, ", "))
	}
	if a.There {
		w.comment("  there already: to make it again under another name is refused, RoleAssignmentExists")
	}
}

// rest says what a plan leaves open for a principal: custom roles, and what can be taken away.
func (w *writer) rest(p *Principal) {
	for _, n := range p.Unmet {
		kind := "actions"
		if n.Data {
			kind = "dataActions"
		}
		w.comment("%s: no built-in role grants %s at %s: it takes a custom role with this among its %s", p.Ref, n.Action, n.Place, kind)
	}
	for _, h := range p.Surplus {
		why := "nothing that was done rests on it"
		if h.Wider {
			why = "it grants more than was done"
		}
		if h.Group != "" {
			w.comment("%s could leave the group %s, by which it has %s at %s: %s", p.Ref, h.Group, h.Role, h.Scope, why)
			continue
		}
		w.comment("%s: %s at %s can be removed: %s", p.Ref, h.Role, h.Scope, why)
	}
	for _, policy := range p.Policies {
		if len(policy.Surplus) > 0 {
			w.comment("%s: in the vault %s these permissions were not used: %s", p.Ref, policy.Vault, strings.Join(policy.Surplus, " "))
		}
	}
}
