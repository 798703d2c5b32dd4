package redact

import (
	"net/url"
	"strings"
)

// Mark stands where a secret stood.
const Mark = "REDACTED"

// metaName begins the names of metadata.
const metaName = "x-ms-meta-"

// SecretParameter tells whether a parameter's value is a credential, in a query, a form or an
// object of JSON.
func SecretParameter(name string) bool {
	switch name = strings.ToLower(name); name {
	case "code", "where": // where asks for tags, which are somebody's data
		return true
	}
	return secretName(name)
}

// secretName tells whether a name, in lower case, is one that people give to a secret: of the
// services here, and of others whose requests and data come by.
func secretName(name string) bool {
	switch name {
	case "sig", "skoidsig", "auth", "cookie":
		return true
	}
	for _, end := range []string{"type", "skiptoken", "continuationtoken"} { // a list goes on there
		if strings.HasSuffix(name, end) {
			return false
		}
	}
	for _, end := range []string{"token", "pwd", "apikey", "accountkey", "sharedkey", "accesskey", "privatekey", "_key", "-key"} {
		if strings.HasSuffix(name, end) {
			return true
		}
	}
	for _, part := range []string{"secret", "password", "passwd", "passphrase", "credential", "signature", "assertion", "connectionstring", "connection_string", "connection-string"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// URL prints a URL without the secrets that a query may carry.
func URL(u *url.URL) string {
	out := *u
	out.User = nil
	if out.RawQuery == "" {
		return out.String()
	}
	out.RawQuery = redactQuery(out.RawQuery)
	text := out.String()
	if strings.Contains(text, "%3") { // an address in an address
		text = Text(text)
	}
	return text
}

// RawURL is URL for one that nobody has parsed, be it right or wrong.
func RawURL(raw string) string {
	if u, err := url.Parse(raw); err == nil && u.Opaque == "" {
		return URL(u)
	}
	front, query, asked := strings.Cut(raw, "?")
	scheme, rest, _ := strings.Cut(front, "://")
	authority, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		front = scheme + "://" + authority[i+1:] + "/" + path
	}
	if asked {
		front += "?" + redactQuery(query)
	}
	return Text(front)
}

func redactQuery(raw string) string {
	var out strings.Builder
	for raw != "" {
		part, separator, rest := raw, "", "" // ";" too: what hides behind one is still a secret
		if i := strings.IndexAny(raw, "&;"); i >= 0 {
			part, separator, rest = raw[:i], raw[i:i+1], raw[i+1:]
		}
		name, _, _ := strings.Cut(part, "=")
		if decoded, err := url.QueryUnescape(name); err != nil || SecretParameter(decoded) {
			part = name + "=" + Mark
		}
		out.WriteString(part)
		out.WriteString(separator)
		raw = rest
	}
	return out.String()
}

// Header returns the value of a header without its secrets. Of credentials the scheme
// stays, and the account whose key signed.
func Header(name, value string) string {
	switch name = strings.ToLower(name); {
	case IsCredentials(name):
		return Credentials(value)
	case IsHidden(name):
		return Mark
	}
	return Text(value)
}

// IsCredentials tells whether a header, in lower case, has a scheme and what proves who it is.
func IsCredentials(name string) bool {
	switch name {
	case "authorization", "proxy-authorization", "x-ms-copy-source-authorization", "x-ms-authorization-auxiliary":
		return true
	}
	return false
}

// IsHidden tells whether the value of a header, in lower case, is not shown at all: it is a secret
// as a whole or, as metadata and tags are, somebody's data.
func IsHidden(name string) bool {
	switch name {
	case "cookie", "set-cookie", "x-identity-header", "secret", "x-ms-tags", "x-ms-if-tags", "x-ms-source-if-tags", "dpop":
		return true
	}
	return strings.HasPrefix(name, metaName) || secretName(name)
}

// Credentials leaves the scheme of "Bearer x", and the account of "SharedKey account:x".
func Credentials(value string) string {
	scheme, rest, found := strings.Cut(value, " ")
	switch {
	case !found || len(scheme) > 20:
		return Mark
	case strings.EqualFold(scheme, "Bearer"):
		return "Bearer " + Mark
	case strings.EqualFold(scheme, "SharedKey"), strings.EqualFold(scheme, "SharedKeyLite"):
		if account, _, ok := strings.Cut(rest, ":"); ok && len(account) <= 24 {
			return scheme + " " + account + ":" + Mark
		}
	}
	return scheme + " " + Mark
}

// Text returns a text without what looks like a secret in it: values of secret
// parameters, written as in a query, once more escaped, or as members of an object of JSON;
// credentials after the name of their scheme; and tokens wherever they stand.
func Text(text string) string {
	if !strings.ContainsAny(text, `=%":. `) {
		return text
	}
	var out strings.Builder
	done := 0
	for i := 0; i < len(text); {
		if i > 0 && isWord(text[i-1]) || !isWord(text[i]) {
			i++
			continue
		}
		from, to := secretAt(text, i)
		if to > from {
			out.WriteString(text[done:from])
			out.WriteString(Mark)
			done, i = to, to
			continue
		}
		for i < len(text) && isWord(text[i]) {
			i++
		}
	}
	if done == 0 {
		return text
	}
	out.WriteString(text[done:])
	return out.String()
}

func isWord(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '_'
}

// secretAt finds the secret that a word beginning at i introduces, or is.
func secretAt(text string, i int) (from, to int) {
	end := i
	for end < len(text) && isWord(text[end]) {
		end++
	}
	word := text[i:end]
	if strings.HasPrefix(word, "eyJ") { // the object that heads every token, in base64
		n := 0
		for i+n < len(text) && (isWord(text[i+n]) || text[i+n] == '-' || text[i+n] == '.') {
			n++
		}
		if strings.Count(text[i:i+n], ".") >= 2 {
			return i, i + n
		}
	}
	for i > 0 && len(word) > 2 && text[i-1] == '%' && word[:2] == "25" { // "%2526sig%253D"
		word = word[2:]
	}
	if i > 0 && len(word) > 2 && text[i-1] == '%' { // "%26sig%3D"
		word = word[2:]
	}
	switch {
	case strings.EqualFold(word, "code") && strings.HasPrefix(strings.TrimPrefix(text[end:], `\`), `"`): // an error's, in JSON
		return 0, 0
	case SecretParameter(word) && !strings.HasPrefix(text[end:], " "): // SharedKey= is a parameter, "SharedKey " a scheme
		return valueAt(text, end)
	case strings.EqualFold(word, "Bearer"), strings.EqualFold(word, "SharedKey"), strings.EqualFold(word, "SharedKeyLite"), strings.EqualFold(word, "Basic"):
		return credentialsAt(text, end)
	}
	return 0, 0
}

// credentialsAt finds what follows the name of a scheme, unless it is a word of a sentence or
// the parameters of a challenge.
func credentialsAt(text string, end int) (from, to int) {
	if !strings.HasPrefix(text[end:], " ") {
		return 0, 0
	}
	from = end + 1
	rest := text[from:]
	n := strings.IndexAny(rest, " \t\r\n\"'<>,&")
	if n < 0 {
		n = len(rest)
	}
	value := rest[:n]
	challenge := strings.Contains(strings.TrimRight(value, "="), "=") || strings.HasSuffix(value, "=") && n < len(rest) && rest[n] == '"'
	if len(value) < 16 || challenge {
		return 0, 0
	}
	return from, from + n
}

// valueAt finds the value that follows the name of a parameter or member, however written.
func valueAt(text string, end int) (from, to int) {
	for _, form := range []struct{ link, next, ends string }{
		{"=", "&", ";\"'<> \r\n\t"}, {"%3D", "%26", "&;\"'<> \r\n\t"}, {"%3d", "%26", "&;\"'<> \r\n\t"}, {"%253D", "%2526", "&;\"'<> \r\n\t"},
		{`":"`, `"`, ""}, {`": "`, `"`, ""}, {`\":\"`, `\"`, ""},
	} {
		value, ok := strings.CutPrefix(text[end:], form.link)
		if !ok {
			continue
		}
		from = len(text) - len(value)
		if n := strings.Index(value, form.next); n >= 0 {
			value = value[:n]
		}
		if n := strings.IndexAny(value, form.ends); n >= 0 {
			value = value[:n]
		}
		return from, from + len(value)
	}
	return 0, 0
}
