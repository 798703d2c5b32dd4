package types

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// Type describes a resource type.
type Type struct {
	// Namespace is the provider's, such as Microsoft.Storage.
	Namespace string
	// Name is the type without the namespace, nested types with slashes.
	Name string
	// Versions are the api-versions, newest first.
	Versions []string
	// Global types have no location.
	Global bool
}

// String is namespace and name, as in Microsoft.Storage/storageAccounts.
func (t Type) String() string { return t.Namespace + "/" + t.Name }

// Find returns the descriptor of a type named in full, in any case.
func Find(full string) (Type, bool) {
	for _, t := range All() {
		if strings.EqualFold(t.String(), full) {
			return t, true
		}
	}
	return Type{}, false
}

// Namespaces lists the providers, sorted.
func Namespaces() []string {
	var out []string
	for _, t := range All() {
		out = append(out, t.Namespace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var date = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}(-[a-z]+)?$`)

// Dated tells whether an api-version, in small letters, has the form of one: a date, and
// perhaps a word behind it.
func Dated(version string) bool { return date.MatchString(version) }

// Accepts tells whether the type has an api-version at an instant. Beside the listed ones
// it takes every well-formed date from the oldest to that day: the lists here are not
// complete and clients move on, and refusing a version that Azure has would be worse than
// taking one that it has not.
func (t Type) Accepts(version string, at time.Time) bool {
	v := strings.ToLower(version)
	if slices.Contains(t.Versions, v) {
		return true
	}
	oldest, newest := t.Versions[len(t.Versions)-1], max(t.Versions[0], at.Format(time.DateOnly))
	return Dated(v) && v >= oldest && v[:10] <= newest
}
