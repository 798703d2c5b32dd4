package vault

import (
	"context"
	"regexp"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// object is a JSON body.
type object = map[string]any

// elsewhere is a tenant of Microsoft's own, in which no run is.
const elsewhere = "72f988bf-86f1-41af-91ab-2d7cd011db47"

// inner is the second code of a refusal.
func inner(want any) types.GomegaMatcher { return match.JSON("error.innererror.code", want) }

// there is a string that is not empty.
func there() types.GomegaMatcher { return gomega.Not(gomega.BeEmpty()) }

// put sets a secret of the world's vault of policies. Whether the answer is as it has to be is
// for others to say.
func put(ctx context.Context, t *suite.T, name string, body object) *wire.Answer {
	return putIn(ctx, t, t.World.Vault, name, body)
}

// putIn sets a secret. One in a vault of the world is deleted when the spec has ended; one in a
// vault of the spec's own goes with it.
func putIn(ctx context.Context, t *suite.T, vault, name string, body object) *wire.Answer {
	if vault == t.World.Vault || vault == t.World.RBACVault {
		t.OwnsSecret(vault, name)
	}
	a := t.Send(ctx, t.VaultOf(vault, "PUT", "secrets/"+name).JSON(body))
	t.Require(a, match.JSON("id", gomega.HavePrefix("https://")), "setting a secret")
	return a
}

// versionIn is the version in the id of an answer.
func versionIn(a *wire.Answer) string {
	id := match.Text(a, "id")
	return id[strings.LastIndexByte(id, '/')+1:]
}

// policy is an access policy that gives the deployer words for secrets.
func policy(t *suite.T, words ...string) object {
	return object{"tenantId": t.World.Tenant, "objectId": t.World.MachinePrincipal, "permissions": object{"secrets": words}}
}

// every is all permissions of secrets.
func every(t *suite.T) object {
	return policy(t, "get", "list", "set", "delete", "recover", "backup", "restore", "purge")
}

// policyVault makes a vault of the spec's own in which access policies decide.
func policyVault(ctx context.Context, t *suite.T, policies ...any) string {
	return t.NewVault(ctx, object{"accessPolicies": append([]any{}, policies...)})
}

// roleVault makes a vault of the spec's own in which role assignments decide. Nobody may
// anything in it, the deployer neither: roles on the group open no secrets.
func roleVault(ctx context.Context, t *suite.T) string {
	return t.NewVault(ctx, object{"enableRbacAuthorization": true})
}

// allowed asks until the deployer is let in: to a secret that is not there, which only whoever
// may read it is told.
func allowed(ctx context.Context, t *suite.T, ask *suite.Request) {
	t.Until(ctx, 404, func() *suite.Request { return ask.Clone() })
}

// callerOf are the object id and the application's id in the deployer's token.
func callerOf(ctx context.Context, t *suite.T) (object, app, issuer string) {
	claims, err := suite.ClaimsOf(t.Token(ctx, t.Deployer(), t.Cloud.VaultAudience))
	if err != nil {
		t.Broken("%v", err)
	}
	object, _ = claims["oid"].(string)
	app, _ = claims["appid"].(string)
	issuer, _ = claims["iss"].(string)
	return object, app, issuer
}

// text matches a whole string with an expression; quote what is meant as it stands.
func text(expression string) types.GomegaMatcher {
	return gomega.MatchRegexp("^(?s:" + expression + ")$")
}

func quote(s string) string { return regexp.QuoteMeta(s) }

// settled asks for a secret that was deleted until it is found among the deleted: on real Azure
// that takes seconds.
func settled(ctx context.Context, t *suite.T, vault, name string) *wire.Answer {
	var a *wire.Answer
	t.Settle(ctx, "the deleted secret", func(ctx context.Context) bool {
		a = t.Send(ctx, t.VaultOf(vault, "GET", "deletedsecrets/"+name))
		return match.Text(a, "id") != ""
	})
	return a
}

// remove deletes a secret of the world's vault and waits until that is done.
func remove(ctx context.Context, t *suite.T, name string) (deleted, found *wire.Answer) {
	deleted = t.Send(ctx, t.Vault("DELETE", "secrets/"+name))
	t.Require(deleted, match.Status(200), "deleting a secret")
	return deleted, settled(ctx, t, t.World.Vault, name)
}

// purge purges a deleted secret of the world's vault.
func purge(ctx context.Context, t *suite.T, name string) *wire.Answer {
	var a *wire.Answer
	t.Settle(ctx, "purging a secret", func(ctx context.Context) bool {
		a = t.Send(ctx, t.Vault("DELETE", "deletedsecrets/"+name))
		return a.Status/100 == 2
	})
	return a
}

// unlessTaken sends a request again and again while it is refused with 409, and gives the first other
// answer, or the last: on real Azure a name stays taken for some seconds after its secret is gone.
func unlessTaken(ctx context.Context, t *suite.T, ask func() *suite.Request) *wire.Answer {
	var a *wire.Answer
	t.Settle(ctx, "an end of the conflict", func(ctx context.Context) bool {
		a = t.Send(ctx, ask())
		return a.Status != 409
	})
	return a
}
