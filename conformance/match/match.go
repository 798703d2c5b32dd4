package match

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
)

// matcher takes one thing out of an answer and holds it to another matcher, or to a value. It keeps nothing of what it
// has matched; Gomega's own may, so a matcher is made where it is used.
type matcher struct {
	what  string
	take  func(a *wire.Answer) (any, error)
	inner types.GomegaMatcher
}

// absent is what an answer does not have.
type absent struct{}

func (absent) String() string { return "(not there)" }

// of makes a matcher. What is wanted may be a matcher; anything else has to be equal.
func of(what string, want any, take func(a *wire.Answer) (any, error)) types.GomegaMatcher {
	inner, ok := want.(types.GomegaMatcher)
	if !ok {
		inner = gomega.BeEquivalentTo(want)
	}
	return &matcher{what: what, take: take, inner: inner}
}

// Match implements types.GomegaMatcher.
func (m *matcher) Match(actual any) (bool, error) {
	a, ok := actual.(*wire.Answer)
	if !ok || a == nil {
		return false, fmt.Errorf("%s of %T: only an answer has one", m.what, actual)
	}
	got, err := m.take(a)
	if err != nil {
		return false, fmt.Errorf("%s: %w, in %s", m.what, err, brief(a))
	}
	if _, none := got.(absent); none {
		if n, ok := m.inner.(nothing); ok {
			return n.Match(got)
		}
		return false, nil
	}
	return m.inner.Match(got)
}

// FailureMessage implements types.GomegaMatcher.
func (m *matcher) FailureMessage(actual any) string {
	return m.message(actual, func(got any) string {
		if _, none := got.(absent); none { // the inner matcher has not seen it, and some panic then
			return "it is not there"
		}
		return squeeze(m.inner.FailureMessage(got))
	})
}

// NegatedFailureMessage implements types.GomegaMatcher.
func (m *matcher) NegatedFailureMessage(actual any) string {
	return m.message(actual, func(got any) string { return squeeze(m.inner.NegatedFailureMessage(got)) })
}

func (m *matcher) message(actual any, say func(got any) string) string {
	a, _ := actual.(*wire.Answer)
	if a == nil {
		return m.what + ": no answer"
	}
	got, _ := m.take(a) // Match has taken it without an error
	return fmt.Sprintf("%s: %s\nin %s", m.what, say(got), brief(a))
}

// squeeze puts Gomega's message on one line.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

// brief is an answer in a few words.
func brief(a *wire.Answer) string {
	if a == nil {
		return "no answer"
	}
	text := fmt.Sprintf("%d %s", a.Status, a.Reason)
	if code := a.Header.Get("x-ms-error-code"); code != "" {
		text += " " + code
	}
	if body := strings.Join(strings.Fields(strings.ToValidUTF8(string(a.Body), "?")), " "); body != "" {
		if len(body) > 200 {
			body = body[:200] + "…"
		}
		text += " " + body
	}
	return text
}

// nothing matches what is not there.
type nothing struct{}

func (nothing) Match(actual any) (bool, error) {
	_, ok := actual.(absent)
	return ok, nil
}
func (nothing) FailureMessage(actual any) string { return fmt.Sprintf("there is %#v", actual) }
func (nothing) NegatedFailureMessage(any) string { return "there is none" }

// Absent matches a header field or a member that is not there.
func Absent() types.GomegaMatcher { return nothing{} }

// Status is the status of an answer, as in Status(404).
func Status(want any) types.GomegaMatcher {
	return of("the status", want, func(a *wire.Answer) (any, error) { return a.Status, nil })
}

// Refused is an answer that says that the request is at fault. An error of the server's is no refusal.
func Refused() types.GomegaMatcher {
	return Status(gomega.And(gomega.BeNumerically(">=", 400), gomega.BeNumerically("<", 500)))
}

// Code is the error code of an answer, in whichever envelope it comes: ARM's, Blob storage's,
// Key Vault's, Entra's, the metadata service's.
func Code(want any) types.GomegaMatcher {
	return of("the error code", want, func(a *wire.Answer) (any, error) {
		code, _, _ := wire.ParseError(a)
		if code == "" {
			return absent{}, nil
		}
		return code, nil
	})
}

// Message is the message of an error, in whichever envelope.
func Message(want any) types.GomegaMatcher {
	return of("the error message", want, func(a *wire.Answer) (any, error) {
		_, message, _ := wire.ParseError(a)
		if message == "" {
			return absent{}, nil
		}
		return message, nil
	})
}

// Header is the first value of a header field; want may be Absent().
func Header(name string, want any) types.GomegaMatcher {
	return of("the header "+name, want, func(a *wire.Answer) (any, error) {
		if !a.Header.Has(name) {
			return absent{}, nil
		}
		return a.Header.Get(name), nil
	})
}

// HasHeader is a header field with some value.
func HasHeader(name string) types.GomegaMatcher { return Header(name, gomega.Not(gomega.BeEmpty())) }

