package sign

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/clientlib/wire"
)

// Message is what a string to sign is made of, as plain data.
type Message struct {
	// Method is GET where it is "".
	Method string
	// Path is escaped as it goes out. Query is what goes out behind the question mark.
	Path, Query string
	// Header has every field that goes out, Content-Length among them.
	Header wire.Header
}

// Append puts what Shared Key, or Shared Key Lite, signs of a message behind b: see StringToSign.
func (m *Message) Append(b []byte, account string, lite bool) []byte {
	get := func(name string) string { return strings.Trim(m.Header.Get(name), blanks) } // around a value they are none of it
	method := m.Method
	if method == "" {
		method = "GET"
	}
	version, date, length := get("x-ms-version"), get("Date"), get("Content-Length")
	if get("x-ms-date") != "" {
		date = ""
	}
	if length == "0" && since(version, "2015-02-21") {
		length = ""
	}
	line := func(text string) {
		b = append(b, text...)
		b = append(b, '\n')
	}
	line(strings.ToUpper(method))
	if lite {
		line(get("Content-MD5"))
		line(get("Content-Type"))
		line(date)
	} else {
		line(get("Content-Encoding"))
		line(get("Content-Language"))
		line(length)
		line(get("Content-MD5"))
		line(get("Content-Type"))
		line(date)
		for _, name := range []string{"If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"} {
			line(get(name))
		}
	}
	return m.appendResource(m.appendHeaders(b, version), account, lite)
}

// since tells whether a version is a given one or newer; none is the newest.
func since(version, first string) bool { return version == "" || version >= first }

// appendHeaders puts the fields x-ms-*, each a line name:value, in the order of the culture en-US, as
// the service sorts them. Fields of one name are joined by commas, though the service refuses them.
func (m *Message) appendHeaders(b []byte, version string) []byte {
	fields := make(wire.Header, 0, 24)
	for _, f := range m.Header {
		if len(f.Name) < 5 || !strings.EqualFold(f.Name[:5], "x-ms-") || !since(version, "2016-05-31") && strings.Trim(f.Value, blanks) == "" {
			continue
		}
		fields = append(fields, f)
	}
	slices.SortStableFunc(fields, func(a, b wire.Field) int { return compareNames(a.Name, b.Name) })
	for i, f := range fields {
		if i > 0 && strings.EqualFold(fields[i-1].Name, f.Name) {
			b[len(b)-1] = ','
		} else {
			for _, c := range []byte(f.Name) {
				b = append(b, lower(c))
			}
			b = append(b, ':')
		}
		b = append(appendFolded(b, f.Value), '\n')
	}
	return b
}

// blanks are what stands between words, a folded line's break among them.
const blanks = " \t\r\n"

// appendFolded puts a value trimmed, with one blank for each run of blanks, tabs and line breaks
// that does not stand in quotation marks.
func appendFolded(b []byte, value string) []byte {
	quoted, blank := false, false
	for _, c := range []byte(strings.Trim(value, blanks)) {
		if !quoted && strings.IndexByte(blanks, c) >= 0 {
			blank = true
			continue
		}
		if blank {
			b = append(b, ' ')
			blank = false
		}
		if c == '"' {
			quoted = !quoted
		}
		b = append(b, c)
	}
	return b
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}

// compareNames compares two names, without regard to case, by the weights that the culture en-US
// gives their characters. Hyphens and apostrophes have none: they decide between names that are
// otherwise the same, of which the one where the first of them stands later comes first.
func compareNames(a, b string) int {
	if c := compareWeights(a, b); c != 0 {
		return c
	}
	for i := range min(len(a), len(b)) {
		x, y := lower(a[i]), lower(b[i])
		if x == y {
			continue
		}
		if light := isLight(x); light != isLight(y) {
			if light {
				return 1
			}
			return -1
		}
		return int(x) - int(y)
	}
	return len(a) - len(b)
}

func isLight(c byte) bool { return c == '-' || c == '\'' }

func compareWeights(a, b string) int {
	for i, j := 0, 0; ; i, j = i+1, j+1 {
		for i < len(a) && isLight(a[i]) {
			i++
		}
		for j < len(b) && isLight(b[j]) {
			j++
		}
		switch {
		case i == len(a) && j == len(b):
			return 0
		case i == len(a):
			return -1
		case j == len(b):
			return 1
		}
		if c := weight(a[i]) - weight(b[j]); c != 0 {
			return c
		}
	}
}

func weight(c byte) int {
	return strings.IndexByte("!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz", lower(c))
}

// appendResource puts the end of a string to sign: the account, the path, and the parameters of
// the query, each a line name:value; by the shorter scheme the parameter comp alone, as
// ?comp=value.
func (m *Message) appendResource(b []byte, account string, lite bool) []byte {
	b = append(append(b, '/'), account...)
	if m.Path == "" {
		b = append(b, '/')
	}
	b = append(b, m.Path...)
	params := make(Params, 0, 8)
	for part := range strings.SplitSeq(m.Query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		params = append(params, Param{strings.ToLower(unescape(name)), unescape(value)})
	}
	if lite {
		for _, p := range params {
			if p.Name == "comp" {
				return append(append(b, "?comp="...), p.Value...)
			}
		}
		return b
	}
	slices.SortFunc(params, func(a, b Param) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Value, b.Value)
	})
	for i, p := range params {
		if i > 0 && params[i-1].Name == p.Name {
			b = append(b, ',')
		} else {
			b = append(append(append(b, '\n'), p.Name...), ':')
		}
		b = append(b, p.Value...)
	}
	return b
}

// unescape decodes what is escaped; a percent sign that escapes nothing stays.
func unescape(text string) string {
	if !strings.ContainsAny(text, "%+") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			b.WriteByte(' ')
		case text[i] == '%' && i+2 < len(text) && digit(text[i+1]) >= 0 && digit(text[i+2]) >= 0:
			b.WriteByte(byte(digit(text[i+1])<<4 | digit(text[i+2])))
			i += 2
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

func digit(c byte) int { return strings.IndexByte("0123456789abcdef", lower(c)) }
