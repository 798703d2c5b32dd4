package entra

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// discoverySpecs are about the documents that say where a tenant's endpoints are.
func discoverySpecs() []suite.Spec {
	return []suite.Spec{
		{
			ID: "ENTRA-OIDC-001/second-document", Title: "describes a tenant's second endpoints",
			Covers: []string{
				"ENTRA-OIDC-002", "ENTRA-OIDC-004", "ENTRA-OIDC-005", "ENTRA-OIDC-006", "ENTRA-OIDC-007",
				"ENTRA-OIDC-008", "ENTRA-OIDC-009", "ENTRA-OIDC-010", "ENTRA-OIDC-011",
			},
			Run: secondDocument,
		},
		{ID: "ENTRA-OIDC-003/common", Title: "describes what is common to all tenants", Run: common},
		{
			ID: "ENTRA-OIDC-012/first-document", Title: "describes a tenant's first endpoints",
			Covers: []string{"ENTRA-OIDC-013", "ENTRA-OIDC-014", "ENTRA-OIDC-015"}, Run: firstDocument,
		},
		{ID: "ENTRA-OIDC-016/header", Title: "lets everybody read and keep the documents", Covers: []string{"ENTRA-OIDC-017"}, Run: documentHeader},
		{ID: "ENTRA-OIDC-018/unknown-tenant", Title: "describes no tenant that does not exist", Covers: []string{"ENTRA-OIDC-019"}, Run: unknownTenant},
	}
}

// document is a discovery document of a tenant.
func document(ctx context.Context, t *suite.T, tenant, version string) *wire.Answer {
	return t.Send(ctx, t.Login("GET", "/"+tenant+version+"/.well-known/openid-configuration"))
}

// hosts are what the documents of a cloud name.
type hosts struct{ instance, graph, msgraph string }

func hostsOf(cloud string) hosts {
	switch cloud {
	case "china":
		return hosts{"partner.microsoftonline.cn", "graph.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn"}
	case "usgov":
		return hosts{"microsoftonline.us", "graph.microsoftazure.us", "graph.microsoft.us"}
	}
	return hosts{"microsoftonline.com", "graph.windows.net", "graph.microsoft.com"}
}

// The cloud in China is asked by one alias of its login host, and calls itself by the other.
const (
	chinaLogin  = "https://login.chinacloudapi.cn/"
	chinaIssuer = "https://login.partner.microsoftonline.cn/"
)

func secondDocument(ctx context.Context, t *suite.T) {
	a := document(ctx, t, t.World.Tenant, "/v2.0")
	at, is := t.World.Login+"/"+t.World.Tenant, hostsOf(t.Cloud.Name)
	t.Rule("ENTRA-OIDC-001").Expect(a).To(match.Status(200))
	t.Rule("ENTRA-OIDC-001").Expect(a).To(match.JSON("", gomega.BeAssignableToTypeOf(map[string]any{})))
	t.Require(a, match.JSON("claims_supported", gomega.ContainElement("iss")), "a document")
	for _, c := range []struct {
		rule, member string
		want         any
	}{
		{"ENTRA-OIDC-002", "issuer", strings.Replace(at, chinaLogin, chinaIssuer, 1) + "/v2.0"},
		{"ENTRA-OIDC-004", "token_endpoint", at + "/oauth2/v2.0/token"},
		{"ENTRA-OIDC-005", "jwks_uri", at + "/discovery/v2.0/keys"},
		{"ENTRA-OIDC-006", "authorization_endpoint", gomega.HavePrefix("https://")},
		{"ENTRA-OIDC-007", "device_authorization_endpoint", at + "/oauth2/v2.0/devicecode"},
		{"ENTRA-OIDC-008", "id_token_signing_alg_values_supported", gomega.HaveExactElements("RS256")},
		{"ENTRA-OIDC-009", "token_endpoint_auth_methods_supported.0", "client_secret_post"},
		{"ENTRA-OIDC-009", "token_endpoint_auth_methods_supported.1", "private_key_jwt"},
		{"ENTRA-OIDC-009", "token_endpoint_auth_methods_supported.2", "client_secret_basic"},
		{"ENTRA-OIDC-010", "cloud_instance_name", is.instance},
		{"ENTRA-OIDC-010", "cloud_graph_host_name", is.graph},
		{"ENTRA-OIDC-010", "msgraph_host", is.msgraph},
		{"ENTRA-OIDC-011", "tenant_region_scope", gomega.Or(gomega.BeNil(), gomega.BeAssignableToTypeOf(""))},
	} {
		t.Rule(c.rule).Expect(a).To(match.JSON(c.member, c.want))
	}
}

func common(ctx context.Context, t *suite.T) {
	t.Require(document(ctx, t, t.World.Tenant, "/v2.0"), match.JSON("claims_supported", gomega.ContainElement("iss")), "a tenant's document")
	t.Rule("ENTRA-OIDC-003").Expect(document(ctx, t, "common", "/v2.0")).To(match.JSON("issuer", gomega.MatchRegexp(`^https://[^/]+/\{tenantid\}/v2\.0$`)))
}

func firstDocument(ctx context.Context, t *suite.T) {
	a := document(ctx, t, t.World.Tenant, "")
	t.Rule("ENTRA-OIDC-012").Expect(a).To(match.Status(200))
	t.Require(a, match.JSON("claims_supported", gomega.ContainElement("iss")), "a document")
	t.Rule("ENTRA-OIDC-012").Expect(a).To(match.JSON("authorization_endpoint", gomega.HaveSuffix("/oauth2/authorize")))
	t.Rule("ENTRA-OIDC-013").Expect(a).To(match.JSON("issuer", v1Issuer(t)))
	t.Rule("ENTRA-OIDC-014").Expect(a).To(match.JSON("token_endpoint", t.World.Login+"/"+t.World.Tenant+"/oauth2/token"))
	t.Rule("ENTRA-OIDC-015").Expect(a).To(match.JSON("jwks_uri", t.World.Login+"/common/discovery/keys"))
}

func documentHeader(ctx context.Context, t *suite.T) {
	for _, version := range []string{"/v2.0", ""} {
		a := document(ctx, t, t.World.Tenant, version)
		t.Require(a, match.JSON("claims_supported", gomega.ContainElement("iss")), "a document")
		t.Rule("ENTRA-OIDC-016").Expect(a).To(match.Header("Cache-Control", "max-age=86400, private"))
		t.Rule("ENTRA-OIDC-017").Expect(a).To(match.Header("Access-Control-Allow-Origin", "*"))
	}
}

func unknownTenant(ctx context.Context, t *suite.T) {
	for _, version := range []string{"/v2.0", ""} {
		a := document(ctx, t, noOne, version)
		t.Rule("ENTRA-OIDC-018").Expect(a).To(match.Status(400))
		t.Rule("ENTRA-OIDC-019").Expect(a).To(match.JSON("error", "invalid_tenant"))
		t.Rule("ENTRA-OIDC-019").Expect(a).To(match.JSON("error_codes.0", 90002))
		t.Require(document(ctx, t, t.World.Tenant, version), match.JSON("claims_supported", gomega.ContainElement("iss")), "a tenant that exists")
	}
}
