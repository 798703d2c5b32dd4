package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/fixtures/roles"
)

const readerRest = `"description":"View all resources, but does not allow you to make any changes.","assignableScopes":["/"],` +
	`"permissions":[{"actions":["*/read"],"notActions":[],"dataActions":[],"notDataActions":[]}],"createdOn":"2015-02-02T21:55:09.8806423Z","updatedOn":"2021-11-11T20:13:47.8628684Z","createdBy":null,"updatedBy":null}`

// Reader as recorded, whatever the scope asked at: its id has the subscription, or none
// at the root, where it is open to everybody in the directory.
func TestBuiltInRole(t *testing.T) { onCarriers(t, checkBuiltInRole) }

func checkBuiltInRole(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	owner, nobody := bearer(r.adminToken()), r.app("3")
	reader := func(prefix string) string {
		return `{"properties":{"roleName":"Reader","type":"BuiltInRole",` + readerRest + `,"id":"` + prefix + definitions + "/" + readerRole +
			`","type":"Microsoft.Authorization/roleDefinitions","name":"` + readerRole + `"}`
	}
	for _, version := range []string{"2022-05-01-preview", "2018-01-01-preview"} {
		list := definitions + "?$filter=roleName%20eq%20%27reader%27&api-version=" + version
		r.expect("list at a group", r.get(r.arm(rg1Path+list), owner), 200, `{"value":[`+reader(subPath)+`]}`)
		r.expect("list at the root", r.get(r.arm("/"+list), nobody), 200, `{"value":[`+reader("")+`]}`)
		r.expect("get", r.get(r.arm(subPath+definitions+"/"+readerRole+"?api-version="+version), owner), 200, reader(subPath))
		r.expect("get at the root", r.get(r.arm(definitions+"/"+strings.ToUpper(readerRole)+"?api-version="+version), nobody), 200, reader(""))
	}
	if a := r.get(r.arm(subPath+definitions+newest), nobody); a.status != 403 {
		t.Errorf("a list at a scope where the caller has nothing: %d", a.status)
	}
	r.expect("missing", r.get(r.arm(subPath+definitions+"/"+guid(9)+newest), owner), 404, refusal("RoleDefinitionDoesNotExist", "The specified role definition with ID '"+guid(9)+"' does not exist."))
}

func TestRoleDefinitionFilters(t *testing.T) { onCarriers(t, checkRoleDefinitionFilters) }

