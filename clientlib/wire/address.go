package wire

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// address is an absolute URL, cut but not changed.
type address struct {
	scheme    string // "http" or "https"
	authority string // host and port as they were written: the value of Host
	host      string // without brackets
	dial      string // host:port
	target    string // path and query
}

// parseAddress cuts a URL without reading its path or query, so that those go out as they are.
func parseAddress(url string) (address, error) {
	var a address
	scheme, rest, ok := strings.Cut(url, "://")
	switch a.scheme = strings.ToLower(scheme); {
	case !ok || a.scheme != "http" && a.scheme != "https":
		return a, errors.New("the URL is not absolute: it must begin with http:// or https://")
	}
	a.authority = rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		a.authority, a.target = rest[:i], rest[i:]
	}
	if !strings.HasPrefix(a.target, "/") {
		a.target = "/" + a.target
	}
	if strings.Contains(a.authority, "@") { // said first, for the words of other errors show what stands there
		return a, errors.New("the URL holds credentials, which belong into a header")
	}
	port := map[string]string{"http": "80", "https": "443"}[a.scheme]
	a.host = a.authority
	if h, p, err := net.SplitHostPort(a.authority); err == nil {
		a.host = h
		if p != "" {
			port = p
		}
	} else {
		a.host = strings.TrimSuffix(strings.TrimPrefix(a.host, "["), "]")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return a, fmt.Errorf("the URL's port %q is not a number from 1 to 65535", clip(port))
	}
	if a.host == "" {
		return a, errors.New("the URL names no host")
	}
	for _, c := range a.host {
		if c <= ' ' || c == 0x7f || strings.ContainsRune(`\<>"[]`, c) {
			return a, errors.New("the URL's host has a character that no host has")
		}
	}
	a.dial = net.JoinHostPort(a.host, port)
	return a, nil
}

// key is the connections that may serve for one another.
func (a address) key() string { return a.scheme + "://" + strings.ToLower(a.dial) }
