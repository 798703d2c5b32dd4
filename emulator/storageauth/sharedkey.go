package storageauth

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/sabotage"
)

// Scheme is how an Authorization header signs a request.
type Scheme string

// The schemes of this package.
const (
	SharedKey     Scheme = "SharedKey"
	SharedKeyLite Scheme = "SharedKeyLite"
)

// MaxSkew is how far the date of a request may lie from the host's time.
const MaxSkew = 15 * time.Minute

// Request is what of a request is signed by an account's key.
type Request struct {
	// Method is the verb, in upper case.
	Method string
	// Account is the account asked for, without "-secondary".
	Account string
	// Path is the path as it was sent, still encoded. In path style it begins with the
	// account, which so comes twice in the canonicalized resource.
	Path string
	// PathStyle tells that the account, or its secondary, is the first segment of Path.
	PathStyle bool
	// Table tells that the table service is asked, which signs less.
	Table bool
	Query Query
	// Header has names of any case.
	Header map[string][]string
	// Version is the effective x-ms-version.
	Version string
}

// Authorization is a parsed Authorization header.
type Authorization struct {
	Scheme  Scheme
	Account string
	// Signature is base64, as it was sent.
	Signature string
}

// ParseAuthorization reads "SharedKey account:signature" (BLOB-SKEY-001). Other schemes,
// Bearer among them, are SchemeUnknown.
func ParseAuthorization(value string) (Authorization, *Failure) {
	malformed := &Failure{Kind: AuthorizationMalformed, Value: value}
	name, rest, found := strings.Cut(strings.Trim(value, blanks), " ")
	if name == "" {
		return Authorization{}, malformed
	}
	var scheme Scheme
	switch {
	case strings.EqualFold(name, string(SharedKey)):
		scheme = SharedKey
	case strings.EqualFold(name, string(SharedKeyLite)):
		scheme = SharedKeyLite
	default:
		return Authorization{}, &Failure{Kind: SchemeUnknown, Value: name}
	}
	account, signature, colon := strings.Cut(strings.TrimLeft(rest, " "), ":")
	if !found || !colon || account == "" || !isSignature(signature) {
		return Authorization{}, malformed
	}
	return Authorization{scheme, account, signature}, nil
}

func isSignature(s string) bool {
	_, err := base64.StdEncoding.DecodeString(s)
	return err == nil && s != ""
}

// String is the header.
func (a Authorization) String() string {
	return string(a.Scheme) + " " + a.Account + ":" + a.Signature
}

// Sign is the base64 of the HMAC-SHA256 of a string to sign. The key is decoded.
func Sign(key []byte, stringToSign string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(stringToSign))
	var sum [sha256.Size]byte
	return base64.StdEncoding.EncodeToString(mac.Sum(sum[:0]))
}

// signedBy is the first of the keys that gives the signature, -1 for none. It takes the
// same time for every wrong signature.
func signedBy(signature, stringToSign string, keys [][]byte) int {
	if sabotage.On(sabotage.BlobSignature) && len(keys) > 0 {
		return 0
	}
	for i, key := range keys {
		if len(key) > 0 && subtle.ConstantTimeCompare([]byte(signature), []byte(Sign(key, stringToSign))) == 1 {
			return i
		}
	}
	return -1
}

// CheckDate compares x-ms-date, or else Date, with the host's time: it guards against
// requests that are played again, so it follows the clock that clients follow.
func (r *Request) CheckDate(now time.Time) *Failure {
	h := signedHeaders(r.Header)
	name, value := msDate, h.get(msDate)
	if value == "" {
		name, value = lineNames[date], h.line[date]
	}
	if value == "" {
		return &Failure{Kind: DateMissing, Field: msDate}
	}
	at, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", value)
	if err != nil {
		at, err = time.Parse("Monday, 02-Jan-06 15:04:05 GMT", value)
	}
	failure := Failure{Field: name, Value: value, Now: now.UTC()}
	switch skew := now.Sub(at); {
	case err != nil:
		failure.Kind = DateMalformed
	case sabotage.On(sabotage.BlobDate):
		return nil
	case skew > MaxSkew:
		failure.Kind = DateTooOld // BLOB-SKEY-023
	case skew < -MaxSkew:
		failure.Kind = DateTooNew // BLOB-SKEY-025
	default:
		return nil
	}
	return &failure
}

// StringToSign is what a client signs for the request, in the service's reading of the
// rules.
func (r *Request) StringToSign(scheme Scheme) string {
	h := signedHeaders(r.Header)
	return r.stringToSign(scheme, &h, variant{})
}

