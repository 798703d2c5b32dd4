package report

import (
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/linarite/linarite/conformance/suite"
)

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Property []junitPair `xml:"properties>property"`
	Cases    []junitCase `xml:"testcase"`
}

type junitPair struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class    string      `xml:"classname,attr"`
	Name     string      `xml:"name,attr"`
	Property []junitPair `xml:"properties>property,omitempty"`
	Failure  *junitText  `xml:"failure,omitempty"`
	Error    *junitText  `xml:"error,omitempty"`
	Skipped  *junitText  `xml:"skipped,omitempty"`
}

type junitText struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit is the report as CI systems read it: one case a rule.
func (r Report) JUnit() ([]byte, error) {
	s := junitSuite{Name: "linarite-conformance " + r.Target.Name, Tests: len(r.Rules), Time: fmt.Sprintf("%.3f", r.Run.Seconds), Property: []junitPair{
		{"target", r.Target.Name}, {"kind", r.Target.Kind}, {"cloud", r.Target.Cloud}, {"seed", fmt.Sprint(r.Run.Seed)}, {"listHash", r.Suite.ListHash},
	}}
	for _, rule := range r.Rules {
		c := junitCase{Class: rule.ID[:strings.LastIndexByte(rule.ID, '-')], Name: rule.ID, Property: []junitPair{
			{"level", string(rule.Level)}, {"standing", string(rule.Standing)}, {"spec", rule.Spec},
		}}
		text := &junitText{Message: firstLine(rule.Got + rule.Reason), Text: printable(strings.TrimSpace(rule.Want + "\n" + rule.Got + "\n" + rule.Reason))}
		switch rule.Status {
		case suite.Pass:
		case suite.Fail:
			if rule.Known != "" {
				text.Message = "known difference " + rule.Known + ": " + text.Message
			}
			c.Failure = text
			s.Failures++
		case suite.Broken:
			c.Error = text
			s.Errors++
		default:
			text.Message = string(rule.Status) + ": " + text.Message
			c.Skipped = text
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
	text, err := xml.MarshalIndent(junitSuites{Suite: s}, "", " ")
	if err != nil {
		return nil, err
	}
	return append([]byte(xml.Header), append(text, '\n')...), nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return printable(s)
}

// printable takes out what XML cannot hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0xFFFE || r == 0xFFFF {
			return '?'
		}
		return r
	}, s)
}
