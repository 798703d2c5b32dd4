package emulator_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/state"
)

const (
	fedIssuer = "https://oidc.prod-aks.azure.com/IssuerGUID"
	fedType   = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials"
)

// federated is the answer about a credential of tutorial-id.
func federated(name, subject, audience string) string {
	at := strings.Replace(federatedPath, "/resourceGroups/", "/resourcegroups/", 1)
	return `{"id":"` + at + name + `","name":"` + name + `","type":"` + fedType + `","properties":{"issuer":"` + fedIssuer + `","subject":"` + subject + `","audiences":["` + audience + `"]}}`
}

// The recorded life of federated credentials (ARM-MSI-009 to 014).
func TestFederatedCredentials(t *testing.T) { onCarriers(t, checkFederatedCredentials) }

func checkFederatedCredentials(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	const v = "?api-version=2022-01-31-preview"
	all := strings.TrimSuffix(federatedPath, "/")
	do := func(method, path, body string) answer { return r.do(method, r.arm(path+v), body, owner, jsonType) }

	r.same("none", do("GET", all, ""), 200, `{"value":[]}`)
	one, two := federated("Fic1", "system:serviceaccount:ns:svcaccount1", "api://AzureADTokenExchange"), federated("fic2", "system:serviceaccount:ns:svcaccount2", "api://AzureADTokenExchange")
	r.same("made", do("PUT", federatedPath+"Fic1", trusted(fedIssuer, "system:serviceaccount:ns:svcaccount1", exchange)), 201, one,
		"Location: "+strings.Replace(federatedPath, "/resourceGroups/", "/resourcegroups/", 1)+"Fic1", "Content-Type: application/json; charset=utf-8")
	r.same("another", do("PUT", federatedPath+"fic2", trusted(fedIssuer, "system:serviceaccount:ns:svcaccount2", exchange)), 201, two)
	r.same("shown", do("GET", federatedPath+"FIC1", ""), 200, one)
	r.same("listed", do("GET", all, ""), 200, `{"value":[`+one+`,`+two+`]}`)
	r.same("changed", do("PUT", federatedPath+"fic1", trusted(fedIssuer, "system:serviceaccount:ns:svcaccount3", `"b"`)), 200, federated("Fic1", "system:serviceaccount:ns:svcaccount3", "b"), "Location: ")
	r.same("sent back as answered", do("PUT", federatedPath+"fic2", two), 200, two)
	r.want("is there", do("HEAD", federatedPath+"fic1", ""), 204)

	r.want("the identity is put again", do("PUT", identityAt+"tutorial-id", `{"location":"westus"}`), 200)
	r.same("and has them", do("GET", federatedPath+"fic2", ""), 200, two)

	r.same("deleted", do("DELETE", federatedPath+"fic1", ""), 200, "", "Content-Type: ")
	r.same("deleted again", do("DELETE", federatedPath+"fic1", ""), 204, "")
	r.same("one is left", do("GET", all, ""), 200, `{"value":[`+two+`]}`)
	r.refused("gone", do("GET", federatedPath+"fic1", ""), 404, "ResourceNotFound")
	r.refused("PATCH", do("PATCH", federatedPath+"fic2", `{}`), 405, "HttpMethodNotAllowed")

	r.want("the identity goes", do("DELETE", identityAt+"tutorial-id", ""), 200)
	for _, a := range []answer{do("GET", all, ""), do("GET", federatedPath+"fic2", ""), do("PUT", federatedPath+"fic2", two), do("DELETE", federatedPath+"fic2", "")} {
		r.refused("without an identity", a, 404, "ParentResourceNotFound")
	}
	r.want("the same name", do("PUT", identityAt+"tutorial-id", `{"location":"westus"}`), 201)
	r.same("none came back", do("GET", all, ""), 200, `{"value":[]}`) // ARM-MSI-022
}

// What cannot be a federated credential, and is none afterwards.
func TestFederatedRefusals(t *testing.T) { onCarriers(t, checkFederatedRefusals) }

