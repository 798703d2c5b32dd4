package explain

import (
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/journal"
)

// A caller chooses some of the words: they end no line, and command no terminal.
func TestWordsStayInTheirLine(t *testing.T) {
	x := Explanation{Status: 403, Code: "No", Asked: "GET u\nRequest 2 was answered: 200", Answer: "one\x1b]0;x\a\u202etwo", Details: []journal.Field{{Name: "a", Value: "b\rc"}}}
	got := x.String()
	for _, want := range []string{`GET u\nRequest 2 was answered`, `one\x1b]0;x\a\u202etwo`, `a: b\rc`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

func TestShort(t *testing.T) {
	refused := &journal.Decision{Principal: "id-1", Action: "A/read", Scope: "/s"}
	allowed := &journal.Decision{Allowed: true, Principal: "id-1", Action: "A/read", Scope: "/s"}
	grants := Mend{"Assign it.", []string{"linarite revoke x", "az delete x", "linarite grant x", "az create x"}}
	for want, x := range map[string]Explanation{
		// What decides is who lacks which right, and the commands of this program mend it.
		"403 No: GET u\n  why:  vm has no right to A/read at /s. Because.\n  mend: linarite revoke x && linarite grant x\n": {
			Status: 403, Code: "No", Asked: "GET u", Caller: Caller{Name: "vm"}, Decision: refused, Why: []string{"Because.", "And so on."}, Answer: "not said", Mend: grants},
		`404 a\x1b[2J: GET u\a\n` + "\n": {Status: 404, Code: "a\x1b[2J", Asked: "GET u\a\n"},
		"403 No: GET u\n  why:  id-1 has no right to A/read at /s. Because.\n  mend: az policy\n": {
			Status: 403, Code: "No", Asked: "GET u", Decision: refused, Why: []string{"Because."}, Mend: Mend{"Text.", []string{"az policy"}}},
		// Where rights are not what is missing, the service's words say why, and words what to do.
		"401: GET u\n  why:  The answer goes on.\n  mend: Send a token.\n": {
			Status: 401, Asked: "GET u", Decision: allowed, Why: []string{"not said"}, Answer: "The answer\r\n goes on.", Mend: Mend{"Send a token.", []string{"linarite token"}}},
		"404 Gone: GET u\n": {Status: 404, Code: "Gone", Asked: "GET u"},
		"500: GET u\n  why:  " + strings.Repeat("é", shortest) + "…\n": {Status: 500, Asked: "GET u", Answer: strings.Repeat("é", 2*shortest)},
		"403: GET u\n  why:  said\n  mend: Nothing more: ask again.\n": {Status: 403, Asked: "GET u", Decision: refused, Answer: "said", Mend: Mend{Text: "Nothing more: ask again."}},
		"403: GET u\n  why:  " + strings.Repeat("x", shortest) + "\n":  {Status: 403, Asked: "GET u", Answer: strings.Repeat("x", shortest)},
	} {
		if got := x.Short(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
