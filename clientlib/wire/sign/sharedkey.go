package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
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
	target, _ := r.RequestTarget()
	path, query, _ := strings.Cut(target, "?")
	if scheme, rest, absolute := strings.Cut(path, "://"); absolute && !strings.Contains(scheme, "/") { // as a proxy is asked
		_, path, _ = strings.Cut(rest, "/")
		path = "/" + path
	}
	m := Message{Method: r.Method, Path: path, Query: query, Header: fields}
	return string(m.Append(nil, account, lite))
}
