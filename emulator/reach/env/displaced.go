package env

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Displaced says, in lines for people, what becomes of the proxies and of no_proxy that
// environ names and that Proxy replaces. Passwords are left out. It says nothing of what
// leads to the server already.
func Displaced(environ []string, o ProxyOptions) (lines []string) {
	var values []string
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"} {
		values = append(values, lookup(environ, name))
	}
	named := slices.DeleteFunc(Proxies(values...), func(at string) bool { return at == withoutLogin(o.URL) })
	if len(named) > 0 {
		lines = append(lines, fmt.Sprintf("the proxy you had, %s, is replaced here; hosts outside Azure still go by the proxy of the environment that linarite serve was started in", strings.Join(named, " and ")))
	}
	for _, name := range []string{"no_proxy", "NO_PROXY"} {
		if value := lookup(environ, name); value != "" {
			return append(lines, fmt.Sprintf("%s was %s and is emptied, so that nothing meant for Azure passes Linarite by; linarite serve heeds its own NO_PROXY for other hosts", name, value))
		}
	}
	return lines
}

// Proxies lists the values of proxy variables for people: each once, and without passwords.
func Proxies(values ...string) (named []string) {
	for _, value := range values {
		if at := withoutLogin(value); value != "" && !slices.Contains(named, at) {
			named = append(named, at)
		}
	}
	return named
}

// withoutLogin is a proxy's URL without user and password.
func withoutLogin(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" { // curl takes a host alone; the login ends at the last @
		return raw[strings.LastIndex(raw, "@")+1:]
	}
	u.User = nil
	return strings.TrimSuffix(u.String(), "/")
}