func checkFederatedRefusals(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	put := func(name, body string) answer {
		return r.do("PUT", r.arm(federatedPath+name+federatedVersion), body, owner, jsonType)
	}
	r.want("there already", put("first", trusted(fedIssuer, "s", exchange)), 201)
	long, longest := strings.Repeat("é", state.FederatedLength+1), strings.Repeat("é", state.FederatedLength)
	const (
		lacks   = "The request format was unexpected. Federated Identity Credential must specify 'issuer', 'subject' and 'audience'."
		several = "Federated identity credentials must have exactly one audience."
	)
	invalid := func(name string) string { return "Federated Identity Credential name '" + name + "' is invalid." }
	for _, c := range []struct{ name, body, message string }{
		{"ab", trusted(fedIssuer, "x", exchange), invalid("ab")}, // ARM-MSI-019
		{"-abc", trusted(fedIssuer, "x", exchange), invalid("-abc")},
		{"a.bc", trusted(fedIssuer, "x", exchange), invalid("a.bc")},
		{strings.Repeat("a", 121), trusted(fedIssuer, "x", exchange), invalid(strings.Repeat("a", 121))},
		{"abc", ``, lacks}, // ARM-MSI-018
		{"abc", `{"properties":{"subject":"x","audiences":["a"]}}`, lacks},
		{"abc", `{"properties":{"issuer":"x","audiences":["a"]}}`, lacks},
		{"abc", `{"properties":{"issuer":"x","subject":"x"}}`, lacks},
		{"abc", trusted(fedIssuer, "x", `""`), lacks},
		{"abc", trusted("", "x", exchange), lacks},
		{"abc", trusted(fedIssuer, "x", ""), several}, // ARM-MSI-017
		{"abc", trusted(fedIssuer, "x", `"a","b"`), several},
		{"first", trusted(fedIssuer, "s", `"a","b"`), several},
		{"abc", trusted("https://"+long, "x", exchange), "property 'issuer' is longer than 600 characters."}, // ARM-MSI-020
		{"abc", trusted(fedIssuer, long, exchange), "property 'subject' is longer than 600 characters."},
		{"abc", trusted(fedIssuer, "x", `"`+long+`"`), "property 'audiences' is longer than 600 characters."},
		{"abc", trusted(fedIssuer, "s", `"b"`), "Issuer and subject combination already exists for this Managed Identity."}, // ARM-MSI-016
	} {
		a := put(c.name, c.body)
		r.refused(c.message, a, 400, "BadRequest")
		if !strings.Contains(a.body, c.message) {
			t.Errorf("%s %s: %s", c.name, c.body, a.body)
		}
	}
	r.refused("a member that is none", put("abc", `{"properties":{"issuer":"i","subject":"s","audience":["a"]}}`), 400, "InvalidRequestContent")
	r.same("what was there", r.do("GET", r.arm(strings.TrimSuffix(federatedPath, "/")+federatedVersion), "", owner), 200,
		`{"value":[`+federated("first", "s", "api://AzureADTokenExchange")+`]}`)
	r.want("as long as can be", put("long", trusted(fedIssuer, longest, exchange)), 201)
	r.want("other letters", put("letters", trusted(fedIssuer, "S", exchange)), 201) // ARM-MSI-027
	r.refused("changed into another", put("letters", trusted(fedIssuer, "s", exchange)), 400, "BadRequest")
	r.want("moved to another subject", put("first", trusted(fedIssuer, "moved", exchange)), 200)
	r.want("and its own is free", put("letters", trusted(fedIssuer, "s", exchange)), 200)
}

// 20 of them, and no more (ARM-MSI-015); in pages (ARM-MSI-026).
func TestFederatedLimit(t *testing.T) { onCarriers(t, checkFederatedLimit) }

