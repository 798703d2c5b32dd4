package selftest

import (
	"bytes"
	"encoding/base64"
	"regexp"

	"github.com/linarite/linarite/clientlib/wire"
)

// oneSecret is the path of a secret, current or of a version.
const oneSecret = "^/secrets/[^/]+(/[0-9a-f]{32})?/?$"

func secretWithoutSpec() []Uncovered {
	return []Uncovered{
		{"KV-SECRET-009", "says what has not been seen, and so nothing to hold a service to"},
		{"KV-SECRET-038", "allows short pages, and asks for none"},
		{"KV-SECRET-045", "takes at least seven days"},
		{"KV-SECRET-047", "a service whose deletions take no time is not wrong"},
		{"KV-SECRET-049", "shows during a deletion alone, which may be over when the next request comes"},
		{"KV-SECRET-058", "needs a second subscription"},
		{"KV-SECRET-059", "takes more than 500 requests to see what a service may do"},
		{"KV-SECRET-060", "needs certificates, which the emulator does not keep"},
		{"KV-SECRET-061", "the emulator does not know what came with that preview"},
		{"KV-SECRET-062", "shows during a recovery alone, which may be over when the next request comes"},
	}
}

// secretFaults are about secrets, in the order of the rules.
func secretFaults() []Fault {
	const set = `{"value":"x","id":"https://a/secrets/b/0123456789abcdef0123456789abcdef","attributes":{"enabled":true}}`
	return []Fault{
		{Name: "vault-set-created", Rule: "KV-SECRET-001",
			On: On{Plane: "vault", Method: "PUT", Path: "^/secrets/", Body: `"value":"same"`, Status: 200}, Do: Status(201)},
		{Name: "vault-versions-unordered", Rule: "KV-SECRET-002",
			On: On{Plane: "vault", Method: "GET", Path: "^/secrets/[^/]+/?$", Answer: `"value":"newer"`}, Do: Replace("newer", "older")},
		{Name: "vault-restore-is-a-name", Rule: "KV-SECRET-003", Also: []string{"KV-SECRET-057"},
			On: On{Plane: "vault", Method: "POST", Path: "^/secrets/restore$", Code: "Malformed backup blob"}, Do: Status(405)},
		{Name: "vault-change-other-version", Rule: "KV-SECRET-004",
			On: On{Plane: "vault", Method: "PATCH", Path: "^/secrets/[^/]+/[0-9a-f]{32}$", Status: 200}, Do: Replace(`/[0-9a-f]{32}"`, `/0123456789abcdef0123456789abcdef"`)},
		{Name: "vault-invalid-name-other-code", Rule: "KV-SECRET-005",
			On: On{Plane: "vault", Answer: "contains an invalid name"}, Do: Code("InvalidName")},
		{Name: "vault-value-of-any-size", Rule: "KV-SECRET-010", Also: []string{"KV-SECRET-011"},
			On: On{Plane: "vault", Method: "PUT", Body: `"value":"x{1000}`, Status: 400}, Do: Answer(200, set)},
		{Name: "vault-version-as-guid", Rule: "KV-SECRET-014",
			On: On{Plane: "vault", Path: "^/secrets/[^/]+/versions$", Body: "^$", Answer: `"id":"[^"]*/[0-9a-f]{32}"`, Header: []string{"Authorization: ^Bearer"}, NoQuery: "skiptoken|maxresults", Status: 200},
			Do: Replace(`/([0-9a-f]{8})([0-9a-f]{24})"`, `/$1-$2"`), Also: []string{"KV-SECRET-034", "KV-SECRET-035"}},
		{Name: "vault-content-type-first", Rule: "KV-SECRET-015",
			On: On{Plane: "vault", Method: "GET", Path: oneSecret, Status: 200}, Do: Replace(`^\{("value":"[^"]*"),("contentType":"[^"]*")`, "{$2,$1")},
		{Name: "vault-change-shows-value", Rule: "KV-SECRET-016",
			On: On{Plane: "vault", Method: "PATCH", Path: oneSecret, Status: 200}, Do: Replace(`^\{`, `{"value":"x",`)},
		{Name: "vault-empty-tags-left-out", Rule: "KV-SECRET-017",
			On: On{Plane: "vault", Answer: `,"tags":\{\}`}, Do: Replace(`,"tags":\{\}`, "")},
		{Name: "vault-change-of-nothing", Rule: "KV-SECRET-018",
			On: On{Plane: "vault", Method: "PATCH", Code: "SecretNotFound"}, Do: Status(200)},
		{Name: "vault-disabled-readable", Rule: "KV-SECRET-020", Also: []string{"KV-SECRET-022", "KV-AUTH-041"},
			On: On{Plane: "vault", Answer: "SecretDisabled"}, Do: Answer(200, set)},
		{Name: "vault-nbf-refuses", Rule: "KV-SECRET-021",
			On: On{Plane: "vault", Method: "GET", Path: oneSecret, Answer: `"nbf":[4-9]\d{9}`}, Do: Answer(403, `{"error":{"code":"Forbidden","message":"x"}}`)},
		{Name: "vault-exp-refuses", Rule: "KV-SECRET-021",
			On: On{Plane: "vault", Method: "GET", Path: oneSecret, Answer: `"exp":1[0-5]\d{8}`}, Do: Answer(403, `{"error":{"code":"Forbidden","message":"x"}}`)},
		{Name: "vault-set-disabled-without-value", Rule: "KV-SECRET-022",
			On: On{Plane: "vault", Method: "PUT", Answer: `"enabled":false`}, Do: Replace(`"value":"[^"]*",`, "")},
		{Name: "vault-change-adds-tags", Rule: "KV-SECRET-023",
			On: On{Plane: "vault", Method: "PATCH", Body: `"tags"`, Status: 200}, Do: Replace(`"tags":\{`, `"tags":{"old":"1",`)},
		{Name: "vault-change-makes-anew", Rule: "KV-SECRET-023",
			On: On{Plane: "vault", Method: "PATCH", Path: oneSecret, Status: 200}, Do: Replace(`"created":\d+`, `"created":1600000000`)},
		{Name: "vault-instants-of-32-bits", Rule: "KV-SECRET-024",
			On: On{Plane: "vault", Answer: `"exp":4781870437`}, Do: Replace(`"exp":4781870437`, `"exp":486903141`), Also: []string{"KV-SECRET-023"}},
		{Name: "vault-instants-with-fraction", Rule: "KV-SECRET-024",
			On: On{Plane: "vault", Method: "PUT", Status: 200}, Do: Replace(`("created":\d+)`, "$1.5"), Also: []string{"KV-SECRET-023"}},
		{Name: "vault-updated-first", Rule: "KV-SECRET-025",
			On: On{Plane: "vault", Method: "GET", Path: oneSecret, Status: 200}, Do: Replace(`("created":\d+),("updated":\d+)`, "$2,$1")},
		{Name: "vault-days-in-old-versions", Rule: "KV-SECRET-026",
			On: On{Plane: "vault", Method: "GET", Path: oneSecret, Query: `api-version=(7\.0|2016-10-01)`, Status: 200}, Do: Replace(`("recoveryLevel":"[^"]*")`, `$1,"recoverableDays":7`)},
		{Name: "vault-days-left-out", Rule: "KV-SECRET-026",
			On: On{Plane: "vault", Query: `api-version=7\.1$`, Status: 200}, Do: Replace(`,"recoverableDays":\d+`, "")},
		{Name: "vault-full-retention-customized", Rule: "KV-SECRET-027",
			On: On{Plane: "vault", Answer: `"recoverableDays":90`}, Do: Replace(`"Recoverable`, `"CustomizedRecoverable`)},
		{Name: "vault-shield-not-shown", Rule: "KV-SECRET-027",
			On: On{Plane: "vault", Answer: `"CustomizedRecoverable"`}, Do: Replace(`"CustomizedRecoverable"`, `"CustomizedRecoverable+Purgeable"`)},
		{Name: "vault-soft-delete-always", Rule: "KV-SECRET-029",
			On: On{Plane: "vault", Answer: `"recoveryLevel":"Purgeable"`}, Do: Replace(`"Purgeable"`, `"Recoverable+Purgeable"`)},
	}
}

