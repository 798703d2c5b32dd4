package armid

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxGroupName is the longest resource group name, in characters.
const MaxGroupName = 90

// ValidGroupName judges the name of a resource group: 1 to MaxGroupName characters, letters
// and digits of any script and - _ . ( ), not ending in a full stop. Where the name fails
// by its characters, invalid holds each of them once, in order, as the message of ARM's
// error InvalidResourceGroup prints them; it is empty where length or the final full stop
// is at fault.
//
// Source: "Naming rules and restrictions for Azure resources", Microsoft.Resources.
func ValidGroupName(name string) (invalid string, ok bool) {
	var bad strings.Builder
	for _, r := range name {
		if !groupNameRune(r) && !strings.ContainsRune(bad.String(), r) {
			bad.WriteRune(r)
		}
	}
	length := utf8.RuneCountInString(name)
	ok = bad.Len() == 0 && length >= 1 && length <= MaxGroupName && !strings.HasSuffix(name, ".")
	return bad.String(), ok
}

func groupNameRune(r rune) bool {
	if r == utf8.RuneError {
		return false
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.()", r)
}

// NormalizeLocation is the canonical form of a region: "West US" is "westus". Regions are
// compared in this form.
func NormalizeLocation(location string) string {
	return strings.ToLower(strings.ReplaceAll(location, " ", ""))
}
