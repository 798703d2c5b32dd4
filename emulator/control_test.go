package emulator_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

// The control API answers this machine and no web page: neither one of another site
// nor one whose name resolves to this machine.
func TestControlIsClosedToStrangers(t *testing.T) { onCarriers(t, checkControlIsClosedToStrangers) }

func checkControlIsClosedToStrangers(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	address := strings.TrimPrefix(r.door, "http://")
	_, port, _ := strings.Cut(address, ":")
	for name, row := range map[string]struct {
		host    string
		headers map[string]string
		status  int
	}{
		"plain":               {"", nil, 200},
		"localhost":           {"localhost:" + port, nil, 200},
		"rebound":             {"evil.example.com:" + port, nil, 421},
		"rebound, look-alike": {"127.0.0.1.example.com", nil, 421},
		"azure's name":        {"management.azure.com", nil, 400},
		"other origin":        {"", map[string]string{"Origin": "https://evil.example.com"}, 403},
		"null origin":         {"", map[string]string{"Origin": "null"}, 403},
		"own origin":          {"", map[string]string{"Origin": r.door}, 200},
		"cross-site fetch":    {"", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
		"same-site fetch":     {"", map[string]string{"Sec-Fetch-Site": "same-site"}, 403},
		"typed in":            {"", map[string]string{"Sec-Fetch-Site": "none"}, 200},
	} {
		req, err := http.NewRequest("GET", r.door+"/_linarite/v1/health", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = row.host
		for k, v := range row.headers {
			req.Header.Set(k, v)
		}
		if a := r.send(r.direct, req); a.status != row.status {
			t.Errorf("%s: %d, want %d", name, a.status, row.status)
		}
	}
}

func TestControlAnswers(t *testing.T) { onCarriers(t, checkControlAnswers) }

func checkControlAnswers(t *testing.T, open opener) {
	r := open(t, emulator.Options{Version: "v1"})
	at := r.door + "/_linarite/v1/"
	if a := r.get(at + "health"); a.status != 200 || r.field(a, "status") != "ok" || r.field(a, "world") != "tutorial" || r.field(a, "cloud") != "public" || r.field(a, "version") != "v1" {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.get(at + "ca.pem"); a.body != string(home(t).CA.PEM()) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.get(at + "machines"); !strings.Contains(a.body, `"name":"tutorial-vm","kind":"vm"`) || !strings.Contains(a.body, `"name":"tutorial-vmss","kind":"vmss"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	for _, secret := range []string{"linarite\"", "PRIVATE"} { // the administrator's secret, the keys
		for _, name := range []string{"world", "machines", "health"} {
			if a := r.get(at + name); a.status != 200 || strings.Contains(a.body, secret) {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
	}
	if a := r.get(at + "nothing"); a.status != 404 || !strings.Contains(a.body, "PathNotServed") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.do("DELETE", at+"health", ""); a.status != 405 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if n := len(r.emu.Journal().Entries(0)); n != 0 {
		t.Errorf("asking about the world left %d entries in its journal", n)
	}
	closed := open(t, emulator.Options{NoControl: true})
	if a := closed.get(closed.door + "/_linarite/v1/health"); a.status != 404 {
		t.Errorf("--no-control: %d %s", a.status, a.body)
	}
}

// App Service's endpoint: the same identities in other words.
func TestAppService(t *testing.T) { onCarriers(t, checkAppService) }

func checkAppService(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	a := r.get(r.door + "/_linarite/v1/way")
	endpoint, secret := r.field(a, "identityEndpoint"), "X-IDENTITY-HEADER: "+r.field(a, "identityHeader")
	const query = "?api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com%2F"
	a = r.get(endpoint+query, secret)
	if a.status != 200 || r.field(a, "client_id") != strings.ToUpper(r.field(a, "client_id")) || strings.Contains(a.body, "expires_in") || r.field(a, "token_type") != "Bearer" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if group := r.get(r.arm(groupPath), bearer(r.field(a, "access_token"))); group.status != 200 {
		t.Errorf("%d %s", group.status, group.body)
	}
	user := claim(t, r.machineToken("https://management.azure.com/", "&client_id="+tutorialID), "oid")
	for _, selector := range []string{"&client_id=" + tutorialID, "&principal_id=" + user, "&object_id=" + user,
		"&mi_res_id=%2Fsubscriptions%2F" + subscription + "%2FresourceGroups%2FDevTest%2Fproviders%2FMicrosoft.ManagedIdentity%2FuserAssignedIdentities%2Ftutorial-id"} {
		if a := r.get(endpoint+query+selector, secret); a.status != 200 || claim(t, r.field(a, "access_token"), "oid") != user {
			t.Errorf("%s: %d %s", selector, a.status, a.body)
		}
	}
	first := strings.Replace(query, "2019-08-01", "2017-09-01", 1) + "&clientid=" + tutorialID
	if a := r.get(endpoint+first, "secret: "+r.field(r.get(r.door+"/_linarite/v1/way"), "identityHeader")); a.status != 200 || claim(t, r.field(a, "access_token"), "oid") != user ||
		!regexp.MustCompile(`^\{"access_token":"[\w.-]+","expires_on":"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d \+00:00","resource":"https://management.azure.com/","token_type":"Bearer"\}$`).MatchString(a.body) {
		t.Errorf("the first version: %d %s", a.status, a.body)
	}
	unfound := `{"statusCode":400,"message":"No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."}`
	for name, row := range map[string]struct {
		query, header string
		status        int
		body          string
	}{
		"no header":        {query, "X-Other: x", 401, ""},
		"wrong header":     {query, secret + "x", 401, ""},
		"no version":       {"?resource=x", secret, 400, ""},
		"other version":    {"?api-version=2018-09-01&resource=x", secret, 400, ""},
		"first version":    {"?api-version=2017-09-01&resource=x", secret, 401, ""},
		"no resource":      {"?api-version=2019-08-01", secret, 400, ""},
		"unknown":          {query + "&client_id=x", secret, 400, unfound},
		"two selectors":    {query + "&client_id=x&principal_id=y", secret, 400, ""},
		"unknown resource": {"?api-version=2019-08-01&resource=x", secret, 500, ""},
	} {
		a := r.get(endpoint+row.query, row.header)
		if a.status != row.status || row.body != "" && a.body != row.body || !strings.HasPrefix(a.body, `{"statusCode":`) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