// secretListFaults are about lists, deleted secrets and backups.
func secretListFaults() []Fault {
	return []Fault{
		{Name: "vault-last-page-without-link", Rule: "KV-SECRET-031",
			On: On{Plane: "vault", Answer: `,"nextLink":null`}, Do: Replace(`,"nextLink":null`, "")},
		{Name: "vault-list-shows-values", Rule: "KV-SECRET-032",
			On: On{Plane: "vault", Path: "^/secrets/?$", Status: 200}, Do: Replace(`\{"id"`, `{"value":"x","id"`)},
		{Name: "vault-list-of-versions", Rule: "KV-SECRET-032", Also: []string{"KV-SECRET-034", "KV-SECRET-035", "KV-SECRET-043"},
			On: On{Plane: "vault", Path: "^/secrets/?$", Status: 200}, Do: Replace(`("id":"[^"]*/secrets/[^/"]+)"`, `$1/0123456789abcdef0123456789abcdef"`)},
		{Name: "vault-link-with-escaped-dollar", Rule: "KV-SECRET-033",
			On: On{Plane: "vault", Answer: `\$skiptoken`}, Do: Replace(`\$skiptoken`, "%24skiptoken")},
		{Name: "vault-link-without-port", Rule: "KV-SECRET-033",
			On: On{Plane: "vault", Answer: `"nextLink":"https://[^/]*:443/`}, Do: Replace(`:443/`, "/")},
		{Name: "vault-page-too-large", Rule: "KV-SECRET-035", Also: []string{"KV-SECRET-034"},
			On: On{Plane: "vault", Query: "maxresults=[1-9]", Answer: `"value":\[\{`}, Do: Replace(`"value":\[(.*)\]`, `"value":[$1,$1]`)},
		{Name: "vault-versions-of-nothing", Rule: "KV-SECRET-037", Also: []string{"KV-SECRET-043"},
			On: On{Plane: "vault", Path: "/versions$", Answer: `"value":\[\]`, Status: 200}, Do: Answer(404, `{"error":{"code":"SecretNotFound","message":"x"}}`)},
		{Name: "vault-deleted-members-last", Rule: "KV-SECRET-039",
			On: On{Plane: "vault", Method: "DELETE", Path: oneSecret, Status: 200}, Do: Replace(`^\{("recoveryId":"[^"]*"),(.*)\}$`, "{$2,$1}")},
		{Name: "vault-purge-in-90-days", Rule: "KV-SECRET-040",
			On: On{Plane: "vault", Answer: `"recoverableDays":7\b`}, Do: func(a *wire.Answer) {
				a.Body = regexp.MustCompile(`"scheduledPurgeDate":\d+`).ReplaceAll(a.Body, []byte(`"scheduledPurgeDate":1999999999`))
			}},
		{Name: "vault-hard-delete-recoverable", Rule: "KV-SECRET-041",
			On: On{Plane: "vault", Method: "DELETE", Answer: `"recoveryLevel":"Purgeable"`}, Do: Replace(`^\{`, `{"recoveryId":"https://a/deletedsecrets/b",`)},
		{Name: "vault-deleted-without-tags", Rule: "KV-SECRET-043",
			On: On{Plane: "vault", Method: "GET", Path: "^/deletedsecrets/[^/]+$", Status: 200}, Do: Replace(`,"tags":\{[^}]*\}`, "")},
		{Name: "vault-deleted-list-of-versions", Rule: "KV-SECRET-044",
			On: On{Plane: "vault", Path: "^/deletedsecrets$", Status: 200}, Do: Replace(`(/secrets/[^/"]+)"`, `$1/0123456789abcdef0123456789abcdef"`)},
		{Name: "vault-deleted-not-found-other-code", Rule: "KV-SECRET-046",
			On: On{Plane: "vault", Answer: "Deleted Secret not found"}, Do: JSON("error.code", "DeletedSecretNotFound")},
		{Name: "vault-deleted-name-reusable", Rule: "KV-SECRET-048",
			On: On{Plane: "vault", Method: "PUT", Answer: "ObjectIsDeletedButRecoverable"}, Do: Answer(200, `{"value":"new","id":"https://a/secrets/b/c"}`)},
		{Name: "vault-recovery-shows-value", Rule: "KV-SECRET-050",
			On: On{Plane: "vault", Path: "/recover$", Status: 200}, Do: Replace(`^\{`, `{"value":"x",`)},
		{Name: "vault-purge-with-content", Rule: "KV-SECRET-053",
			On: On{Plane: "vault", Method: "DELETE", Path: "^/deletedsecrets/", Status: 204}, Do: Header("Content-Type", "application/json; charset=utf-8")},
		{Name: "vault-backup-padded", Rule: "KV-SECRET-054", Also: []string{"KV-SECRET-055", "KV-SECRET-056", "KV-SECRET-057"},
			On: On{Plane: "vault", Path: "/backup$", Status: 200}, Do: Replace(`("value":"[^"]*)"`, `$1="`)},
		{Name: "vault-backup-in-clear", Rule: "KV-SECRET-054", Also: []string{"KV-SECRET-055", "KV-SECRET-056", "KV-SECRET-057"},
			On: On{Plane: "vault", Path: "/backup$", Status: 200}, Do: Answer(200, `{"value":"`+backupInClear()+`"}`)},
		{Name: "vault-restore-shows-value", Rule: "KV-SECRET-055",
			On: On{Plane: "vault", Path: "^/secrets/restore$", Status: 200}, Do: Replace(`^\{`, `{"value":"x",`)},
		{Name: "vault-restore-conflict-with-inner", Rule: "KV-SECRET-056",
			On: On{Plane: "vault", Path: "^/secrets/restore$", Status: 409}, Do: JSON("error.innererror", map[string]any{"code": "ObjectIsDeletedButRecoverable"})},
		{Name: "vault-no-backup-bad-parameter", Rule: "KV-SECRET-057",
			On: On{Plane: "vault", Path: "^/secrets/restore$", Code: "Malformed backup blob"}, Do: func(a *wire.Answer) {
				a.Body = bytes.Replace(a.Body, []byte("Malformed backup blob"), []byte("BadParameter"), 1)
			}},
	}
}

// backupInClear is a backup as the service writes them, but for the fourth part of its JWE, which is not sealed.
func backupInClear() string {
	encode := base64.RawURLEncoding.EncodeToString
	jwe := encode([]byte(`{"alg":"RSA-OAEP-256","enc":"A256CBC-HS512"}`)) + ".a2V5.aXY." + encode([]byte(`{"value":"a value to seal"}`)) + ".dGFn"
	return encode([]byte("\x29AzureKeyVaultSecretBackupV1.microsoft.com" + jwe))
}
