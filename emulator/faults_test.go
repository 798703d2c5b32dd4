package emulator_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/journal"
)

// plan adds rules as the control API will get them: as JSON.
func (r *rig) plan(text string) (ids []string) {
	r.Helper()
	rules, err := fault.Decode([]byte(text))
	if err != nil {
		r.Fatal(err)
	}
	for _, rule := range rules {
		ids = append(ids, r.emu.Faults().Add(rule).ID)
	}
	return ids
}

// lastEntry is the journal's newest.
func (r *rig) lastEntry() journal.Entry {
	r.Helper()
	all := r.emu.Journal().Entries(0)
	if len(all) == 0 {
		r.Fatal("the journal is empty")
	}
	return all[len(all)-1]
}

const (
	imdsToken    = "api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F"
	armGroup     = "/subscriptions/" + subscription + "/resourceGroups/DevTest?api-version=2021-04-01"
	userID       = "/subscriptions/" + subscription + "/resourcegroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/tutorial-id"
	tutorialBlob = "/files/hello_world.txt"
	helloWorld   = "Hello world! :)"
)

// entraToken asks for the administrator's token.
func (r *rig) entraToken() answer {
	r.Helper()
	c := r.emu.Cloud()
	return r.do("POST", "https://"+c.Entra.LoginHosts[0]+"/"+tenant+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {admin}, "client_secret": {"linarite"}, "scope": {c.ARM.Endpoint + "/.default"},
	}.Encode(), "Content-Type: application/x-www-form-urlencoded")
}

// overTLS sends one GET by hand to a served name and returns all that comes, head and body.
// A carrier without connections gives it message by message.
func (r *rig) overTLS(host, path string, headers ...string) (head, body string) {
	r.Helper()
	if r.dialTLS == nil {
		return r.inPieces("https://"+host+path, headers...)
	}
	conn, err := r.dialTLS(host)
	if err != nil {
		r.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", path, host, strings.Join(headers, "\r\n")); err != nil {
		r.Fatal(err)
	}
	all, _ := io.ReadAll(conn) // until the connection is dropped
	head, body, _ = strings.Cut(string(all), "\r\n\r\n")
	return head, body
}

func (r *rig) inPieces(target string, headers ...string) (head, body string) {
	r.Helper()
	req, err := http.NewRequest(http.MethodGet, target, nil)
	if err != nil {
		r.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Add(name, value)
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return "", "" // dropped before the head
	}
	defer resp.Body.Close()
	var lines strings.Builder
	lines.WriteString(resp.Proto + " " + resp.Status + "\r\n")
	_ = resp.Header.Write(&lines)
	all, _ := io.ReadAll(resp.Body)
	return strings.TrimSuffix(lines.String(), "\r\n"), string(all)
}

// Each scenario, in the plane's own words, and what is left when it is over.
func TestFaultScenarios(t *testing.T) { onCarriers(t, checkFaultScenarios) }

