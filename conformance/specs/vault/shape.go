package vault

import (
	"context"
	"slices"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// members are the names of the object at a path of an answer: those of a list of known ones, which
// are in the order that the rules give them.
func members(path string, known, want []string) types.GomegaMatcher {
	return match.Keys(path, gomega.WithTransform(func(names []string) []string {
		return slices.DeleteFunc(names, func(name string) bool { return !slices.Contains(known, name) })
	}, gomega.Equal(want)))
}

// ofSecret and ofAttributes are the members that the rules name, in the order that they name.
func ofSecret() []string {
	return []string{"recoveryId", "deletedDate", "scheduledPurgeDate", "value", "contentType", "id", "managed", "attributes", "tags", "kid"}
}

func ofAttributes() []string {
	return []string{"enabled", "nbf", "exp", "created", "updated", "recoveryLevel", "recoverableDays"}
}

// shapeSpecs are about the members of a secret.
func shapeSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-015/members", Title: "shows the members of a secret in their order, and only those that apply",
			Covers: []string{"KV-SECRET-025"},
			Run: func(ctx context.Context, t *suite.T) {
				full, bare := t.Unique("s"), t.Unique("s")
				put(ctx, t, full, object{"value": "value", "contentType": "text/plain", "tags": object{"k": "v"},
					"attributes": object{"enabled": true, "nbf": 1500000000, "exp": 4781870437}})
				put(ctx, t, bare, object{"value": "value"})
				a := t.Send(ctx, t.Vault("GET", "secrets/"+full))
				t.Rule("KV-SECRET-015").Expect(a, "all").To(members("", ofSecret(), []string{"value", "contentType", "id", "attributes", "tags"}))
				t.Rule("KV-SECRET-025").Expect(a, "all").To(members("attributes", ofAttributes(), ofAttributes()))
				a = t.Send(ctx, t.Vault("GET", "secrets/"+bare))
				t.Rule("KV-SECRET-015").Expect(a, "no more than a value").To(members("", ofSecret(), []string{"value", "id", "attributes"}))
				t.Rule("KV-SECRET-025").Expect(a, "without dates").To(members("attributes", ofAttributes(),
					[]string{"enabled", "created", "updated", "recoveryLevel", "recoverableDays"}))
			},
		},
		{
			ID: "KV-SECRET-016/value", Title: "shows the value to whoever gets or sets it alone",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				t.Rule("KV-SECRET-016").Expect(put(ctx, t, name, object{"value": "value"}), "PUT").To(match.JSON("value", "value"))
				t.Rule("KV-SECRET-016").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+name)), "GET").To(match.JSON("value", "value"))
				a := t.Send(ctx, t.Vault("PATCH", "secrets/"+name).JSON(object{"contentType": "x"}))
				t.Rule("KV-SECRET-016").Expect(a, "PATCH").To(match.JSON("id", there()))
				t.Rule("KV-SECRET-016").Expect(a, "PATCH").To(match.JSON("value", match.Absent()))
				a = t.Send(ctx, t.Vault("GET", "secrets/"+name+"/versions"))
				t.Rule("KV-SECRET-016").Expect(a, "versions").To(match.JSON("value.0.id", there()))
				t.Rule("KV-SECRET-016").Expect(a, "versions").To(match.JSON("value.0.value", match.Absent()))
				deleted, found := remove(ctx, t, name)
				t.Rule("KV-SECRET-016").Expect(deleted, "DELETE").To(match.JSON("value", match.Absent()))
				t.Rule("KV-SECRET-016").Expect(found, "the deleted secret").To(match.JSON("value", match.Absent()))
			},
		},
		{
			ID: "KV-SECRET-017/tags", Title: "leaves out tags that were never given, and shows empty ones",
			Run: func(ctx context.Context, t *suite.T) {
				none, empty := t.Unique("s"), t.Unique("s")
				put(ctx, t, none, object{"value": "value"})
				put(ctx, t, empty, object{"value": "value", "tags": object{}})
				a := t.Send(ctx, t.Vault("GET", "secrets/"+none))
				t.Require(a, match.JSON("value", "value"), "a secret")
				t.Rule("KV-SECRET-017").Expect(a, "never given").To(match.JSON("tags", match.Absent()))
				t.Rule("KV-SECRET-017").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+empty)), "empty").To(match.JSON("tags", gomega.BeEmpty()))
			},
		},
		{
			ID: "KV-SECRET-026/recoverable-days", Title: "shows recoverableDays from 7.1 on",
			Covers: []string{"KV-SECRET-028"},
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				for _, version := range []string{"2016-10-01", "7.0"} {
					a := t.Send(ctx, t.Vault("GET", "secrets/"+name+"?api-version="+version))
					t.Rule("KV-SECRET-026").Expect(a, version).To(match.JSON("attributes.recoverableDays", match.Absent()))
					t.Rule("KV-SECRET-028").Expect(a, version).To(match.JSON("attributes.recoveryLevel", "Recoverable+Purgeable"))
				}
				a := t.Send(ctx, t.Vault("GET", "secrets/"+name+"?api-version=7.1"))
				t.Rule("KV-SECRET-026").Expect(a, "7.1").To(match.JSON("attributes.recoverableDays", 7))
			},
		},
		{
			ID: "KV-SECRET-027/recovery-level", Title: "says what a vault does for the recovery of secrets",
			Run: func(ctx context.Context, t *suite.T) {
				long := t.NewVault(ctx, object{"softDeleteRetentionInDays": 90, "accessPolicies": []any{every(t)}})
				shielded := t.NewVault(ctx, object{"enablePurgeProtection": true, "accessPolicies": []any{every(t)}})
				for vault, level := range map[string]string{t.World.Vault: "CustomizedRecoverable+Purgeable", long: "Recoverable+Purgeable", shielded: "CustomizedRecoverable"} {
					name := t.Unique("s")
					t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
					a := putIn(ctx, t, vault, name, object{"value": "value"})
					t.Rule("KV-SECRET-027").Expect(a, level).To(match.JSON("attributes.recoveryLevel", level))
				}
			},
		},
	}
}
