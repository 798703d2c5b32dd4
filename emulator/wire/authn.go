package wire

import (
	"strings"
)

// Bearer takes the token out of an Authorization header. present tells whether there
// is a header at all, ok whether it has the form of RFC 6750.
func Bearer(header []string) (token string, present, ok bool) {
	if len(header) == 0 || header[0] == "" {
		return "", false, false
	}
	if len(header) > 1 {
		return "", true, false
	}
	scheme, rest, found := strings.Cut(header[0], " ")
	token = strings.TrimSpace(rest)
	// One search a character: ContainsAny looks at the kilobytes of a token one by one.
	split := strings.Contains(token, " ") || strings.Contains(token, "\t") || strings.Contains(token, ",")
	return token, true, found && strings.EqualFold(scheme, "Bearer") && token != "" && !split
}