func checkFaultScenarios(t *testing.T, open opener) {
	checks := map[string]func(*testing.T, *rig){
		"imds-warming-up": func(t *testing.T, r *rig) {
			for range 5 {
				r.same("warming up", r.imds(imdsToken), 410, `{"error":"service_unavailable","error_description":"The metadata service is being updated"}`, "Retry-After: ")
			}
			r.emu.Clock().Advance(69 * time.Second)
			r.want("still", r.imds(imdsToken), 410)
			r.emu.Clock().Advance(time.Second)
			r.want("warm", r.imds(imdsToken), 200)
		},
		"imds-throttled": func(t *testing.T, r *rig) { // IMDS-TOKEN-072
			for range 3 {
				r.same("throttled", r.imds(imdsToken), 429, `{"error":"invalid_request","error_description":"Temporarily throttled, too many requests"}`,
					"Retry-After: ", "Content-Length: 90", "Content-Type: application/json; charset=utf-8")
			}
			r.want("again", r.imds(imdsToken), 200)
		},
		"token-endpoint-down": func(t *testing.T, r *rig) { // ENTRA-TOKEN-027
			for range 4 {
				a := r.want("down", r.entraToken(), 503)
				if r.field(a, "error") != "temporarily_unavailable" || !strings.HasPrefix(r.field(a, "error_description"), "AADSTS90033: A transient error has occurred. Please try again.\r\nTrace ID: ") || !strings.Contains(a.body, `"error_codes":[90033]`) {
					t.Errorf("%s", a.body)
				}
			}
			r.want("discovery", r.get("https://login.microsoftonline.com/"+tenant+"/v2.0/.well-known/openid-configuration"), 200)
			r.want("a machine's token", r.imds(imdsToken), 200)
			r.emu.Faults().Clear()
			r.want("up", r.entraToken(), 200)
		},
		"arm-throttled": func(t *testing.T, r *rig) { // ARM-COMMON-065, ARM-COMMON-090
			token := r.adminToken()
			object := r.objectID(token)
			for range 3 {
				r.same("throttled", r.get(r.arm(armGroup), bearer(token)), 429, `{"error":{"code":"SubscriptionRequestsThrottled","message":"Number of 'read' requests for subscription '`+subscription+
					`' actor '`+object+`' exceeded. Please try again after '5' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information."}}`,
					"Retry-After: 5", "x-ms-failure-cause: gateway")
			}
			r.want("again", r.get(r.arm(armGroup), bearer(token)), 200)
		},
		"role-not-propagated": func(t *testing.T, r *rig) {
			arm, storage := bearer(r.machineToken("https://management.azure.com/", "")), bearer(r.machineToken("https://storage.azure.com/", ""))
			for range 3 {
				if a := r.want("arm", r.get(r.arm(armGroup), arm), 403); !strings.Contains(a.body, `"code":"AuthorizationFailed"`) || !strings.Contains(a.body, "Microsoft.Resources/subscriptions/resourceGroups/read") {
					t.Errorf("%s", a.body)
				}
				if d := r.lastEntry().Decision; d == nil || d.Reason != journal.ReasonPending || d.Assignment == nil || d.Assignment.Role != "Reader" {
					t.Errorf("%+v", d)
				}
				r.refusedBlob("blob", r.get(r.blob("tutorialstore", tutorialBlob), storage, version2021), 403, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission.")
			}
			r.want("arm, propagated", r.get(r.arm(armGroup), arm), 200)
			r.want("blob, propagated", r.get(r.blob("tutorialstore", tutorialBlob), storage, version2021), 200)
			secret := r.get(r.vault("mytestkeyvault", "/secrets/MyTestSecret"), r.vaultToken(""))
			r.want("a vault that goes by policies", secret, 200)
			if vault := r.emu.Faults().Rules()[2]; vault.Seen != 0 {
				t.Errorf("a vault that goes by policies was counted: %+v", vault)
			}
		},
		"federated-writes-collide": func(t *testing.T, r *rig) { // ARM-MSI-023
			owner := bearer(r.adminToken())
			put := func() answer {
				return r.do("PUT", r.arm(identityAt+"Tutorial-ID/federatedIdentityCredentials/one?api-version=2023-01-31"), trusted("https://issuer.example.com/", "s", `"a"`), owner, jsonType)
			}
			r.same("another is written", put(), 409, `{"error":{"code":"ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity","message":"Too many Federated Identity Credentials are written concurrently `+
				`for the managed identity '`+identityAt+`Tutorial-ID'. Concurrent Federated Identity Credentials writes under the same managed identity are not supported."}}`)
			r.want("alone", put(), 201)
		},
		"storage-partition-moving": func(t *testing.T, r *rig) { // BLOB-COMMON-048
			storage := bearer(r.machineToken("https://storage.azure.com/", ""))
			for range 3 {
				a := r.get(r.blob("tutorialstore", tutorialBlob), storage, version2021)
				r.refusedBlob("moving", a, 503, "ServerBusy", "<Code>ServerBusy</Code><Message>The server is busy.\nRequestId:"+a.header.Get("x-ms-request-id")+"\nTime:")
				if a.header.Get("Retry-After") != "" {
					t.Errorf("%v", a.header)
				}
			}
			r.want("moved", r.get(r.blob("tutorialstore", tutorialBlob), storage, version2021), 200)
		},
		"vault-throttled": func(t *testing.T, r *rig) { // KV-AUTH-047, KV-AUTH-048
			token := r.vaultToken("")
			for range 3 {
				r.same("throttled", r.get(r.vault("mytestkeyvault", "/secrets/MyTestSecret"), token), 429,
					vaultRefusal("Throttled", "", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached"), "Retry-After: ", "Content-Length: 146")
			}
			r.want("again", r.get(r.vault("mytestkeyvault", "/secrets/MyTestSecret"), token), 200)
		},
		"download-cut": func(t *testing.T, r *rig) {
			storage := bearer(r.machineToken("https://storage.azure.com/", ""))
			host := "tutorialstore.blob.core.windows.net"
			head, body := r.overTLS(host, tutorialBlob, storage, version2021)
			if !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") || !strings.Contains(head, "\r\nContent-Length: 15\r\n") || body != helloWorld[:7] {
				t.Errorf("%s\n%q", head, body)
			}
			head, body = r.overTLS(host, tutorialBlob, storage, version2021, "Connection: close")
			if !strings.HasPrefix(head, "HTTP/1.1 200 OK\r\n") || body != helloWorld {
				t.Errorf("after it: %s\n%q", head, body)
			}
		},
	}
	for _, s := range fault.Scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			check, ok := checks[s.Name]
			if !ok {
				t.Fatal("nobody checks this scenario")
			}
			r := open(t, emulator.Options{})
			r.plan(`{"scenario":"` + s.Name + `"}`)
			check(t, r)
		})
	}
}

