package vault

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// setSpecs are about setting secrets, and finding them by name and version.
func setSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-001/set", Title: "answers 200 to every set, and makes a new version of the same value too",
			Covers: []string{"KV-SECRET-014"},
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				first := put(ctx, t, name, object{"value": "same"})
				second := put(ctx, t, name, object{"value": "same"})
				t.Rule("KV-SECRET-001").Expect(first, "a new secret").To(match.Status(200))
				t.Rule("KV-SECRET-001").Expect(second, "a second version").To(match.Status(200))
				t.Rule("KV-SECRET-001").Expect(second, "a second version").To(match.JSON("id", gomega.Not(gomega.Equal(match.Text(first, "id")))))
				list := t.Send(ctx, t.Vault("GET", "secrets/"+name+"/versions"))
				for _, id := range []any{match.Value(first, "id"), match.Value(second, "id"), match.Value(list, "value.0.id")} {
					t.Rule("KV-SECRET-014").Expect(id).To(gomega.MatchRegexp("/secrets/" + name + "/[0-9a-f]{32}$"))
				}
			},
		},
		{
			ID: "KV-SECRET-002/current", Title: "takes an empty version, or none, for the one that was set last",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				var last string
				old := versionIn(put(ctx, t, name, object{"value": "older"}))
				for range 4 { // of a few versions, the last is hardly the first and the last by its id
					last = versionIn(put(ctx, t, name, object{"value": "newer"}))
				}
				t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name+"/"+old)), match.JSON("value", "older"), "the first version")
				for _, path := range []string{"secrets/" + name, "secrets/" + name + "/"} {
					a := t.Send(ctx, t.Vault("GET", path))
					t.Rule("KV-SECRET-002").Expect(a, path).To(match.JSON("value", "newer"))
					t.Rule("KV-SECRET-002").Expect(a, path).To(match.JSON("id", gomega.HaveSuffix("/"+last)))
				}
			},
		},
		{
			ID: "KV-SECRET-003/words", Title: "knows the words restore and versions in their places",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				a := t.Send(ctx, t.Vault("GET", "secrets/"+name+"/versions"))
				t.Rule("KV-SECRET-003").Expect(a, "versions").To(match.JSON("value.0.id", gomega.ContainSubstring("/secrets/"+name+"/")))
				t.Require(t.Send(ctx, t.Vault("POST", "secrets/"+name)), match.Code("MethodNotAllowed"), "POST of another word")
				a = t.Send(ctx, t.Vault("POST", "secrets/restore").JSON(object{"value": "none"}))
				t.Rule("KV-SECRET-003").Expect(a, "restore").To(match.Status(400))
			},
		},
		{
			ID: "KV-SECRET-018/not-there", Title: "refuses what is asked of a secret or version that is not there",
			Covers: []string{"KV-SECRET-019"},
			Run:    notThere,
		},
		{
			ID: "KV-SECRET-005/invalid-name", Title: "refuses names with other characters than letters, digits and hyphen",
			Run: func(ctx context.Context, t *suite.T) {
				put(ctx, t, "A-1-"+t.Unique("s"), object{"value": "value"})
				for path, name := range map[string]string{"in_valid": "in_valid", "in.valid": "in.valid", "in%20valid": "in valid", "%C3%BC": "ü"} {
					for _, method := range []string{"GET", "DELETE"} {
						a := t.Send(ctx, t.Vault(method, "secrets/"+path))
						what := method + " " + path
						t.Rule("KV-SECRET-005").Expect(a, what).To(match.Status(400))
						t.Rule("KV-SECRET-005").Expect(a, what).To(match.Code("BadParameter"))
						t.Rule("KV-SECRET-005").Expect(a, what).To(match.Message("The request URI contains an invalid name: " + name))
					}
				}
			},
		},
		{
			ID: "KV-SECRET-006/long-name", Title: "takes names of 127 characters, and of no more",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				name += strings.Repeat("x", 127-len(name))
				put(ctx, t, name, object{"value": "value"})
				t.Rule("KV-SECRET-006").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+name)), "127").To(match.JSON("value", "value"))
				t.Rule("KV-SECRET-006").Expect(t.Send(ctx, t.Vault("PUT", "secrets/"+name+"x").JSON(object{"value": "value"})), "128").To(match.Status(400))
			},
		},
	}
}

func notThere(ctx context.Context, t *suite.T) {
	name, absent := t.Unique("s"), t.Unique("s")
	version := versionIn(put(ctx, t, name, object{"value": "value"}))
	t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name+"/"+version)), match.JSON("value", "value"), "the version that is there")
	other := strings.Repeat("0", 32)
	for _, ask := range []struct{ method, path, asked string }{
		{"GET", absent, absent}, {"GET", absent + "/", absent}, {"GET", name + "/" + other, name + "/" + other},
		{"PATCH", absent, absent}, {"DELETE", absent, absent}, {"POST", absent + "/backup", absent},
	} {
		r := t.Vault(ask.method, "secrets/"+ask.path)
		if ask.method == "PATCH" {
			r.JSON(object{"contentType": "x"})
		}
		a := t.Send(ctx, r)
		what := ask.method + " " + ask.path
		t.Rule("KV-SECRET-018").Expect(a, what).To(match.Status(404))
		t.Rule("KV-SECRET-018").Expect(a, what).To(match.Code("SecretNotFound"))
		t.Rule("KV-SECRET-019").Expect(a, what).To(match.Message("A secret with (name/id) " + ask.asked + " was not found in this key vault. " +
			"If you recently deleted this secret you may be able to recover it using the correct recovery command. " +
			"For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182"))
	}
}
