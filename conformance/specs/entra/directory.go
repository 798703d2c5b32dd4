package entra

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// directorySpecs are about what Graph says of the directory's objects.
func directorySpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ENTRA-GRAPH-018/list", Title: "lists what is there, and nothing as nothing",
			Covers: []string{"ENTRA-GRAPH-019", "ENTRA-GRAPH-033", "ENTRA-GRAPH-035", "ENTRA-GRAPH-036"}, Run: directoryList,
		},
		{ID: "ENTRA-GRAPH-020/by-client-id", Title: "finds an application by its client id", Covers: []string{"ENTRA-GRAPH-021"}, Run: byClientID},
		{ID: "ENTRA-GRAPH-022/managed-identity", Title: "says what a managed identity belongs to", Covers: []string{"ENTRA-GRAPH-023", "ENTRA-GRAPH-024"}, Run: managedIdentity},
		{ID: "ENTRA-GRAPH-025/filter", Title: "refuses filters that it cannot answer", Covers: []string{"ENTRA-GRAPH-026"}, Run: badFilter},
		{ID: "ENTRA-GRAPH-027/pages", Title: "lists by pages", Covers: []string{"ENTRA-GRAPH-028", "ENTRA-GRAPH-029"}, Run: pages},
		{ID: "ENTRA-GRAPH-030/by-ids", Title: "tells what objects of given ids are", Covers: []string{"ENTRA-GRAPH-031", "ENTRA-GRAPH-032"}, Run: byIDs},
	}
}

// filtered is a list of service principals.
func filtered(ctx context.Context, t *suite.T, filter string) *wire.Answer {
	return t.Send(ctx, graph(t, "GET", principals+"?$filter="+url.PathEscape(filter)))
}

// found are the ids of the service principals that a filter lets through.
func found(ctx context.Context, t *suite.T, filter string) []any {
	a := filtered(ctx, t, filter)
	t.Require(a, match.JSON("value", gomega.BeAssignableToTypeOf([]any{})), "a list of service principals")
	return idsIn(a)
}

// idsIn are the ids of the objects of a list.
func idsIn(a *wire.Answer) (ids []any) {
	for _, v := range list(a, "value") {
		if object, ok := v.(map[string]any); ok {
			ids = append(ids, object["id"])
		}
	}
	return ids
}

func directoryList(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	there := filtered(ctx, t, "servicePrincipalNames/any(c:c eq '"+t.Application().ClientID+"')")
	none := filtered(ctx, t, "servicePrincipalNames/any(c:c eq '"+noOne+"')")
	for _, a := range []*wire.Answer{there, none} {
		t.Rule("ENTRA-GRAPH-018").Expect(a).To(match.Status(200))
		t.Rule("ENTRA-GRAPH-018").Expect(a).To(match.JSON(`@odata\.context`, gomega.HavePrefix(t.World.Graph+"/v1.0/$metadata#servicePrincipals")))
		t.Rule("ENTRA-GRAPH-019").Expect(a).To(match.Header("Content-Type", gomega.MatchRegexp(`^application/json;.*odata\.metadata=minimal`)))
		t.Rule("ENTRA-GRAPH-019").Expect(a).To(match.Header("odata-version", "4.0"))
		t.Rule("ENTRA-GRAPH-035").Expect(a).To(match.Header("x-ms-ags-diagnostic", gomega.MatchRegexp(`^\{\s*"ServerInfo"\s*:`)))
		t.Rule("ENTRA-GRAPH-036").Expect(a).To(match.Header("x-ms-resource-unit", "1"))
		t.Rule("ENTRA-GRAPH-019").Expect(a).To(match.Header("request-id", gomega.MatchRegexp(guid)))
	}
	t.Rule("ENTRA-GRAPH-018").Expect(there).To(match.JSON("value", gomega.HaveLen(1)))
	t.Rule("ENTRA-GRAPH-018").Expect(none).To(match.JSON("value", gomega.And(gomega.BeAssignableToTypeOf([]any{}), gomega.BeEmpty())))
	for _, what := range []string{"users", "groups"} {
		a := t.Send(ctx, graph(t, "GET", "/v1.0/"+what+"?$filter="+url.PathEscape("displayName eq '"+t.Unique("n")+"'")))
		t.Rule("ENTRA-GRAPH-033").Expect(a, what).To(match.Status(200))
		t.Rule("ENTRA-GRAPH-033").Expect(a, what).To(match.JSON(`@odata\.context`, gomega.HavePrefix(t.World.Graph+"/v1.0/$metadata#"+what)))
		t.Rule("ENTRA-GRAPH-033").Expect(a, what).To(match.JSON("value", gomega.BeAssignableToTypeOf([]any{})))
	}
}

