package emulator_test

import (
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/ids"
)

func (r *rig) graph(path string) string {
	return "https://" + r.emu.Cloud().Entra.MSGraphHost + path
}

// graphToken is the administrator's token for Graph.
func (r *rig) graphToken() string {
	r.Helper()
	return bearer(r.appToken(admin, "linarite", r.emu.Cloud().Endpoints.MicrosoftGraph))
}

// ids lists the ids that a page has.
func (r *rig) pageIDs(a answer) (found []string, next string) {
	r.Helper()
	var page struct {
		Value []struct{ ID string }
		Next  string `json:"@odata.nextLink"`
	}
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != 200 {
		r.Fatalf("%d %s", a.status, a.body)
	}
	for _, v := range page.Value {
		found = append(found, v.ID)
	}
	return found, page.Next
}

const odata = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

// A service principal as recorded, member by member, in each cloud.
func TestServicePrincipal(t *testing.T) { onCarriers(t, checkServicePrincipal) }

func checkServicePrincipal(t *testing.T, open opener) {
	for _, c := range cloud.All() {
		r := open(t, emulator.Options{Cloud: c.Name})
		who := r.graphToken()
		oid := ids.Named(tenant, "servicePrincipal", "linarite-admin")
		members := `"id":"` + oid + `","deletedDateTime":null,"accountEnabled":true,"alternativeNames":[],"appDisplayName":"linarite-admin","appDescription":null,"appId":"` + admin +
			`","applicationTemplateId":null,"appOwnerOrganizationId":"` + tenant + `","appRoleAssignmentRequired":false,"createdDateTime":"2020-01-01T00:00:00Z","description":null,"disabledByMicrosoftStatus":null,` +
			`"displayName":"linarite-admin","homepage":null,"loginUrl":null,"logoutUrl":null,"notes":null,"notificationEmailAddresses":[],"preferredSingleSignOnMode":null,"preferredTokenSigningKeyThumbprint":null,` +
			`"replyUrls":[],"servicePrincipalNames":["` + admin + `"],"servicePrincipalType":"Application","signInAudience":"AzureADMyOrg","tags":[],"tokenEncryptionKeyId":null,` +
			`"info":{"logoUrl":null,"marketingUrl":null,"privacyStatementUrl":null,"supportUrl":null,"termsOfServiceUrl":null},"samlSingleSignOnSettings":null,"addIns":[],"appRoles":[],"keyCredentials":[],` +
			`"oauth2PermissionScopes":[],"passwordCredentials":[],"resourceSpecificApplicationPermissions":[],"verifiedPublisher":{"displayName":null,"verifiedPublisherId":null,"addedDateTime":null}}`
		meta := `{"@odata.context":"` + strings.TrimSuffix(c.Endpoints.MicrosoftGraph, "/") + `/v1.0/$metadata#`
		a := r.get(r.graph("/v1.0/servicePrincipals?$filter=servicePrincipalNames%2Fany%28c%3Ac%20eq%20%27"+admin+"%27%29"), who, "client-request-id: "+guid(1))
		r.expect("by name", a, 200, meta+`servicePrincipals","value":[{`+members+`]}`)
		if a.header.Get("Content-Type") != odata || a.header.Get("odata-version") != "4.0" || a.header.Get("client-request-id") != guid(1) || a.header.Get("request-id") == "" {
			t.Errorf("%v", a.header)
		}
		var served struct {
			ServerInfo struct{ DataCenter, Slice, Ring, ScaleUnit, RoleInstance string }
		}
		if err := json.Unmarshal([]byte(a.header.Get("x-ms-ags-diagnostic")), &served); err != nil || served.ServerInfo.RoleInstance == "" || a.header.Get("x-ms-resource-unit") != "1" {
			t.Errorf("which server, at what cost: %v", a.header)
		}
		r.expect("by id", r.get(r.graph("/v1.0/servicePrincipals/"+oid), who), 200, meta+`servicePrincipals/$entity",`+members)
		body := `{"ids": ["` + guid(1) + `", "` + oid + `", "` + oid + `"], "types": ["user", "group", "servicePrincipal", "directoryObjectPartnerReference"]}`
		all := r.do("POST", r.graph("/v1.0/directoryObjects/getByIds"), body, who, "Content-Type: application/json")
		if cost := all.header.Get("x-ms-resource-unit"); cost != "3" {
			t.Errorf("getByIds costs %q", cost)
		}
		r.expect("by ids", all, 200,
			meta+`directoryObjects","value":[{"@odata.type":"#microsoft.graph.servicePrincipal",`+members+`]}`)
		r.expect("of no wanted type", r.do("POST", r.graph("/v1.0/directoryObjects/getByIds"), `{"ids":["`+oid+`"],"types":["user"]}`, who), 200, meta+`directoryObjects","value":[]}`)
		r.expect("users", r.get(r.graph("/v1.0/users?$filter=userPrincipalName%20eq%20'me@example.com'"), who), 200, meta+`users","value":[]}`)
	}
}