// same compares status, body and some headers; "Name: " means that there is none.
func (r *rig) same(what string, a answer, status int, body string, headers ...string) {
	r.Helper()
	if a.status != status || a.body != body {
		r.Errorf("%s: %d %s\nwant %d %s", what, a.status, a.body, status, body)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if got := a.header.Get(name); got != value {
			r.Errorf("%s: %s is %q, want %q", what, name, got, value)
		}
	}
}

// objectID is the oid of a token.
func (r *rig) objectID(token string) string {
	r.Helper()
	var claims struct{ OID string }
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		r.Fatalf("no token: %s", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(text, &claims)
	}
	if err != nil {
		r.Fatal(err)
	}
	return claims.OID
}

// What a rule matches on is known on each plane where it should be: the first answers, the
// second does not.
func TestFaultsMatchOnEachPlane(t *testing.T) { onCarriers(t, checkFaultsMatchOnEachPlane) }

func checkFaultsMatchOnEachPlane(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	const system, user, appService = "", "&client_id=" + tutorialID, "/msi/token?api-version=2019-08-01&resource=https%3A%2F%2Fvault.azure.net"
	arm, storage, vault := bearer(r.machineToken("https://management.azure.com/", system)), bearer(r.machineToken("https://storage.azure.com/", system)), r.vaultToken(system)
	machine := r.objectID(strings.TrimPrefix(arm, "Authorization: Bearer "))
	userObject := r.objectID(r.machineToken("https://management.azure.com/", user))
	graph := r.graphToken()
	get := func(target string, headers ...string) func() answer {
		return func() answer { return r.get(target, headers...) }
	}
	imds := func(query string) func() answer { return func() answer { return r.imds(query) } }
	msi := func(selector string) func() answer {
		return func() answer {
			var way struct{ IdentityHeader string }
			if err := json.Unmarshal([]byte(r.get(r.door+"/_linarite/v1/way").body), &way); err != nil {
				t.Fatal(err)
			}
			return r.get(r.door+appService+selector, "X-IDENTITY-HEADER: "+way.IdentityHeader)
		}
	}
	group := r.arm(armGroup)
	account := r.arm("/subscriptions/" + subscription + "/resourceGroups/DevTest/providers/Microsoft.Storage/storageAccounts/tutorialstore?api-version=2023-05-01")
	hello, files := r.blob("tutorialstore", tutorialBlob), r.blob("tutorialstore", "/files?restype=container&comp=list")
	secret, secrets := r.vault("mytestkeyvault", "/secrets/MyTestSecret"), r.vault("mytestkeyvault", "/secrets")
	for name, row := range map[string]struct {
		match     string
		hit, miss func() answer
	}{
		"imds, the part behind the underscore": {`"plane":"imds","operation":"gettoken"`, imds(imdsToken), get("http://169.254.169.254/metadata/versions", "Metadata: true")},
		"imds, client id":                      {`"plane":"imds","identity":"` + tutorialID + `"`, imds(imdsToken + user), imds(imdsToken)},
		"imds, object id":                      {`"plane":"imds","identity":"` + machine + `"`, imds(imdsToken), imds(imdsToken + user)},
		"imds, selected by resource id":        {`"plane":"imds","identity":"` + userObject + `"`, imds(imdsToken + "&msi_res_id=" + url.QueryEscape(userID)), imds(imdsToken)},
		"imds, audience":                       {`"plane":"imds","resource":"https://management.azure.com"`, imds(imdsToken), imds("api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net")},
		"msi, identity":                        {`"plane":"msi","operation":"GetToken","identity":"` + tutorialID + `"`, msi(user), msi("")},
		"entra, client id":                     {`"plane":"entra","identity":"` + admin + `"`, r.entraToken, imds(imdsToken)},
		"entra, audience":                      {`"plane":"entra","resource":"https://management.azure.com/"`, r.entraToken, get("https://login.microsoftonline.com/" + tenant + "/v2.0/.well-known/openid-configuration")},
		"graph":                                {`"plane":"graph","resource":"/v1.0/servicePrincipals"`, get(r.graph("/v1.0/servicePrincipals"), graph), get(r.graph("/v1.0/groups"), graph)},
		"arm, identity":                        {`"identity":"` + machine + `"`, get(group, arm), get(group, bearer(r.adminToken()))},
		"arm, resource":                        {`"plane":"arm","resource":"/subscriptions/` + subscription + `/resourcegroups/devtest/providers"`, get(account, arm), get(group, arm)},
		"arm, operation":                       {`"operation":"ResourceGroups_Get"`, get(group, arm), get(account, arm)},
		"blob, account":                        {`"plane":"blob","resource":"tutorialstore"`, get(hello, storage, version2021), func() answer { return r.signed("GET", r.devBlob("/?comp=list", false), "") }},
		"blob, blob":                           {`"plane":"blob","resource":"tutorialstore/files/hello world.txt"`, get(r.blob("tutorialstore", "/files/hello%20world.txt"), storage, version2021), get(hello, storage, version2021)},
		"blob, container":                      {`"plane":"blob","resource":"tutorialstore/files"`, get(files, storage, version2021), get(r.blob("tutorialstore", "/?comp=list"), storage, version2021)},
		"queue, account": {`"plane":"queue","resource":"tutorialstore"`,
			get(strings.Replace(r.blob("tutorialstore", "/?restype=service&comp=properties"), ".blob.", ".queue.", 1), storage, version2021), get(hello, storage, version2021)},
		"vault, by host": {`"plane":"vault","resource":"mytestkeyvault.vault.azure.net/mytestsecret"`, get(secret, vault), get(secrets, vault)},
		"vault, by name": {`"plane":"vault","resource":"mytestkeyvault/MyTestSecret"`, get(secret, vault), get(secrets, vault)},
		"machine": {`"machine":"tutorial-vmss"`,
			func() answer {
				return r.from("tutorial-vmss", "GET", "http://169.254.169.254/metadata/identity/oauth2/token?"+imdsToken, "", "Metadata: true")
			}, imds(imdsToken)},
	} {
		t.Run(name, func(t *testing.T) {
			r.emu.Faults().Clear()
			id := r.plan(`{"match":{` + row.match + `},"effect":{"status":502}}`)[0]
			if a := row.miss(); a.status >= 500 || r.lastEntry().Fault != "" {
				t.Errorf("another request: %d %s", a.status, a.body)
			}
			if a := row.hit(); a.status != 502 {
				t.Errorf("%d %s", a.status, a.body)
			}
			if e := r.lastEntry(); e.Fault != id || e.Status != 502 {
				t.Errorf("journal: %+v", e)
			}
			if rule, _ := r.emu.Faults().Rule(id); rule.Seen != 1 || rule.Acted != 1 {
				t.Errorf("%+v", rule)
			}
		})
	}
}

