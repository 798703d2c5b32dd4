package emulator_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/cloud"
)

// A stranger with nothing but the discovery document can verify a machine's token.
func TestDiscoveryLeadsToTheKeys(t *testing.T) { onCarriers(t, checkDiscoveryLeadsToTheKeys) }

func checkDiscoveryLeadsToTheKeys(t *testing.T, open opener) {
	for _, c := range cloud.All() {
		r := open(t, emulator.Options{Cloud: c.Name})
		token := r.machineToken(strings.TrimSuffix(c.ARM.Endpoint, "/"), "")
		for _, host := range c.Entra.LoginHosts {
			a := r.get("https://" + host + "/" + tenant + "/v2.0/.well-known/openid-configuration")
			if a.status != 200 || r.field(a, "issuer") != c.V2Issuer(tenant) {
				t.Fatalf("%s: %d %s", host, a.status, a.body)
			}
			if cc := a.header.Get("Cache-Control"); cc != "max-age=86400, private" {
				t.Errorf("Cache-Control: %s", cc)
			}
			verify(t, r, token, r.field(a, "jwks_uri"))
			a = r.get("https://" + host + "/" + tenant + "/.well-known/openid-configuration")
			if r.field(a, "issuer") != c.V1Issuer(tenant) {
				t.Fatalf("%s: %d %s", host, a.status, a.body)
			}
			verify(t, r, token, r.field(a, "jwks_uri"))
		}
	}
}

func verify(t *testing.T, r *rig, token, keysURL string) {
	t.Helper()
	_, err := jwt.Parse(token, func(tok *jwt.Token) (any, error) {
		return publicKey(t, r), nil
	}, jwt.WithValidMethods([]string{"RS256"}))
	if err != nil {
		t.Error(err)
	}
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal([]byte(r.get(keysURL).body), &set); err != nil || len(set.Keys) < 2 {
		t.Fatalf("%s: %v %v", keysURL, err, set)
	}
	var head struct{ Typ, Alg, X5t, Kid string }
	_ = json.Unmarshal(part(t, token, 0), &head)
	if head.Kid != set.Keys[0]["kid"] || head.X5t != head.Kid || head.Alg != "RS256" || head.Typ != "JWT" {
		t.Errorf("header %+v, key %v", head, set.Keys[0]["kid"])
	}
	if _, named := set.Keys[0]["issuer"]; named != strings.Contains(keysURL, "/v2.0/") {
		t.Errorf("%s: issuer beside the keys: %v", keysURL, named)
	}
}

func TestCommonDiscovery(t *testing.T) { onCarriers(t, checkCommonDiscovery) }

