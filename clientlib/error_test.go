package clientlib

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestEnvelopes: what services say of a refusal, in the forms that they say it.
func TestEnvelopes(t *testing.T) {
	const blobBody = "\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.\nRequestId:rid-3\nTime:2026-11-28T12:00:00Z</Message></Error>"
	for name, row := range map[string]struct {
		step
		code, inner, message, id string
		text                     string
	}{
		"arm": {says(404, "x-ms-request-id: rid-1").with(`{"error":{"code":"ResourceGroupNotFound","message":"Resource group 'x' could not be found."}}`),
			"ResourceGroupNotFound", "", "Resource group 'x' could not be found.", "rid-1",
			"404 ResourceGroupNotFound: Resource group 'x' could not be found. (request id rid-1)"},
		"vault": {says(403, "x-ms-request-id: rid-2").with(`{"error":{"code":"Forbidden","message":"Operation get is not allowed on a disabled secret.","innererror":{"code":"SecretDisabled"}}}`),
			"Forbidden", "SecretDisabled", "Operation get is not allowed on a disabled secret.", "rid-2",
			"403 Forbidden (SecretDisabled): Operation get is not allowed on a disabled secret. (request id rid-2)"},
		"vault, deeper": {says(403).with(`{"error":{"code":"Forbidden","innererror":{"code":"A","innererror":{"code":"B","innererror":null}}}}`),
			"Forbidden", "B", "", "", "403 Forbidden (B)"},
		"vault, no code": {says(403).with(`{"error":{"code":"Forbidden","innererror":{"code":"A","innererror":{}}}}`),
			"Forbidden", "A", "", "", "403 Forbidden (A)"},
		"inner of another kind": {says(403).with(`{"error":{"code":"Forbidden","innererror":"x"}}`), "Forbidden", "", "", "", "403 Forbidden"},
		"storage":               {says(404).with(blobBody), "BlobNotFound", "", "The specified blob does not exist.", "rid-3", "404 BlobNotFound: The specified blob does not exist. (request id rid-3)"},
		"storage, HEAD":         {says(404, "x-ms-error-code: BlobNotFound", "x-ms-request-id: rid-4"), "BlobNotFound", "", "", "rid-4", "404 BlobNotFound (request id rid-4)"},
		"entra": {says(401).with(`{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret.\r\nTrace ID: rid-5\r\nCorrelation ID: c\r\nTimestamp: t","trace_id":"rid-5"}`),
			"invalid_client", "", "AADSTS7000215: Invalid client secret.", "rid-5", "401 invalid_client: AADSTS7000215: Invalid client secret. (request id rid-5)"},
		"a proxy":     {says(502).with("<html><body>Bad Gateway</body></html>"), "", "", "", "", "502 Bad Gateway (4 tries)"},
		"nothing":     {says(418), "", "", "", "", "418 I'm a teapot"},
		"no status":   {says(799), "", "", "", "", ": 799"},
		"cut":         {says(400).with(`{"error":{"code":"Forb`), "", "", "", "", "400 Bad Request"},
		"JSON, a BOM": {says(403).with("\ufeff" + `{"error":{"code":"Forbidden","innererror":{"code":"SecretDisabled"}}}`), "Forbidden", "SecretDisabled", "", "", "403 Forbidden (SecretDisabled)"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, err := pipe(&script{steps: []step{row.step}}, func(o *Options) { o.Transport = fresh(row.step) }).Do(request(t, "GET", ""))
				var e *Error
				if !errors.As(err, &e) {
					t.Fatal(err)
				}
				if e.Code != row.code || e.Inner != row.inner || e.Message != row.message || e.RequestID != row.id {
					t.Errorf("code %q, inner %q, message %q, id %q", e.Code, e.Inner, e.Message, e.RequestID)
				}
				if !strings.HasSuffix(err.Error(), row.text) || strings.Contains(err.Error(), "\n") {
					t.Errorf("says %q, want %q at the end", err, row.text)
				}
				in(t, err, "GET https://acct.example/c/b?sig=REDACTED&sv=1: ")
				if row.code != "" && (!HasCode(err, "other", row.code) || !HasCode(fmt.Errorf("x: %w", err), row.code)) || row.inner != "" && !HasCode(err, row.inner) {
					t.Error("HasCode does not find it")
				}
				if HasCode(err, "other") || HasCode(err, "") || HasStatus(err, 1) || !HasStatus(err, 1, row.status) {
					t.Error("HasCode or HasStatus are wrong")
				}
			})
		})
	}
	if HasCode(nil, "x") || HasStatus(nil, 404) || HasCode(errReset, "x") || HasStatus(errReset, 0) {
		t.Error("an error that is no refusal has a code")
	}
}