// Verify finds the key that signed the request: its index in keys, which are decoded. No
// key at all, or an empty one, signs nothing.
func (r *Request) Verify(a Authorization, keys ...[]byte) (int, *Failure) {
	if a.Account != r.Account {
		return -1, &Failure{Kind: AccountMismatch, Value: a.Account}
	}
	h := signedHeaders(r.Header)
	if h.repeated != "" {
		return -1, &Failure{Kind: HeaderRepeated, Field: h.repeated} // BLOB-SKEY-012
	}
	var first string
	for i, v := range r.variants(&h) {
		s := r.stringToSign(a.Scheme, &h, v)
		if key := signedBy(a.Signature, s, keys); key >= 0 {
			return key, nil
		}
		if i == 0 {
			first = s
		}
	}
	return -1, &Failure{Kind: SignatureMismatch, Value: a.Signature, StringToSign: first}
}

// variant is one reading of the rules that clients sign by; the zero one is the service's.
type variant struct {
	// byteOrder sorts header names by bytes, as Go does, not by the service's collation.
	byteOrder bool
	// keepBlanks leaves the blanks inside header values alone, as every client does.
	keepBlanks bool
	// primary signs the path of the primary for a request to the secondary.
	primary bool
}

// variants lists the readings that differ for this request, the service's first.
func (r *Request) variants(h *headers) []variant {
	all := make([]variant, 1, 8)
	if h.byteOrder { // BLOB-SKEY-010
		all = append(all, variant{byteOrder: true})
	}
	if h.blanks {
		for _, v := range all {
			v.keepBlanks = true
			all = append(all, v)
		}
	}
	if r.primaryPath() != r.Path { // BLOB-SKEY-021
		for _, v := range all {
			v.primary = true
			all = append(all, v)
		}
	}
	return all
}

const secondary = "-secondary"

// primaryPath is the path without "-secondary" behind the account of a path-style request.
func (r *Request) primaryPath() string {
	rest, ok := strings.CutPrefix(r.Path, "/"+r.Account+secondary)
	if !r.PathStyle || !ok || rest != "" && rest[0] != '/' {
		return r.Path
	}
	return "/" + r.Account + rest
}

func (r *Request) stringToSign(scheme Scheme, h *headers, v variant) string {
	if r.Table {
		return r.tableStringToSign(scheme, h, v)
	}
	var b strings.Builder
	b.Grow(512)
	line := func(s string) {
		b.WriteString(s)
		b.WriteByte('\n')
	}
	line(r.Method)
	if scheme == SharedKeyLite { // BLOB-SKEY-022
		line(h.line[contentMD5])
		line(h.line[contentType])
		line(h.date())
	} else { // BLOB-SKEY-002
		for i, value := range h.line {
			switch {
			case i == contentLength && value == "0" && r.Version >= "2015-02-21":
				line("") // BLOB-SKEY-004
			case i == date:
				line(h.date())
			default:
				line(value)
			}
		}
	}
	h.canonical(&b, r.Version, v)
	r.resource(&b, scheme, v)
	return b.String()
}

// tableStringToSign is that of the table service: no x-ms- header in it, and always a date
// (BLOB-SVC-004).
func (r *Request) tableStringToSign(scheme Scheme, h *headers, v variant) string {
	at := h.line[date]
	for _, m := range h.ms {
		if m.name == msDate {
			at = m.value
		}
	}
	var b strings.Builder
	if scheme == SharedKey {
		b.WriteString(r.Method + "\n" + h.line[contentMD5] + "\n" + h.line[contentType] + "\n")
	}
	b.WriteString(at + "\n")
	r.resource(&b, SharedKeyLite, v)
	return b.String()
}

// date is the line of the date: empty where x-ms-date is signed anyway (BLOB-SKEY-006).
func (h *headers) date() string {
	if h.hasDate {
		return ""
	}
	return h.line[date]
}

// resource appends the canonicalized resource (BLOB-SKEY-014).
func (r *Request) resource(b *strings.Builder, scheme Scheme, v variant) {
	path := r.Path
	if v.primary {
		path = r.primaryPath()
	}
	if path == "" {
		path = "/"
	}
	b.WriteByte('/')
	b.WriteString(r.Account)
	b.WriteString(path)
	if scheme != SharedKeyLite {
		r.Query.canonical(b)
		return
	}
	if comp, n := r.Query.Get("comp"); n > 0 {
		b.WriteString("?comp=")
		b.WriteString(comp)
	}
}
