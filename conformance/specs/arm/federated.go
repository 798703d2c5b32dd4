package arm

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

const (
	credentials     = "/federatedIdentityCredentials"
	fedIssuer       = "https://oidc.example.com/cluster/"
	fedAudience     = "api://AzureADTokenExchange"
	mostCredentials = 20
	longestClaim    = 600
)

// trusting is the body of a federated credential.
func trusting(issuer, subject string, audiences ...string) map[string]any {
	return map[string]any{"properties": map[string]any{"issuer": issuer, "subject": subject, "audiences": audiences}}
}

// trust makes a credential of an identity, or changes it. It goes with the identity.
func trust(ctx context.Context, t *suite.T, who suite.Who, name, subject string) *wire.Answer {
	return put(ctx, t, who.ID+credentials+"/"+name, suite.IdentityVersion, trusting(fedIssuer, subject, fedAudience))
}

// federatedSpecs are about federated credentials of user-assigned identities. Azure takes one
// write at a time under one identity, and few of them in a minute.
func federatedSpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-MSI-009/life", Title: "makes federated credentials, changes, lists and deletes them",
			Covers: []string{"ARM-MSI-010", "ARM-MSI-011", "ARM-MSI-012", "ARM-MSI-013", "ARM-MSI-014"},
			Run:    federatedLife,
		},
		{
			ID: "ARM-MSI-015/limit", Title: "keeps 20 federated credentials of an identity, and lists them in pages",
			Covers: []string{"ARM-MSI-026"}, Slow: true,
			Run: federatedLimit,
		},
		{
			ID: "ARM-MSI-016/twice", Title: "trusts the same issuer and subject once",
			Covers: []string{"ARM-MSI-027"},
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Identity(ctx)
				t.Require(trust(ctx, t, who, "once", "subject"), match.Status(201), "a credential")
				t.Rule("ARM-MSI-016").Expect(trust(ctx, t, who, "twice", "subject")).To(match.Refused())
				t.Rule("ARM-MSI-027").Expect(trust(ctx, t, who, "letters", "Subject"), "another letter").To(match.Status(201))
			},
		},
		{
			ID: "ARM-MSI-017/body", Title: "refuses a body that is no federated credential",
			Covers: []string{"ARM-MSI-018", "ARM-MSI-020"},
			Run:    federatedBodies,
		},
		{
			ID: "ARM-MSI-019/name", Title: "refuses a name that no federated credential can have",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Identity(ctx)
				for _, name := range []string{"ab", "a.b", "-abc", strings.Repeat("a", 121)} {
					t.Rule("ARM-MSI-019").Expect(trust(ctx, t, who, name, "subject"), name).To(match.Status(400))
				}
				t.Require(trust(ctx, t, who, strings.Repeat("a", 120), "subject"), match.Status(201), "the longest name")
			},
		},
		{
			ID: "ARM-MSI-021/no-identity", Title: "knows federated credentials of identities that are there, and of their time",
			Covers: []string{"ARM-MSI-022"},
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Identity(ctx)
				t.Require(trust(ctx, t, who, "one", "subject"), match.Status(201), "a credential")
				t.Require(remove(ctx, t, who.ID, suite.IdentityVersion), match.Status(200), "deleting the identity")
				t.Rule("ARM-MSI-021").Expect(get(ctx, t, who.ID+credentials+"/one", suite.IdentityVersion), "a read").To(match.Status(404))
				t.Rule("ARM-MSI-021").Expect(trust(ctx, t, who, "one", "subject"), "a write").To(match.Status(404))
				t.Require(put(ctx, t, who.ID, suite.IdentityVersion, ofGroup(t)), match.Status(201), "the same name")
				t.Rule("ARM-MSI-022").Expect(get(ctx, t, who.ID+credentials, suite.IdentityVersion)).To(match.JSON("value", gomega.BeEmpty()))
			},
		},
		{
			ID: "ARM-MSI-024/reader", Title: "lets a Reader read federated credentials, and not write them",
			Run: func(ctx context.Context, t *suite.T) {
				who, of := t.Stranger(ctx), t.Identity(ctx)
				id := of.ID + credentials + "/one"
				t.Require(trust(ctx, t, of, "one", "subject"), match.Status(201), "a credential")
				t.Grant(ctx, who, suite.RoleReader, of.ID)
				t.Until(ctx, 200, func() *suite.Request { return as(t, who, "GET", id, suite.IdentityVersion) })
				a := t.Send(ctx, as(t, who, "PUT", id, suite.IdentityVersion).JSON(trusting(fedIssuer, "mine", fedAudience)))
				t.Rule("ARM-MSI-024").Expect(a).To(match.Status(403))
				t.Rule("ARM-MSI-024").Expect(a).To(match.Message(gomega.ContainSubstring("'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write'")))
			},
		},
		{
			ID: "ARM-MSI-025/version", Title: "has federated credentials since 2022-01-31-preview",
			Run: func(ctx context.Context, t *suite.T) {
				who := t.Identity(ctx)
				t.Rule("ARM-MSI-025").Expect(get(ctx, t, who.ID+credentials, "2018-11-30")).To(match.Refused())
				t.Require(get(ctx, t, who.ID+credentials, "2022-01-31-preview"), match.Status(200), "the first version")
			},
		},
	}
}

