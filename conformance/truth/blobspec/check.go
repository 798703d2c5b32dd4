package blobspec

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Answer is an exchange, with names of headers in lower case.
type Answer struct {
	Method, URL    string
	Header         map[string]string // of the request
	Status         int
	ResponseHeader map[string]string
	Body           []byte
}

// Finding is one thing that the description does not allow.
type Finding struct{ What, Name, Got string }

// Check holds an answer against the description. It is not known where the description has no such operation.
func (s Spec) Check(a Answer) (operation string, findings []Finding, known bool) {
	u, err := url.Parse(a.URL)
	if err != nil {
		return "", nil, false
	}
	o, known := s.find(a.Method, u, a.Header)
	if !known {
		return "", nil, false
	}
	c := checker{spec: s}
	described, there := o.Responses[strconv.Itoa(a.Status)]
	if !there {
		if described, there = o.Responses["default"]; !there || a.Status < 400 {
			c.add("status not described", strconv.Itoa(a.Status), "")
			return o.ID, c.findings, true
		}
	}
	c.headers(described.Headers, a.ResponseHeader)
	if described.Schema != nil && a.Status < 400 && described.Schema.Format != "file" {
		c.body(described.Schema, a.Body)
	}
	return o.ID, c.findings, true
}

type checker struct {
	spec     Spec
	findings []Finding
}

func (c *checker) add(what, name, got string) {
	f := Finding{what, name, got}
	if !slices.Contains(c.findings, f) {
		c.findings = append(c.findings, f)
	}
}

// common are headers that every answer may have: HTTP's, and those that say who answered what.
func common(name string) bool {
	switch name {
	case "content-length", "content-type", "transfer-encoding", "connection", "server", "date", "x-ms-request-id", "x-ms-client-request-id", "x-ms-version", "x-ms-error-code":
		return true
	}
	return false
}

func (c *checker) headers(described map[string]*schema, got map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(got)) {
		var of *schema
		for known, s := range described {
			if strings.EqualFold(known, name) || s.Prefix != "" && strings.HasPrefix(name, strings.ToLower(s.Prefix)) {
				of = s
			}
		}
		switch {
		case of == nil && !common(name):
			c.add("header not described", name, "")
		case of != nil && !of.allows(got[name]):
			c.add("header of another type", name, got[name])
		}
	}
}

// allows tells whether a text is of a simple type.
func (s *schema) allows(text string) bool {
	var err error
	switch {
	case len(s.Enum) > 0:
		return slices.Contains(s.Enum, text)
	case s.Type == "integer":
		_, err = strconv.ParseInt(text, 10, 64)
	case s.Type == "boolean":
		return text == "true" || text == "false"
	case s.Format == "date-time-rfc1123":
		_, err = http.ParseTime(text)
	case s.Format == "date-time":
		_, err = time.Parse(time.RFC3339Nano, text)
	case s.Format == "byte":
		_, err = base64.StdEncoding.DecodeString(text)
	}
	return err == nil
}

// resolve follows references; name is the definition's, which names elements that say no other.
func (c *checker) resolve(s *schema, name string) (*schema, string) {
	for s != nil && s.Ref != "" {
		name = s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		s = c.spec.Definitions[name]
	}
	if s == nil {
		return &schema{}, name
	}
	if s.XML.Name != "" {
		name = s.XML.Name
	}
	return s, name
}

// element is a part of a document.
type element struct {
	XMLName  xml.Name
	Attrs    []xml.Attr `xml:",any,attr"`
	Children []element  `xml:",any"`
	Text     string     `xml:",chardata"`
}

func (c *checker) body(of *schema, body []byte) {
	dec := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))))
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var root element
	if err := dec.Decode(&root); err != nil {
		c.add("no XML", "", err.Error())
		return
	}
	s, name := c.resolve(of, "")
	if root.XMLName.Local != name {
		c.add("another element", name, root.XMLName.Local)
		return
	}
	c.element(s, root, name)
}

// element checks what stands in an element.
func (c *checker) element(of *schema, e element, path string) {
	if of.Type == "array" {
		item, name := c.resolve(of.Items, "")
		for _, child := range e.Children {
			c.named(map[string]*schema{name: item}, child, path)
		}
		return
	}
	if of.Type != "object" && len(of.Properties) == 0 {
		if len(e.Children) > 0 {
			c.add("elements in a simple type", path, "")
		} else if text := strings.TrimSpace(e.Text); text != "" && !of.allows(text) {
			c.add("element of another type", path, text)
		}
		return
	}
	parts, attributes := c.parts(of)
	for _, child := range e.Children {
		if of.Additional == nil || parts[child.XMLName.Local] != nil {
			c.named(parts, child, path)
		}
	}
	for _, a := range e.Attrs {
		if !slices.Contains(attributes, a.Name.Local) {
			c.add("attribute not described", path+"@"+a.Name.Local, "")
		}
	}
	c.required(of, e, path)
}

// parts are the elements and the attributes of a type by their names in XML. Arrays that are not wrapped are their items.
func (c *checker) parts(of *schema) (elements map[string]*schema, attributes []string) {
	elements = map[string]*schema{}
	for property, s := range of.Properties {
		part, name := c.resolve(s, property)
		if s.Ref != "" && part.XML.Name == "" {
			name = property
		}
		switch {
		case part.XML.Attribute:
			attributes = append(attributes, name)
		case part.XML.Text:
		case part.Type == "array" && !part.XML.Wrapped:
			item, itemName := c.resolve(part.Items, property)
			elements[itemName] = item
		default:
			elements[name] = part
		}
	}
	return elements, attributes
}

func (c *checker) named(parts map[string]*schema, child element, path string) {
	name := child.XMLName.Local
	if of, there := parts[name]; there {
		c.element(of, child, path+"/"+name)
		return
	}
	c.add("element not described", path+"/"+name, "")
}

func (c *checker) required(of *schema, e element, path string) {
	for _, property := range of.Required {
		part, name := c.resolve(of.Properties[property], property)
		if of.Properties[property] != nil && of.Properties[property].Ref != "" && part.XML.Name == "" {
			name = property
		}
		there := slices.ContainsFunc(e.Children, func(child element) bool { return child.XMLName.Local == name }) ||
			slices.ContainsFunc(e.Attrs, func(a xml.Attr) bool { return a.Name.Local == name })
		if !there && !(part.Type == "array" && !part.XML.Wrapped) {
			c.add("required element missing", path+"/"+name, "")
		}
	}
}