func checkRoleDefinitionFilters(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	owner := bearer(r.adminToken())
	all := []string{lister}
	for _, role := range roles.All() {
		all = append(all, role.ID)
	}
	slices.Sort(all)
	builtIn := slices.DeleteFunc(slices.Clone(all), func(id string) bool { return id == lister })
	for _, row := range []struct {
		scope, filter string
		want          []string
	}{
		{rg1Path, "", all},
		{rg1Path + "/providers/Microsoft.Compute/virtualMachines/vm", "", all},
		{subPath, "", builtIn},
		{subPath + "/resourceGroups/rg10", "atScopeAndBelow()", builtIn},
		{subPath, "atScopeAndBelow()", all},
		{subPath, "atScopeAndBelow() and type eq 'CustomRole'", []string{lister}},
		{subPath, "type eq 'customrole'", []string{}},
		{rg1Path, "type eq 'BuiltInRole'", builtIn},
		{rg1Path, "type eq 'BuiltInRole' and roleName eq 'Lister'", []string{}},
		{rg1Path, "roleName eq 'LISTER'", []string{lister}},
		{rg1Path, "roleName eq 'no such role'", []string{}},
		{"", "", builtIn},
	} {
		if got := r.names(r.get(r.arm(row.scope+definitions+newest+"&$filter="+url.QueryEscape(row.filter)), owner)); !slices.Equal(got, row.want) {
			t.Errorf("%s %q: %v, want %v", row.scope, row.filter, got, row.want)
		}
	}
	if a := r.get(r.arm(subPath+definitions+newest+"&$filter=name%20eq%20'x'"), owner); a.status != 400 || !strings.Contains(a.body, `"code":"UnsupportedQuery"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func roleBody(name, more string, scopes ...string) string {
	list, _ := json.Marshal(scopes)
	return `{"properties":{"roleName":"` + name + `","permissions":[{"actions":["Microsoft.Compute/*/read"],"dataActions":["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"]}],"assignableScopes":` + string(list) + more + `}}`
}

func TestCustomRoleLife(t *testing.T) { onCarriers(t, checkCustomRoleLife) }

func checkCustomRoleLife(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	token := r.adminToken()
	owner, oid := bearer(token), claim(t, token, "oid")
	born := r.emu.Clock().Freeze()
	at := r.arm(subPath + definitions + "/" + guid(1) + "?api-version=2022-05-01-preview")
	body := func(name string, created, updated time.Time, by string) string {
		return `{"properties":{"roleName":"` + name + `","type":"CustomRole","description":"d","assignableScopes":["` + subPath + `"],"permissions":[{"actions":["Microsoft.Compute/*/read"],"notActions":[],` +
			`"dataActions":["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"],"notDataActions":[]}],"createdOn":"` + created.Format(sevenDigits) + `","updatedOn":"` + updated.Format(sevenDigits) +
			`","createdBy":` + by + `,"updatedBy":"` + oid + `"},"id":"` + subPath + definitions + "/" + guid(1) + `","type":"Microsoft.Authorization/roleDefinitions","name":"` + guid(1) + `"}`
	}
	me := `"` + oid + `"`
	r.expect("create", r.put(at, roleBody("one", `,"description":"d"`, subPath), owner), 201, body("one", born, born, "null"))
	r.expect("get", r.get(at, owner), 200, body("one", born, born, me))
	later := r.emu.Clock().Advance(time.Minute)
	r.expect("update", r.put(at, roleBody("two", `,"description":"d","type":"CustomRole"`, subPath), owner), 201, body("two", later, later, "null"))
	got := r.get(at, owner)
	r.expect("get", got, 200, body("two", born, later, me))
	r.expect("what was got can be put", r.put(at, got.body, owner), 201, body("two", later, later, "null"))

	grant := r.arm(rg1Path + assignments + "/" + guid(2) + newest)
	if a := r.put(grant, grantBody(guid(1), id1, ""), owner); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.expect("in use", r.do("DELETE", at, "", owner), 400, refusal("RoleDefinitionHasAssignments", "There are existing role assignments referencing role 'two'."))
	r.do("DELETE", grant, "", owner)
	r.expect("delete", r.do("DELETE", at, "", owner), 200, body("two", born, later, me))
	r.expect("delete again", r.do("DELETE", at, "", owner), 204, "")
}

func TestRoleDefinitionRefusals(t *testing.T) { onCarriers(t, checkRoleDefinitionRefusals) }

func checkRoleDefinitionRefusals(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	owner, granter := bearer(r.adminToken()), r.app("2")
	linked := func(id string, n int) string {
		return fmt.Sprintf("Property id '%s' at path 'properties.assignableScopes[%d]' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.", id, n)
	}
	const badFormat, sameName = "The request was incorrectly formatted.", "A role definition cannot be updated with a name that already exists."
	for _, row := range []struct {
		name, guid, body string
		status           int
		code, message    string
	}{
		{"a built-in's name", guid(1), roleBody("reader", "", subPath), 409, "RoleDefinitionWithSameNameExists", sameName},
		{"another's name", guid(1), roleBody("LISTER", "", subPath), 409, "RoleDefinitionWithSameNameExists", sameName},
		{"the root", guid(1), roleBody("r", "", subPath, "/"), 400, "LinkedInvalidPropertyId", linked("/", 1)},
		{"a resource", guid(1), roleBody("r", "", rg1Path+"/providers/Microsoft.Compute/virtualMachines/vm"), 400, "LinkedInvalidPropertyId", linked(rg1Path+"/providers/Microsoft.Compute/virtualMachines/vm", 0)},
		{"no id", guid(1), roleBody("r", "", "rg1"), 400, "LinkedInvalidPropertyId", linked("rg1", 0)},
		{"no scopes", guid(1), roleBody("r", ""), 400, "BadRequestFormat", badFormat},
		{"no name", guid(1), roleBody("", "", subPath), 400, "BadRequestFormat", badFormat},
		{"no permissions", guid(1), `{"properties":{"roleName":"r","assignableScopes":["` + subPath + `"]}}`, 400, "BadRequestFormat", badFormat},
		{"not custom", guid(1), roleBody("r", `,"type":"BuiltInRole"`, subPath), 400, "BadRequestFormat", badFormat},
		{"no properties", guid(1), `{}`, 400, "BadRequestFormat", badFormat},
		{"a built-in", readerRole, roleBody("r", "", subPath), 400, "BadRequestFormat", "The role definition 'Reader' is built in: it can be neither changed nor deleted."},
		{"name is no GUID", "mine", roleBody("r", "", subPath), 400, "InvalidRoleDefinitionId", "The role definition ID 'mine' is not valid."},
	} {
		r.expect(row.name, r.put(r.arm(subPath+definitions+"/"+row.guid+newest), row.body, owner), row.status, refusal(row.code, row.message))
	}
	r.expect("delete a built-in", r.do("DELETE", r.arm(subPath+definitions+"/"+readerRole+newest), "", owner), 400, refusal("BadRequestFormat", "The role definition 'Reader' is built in: it can be neither changed nor deleted."))
	if got := r.names(r.get(r.arm(subPath+definitions+newest+"&$filter=type%20eq%20'CustomRole'"), owner)); len(got) != 0 {
		t.Errorf("refused, but left behind: %v", got)
	}
	// Rights on the path's scope are not rights on every assignable scope.
	a := r.put(r.arm(rg1Path+definitions+"/"+guid(1)+newest), roleBody("r", "", rg1Path, subPath+"/resourceGroups/rg10"), granter)
	if a.status != 403 || !strings.Contains(a.body, "'Microsoft.Authorization/roleDefinitions/write' over scope '"+subPath+"/resourceGroups/rg10"+definitions+"/"+guid(1)+"'") {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.put(r.arm(rg1Path+definitions+"/"+guid(1)+newest), roleBody("r", "", rg1Path), granter); a.status != 201 {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestPermissionsAndEmptyLists(t *testing.T) { onCarriers(t, checkPermissionsAndEmptyLists) }

func checkPermissionsAndEmptyLists(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	contributor, nobody := r.app("1"), r.app("3")
	const permissions = "/providers/Microsoft.Authorization/permissions?api-version=2018-07-01"
	a := r.get(r.arm(rg1Path+permissions), contributor)
	if a.status != 200 || !strings.HasPrefix(a.body, `{"value":[{"actions":["*"],"notActions":["Microsoft.Authorization/*/Delete",`) || !strings.HasSuffix(a.body, `"dataActions":[],"notDataActions":[]}]}`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := r.get(r.arm(rg1Path+permissions), nobody); a.status != 403 {
		t.Errorf("%d %s", a.status, a.body)
	}
	r.expect("deny assignments", r.get(r.arm(rg1Path+"/providers/Microsoft.Authorization/denyAssignments?api-version=2022-04-01&$filter=atScope()"), contributor), 200, `{"value":[]}`)
	r.expect("classic administrators", r.get(r.arm(subPath+"/providers/Microsoft.Authorization/classicAdministrators?api-version=2015-06-01"), contributor), 200, `{"value":[]}`)
	r.expect("at a group that is not there", r.get(r.arm(subPath+"/resourceGroups/rg2"+permissions), contributor), 404, refusal("ResourceGroupNotFound", "Resource group 'rg2' could not be found."))
}