func federatedLife(ctx context.Context, t *suite.T) {
	who := t.Identity(ctx)
	all := who.ID + credentials
	id := all + "/first"
	t.Rule("ARM-MSI-013").Expect(get(ctx, t, all, suite.IdentityVersion), "without any").To(match.JSON("value", gomega.BeEmpty()))

	made := trust(ctx, t, who, "first", "one")
	t.Rule("ARM-MSI-009").Expect(made).To(match.Status(201))
	t.Rule("ARM-MSI-011").Expect(made).To(match.Header("Location", strings.Replace(id, "/resourceGroups/", "/resourcegroups/", 1)))
	t.Rule("ARM-MSI-012").Expect(made).To(match.JSON("location", match.Absent()))
	t.Rule("ARM-MSI-012").Expect(made).To(match.JSON("tags", match.Absent()))
	changed := trust(ctx, t, who, "first", "two")
	t.Rule("ARM-MSI-010").Expect(changed).To(match.Status(200))
	shown := get(ctx, t, id, suite.IdentityVersion)
	t.Require(shown, match.Status(200), "the credential")
	for _, c := range []struct {
		rule, subject string
		answer        *wire.Answer
	}{{"ARM-MSI-009", "one", made}, {"ARM-MSI-010", "two", changed}, {"ARM-MSI-010", "two", shown}} {
		t.Rule(c.rule).Expect(c.answer).To(match.JSON("name", "first"))
		t.Rule(c.rule).Expect(c.answer).To(match.JSON("properties.issuer", fedIssuer))
		t.Rule(c.rule).Expect(c.answer).To(match.JSON("properties.subject", c.subject))
		t.Rule(c.rule).Expect(c.answer).To(match.JSON("properties.audiences", []any{fedAudience}))
	}

	t.Require(trust(ctx, t, who, "second", "one"), match.Status(201), "another credential")
	t.Rule("ARM-MSI-013").Expect(pages(ctx, t, t.ARM("GET", all+"?api-version="+suite.IdentityVersion), "name")).To(gomega.ConsistOf("first", "second"))
	t.Rule("ARM-MSI-014").Expect(remove(ctx, t, id, suite.IdentityVersion), "a credential").To(match.Status(200))
	t.Rule("ARM-MSI-014").Expect(remove(ctx, t, id, suite.IdentityVersion), "what is not there").To(match.Status(204))
	t.Require(get(ctx, t, id, suite.IdentityVersion), match.Status(404), "what was deleted")
}

func federatedLimit(ctx context.Context, t *suite.T) {
	who := t.Identity(ctx)
	var want []string
	for i := range mostCredentials {
		name := fmt.Sprintf("credential-%02d", i)
		t.Require(trust(ctx, t, who, name, name), match.Status(201), name)
		want = append(want, name)
	}
	t.Rule("ARM-MSI-015").Expect(trust(ctx, t, who, "one-more", "one-more")).To(match.Refused())

	list := func() *suite.Request {
		return t.ARM("GET", who.ID+credentials+"?api-version="+suite.IdentityVersion).Query("$top", "7")
	}
	first := t.Send(ctx, list())
	t.Rule("ARM-MSI-026").Expect(first).To(match.JSON("value", gomega.HaveLen(7)))
	t.Rule("ARM-MSI-026").Expect(first).To(match.JSON("nextLink", gomega.HavePrefix("https://")))
	t.Rule("ARM-MSI-026").Expect(pages(ctx, t, list(), "name"), "all pages").To(gomega.ConsistOf(want))
}

func federatedBodies(ctx context.Context, t *suite.T) {
	who := t.Identity(ctx)
	send := func(body map[string]any) *wire.Answer {
		return put(ctx, t, who.ID+credentials+"/one", suite.IdentityVersion, body)
	}
	t.Rule("ARM-MSI-017").Expect(send(trusting(fedIssuer, "subject", fedAudience, "api://other"))).To(match.Status(400))
	for _, member := range []string{"issuer", "subject", "audiences"} {
		body := trusting(fedIssuer, "subject", fedAudience)
		delete(body["properties"].(map[string]any), member)
		t.Rule("ARM-MSI-018").Expect(send(body), "without "+member).To(match.Status(400))
	}
	long := strings.Repeat("a", longestClaim+1)
	for member, body := range map[string]map[string]any{
		"issuer": trusting("https://"+long, "subject", fedAudience), "subject": trusting(fedIssuer, long, fedAudience), "audience": trusting(fedIssuer, "subject", long),
	} {
		t.Rule("ARM-MSI-020").Expect(send(body), member).To(match.Refused())
	}
	t.Require(send(trusting(fedIssuer, strings.Repeat("a", longestClaim), fedAudience)), match.Status(201), "what is none of these")
}
