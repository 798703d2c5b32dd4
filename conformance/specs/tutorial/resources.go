package tutorial

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// flow4 reads a secret. The policy is of the portal's template for the management of secrets.
func flow4(ctx context.Context, t *suite.T) {
	open := t.NewVault(ctx, object{"accessPolicies": []any{object{"tenantId": t.World.Tenant, "objectId": t.World.MachinePrincipal,
		"permissions": object{"secrets": []string{"get", "list", "set", "delete", "recover", "backup", "restore"}}}}})
	closed := t.NewVault(ctx, nil)
	const path = "secrets/MyTestSecret?api-version=2016-10-01"
	_, token := curl(ctx, t, escaped(t.Cloud.VaultAudience))
	t.Settle(ctx, "the secret", func(ctx context.Context) bool {
		return t.Send(ctx, t.VaultOf(open, "PUT", path).JSON(object{"value": "p@ssw0rd!"})).Status != 403
	})
	a := t.Send(ctx, t.VaultOf(open, "GET", path).Bearer(token))
	t.Rule("KV-SECRET-002").Expect(a).To(match.Status(200))
	t.Rule("KV-SECRET-002").Expect(a).To(match.JSON("value", "p@ssw0rd!"))
	t.Rule("KV-SECRET-002").Expect(a).To(match.JSON("id", gomega.MatchRegexp(`^https://`+open+`\.[^/]+/secrets/MyTestSecret/[0-9a-f]{32}$`)))
	t.Rule("KV-SECRET-026").Expect(a).To(match.JSON("attributes.recoveryLevel", gomega.Not(gomega.BeEmpty())))
	t.Rule("KV-SECRET-026").Expect(a).To(match.JSON("attributes.recoverableDays", match.Absent()))
	a = t.Send(ctx, t.VaultOf(closed, "GET", path).Bearer(token))
	t.Rule("KV-AUTH-020").Expect(a, "a vault without the policy").To(match.Status(403))
	t.Rule("KV-AUTH-020").Expect(a, "a vault without the policy").To(match.JSON("error.innererror.code", "AccessDenied"))
	a = t.Send(ctx, t.VaultOf(open, "GET", path).Anonymous())
	t.Rule("KV-AUTH-001").Expect(a, "without the token").To(match.Status(401))
}

// group asks for a group, as typed.
func group(t *suite.T, token, name string) *suite.Request {
	return t.ARM("GET", t.World.SubscriptionID()+"/resourceGroups/"+name+"?api-version=2016-09-01").Bearer(token)
}

// shown holds an answer to what the tutorial shows of a group.
func shown(t *suite.T, rule string, a *wire.Answer) {
	t.Rule(rule).Expect(a).To(match.Status(200))
	t.Rule(rule).Expect(a).To(match.JSON("name", gomega.WithTransform(strings.ToLower, gomega.Equal(strings.ToLower(t.World.Group)))))
	t.Rule(rule).Expect(a).To(match.JSON("properties.provisioningState", "Succeeded"))
}

// flow5 has the audience in its URL unescaped.
func flow5(ctx context.Context, t *suite.T) {
	answer, token := curl(ctx, t, t.Cloud.ARMAudience)
	claims, err := suite.ClaimsOf(token)
	if err != nil {
		t.Broken("%v", err)
	}
	t.Rule("IMDS-TOKEN-024").Expect(answer, "the token").To(match.JSON("client_id", claims["appid"]))
	t.Rule("IMDS-TOKEN-024").Expect(claims["oid"], "whose token it is").To(gomega.Equal(t.World.MachinePrincipal))
	a := t.Send(ctx, t.IMDS(tokenPath+t.Cloud.ARMAudience).Without("Metadata"))
	t.Rule("IMDS-TOKEN-002").Expect(a, "without -H Metadata:true").To(match.Status(400))
	a = t.Send(ctx, group(t, token, t.World.Group))
	shown(t, "ARM-GROUP-001", a)
	t.Rule("ARM-GROUP-006").Expect(a).To(match.JSON("id", gomega.HavePrefix(t.World.SubscriptionID()+"/resourceGroups/")))
}

func flow6(ctx context.Context, t *suite.T) {
	who, loose := t.Stranger(ctx), t.Identity(ctx)
	ask := escaped(strings.TrimSuffix(t.Cloud.ARMAudience, "/")) + "/&client_id="
	answer, token := curl(ctx, t, ask+who.ClientID)
	t.Rule("IMDS-TOKEN-019").Expect(answer, "the token").To(match.JSON("client_id", who.ClientID))
	a := t.Send(ctx, t.IMDS(tokenPath+ask+loose.ClientID))
	t.Rule("IMDS-TOKEN-031").Expect(a, "an identity that the machine does not have").To(match.Status(400))
	t.Rule("IMDS-TOKEN-031").Expect(a, "an identity that the machine does not have").To(match.JSON("error_description", "Identity not found"))
	a = t.Send(ctx, group(t, token, t.World.Group))
	t.Rule("ARM-GROUP-029").Expect(a, "without the role").To(match.Status(403))
	t.Rule("ARM-GROUP-029").Expect(a, "without the role").To(match.Code("AuthorizationFailed"))
	reader(ctx, t, who)
	t.Settle(ctx, "the role", func(ctx context.Context) bool {
		a = t.Send(ctx, group(t, token, t.World.Group))
		return a.Status != 403
	})
	shown(t, "RBAC-EVAL-002", a)
	a = t.Send(ctx, group(t, token, t.Unique("other")))
	t.Rule("ARM-COMMON-033").Expect(a, "another group").To(match.Status(403))
}

// reader makes somebody a reader of the group, whose id ends in a blank, as printed.
func reader(ctx context.Context, t *suite.T, who suite.Who) {
	scope := t.World.SubscriptionID() + "/resourcegroups/" + t.World.Group
	path := "/providers/Microsoft.Authorization/roleAssignments/" + suite.GUID()
	t.Owns("roleAssignment", scope+path, suite.AssignmentVersion)
	a := t.Send(ctx, t.ARM("PUT", scope+"%20"+path+"?api-version="+suite.AssignmentVersion).JSON(object{"properties": object{
		"roleDefinitionId": t.World.SubscriptionID() + "/providers/Microsoft.Authorization/roleDefinitions/" + suite.RoleReader,
		"principalId":      who.PrincipalID, "principalType": "ServicePrincipal",
	}}))
	t.Rule("ARM-AUTHZ-006").Expect(a).To(match.Status(201))
	t.Rule("ARM-AUTHZ-006").Expect(a).To(match.JSON("properties.scope", gomega.WithTransform(strings.ToLower, gomega.Equal(strings.ToLower(scope)))))
	if a.Status/100 != 2 { // nobody has seen what Azure says to the blank: the flow goes on without it
		t.Grant(ctx, who, suite.RoleReader, t.World.GroupID())
	}
}