// Managed identities say what they belong to.
func TestManagedIdentitiesInTheDirectory(t *testing.T) {
	onCarriers(t, checkManagedIdentitiesInTheDirectory)
}

func checkManagedIdentitiesInTheDirectory(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	who := r.graphToken()
	for query, want := range map[string]string{
		"appId eq '" + tutorialID + "'": `"alternativeNames":["isExplicit=True","` + subPath + `/resourcegroups/rg1/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1"],"appDisplayName":null,`,
		"displayName eq 'vm'":           `"alternativeNames":["isExplicit=False","` + rg1Path + `/providers/Microsoft.Compute/virtualMachines/vm"],"appDisplayName":null,`,
	} {
		a := r.get(r.graph("/v1.0/servicePrincipals?$filter="+url.QueryEscape(query)), who)
		if !strings.Contains(a.body, want) || !strings.Contains(a.body, `"servicePrincipalType":"ManagedIdentity","signInAudience":null`) ||
			!regexp.MustCompile(`"servicePrincipalNames":\["[0-9a-f-]{36}","https://identity\.azure\.net/[A-Za-z0-9+/]{43}="\]`).MatchString(a.body) {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

func TestGraphFiltersAndPages(t *testing.T) { onCarriers(t, checkGraphFiltersAndPages) }

func checkGraphFiltersAndPages(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	who := r.graphToken()
	sp := func(name string) string { return ids.Named(tenant, "servicePrincipal", name) }
	vm := ids.Named(tenant, "machine.principalId", rg1Path+"/providers/Microsoft.Compute/virtualMachines/vm")
	all := []string{sp("linarite-admin"), sp("contributor"), sp("granter"), sp("nobody"), id1, vm}
	slices.Sort(all)
	for path, want := range map[string][]string{
		"servicePrincipals": all,
		"servicePrincipals?$filter=displayName eq 'GRANTER'":                                          {sp("granter")},
		"servicePrincipals?$filter=startswith(displayName,'contri')":                                  {sp("contributor")},
		"servicePrincipals?$filter=id eq '" + id1 + "'":                                               {id1},
		"servicePrincipals?$filter=servicePrincipalType eq 'ManagedIdentity' and displayName eq 'vm'": {vm},
		"servicePrincipals?$filter=alternativeNames/any(a:a eq 'isExplicit=True')":                    {id1},
		"servicePrincipals?$filter=servicePrincipalNames/any(c:c eq '" + id1 + "')":                   nil,
		"groups":                                {ids.Named(tenant, "group", "inner"), ids.Named(tenant, "group", "outer")},
		"groups?$filter=displayName eq 'inner'": {ids.Named(tenant, "group", "inner")},
		"users?$filter=startswith(displayName,'a') and mail eq 'x'": nil,
	} {
		path, query, _ := strings.Cut(path, "?$filter=")
		got, next := r.pageIDs(r.get(r.graph("/v1.0/"+path+"?$filter="+url.QueryEscape(query)), who))
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) || next != "" {
			t.Errorf("%s %s: %v %s, want %v", path, query, got, next, want)
		}
	}
	var paged []string
	for next := r.graph("/v1.0/servicePrincipals?$top=4"); next != ""; {
		var page []string
		page, next = r.pageIDs(r.get(next, who))
		paged = append(paged, page...)
	}
	if !slices.Equal(paged, all) {
		t.Errorf("paged: %v", paged)
	}
	group := ids.Named(tenant, "group", "inner")
	if a := r.do("POST", r.graph("/v1.0/directoryObjects/getByIds"), `{"ids":["`+strings.ToUpper(group)+`"]}`, who); !strings.Contains(a.body, `"value":[{"@odata.type":"#microsoft.graph.group","id":"`+group+`",`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.get(r.graph("/v1.0/groups/"+group), who); a.status != 200 || !strings.Contains(a.body, `"displayName":"inner","groupTypes":[],"mail":null,"mailEnabled":false,"mailNickname":"inner","securityEnabled":true}`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestGraphRefusals(t *testing.T) { onCarriers(t, checkGraphRefusals) }

func checkGraphRefusals(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	now := r.emu.Clock().Freeze()
	who := r.graphToken()
	machine := bearer(r.machineToken("https://graph.microsoft.com", ""))
	arm := bearer(r.adminToken())
	absent := "99999999-9999-9999-9999-999999999999"
	stranger := bearer(issue(t, signer(t, r.emu.Cloud()), someone(guid(8), absent, "https://graph.microsoft.com/")))
	challenge := `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", client_id="00000003-0000-0000-c000-000000000000"`
	for _, row := range []struct {
		name, method, path, authorization, body string
		status                                  int
		code, message                           string
	}{
		{"no token", "GET", "/v1.0/servicePrincipals", "", "", 401, "InvalidAuthenticationToken", "Access token is empty."},
		{"basic", "GET", "/v1.0/servicePrincipals", "Authorization: Basic YTpi", "", 401, "InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217"},
		{"garbage", "GET", "/v1.0/servicePrincipals", bearer("garbage"), "", 401, "InvalidAuthenticationToken", "CompactToken parsing failed with error code: 80049217"},
		{"bad signature", "GET", "/v1.0/servicePrincipals", who[:len(who)-4] + "AAAA", "", 401, "InvalidAuthenticationToken", "Access token validation failure."},
		{"ARM's", "GET", "/v1.0/servicePrincipals", arm, "", 401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience."},
		{"ARM's, and no such path", "GET", "/v1.0/none", arm, "", 401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience."},
		{"of another tenant", "GET", "/v1.0/servicePrincipals", stranger, "", 401, "Authorization_IdentityNotFound", "The identity of the calling application could not be established."},
		{"a managed identity", "GET", "/v1.0/servicePrincipals", machine, "", 403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."},
		{"me", "GET", "/v1.0/me", who, "", 400, "BadRequest", "/me request is only valid with delegated authentication flow."},
		{"missing", "GET", "/v1.0/servicePrincipals/" + absent, who, "", 404, "Request_ResourceNotFound", "Resource '" + absent + "' does not exist or one of its queried reference-property objects are not present."},
		{"missing group", "GET", "/v1.0/groups/" + id1, who, "", 404, "Request_ResourceNotFound", "Resource '" + id1 + "' does not exist or one of its queried reference-property objects are not present."},
		{"missing user", "GET", "/v1.0/users/x", who, "", 404, "Request_ResourceNotFound", "Resource 'x' does not exist or one of its queried reference-property objects are not present."},
		{"no such segment", "GET", "/v1.0/gadgets/x", who, "", 400, "BadRequest", "Resource not found for the segment 'gadgets'."},
		{"no such version", "GET", "/v2.0/users", who, "", 400, "BadRequest", "Invalid version: v2.0"},
		{"no such verb", "DELETE", "/v1.0/users", who, "", 405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target."},
		{"no such property", "GET", "/v1.0/users?$filter=shoe%20eq%20'1'", who, "", 400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified for property 'shoe' of resource 'User'."},
		{"eq on a collection", "GET", "/v1.0/servicePrincipals?$filter=servicePrincipalNames%20eq%20'1'", who, "", 400, "Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified for property 'servicePrincipalNames' of resource 'ServicePrincipal'."},
		{"no filter", "GET", "/v1.0/groups?$filter=a%20b", who, "", 400, "BadRequest", "Invalid filter clause: 'a b'."},
		{"top", "GET", "/v1.0/groups?$top=0", who, "", 400, "BadRequest", "Invalid value '0' for $top query option found. The $top query option requires a positive integer value."},
		{"skip token", "GET", "/v1.0/groups?$skiptoken=!", who, "", 400, "BadRequest", "The $skiptoken '!' is invalid."},
		{"no ids", "POST", "/v1.0/directoryObjects/getByIds", who, "{}", 400, "BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."},
		{"no JSON", "POST", "/v1.0/directoryObjects/getByIds", who, "ids", 400, "BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."},
	} {
		headers := []string{"client-request-id: " + guid(7)}
		if row.authorization != "" {
			headers = append(headers, row.authorization)
		}
		a := r.do(row.method, r.graph(row.path), row.body, headers...)
		text, _ := json.Marshal(row.message)
		r.expect(row.name, a, row.status, `{"error":{"code":"`+row.code+`","message":`+string(text)+`,"innerError":{"date":"`+now.Format("2006-01-02T15:04:05")+`","request-id":"`+
			a.header.Get("request-id")+`","client-request-id":"`+guid(7)+`"}}}`)
		want := challenge
		if row.status != 401 || row.code != "InvalidAuthenticationToken" {
			want = ""
		}
		if got := a.header.Get("WWW-Authenticate"); got != want || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %v", row.name, a.header)
		}
	}
	r.emu.Clock().Advance(2 * time.Hour)
	if a := r.get(r.graph("/v1.0/users"), who); a.status != 401 || !strings.Contains(a.body, "Lifetime validation failed, the token is expired.") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
