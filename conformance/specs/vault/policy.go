package vault

import (
	"context"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// policySpecs are about vaults whose own access policies decide.
func policySpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "KV-AUTH-020/in-no-policy", Title: "refuses a caller whom no access policy names",
			Run: func(ctx context.Context, t *suite.T) {
				t.Require(t.Send(ctx, t.Vault("GET", "secrets")), match.Status(200), "in a vault with a policy")
				vault := policyVault(ctx, t)
				object, app, _ := callerOf(ctx, t)
				a := t.Send(ctx, t.VaultOf(vault, "GET", "secrets"))
				t.Rule("KV-AUTH-020").Expect(a).To(match.Status(403))
				t.Rule("KV-AUTH-020").Expect(a).To(match.Code("Forbidden"))
				t.Rule("KV-AUTH-020").Expect(a).To(inner("AccessDenied"))
				t.Rule("KV-AUTH-020").Expect(a).To(match.Message(text(`Access denied\. Caller was not found on any access policy\.\r\n` +
					`Caller: \S*appid=` + app + `;oid=` + object + `;.*\r\nVault: ` + vault + `;location=\w+`)))
				another := policy(t, "list")
				another["objectId"] = suite.GUID()
				a = t.Send(ctx, t.VaultOf(policyVault(ctx, t, another), "GET", "secrets"))
				t.Rule("KV-AUTH-020").Expect(a, "a policy of somebody else").To(match.Status(403))
			},
		},
		{
			ID: "KV-AUTH-021/lacking", Title: "refuses a caller whose policies lack the permission",
			Covers: []string{"KV-AUTH-025", "KV-AUTH-030"},
			Run:    lacking,
		},
		{ID: "KV-AUTH-022/on-behalf", Title: "takes no policy for an application on behalf of somebody for its own", Run: onBehalf},
		{
			ID: "KV-AUTH-024/all", Title: "takes the permission all for every one but purge",
			Run: func(ctx context.Context, t *suite.T) {
				vault := policyVault(ctx, t, policy(t, "all"))
				allowed(ctx, t, t.VaultOf(vault, "GET", "secrets/absent"))
				for _, ask := range []struct{ method, path string }{
					{"DELETE", "secrets/absent"}, {"POST", "secrets/absent/backup"}, {"GET", "deletedsecrets/absent"}, {"POST", "deletedsecrets/absent/recover"},
				} {
					t.Rule("KV-AUTH-024").Expect(t.Send(ctx, t.VaultOf(vault, ask.method, ask.path)), ask.method+" "+ask.path).To(match.Status(404))
				}
				a := t.Send(ctx, t.VaultOf(vault, "DELETE", "deletedsecrets/absent"))
				t.Rule("KV-AUTH-024").Expect(a, "purge").To(match.Status(403))
			},
		},
		{ID: "KV-AUTH-019/before-all-else", Title: "refuses a caller without permission before it looks at body and secret", Run: beforeAllElse},
		{ID: "KV-AUTH-018/ignores-roles", Title: "asks access policies alone where the vault says so", Slow: true, Run: ignoresRoles},
	}
}

// operations are what the plane does with secrets: the permission that each needs, and the data
// action. Asked for a name that is not there.
func operations() []operation {
	return []operation{
		{"GET", "secrets/absent", "get", "getSecret/action"},
		{"GET", "secrets/absent/0123456789abcdef0123456789abcdef", "get", "getSecret/action"},
		{"PUT", "secrets/absent", "set", "setSecret/action"},
		{"PATCH", "secrets/absent", "set", "update/action"},
		{"DELETE", "secrets/absent", "delete", "delete"},
		{"GET", "secrets", "list", "readMetadata/action"},
		{"GET", "secrets/absent/versions", "list", "readMetadata/action"},
		{"GET", "deletedsecrets", "list", "readMetadata/action"},
		{"POST", "deletedsecrets/absent/recover", "recover", "recover/action"},
		{"DELETE", "deletedsecrets/absent", "purge", "purge/action"},
		{"POST", "secrets/absent/backup", "backup", "backup/action"},
		{"POST", "secrets/restore", "restore", "restore/action"},
	}
}

// letIn is how whoever may do an operation is answered: the name is not there, or the body wrong.
func letIn() gomega.OmegaMatcher { return match.Status(gomega.BeElementOf(200, 400, 404)) }

type operation struct{ method, path, permission, action string }

func (o operation) on(t *suite.T, vault string) *suite.Request {
	r := t.VaultOf(vault, o.method, o.path)
	if o.method == "PUT" || o.method == "PATCH" || o.path == "secrets/restore" {
		r.JSON(object{"value": 1}) // wrong for all of them, so that whoever may is refused for it
	}
	return r
}