// fresh is a transport whose answers each have the body anew.
func fresh(s step) Transport {
	var text bytes.Buffer
	if s.body != nil {
		_, _ = text.ReadFrom(s.body)
	}
	return TransportFunc(func(req *http.Request) (*http.Response, error) {
		now := s
		if text.Len() > 0 {
			now.body = bytes.NewReader(text.Bytes())
		}
		return (&script{steps: []step{now}}).Do(req)
	})
}

// TestInnerCodes: a body that is nothing but depth is no trouble.
func TestInnerCodes(t *testing.T) {
	deep := strings.Repeat(`{"innererror":`, 4000) + `{"code":"A"}` + strings.Repeat("}", 4000)
	if got := inner([]byte(`{"error":` + deep + `}`)); got != "A" {
		t.Errorf("%q", got)
	}
	if got := inner([]byte(strings.Repeat(`{"innererror":`, 20000))); got != "" {
		t.Errorf("%q", got)
	}
}

// text is an error that is a text, and so shown as a value of another.
type text string

func (e text) Error() string { return string(e) }

// TestNothingSecret: no way to print what the library gives back shows a secret.
func TestNothingSecret(t *testing.T) {
	leak := "https://h/x?sig=" + canary + " and Bearer " + canary + "0123456789"
	refused := says(403, "x-ms-meta-owner: "+canary, "Set-Cookie: "+canary, "Location: https://h/x?sig="+canary, "x-ms-request-id: sig="+canary, "x-ms-error-code: sig="+canary).
		with(`{"error":{"code":"sig=` + canary + `","message":"see ` + leak + `","innererror":{"code":"sig=` + canary + `"}}}`)
	secret := Token{Value: canary, Expires: time.Unix(1795953600, 0)}
	asking := func(err error) error {
		_, err = pipe(&script{steps: []step{says(200)}}, func(o *Options) {
			o.PerTry = []Policy{Bearer(credentialFunc(func(TokenRequest) (Token, error) { return Token{}, err }), "aud")}
		}).Do(request(t, "GET", ""))
		return err
	}
	send := func(s step) error {
		_, err := pipe(&script{steps: []step{s}}, func(o *Options) { o.Retry.Tries = 1 }).Do(request(t, "GET", ""))
		return err
	}
	for name, shown := range map[string]any{
		"token": secret, "token's address": &secret, "in a struct": struct{ T Token }{secret}, "in a slice": []Token{secret},
		"refusal":   send(refused),
		"wrapped":   fmt.Errorf("reading: %w", send(refused)),
		"broken":    send(step{err: &url.Error{Op: "Get", URL: leak, Err: text(leak)}}),
		"deeper":    send(step{err: fmt.Errorf("x: %w", &url.Error{Op: "Get", URL: leak, Err: text(leak)})}),
		"text":      send(step{err: text(leak)}),
		"no token":  asking(text(leak)),
		"no token2": func() any { var e *CredentialError; errors.As(asking(text(leak)), &e); return e }(),
	} {
		for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if got := fmt.Sprintf(form, shown); strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) {
				t.Errorf("%s by %s: %s", name, form, got)
			}
		}
		var log bytes.Buffer
		for _, h := range []slog.Handler{slog.NewJSONHandler(&log, nil), slog.NewTextHandler(&log, nil)} {
			slog.New(h).Error("x", "any", shown, "in", []any{shown}, "group", slog.GroupValue(slog.Any("a", shown)))
		}
		all, err := json.Marshal(map[string]any{"v": shown})
		if err != nil {
			t.Errorf("%s as JSON: %v", name, err)
		}
		for _, got := range []string{log.String(), string(all)} {
			if strings.Contains(got, canary) {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
	in(t, asking(text(leak)), "no token for aud")
	if text := secret.String(); text != "token until 2026-11-29T12:00:00Z" {
		t.Errorf("a token is %q", text)
	}
}

// credentialFunc is a function as a Credential.
type credentialFunc func(TokenRequest) (Token, error)

func (f credentialFunc) Token(_ context.Context, r TokenRequest) (Token, error) { return f(r) }
