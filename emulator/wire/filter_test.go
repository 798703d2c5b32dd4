package wire

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestParseFilter(t *testing.T) {
	for filter, want := range map[string]string{
		"":                                    "",
		"  ":                                  "",
		"atScope()":                           "atScope()",
		" ATSCOPE( ) ":                        "ATSCOPE()",
		"principalId eq 'a'":                  "principalId=a",
		"principalId  EQ  'it''s'":            "principalId=it's",
		"roleName eq ''":                      "roleName=",
		"accountEnabled eq true":              "accountEnabled==true",
		"assignedTo('a')":                     "assignedTo(a)",
		"atScope() and assignedTo('a')":       "atScope() assignedTo(a)",
		"type eq 'x' AND atScopeAndBelow()":   "type=x atScopeAndBelow()",
		"startswith(displayName,'a b')":       "startswith(displayName|a b)",
		"startswith( displayName , 'a,)' )":   "startswith(displayName|a,))",
		"names/any(c:c eq 'X')":               "names/any(X)",
		"names/any(c: c eq 'X') and id eq b1": "names/any(X) id==b1",
	} {
		terms, err := ParseFilter(filter)
		var got []string
		for _, term := range terms {
			if term.Call {
				got = append(got, term.Name+"("+strings.Join(term.Args, "|")+")")
			} else {
				sign := "="
				if term.Bare {
					sign = "=="
				}
				got = append(got, term.Name+sign+strings.Join(term.Args, "|"))
			}
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q: %v %v, want %s", filter, got, err, want)
		}
	}
	for _, filter := range []string{
		"and", "a", "a eq", "a eq 'b", "a eq 'b''", "a ne 'b'", "a eq 'b' or c eq 'd'", "a eq 'b' and", "a eq 'b' 'c'", "()", "f(", "f('a'", "f('a',)", "f(,)",
		"x/any(c:d eq 'a')", "x/any(c:c ne 'a')", "x/any('a',c:c eq 'a')", "x/any(c:c eq 'a'", "x/any(c:c eq )", "not a eq 'b'", "eq 'b'",
	} {
		if terms, err := ParseFilter(filter); !errors.Is(err, ErrFilter) {
			t.Errorf("%q: %v %v", filter, terms, err)
		}
	}
}

func TestTermIs(t *testing.T) {
	term := Term{Name: "AssignedTo", Call: true, Args: []string{"a"}}
	if !term.Is("assignedTo", true, 1) || term.Is("assignedTo", false, 1) || term.Is("assignedTo", true, 0) || term.Is("atScope", true, 1) {
		t.Error(term)
	}
}

// What was understood can be written down and is understood the same again.
func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{"atScope() and assignedTo('a')", "x/any(c:c eq 'it''s')", "startswith(displayName,'a') and b eq 2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, filter string) {
		terms, err := ParseFilter(filter)
		if err != nil {
			return
		}
		var parts []string
		for _, term := range terms {
			var args []string
			for _, a := range term.Args {
				args = append(args, "'"+strings.ReplaceAll(a, "'", "''")+"'")
			}
			if term.Call {
				parts = append(parts, term.Name+"("+strings.Join(args, ",")+")")
			} else {
				if term.Bare {
					args[0] = term.Args[0]
				}
				parts = append(parts, term.Name+" eq "+args[0])
			}
		}
		again, err := ParseFilter(strings.Join(parts, " and "))
		if err != nil || fmt.Sprint(again) != fmt.Sprint(terms) {
			t.Fatalf("%q: %v, then %v %v", filter, terms, again, err)
		}
	})
}
