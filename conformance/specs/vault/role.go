package vault

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// roleSpecs are about vaults in which role assignments decide.
func roleSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "KV-AUTH-026/scopes", Title: "lets a role count at the secret or the vault that it was given at, and nowhere else", Slow: true, Run: scopes},
		{
			ID: "KV-AUTH-027/no-role", Title: "refuses a caller whose roles do not have the data action",
			Covers: []string{"KV-AUTH-028", "KV-AUTH-030"},
			Run:    noRole,
		},
		{
			ID: "KV-AUTH-025/data-actions", Title: "asks for the data action of each operation",
			Run: func(ctx context.Context, t *suite.T) {
				vault := roleVault(ctx, t)
				for _, o := range operations() {
					what := o.method + " " + o.path
					t.Require(t.Send(ctx, o.on(t, t.World.Vault)), letIn(), what+" by whoever may")
					a := t.Send(ctx, o.on(t, vault))
					t.Rule("KV-AUTH-025").Expect(a, what).To(match.Status(403))
					t.Rule("KV-AUTH-025").Expect(a, what).To(match.Message(gomega.ContainSubstring("'Microsoft.KeyVault/vaults/secrets/" + o.action + "'")))
				}
			},
		},
		{
			ID: "KV-AUTH-029/which-assignment", Title: "names the role assignment that allowed it, whatever the status",
			Run: func(ctx context.Context, t *suite.T) {
				name, _ := t.SecretIn(ctx, t.World.RBACVault, "value")
				for path, status := range map[string]int{"secrets/" + name: 200, "secrets/absent": 404, "secrets/in_valid": 400} {
					a := t.Send(ctx, t.VaultOf(t.World.RBACVault, "GET", path))
					t.Require(a, match.Status(status), path)
					t.Rule("KV-AUTH-029").Expect(a, path).To(match.Header("x-ms-keyvault-rbac-assignment-id", gomega.MatchRegexp(`^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$`)))
					t.Rule("KV-AUTH-029").Expect(a, path).To(match.HasHeader("x-ms-keyvault-rbac-cache"))
				}
				a := t.Send(ctx, t.VaultOf(t.World.RBACVault, "GET", "secrets").Anonymous())
				t.Require(a, match.Status(401), "without a token")
				t.Rule("KV-AUTH-029").Expect(a, "without a token").To(match.Header("x-ms-keyvault-rbac-assignment-id", match.Absent()))
			},
		},
		{
			ID: "KV-AUTH-031/deleted", Title: "asks for readMetadata to tell of a deleted secret", Slow: true,
			Run: func(ctx context.Context, t *suite.T) {
				vault := roleVault(ctx, t)
				t.Grant(ctx, t.Deployer(), suite.RoleVaultReader, t.World.VaultID(vault))
				t.Until(ctx, 200, func() *suite.Request { return t.VaultOf(vault, "GET", "secrets") })
				t.Require(t.Send(ctx, t.VaultOf(vault, "GET", "secrets/absent")), match.Status(403), "getSecret")
				t.Rule("KV-AUTH-031").Expect(t.Send(ctx, t.VaultOf(vault, "GET", "deletedsecrets/absent"))).To(match.Status(404))
			},
		},
	}
}

func scopes(ctx context.Context, t *suite.T) {
	vault, other := roleVault(ctx, t), roleVault(ctx, t)
	get := func(vault, name string) *suite.Request { return t.VaultOf(vault, "GET", "secrets/"+name) }
	t.Grant(ctx, t.Deployer(), suite.RoleVaultSecretsUser, t.World.VaultID(vault)+"/secrets/one")
	allowed(ctx, t, get(vault, "one"))
	t.Rule("KV-AUTH-026").Expect(t.Send(ctx, get(vault, "two")), "another secret").To(match.Status(403))
	t.Rule("KV-AUTH-026").Expect(t.Send(ctx, get(vault, "one1")), "a longer name").To(match.Status(403))
	t.Rule("KV-AUTH-026").Expect(t.Send(ctx, t.VaultOf(vault, "GET", "secrets")), "the vault").To(match.Status(403))
	t.Grant(ctx, t.Deployer(), suite.RoleVaultSecretsUser, t.World.VaultID(vault))
	t.Rule("KV-AUTH-026").Eventually(ctx, func(ctx context.Context) any { return t.Send(ctx, get(vault, "two")) }, match.Status(404))
	t.Rule("KV-AUTH-026").Expect(t.Send(ctx, get(other, "one")), "another vault").To(match.Status(403))
	t.Grant(ctx, t.Deployer(), suite.RoleVaultSecretsUser, t.World.VaultID(other))
	allowed(ctx, t, get(other, "one"))
}

func noRole(ctx context.Context, t *suite.T) {
	t.Require(t.Send(ctx, t.VaultOf(t.World.RBACVault, "GET", "secrets/absent")), match.Status(404), "with a role")
	vault := roleVault(ctx, t)
	caller, app, issuer := callerOf(ctx, t)
	a := t.Send(ctx, t.VaultOf(vault, "GET", "secrets/Absent"))
	t.Rule("KV-AUTH-027").Expect(a).To(match.Status(403))
	t.Rule("KV-AUTH-027").Expect(a).To(match.Code("Forbidden"))
	t.Rule("KV-AUTH-027").Expect(a).To(inner("ForbiddenByRbac"))
	resource := t.World.VaultID(vault) + "/secrets/Absent"
	t.Rule("KV-AUTH-027").Expect(a).To(match.Message(text(`Caller is not authorized to perform action on resource\.\r\n(.*\r\n)?` +
		`Caller: [^\r]*oid=` + caller + `;[^\r]*\r\nAction: 'Microsoft\.KeyVault/vaults/secrets/getSecret/action'\r\n` +
		`Resource: '(?i:` + quote(resource) + `)'\r\n.*Vault: (?i:` + vault + `);location=\w+\r\n`)))
	t.Rule("KV-AUTH-028").Expect(a).To(match.Message(gomega.ContainSubstring("\r\nResource: '" + strings.ToLower(resource) + "'\r\n")))
	t.Rule("KV-AUTH-028").Expect(a).To(match.Message(gomega.ContainSubstring("\r\nDecisionReason: 'DeniedWithNoValidRBAC' \r\nVault: " + vault + ";")))
	t.Rule("KV-AUTH-030").Expect(a).To(match.Message(gomega.MatchRegexp(`\nCaller: (name=[^;]*;)?appid=` + app + `;oid=` + caller + `;iss=` + quote(issuer) + `\r`)))
}
