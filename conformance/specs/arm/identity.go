package arm

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// identityVersion is the version of these specs, which is not that of the suite's own identities.
const identityVersion = "2018-11-30"

// identitySpecs are about user-assigned identities.
func identitySpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ARM-MSI-001/life", Title: "makes an identity, keeps its ids and deletes it",
			Covers: []string{"ARM-MSI-002", "ARM-MSI-003", "ARM-MSI-004", "ARM-MSI-005", "ARM-MSI-007", "ARM-MSI-008"},
			Run:    identityLife,
		},
		{
			ID: "ARM-MSI-006/name", Title: "refuses a name that no identity can have",
			Run: func(ctx context.Context, t *suite.T) {
				at := t.World.GroupID() + identityType
				for _, name := range []string{"ab", t.Unique("a") + ".b", strings.Repeat("a", 129)} {
					t.Rule("ARM-MSI-006").Expect(put(ctx, t, at+name, suite.IdentityVersion, ofGroup(t)), name).To(match.Status(400))
				}
				t.Identity(ctx)
			},
		},
	}
}

func identityLife(ctx context.Context, t *suite.T) {
	id := t.World.GroupID() + identityType + t.Unique("id")
	t.Owns("identity", id, identityVersion)
	made := put(ctx, t, id, identityVersion, ofGroup(t))
	t.Rule("ARM-MSI-001").Expect(made).To(match.Status(201))
	t.Rule("ARM-MSI-001").Expect(made).To(match.JSON("properties.tenantId", t.World.Tenant))
	lower := strings.Replace(id, "/resourceGroups/", "/resourcegroups/", 1)
	t.Rule("ARM-MSI-003").Expect(made).To(match.JSON("id", gomega.ContainSubstring("/resourcegroups/")))
	t.Rule("ARM-MSI-004").Expect(made).To(match.Header("Location", lower))
	again := put(ctx, t, id, identityVersion, ofGroup(t))
	t.Rule("ARM-MSI-002").Expect(again).To(match.Status(200))
	for _, member := range []string{"properties.principalId", "properties.clientId"} {
		t.Rule("ARM-MSI-001").Expect(made).To(match.JSON(member, aGUID()))
		t.Rule("ARM-MSI-002").Expect(again).To(match.JSON(member, match.Text(made, member)))
	}
	for _, version := range []string{"2015-08-31-preview", "2021-09-30-preview"} {
		t.Rule("ARM-MSI-007").Expect(get(ctx, t, id, version), version).To(match.JSON("properties.clientSecretUrl", gomega.HavePrefix("https://")))
	}
	now := get(ctx, t, id, identityVersion)
	t.Require(now, match.JSON("name", some()), "the identity")
	t.Rule("ARM-MSI-007").Expect(now).To(match.JSON("properties.clientSecretUrl", match.Absent()))

	t.Rule("ARM-MSI-005").Expect(remove(ctx, t, id, identityVersion), "an identity").To(match.Status(200))
	t.Rule("ARM-MSI-005").Expect(remove(ctx, t, id, identityVersion), "what is not there").To(match.Status(204))
	next := put(ctx, t, id, identityVersion, ofGroup(t))
	for _, member := range []string{"properties.principalId", "properties.clientId"} {
		t.Rule("ARM-MSI-008").Expect(next).To(match.JSON(member, gomega.And(aGUID(), gomega.Not(gomega.Equal(match.Text(made, member))))))
	}
}
