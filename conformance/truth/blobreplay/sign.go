package blobreplay

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The account is the emulators' well-known one, in every world.
const (
	account = "devstoreaccount1"
	key     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// sign signs a request with the account's key, for service versions from 2015-02-21 ("Authorize with Shared Key").
func sign(r *http.Request, length int) {
	size := ""
	if length > 0 {
		size = strconv.Itoa(length)
	}
	lines := []string{r.Method, r.Header.Get("Content-Encoding"), r.Header.Get("Content-Language"), size}
	for _, name := range []string{"Content-MD5", "Content-Type", "", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"} {
		lines = append(lines, r.Header.Get(name))
	}
	var own []string
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-ms-") {
			own = append(own, lower+":"+strings.TrimSpace(r.Header.Get(name)))
		}
	}
	slices.SortFunc(own, func(a, b string) int {
		nameA, _, _ := strings.Cut(a, ":")
		nameB, _, _ := strings.Cut(b, ":")
		return strings.Compare(nameA, nameB)
	})
	text := strings.Join(append(lines, own...), "\n") + "\n/" + account + r.URL.EscapedPath()
	query := map[string][]string{}
	for name, values := range r.URL.Query() {
		query[strings.ToLower(name)] = append(query[strings.ToLower(name)], values...)
	}
	var names []string
	for name := range query {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		slices.Sort(query[name])
		text += "\n" + name + ":" + strings.Join(query[name], ",")
	}
	secret, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return // cannot happen; the request is refused then
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(text))
	r.Header.Set("Authorization", "SharedKey "+account+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}
