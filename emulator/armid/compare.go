package armid

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Contains tells whether scope is id or an ancestor of it, by whole segments and without
// regard to case: "rg1" never contains "rg10", and "/" contains everything. It reads the
// text forms, so it may be asked of ids that were never parsed; text that does not start
// with a slash is no scope and contains nothing. It does not allocate.
func Contains(scope, id string) bool {
	if plainPrefix(scope, id) {
		return true
	}
	s, ok := newCursor(scope)
	if !ok {
		return false
	}
	i, ok := newCursor(id)
	if !ok {
		return false
	}
	for {
		want := s.next()
		if want == "" {
			return true
		}
		if !strings.EqualFold(want, i.next()) {
			return false
		}
	}
}

// plainPrefix answers the most frequent question to Contains, two ids spelt alike, by one
// comparison. False says nothing.
func plainPrefix(scope, id string) bool {
	n := len(scope)
	return n > 1 && scope[0] == '/' && scope[n-1] > ' ' && scope[n-1] < utf8.RuneSelf && scope[n-1] != '/' &&
		strings.HasPrefix(id, scope) && (len(id) == n || id[n] == '/')
}

// Shared counts the leading segments that two ids have in common, without regard to case:
// how near two scopes are to each other.
func Shared(a, b string) int {
	x, okX := newCursor(a)
	y, okY := newCursor(b)
	for count := 0; ; count++ {
		segment := x.next()
		if !okX || !okY || segment == "" || !strings.EqualFold(segment, y.next()) {
			return count
		}
	}
}

// Equal tells whether a and b name the same thing, without regard to case, repeated or
// trailing slashes and surrounding blanks. It does not allocate.
func Equal(a, b string) bool {
	return Contains(a, b) && Contains(b, a)
}

// Equal tells whether the two ids name the same thing.
func (id ID) Equal(other ID) bool { return strings.EqualFold(id.text, other.text) }

// cursor walks the non-empty segments of an id.
type cursor struct{ rest string }

func newCursor(s string) (cursor, bool) {
	s = strings.TrimSpace(s)
	return cursor{s}, strings.HasPrefix(s, "/")
}

// next is the next segment, empty at the end.
func (c *cursor) next() string {
	for len(c.rest) > 0 && c.rest[0] == '/' {
		c.rest = c.rest[1:]
	}
	end := strings.IndexByte(c.rest, '/')
	if end < 0 {
		end = len(c.rest)
	}
	segment := c.rest[:end]
	c.rest = c.rest[end:]
	return segment
}

// foldKey maps each letter to one representative of its case-folding orbit, so that keys
// are equal exactly when strings.EqualFold says so. strings.ToLower does not do that: it
// leaves the long s alone, for one, which EqualFold takes for an s.
func foldKey(s string) string {
	return strings.Map(foldRune, s)
}

func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		return least + ('a' - 'A')
	}
	return least
}