// The refusals that services are known for when they are in trouble, beside those of the
// scenarios.
func TestFaultsInThePlanesOwnWords(t *testing.T) { onCarriers(t, checkFaultsInThePlanesOwnWords) }

func checkFaultsInThePlanesOwnWords(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	admin, storage, vault, graph := bearer(r.adminToken()), bearer(r.machineToken("https://storage.azure.com/", "")), r.vaultToken(""), r.graphToken()
	frozen := r.emu.Clock().Freeze().Format("20060102T150405Z")
	account := r.arm("/subscriptions/" + subscription + "/resourceGroups/DevTest/providers/Microsoft.Storage/storageAccounts/tutorialstore?api-version=2023-05-01")
	const id = "X-Ms-Correlation-Request-Id: 11112222-3333-4444-5555-666677778888"
	for name, row := range map[string]struct {
		effect  string
		ask     func() answer
		status  int
		parts   []string
		headers []string
	}{
		"imds 500":           {`"status":500`, func() answer { return r.imds(imdsToken) }, 500, []string{`{"error":"unknown","error_description":"Failed to retrieve token from the Active directory. For details see logs in <file path>"}`}, nil},
		"imds, no usual one": {`"status":503`, func() answer { return r.imds(imdsToken) }, 503, []string{`{"error":"ServiceUnavailable","error_description":"Planned fault."}`}, nil},
		"entra 429":          {`"status":429`, r.entraToken, 429, []string{"Too Many Requests"}, []string{"Retry-After: 60", "Content-Length: 17"}},
		"entra 500":          {`"status":500`, r.entraToken, 500, []string{`"error":"server_error","error_description":"AADSTS90041: A transient error has occurred. Please try again.`}, nil},
		"graph 429":          {`"status":429,"retryAfter":"2s"`, func() answer { return r.get(r.graph("/v1.0/groups"), graph) }, 429, []string{`{"error":{"code":"TooManyRequests","message":"Too many requests from Identifier:`}, []string{"Retry-After: 2"}},
		"arm 429, write":     {`"status":429`, func() answer { return r.do("PUT", r.arm(armGroup), `{"location":"westus"}`, admin) }, 429, []string{"Number of 'write' requests", "after '1' seconds"}, []string{"Retry-After: 1"}},
		"arm 500": {`"status":500`, func() answer { return r.get(r.arm(armGroup), admin, id) }, 500, []string{`{"error":{"code":"InternalServerError","message":"Encountered internal server error. Diagnostic information: timestamp '` + frozen +
			`', subscription id '` + subscription + `', tracking id '`, `', request correlation id '11112222-3333-4444-5555-666677778888'."}}`}, []string{"x-ms-correlation-request-id: 11112222-3333-4444-5555-666677778888"}},
		"arm 503":            {`"status":503`, func() answer { return r.get(r.arm(armGroup), admin) }, 503, []string{`{"error":{"code":"ServerTimeout","message":"The request timed out. Diagnostic information: `}, nil},
		"arm 504":            {`"status":504`, func() answer { return r.get(account, admin) }, 504, []string{`{"error":{"code":"GatewayTimeout","message":"The gateway did not receive a response from 'Microsoft.Storage' within the specified time period."}}`}, []string{"x-ms-failure-cause: "}},
		"arm 504, no type":   {`"status":504`, func() answer { return r.get(r.arm(armGroup), admin) }, 504, []string{"from 'Microsoft.Resources'"}, nil},
		"arm, another code":  {`"status":409,"code":"ResourceGroupBeingDeleted"`, func() answer { return r.get(r.arm(armGroup), admin) }, 409, []string{`{"error":{"code":"ResourceGroupBeingDeleted","message":"Planned fault."}}`}, nil},
		"blob 500":           {`"status":500`, func() answer { return r.get(r.blob("tutorialstore", tutorialBlob), storage, version2021) }, 500, []string{"<Code>InternalError</Code><Message>Server encountered an internal error. Please try again after some time.\n"}, []string{"x-ms-error-code: InternalError"}},
		"blob, timed out":    {`"status":500,"code":"OperationTimedOut"`, func() answer { return r.get(r.blob("tutorialstore", tutorialBlob), storage, version2021) }, 500, []string{"<Code>OperationTimedOut</Code><Message>Operation could not be completed within the specified time.\n"}, []string{"x-ms-error-code: OperationTimedOut"}},
		"blob, of the table": {`"status":404,"code":"BlobNotFound"`, func() answer { return r.get(r.blob("tutorialstore", tutorialBlob), storage, version2021) }, 404, []string{"<Message>The specified blob does not exist.\n"}, nil},
		"blob, HEAD":         {`"status":503`, func() answer { return r.do("HEAD", r.blob("tutorialstore", tutorialBlob), "", storage, version2021) }, 503, nil, []string{"x-ms-error-code: ServerBusy"}},
		"vault 503": {`"status":503`, func() answer {
			return r.do("PUT", r.vault("mytestkeyvault", "/secrets/a"), `{"value":"x"}`, vault, "Content-Type: application/json")
		}, 503, []string{vaultRefusal("ServiceUnavailable", "", `Operation "SecretSet" is unavailable: the service is currently in a read-only state.`)}, nil},
		"milliseconds": {`"status":503,"retryAfter":"250ms","retryAfterForm":"x-ms-retry-after-ms"`, func() answer { return r.get(r.arm(armGroup), admin) }, 503, nil, []string{"x-ms-retry-after-ms: 250", "Retry-After: "}},
	} {
		t.Run(name, func(t *testing.T) {
			r := r.in(t)
			r.emu.Faults().Clear()
			r.plan(`{"effect":{` + row.effect + `}}`)
			a := row.ask()
			r.same(name, a, row.status, a.body, row.headers...)
			for _, part := range row.parts {
				if !strings.Contains(a.body, part) {
					t.Errorf("%s\nlacks %s", a.body, part)
				}
			}
		})
	}
}