// recorded are the members of a service principal that a recording shows, in its order.
func recorded() []string {
	return []string{
		"id", "deletedDateTime", "accountEnabled", "alternativeNames", "appDisplayName", "appDescription", "appId", "applicationTemplateId",
		"appOwnerOrganizationId", "appRoleAssignmentRequired", "createdDateTime", "description", "disabledByMicrosoftStatus", "displayName",
		"homepage", "loginUrl", "logoutUrl", "notes", "notificationEmailAddresses", "preferredSingleSignOnMode", "preferredTokenSigningKeyThumbprint",
		"replyUrls", "servicePrincipalNames", "servicePrincipalType", "signInAudience", "tags", "tokenEncryptionKeyId", "info", "samlSingleSignOnSettings",
		"addIns", "appRoles", "keyCredentials", "oauth2PermissionScopes", "passwordCredentials", "resourceSpecificApplicationPermissions", "verifiedPublisher",
	}
}

func byClientID(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	client := t.Application().ClientID
	a := filtered(ctx, t, "servicePrincipalNames/any(c:c eq '"+client+"')")
	t.Rule("ENTRA-GRAPH-020").Expect(a).To(match.JSON("value", gomega.HaveLen(1)))
	t.Rule("ENTRA-GRAPH-020").Expect(a).To(match.JSON("value.0.appId", client))
	var page struct{ Value []json.RawMessage }
	if json.Unmarshal(a.Body, &page) != nil || len(page.Value) == 0 {
		t.Broken("finding the application: %s", a.Body)
	}
	t.Rule("ENTRA-GRAPH-021").Expect(ofThose(members(page.Value[0]), recorded()), "the members that are known").To(gomega.Equal(recorded()))
}

// ofThose leaves out what is not known: members may have been added since.
func ofThose(names, known []string) (out []string) {
	for _, name := range names {
		for _, k := range known {
			if k == name {
				out = append(out, name)
			}
		}
	}
	return out
}

func managedIdentity(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	who := t.Stranger(ctx)
	name := who.ID[strings.LastIndexByte(who.ID, '/')+1:]
	var a *wire.Answer
	t.Settle(ctx, "the identity in the directory", func(ctx context.Context) bool {
		a = filtered(ctx, t, "appId eq '"+who.ClientID+"'")
		return match.Text(a, "value.0.id") == who.PrincipalID
	})
	t.Rule("ENTRA-GRAPH-022").Expect(a).To(match.JSON("value.0.servicePrincipalType", "ManagedIdentity"))
	t.Rule("ENTRA-GRAPH-022").Expect(a).To(match.JSON("value.0.alternativeNames", gomega.ConsistOf("isExplicit=True", isID(who.ID))))
	t.Rule("ENTRA-GRAPH-022").Expect(a).To(match.JSON("value.0.servicePrincipalNames", gomega.ConsistOf(who.ClientID, gomega.HavePrefix("https://identity.azure.net/"))))
	t.Rule("ENTRA-GRAPH-023").Expect(found(ctx, t, "displayName eq '"+name+"'"), "of the whole name").To(gomega.ConsistOf(who.PrincipalID))
	t.Rule("ENTRA-GRAPH-023").Expect(found(ctx, t, "displayName eq '"+name+"x'"), "of another name").To(gomega.BeEmpty())
	t.Rule("ENTRA-GRAPH-024").Expect(found(ctx, t, "startswith(displayName,'"+name[:len(name)-1]+"')"), "of its beginning").To(gomega.ContainElement(who.PrincipalID))
	t.Rule("ENTRA-GRAPH-024").Expect(found(ctx, t, "startswith(displayName,'"+name[1:]+"')"), "of its end").NotTo(gomega.ContainElement(who.PrincipalID))
}

