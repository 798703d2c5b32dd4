package explain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/linarite/linarite/emulator/journal"
)

const (
	// column is where the words of a section begin, width where sentences are broken.
	column = 12
	width  = 110
)

// String is the explanation as a person reads it, in lines. Commands, URLs and texts of the service
// are not broken.
func (x Explanation) String() string {
	t := &text{}
	t.head(x)
	t.line("Asked", x.Asked)
	what := "of " + x.Service
	if x.Operation != "" {
		what += ", operation " + x.Operation
	}
	t.line("", what)
	t.caller(x.Caller)
	if d := x.Decision; d != nil {
		name := "Action"
		switch {
		case d.Reason == journal.ReasonPolicy:
			name = "Permission"
		case d.Data:
			name = "Data action"
		}
		t.line(name, d.Action)
		t.line("Scope", d.Scope)
		t.line("Looked at", x.Considered)
		if x.Nearest != "" {
			name = "Nearest"
			if d.Allowed {
				name = "Allowed by"
			}
			t.line(name, x.Nearest)
		}
	}
	t.prose("Why", x.Why...)
	for i, line := range strings.FieldsFunc(x.Answer, func(r rune) bool { return r == '\r' || r == '\n' }) {
		t.line(first(i, "Answer"), line)
	}
	for _, f := range x.Details {
		for i, line := range strings.Split(strings.TrimRight(f.Value, "\n"), "\n") {
			if i == 0 {
				line = f.Name + ": " + line
			}
			t.line("", line)
		}
	}
	for _, r := range x.Rules {
		t.rule(r)
	}
	t.prose("Mend", x.Mend.Text)
	for _, c := range x.Mend.Commands {
		t.line("", "  "+c)
	}
	if x.WhatIf != nil {
		t.prose("What if", fmt.Sprintf("%s %s %s", quoted(x.WhatIf.Grant.Principal), always(x.WhatIf.Grant.Role), quoted(x.WhatIf.Grant.Scope))+": "+x.WhatIf.Text)
	}
	return t.out.String()
}

func first(i int, name string) string {
	if i == 0 {
		return name
	}
	return ""
}

type text struct{ out strings.Builder }

func (t *text) head(x Explanation) {
	verdict := "was answered"
	if x.Refused {
		verdict = "was refused"
	}
	status := fmt.Sprint(x.Status)
	if x.Code != "" {
		status += " " + x.Code
	}
	fmt.Fprintf(&t.out, "Request %d %s: %s\n", x.Seq, verdict, visible(status))
	t.line("When", instant(x.Time)+" by the world's clock, request id "+x.RequestID)
}

// line writes one line as it is, under a name or under the line before.
func (t *text) line(name, words string) {
	t.out.WriteString(strings.TrimRight(fmt.Sprintf("%-*s%s", column, name, visible(words)), " "))
	t.out.WriteByte('\n')
}

// visible writes control characters as Go does: a caller chose some of these words, and is
// neither to end a line nor to command a terminal.
func visible(words string) string {
	if strings.IndexFunc(words, unseen) < 0 {
		return words
	}
	var out strings.Builder
	for _, r := range words {
		if unseen(r) {
			out.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// unseen tells of controls, and of what turns the direction of writing.
func unseen(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) }

// prose breaks sentences into lines.
func (t *text) prose(name string, sentences ...string) {
	for _, s := range sentences {
		line := ""
		for _, word := range strings.Fields(s) {
			if line != "" && column+len(line)+1+len(word) > width {
				t.line(name, line)
				name, line = "", ""
			}
			if line != "" {
				line += " "
			}
			line += word
		}
		if line != "" {
			t.line(name, line)
			name = ""
		}
	}
}

func (t *text) caller(c Caller) {
	t.prose("By", c.Text)
	var ids []string
	for _, pair := range [][2]string{{"object id ", c.ObjectID}, {"client id ", c.ClientID}, {"from the machine ", c.Machine}} {
		if pair[1] != "" {
			ids = append(ids, pair[0]+pair[1])
		}
	}
	if c.ObjectID != "" {
		t.line("", strings.Join(ids, ", "))
	}
}

func (t *text) rule(r Rule) {
	if r.Text == "" {
		t.line("Rule", r.ID)
		return
	}
	t.prose("Rule", r.ID+" ("+r.Level+", "+r.Standing+"): "+r.Text)
	for _, e := range r.Evidence {
		t.line("", "- "+e)
	}
}
