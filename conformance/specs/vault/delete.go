package vault

import (
	"context"
	"slices"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// deleteSpecs are about deleting secrets in a vault with soft delete.
func deleteSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-039/delete", Title: "answers a deletion with where and until when the secret can be recovered",
			Covers: []string{"KV-SECRET-040"},
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value", "contentType": "text/plain"})
				a := t.Send(ctx, t.Vault("DELETE", "secrets/"+name))
				t.Rule("KV-SECRET-039").Expect(a).To(match.Status(200))
				t.Rule("KV-SECRET-039").Expect(a).To(match.JSON("recoveryId", gomega.HaveSuffix("/deletedsecrets/"+name)))
				t.Rule("KV-SECRET-039").Expect(a).To(members("", ofSecret(),
					[]string{"recoveryId", "deletedDate", "scheduledPurgeDate", "contentType", "id", "attributes"}))
				deleted, _ := match.Value(a, "deletedDate").(float64)
				t.Rule("KV-SECRET-040").Expect(a).To(match.JSON("scheduledPurgeDate", gomega.Equal(deleted+7*86400)))
				t.Require(t.Send(ctx, t.Vault("GET", "secrets")), match.Status(200), "the vault")
			},
		},
		{ID: "KV-SECRET-043/found", Title: "shows a deleted secret among the deleted, and nowhere else", Run: foundAmongDeleted},
		{ID: "KV-SECRET-044/items", Title: "lists deleted secrets with where and until when they can be recovered", Run: deletedItems},
		{
			ID: "KV-SECRET-046/not-there", Title: "refuses what is asked of a deleted secret that is not there",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				for _, method := range []string{"GET", "DELETE"} {
					a := t.Send(ctx, t.Vault(method, "deletedsecrets/"+name))
					t.Rule("KV-SECRET-046").Expect(a, method).To(match.Status(404))
					t.Rule("KV-SECRET-046").Expect(a, method).To(match.Code("SecretNotFound"))
					t.Rule("KV-SECRET-046").Expect(a, method).To(match.Message("Deleted Secret not found: " + name))
				}
				remove(ctx, t, name)
				t.Require(t.Send(ctx, t.Vault("GET", "deletedsecrets/"+name)), match.Status(200), "once it is deleted")
			},
		},
		{
			ID: "KV-SECRET-048/name-taken", Title: "refuses to set a secret by the name of a deleted one",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				remove(ctx, t, name)
				// For some seconds a deletion is still going on, which is another refusal.
				var a *wire.Answer
				t.Settle(ctx, "the end of the deletion", func(ctx context.Context) bool {
					a = t.Send(ctx, t.Vault("PUT", "secrets/"+name).JSON(object{"value": "new"}))
					return match.Text(a, "error.innererror.code") != "ObjectIsBeingDeleted"
				})
				t.Rule("KV-SECRET-048").Expect(a).To(inner("ObjectIsDeletedButRecoverable"))
				t.Rule("KV-SECRET-048").Expect(a).To(match.Status(409))
				t.Rule("KV-SECRET-048").Expect(a).To(match.Code("Conflict"))
				t.Rule("KV-SECRET-048").Expect(a).To(match.Message("Secret " + name + " is currently in a deleted but recoverable state, and its name cannot be reused; " +
					"in this state, the secret can only be recovered or purged."))
			},
		},
		{
			ID: "KV-SECRET-053/purge", Title: "purges a deleted secret without a word, and its name may be used again",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				remove(ctx, t, name)
				a := purge(ctx, t, name)
				t.Rule("KV-SECRET-053").Expect(a).To(match.Status(204))
				t.Rule("KV-SECRET-053").Expect(a).To(match.Body(""))
				t.Rule("KV-SECRET-053").Expect(a).To(match.Header("Content-Type", match.Absent()))
				again := unlessTaken(ctx, t, func() *suite.Request { return t.Vault("PUT", "secrets/"+name).JSON(object{"value": "new"}) })
				t.Rule("KV-SECRET-053").Expect(again, "the name again").To(match.JSON("value", "new"))
			},
		},
	}
}