func checkCommonDiscovery(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	a := r.get("https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration")
	if r.field(a, "issuer") != "https://login.microsoftonline.com/{tenantid}/v2.0" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for query, want := range map[string]int{
		"?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.microsoftonline.com%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize": 200,
		"?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.chinacloudapi.cn%2Fx%2Foauth2%2Fv2.0%2Fauthorize":         200,
		"?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.example.com%2Fcommon%2Foauth2%2Fv2.0%2Fauthorize":         400,
		"?api-version=1.1&authorization_endpoint=http%3A%2F%2Flogin.microsoftonline.com%2Fcommon":                              400,
		"": 400,
	} {
		a := r.get("https://login.microsoftonline.com/common/discovery/instance" + query)
		if a.status != want {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
		if want == 400 && r.field(a, "error") != "invalid_instance" {
			t.Errorf("%s: %s", query, a.body)
		}
		if want == 200 && !strings.Contains(a.body, `"preferred_network":"login.microsoftonline.com","preferred_cache":"login.windows.net","aliases":["login.microsoftonline.com","login.windows.net","login.microsoft.com","sts.windows.net"]`) {
			t.Errorf("%s: %s", query, a.body)
		}
	}
}

// The seven members of an error, and each refusal of the token endpoint.
func TestTokenEndpointRefusals(t *testing.T) { onCarriers(t, checkTokenEndpointRefusals) }

func checkTokenEndpointRefusals(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	absent := "99999999-9999-9999-9999-999999999999"
	good := func(change ...string) url.Values {
		v := url.Values{"grant_type": {"client_credentials"}, "client_id": {admin}, "client_secret": {"linarite"}, "scope": {"https://management.azure.com//.default"}}
		for i := 0; i+1 < len(change); i += 2 {
			if change[i+1] == "" {
				v.Del(change[i])
			} else {
				v.Set(change[i], change[i+1])
			}
		}
		return v
	}
	at := func(tenant string) string {
		return "https://login.microsoftonline.com/" + tenant + "/oauth2/v2.0/token"
	}
	for name, row := range map[string]struct {
		url    string
		form   url.Values
		status int
		code   string
		number string
	}{
		"no grant type":     {at(tenant), good("grant_type", ""), 400, "invalid_request", "900144"},
		"other grant type":  {at(tenant), good("grant_type", "magic"), 400, "unsupported_grant_type", "70003"},
		"no client":         {at(tenant), good("client_id", ""), 400, "invalid_request", "900144"},
		"no scope, unknown": {at(tenant), good("scope", "", "client_id", absent), 400, "invalid_request", "900144"},
		"unknown client":    {at(tenant), good("client_id", absent), 400, "unauthorized_client", "700016"},
		"identity's client": {at(tenant), good("client_id", tutorialID), 400, "unauthorized_client", "700016"},
		"no secret":         {at(tenant), good("client_secret", ""), 401, "invalid_client", "7000216"},
		"wrong secret":      {at(tenant), good("client_secret", "linarit"), 401, "invalid_client", "7000215"},
		"two resources":     {at(tenant), good("scope", "https://management.azure.com//.default https://vault.azure.net/.default"), 400, "invalid_scope", "1002012"},
		"openid alone":      {at(tenant), good("scope", "openid profile"), 400, "invalid_scope", "1002012"},
		"no /.default":      {at(tenant), good("scope", "https://management.azure.com/"), 400, "invalid_scope", "1002012"},
		"unknown resource":  {at(tenant), good("scope", "https://vault.azure.cn/.default"), 400, "invalid_resource", "500011"},
		"resource on v2":    {at(tenant), good("resource", "x"), 400, "invalid_request", "901002"},
		"unknown tenant":    {at(absent), good(), 400, "invalid_request", "90002"},
		"impossible tenant": {at("nonsense"), good(), 400, "invalid_request", "900023"},
		"v1, no resource":   {"https://login.microsoftonline.com/" + tenant + "/oauth2/token", good(), 400, "invalid_request", "900144"},
	} {
		a := r.do("POST", row.url, row.form.Encode(), "Content-Type: application/x-www-form-urlencoded")
		want := `^\{"error":"` + row.code + `","error_description":"AADSTS` + row.number + `: .*\\r\\nTrace ID: ([0-9a-f-]{36})\\r\\nCorrelation ID: ([0-9a-f-]{36})\\r\\nTimestamp: (.{20})",` +
			`"error_codes":\[` + row.number + `\],"timestamp":"(.{20})","trace_id":"([0-9a-f-]{36})","correlation_id":"([0-9a-f-]{36})","error_uri":"https://login.microsoftonline.com/error\?code=` + row.number + `"\}$`
		m := regexp.MustCompile(want).FindStringSubmatch(a.body)
		if a.status != row.status || m == nil || m[1] != m[5] || m[2] != m[6] || m[3] != m[4] || m[1] != a.header.Get("x-ms-request-id") {
			t.Errorf("%s: %d %s\nwant %d %s", name, a.status, a.body, row.status, want)
		}
	}
	if a := r.get(at(tenant)); a.status != 400 || !strings.Contains(a.body, "AADSTS900561: The endpoint only accepts POST requests. Received a GET request.") {
		t.Errorf("GET: %d %s", a.status, a.body)
	}
	for path, code := range map[string]string{"/" + absent: "invalid_tenant", "/nonsense": "invalid_tenant"} {
		if a := r.get("https://login.microsoftonline.com" + path + "/v2.0/.well-known/openid-configuration"); a.status != 400 || r.field(a, "error") != code {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

// Both endpoint versions, by form and by HTTP Basic: numbers in the one, strings in the other.
func TestClientCredentials(t *testing.T) { onCarriers(t, checkClientCredentials) }

func checkClientCredentials(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	form := "grant_type=client_credentials&client_id=" + admin + "&client_secret=linarite"
	const kind = "Content-Type: application/x-www-form-urlencoded"
	v2 := r.do("POST", "https://login.microsoftonline.com/"+tenant+"/oauth2/v2.0/token", form+"&scope=https%3A%2F%2Fmanagement.core.windows.net%2F%2F.default", kind)
	if !regexp.MustCompile(`^\{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"[\w.-]+"\}$`).MatchString(v2.body) {
		t.Errorf("v2: %d %s", v2.status, v2.body)
	}
	// ENTRA-TOKEN-029
	if a := r.do("POST", "https://login.microsoftonline.com/"+tenant+"/oauth2/v2.0/token", form+"&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default+openid+offline_access+profile", kind); a.status != 200 {
		t.Errorf("with OpenID's scopes: %d %s", a.status, a.body)
	}
	token := r.field(v2, "access_token")
	if claim(t, token, "aud") != "https://management.core.windows.net/" || claim(t, token, "appidacr") != "1" || claim(t, token, "xms_mirid") != "" {
		t.Errorf("claims: %s", part(t, token, 1))
	}
	if a := r.get(r.arm(groupPath), bearer(token)); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	v1 := r.do("POST", "https://login.microsoftonline.com/linarite.onmicrosoft.com/oauth2/token", form+"&resource=https%3A%2F%2Fmanagement.azure.com%2F", kind)
	if !regexp.MustCompile(`^\{"token_type":"Bearer","expires_in":"3599","ext_expires_in":"3599","expires_on":"\d+","not_before":"\d+","resource":"https://management.azure.com/","access_token":"[\w.-]+"\}$`).MatchString(v1.body) {
		t.Errorf("v1: %d %s", v1.status, v1.body)
	}
	basic := r.do("POST", "https://login.microsoftonline.com/"+tenant+"/oauth2/v2.0/token", "grant_type=client_credentials&scope=https%3A%2F%2Fmanagement.azure.com%2F.default",
		kind, "Authorization: Basic MTExMTExMTEtMjIyMi0zMzMzLTQ0NDQtNTU1NTU1NTU1NTU1OmxpbmFyaXRl")
	if r.field(basic, "access_token") == "" {
		t.Errorf("basic: %d %s", basic.status, basic.body)
	}
	r.emu.Clock().Advance(time.Hour + time.Second)
	if a := r.get(r.arm(groupPath), bearer(token)); a.status != 401 {
		t.Errorf("an application's token after an hour: %d", a.status)
	}
}

// --no-well-known leaves the administrator out, his grants with him.
func TestNoWellKnown(t *testing.T) { onCarriers(t, checkNoWellKnown) }

func checkNoWellKnown(t *testing.T, open opener) {
	r := open(t, emulator.Options{NoWellKnown: true})
	form := "grant_type=client_credentials&client_id=" + admin + "&client_secret=linarite&scope=https%3A%2F%2Fmanagement.azure.com%2F.default"
	a := r.do("POST", "https://login.microsoftonline.com/"+tenant+"/oauth2/v2.0/token", form, "Content-Type: application/x-www-form-urlencoded")
	if a.status != 400 || r.field(a, "error") != "unauthorized_client" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
