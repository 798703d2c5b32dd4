package blob

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// aclSpecs are about stored access policies and the public level.
func aclSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-CONT-009/together", Title: "replaces policies and public level together", Run: setACL},
		{ID: "BLOB-CONT-010/six", Title: "refuses more than five stored access policies", Run: sixPolicies},
		{ID: "BLOB-CONT-011/form", Title: "lists policies with times of seven decimals", Run: policyForm},
	}
}

// policies is a body of Set Container ACL with as many policies.
func policies(n int) string {
	var b strings.Builder
	b.WriteString("<SignedIdentifiers>")
	for i := range n {
		fmt.Fprintf(&b, "<SignedIdentifier><Id>p%d</Id><AccessPolicy><Permission>r</Permission></AccessPolicy></SignedIdentifier>", i)
	}
	return b.String() + "</SignedIdentifiers>"
}

// settingACL is a Set Container ACL.
func settingACL(t *suite.T, name, body string) *suite.Request {
	return t.Blob("PUT", name+"?restype=container&comp=acl").Text(body)
}

func getACL(ctx context.Context, t *suite.T, name string) *wire.Answer {
	return t.Send(ctx, t.Blob("GET", name+"?restype=container&comp=acl"))
}

func setACL(ctx context.Context, t *suite.T) {
	name := t.Container(ctx, "x-ms-blob-public-access", "blob")
	t.Require(getACL(ctx, t, name), match.Header("x-ms-blob-public-access", "blob"), "the public level")
	t.Require(t.Send(ctx, settingACL(t, name, policies(2))), match.Status(200), "setting policies")
	a := getACL(ctx, t, name)
	headers(t, "BLOB-CONT-009", a, "x-ms-blob-public-access", match.Absent())
	t.Rule("BLOB-CONT-009").Expect(a).To(match.All("SignedIdentifier/Id", gomega.ConsistOf("p0", "p1")))
	t.Require(t.Send(ctx, settingACL(t, name, "").Set("x-ms-blob-public-access", "container")), match.Status(200), "setting the level")
	a = getACL(ctx, t, name)
	headers(t, "BLOB-CONT-009", a, "x-ms-blob-public-access", "container")
	t.Rule("BLOB-CONT-009").Expect(a).To(match.All("SignedIdentifier/Id", gomega.BeEmpty()))
}

func sixPolicies(ctx context.Context, t *suite.T) {
	name := t.Container(ctx)
	refused(t, "BLOB-CONT-010", t.Send(ctx, settingACL(t, name, policies(6))), 400, "InvalidXmlDocument")
	t.Require(t.Send(ctx, settingACL(t, name, policies(5))), match.Status(200), "five")
	t.Require(getACL(ctx, t, name), match.All("SignedIdentifier/Id", gomega.HaveLen(5)), "the five")
}

func policyForm(ctx context.Context, t *suite.T) {
	name := t.Container(ctx)
	const whole = "<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Start>2024-01-01</Start>" +
		"<Expiry>2099-01-02T03:04:05Z</Expiry><Permission>rl</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>"
	t.Require(t.Send(ctx, settingACL(t, name, whole)), match.Status(200), "setting a policy")
	a := getACL(ctx, t, name)
	rule := t.Rule("BLOB-CONT-011")
	rule.Expect(a).To(match.Root("SignedIdentifiers"))
	rule.Expect(a).To(match.XML("SignedIdentifier/Id", "a"))
	rule.Expect(a).To(match.XML("SignedIdentifier/AccessPolicy/Start", "2024-01-01T00:00:00.0000000Z"))
	rule.Expect(a).To(match.XML("SignedIdentifier/AccessPolicy/Expiry", "2099-01-02T03:04:05.0000000Z"))
	rule.Expect(a).To(match.XML("SignedIdentifier/AccessPolicy/Permission", "rl"))
	t.Require(t.Send(ctx, settingACL(t, name, policies(1))), match.Status(200), "setting a policy of a permission alone")
	a = getACL(ctx, t, name)
	rule.Expect(a).To(match.Children("SignedIdentifier/AccessPolicy", []string{"Permission"}))
}
