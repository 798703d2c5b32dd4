package clientlib

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/linarite/linarite/internal/redact"
)

// Token is an access token.
type Token struct {
	// Value is what stands behind "Bearer ".
	Value string
	// Expires is when it stops working.
	Expires time.Time
	// Refresh is when a new one should be asked for, long before; zero where nobody said.
	Refresh time.Time
}

// String tells about a token without showing it.
func (t Token) String() string {
	return fmt.Sprintf("token until %s", t.Expires.UTC().Format(time.RFC3339))
}

// GoString is String.
func (t Token) GoString() string { return t.String() }

// LogValue is String.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText is String: a log of JSON shows what is in a value.
func (t Token) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// TokenRequest says which token is wanted.
type TokenRequest struct {
	// Audience is whom the token is for, exactly: with or without a slash at its end as the service wants it, and
	// without "/.default". The clouds of package cloud have them.
	Audience string
	// Tenant is the directory that a challenge named; "" is the credential's own.
	Tenant string
	// Claims is what a claims challenge asked for, as JSON. A credential that is given some returns a token that it
	// did not have before.
	Claims string
}

// Credential gives tokens. It may be used by many goroutines, and it keeps tokens until they have to be renewed.
type Credential interface {
	Token(ctx context.Context, r TokenRequest) (Token, error)
}

// ErrPlainHTTP is the refusal to send a token over a connection that anybody can read.
var ErrPlainHTTP = errors.New("a token is only sent over https")

// Bearer is the policy that puts a token for an audience on each request, and answers a claims challenge once.
func Bearer(cred Credential, audience string) Policy {
	return func(req *http.Request, next Next) (*http.Response, error) {
		resp, err := WithToken(req, next, cred, TokenRequest{Audience: audience})
		if err != nil || resp.StatusCode != http.StatusUnauthorized {
			return resp, err
		}
		claims := ClaimsChallenge(resp.Header)
		if claims == "" {
			return resp, nil
		}
		again, err := Rewind(req)
		if err != nil {
			return resp, nil //nolint:nilerr // the body cannot be sent again: the refusal stands
		}
		Drain(resp)
		return WithToken(again, next, cred, TokenRequest{Audience: audience, Claims: claims})
	}
}

// WithToken sends a request with a token.
func WithToken(req *http.Request, next Next, cred Credential, r TokenRequest) (*http.Response, error) {
	if req.URL.Scheme != "https" {
		return nil, ErrPlainHTTP
	}
	token, err := cred.Token(req.Context(), r)
	if err == nil && token.Value == "" {
		err = errors.New("the credential returned an empty one")
	}
	if err != nil {
		return nil, &CredentialError{Audience: r.Audience, Err: err}
	}
	req.Header.Set("Authorization", "Bearer "+token.Value)
	return next(req)
}

// CredentialError tells that a call failed because there was no token for it. It is not tried again: credentials have
// tried.
type CredentialError struct {
	Audience string
	Err      error
}

func (e *CredentialError) Error() string {
	return "no token for " + e.Audience + ": " + redact.Text(e.Err.Error())
}

// Unwrap is the credential's own error.
func (e *CredentialError) Unwrap() error { return e.Err }

// GoString is Error: the credential's own error may show what it sent.
func (e *CredentialError) GoString() string {
	return "&clientlib.CredentialError{" + strconv.Quote(e.Error()) + "}"
}

// MarshalText is Error, for logs of JSON.
func (e *CredentialError) MarshalText() ([]byte, error) { return []byte(e.Error()), nil }

// Challenge is one challenge of WWW-Authenticate.
type Challenge struct {
	// Scheme is as sent: Bearer, PoP.
	Scheme string
	// Params are by name in lower case, without quotes.
	Params map[string]string
}

// Challenges reads WWW-Authenticate: RFC 9110, section 11.6.1. Parameters without a value, and what else is wrong, are
// left out.
func Challenges(h http.Header) []Challenge {
	var out []Challenge
	for _, line := range h.Values("WWW-Authenticate") {
		out = append(out, challenges(line)...)
	}
	return out
}

func challenges(line string) (out []Challenge) {
	for line = strings.TrimLeft(line, " \t,"); line != ""; line = strings.TrimLeft(line, " \t,") {
		end := strings.IndexAny(line, " \t,=")
		if end < 0 {
			return append(out, Challenge{Scheme: line, Params: map[string]string{}})
		}
		word, rest := line[:end], strings.TrimLeft(line[end:], " \t")
		if !strings.HasPrefix(rest, "=") {
			out = append(out, Challenge{Scheme: word, Params: map[string]string{}})
			line = rest
			continue
		}
		value, behind := challengeValue(strings.TrimLeft(rest[1:], " \t"))
		if len(out) > 0 && word != "" {
			out[len(out)-1].Params[strings.ToLower(word)] = value
		}
		line = behind
	}
	return out
}

// challengeValue is a token or a quoted string, and what is behind it.
func challengeValue(text string) (value, rest string) {
	if !strings.HasPrefix(text, `"`) {
		if end := strings.IndexAny(text, " \t,"); end >= 0 {
			return text[:end], text[end:]
		}
		return text, ""
	}
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return out.String(), text[i+1:]
		case c == '\\' && i+1 < len(text):
			i++
			out.WriteByte(text[i])
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), ""
}

// ClaimsChallenge is the claims, as JSON, that an answer of 401 wants the next token to be asked for with; "" if it does
// not say.
func ClaimsChallenge(h http.Header) string {
	for _, c := range Challenges(h) {
		claims := c.Params["claims"]
		if !strings.EqualFold(c.Scheme, "Bearer") || claims == "" {
			continue
		}
		encoding := base64.StdEncoding
		if strings.ContainsAny(claims, "-_") {
			encoding = base64.URLEncoding
		}
		if decoded, err := encoding.WithPadding(base64.NoPadding).DecodeString(strings.TrimRight(claims, "=")); err == nil && json.Valid(decoded) {
			return string(decoded)
		}
	}
	return ""
}