func checkFederatedLimit(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	put := func(name string) answer {
		return r.do("PUT", r.arm(federatedPath+name+federatedVersion), trusted(fedIssuer, name, exchange), owner, jsonType)
	}
	for i := state.FederatedLimit; i > 0; i-- {
		r.want("one of them", put(fmt.Sprintf("fic-%02d", i)), 201)
	}
	r.refused("one more", put("fic-21"), 400, "BadRequest")
	r.want("change one", put("fic-20"), 200)

	var names []string
	pages := 0
	for next := r.arm(strings.TrimSuffix(federatedPath, "/") + federatedVersion + "&$top=8"); next != ""; pages++ {
		a := r.want("a page", r.get(next, owner), 200)
		var page struct {
			Value    []struct{ Name string }
			NextLink string
		}
		if err := json.Unmarshal([]byte(a.body), &page); err != nil || len(page.Value) > 8 {
			t.Errorf("%s", a.body)
		}
		for _, f := range page.Value {
			names = append(names, f.Name)
		}
		next = page.NextLink
	}
	if pages != 3 || len(names) != state.FederatedLimit || names[0] != "fic-01" || names[19] != "fic-20" {
		t.Errorf("%d pages: %q", pages, names)
	}
	r.refused("no such page", r.get(r.arm(strings.TrimSuffix(federatedPath, "/")+federatedVersion+"&$skiptoken=%21"), owner), 400, "InvalidSkipToken")
	r.want("make room", r.do("DELETE", r.arm(federatedPath+"fic-07"+federatedVersion), "", owner), 200)
	r.want("another one", put("fic-21"), 201)
}

// Each verb asks for its own action (ARM-MSI-024), and older versions have none (ARM-MSI-025).
func TestFederatedActions(t *testing.T) { onCarriers(t, checkFederatedActions) }

func checkFederatedActions(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	reader := bearer(r.machineToken("https://management.azure.com/", "&client_id="+tutorialID))
	owner := bearer(r.adminToken())
	r.want("one", r.do("PUT", r.arm(federatedPath+"one"+federatedVersion), trusted(fedIssuer, "s", exchange), owner, jsonType), 201)
	r.want("a Reader reads", r.get(r.arm(federatedPath+"one"+federatedVersion), reader), 200)
	r.want("a Reader lists", r.get(r.arm(strings.TrimSuffix(federatedPath, "/")+federatedVersion), reader), 200)
	for method, action := range map[string]string{"PUT": "write", "DELETE": "delete"} {
		a := r.do(method, r.arm(federatedPath+"one"+federatedVersion), trusted(fedIssuer, "s", exchange), reader, jsonType)
		r.refused(method, a, 403, "AuthorizationFailed")
		if !strings.Contains(a.body, "'"+fedType+"/"+action+"' over scope '"+federatedPath+"one'") {
			t.Errorf("%s", a.body)
		}
	}
	assign := func(n int, name string) answer {
		body := grantBody(readerRole, "99999999-aaaa-bbbb-cccc-dddddddddddd", `,"principalType":"ServicePrincipal"`)
		return r.put(r.arm(federatedPath+name+assignments+"/"+guid(n)+newest), body, owner)
	}
	r.refused("a role at a credential that is not there", assign(1, "two"), 404, "ResourceNotFound")
	r.want("a role at one", assign(2, "one"), 201)
	r.want("which goes", r.do("DELETE", r.arm(federatedPath+"one"+federatedVersion), "", owner), 200)
	r.want("and comes back", r.do("PUT", r.arm(federatedPath+"one"+federatedVersion), trusted(fedIssuer, "s", exchange), owner, jsonType), 201)
	r.want("without the role", r.get(r.arm(federatedPath+"one"+assignments+"/"+guid(2)+newest), owner), 404)
	if a := r.get(r.arm(federatedPath+"one?api-version=2018-11-30"), owner); a.status != 400 || !strings.Contains(a.body, "for type 'userAssignedIdentities/federatedIdentityCredentials'") {
		t.Errorf("%d %s", a.status, a.body)
	}
}
