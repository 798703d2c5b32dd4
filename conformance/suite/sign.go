package suite

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
)

// SignSharedKey stub.
func SignSharedKey(r *wire.Request, account string, key []byte, now time.Time) error {
	if !r.Header.Has("x-ms-date") {
		r.Header.Set("x-ms-date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT"))
	}
	u, err := url.Parse(r.URL)
	if err != nil {
		return err
	}
	length := ""
	if len(r.Body) > 0 {
		length = strconv.Itoa(len(r.Body))
	}
	get := r.Header.Get
	lines := []string{r.Method, get("Content-Encoding"), get("Content-Language"), length, get("Content-MD5"), get("Content-Type"), "", get("If-Modified-Since"), get("If-Match"), get("If-None-Match"), get("If-Unmodified-Since"), get("Range")}
	var h []string
	for _, f := range r.Header {
		if n := strings.ToLower(f.Name); strings.HasPrefix(n, "x-ms-") {
			h = append(h, n+":"+strings.TrimSpace(f.Value))
		}
	}
	sort.Strings(h)
	res := "/" + account + u.EscapedPath()
	q := u.Query()
	var keys []string
	for k := range q {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		v := q[k]
		sort.Strings(v)
		res += "\n" + strings.ToLower(k) + ":" + strings.Join(v, ",")
	}
	sts := strings.Join(lines, "\n") + "\n" + strings.Join(append(h, res), "\n")
	m := hmac.New(sha256.New, key)
	m.Write([]byte(sts))
	r.Header.Set("Authorization", "SharedKey "+account+":"+base64.StdEncoding.EncodeToString(m.Sum(nil)))
	return nil
}