func lacking(ctx context.Context, t *suite.T) {
	lists, others := policyVault(ctx, t, policy(t, "list")), policyVault(ctx, t, policy(t, "get", "set", "delete", "recover", "backup", "restore", "purge"))
	t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(lists, "GET", "secrets") })
	allowed(ctx, t, t.VaultOf(others, "GET", "secrets/absent"))
	object, app, issuer := callerOf(ctx, t)
	for _, o := range operations() {
		vault, other := lists, others
		if o.permission == "list" {
			vault, other = others, lists
		}
		what := o.method + " " + o.path
		t.Rule("KV-AUTH-025").Expect(t.Send(ctx, o.on(t, other)), what+", allowed").To(letIn())
		a := t.Send(ctx, o.on(t, vault))
		t.Rule("KV-AUTH-025").Expect(a, what).To(match.Status(403))
		t.Rule("KV-AUTH-025").Expect(a, what).To(match.Message(gomega.ContainSubstring(" does not have secrets " + o.permission + " permission ")))
		if o.permission != "get" {
			continue
		}
		t.Rule("KV-AUTH-021").Expect(a, what).To(match.Status(403))
		t.Rule("KV-AUTH-021").Expect(a, what).To(match.Code("Forbidden"))
		t.Rule("KV-AUTH-021").Expect(a, what).To(inner("ForbiddenByPolicy"))
		t.Rule("KV-AUTH-021").Expect(a, what).To(match.Message(text(`The user, group or application '[^']*' does not have secrets get permission on key vault '` + vault +
			`;location=\w+'\. For help resolving this issue, please see https://go\.microsoft\.com/fwlink/\?linkid=2125287`)))
		t.Rule("KV-AUTH-030").Expect(a, what).To(match.Message(gomega.MatchRegexp(`'(name=[^;]*;)?appid=` + app + `;oid=` + object + `;numgroups=\d+;iss=` + quote(issuer) + `'`)))
	}
}

func onBehalf(ctx context.Context, t *suite.T) {
	behalf := policy(t, "get")
	behalf["applicationId"] = suite.GUID()
	vault := policyVault(ctx, t, policy(t, "list"), behalf)
	t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
	a := t.Send(ctx, t.VaultOf(vault, "GET", "secrets/absent"))
	t.Rule("KV-AUTH-022").Expect(a).To(match.Status(403))
	t.Rule("KV-AUTH-022").Expect(a).To(match.Code("Forbidden"))
	t.Rule("KV-AUTH-022").Expect(a).To(inner("ForbiddenByPolicy"))
	t.Rule("KV-AUTH-022").Expect(a).To(match.Message(text(`The policy requires the caller '[^']*' to use on-behalf-of \(OBO\) flow\. ` +
		`For help resolving this issue, please see https://go\.microsoft\.com/fwlink/\?linkid=2125287`)))
}

func beforeAllElse(ctx context.Context, t *suite.T) {
	vault := policyVault(ctx, t, policy(t, "list"))
	t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
	for _, ask := range []struct {
		method, path string
		allowed      int
	}{
		{"GET", "secrets/absent", 404}, {"DELETE", "secrets/absent", 404}, {"PUT", "secrets/some", 400}, {"POST", "secrets/restore", 400},
	} {
		request := func(vault string) *suite.Request {
			r := t.VaultOf(vault, ask.method, ask.path)
			if ask.allowed == 400 {
				r.Text("no JSON").Set("Content-Type", "application/json")
			}
			return r
		}
		what := ask.method + " " + ask.path
		t.Require(t.Send(ctx, request(t.World.Vault)), match.Status(ask.allowed), what+" by whoever may")
		t.Rule("KV-AUTH-019").Expect(t.Send(ctx, request(vault)), what).To(match.Status(403))
	}
}

// ignoresRoles gives a role at a group: it counts in a vault of roles, and not in one of
// policies.
func ignoresRoles(ctx context.Context, t *suite.T) {
	policies, roles := policyVault(ctx, t, policy(t, "list")), t.NewVault(ctx, object{"enableRbacAuthorization": true, "accessPolicies": []any{every(t)}})
	t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(policies, "GET", "secrets") })
	a := t.Send(ctx, t.VaultOf(roles, "GET", "secrets"))
	t.Rule("KV-AUTH-018").Expect(a, "a policy, in a vault of roles").To(match.Status(403))
	for _, vault := range []string{policies, roles} {
		t.Grant(ctx, t.Deployer(), suite.RoleVaultSecretsUser, t.World.VaultID(vault))
	}
	allowed(ctx, t, t.VaultOf(roles, "GET", "secrets/absent"))
	a = t.Send(ctx, t.VaultOf(policies, "GET", "secrets/absent"))
	t.Rule("KV-AUTH-018").Expect(a, "a role, in a vault of policies").To(match.Status(403))
}
