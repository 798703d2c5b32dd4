package storageauth

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
)

// Param is one parameter of a query: its name in lower case, its value decoded.
type Param struct{ Name, Value string }

// Query is a query in the order it was sent in. Names are compared without regard to case
// (BLOB-SKEY-018) and so kept in lower case.
type Query []Param

// ParseQuery decodes a raw query as the service does: "+" is a blank, a name without "="
// has an empty value, ";" separates nothing. A text that is not percent-encoded correctly
// stands for itself.
func ParseQuery(raw string) Query {
	if raw == "" {
		return nil
	}
	q := make(Query, 0, 1+strings.Count(raw, "&"))
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		q = append(q, Param{strings.ToLower(unescape(name)), unescape(value)})
	}
	return q
}

func unescape(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}

// Get is the first value of a parameter and how often it is there. The name is in lower
// case.
func (q Query) Get(name string) (value string, count int) {
	for _, p := range q {
		if p.Name != name {
			continue
		}
		if count == 0 {
			value = p.Value
		}
		count++
	}
	return value, count
}

// canonical appends "\nname:value" for each name, sorted, several values of one name
// sorted and joined by commas (BLOB-SKEY-016, BLOB-SKEY-019).
func (q Query) canonical(b *strings.Builder) {
	sorted := q
	if !slices.IsSortedFunc(q, compareParams) {
		sorted = slices.Clone(q)
		slices.SortFunc(sorted, compareParams)
	}
	for i, p := range sorted {
		if i > 0 && sorted[i-1].Name == p.Name {
			b.WriteByte(',')
		} else {
			b.WriteByte('\n')
			b.WriteString(p.Name)
			b.WriteByte(':')
		}
		b.WriteString(p.Value)
	}
}

func compareParams(a, b Param) int {
	return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Value, b.Value))
}
