package blob

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/wire"
)

// document is XML in the making.
type document struct{ bytes.Buffer }

func newDocument() *document {
	d := &document{}
	d.WriteString(wire.XMLHead)
	return d
}

// element writes an element with a text.
func (d *document) element(name, text string) { wire.XMLElement(&d.Buffer, name, text) }

// optional writes an element that is left out where it has no text.
func (d *document) optional(name, text string) {
	if text != "" {
		d.element(name, text)
	}
}

// inside writes an element with elements, or the short form where there are none.
func (d *document) inside(name string, write func()) {
	start := d.Len()
	d.WriteString("<" + name + ">")
	empty := d.Len()
	write()
	if d.Len() == empty {
		d.Truncate(start)
		d.WriteString("<" + name + " />")
		return
	}
	d.WriteString("</" + name + ">")
}

// response is the answer with the document as its body, of no length told in advance.
func (d *document) response() wire.Response {
	return wire.Response{ContentType: "application/xml", Body: wire.Stream{Size: -1, From: &d.Buffer}}
}

// node is an element of a request's XML.
type node struct {
	name, text   string
	children     []node
	line, column int
	// nextLine and nextColumn are where the name begins that follows the element: the
	// service's reader stands there when it looks at a value (BLOB-CONT-021).
	nextLine, nextColumn int
}

// maxDepth is how deep elements of requests lie inside each other; none needs more than 5.
const maxDepth = 16

// parseXML reads a document whose root has a name. What is wrong is refused with its
// place (BLOB-COMMON-035).
func parseXML(data []byte, root string) (node, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = true
	var stack []node
	for {
		token, err := d.Token()
		line, column := d.InputPos()
		if err != nil {
			reason := "Root element is missing."
			if !errors.Is(err, io.EOF) {
				reason = err.Error()
			}
			return node{}, badXML(line, column, reason)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if len(stack) == maxDepth || len(stack) == 0 && t.Name.Local != root {
				return node{}, badXML(line, column, "Unexpected element '"+t.Name.Local+"'.")
			}
			stack = append(stack, node{name: t.Name.Local, line: line, column: column})
		case xml.CharData:
			if len(stack) > 0 {
				stack[len(stack)-1].text += string(t)
			}
		case xml.EndElement:
			n := stack[len(stack)-1]
			n.nextLine, n.nextColumn = line, column+markup(data[d.InputOffset():])
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return n, nil
			}
			parent := &stack[len(stack)-1]
			parent.children = append(parent.children, n)
		}
	}
}

// markup is how many characters stand before the name of the tag that a text begins with.
func markup(text []byte) int {
	switch {
	case bytes.HasPrefix(text, []byte("</")):
		return 2
	case bytes.HasPrefix(text, []byte("<")):
		return 1
	}
	return 0
}

// badXML refuses a document.
func badXML(line, column int, reason string) error {
	return apierr.New(apierr.StorageXML).WithField("LineNumber", strconv.Itoa(line)).
		WithField("LinePosition", strconv.Itoa(column)).WithField("Reason", reason)
}

// badValue refuses the value of an element (BLOB-COMMON-036).
func badValue(n node) error {
	return apierr.New(apierr.StorageXMLValue).WithField("XmlNodeName", n.name).WithField("XmlNodeValue", n.text)
}

// value is the text without the blanks around it.
func (n node) value() string { return strings.TrimSpace(n.text) }

// child finds an element inside; the zero node where there is none.
func (n node) child(name string) (node, bool) {
	for _, c := range n.children {
		if c.name == name {
			return c, true
		}
	}
	return node{}, false
}

// boolean reads true and false, in any case as clients write them.
func (n node) boolean() (bool, error) {
	switch {
	case strings.EqualFold(n.value(), "true"):
		return true, nil
	case strings.EqualFold(n.value(), "false"):
		return false, nil
	}
	return false, badValue(n)
}
