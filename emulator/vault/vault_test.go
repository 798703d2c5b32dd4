package vault

import (
	"encoding/base64"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator/vaultstore"
)

// Every operation needs a permission that access policies have, and a data action; none is
// in the way of another.
func TestOperations(t *testing.T) {
	p := New()
	for _, o := range secretOperations() {
		if o.Anonymous {
			continue
		}
		if !slices.Contains(vaultstore.Permissions(vaultstore.Secrets), o.permission) || o.permission == "all" {
			t.Errorf("%s needs %q", o.Name, o.permission)
		}
		if !strings.HasPrefix(o.Action, "secrets/") {
			t.Errorf("%s needs the action %q", o.Name, o.Action)
		}
		if (o.Update == nil) == (o.View == nil) {
			t.Errorf("%s must either read or write", o.Name)
		}
	}
	for _, row := range []struct{ method, target, want string }{
		{"GET", "/secrets", "GetSecrets"},
		{"GET", "/Secrets/", "GetSecrets"},
		{"GET", "/secrets/n", "GetSecret"},
		{"GET", "//secrets/n//", "GetSecret"},
		{"GET", "/secrets/n/v", "GetSecret"},
		{"GET", "/secrets/n/Versions", "GetSecretVersions"},
		{"GET", "/secrets/versions", "GetSecret"},
		{"PUT", "/secrets/restore", "SetSecret"},
		{"POST", "/secrets/restore", "RestoreSecret"},
		{"POST", "/secrets/n/backup", "BackupSecret"},
		{"PATCH", "/secrets/n/", "UpdateSecret"},
		{"PATCH", "/secrets/n/versions", "UpdateSecret"},
		{"DELETE", "/secrets/n", "DeleteSecret"},
		{"GET", "/deletedsecrets", "GetDeletedSecrets"},
		{"GET", "/deletedsecrets/n", "GetDeletedSecret"},
		{"POST", "/deletedsecrets/n/recover", "RecoverDeletedSecret"},
		{"DELETE", "/deletedsecrets/n", "PurgeDeletedSecret"},
		{"POST", "/secrets", ""},
		{"GET", "/secrets/a//b", ""},
		{"GET", "/", ""},
	} {
		got := p.Candidates(httptest.NewRequest(row.method, "https://v"+row.target, nil))
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s %s: %v, want %s", row.method, row.target, got, row.want)
		}
	}
}

func TestLatestVersion(t *testing.T) {
	if got := latestVersion(); got != "2026-04-01" {
		t.Error(got)
	}
	for version, want := range map[string]bool{"2015-06-01": false, "2016-10-01": false, "7.0": false, "7.1": true, "7.3-preview": true, "2026-04-01": true} {
		if knowsRecoverableDays(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
}

func TestSkipToken(t *testing.T) {
	for _, key := range []string{"a", "My-Name", strings.Repeat("x", 127), "00ff"} {
		if got, ok := parseSkipToken(skipToken(key)); !ok || got != strings.ToUpper(key) {
			t.Errorf("%q: %q %v", key, got, ok)
		}
	}
	text, err := base64.RawURLEncoding.DecodeString(skipToken("ab"))
	if err != nil || string(text) != `{"NextMarker":"2!4!QUI=","TargetLocation":0}` {
		t.Errorf("%s %v", text, err)
	}
	for _, bad := range []string{"", "!", "e30", "bnVsbA", enc(`{"NextMarker":"2!3!QUI="}`), enc(`{"NextMarker":"1!4!QUI="}`), enc(`{"NextMarker":"2!0!"}`), enc(`{"NextMarker":"2!4!****"}`), enc(`{"NextMarker":2}`)} {
		if key, ok := parseSkipToken(bad); ok {
			t.Errorf("%q is taken for a token of %q", bad, key)
		}
	}
}

func enc(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func TestJWTHeader(t *testing.T) {
	for raw, ok := range map[string]bool{
		enc(`{"alg":"RS256"}`) + ".e30.sig": true, enc(`{"alg":"RS256"}`) + ".e30": false, "a.b.c": false, "": false, "..": false, enc(`{`) + ".a.b": false,
	} {
		if header, got := jwtHeader(raw); got != ok || got && header != strings.Split(raw, ".")[0] {
			t.Errorf("%q: %q %v", raw, header, got)
		}
	}
}

func FuzzSkipToken(f *testing.F) {
	f.Add(skipToken("name"))
	f.Add("e30")
	f.Fuzz(func(t *testing.T, token string) {
		key, ok := parseSkipToken(token)
		if !ok {
			return
		}
		if key == "" {
			t.Error("a token of nothing")
		}
		if upper := strings.ToUpper(key); upper == key {
			if again, ok := parseSkipToken(skipToken(key)); !ok || again != key {
				t.Errorf("%q: %q %v", key, again, ok)
			}
		}
	})
}

func FuzzJWTHeader(f *testing.F) {
	f.Add("a.b.c")
	f.Add(enc(`{}`) + ".x.y")
	f.Fuzz(func(t *testing.T, raw string) {
		if header, ok := jwtHeader(raw); ok && !strings.HasPrefix(raw, header+".") {
			t.Errorf("%q is not the header of %q", header, raw)
		}
	})
}
