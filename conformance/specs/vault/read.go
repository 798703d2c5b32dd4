package vault

import (
	"context"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// dateSpecs are about the instants of a secret.
func dateSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-024/seconds", Title: "counts instants in whole seconds of more than 32 bits",
			Run: func(ctx context.Context, t *suite.T) {
				a := put(ctx, t, t.Unique("s"), object{"value": "value", "attributes": object{"nbf": 1500000000, "exp": 4781870437}})
				for _, name := range []string{"created", "updated", "nbf"} {
					t.Rule("KV-SECRET-024").Expect(a, name).To(match.Body(gomega.MatchRegexp(`"` + name + `":\d{10}[,}]`)))
				}
				t.Rule("KV-SECRET-024").Expect(a, "exp").To(match.JSON("attributes.exp", 4781870437))
				t.Rule("KV-SECRET-024").Expect(a, "updated at first").To(match.JSON("attributes.updated", gomega.Equal(match.Value(a, "attributes.created"))))
			},
		},
		{
			ID: "KV-SECRET-021/out-of-time", Title: "gives a secret away outside of its nbf and exp",
			Run: func(ctx context.Context, t *suite.T) {
				early, late := t.Unique("s"), t.Unique("s")
				put(ctx, t, early, object{"value": "early", "attributes": object{"nbf": 4700000000}})
				put(ctx, t, late, object{"value": "late", "attributes": object{"exp": 1500000001}})
				t.Rule("KV-SECRET-021").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+early)), "before its nbf").To(match.JSON("value", "early"))
				t.Rule("KV-SECRET-021").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+late)), "after its exp").To(match.JSON("value", "late"))
			},
		},
	}
}

// readSpecs are about disabled secrets.
func readSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-020/disabled", Title: "refuses to give a disabled secret away",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				put(ctx, t, name, object{"value": "value"})
				t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name)), match.JSON("value", "value"), "enabled")
				a := t.Send(ctx, t.Vault("PATCH", "secrets/"+name).JSON(object{"attributes": object{"enabled": false}}))
				t.Require(a, match.JSON("attributes.enabled", false), "disabling")
				a = t.Send(ctx, t.Vault("GET", "secrets/"+name))
				t.Rule("KV-SECRET-020").Expect(a).To(match.Status(403))
				t.Rule("KV-SECRET-020").Expect(a).To(match.Code("Forbidden"))
				t.Rule("KV-SECRET-020").Expect(a).To(inner("SecretDisabled"))
				t.Rule("KV-SECRET-020").Expect(a).To(match.Message("Operation get is not allowed on a disabled secret."))
			},
		},
		{
			ID: "KV-SECRET-022/no-fall-back", Title: "answers with the value when a disabled secret is set, and falls back to no older version",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				old := versionIn(put(ctx, t, name, object{"value": "older"}))
				a := put(ctx, t, name, object{"value": "off", "attributes": object{"enabled": false}})
				t.Rule("KV-SECRET-022").Expect(a).To(match.JSON("value", "off"))
				t.Require(t.Send(ctx, t.Vault("GET", "secrets/"+name+"/"+old)), match.JSON("value", "older"), "the older version")
				t.Rule("KV-SECRET-022").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+name)), "without a version").To(match.Status(403))
			},
		},
	}
}

// patchSpecs are about changing secrets.
func patchSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-SECRET-004/which-version", Title: "changes the version named, or the current one",
			Run: func(ctx context.Context, t *suite.T) {
				name := t.Unique("s")
				first := versionIn(put(ctx, t, name, object{"value": "one"}))
				second := versionIn(put(ctx, t, name, object{"value": "two"}))
				change := func(path, kind, version string) {
					a := t.Send(ctx, t.Vault("PATCH", path).JSON(object{"contentType": kind}))
					t.Rule("KV-SECRET-004").Expect(a, path).To(match.Status(200))
					t.Rule("KV-SECRET-004").Expect(a, path).To(match.JSON("id", gomega.HaveSuffix("/"+version)))
					t.Rule("KV-SECRET-004").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+name+"/"+version)), "after "+path).To(match.JSON("contentType", kind))
				}
				change("secrets/"+name+"/"+first, "a", first)
				change("secrets/"+name, "b", second)
				change("secrets/"+name+"/", "c", second)
				t.Rule("KV-SECRET-004").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+name+"/"+first)), "the older one").To(match.JSON("contentType", "a"))
			},
		},
		{ID: "KV-SECRET-023/merge", Title: "leaves what a change does not name, and replaces tags as a whole", Run: merge},
	}
}

func merge(ctx context.Context, t *suite.T) {
	name := t.Unique("s")
	made := put(ctx, t, name, object{"value": "value", "contentType": "text/plain", "tags": object{"a": "1", "b": "1"},
		"attributes": object{"enabled": true, "nbf": 1500000000}})
	change := func(body object) any { return t.Send(ctx, t.Vault("PATCH", "secrets/"+name).JSON(body)) }
	a := change(object{"attributes": object{"exp": 4781870437}})
	for path, want := range map[string]any{
		"contentType": "text/plain", "tags": gomega.Equal(object{"a": "1", "b": "1"}), "attributes.enabled": true,
		"attributes.nbf": 1500000000, "attributes.exp": 4781870437, "attributes.created": match.Value(made, "attributes.created"),
	} {
		t.Rule("KV-SECRET-023").Expect(a, path).To(match.JSON(path, want))
	}
	a = change(object{"tags": object{"b": "2"}})
	t.Rule("KV-SECRET-023").Expect(a, "tags").To(match.JSON("tags", gomega.Equal(object{"b": "2"})))
	t.Rule("KV-SECRET-023").Expect(t.Send(ctx, t.Vault("GET", "secrets/"+name)), "the value").To(match.JSON("value", "value"))
	// The instant is one of seconds: a change within the same second does not show.
	created, _ := match.Value(made, "attributes.created").(float64)
	t.Rule("KV-SECRET-023").NextSecond(ctx, func(context.Context) any { return change(object{"contentType": "other"}) },
		match.JSON("attributes.updated", gomega.BeNumerically(">", created)))
}
