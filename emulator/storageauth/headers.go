package storageauth

import (
	"cmp"
	"slices"
	"strings"
)

// header is one x-ms- header: its name in lower case, its value without blanks around it,
// and the value with inner blanks collapsed.
type header struct{ name, value, folded string }

// The lines of the string to sign that have a header of their own, in its order.
const (
	contentEncoding = iota
	contentLanguage
	contentLength
	contentMD5
	contentType
	date
	ifModifiedSince
	ifMatch
	ifNoneMatch
	ifUnmodifiedSince
	rangeLine
	lines
)

// lineNames are the headers of the lines.
var lineNames = [lines]string{
	contentEncoding: "content-encoding", contentLanguage: "content-language", contentLength: "content-length",
	contentMD5: "content-md5", contentType: "content-type", date: "date", ifModifiedSince: "if-modified-since",
	ifMatch: "if-match", ifNoneMatch: "if-none-match", ifUnmodifiedSince: "if-unmodified-since", rangeLine: "range",
}

const (
	msPrefix = "x-ms-"
	msDate   = "x-ms-date"
)

// headers are those of a request that are signed.
type headers struct {
	line [lines]string
	ms   []header // in the service's order
	// repeated names an x-ms- header that is there more than once.
	repeated string
	// hasDate tells that there is an x-ms-date.
	hasDate bool
	// byteOrder tells that the order by bytes is another; blanks, that a value has
	// blanks to collapse.
	byteOrder, blanks bool
}

// signedHeaders picks them out of the request's, whose names may be of any case.
func signedHeaders(all map[string][]string) headers {
	var h headers
	h.ms = make([]header, 0, len(all))
	for name, values := range all {
		if len(values) == 0 {
			continue
		}
		if len(name) >= len(msPrefix) && strings.EqualFold(name[:len(msPrefix)], msPrefix) {
			h.addMS(strings.ToLower(strings.TrimSpace(name)), values)
			continue
		}
		for i, line := range lineNames {
			if strings.EqualFold(name, line) {
				h.line[i] = strings.TrimSpace(values[0])
			}
		}
	}
	slices.SortFunc(h.ms, func(a, b header) int { return compareNames(a.name, b.name) })
	for i := 1; i < len(h.ms); i++ {
		if h.ms[i-1].name == h.ms[i].name {
			h.repeated = h.ms[i].name
		}
		h.byteOrder = h.byteOrder || h.ms[i-1].name > h.ms[i].name
	}
	return h
}

func (h *headers) addMS(name string, values []string) {
	if len(values) > 1 {
		h.repeated = name
	}
	value := strings.Trim(values[0], blanks)
	folded := fold(value)
	h.blanks = h.blanks || folded != value
	h.hasDate = h.hasDate || name == msDate && value != ""
	h.ms = append(h.ms, header{name, value, folded})
}

// get is the value of a signed header, named in lower case.
func (h *headers) get(name string) string {
	for _, m := range h.ms {
		if m.name == name {
			return m.value
		}
	}
	return ""
}

// blanks are what RFC 2616 calls linear white space.
const blanks = " \t\r\n"

// fold puts one blank for each run of them, but inside quotation marks (BLOB-SKEY-011).
// The value has none at its ends.
func fold(value string) string {
	if !strings.ContainsAny(value, "\t\r\n") && !strings.Contains(value, "  ") {
		return value
	}
	var b strings.Builder
	quoted, blank := false, false
	for i := range len(value) {
		c := value[i]
		if !quoted && strings.IndexByte(blanks, c) >= 0 {
			blank = true
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		quoted = quoted != (c == '"')
		b.WriteByte(c)
	}
	return b.String()
}

// canonical appends "name:value\n" for each header (BLOB-SKEY-008). Version decides about
// empty values, BLOB-SKEY-013.
func (h *headers) canonical(b *strings.Builder, version string, v variant) {
	sorted := h.ms
	if v.byteOrder {
		sorted = slices.Clone(h.ms)
		slices.SortFunc(sorted, func(a, b header) int { return strings.Compare(a.name, b.name) })
	}
	for _, m := range sorted {
		if m.value == "" && version < "2016-05-31" {
			continue
		}
		b.WriteString(m.name)
		b.WriteByte(':')
		if v.keepBlanks {
			b.WriteString(m.value)
		} else {
			b.WriteString(m.folded)
		}
		b.WriteByte('\n')
	}
}

// collation is the order of the characters of header names in the culture en-US of .NET,
// which the service sorts by (BLOB-SKEY-009). What is not in it, "-" above all, counts
// only where names are otherwise the same.
const collation = "!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz"

// compareNames compares names in lower case as the service does.
func compareNames(a, b string) int {
	i, j := 0, 0
	for {
		var x, y int
		x, i = nextWeight(a, i)
		y, j = nextWeight(b, j)
		if x != y {
			return cmp.Compare(x, y)
		}
		if x < 0 {
			break
		}
	}
	// The same but for ignored characters: the name whose next one comes later is first.
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			x, y := strings.IndexByte(collation, a[i]), strings.IndexByte(collation, b[i])
			if (x < 0) != (y < 0) {
				return cmp.Compare(y, x)
			}
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}

// nextWeight is the weight of the next character from i that has one, and where to go on;
// -1 at the end.
func nextWeight(s string, i int) (weight, next int) {
	for ; i < len(s); i++ {
		if w := strings.IndexByte(collation, s[i]); w >= 0 {
			return w, i + 1
		}
	}
	return -1, i
}
