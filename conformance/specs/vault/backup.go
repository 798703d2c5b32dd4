package vault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// backupSpecs are about taking secrets out and putting them back.
func backupSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-054/sealed", Title: "seals a backup behind a tag",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				const value = "a value to seal"
				put(ctx, t, name, object{"value": value})
				a := t.Send(ctx, t.Vault("POST", "secrets/"+name+"/backup"))
				t.Require(a, match.Status(200), "the backup")
				raw, err := base64.RawURLEncoding.DecodeString(match.Text(a, "value"))
				t.Rule("KV-SECRET-054").Expect(err, "reading base64url without padding").To(gomega.Succeed())
				jwe, tagged := strings.CutPrefix(string(raw), "\x29AzureKeyVaultSecretBackupV1.microsoft.com")
				t.Rule("KV-SECRET-054").Expect(tagged, "the tag").To(gomega.BeTrue())
				parts := strings.Split(jwe, ".")
				t.Rule("KV-SECRET-054").Expect(parts, "the JWE").To(gomega.HaveLen(5))
				for i, part := range parts {
					plain, err := base64.RawURLEncoding.DecodeString(part)
					t.Rule("KV-SECRET-054").Expect(err, "reading a part of the JWE").To(gomega.Succeed())
					t.Rule("KV-SECRET-054").Expect(string(plain), "a part of the JWE").NotTo(gomega.ContainSubstring(value))
					if i == 0 {
						t.Rule("KV-SECRET-054").Expect(plain, "the head of the JWE").To(gomega.WithTransform(namesIn, gomega.ContainElements("alg", "enc")))
					}
				}
			},
		},
		{ID: "KV-SECRET-055/restore", Title: "restores all versions as they were", Run: restored},
		{
			ID: "KV-SECRET-056/in-use", Title: "refuses to restore a name that is in use, or deleted",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				backup := take(ctx, t, name)
				for _, state := range []string{"in use", "deleted"} {
					if state == "deleted" {
						remove(ctx, t, name)
					}
					a := t.Send(ctx, t.Vault("POST", "secrets/restore").JSON(object{"value": backup}))
					t.Rule("KV-SECRET-056").Expect(a, state).To(match.Status(409))
					t.Rule("KV-SECRET-056").Expect(a, state).To(match.Code("Conflict"))
					t.Rule("KV-SECRET-056").Expect(a, state).To(inner(match.Absent()))
				}
			},
		},
		{
			ID: "KV-SECRET-057/no-backup", Title: "refuses what is no backup",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				backup := take(ctx, t, name)
				a := t.Send(ctx, t.Vault("POST", "secrets/restore").JSON(object{"value": backup}))
				t.Require(a, match.Status(409), "a backup, of a name that is in use")
				for _, bad := range []string{"bm9uZQ", backup[:len(backup)/2]} {
					a := t.Send(ctx, t.Vault("POST", "secrets/restore").JSON(object{"value": bad}))
					t.Rule("KV-SECRET-057").Expect(a).To(match.Status(400))
					t.Rule("KV-SECRET-057").Expect(a).To(match.Code("Malformed backup blob"))
				}
			},
		},
	}
}

// namesIn are the names of the members of a JSON object.
func namesIn(text []byte) []string {
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil {
		return nil
	}
	return slices.Collect(maps.Keys(object))
}

// take takes a backup of a secret of the world's vault.
func take(ctx context.Context, t *suite.T, name string) string {
	a := t.Send(ctx, t.Vault("POST", "secrets/"+name+"/backup"))
	backup := match.Text(a, "value")
	if a.Status != 200 || backup == "" {
		t.Broken("taking a backup: %d %s", a.Status, a.Body)
	}
	return backup
}

func restored(ctx context.Context, t *suite.T) {
	name := t.Unique("s")
	var ids []string
	for _, body := range []object{
		{"value": "one", "tags": object{"k": "v"}, "attributes": object{"exp": 4781870437}}, {"value": "two", "contentType": "text/plain"},
	} {
		ids = append(ids, match.Text(put(ctx, t, name, body), "id"))
	}
	get := func(id string) *wire.Answer { return t.Send(ctx, t.Vault("GET", id[strings.Index(id, "/secrets/"):])) }
	before := []string{string(get(ids[0]).Body), string(get(ids[1]).Body)}
	backup := take(ctx, t, name)
	remove(ctx, t, name)
	purge(ctx, t, name)
	t.Require(get(ids[0]), match.Status(404), "the purged secret")
	a := unlessTaken(ctx, t, func() *suite.Request { return t.Vault("POST", "secrets/restore").JSON(object{"value": backup}) })
	t.Rule("KV-SECRET-055").Expect(a, "restoring").To(match.Status(200))
	t.Rule("KV-SECRET-055").Expect(a, "restoring").To(match.JSON("id", ids[1]))
	t.Rule("KV-SECRET-055").Expect(a, "restoring").To(match.JSON("value", match.Absent()))
	for i, id := range ids {
		t.Rule("KV-SECRET-055").Expect(get(id), "a version").To(match.Body(gomega.MatchJSON(before[i])))
	}
}
