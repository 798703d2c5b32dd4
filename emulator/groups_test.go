package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/linarite/linarite/emulator"
)

const subPath = "/subscriptions/" + subscription

// The life of a group, by the administrator: created, read, listed, tagged, patched.
func TestGroupLife(t *testing.T) { onCarriers(t, checkGroupLife) }

func checkGroupLife(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	const version = "?api-version=2021-04-01"
	at := r.arm(subPath + "/resourcegroups/My.Group-1_(x)" + version)
	put := func(target, body string) answer {
		t.Helper()
		return r.do("PUT", target, body, owner, "Content-Type: application/json; charset=utf-8")
	}
	expect := func(what string, a answer, status int, body string) {
		t.Helper()
		if a.status != status || a.body != body {
			t.Errorf("%s: %d %s\nwant %d %s", what, a.status, a.body, status, body)
		}
	}
	const id = subPath + "/resourceGroups/My.Group-1_(x)"
	plain := `{"id":"` + id + `","name":"My.Group-1_(x)","type":"Microsoft.Resources/resourceGroups","location":"westus2",`
	const done = `"properties":{"provisioningState":"Succeeded"}}`

	if a := r.do("HEAD", at, "", owner); a.status != 404 || a.body != "" || a.header.Get("x-ms-failure-cause") != "gateway" {
		t.Errorf("HEAD of what is not there: %d %v", a.status, a.header)
	}
	expect("create", put(at, `{"location":"West US 2"}`), 201, plain+done)
	expect("again, in capitals", put(strings.ToUpper(at[:len(at)-len(version)])+version, `{"location":"westus2"}`), 200, plain+done)
	if a := r.do("HEAD", at, "", owner); a.status != 204 || a.body != "" {
		t.Errorf("HEAD: %d", a.status)
	}
	expect("tags", put(at, `{"location":"westus2","tags":{"a":"b<>&"},"managedBy":"x"}`), 200, plain+`"managedBy":"x","tags":{"a":"b<>&"},`+done)
	expect("get", r.get(at, owner), 200, plain+`"managedBy":"x","tags":{"a":"b<>&"},`+done)
	expect("what was got can be put", put(at, r.get(at, owner).body), 200, plain+`"managedBy":"x","tags":{"a":"b<>&"},`+done)
	expect("patch", r.do("PATCH", at, `{"tags":{"c":"d"}}`, owner, "Content-Type: application/json"), 200, plain+`"managedBy":"x","tags":{"c":"d"},`+done)
	expect("cleared tags are shown", put(at, `{"location":"westus2"}`), 200, plain+`"tags":{},`+done)
	expect("elsewhere", put(at, `{"location":"eastus"}`), 409,
		`{"error":{"code":"InvalidResourceGroupLocation","message":"Invalid resource group location 'eastus'. The Resource group already exists in location 'westus2'."}}`)
}

func TestGroupBodies(t *testing.T) { onCarriers(t, checkGroupBodies) }

func checkGroupBodies(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner := bearer(r.adminToken())
	many := map[string]string{}
	for i := range 51 {
		many[fmt.Sprint(i)] = ""
	}
	tooMany, _ := json.Marshal(map[string]any{"location": "westus", "tags": many})
	for name, row := range map[string]struct {
		group, body, contentType string
		status                   int
		code, message            string
	}{
		"no location":   {"g", `{}`, "application/json", 400, "LocationRequired", "The location property is required for this definition."},
		"no body":       {"g", ``, "", 400, "LocationRequired", "The location property is required for this definition."},
		"form":          {"g", `{"location":"westus"}`, "application/x-www-form-urlencoded", 415, "UnsupportedMediaType", "The content media type 'application/x-www-form-urlencoded' is not supported. Only 'application/json' is supported."},
		"no type":       {"g", `{"location":"westus"}`, "", 415, "UnsupportedMediaType", "The content media type '<null>' is not supported. Only 'application/json' is supported."},
		"unknown place": {"g", `{"location":"atlantis"}`, "application/json", 400, "LocationNotAvailableForResourceGroup", ""},
		"bad name":      {"a%21b", `{"location":"westus"}`, "application/json", 400, "InvalidResourceGroup", "The provided resource group name 'a!b' has these invalid characters: '!'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'."},
		"misspelt":      {"g", "{\"location\":\"westus\",\n \"tag\":{}}", "application/json", 400, "InvalidRequestContent", "The request content was invalid and could not be deserialized: 'Could not find member 'tag' on object of type 'ResourceGroupDefinition'. Path 'tag', line 2, position 7'."},
		"not JSON":      {"g", `{"location":`, "application/json", 400, "InvalidRequestContent", ""},
		"an array":      {"g", `[]`, "application/json", 400, "InvalidRequestContent", ""},
		"two values":    {"g", `{"location":"westus"}{}`, "application/json", 400, "InvalidRequestContent", ""},
		"tag name":      {"g", `{"location":"westus","tags":{"a/b":"c"}}`, "application/json", 400, "InvalidTagNameCharacters", ""},
		"tag value":     {"g", `{"location":"westus","tags":{"a":"` + strings.Repeat("x", 257) + `"}}`, "application/json", 400, "InvalidTagValue", ""},
		"51 tags":       {"g", string(tooMany), "application/json", 400, "TooManyTags", ""},
		"5 MiB":         {"g", `{"location":"` + strings.Repeat("x", 5<<20) + `"}`, "application/json", 413, "RequestContentTooLarge", ""},
	} {
		headers := []string{owner}
		if row.contentType != "" {
			headers = append(headers, "Content-Type: "+row.contentType)
		}
		a := r.do("PUT", r.arm(subPath+"/resourceGroups/"+row.group+"?api-version=2021-04-01"), row.body, headers...)
		var got struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatalf("%s: %v: %s", name, err, a.body)
		}
		if a.status != row.status || got.Error.Code != row.code || row.message != "" && got.Error.Message != row.message {
			t.Errorf("%s: %d %s\nwant %d %s %s", name, a.status, a.body, row.status, row.code, row.message)
		}
	}
	if a := r.get(r.arm(subPath+"/resourceGroups/g?api-version=2021-04-01"), owner); a.status != 404 {
		t.Errorf("a refused PUT left something behind: %d %s", a.status, a.body)
	}
}

