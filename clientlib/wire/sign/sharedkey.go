package sign

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib/wire"
)

// DecodeKey decodes an account's key, or the value of a delegation key, from its base64.
func DecodeKey(text string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) == 0 {
		return nil, fmt.Errorf("a storage key is base64 and not empty; this one, of %d characters, is not", len(text))
	}
	return key, nil
}

// Sign is the signature of a string by a decoded key: base64 of its HMAC-SHA256.
func Sign(key []byte, stringToSign string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(stringToSign))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// SharedKey signs a request by an account's decoded key. It sets x-ms-date to now unless that
// or Date is there, so it comes last.
func SharedKey(r *wire.Request, account string, key []byte, now time.Time) {
	shared(r, account, key, now, false)
}

// SharedKeyLite is SharedKey by the shorter scheme.
func SharedKeyLite(r *wire.Request, account string, key []byte, now time.Time) {
	shared(r, account, key, now, true)
}

func shared(r *wire.Request, account string, key []byte, now time.Time, lite bool) {
	if !r.Header.Has("x-ms-date") && !r.Header.Has("Date") {
		r.Header.Set("x-ms-date", Date(now))
	}
	Authorize(r, account, Sign(key, StringToSign(r, account, lite)), lite)
}

// Authorize sets the header Authorization to what a signature goes out as.
func Authorize(r *wire.Request, account, signature string, lite bool) {
	scheme := "SharedKey"
	if lite {
		scheme = "SharedKeyLite"
	}
	r.Header.Set("Authorization", scheme+" "+account+":"+signature)
}

// Bearer sets the header Authorization to a token.
func Bearer(r *wire.Request, token string) {
	r.Header.Set("Authorization", "Bearer "+token)
}

// Date is a time as x-ms-date has it.
func Date(t time.Time) string { return t.UTC().Format(http.TimeFormat) }

// StringToSign is what Shared Key, or Shared Key Lite, signs of a request as it goes out, by the
// rules of its x-ms-version; without one, by the newest. The account is that of the key, without
// "-secondary".
func StringToSign(r *wire.Request, account string, lite bool) string {
	fields, _ := r.Fields() // where the URL is none, nothing will go out
	fields = fields.Clone()
	for i := range fields {
		fields[i].Value = strings.Trim(fields[i].Value, blanks) // around a value they are none of it
	}
	method := r.Method
	if method == "" {
		method = "GET"
	}
	version := fields.Get("x-ms-version")
	date := fields.Get("Date")
	if fields.Get("x-ms-date") != "" {
		date = ""
	}
	length := fields.Get("Content-Length")
	if length == "0" && since(version, "2015-02-21") {
		length = ""
	}
	lines := []string{
		strings.ToUpper(method), fields.Get("Content-Encoding"), fields.Get("Content-Language"), length, fields.Get("Content-MD5"),
		fields.Get("Content-Type"), date, fields.Get("If-Modified-Since"), fields.Get("If-Match"), fields.Get("If-None-Match"),
		fields.Get("If-Unmodified-Since"), fields.Get("Range"),
	}
	if lite {
		lines = []string{strings.ToUpper(method), fields.Get("Content-MD5"), fields.Get("Content-Type"), date}
	}
	return strings.Join(lines, "\n") + "\n" + CanonicalHeaders(fields, version) + CanonicalResource(r, account, lite)
}

// since tells whether a version is a given one or newer; none is the newest.
func since(version, first string) bool { return version == "" || version >= first }

// CanonicalHeaders is the part of a string to sign that the fields x-ms-* make, each a line
// name:value. They stand in the order of the culture en-US, as the service sorts them. Fields of one
// name are joined by commas, though the service refuses them.
func CanonicalHeaders(fields wire.Header, version string) string {
	values := map[string][]string{}
	var names []string
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		value := fold(f.Value)
		if !strings.HasPrefix(name, "x-ms-") || value == "" && !since(version, "2016-05-31") {
			continue
		}
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], value)
	}
	slices.SortFunc(names, compareNames)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(name + ":" + strings.Join(values[name], ",") + "\n")
	}
	return b.String()
}

// blanks are what stands between words, a folded line's break among them.
const blanks = " \t\r\n"

// fold trims a value and makes one blank of each run of blanks, tabs and line breaks that does
// not stand in quotation marks.
func fold(value string) string {
	var b strings.Builder
	quoted, blank := false, false
	for _, c := range []byte(strings.Trim(value, blanks)) {
		if !quoted && strings.IndexByte(blanks, c) >= 0 {
			blank = true
			continue
		}
		if blank {
			b.WriteByte(' ')
			blank = false
		}
		if c == '"' {
			quoted = !quoted
		}
		b.WriteByte(c)
	}
	return b.String()
}

// compareNames compares two names by the weights that the culture en-US gives their characters.
// Hyphens and apostrophes have none: they decide between names that are otherwise the same, of
// which the one where the first of them stands later comes first.
func compareNames(a, b string) int {
	if c := slices.Compare(weights(a), weights(b)); c != 0 {
		return c
	}
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			continue
		}
		if light := isLight(a[i]); light != isLight(b[i]) {
			if light {
				return 1
			}
			return -1
		}
		return cmp.Compare(a[i], b[i])
	}
	return cmp.Compare(len(a), len(b))
}

func isLight(c byte) bool { return c == '-' || c == '\'' }

func weights(name string) []int {
	const ascending = "!#$%&*.^_`|~+0123456789abcdefghijklmnopqrstuvwxyz"
	var w []int
	for _, c := range []byte(name) {
		if !isLight(c) {
			w = append(w, strings.IndexByte(ascending, c))
		}
	}
	return w
}

// CanonicalResource is the end of a string to sign: the account, the path as it goes out, and the
// parameters of the query, each a line name:value; by the shorter scheme the parameter comp
// alone, as ?comp=value.
func CanonicalResource(r *wire.Request, account string, lite bool) string {
	target, _ := r.RequestTarget()
	path, query, _ := strings.Cut(target, "?")
	if scheme, rest, absolute := strings.Cut(path, "://"); absolute && !strings.Contains(scheme, "/") { // as a proxy is asked
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	if path == "" {
		path = "/"
	}
	resource := "/" + account + path
	values := map[string][]string{}
	var names []string
	for part := range strings.SplitSeq(query, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name = strings.ToLower(unescape(name))
		if values[name] == nil {
			names = append(names, name)
		}
		values[name] = append(values[name], unescape(value))
	}
	if lite {
		if comp := values["comp"]; comp != nil {
			resource += "?comp=" + comp[0]
		}
		return resource
	}
	slices.Sort(names)
	for _, name := range names {
		slices.Sort(values[name])
		resource += "\n" + name + ":" + strings.Join(values[name], ",")
	}
	return resource
}

// unescape decodes what is escaped; a percent sign that escapes nothing stays.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '+':
			b.WriteByte(' ')
		case text[i] == '%' && i+2 < len(text) && digit(text[i+1]) >= 0 && digit(text[i+2]) >= 0:
			b.WriteByte(byte(digit(text[i+1])<<4 | digit(text[i+2])))
			i += 2
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}

func digit(c byte) int {
	if 'A' <= c && c <= 'F' {
		c += 'a' - 'A'
	}
	return strings.IndexByte("0123456789abcdef", c)
}
