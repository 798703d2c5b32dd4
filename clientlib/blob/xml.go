package blob

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// scanner reads the XML that the service writes: elements, texts, references. It knows no namespaces, no CDATA and of
// attributes only Encoded: answers of the service have nothing else. encoding/xml refuses the references to
// control characters that names may have.
type scanner struct {
	rest []byte
	// path is the names of the open elements. The last one is what next has come to: its start, or with closing its end.
	path    []string
	closing bool
	// encoded tells that the element has the attribute Encoded="true".
	encoded bool

	content []byte // what stands between the last start and this end
	empty   bool   // the element just begun ends at once
	began   bool
	err     error
	root    string
	known   map[string]string // names of elements, kept once
}

// errXML is what is wrong with an answer.
var errXML = errors.New("the XML does not end well")

// next goes to the next start or end of an element.
func (s *scanner) next() bool {
	if s.err != nil {
		return false
	}
	if s.closing {
		s.path, s.closing, s.content = s.path[:len(s.path)-1], false, nil
		s.encoded = false
		if len(s.path) == 0 {
			return false
		}
	}
	if s.empty {
		s.empty, s.closing = false, true
		return true
	}
	for {
		open := bytes.IndexByte(s.rest, '<')
		if open < 0 {
			s.err = errXML
			return false
		}
		text := s.rest[:open]
		end := bytes.IndexByte(s.rest[open:], '>')
		if end < 0 {
			s.err = errXML
			return false
		}
		tag := s.rest[open+1 : open+end]
		s.rest = s.rest[open+end+1:]
		switch {
		case len(tag) == 0:
			s.err = errXML
			return false
		case tag[0] == '?' && !s.began:
			continue
		case tag[0] == '?' || tag[0] == '!':
			s.err = fmt.Errorf("the XML has %.20q, which the service does not write", tag)
			return false
		case tag[0] == '/':
			return s.end(tag[1:], text)
		}
		return s.start(tag)
	}
}

func (s *scanner) start(tag []byte) bool {
	tag, s.empty = bytes.CutSuffix(tag, []byte("/"))
	name, attributes := tag, []byte(nil)
	if i := bytes.IndexAny(tag, " \t\r\n"); i >= 0 {
		name, attributes = tag[:i], tag[i:]
	}
	if len(name) == 0 || len(s.path) > 16 {
		s.err = errXML
		return false
	}
	s.encoded = bytes.Contains(attributes, []byte(`Encoded="true"`))
	s.path = append(s.path, s.once(name))
	if !s.began {
		s.began, s.root = true, s.path[0]
	}
	s.content = nil
	return true
}

func (s *scanner) end(name, text []byte) bool {
	name = bytes.TrimRight(name, " \t\r\n")
	if len(s.path) == 0 || s.path[len(s.path)-1] != string(name) {
		s.err = errXML
		return false
	}
	s.closing, s.content = true, text
	return true
}

// once returns a name as a string that is made once.
func (s *scanner) once(name []byte) string {
	if known, ok := s.known[string(name)]; ok {
		return known
	}
	if s.known == nil {
		s.known = map[string]string{}
	}
	out := string(name)
	if len(s.known) < 100 {
		s.known[out] = out
	}
	return out
}

func (s *scanner) name() string { return s.path[len(s.path)-1] }

// at tells whether the elements of a path are open, and no more.
func (s *scanner) at(path ...string) bool {
	if len(s.path) != len(path) {
		return false
	}
	for i := len(path) - 1; i >= 0; i-- {
		if s.path[i] != path[i] {
			return false
		}
	}
	return true
}

// failed is what was wrong with the whole, whose outermost element has to be root.
func (s *scanner) failed(root string) error {
	switch {
	case s.err == nil && s.root != root:
		return fmt.Errorf("the XML is not a %s", root)
	default:
		return s.err
	}
}

// text is the text of an element that has no others in it, at its end.
func (s *scanner) text() string {
	if bytes.IndexByte(s.content, '&') < 0 {
		return string(s.content)
	}
	text := string(s.content)
	var b strings.Builder
	for text != "" {
		before, after, ok := strings.Cut(text, "&")
		b.WriteString(before)
		if !ok {
			break
		}
		reference, rest, ended := strings.Cut(after, ";")
		if !ended || !writeReference(&b, reference) {
			s.err = fmt.Errorf("the XML has &%.10s, which is no reference", after)
			return ""
		}
		text = rest
	}
	return b.String()
}

// writeReference writes what a reference stands for.
func writeReference(b *strings.Builder, reference string) bool {
	const names, characters = "amp lt gt quot apos", `&<>"'`
	for i, name := range strings.Fields(names) {
		if name == reference {
			b.WriteByte(characters[i])
			return true
		}
	}
	number, ok := strings.CutPrefix(reference, "#")
	if !ok {
		return false
	}
	base := 10
	if hex, ok := strings.CutPrefix(number, "x"); ok {
		number, base = hex, 16
	}
	r, err := strconv.ParseUint(number, base, 32)
	if err != nil || r > utf8.MaxRune || r >= 0xD800 && r < 0xE000 {
		return false
	}
	b.WriteRune(rune(r))
	return true
}
