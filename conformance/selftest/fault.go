package selftest

import (
	"context"
	"net/url"
	"regexp"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
)

// Fault is a defect on the wire.
type Fault struct {
	// Name says what the target does wrong: imds-no-metadata-check.
	Name string
	// Rule is the rule that has to turn red.
	Rule string
	// Also are rules that may turn red with it, because the same answer breaks them too.
	Also []string
	// On says which answers are altered.
	On On
	// Do alters one; it may change the answer that it is given, which is a copy.
	Do func(a *wire.Answer)
}

// On matches a request with the answer it had from a target without the fault. Empty fields match
// anything.
type On struct {
	// Plane is imds, appservice, login, arm, graph, blob or vault.
	Plane string
	// Method is the request's.
	Method string
	// Path and Query are regular expressions, looked for in the path as sent, and in the raw
	// query.
	Path, Query string
	// NoQuery must not be found in the raw query.
	NoQuery string
	// Header has lines of "Name: expression", and "!Name" for one that is not there.
	Header []string
	// Body is looked for in the request's body.
	Body string
	// Status is the answer's, 0 for any; Code its error code; Answer is looked for in its body.
	Status int
	Code   string
	Answer string
}

// Seen is what a spec saw: a request, its answer, and the plane that it was meant for.
type Seen struct {
	Plane   string
	Request *wire.Request
	Answer  *wire.Answer
}

// expressions are the compiled expressions of an On; nil matches anything.
type expressions struct {
	on                             On
	path, query, not, body, answer *regexp.Regexp
	header                         []headerLine
}

type headerLine struct {
	name string
	// value is nil for a field that must not be there.
	value *regexp.Regexp
}

// compile reads the expressions.
func (o On) compile() (expressions, error) {
	e := expressions{on: o}
	for _, x := range []struct {
		text string
		to   **regexp.Regexp
	}{{o.Path, &e.path}, {o.Query, &e.query}, {o.NoQuery, &e.not}, {o.Body, &e.body}, {o.Answer, &e.answer}} {
		if x.text == "" {
			continue
		}
		var err error
		if *x.to, err = regexp.Compile(x.text); err != nil {
			return e, err
		}
	}
	for _, line := range o.Header {
		if name, ok := strings.CutPrefix(line, "!"); ok {
			e.header = append(e.header, headerLine{name: name})
			continue
		}
		name, text, _ := strings.Cut(line, ": ")
		value, err := regexp.Compile(text)
		if err != nil {
			return e, err
		}
		e.header = append(e.header, headerLine{name, value})
	}
	return e, nil
}

// matches tells whether the fault alters the answer.
func (e expressions) matches(s Seen) bool {
	u, err := url.Parse(s.Request.URL)
	if err != nil {
		return false
	}
	found := func(x *regexp.Regexp, in string) bool { return x == nil || x.MatchString(in) }
	if (e.on.Plane != "" && e.on.Plane != s.Plane) ||
		(e.on.Method != "" && e.on.Method != s.Request.Method) ||
		(e.on.Status != 0 && e.on.Status != s.Answer.Status) ||
		!found(e.path, u.EscapedPath()) || !found(e.query, u.RawQuery) ||
		(e.not != nil && e.not.MatchString(u.RawQuery)) {
		return false
	}
	for _, line := range e.header {
		has := s.Request.Header.Has(line.name)
		if has != (line.value != nil) || has && !found(line.value, s.Request.Header.Get(line.name)) {
			return false
		}
	}
	if e.on.Code != "" {
		if code, _, _ := wire.ParseError(s.Answer); code != e.on.Code {
			return false
		}
	}
	return (e.body == nil || e.body.Match(s.Request.Body)) && (e.answer == nil || e.answer.Match(s.Answer.Body))
}

// plant puts a fault in front of a transport.
func (f Fault) plant(under wire.Transport, on expressions, plane func(u string) string) wire.Transport {
	return wire.TransportFunc(func(ctx context.Context, r *wire.Request) (*wire.Answer, error) {
		a, err := under.Send(ctx, r)
		if err != nil || !on.matches(Seen{plane(r.URL), r, a}) {
			return a, err
		}
		altered := *a
		altered.Header = a.Header.Clone()
		altered.Body = append([]byte(nil), a.Body...)
		f.Do(&altered)
		return &altered, nil
	})
}