func foundAmongDeleted(ctx context.Context, t *suite.T) {
	name := t.Unique("s")
	version := versionIn(put(ctx, t, name, object{"value": "value", "contentType": "text/plain", "tags": object{"k": "v"}}))
	deleted, found := remove(ctx, t, name)
	for _, member := range []string{"recoveryId", "deletedDate", "scheduledPurgeDate", "id", "contentType", "tags"} {
		t.Rule("KV-SECRET-043").Expect(found, member).To(match.JSON(member, gomega.Equal(match.Value(deleted, member))))
	}
	t.Rule("KV-SECRET-043").Expect(found, "tags").To(match.JSON("tags", gomega.Equal(object{"k": "v"})))
	for _, path := range []string{name, name + "/" + version} {
		t.Rule("KV-SECRET-043").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+path)), path).To(match.Status(404))
	}
	other := t.Unique("s")
	put(ctx, t, other, object{"value": "value"})
	list := idsOf(pages(ctx, t, t.Vault("GET", "secrets")))
	t.Require(list, gomega.ContainElement(gomega.HaveSuffix("/secrets/"+other)), "the list")
	t.Rule("KV-SECRET-043").Expect(list, "the list").NotTo(gomega.ContainElement(gomega.HaveSuffix("/secrets/" + name)))
	list = idsOf(pages(ctx, t, t.Vault("GET", "secrets/"+name+"/versions")))
	t.Rule("KV-SECRET-043").Expect(list, "the versions").To(gomega.BeEmpty())
}

func deletedItems(ctx context.Context, t *suite.T) {
	vault, name := policyVault(ctx, t, every(t)), t.Unique("s")
	t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
	putIn(ctx, t, vault, name, object{"value": "value", "contentType": "text/plain"})
	t.Require(t.Send(ctx, t.VaultOf(vault, "DELETE", "secrets/"+name)), match.Status(200), "deleting")
	settled(ctx, t, vault, name)
	var a *wire.Answer
	t.Settle(ctx, "the list of deleted secrets", func(ctx context.Context) bool {
		all := pages(ctx, t, t.VaultOf(vault, "GET", "deletedsecrets"))
		i := slices.IndexFunc(all, func(a *wire.Answer) bool { return len(idsIn(a)) > 0 })
		if i >= 0 {
			a = all[i]
		}
		return i >= 0
	})
	t.Rule("KV-SECRET-044").Expect(a).To(match.JSON("value.0.id", gomega.HaveSuffix("/secrets/"+name)))
	t.Rule("KV-SECRET-044").Expect(a).To(match.JSON("value.0.recoveryId", gomega.HaveSuffix("/deletedsecrets/"+name)))
	order := []string{"recoveryId", "deletedDate", "scheduledPurgeDate", "id", "attributes"}
	t.Rule("KV-SECRET-044").Expect(a).To(members("value.0", order, order))
}

// recoverySpecs are about what becomes of deleted secrets.
func recoverySpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "KV-SECRET-050/recover", Title: "recovers a deleted secret with all its versions", Run: recovered},
		{
			ID: "KV-SECRET-051/not-deleted", Title: "refuses to recover what was not deleted, as a secret that is not there",
			Run: func(ctx context.Context, t *suite.T) {
				t.Require(t.Send(ctx, t.Vault("GET", "secrets")), match.Status(200), "the vault")
				name := t.Unique("s")
				a := t.Send(ctx, t.Vault("POST", "deletedsecrets/"+name+"/recover"))
				t.Rule("KV-SECRET-051").Expect(a).To(match.Status(404))
				t.Rule("KV-SECRET-051").Expect(a).To(match.Code("SecretNotFound"))
				t.Rule("KV-SECRET-051").Expect(a).To(match.Message(gomega.HavePrefix("A secret with (name/id) " + name + " was not found in this key vault.")))
			},
		},
		{
			ID: "KV-SECRET-052/purge-protection", Title: "refuses to purge under purge protection",
			Run: func(ctx context.Context, t *suite.T) {
				vault, name := t.NewVault(ctx, object{"enablePurgeProtection": true, "accessPolicies": []any{every(t)}}), t.Unique("s")
				t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
				putIn(ctx, t, vault, name, object{"value": "value"})
				t.Require(t.Send(ctx, t.VaultOf(vault, "DELETE", "secrets/"+name)), match.Status(200), "deleting")
				settled(ctx, t, vault, name)
				a := t.Send(ctx, t.VaultOf(vault, "DELETE", "deletedsecrets/"+name))
				t.Rule("KV-SECRET-052").Expect(a).To(match.Status(403))
				t.Rule("KV-SECRET-052").Expect(a).To(match.Code("Forbidden"))
			},
		},
	}
}

