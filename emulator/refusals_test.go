package emulator_test

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
)

const tokenURL = "http://169.254.169.254/metadata/identity/oauth2/token"

func oauthError(code, description string) string {
	return `{"error":"` + code + `","error_description":"` + description + `"}`
}

// What the metadata service refuses, word for word.
func TestIMDSRefusals(t *testing.T) { onCarriers(t, checkIMDSRefusals) }

func checkIMDSRefusals(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	const good = "?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F"
	header := oauthError("invalid_request", "Required metadata header not specified")
	unfound := oauthError("invalid_request", "Identity not found")
	version := oauthError("invalid_request", "Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds")
	for name, row := range map[string]struct {
		method, query string
		headers       []string
		status        int
		body          string
	}{
		"no header":               {"GET", good, nil, 400, header},
		"no header, no query":     {"GET", "", nil, 400, header},
		"no header, wrong verb":   {"POST", good, nil, 400, header},
		"header false":            {"GET", good, []string{"Metadata: false"}, 400, header},
		"header empty":            {"GET", good, []string{"Metadata: "}, 400, header},
		"forwarded":               {"GET", good, []string{"Metadata: true", "X-Forwarded-For: 10.0.0.1"}, 400, oauthError("invalid_request", "X-Forwarded-For header is not allowed on requests to the metadata service")},
		"no version":              {"GET", "?resource=https%3A%2F%2Fmanagement.azure.com%2F", []string{"Metadata: true"}, 400, version},
		"unknown version":         {"GET", "?api-version=2018-02-02&resource=https%3A%2F%2Fmanagement.azure.com%2F", []string{"Metadata: true"}, 400, version},
		"version before identity": {"GET", "?api-version=2017-12-01&resource=https%3A%2F%2Fmanagement.azure.com%2F", []string{"Metadata: true"}, 400, version},
		"no resource":             {"GET", "?api-version=2018-02-01", []string{"Metadata: true"}, 400, oauthError("invalid_request", "Required query variable 'resource' is missing")},
		"empty resource":          {"GET", "?api-version=2018-02-01&resource=", []string{"Metadata: true"}, 400, oauthError("invalid_request", "Required query variable 'resource' is missing")},
		"unknown client":          {"GET", good + "&client_id=99999999-9999-9999-9999-999999999999", []string{"Metadata: true"}, 400, unfound},
		"unknown object":          {"GET", good + "&object_id=99999999-9999-9999-9999-999999999999", []string{"Metadata: true"}, 400, unfound},
		"unknown resource id":     {"GET", good + "&msi_res_id=%2Fsubscriptions%2Fx", []string{"Metadata: true"}, 400, unfound},
		"two selectors":           {"GET", good + "&client_id=a&object_id=b", []string{"Metadata: true"}, 400, oauthError("invalid_request", "The query variables client_id, object_id and msi_res_id are mutually exclusive")},
		"resource twice":          {"GET", good + "&resource=x", []string{"Metadata: true"}, 400, oauthError("invalid_request", "Query variable 'resource' was specified more than once")},
		"bad escape":              {"GET", good + "&x=%zz", []string{"Metadata: true"}, 400, oauthError("invalid_request", "The query string is malformed")},
		"wrong verb":              {"POST", good, []string{"Metadata: true"}, 405, oauthError("method_not_allowed", "The http method is not allowed")},
	} {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			a := r.do(row.method, tokenURL+row.query, "", row.headers...)
			if a.status != row.status || a.body != row.body {
				t.Fatalf("%d %s\nwant %d %s", a.status, a.body, row.status, row.body)
			}
			if a.header.Get("Server") == "" || a.header.Get("Content-Type") != "application/json; charset=utf-8" {
				t.Errorf("headers: %v", a.header)
			}
		})
	}
	if a := r.get(tokenURL + good); a.header.Get("Content-Length") != "88" {
		t.Errorf("Content-Length of the missing header's answer: %s, recorded is 88", a.header.Get("Content-Length"))
	}
	if a := r.imds(good[1:] + "&client_id=x"); a.header.Get("Content-Length") != "68" {
		t.Errorf("Content-Length of an unknown identity's answer: %s, recorded is 68", a.header.Get("Content-Length"))
	}
}

