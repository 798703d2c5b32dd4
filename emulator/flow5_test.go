package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/cloud"
)

// Flow 5 of the tutorial, in each cloud, with the names of that cloud.
func TestFlow5(t *testing.T) { onCarriers(t, checkFlow5) }

func checkFlow5(t *testing.T, open opener) {
	for _, c := range cloud.All() {
		t.Run(c.Name, func(t *testing.T) {
			r := open(t, emulator.Options{Cloud: c.Name})
			resource := strings.TrimSuffix(c.ARM.Endpoint, "/") + "/"
			a := r.imds("api-version=2018-02-01&resource=" + resource) // as printed: not percent-encoded
			checkTokenAnswer(t, a, resource)
			group := r.get(r.arm("/subscriptions/"+subscription+"/resourceGroups/DevTest?api-version=2016-09-01"), bearer(r.field(a, "access_token")))
			want := `{"id":"/subscriptions/aaaa0a0a-bb1b-cc2c-dd3d-eeeeee4e4e4e/resourceGroups/DevTest","name":"DevTest","location":"` +
				c.DefaultLocation + `","properties":{"provisioningState":"Succeeded"}}`
			if group.status != 200 || group.body != want {
				t.Fatalf("%d %s\nwant %s", group.status, group.body, want)
			}
			for name, want := range map[string]string{
				"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-cache", "Pragma": "no-cache", "Expires": "-1",
				"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
				"Content-Length": strconv.Itoa(len(group.body)),
			} {
				if got := group.header.Get(name); got != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			if group.header.Get("x-ms-request-id") == "" || group.header.Get("x-ms-request-id") != group.header.Get("x-ms-correlation-request-id") {
				t.Errorf("ids of the answer: %v", group.header)
			}
		})
	}
}

// checkTokenAnswer compares with the tutorial page's "What is compared": nine strings,
// the resource echoed as sent, a life of about a day.
func checkTokenAnswer(t *testing.T, a answer, resource string) {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != "application/json; charset=utf-8" {
		t.Fatalf("%d %v %s", a.status, a.header, a.body)
	}
	if !regexp.MustCompile(`^IMDS/\d+\.\d+\.\d+\.\d+$`).MatchString(a.header.Get("Server")) {
		t.Errorf("Server: %q", a.header.Get("Server"))
	}
	want := `^\{"access_token":"eyJ0eXAiOi[\w.-]+","client_id":"[0-9a-f-]{36}","expires_in":"\d+","expires_on":"\d+","ext_expires_in":"86399",` +
		`"not_before":"\d+","refresh_token":"","resource":"` + regexp.QuoteMeta(resource) + `","token_type":"Bearer"\}$`
	if !regexp.MustCompile(want).MatchString(a.body) {
		t.Fatalf("%s\ndoes not match\n%s", a.body, want)
	}
	var m map[string]string
	if err := json.Unmarshal([]byte(a.body), &m); err != nil {
		t.Fatal(err)
	}
	number := func(name string) int64 { n, _ := strconv.ParseInt(m[name], 10, 64); return n }
	if life := number("expires_on") - number("not_before"); life != 86700 {
		t.Errorf("expires_on - not_before = %d, want 86700", life)
	}
	if in := number("expires_in"); in < 86390 || in > 86399 {
		t.Errorf("a fresh token expires in %d", in)
	}
}

// IMDS-TOKEN: the host caches a token per identity and resource; the time left counts
// down, and resources that differ by a slash have tokens of their own.
func TestTheHostCachesTokens(t *testing.T) { onCarriers(t, checkTheHostCachesTokens) }

func checkTheHostCachesTokens(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	ask := func(resource string) answer {
		return r.imds("api-version=2018-02-01&resource=" + url.QueryEscape(resource))
	}
	first := ask("https://management.azure.com/")
	r.emu.Clock().Advance(100 * time.Second)
	second := ask("https://management.azure.com/")
	if r.field(first, "access_token") != r.field(second, "access_token") {
		t.Error("a second token was made")
	}
	left, _ := strconv.Atoi(r.field(second, "expires_in"))
	if left < 86290 || left > 86299 {
		t.Errorf("after 100 s a token expires in %d", left)
	}
	if got := r.field(second, "ext_expires_in"); got != "86399" {
		t.Errorf("ext_expires_in %s", got)
	}
	if r.field(ask("https://management.azure.com"), "access_token") == r.field(first, "access_token") {
		t.Error("the audience without slash got the token of the one with")
	}
	r.emu.Clock().Advance(24*time.Hour - 4*time.Minute)
	if r.field(ask("https://management.azure.com/"), "access_token") == r.field(first, "access_token") {
		t.Error("a token near its end is handed out")
	}
}

// The identity that a selector names is the one the token speaks for, and no other.
func TestSelectors(t *testing.T) { onCarriers(t, checkSelectors) }

func checkSelectors(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	id := "/subscriptions/" + subscription + "/resourcegroups/DevTest/providers/Microsoft.ManagedIdentity/userAssignedIdentities/tutorial-id"
	system := r.machineToken("https://management.azure.com/", "")
	user := r.machineToken("https://management.azure.com/", "&client_id="+tutorialID)
	if system == user {
		t.Fatal("two identities, one token")
	}
	object := claim(t, user, "oid")
	for _, selector := range []string{
		"&client_id=" + strings.ToUpper(tutorialID), "&object_id=" + object,
		"&msi_res_id=" + url.QueryEscape(id), "&mi_res_id=" + url.QueryEscape(strings.ToUpper(id)),
	} {
		if got := r.machineToken("https://management.azure.com/", selector); got != user {
			t.Errorf("%s: another token, for %s", selector, claim(t, got, "oid"))
		}
	}
	for name, want := range map[string]string{
		"aud": "https://management.azure.com/", "iss": "https://sts.windows.net/" + tenant + "/", "idp": "https://sts.windows.net/" + tenant + "/",
		"appid": tutorialID, "appidacr": "2", "idtyp": "app", "sub": object, "tid": tenant, "ver": "1.0", "xms_mirid": id,
		"xms_az_rid": "/subscriptions/" + subscription + "/resourcegroups/DevTest/providers/Microsoft.Compute/virtualMachines/tutorial-vm",
	} {
		if got := claim(t, user, name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := claim(t, system, "xms_mirid"); !strings.HasSuffix(got, "/providers/Microsoft.Compute/virtualMachines/tutorial-vm") {
		t.Errorf("xms_mirid of the system-assigned identity: %s", got)
	}
	if got := claim(t, system, "xms_az_rid"); got != "" {
		t.Errorf("xms_az_rid of the system-assigned identity: %s", got)
	}
}

// Both identities are Readers of the group: 200; neither may write: 403.
func TestWhoMayWhat(t *testing.T) { onCarriers(t, checkWhoMayWhat) }

func checkWhoMayWhat(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	group := r.arm("/subscriptions/" + subscription + "/resourcegroups/devtest?api-version=2021-04-01")
	for _, selector := range []string{"", "&client_id=" + tutorialID} {
		token := r.machineToken("https://management.azure.com/", selector)
		a := r.get(group, bearer(token))
		if a.status != 200 || !strings.Contains(a.body, `"type":"Microsoft.Resources/resourceGroups","location":"westus"`) {
			t.Errorf("%s: %d %s", selector, a.status, a.body)
		}
		a = r.do("PUT", group, `{"location":"westus"}`, bearer(token), "Content-Type: application/json")
		want := fmt.Sprintf(`{"error":{"code":"AuthorizationFailed","message":"The client '%s' with object id '%s' does not have authorization to perform action `+
			`'Microsoft.Resources/subscriptions/resourceGroups/write' over scope '/subscriptions/%s/resourceGroups/devtest' or the scope is invalid. `+
			`If access was recently granted, please refresh your credentials."}}`, claim(t, token, "appid"), claim(t, token, "oid"), subscription)
		if a.status != 403 || a.body != want {
			t.Errorf("%s: %d %s\nwant %s", selector, a.status, a.body, want)
		}
	}
}
