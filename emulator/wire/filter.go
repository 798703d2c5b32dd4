package wire

import (
	"errors"
	"fmt"
	"strings"
)

// Term is one condition of a $filter.
type Term struct {
	// Name is the property compared, or the function called, as it was written. The
	// lambda of a collection is a function named after it: "servicePrincipalNames/any".
	Name string
	// Call tells a function from a comparison by eq.
	Call bool
	// Args are the arguments of a call, or the one value compared with.
	Args []string
	// Bare tells that the value compared with stood without quotes.
	Bare bool
}

// Is tells whether the term has the form asked for: a name, in any case, a call or not,
// and so many arguments.
func (t Term) Is(name string, call bool, args int) bool {
	return strings.EqualFold(t.Name, name) && t.Call == call && len(t.Args) == args
}

// ErrFilter is wrapped by every error of ParseFilter.
var ErrFilter = errors.New("filter not understood")

// ParseFilter reads the part of OData's filter language that Azure's lists take:
// conditions joined by "and", each a comparison by "eq", a call such as atScope() or
// startswith(displayName,'a'), or x/any(c:c eq 'a'). Values are quoted, with two quotes for a
// quote, or bare words. An empty filter has no terms.
//
// Source: OASIS OData 4.0, part 2, 5.1.1.
func ParseFilter(filter string) ([]Term, error) {
	p := &filterParser{rest: strings.TrimSpace(filter)}
	if p.rest == "" {
		return nil, nil
	}
	var terms []Term
	for {
		t, ok := p.term()
		if !ok {
			return nil, fmt.Errorf("%w near %q", ErrFilter, p.rest)
		}
		terms = append(terms, t)
		if p.rest == "" {
			return terms, nil
		}
		if !p.keyword("and") {
			return nil, fmt.Errorf("%w near %q", ErrFilter, p.rest)
		}
	}
}

// filterParser has what is still to be read, without leading blanks.
type filterParser struct{ rest string }

func (p *filterParser) skip(n int) { p.rest = strings.TrimLeft(p.rest[n:], " ") }

// symbol takes one character.
func (p *filterParser) symbol(c byte) bool {
	if p.rest == "" || p.rest[0] != c {
		return false
	}
	p.skip(1)
	return true
}

// word takes a name, a bare value or a keyword; "" where there is none.
func (p *filterParser) word() string {
	n := 0
	for n < len(p.rest) && !strings.ContainsRune(" (),:'", rune(p.rest[n])) {
		n++
	}
	word := p.rest[:n]
	p.skip(n)
	return word
}

// keyword takes a word if it is the one wanted.
func (p *filterParser) keyword(want string) bool {
	before := p.rest
	if strings.EqualFold(p.word(), want) {
		return true
	}
	p.rest = before
	return false
}

// value takes a quoted text or a bare word.
func (p *filterParser) value() (string, bool) {
	if p.rest == "" || p.rest[0] != '\'' {
		word := p.word()
		return word, word != ""
	}
	var text strings.Builder
	for i := 1; i < len(p.rest); i++ {
		switch {
		case p.rest[i] != '\'':
			text.WriteByte(p.rest[i])
		case i+1 < len(p.rest) && p.rest[i+1] == '\'':
			text.WriteByte('\'')
			i++
		default:
			p.skip(i + 1)
			return text.String(), true
		}
	}
	return "", false
}

func (p *filterParser) term() (Term, bool) {
	name := p.word()
	switch {
	case name == "":
		return Term{}, false
	case p.symbol('('):
		args, ok := p.arguments()
		return Term{Name: name, Call: true, Args: args}, ok
	case !p.keyword("eq"):
		return Term{}, false
	}
	bare := !strings.HasPrefix(p.rest, "'")
	value, ok := p.value()
	return Term{Name: name, Args: []string{value}, Bare: bare}, ok
}

// arguments reads up to the closing bracket: values between commas, or a lambda whose
// one argument is the value compared with.
func (p *filterParser) arguments() (args []string, ok bool) {
	if p.symbol(')') {
		return nil, true
	}
	for {
		value, ok := p.value()
		if !ok {
			return nil, false
		}
		if p.symbol(':') {
			if len(args) > 0 || p.word() != value || !p.keyword("eq") {
				return nil, false
			}
			if value, ok = p.value(); !ok {
				return nil, false
			}
			return []string{value}, p.symbol(')')
		}
		args = append(args, value)
		if p.symbol(')') {
			return args, true
		}
		if !p.symbol(',') {
			return nil, false
		}
	}
}