func recovered(ctx context.Context, t *suite.T) {
	name := t.Unique("s")
	versions := map[string]string{}
	for _, value := range []string{"one", "two"} {
		versions[value] = versionIn(put(ctx, t, name, object{"value": value}))
	}
	remove(ctx, t, name)
	t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name)), match.Status(404), "the deleted secret")
	a := t.Send(ctx, t.Vault("POST", "deletedsecrets/"+name+"/recover"))
	t.Rule("KV-SECRET-050").Expect(a).To(match.Status(200))
	t.Rule("KV-SECRET-050").Expect(a).To(match.JSON("id", gomega.HaveSuffix("/secrets/"+name+"/"+versions["two"])))
	t.Rule("KV-SECRET-050").Expect(a).To(match.JSON("value", match.Absent()))
	for value, version := range versions {
		t.Rule("KV-SECRET-050").Eventually(ctx, func(ctx context.Context) any {
			return t.Send(ctx, t.Vault("GET", "secrets/"+name+"/"+version))
		}, match.JSON("value", value))
	}
}

// hardDeleteSpecs are about vaults without soft delete, as they were until 2020.
func hardDeleteSpecs() []suite.Spec {
	return []suite.Spec{{
		ID: "KV-SECRET-041/gone", Title: "deletes a secret for good in a vault without soft delete",
		Covers: []string{"KV-SECRET-029", "KV-SECRET-030", "KV-SECRET-042"},
		Run: func(ctx context.Context, t *suite.T) {
			vault := t.NewVault(ctx, object{"enableSoftDelete": false, "softDeleteRetentionInDays": nil, "accessPolicies": []any{every(t)}})
			t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
			name := t.Unique("s")
			a := putIn(ctx, t, vault, name, object{"value": "value"})
			t.Rule("KV-SECRET-029").Expect(a).To(match.JSON("attributes.recoveryLevel", "Purgeable"))
			t.Rule("KV-SECRET-030").Expect(a).To(match.JSON("attributes.recoverableDays", 0))
			a = t.Send(ctx, t.VaultOf(vault, "DELETE", "secrets/"+name))
			t.Rule("KV-SECRET-041").Expect(a).To(match.Status(200))
			t.Rule("KV-SECRET-041").Expect(a).To(members("", ofSecret(), []string{"id", "attributes"}))
			for operation, r := range map[string]*suite.Request{
				"get": t.VaultOf(vault, "GET", "deletedsecrets/"+name), "list": t.VaultOf(vault, "GET", "deletedsecrets"),
				"recover": t.VaultOf(vault, "POST", "deletedsecrets/"+name+"/recover"),
			} {
				a := t.Send(ctx, r)
				t.Rule("KV-SECRET-042").Expect(a, operation).To(match.Status(400))
				t.Rule("KV-SECRET-042").Expect(a, operation).To(match.Code("NotSupported"))
				t.Rule("KV-SECRET-042").Expect(a, operation).To(match.Message(`Operation "` + operation + `" is not enabled for this vault.`))
			}
		},
	}}
}
