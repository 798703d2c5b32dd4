package explain

import (
	"strconv"
	"strings"
)

// shortest bounds the words of a service in a short explanation.
const shortest = 200

// Short is the explanation in three lines at most: what was asked and answered, why, and
// what mends it.
func (x Explanation) Short() string {
	status := strconv.Itoa(x.Status)
	if x.Code != "" {
		status += " " + x.Code
	}
	lines := []string{status + ": " + x.Asked}
	if why := x.inShort(); why != "" {
		lines = append(lines, "  why:  "+why)
	}
	if mend := x.Mend.inShort(x.Decision != nil && !x.Decision.Allowed); mend != "" {
		lines = append(lines, "  mend: "+mend)
	}
	for i, line := range lines {
		lines[i] = visible(line)
	}
	return strings.Join(lines, "\n") + "\n"
}

// inShort is the decision where there is one that refused, else the words of the service.
func (x Explanation) inShort() string {
	if d := x.Decision; d != nil && !d.Allowed && len(x.Why) > 0 {
		who := x.Caller.Name
		if who == "" {
			who = d.Principal
		}
		return who + " has no right to " + d.Action + " at " + d.Scope + ". " + x.Why[0]
	}
	words := []rune(strings.Join(strings.Fields(x.Answer), " "))
	if len(words) > shortest {
		words = append(words[:shortest], '…')
	}
	return string(words)
}

// inShort is the commands that do it where a decision is to fall otherwise, and else the
// words: commands then show how to find out more.
func (m Mend) inShort(decided bool) string {
	if !decided || len(m.Commands) == 0 {
		return m.Text
	}
	var own []string
	for _, c := range m.Commands {
		if strings.HasPrefix(c, "linarite ") {
			own = append(own, c)
		}
	}
	if own == nil {
		return m.Commands[0]
	}
	return strings.Join(own, " && ")
}