// What clients of other habits send must be served all the same.
func TestIMDSTolerates(t *testing.T) { onCarriers(t, checkIMDSTolerates) }

func checkIMDSTolerates(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	const query = "?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F"
	for name, row := range map[string]struct{ url, header string }{
		"header in capitals":       {tokenURL + query, "Metadata: True"},
		"trailing slash":           {tokenURL + "/" + query, "Metadata: true"},
		"double slash":             {"http://169.254.169.254//metadata/identity/oauth2/token" + query, "Metadata: true"},
		"first segment's case":     {"http://169.254.169.254/METADATA/identity/oauth2/token" + query, "Metadata: true"},
		"unlisted parameters":      {tokenURL + query + "&xms_cc=cp1&bypass_cache=true&token_sha256_to_refresh=x", "Metadata: true"},
		"the latest version":       {tokenURL + strings.Replace(query, "2018-02-01", "2025-04-07", 1), "Metadata: true"},
		"front door":               {r.door + "/metadata/identity/oauth2/token" + query, "Metadata: true"},
		"form content type (msal)": {tokenURL + query, "Metadata: true"},
	} {
		a := r.do("GET", row.url, "", row.header, "Content-Type: application/x-www-form-urlencoded;charset=utf-8")
		if a.status != 200 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	for _, path := range []string{"/metadata/identity", "/metadata/identity/getplatformmetadata?cred-api-version=2.0", "/metadata/Identity/oauth2/token", "/"} {
		if a := r.get("http://169.254.169.254"+path, "Metadata: true"); a.status != 404 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
}

// Entra's refusal of an audience, which IMDS relays: also for another cloud's.
func TestUnknownResource(t *testing.T) { onCarriers(t, checkUnknownResource) }

func checkUnknownResource(t *testing.T, open opener) {
	for cloudName, resources := range map[string][]string{
		"public": {"https://nobody.example.com/", "https://management.chinacloudapi.cn/", "https://vault.azure.cn"},
		"china":  {"https://management.azure.com/", "https://vault.azure.net"},
		"usgov":  {"https://management.azure.com/", "https://management.chinacloudapi.cn"},
	} {
		r := open(t, emulator.Options{Cloud: cloudName})
		for _, resource := range resources {
			a := r.imds("api-version=2018-02-01&resource=" + url.QueryEscape(resource))
			want := `^AADSTS500011: The resource principal named ` + regexp.QuoteMeta(resource) + ` was not found in the tenant named Linarite\. This can happen if .*` +
				`\r\nTrace ID: [0-9a-f-]{36}\r\nCorrelation ID: [0-9a-f-]{36}\r\nTimestamp: \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$`
			if a.status != 400 || r.field(a, "error") != "invalid_resource" || !regexp.MustCompile(want).MatchString(r.field(a, "error_description")) {
				t.Errorf("%s %s: %d %s", cloudName, resource, a.status, a.body)
			}
		}
	}
}

type armRefusal struct {
	name, url     string
	method        string
	authorization string
	status        int
	code, message string
	challenge     string
}

func (row armRefusal) check(t *testing.T, r *rig) {
	t.Helper()
	method := row.method
	if method == "" {
		method = "GET"
	}
	var headers []string
	if row.authorization != "" {
		headers = append(headers, "Authorization: "+row.authorization)
	}
	a := r.do(method, row.url, "", headers...)
	want, _ := json.Marshal(map[string]any{"error": json.RawMessage(fmt.Sprintf(`{"code":%q,"message":%q}`, row.code, row.message))})
	if a.status != row.status || a.body != string(want) {
		t.Errorf("%s: %d %s\nwant %d %s", row.name, a.status, a.body, row.status, want)
	}
	if got := a.header.Get("WWW-Authenticate"); got != row.challenge {
		t.Errorf("%s: challenge %s\nwant %s", row.name, got, row.challenge)
	}
	if got := a.header.Get("x-ms-failure-cause"); got != "gateway" {
		t.Errorf("%s: x-ms-failure-cause %q", row.name, got)
	}
}

const (
	groupPath = "/subscriptions/" + subscription + "/resourceGroups/DevTest?api-version=2016-09-01"
	authority = "https://login.windows.net/"
)

func challenged(tenantID, description string) string {
	return `Bearer authorization_uri="` + authority + tenantID + `", error="invalid_token", error_description="` + description + `"`
}

// Who is refused by Resource Manager before anybody looks at rights, word for word.
func TestARMAuthenticationRefusals(t *testing.T) { onCarriers(t, checkARMAuthenticationRefusals) }

func checkARMAuthenticationRefusals(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	url := r.arm(groupPath)
	public := cloud.Public()
	good := r.machineToken("https://management.azure.com/", "")
	key := home(t).Keys[0]
	kid := key.ID()
	otherTenant := "bbbbcccc-1111-dddd-2222-eeee3333ffff"
	stranger := someone(otherTenant, "99999999-9999-9999-9999-999999999999", "https://management.azure.com/")
	foreignKey, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	storage := r.machineToken("https://storage.azure.com/", "")
	china := issue(t, signer(t, cloud.China()), someone(tenant, "x", "https://management.chinacloudapi.cn/"))
	const invalid = "The access token is invalid."
	invalidFor := func(name, token string) armRefusal {
		return armRefusal{name: name, url: url, authorization: "Bearer " + token, status: 401, code: "InvalidAuthenticationToken", message: invalid, challenge: challenged(tenant, invalid)}
	}
	sigless := strings.Join(strings.Split(good, ".")[:2], ".") + "."
	audience := "The access token has been obtained for wrong audience or resource 'https://storage.azure.com/'. It should exactly match with one of the allowed audiences " +
		"'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'."
	wrongTenant := "The access token is from the wrong issuer 'https://sts.windows.net/" + otherTenant + "/'. It must match the tenant 'https://sts.windows.net/" + tenant +
		"/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/" + tenant + "' to get the token. " +
		"Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). " +
		"If you just transferred your subscription and see this error message, please try back later."
	format := "Authentication failed. The 'Authorization' header is provided in an invalid format."
	missing := "The authentication failed because of missing 'Authorization' header."
	for _, row := range []armRefusal{
		{name: "no token", url: url, status: 401, code: "AuthenticationFailed", message: "Authentication failed. The 'Authorization' header is missing.", challenge: challenged(tenant, missing)},
		{name: "no token, no subscription", url: r.arm("/subscriptions?api-version=2016-06-01"), status: 401, code: "AuthenticationFailed",
			message: "Authentication failed. The 'Authorization' header is missing.", challenge: challenged("", missing)},
		{name: "basic", url: url, authorization: "Basic YTpi", status: 401, code: "AuthenticationFailedInvalidHeader", message: format, challenge: challenged(tenant, format)},
		{name: "bearer alone", url: url, authorization: "Bearer", status: 401, code: "AuthenticationFailedInvalidHeader", message: format, challenge: challenged(tenant, format)},
		invalidFor("garbage", "garbage"),
		invalidFor("three dots", "a.b.c"),
		invalidFor("signature cut off", sigless),
		invalidFor("signature changed", good[:len(good)-4]+"AAAA"),
		invalidFor("alg none", reheaded(t, good, `{"typ":"JWT","alg":"none"}`, func(string) []byte { return nil })),
		invalidFor("alg None with kid", reheaded(t, good, `{"typ":"JWT","alg":"None","kid":"`+kid+`"}`, func(string) []byte { return nil })),
		invalidFor("HS256 with the public key, PEM", reheaded(t, good, `{"typ":"JWT","alg":"HS256","kid":"`+kid+`"}`, hs256(publicPEM(t, r)))),
		invalidFor("HS256 with the public key, modulus", reheaded(t, good, `{"typ":"JWT","alg":"HS256","kid":"`+kid+`"}`, hs256(publicKey(t, r).N.Bytes()))),
		invalidFor("own key, our kid", issue(t, newSigner(t, public, foreignKey.WithID(kid)), stranger)),
		invalidFor("own key, own kid", issue(t, newSigner(t, public, foreignKey), stranger)),
		invalidFor("another cloud's", china),
		{name: "storage's", url: url, authorization: "Bearer " + storage, status: 401, code: "InvalidAuthenticationTokenAudience", message: audience, challenge: challenged(tenant, audience)},
		{name: "another tenant's", url: url, authorization: "Bearer " + issue(t, signer(t, public), stranger), status: 401,
			code: "InvalidAuthenticationTokenTenant", message: wrongTenant, challenge: challenged(tenant, wrongTenant)},
	} {
		row.check(t, r)
	}
}

func publicKey(t *testing.T, r *rig) *rsa.PublicKey {
	t.Helper()
	var set struct{ Keys []struct{ X5c []string } }
	a := r.get("https://" + r.emu.Cloud().Entra.LoginHosts[0] + "/" + tenant + "/discovery/v2.0/keys")
	if err := json.Unmarshal([]byte(a.body), &set); err != nil {
		t.Fatal(err)
	}
	der, err := base64.StdEncoding.DecodeString(set.Keys[0].X5c[0])
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert.PublicKey.(*rsa.PublicKey)
}

func publicPEM(t *testing.T, r *rig) []byte {
	t.Helper()
	der, err := x509.MarshalPKIXPublicKey(publicKey(t, r))
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

func TestAnExpiredTokenIsRefused(t *testing.T) { onCarriers(t, checkAnExpiredTokenIsRefused) }

func checkAnExpiredTokenIsRefused(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	token := r.machineToken("https://management.azure.com/", "")
	if a := r.get(r.arm(groupPath), bearer(token)); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.emu.Clock().Advance(24*time.Hour + time.Second)
	a := r.get(r.arm(groupPath), bearer(token))
	const clock = `\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AP]M`
	want := `^\{"error":\{"code":"ExpiredAuthenticationToken","message":"The access token expiry UTC time '` + clock + `' is earlier than current UTC time '` + clock + `'\."\}\}$`
	if a.status != 401 || !regexp.MustCompile(want).MatchString(a.body) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if !strings.Contains(a.header.Get("WWW-Authenticate"), `error_description="The access token expiry UTC time '`) {
		t.Error(a.header.Get("WWW-Authenticate"))
	}
	if a := r.get(r.arm(groupPath), bearer(r.machineToken("https://management.azure.com/", ""))); a.status != 200 {
		t.Fatalf("a fresh token: %d %s", a.status, a.body)
	}
}

// 400 before 401, 401 before 404 of the subscription, 403 before 404 of the thing.
func TestARMOrderOfChecks(t *testing.T) { onCarriers(t, checkARMOrderOfChecks) }

func checkARMOrderOfChecks(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: "testdata/rg1-rg10.yaml"})
	token := r.machineToken("https://management.azure.com/", "")
	app, object := claim(t, token, "appid"), claim(t, token, "oid")
	sub := "/subscriptions/" + subscription
	denied := func(action, scope string) string {
		return fmt.Sprintf("The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. "+
			"If access was recently granted, please refresh your credentials.", app, object, action, scope)
	}
	const read = "Microsoft.Resources/subscriptions/resourceGroups/read"
	absent := "99999999-9999-9999-9999-999999999999"
	reader := "Bearer " + token
	owner := "Bearer " + r.adminToken()
	versions := "'2024-11-01,2024-08-01,"
	rows := []armRefusal{
		{name: "no version, no token", url: r.arm(sub + "/resourceGroups/rg1"), status: 400, code: "MissingApiVersionParameter", message: "The api-version query parameter (?api-version=) is required for all requests."},
		{name: "no version", url: r.arm(sub + "/resourceGroups/rg1"), authorization: reader, status: 400, code: "MissingApiVersionParameter", message: "The api-version query parameter (?api-version=) is required for all requests."},
		{name: "malformed subscription", url: r.arm("/subscriptions/mine/resourceGroups/rg1?api-version=2021-04-01"), authorization: reader, status: 400, code: "InvalidSubscriptionId", message: "The provided subscription identifier 'mine' is malformed or invalid."},
		{name: "unknown subscription", url: r.arm("/subscriptions/" + absent + "/resourceGroups/rg1?api-version=2021-04-01"), authorization: reader, status: 404, code: "SubscriptionNotFound", message: "The subscription '" + absent + "' could not be found."},
		{name: "a role on rg1 used on rg10", url: r.arm(sub + "/resourceGroups/rg10?api-version=2021-04-01"), authorization: reader, status: 403, code: "AuthorizationFailed", message: denied(read, sub+"/resourceGroups/rg10")},
		{name: "missing group, no rights", url: r.arm(sub + "/resourceGroups/absent?api-version=2021-04-01"), authorization: reader, status: 403, code: "AuthorizationFailed", message: denied(read, sub+"/resourceGroups/absent")},
		{name: "missing group, rights", url: r.arm(sub + "/resourceGroups/absent?api-version=2021-04-01"), authorization: owner, status: 404, code: "ResourceGroupNotFound", message: "Resource group 'absent' could not be found."},
		{name: "unknown type, no rights", url: r.arm(sub + "/resourceGroups/rg10/providers/Microsoft.None/things/x?api-version=2021-04-01"), authorization: reader, status: 403, code: "AuthorizationFailed", message: denied("Microsoft.None/things/read", sub+"/resourceGroups/rg10/providers/Microsoft.None/things/x")},
		{name: "unknown namespace, rights", url: r.arm(sub + "/resourceGroups/rg1/providers/Microsoft.None/things/x?api-version=2021-04-01"), authorization: owner, status: 404, code: "InvalidResourceNamespace", message: "The resource namespace 'Microsoft.None' is invalid."},
		{name: "wrong version, no rights", url: r.arm(sub + "/resourceGroups/rg10?api-version=2000-01-01"), authorization: reader, status: 403, code: "AuthorizationFailed", message: denied(read, sub+"/resourceGroups/rg10")},
	}
	for _, row := range rows {
		row.check(t, r)
	}
	a := r.get(r.arm(sub+"/resourceGroups/rg1?api-version=2000-01-01"), "Authorization: "+reader)
	if a.status != 400 || !strings.HasPrefix(a.body, `{"error":{"code":"InvalidApiVersionParameter","message":"The api-version '2000-01-01' is invalid. The supported versions are `+versions) {
		t.Errorf("wrong version: %d %s", a.status, a.body)
	}
	if a := r.get(r.arm(sub+"/resourceGroups/rg1?API-Version=2021-04-01"), "Authorization: "+reader); a.status != 200 {
		t.Errorf("the pair of the refusals: %d %s", a.status, a.body)
	}
}

// Another cloud's hosts are not served, and say what is.
func TestOtherHostsAreRefused(t *testing.T) { onCarriers(t, checkOtherHostsAreRefused) }

func checkOtherHostsAreRefused(t *testing.T, open opener) {
	for cloudName, hosts := range map[string][]string{
		"public": {"management.chinacloudapi.cn", "login.microsoftonline.us", "registry1.azurecr.io", "acct.blob.core.windows.net"},
		"china":  {"management.azure.com", "login.microsoftonline.com"},
	} {
		r := open(t, emulator.Options{Cloud: cloudName})
		for _, host := range hosts {
			r.unserved("https://" + host + "/subscriptions?api-version=2021-01-01")
		}
		if a := r.get("http://" + strings.TrimPrefix(r.arm(groupPath), "https://")); a.status != 400 || !strings.Contains(a.body, "HttpsRequired") {
			t.Errorf("plain http: %d %s", a.status, a.body)
		}
	}
}