func badFilter(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	t.Rule("ENTRA-GRAPH-025").Expect(filtered(ctx, t, "linarite eq '1'")).To(refused(400, "Request_UnsupportedQuery"))
	t.Rule("ENTRA-GRAPH-026").Expect(filtered(ctx, t, "linarite linarite")).To(refused(400, "BadRequest"))
}

// pages walks through the service principals one by one, for two pages.
func pages(ctx context.Context, t *suite.T) {
	who := t.Stranger(ctx) // with the application, there are two at least
	first := t.Send(ctx, graph(t, "GET", principals+"?$top=1"))
	t.Require(first, match.JSON("value", gomega.HaveLen(1)), "one page of one", who.PrincipalID)
	next := match.Text(first, `@odata\.nextLink`)
	t.Rule("ENTRA-GRAPH-027").Expect(first).To(match.JSON(`@odata\.nextLink`, gomega.HavePrefix(t.World.Graph+"/v1.0/")))
	if strings.HasPrefix(next, t.World.Graph+"/") {
		second := t.Send(ctx, graph(t, "GET", strings.TrimPrefix(next, t.World.Graph)))
		t.Rule("ENTRA-GRAPH-027").Expect(second).To(match.JSON("value", gomega.HaveLen(1)))
		t.Rule("ENTRA-GRAPH-027").Expect(second).To(match.JSON("value.0.id", gomega.Not(gomega.Equal(match.Text(first, "value.0.id")))))
	}
	last := filtered(ctx, t, "appId eq '"+t.Application().ClientID+"'")
	t.Require(last, match.JSON("value", gomega.HaveLen(1)), "a list of one")
	t.Rule("ENTRA-GRAPH-027").Expect(last, "all there is").To(match.JSON(`@odata\.nextLink`, match.Absent()))
	t.Rule("ENTRA-GRAPH-028").Expect(t.Send(ctx, graph(t, "GET", principals+"?$top=2"))).To(match.JSON("value", gomega.HaveLen(2)))
	t.Rule("ENTRA-GRAPH-028").Expect(t.Send(ctx, graph(t, "GET", principals+"?$top=0")), "$top=0").To(match.Status(400))
	t.Rule("ENTRA-GRAPH-029").Expect(t.Send(ctx, graph(t, "GET", principals+"?$skiptoken=linarite!"))).To(match.Status(400))
}

func byIDs(ctx context.Context, t *suite.T) {
	readable(ctx, t)
	id := match.Text(filtered(ctx, t, "appId eq '"+t.Application().ClientID+"'"), "value.0.id")
	ask := func(types ...string) *wire.Answer {
		body := map[string]any{"ids": []string{noOne, id}}
		if len(types) > 0 {
			body["types"] = types
		}
		return t.Send(ctx, graph(t, "POST", "/v1.0/directoryObjects/getByIds").JSON(body))
	}
	for _, a := range []*wire.Answer{ask(), ask("user", "group", "servicePrincipal")} {
		t.Rule("ENTRA-GRAPH-030").Expect(a).To(match.Status(200))
		t.Rule("ENTRA-GRAPH-030").Expect(idsIn(a), "the ids").To(gomega.ConsistOf(id))
		t.Rule("ENTRA-GRAPH-030").Expect(a).To(match.Body(gomega.MatchRegexp(`"value"\s*:\s*\[\s*\{\s*"@odata\.type"\s*:\s*"#microsoft\.graph\.servicePrincipal"`)))
	}
	t.Rule("ENTRA-GRAPH-031").Expect(ask("user", "group")).To(match.JSON("value", gomega.And(gomega.BeAssignableToTypeOf([]any{}), gomega.BeEmpty())))
	t.Rule("ENTRA-GRAPH-031").Expect(idsIn(ask()), "with no type named").To(gomega.ConsistOf(id))
	a := t.Send(ctx, graph(t, "POST", "/v1.0/directoryObjects/getByIds").Set("Content-Type", "application/json").Text("linarite"))
	t.Rule("ENTRA-GRAPH-032").Expect(a).To(refused(400, "BadRequest"))
}