// Reads of each plane answer from the state as it was, and writes go on.
func TestFaultsStaleReads(t *testing.T) { onCarriers(t, checkFaultsStaleReads) }

func checkFaultsStaleReads(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	admin, vault := bearer(r.adminToken()), r.vaultToken("")
	r.want("container", r.signed("PUT", r.devBlob("/stale?restype=container", false), ""), 201)
	put := func(text string) {
		t.Helper()
		r.want("a blob", r.signed("PUT", r.devBlob("/stale/b", false), text, "x-ms-blob-type: BlockBlob"), 201)
		r.want("a secret", r.do("PUT", r.vault("mytestkeyvault", "/secrets/s"), `{"value":"`+text+`"}`, vault, "Content-Type: application/json"), 200)
		r.want("a tag", r.do("PATCH", r.arm(armGroup), `{"tags":{"t":"`+text+`"}}`, admin, "Content-Type: application/json"), 200)
	}
	reads := func(what, text string) {
		t.Helper()
		if a := r.signed("GET", r.devBlob("/stale/b", false), ""); a.body != text {
			t.Errorf("%s: the blob is %q", what, a.body)
		}
		if a := r.get(r.vault("mytestkeyvault", "/secrets/s"), vault); r.field(a, "value") != text {
			t.Errorf("%s: the secret is %s", what, a.body)
		}
		if a := r.get(r.arm(armGroup), admin); !strings.Contains(a.body, `"t":"`+text+`"`) {
			t.Errorf("%s: the group is %s", what, a.body)
		}
	}
	put("old")
	id := r.plan(`{"effect":{"stale":true},"for":"30s"}`)[0]
	put("new")
	reads("stale", "old")
	if rule, _ := r.emu.Faults().Rule(id); rule.Acted != 3 {
		t.Errorf("%+v", rule)
	}
	r.emu.Clock().Advance(30 * time.Second)
	reads("later", "new")
	if rule, _ := r.emu.Faults().Rule(id); rule.Acted != 3 || !rule.Spent {
		t.Errorf("%+v", rule)
	}
}