// Body is the whole body as a string.
func Body(want any) types.GomegaMatcher {
	return of("the body", want, func(a *wire.Answer) (any, error) { return string(a.Body), nil })
}

// JSON is a member of a JSON body, by names and places joined by dots: error.code, value.0.id.
// The empty path is the whole body. A dot in a name is written as \. . Numbers come as float64.
// A member that is not there matches only Absent().
func JSON(path string, want any) types.GomegaMatcher {
	return of("the member "+path, want, func(a *wire.Answer) (any, error) {
		var body any
		decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(a.Body, []byte("\ufeff"))))
		if err := decoder.Decode(&body); err != nil {
			return nil, fmt.Errorf("the body is no JSON (%w)", err)
		}
		return member(body, path), nil
	})
}

// member finds what a path leads to.
func member(v any, path string) any {
	if path == "" {
		return v
	}
	for _, name := range names(path) {
		switch in := v.(type) {
		case map[string]any:
			next, ok := in[name]
			if !ok {
				return absent{}
			}
			v = next
		case []any:
			i := place(name, len(in))
			if i < 0 {
				return absent{}
			}
			v = in[i]
		default:
			return absent{}
		}
	}
	return v
}

// names are the parts of a path.
func names(path string) []string {
	if path == "" {
		return nil
	}
	const dot = "\x00"
	parts := strings.Split(strings.ReplaceAll(path, `\.`, dot), ".")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], dot, ".")
	}
	return parts
}

// place reads a part of a path as a place in a list, -1 where there is none.
func place(name string, length int) int {
	i, err := strconv.Atoi(name)
	if err != nil || i < 0 || i >= length {
		return -1
	}
	return i
}

// XML is the text of an element of an XML body, by names from below the root joined by slashes:
// Blobs/Blob/Name is the first blob's name of a list, Blobs/Blob[1]/Name the second's (from 0).
// An element that is not there matches only Absent().
func XML(path string, want any) types.GomegaMatcher {
	return of("the element "+path, want, func(a *wire.Answer) (any, error) {
		root, err := ParseXML(a.Body)
		if err != nil {
			return nil, fmt.Errorf("the body is no XML (%w)", err)
		}
		if e := root.Find(path); e != nil {
			return e.Text, nil
		}
		return absent{}, nil
	})
}

// All is the texts of all elements at a path of an XML body, as []string, in order.
func All(path string, want any) types.GomegaMatcher {
	return of("the elements "+path, want, func(a *wire.Answer) (any, error) {
		root, err := ParseXML(a.Body)
		if err != nil {
			return nil, fmt.Errorf("the body is no XML (%w)", err)
		}
		return root.Texts(path), nil
	})
}

// Element is an element of an XML body.
type Element struct {
	Name     string
	Text     string
	Attrs    map[string]string
	Children []*Element
}

// ParseXML reads a body, with or without a byte order mark, and gives its root.
func ParseXML(body []byte) (*Element, error) {
	decoder := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	top := &Element{}
	stack := []*Element{top}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		switch part := token.(type) {
		case xml.StartElement:
			e := &Element{Name: part.Name.Local, Attrs: map[string]string{}}
			for _, attr := range part.Attr {
				e.Attrs[attr.Name.Local] = attr.Value
			}
			parent := stack[len(stack)-1]
			parent.Children = append(parent.Children, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			stack[len(stack)-1].Text += string(part)
		}
	}
	if len(top.Children) == 0 {
		return nil, errors.New("it is empty")
	}
	return top.Children[0], nil
}

// Find is the first element at a path below this one, nil where there is none.
func (e *Element) Find(path string) *Element {
	for _, name := range strings.Split(path, "/") {
		place := 0
		if i := strings.IndexByte(name, '['); i > 0 && strings.HasSuffix(name, "]") {
			place, _ = strconv.Atoi(name[i+1 : len(name)-1])
			name = name[:i]
		}
		var next *Element
		for _, c := range e.Children {
			if c.Name != name {
				continue
			}
			if place == 0 {
				next = c
				break
			}
			place--
		}
		if next == nil {
			return nil
		}
		e = next
	}
	return e
}

// Texts are the texts of all elements at a path below this one.
func (e *Element) Texts(path string) []string {
	name, rest, deeper := strings.Cut(path, "/")
	out := []string{}
	for _, c := range e.Children {
		switch {
		case c.Name != name:
		case deeper:
			out = append(out, c.Texts(rest)...)
		default:
			out = append(out, c.Text)
		}
	}
	return out
}

// Value is the member of a JSON body that a path leads to, for a spec to go on with; nil where
// there is none.
func Value(a *wire.Answer, path string) any {
	var body any
	if json.Unmarshal(bytes.TrimPrefix(a.Body, []byte("\ufeff")), &body) != nil {
		return nil
	}
	v := member(body, path)
	if reflect.TypeOf(v) == reflect.TypeOf(absent{}) {
		return nil
	}
	return v
}

// Text is a member of a JSON body that is a string, empty where there is none.
func Text(a *wire.Answer, path string) string {
	s, _ := Value(a, path).(string)
	return s
}
