package arm

import (
	"regexp"
	"strings"
	"unicode/utf16"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/wire"
)

// Limits of tags, documented.
const (
	maxTags     = 50
	maxTagName  = 512
	maxTagValue = 256
)

func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return wire.Refuse(apierr.ARMTagsTooMany, len(tags), maxTags)
	}
	for name, value := range tags {
		switch {
		case strings.TrimSpace(name) == "" || length(name) > maxTagName:
			return wire.Refuse(apierr.ARMTagNameTooLong, maxTagName)
		case strings.ContainsAny(name, `<>%&\?/`):
			return wire.Refuse(apierr.ARMTagNameInvalid, name)
		case length(value) > maxTagValue:
			return wire.Refuse(apierr.ARMTagValueTooLong, name, maxTagValue)
		}
	}
	return nil
}

// length counts as .NET does.
func length(s string) int { return len(utf16.Encode([]rune(s))) }

// A filter of the group list: a tag's name, and perhaps its value.
var tagExpression = regexp.MustCompile(`(?i)^\s*tagName\s+eq\s+'((?:[^']|'')*)'(?:\s+and\s+tagValue\s+eq\s+'((?:[^']|'')*)')?\s*$`)

// tagFilter reads a $filter; an empty one filters nothing. Names of tags compare
// without regard to case, values exactly.
func tagFilter(filter string) (func(tags map[string]string) bool, error) {
	if strings.TrimSpace(filter) == "" {
		return func(map[string]string) bool { return true }, nil
	}
	m := tagExpression.FindStringSubmatchIndex(filter)
	if m == nil {
		return nil, wire.Refuse(apierr.ARMFilterInvalid, filter)
	}
	text := func(i int) string { return strings.ReplaceAll(filter[m[2*i]:m[2*i+1]], "''", "'") }
	name, anyValue := text(1), m[4] < 0
	value := ""
	if !anyValue {
		value = text(2)
	}
	return func(tags map[string]string) bool {
		for n, v := range tags {
			if strings.EqualFold(n, name) && (anyValue || v == value) {
				return true
			}
		}
		return false
	}, nil
}