// Answers are spoilt through the proxy and over TLS as they are over a bare socket.
func TestFaultsSpoilAnswersThroughTheProxy(t *testing.T) {
	onCarriers(t, checkFaultsSpoilAnswersThroughTheProxy)
}

func checkFaultsSpoilAnswersThroughTheProxy(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	storage := bearer(r.machineToken("https://storage.azure.com/", ""))
	read := func() (length int64, body string, err error) {
		req, err := http.NewRequest("GET", r.blob("tutorialstore", tutorialBlob), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", strings.TrimPrefix(storage, "Authorization: "))
		req.Header.Set("x-ms-version", "2021-12-02")
		resp, err := r.http.Do(req)
		if err != nil {
			return 0, "", err
		}
		defer resp.Body.Close()
		got, err := io.ReadAll(resp.Body)
		return resp.ContentLength, string(got), err
	}
	for name, row := range map[string]struct {
		effect string
		length int64
		body   string
		fails  bool
	}{
		"before the head": {`"cut":"before-head"`, 0, "", true},
		"after the head":  {`"cut":"after-head"`, 15, "", true},
		"in the body":     {`"cut":"in-body","cutAfter":4`, 15, helloWorld[:4], true},
		"too long":        {`"lengthOff":3`, 18, helloWorld, true},
		"too short":       {`"lengthOff":-3`, 12, helloWorld[:12], false},
		"slow":            {`"slowBytes":2,"slowEvery":"1ns"`, 15, helloWorld, false},
		"late":            {`"delay":"1ns"`, 15, helloWorld, false},
	} {
		t.Run(name, func(t *testing.T) {
			r.emu.Faults().Clear()
			// A GET is asked for again where a connection that was kept open ends before the
			// head; so the rule acts on all.
			id := r.plan(`{"match":{"plane":"blob"},"effect":{` + row.effect + `}}`)[0]
			length, body, err := read()
			if length != row.length || body != row.body || (err != nil) != row.fails {
				t.Errorf("%d bytes announced, %q, %v", length, body, err)
			}
			if rule, _ := r.emu.Faults().Rule(id); rule.Acted == 0 {
				t.Errorf("%+v", rule)
			}
			r.emu.Faults().Clear()
			if length, body, err := read(); length != 15 || body != helloWorld || err != nil {
				t.Errorf("afterwards: %d %q %v", length, body, err)
			}
		})
	}
}

// A share is drawn alike in two worlds of one seed, and each request that was struck can be
// found in the journal.
func TestFaultsAreReplayed(t *testing.T) { onCarriers(t, checkFaultsAreReplayed) }

func checkFaultsAreReplayed(t *testing.T, open opener) {
	run := func() (out []string) {
		r := open(t, emulator.Options{})
		id := r.plan(`{"match":{"plane":"imds","share":0.5,"seed":"replay"},"effect":{"status":429}}`)[0]
		for range 20 {
			r.imds(imdsToken)
			out = append(out, r.lastEntry().Fault)
		}
		rule, _ := r.emu.Faults().Rule(id)
		if acted := strings.Count(strings.Join(out, ""), id); rule.Seen != 20 || rule.Acted != acted || acted == 0 || acted == 20 {
			t.Errorf("%+v, journal %q", rule, out)
		}
		return out
	}
	if first, again := run(), run(); !reflect.DeepEqual(first, again) {
		t.Errorf("%q\n%q", first, again)
	}
}

// What a plane refuses before it knows who asks, no fault sees.
func TestFaultsComeAfterWhoAsks(t *testing.T) { onCarriers(t, checkFaultsComeAfterWhoAsks) }

func checkFaultsComeAfterWhoAsks(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	id := r.plan(`{"effect":{"status":503}}`)[0]
	r.want("no token", r.get(r.arm(armGroup)), 401)
	r.want("no header", r.get("http://169.254.169.254/metadata/identity/oauth2/token?"+imdsToken), 400)
	r.want("the control API", r.get(r.door+"/_linarite/v1/health"), 200)
	if rule, _ := r.emu.Faults().Rule(id); rule.Seen != 0 {
		t.Errorf("%+v", rule)
	}
}