// A list shows what the caller may read, page by page; whoever has nothing is refused.
func TestGroupList(t *testing.T) { onCarriers(t, checkGroupList) }

func checkGroupList(t *testing.T, open opener) {
	r := open(t, emulator.Options{})
	owner, reader := bearer(r.adminToken()), bearer(r.machineToken("https://management.azure.com/", ""))
	for _, name := range []string{"a", "b", "c"} {
		tag := `{"location":"westus","tags":{"Team":"` + name + `"}}`
		r.do("PUT", r.arm(subPath+"/resourcegroups/"+name+"?api-version=2021-04-01"), tag, owner, "Content-Type: application/json")
	}
	list := func(who, query string) (names []string, next string) {
		t.Helper()
		target := query
		if !strings.HasPrefix(target, "https://") {
			target = r.arm(subPath + "/resourcegroups?api-version=2021-04-01" + query)
		}
		a := r.get(target, who)
		var page struct {
			Value    []struct{ Name string }
			NextLink string
		}
		if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != 200 {
			t.Fatalf("%s: %d %s", query, a.status, a.body)
		}
		for _, g := range page.Value {
			names = append(names, g.Name)
		}
		return names, page.NextLink
	}
	is := func(what string, got []string, want string) {
		t.Helper()
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", what, got, want)
		}
	}
	all, next := list(owner, "")
	is("all", all, "a b c DevTest")
	if next != "" {
		t.Error("the last page has a link to another:", next)
	}
	own, _ := list(reader, "")
	is("what the reader of one group sees", own, "DevTest")
	var paged []string
	for next = "&$top=2"; next != ""; {
		var page []string
		page, next = list(owner, next)
		paged = append(paged, page...)
	}
	is("paged", paged, "a b c DevTest")
	for filter, want := range map[string]string{
		"": "a b c DevTest", "tagName eq 'team'": "a b c", "tagname eq 'TEAM' and tagvalue eq 'b'": "b", "tagName eq 'Team' and tagValue eq 'B'": "", "tagName eq 'it''s'": "",
	} {
		for _, name := range []string{"$filter", "%24filter"} {
			got, _ := list(owner, "&"+name+"="+url.QueryEscape(filter))
			is(name+" "+filter, got, want)
		}
	}
	for query, code := range map[string]string{"&$filter=name eq 'a'": "InvalidFilterInQueryString", "&$top=0": "InvalidTopInQueryString", "&$top=x": "InvalidTopInQueryString", "&$skiptoken=%20": "InvalidSkipToken"} {
		a := r.get(r.arm(subPath+"/resourcegroups?api-version=2021-04-01"+strings.ReplaceAll(query, " ", "%20")), owner)
		if a.status != 400 || !strings.Contains(a.body, `"code":"`+code+`"`) {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
}

func TestAListRefusesWhoeverHasNothing(t *testing.T) {
	onCarriers(t, checkAListRefusesWhoeverHasNothing)
}

func checkAListRefusesWhoeverHasNothing(t *testing.T, open opener) {
	r := open(t, emulator.Options{World: "empty"})
	token := r.machineToken("https://management.azure.com/", "")
	id := claim(t, token, "tid")
	var world struct {
		Subscriptions []struct{ ID string }
	}
	if err := json.Unmarshal([]byte(r.get(r.door+"/_linarite/v1/world").body), &world); err != nil || len(world.Subscriptions) != 1 {
		t.Fatal(err, id)
	}
	sub := world.Subscriptions[0].ID
	a := r.get(r.arm("/subscriptions/"+sub+"/resourcegroups?api-version=2021-04-01"), bearer(token))
	if a.status != 403 || !strings.Contains(a.body, "over scope '/subscriptions/"+sub+"' or the scope is invalid") {
		t.Fatalf("%d %s", a.status, a.body)
	}
}

func TestMetadataEndpoints(t *testing.T) { onCarriers(t, checkMetadataEndpoints) }

func checkMetadataEndpoints(t *testing.T, open opener) {
	for _, c := range []string{"public", "china", "usgov"} {
		r := open(t, emulator.Options{Cloud: c})
		a := r.get(r.arm("/metadata/endpoints?api-version=2022-09-01"))
		if a.status != 200 || r.field(a, "name") != r.emu.Cloud().CLIName {
			t.Errorf("%s: %d %s", c, a.status, a.body)
		}
		if a := r.get(r.arm("/metadata/endpoints?api-version=1999-01-01")); a.status != 400 {
			t.Errorf("%s: %d %s", c, a.status, a.body)
		}
	}
}
