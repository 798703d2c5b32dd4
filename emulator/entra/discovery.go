package entra

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// document answers with the headers that discovery documents have.
func document(body any) wire.Response {
	return wire.Response{Body: body, Header: http.Header{
		"Cache-Control":                {"max-age=86400, private"},
		"Access-Control-Allow-Origin":  {"*"},
		"Access-Control-Allow-Methods": {"GET, OPTIONS"},
	}}
}

// base is the URL of the tenant on the host that was asked.
func base(c *wire.Call, tenant string) string {
	return c.Scheme() + "://" + c.Request.Host + "/" + tenant
}

// discovered is the tenant whose document is asked for; common has one of its own.
func discovered(c *wire.Call, tx *state.Tx) (name, inIssuer string, err error) {
	if name := c.Var("tenant"); shared(name) {
		return strings.ToLower(name), "{tenantid}", nil
	}
	t, err := tenantOf(c, tx, apierr.EntraTenantUnknownOIDC, apierr.EntraTenantInvalidOIDC)
	return t.ID, t.ID, err
}

// configurationV2 has the members in the order of the service.
type configurationV2 struct {
	TokenEndpoint         string   `json:"token_endpoint"`
	AuthMethods           []string `json:"token_endpoint_auth_methods_supported"`
	JWKSURI               string   `json:"jwks_uri"`
	ResponseModes         []string `json:"response_modes_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	SigningAlgs           []string `json:"id_token_signing_alg_values_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	Scopes                []string `json:"scopes_supported"`
	Issuer                string   `json:"issuer"`
	RequestURI            bool     `json:"request_uri_parameter_supported"`
	UserInfo              string   `json:"userinfo_endpoint"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	DeviceAuthorization   string   `json:"device_authorization_endpoint"`
	HTTPLogout            bool     `json:"http_logout_supported"`
	FrontchannelLogout    bool     `json:"frontchannel_logout_supported"`
	EndSession            string   `json:"end_session_endpoint"`
	Claims                []string `json:"claims_supported"`
	Kerberos              string   `json:"kerberos_endpoint"`
	tail
}

// tail is what both documents end with.
type tail struct {
	RegionScope   *string `json:"tenant_region_scope"`
	CloudInstance string  `json:"cloud_instance_name"`
	CloudGraph    string  `json:"cloud_graph_host_name"`
	MSGraph       string  `json:"msgraph_host"`
	RBACURL       string  `json:"rbac_url"`
}

func tailOf(c *cloud.Cloud) tail {
	t := tail{
		CloudInstance: c.Entra.CloudInstanceName, CloudGraph: c.Entra.CloudGraphHostName,
		MSGraph: c.Entra.MSGraphHost, RBACURL: c.Entra.RBACURL,
	}
	if scope := c.Entra.TenantRegionScope; scope != "" {
		t.RegionScope = &scope
	}
	return t
}

func claimsSupported() []string {
	return []string{
		"sub", "iss", "cloud_instance_name", "cloud_instance_host_name", "cloud_graph_host_name", "msgraph_host",
		"aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username", "name", "tid", "ver", "at_hash", "c_hash", "email",
	}
}

func openIDConfigurationV2(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	tenant, inIssuer, err := discovered(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	at := base(c, tenant)
	return document(configurationV2{
		TokenEndpoint: at + "/oauth2/v2.0/token",
		AuthMethods:   []string{"client_secret_post", "private_key_jwt", "client_secret_basic", "self_signed_tls_client_auth"},
		JWKSURI:       at + "/discovery/v2.0/keys",
		ResponseModes: []string{"query", "fragment", "form_post"}, SubjectTypes: []string{"pairwise"}, SigningAlgs: []string{"RS256"},
		ResponseTypes: []string{"code", "id_token", "code id_token", "id_token token"},
		Scopes:        []string{"openid", "profile", "email", "offline_access"},
		Issuer:        c.World.Cloud.V2Issuer(inIssuer), UserInfo: "https://" + c.World.Cloud.Entra.MSGraphHost + "/oidc/userinfo",
		AuthorizationEndpoint: at + "/oauth2/v2.0/authorize", DeviceAuthorization: at + "/oauth2/v2.0/devicecode",
		HTTPLogout: true, FrontchannelLogout: true, EndSession: at + "/oauth2/v2.0/logout",
		Claims: claimsSupported(), Kerberos: at + "/kerberos", tail: tailOf(c.World.Cloud),
	}), nil
}

// configurationV1 is the document of the older endpoint.
type configurationV1 struct {
	TokenEndpoint         string   `json:"token_endpoint"`
	AuthMethods           []string `json:"token_endpoint_auth_methods_supported"`
	JWKSURI               string   `json:"jwks_uri"`
	ResponseModes         []string `json:"response_modes_supported"`
	SubjectTypes          []string `json:"subject_types_supported"`
	SigningAlgs           []string `json:"id_token_signing_alg_values_supported"`
	ResponseTypes         []string `json:"response_types_supported"`
	Scopes                []string `json:"scopes_supported"`
	Issuer                string   `json:"issuer"`
	MultiRefresh          bool     `json:"microsoft_multi_refresh_token"`
	AuthorizationEndpoint string   `json:"authorization_endpoint"`
	DeviceAuthorization   string   `json:"device_authorization_endpoint"`
	HTTPLogout            bool     `json:"http_logout_supported"`
	FrontchannelLogout    bool     `json:"frontchannel_logout_supported"`
	EndSession            string   `json:"end_session_endpoint"`
	Claims                []string `json:"claims_supported"`
	CheckSession          string   `json:"check_session_iframe"`
	UserInfo              string   `json:"userinfo_endpoint"`
	Kerberos              string   `json:"kerberos_endpoint"`
	tail
}

func openIDConfiguration(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	tenant, inIssuer, err := discovered(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	at := base(c, tenant)
	return document(configurationV1{
		TokenEndpoint: at + "/oauth2/token",
		AuthMethods:   []string{"client_secret_post", "private_key_jwt", "client_secret_basic"},
		JWKSURI:       base(c, "common") + "/discovery/keys",
		ResponseModes: []string{"query", "fragment", "form_post"}, SubjectTypes: []string{"pairwise"}, SigningAlgs: []string{"RS256"},
		ResponseTypes: []string{"code", "id_token", "code id_token", "token id_token", "token"}, Scopes: []string{"openid"},
		Issuer: c.World.Cloud.V1Issuer(inIssuer), MultiRefresh: true,
		AuthorizationEndpoint: at + "/oauth2/authorize", DeviceAuthorization: at + "/oauth2/devicecode",
		HTTPLogout: true, FrontchannelLogout: true, EndSession: at + "/oauth2/logout",
		Claims: claimsSupported(), CheckSession: at + "/oauth2/checksession", UserInfo: at + "/openid/userinfo",
		Kerberos: at + "/kerberos", tail: tailOf(c.World.Cloud),
	}), nil
}

type keySet struct {
	Keys []identity.JWK `json:"keys"`
}

func keys(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, _, err := discovered(c, tx); err != nil {
		return wire.Response{}, err
	}
	return document(keySet{c.World.Tokens.Keys()}), nil
}

// keysV2 names the issuer beside each key.
func keysV2(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	_, inIssuer, err := discovered(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	set := c.World.Tokens.Keys()
	for i := range set {
		set[i].Issuer = c.World.Cloud.V2Issuer(inIssuer)
	}
	return document(keySet{set}), nil
}

// instanceDiscovery tells a client whether an authority is one of Microsoft's. A client
// asks it before it sends a secret there.
func instanceDiscovery(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	endpoint, err := url.Parse(c.Query.Get("authorization_endpoint"))
	if err != nil || endpoint.Scheme != "https" || !knownAuthority(endpoint.Hostname()) {
		return wire.Response{}, wire.Refuse(apierr.EntraInstance)
	}
	tenant, _, _ := strings.Cut(strings.TrimPrefix(endpoint.Path, "/"), "/")
	if tenant == "" {
		return wire.Response{}, wire.Refuse(apierr.EntraInstance)
	}
	version := c.Query.Get("api-version")
	if version == "" {
		version = "1.1"
	}
	return document(struct {
		Endpoint   string           `json:"tenant_discovery_endpoint"`
		APIVersion string           `json:"api-version"`
		Metadata   []cloud.Instance `json:"metadata"`
	}{"https://" + endpoint.Host + "/" + tenant + "/v2.0/.well-known/openid-configuration", version, cloud.Instances()}), nil
}

func knownAuthority(host string) bool {
	return slices.ContainsFunc(cloud.Instances(), func(i cloud.Instance) bool {
		return slices.ContainsFunc(i.Aliases, func(alias string) bool { return strings.EqualFold(alias, host) })
	})
}
