package wire

import (
	"encoding/base64"
	"iter"
	"net/url"
	"strings"
)

// Page takes one page out of a sequence of values in key order: at most limit values
// after the key that the previous page ended with. next is empty on the last page.
func Page[V any](all iter.Seq[V], key func(V) string, after string, limit int) (page []V, next string) {
	page = []V{} // an empty list is [], not null
	for v := range all {
		if after != "" && key(v) <= after {
			continue
		}
		if len(page) == limit {
			return page, key(page[len(page)-1])
		}
		page = append(page, v)
	}
	return page, ""
}

// SkipToken makes an opaque token of a key, ParseSkipToken reads it back.
func SkipToken(key string) string { return base64.RawURLEncoding.EncodeToString([]byte(key)) }

// ParseSkipToken returns the key of a token, and whether it was one.
func ParseSkipToken(token string) (string, bool) {
	key, err := base64.RawURLEncoding.DecodeString(token)
	return string(key), err == nil && len(key) > 0
}

// NextLink is the URL of the next page: the caller's own, with another skip token.
func NextLink(c *Call, token string) string {
	q := url.Values{}
	for name, values := range c.Query.values {
		if !strings.EqualFold(name, "$skiptoken") {
			q[name] = values
		}
	}
	q.Set("$skiptoken", token)
	return c.Scheme() + "://" + c.Request.Host + c.Request.URL.EscapedPath() + "?" + q.Encode()
}
