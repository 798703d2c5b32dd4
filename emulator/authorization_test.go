package emulator_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/ids"
)

// grantsWorld has principals of every kind, and roles at several scopes.
const grantsWorld = `schema: linarite/world/1
tenant:
  id: ` + tenant + `
  groups:
    - {name: inner, members: [machine/vm]}
    - {name: outer, members: [group/inner]}
  applications:
    - {name: linarite-admin, clientId: ` + admin + `, secrets: [linarite]}
    - {name: contributor, clientId: c0000000-0000-0000-0000-000000000001, secrets: [s]}
    - {name: granter, clientId: c0000000-0000-0000-0000-000000000002, secrets: [s]}
    - {name: nobody, clientId: c0000000-0000-0000-0000-000000000003, secrets: [s]}
subscriptions:
  - id: ` + subscription + `
    groups:
      - name: rg1
        machines:
          - {name: vm, identity: {system: true}}
        identities:
          - {name: id1, clientId: ` + tutorialID + `, principalId: ` + id1 + `}
      - name: rg10
      - name: my(group)
roles:
  - {name: Lister, id: ` + lister + `, actions: ["*/read"], assignableScopes: [rg1]}
grants:
  - {principal: application/linarite-admin, role: Owner, scope: subscription}
  - {principal: application/contributor, role: Contributor, scope: subscription}
  - {principal: application/granter, role: User Access Administrator, scope: rg1}
  - {principal: application/granter, role: User Access Administrator, scope: my(group)}
`

const (
	id1    = "1d100000-0000-0000-0000-000000000001"
	lister = "11570000-0000-0000-0000-000000000001"

	rg1Path     = subPath + "/resourceGroups/rg1"
	assignments = "/providers/Microsoft.Authorization/roleAssignments"
	definitions = "/providers/Microsoft.Authorization/roleDefinitions"
	readerRole  = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
	ownerRole   = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	newest      = "?api-version=2022-04-01"
)

// openText opens a world from the text of its file.
func openText(t testing.TB, open opener, text string) *rig {
	t.Helper()
	file := filepath.Join(t.TempDir(), "world.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return open(t, emulator.Options{World: file})
}

// appToken is an application's token for a resource, by its secret.
func (r *rig) appToken(clientID, secret, resource string) string {
	r.Helper()
	a := r.do("POST", "https://"+r.emu.Cloud().Entra.LoginHosts[0]+"/"+tenant+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {clientID}, "client_secret": {secret}, "scope": {resource + "/.default"},
	}.Encode(), "Content-Type: application/x-www-form-urlencoded")
	token := r.field(a, "access_token")
	if token == "" {
		r.Fatalf("no token: %d %s", a.status, a.body)
	}
	return token
}

func (r *rig) app(n string) string {
	r.Helper()
	return bearer(r.appToken("c0000000-0000-0000-0000-00000000000"+n, "s", r.emu.Cloud().ARM.Endpoint))
}

// put sends JSON.
func (r *rig) put(target, body, authorization string) answer {
	r.Helper()
	return r.do("PUT", target, body, authorization, "Content-Type: application/json")
}

// grantBody is the body of a role assignment; more are further members.
func grantBody(role, principal, more string) string {
	return `{"properties":{"roleDefinitionId":"` + subPath + definitions + "/" + role + `","principalId":"` + principal + `"` + more + `}}`
}

func guid(n int) string { return fmt.Sprintf("a0000000-0000-0000-0000-%012d", n) }

func (r *rig) expect(what string, a answer, status int, body string) {
	r.Helper()
	if a.status != status || a.body != body {
		r.Errorf("%s: %d %s\nwant %d %s", what, a.status, a.body, status, body)
	}
}

func refusal(code, message string) string {
	text, _ := json.Marshal(message)
	return `{"error":{"code":"` + code + `","message":` + strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(string(text)) + `}}`
}

const sevenDigits = "2006-01-02T15:04:05.0000000Z"

// The life of an assignment, member by member as recorded from the service.
func TestRoleAssignmentLife(t *testing.T) { onCarriers(t, checkRoleAssignmentLife) }

func checkRoleAssignmentLife(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	token := r.adminToken()
	owner, oid := bearer(token), claim(t, token, "oid")
	born := r.emu.Clock().Freeze()
	at := r.arm(rg1Path + assignments + "/" + strings.ToUpper(guid(1)) + newest)
	body := func(createdOn, updatedOn time.Time, createdBy, description string) string {
		return `{"properties":{"roleDefinitionId":"` + subPath + definitions + "/" + readerRole + `","principalId":"` + id1 + `","principalType":"ServicePrincipal","scope":"` + rg1Path +
			`","condition":null,"conditionVersion":null,"createdOn":"` + createdOn.Format(sevenDigits) + `","updatedOn":"` + updatedOn.Format(sevenDigits) + `","createdBy":` + createdBy + `,"updatedBy":"` + oid +
			`","delegatedManagedIdentityResourceId":null,"description":` + description + `},"id":"` + rg1Path + assignments + "/" + guid(1) + `","type":"Microsoft.Authorization/roleAssignments","name":"` + guid(1) + `"}`
	}
	me := `"` + oid + `"`
	r.expect("create", r.put(at, grantBody(readerRole, id1, ""), owner), 201, body(born.Add(-time.Second), born, "null", "null"))
	got := r.get(at, owner)
	r.expect("get", got, 200, body(born, born, me, "null"))
	later := r.emu.Clock().Advance(time.Minute)
	r.expect("what was got can be put", r.put(at, got.body, owner), 201, body(later.Add(-time.Second), later, "null", "null"))
	r.expect("update", r.put(at, grantBody(readerRole, strings.ToUpper(id1), `,"principalType":"serviceprincipal","description":"why <&>"`), owner), 201, body(later.Add(-time.Second), later, "null", `"why <&>"`))
	r.expect("get", r.get(at, owner), 200, body(born, later, me, `"why <&>"`))
	r.expect("list", r.get(r.arm(rg1Path+assignments+newest+"&$filter=principalId+eq+'"+id1+"'"), owner), 200, `{"value":[`+body(born, later, me, `"why <&>"`)+`]}`)
	r.expect("at another scope", r.get(r.arm(subPath+assignments+"/"+guid(1)+newest), owner), 404, refusal("RoleAssignmentNotFound", "The role assignment '"+guid(1)+"' is not found."))
	r.expect("delete at another scope", r.do("DELETE", r.arm(subPath+assignments+"/"+guid(1)+newest), "", owner), 204, "")
	gone := r.emu.Clock().Advance(time.Minute)
	r.expect("delete", r.do("DELETE", at, "", owner), 200, body(born, gone, me, `"why <&>"`))
	r.expect("delete again", r.do("DELETE", at, "", owner), 204, "")
	r.expect("get", r.get(at, owner), 404, refusal("RoleAssignmentNotFound", "The role assignment '"+strings.ToUpper(guid(1))+"' is not found."))
}

// Older api-versions show fewer members, and no lag.
func TestRoleAssignmentVersions(t *testing.T) { onCarriers(t, checkRoleAssignmentVersions) }

func checkRoleAssignmentVersions(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	token := r.adminToken()
	now := r.emu.Clock().Freeze().Format(sevenDigits)
	for n, row := range []struct{ version, kind string }{{"2018-01-01-preview", `"principalType":"ServicePrincipal",`}, {"2015-07-01", ""}} {
		// The bare form of the role's id is qualified in the answer; the scope keeps its spelling.
		scope := subPath + "/resourcegroups/RG1"
		if n == 1 {
			scope = rg1Path + "/providers/Microsoft.Compute/virtualMachines/vm"
		}
		a := r.put(r.arm(scope+assignments+"/"+guid(n)+"?api-version="+row.version), `{"properties":{"roleDefinitionId":"`+definitions+"/"+readerRole+`","principalId":"`+id1+`"}}`, bearer(token))
		r.expect(row.version, a, 201, `{"properties":{"roleDefinitionId":"`+subPath+definitions+"/"+readerRole+`","principalId":"`+id1+`",`+row.kind+`"scope":"`+scope+
			`","createdOn":"`+now+`","updatedOn":"`+now+`","createdBy":null,"updatedBy":"`+claim(t, token, "oid")+`"},"id":"`+scope+assignments+"/"+guid(n)+
			`","type":"Microsoft.Authorization/roleAssignments","name":"`+guid(n)+`"}`)
	}
	a := r.get(r.arm(rg1Path+assignments+"?api-version=2011-01-01"), bearer(token))
	if a.status != 404 || !strings.HasPrefix(a.body, `{"error":{"code":"InvalidResourceType","message":"The resource type 'roleAssignments' could not be found in the namespace 'Microsoft.Authorization' for api version '2011-01-01'. The supported api-versions are '2022-04-01,`) {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestRoleAssignmentRefusals(t *testing.T) { onCarriers(t, checkRoleAssignmentRefusals) }

func checkRoleAssignmentRefusals(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	owner := bearer(r.adminToken())
	unknown := "99999999-aaaa-bbbb-cccc-dddddddddddd"
	const sp = `,"principalType":"ServicePrincipal"`
	if a := r.put(r.arm(rg1Path+assignments+"/"+guid(1)+newest), grantBody(readerRole, id1, sp), owner); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	application := ids.Named(tenant, "applicationObject", "nobody")
	const badFormat = "The request was incorrectly formatted."
	update := "Tenant ID, application ID, principal ID, and scope are not allowed to be updated."
	for _, row := range []struct {
		name, scope, guid, body string
		status                  int
		code, message           string
	}{
		{"twin", rg1Path, guid(2), grantBody(readerRole, id1, sp), 409, "RoleAssignmentExists", "The role assignment already exists. The ID of the existing role assignment is " + strings.ReplaceAll(guid(1), "-", "") + "."},
		{"other role", rg1Path, guid(1), grantBody(ownerRole, id1, sp), 400, "RoleAssignmentUpdateNotPermitted", update},
		{"other scope", subPath, guid(1), grantBody(readerRole, id1, sp), 400, "RoleAssignmentUpdateNotPermitted", update},
		{"other principal", rg1Path, guid(1), grantBody(readerRole, unknown, `,"principalType":"User"`), 400, "RoleAssignmentUpdateNotPermitted", update},
		{"unknown principal", rg1Path, guid(3), grantBody(readerRole, unknown, ""), 400, "PrincipalNotFound", "Principal 99999999aaaabbbbccccdddddddddddd does not exist in the directory " + tenant +
			". Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, this error might be related to a replication delay. " +
			"In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype"},
		{"wrong type", rg1Path, guid(3), grantBody(ownerRole, id1, `,"principalType":"User"`), 400, "UnmatchedPrincipalType",
			"The PrincipalId '" + strings.ReplaceAll(id1, "-", "") + "' has type 'ServicePrincipal' , which is different from specified PrinciaplType 'User'."},
		{"an application object", rg1Path, guid(3), grantBody(readerRole, application, sp), 400, "PrincipalTypeNotSupported", "Principals of type Application cannot validly be used in role assignments."},
		{"no such type", rg1Path, guid(3), grantBody(ownerRole, id1, `,"principalType":"Robot"`), 400, "BadRequestFormat", badFormat},
		{"principal is no GUID", rg1Path, guid(3), grantBody(ownerRole, "me", ""), 400, "InvalidPrincipalId", "A valid principal ID must be provided for role assignment."},
		{"no principal", rg1Path, guid(3), `{"properties":{"roleDefinitionId":"` + definitions + "/" + readerRole + `"}}`, 400, "InvalidPrincipalId", "A valid principal ID must be provided for role assignment."},
		{"role's GUID alone", rg1Path, guid(3), `{"properties":{"roleDefinitionId":"` + readerRole + `","principalId":"` + id1 + `"}}`, 400, "BadRequestFormat", badFormat},
		{"role's name", rg1Path, guid(3), grantBody("Reader", id1, ""), 400, "InvalidRoleDefinitionId", "The role definition ID 'Reader' is not valid."},
		{"unknown role", rg1Path, guid(3), grantBody(unknown, id1, ""), 404, "RoleDefinitionDoesNotExist", "The specified role definition with ID '" + unknown + "' does not exist."},
		{"custom role elsewhere", subPath + "/resourceGroups/rg10", guid(3), grantBody(lister, id1, ""), 404, "RoleDefinitionDoesNotExist", "The specified role definition with ID '" + lister + "' does not exist."},
		{"no properties", rg1Path, guid(3), `{}`, 400, "BadRequestFormat", badFormat},
		{"name is no GUID", rg1Path, "mine", grantBody(readerRole, id1, ""), 400, "InvalidRoleAssignmentId", "The role assignment ID 'mine' is not valid. The role assignment ID must be a GUID."},
		{"misspelt", rg1Path, guid(3), `{"propertys":{}}`, 400, "InvalidRequestContent", "The request content was invalid and could not be deserialized: 'Could not find member 'propertys' on object of type 'RoleAssignment'. Path 'propertys', line 1, position 13'."},
		{"no such group", subPath + "/resourceGroups/rg2", guid(3), grantBody(readerRole, id1, ""), 404, "ResourceGroupNotFound", "Resource group 'rg2' could not be found."},
		{"no such resource", rg1Path + "/providers/Microsoft.Compute/virtualMachines/vm2", guid(3), grantBody(readerRole, id1, ""), 404, "ResourceNotFound",
			"The Resource 'Microsoft.Compute/virtualMachines/vm2' under resource group 'rg1' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"},
	} {
		a := r.put(r.arm(row.scope+assignments+"/"+row.guid+newest), row.body, owner)
		r.expect(row.name, a, row.status, refusal(row.code, row.message))
		gateway := strings.HasPrefix(row.code, "Resource") || row.code == "InvalidRequestContent"
		if got := a.header.Get("x-ms-failure-cause"); (got == "gateway") != gateway {
			t.Errorf("%s: x-ms-failure-cause %q", row.name, got)
		}
	}
	a := r.put(r.arm(rg1Path+assignments+"/"+guid(4)+newest), grantBody(readerRole, unknown, `,"principalType":"user"`), owner)
	if a.status != 201 || !strings.Contains(a.body, `"principalType":"User"`) {
		t.Errorf("an unknown principal whose type is given: %d %s", a.status, a.body)
	}
}

// Who may assign roles, and where: 403 names the assignment's own id.
func TestWhoMayAssign(t *testing.T) { onCarriers(t, checkWhoMayAssign) }

func checkWhoMayAssign(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	refused := func(token, verb, scope string) string {
		id := strings.TrimPrefix(token, "Authorization: Bearer ")
		return refusal("AuthorizationFailed", "The client '"+claim(t, id, "appid")+"' with object id '"+claim(t, id, "oid")+
			"' does not have authorization to perform action 'Microsoft.Authorization/"+verb+"' over scope '"+scope+"' or the scope is invalid. If access was recently granted, please refresh your credentials.")
	}
	contributor, granter, nobody := r.app("1"), r.app("2"), r.app("3")
	body := grantBody(readerRole, id1, "")
	one := rg1Path + assignments + "/" + guid(1)
	write := "roleAssignments/write"
	r.expect("a contributor", r.put(r.arm(one+newest), body, contributor), 403, refused(contributor, write, one))
	r.expect("whatever the spelling", r.put(r.arm(strings.ToLower(one)+newest), body, contributor), 403,
		refused(contributor, write, subPath+"/resourceGroups/rg1/providers/microsoft.authorization/roleassignments/"+guid(1)))
	r.expect("at the root", r.put(r.arm(assignments+"/"+guid(1)+newest), body, contributor), 403, refused(contributor, write, assignments+"/"+guid(1)))
	other := subPath + "/resourceGroups/rg10" + assignments + "/" + guid(1)
	r.expect("rg1's granter at rg10", r.put(r.arm(other+newest), body, granter), 403, refused(granter, write, other))
	r.expect("at a group that is not there", r.put(r.arm(strings.Replace(other, "rg10", "rg2", 1)+newest), body, granter), 403, refused(granter, write, strings.Replace(other, "rg10", "rg2", 1)))
	r.expect("list", r.get(r.arm(rg1Path+assignments+newest), nobody), 403, refused(nobody, "roleAssignments/read", rg1Path+"/providers/Microsoft.Authorization"))
	r.expect("list at the root", r.get(r.arm(assignments+newest), contributor), 403, refused(contributor, "roleAssignments/read", "/providers/Microsoft.Authorization"))
	r.expect("delete", r.do("DELETE", r.arm(one+newest), "", contributor), 403, refused(contributor, "roleAssignments/delete", one))
	r.expect("a role", r.put(r.arm(rg1Path+definitions+"/"+guid(1)+newest), `{}`, contributor), 403, refused(contributor, "roleDefinitions/write", rg1Path+definitions+"/"+guid(1)))
	for n, scope := range []string{
		rg1Path, rg1Path + "%20", subPath + "/resourcegroups/RG1%20%20", subPath + "/resourceGroups/my%28group%29", "/" + rg1Path + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1",
	} {
		who := grantBody(readerRole, fmt.Sprintf("1d200000-0000-0000-0000-%012d", n), `,"principalType":"User"`)
		a := r.put(r.arm(scope+assignments+"/"+guid(n+10)+newest), who, granter)
		if a.status != 201 || strings.Contains(a.body, " \"") || strings.Contains(a.body, "%") {
			t.Errorf("the granter at %q: %d %s", scope, a.status, a.body)
		}
	}
}

// Paths that are spelt oddly open nothing: what cannot be named cannot be written.
func TestOddScopes(t *testing.T) { onCarriers(t, checkOddScopes) }

func checkOddScopes(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	nobody, owner := r.app("3"), bearer(r.adminToken())
	for _, scope := range []string{
		"/subscriptions/" + subscription + "//resourceGroups/rg1", subPath + "/resourceGroups//rg1", subPath + "/resourceGroups/rg1%2F", subPath + "/resourceGroups/%09rg1", subPath + "/resourceGroups",
		subPath + "/resourceGroups/rg1%2Fproviders%2FMicrosoft.Compute%2FvirtualMachines%2Fvm", subPath + "/resourceGroups/rg1/providers", subPath + "/rg1", "/%2F", subPath + "%2FresourceGroups/rg1", "/providers",
	} {
		for _, path := range []string{assignments + "/" + guid(1), assignments, definitions + "/" + guid(1)} {
			for _, method := range []string{"PUT", "GET", "DELETE"} {
				if a := r.do(method, r.arm(scope+path+newest), grantBody(ownerRole, id1, ""), nobody, "Content-Type: application/json"); a.status < 400 {
					t.Errorf("%s %s%s: %d %s", method, scope, path, a.status, a.body)
				}
			}
		}
	}
	if a := r.put(r.arm("/subscriptions//"+subscription+"//resourceGroups/rg1"+assignments+"/"+guid(1)+newest), grantBody(readerRole, id1, ""), owner); a.status != 404 {
		t.Errorf("the owner: %d %s", a.status, a.body)
	}
	if a := r.get(r.arm(subPath+assignments+newest+"&$filter=principalId%20eq%20'"+id1+"'"), owner); a.body != `{"value":[]}` {
		t.Error(a.body)
	}
}

// names lists the names that a list has.
func (r *rig) names(a answer) []string {
	r.Helper()
	var page struct{ Value []struct{ Name string } }
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != 200 {
		r.Fatalf("%d %s", a.status, a.body)
	}
	names := []string{}
	for _, v := range page.Value {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	return names
}

func TestRoleAssignmentFilters(t *testing.T) { onCarriers(t, checkRoleAssignmentFilters) }

func checkRoleAssignmentFilters(t *testing.T, open opener) {
	r := openText(t, open, strings.Split(grantsWorld, "grants:")[0]+"grants:\n  - {principal: application/linarite-admin, role: Owner, scope: /}\n")
	owner := bearer(r.adminToken())
	vm := ids.Named(tenant, "machine.principalId", rg1Path+"/providers/Microsoft.Compute/virtualMachines/vm")
	outer := ids.Named(tenant, "group", "outer")
	root := ids.Named(tenant, "assignment", ids.Named(tenant, "servicePrincipal", "linarite-admin"), ownerRole, "/")
	for n, row := range []struct{ scope, principal string }{
		1: {subPath, id1}, 2: {rg1Path, vm}, 3: {rg1Path, outer}, 4: {rg1Path + "/providers/Microsoft.Compute/virtualMachines/vm", id1}, 5: {subPath + "/resourceGroups/rg10", vm},
	} {
		if n == 0 {
			continue
		}
		if a := r.put(r.arm(row.scope+assignments+"/"+guid(n)+newest), grantBody(readerRole, row.principal, ""), owner); a.status != 201 {
			t.Fatalf("%d: %d %s", n, a.status, a.body)
		}
	}
	for _, row := range []struct {
		scope, filter string
		want          []string
	}{
		{rg1Path, "", []string{root, guid(1), guid(2), guid(3), guid(4)}},
		{rg1Path, "atScope()", []string{root, guid(1), guid(2), guid(3)}},
		{rg1Path, " ATSCOPE()", []string{root, guid(1), guid(2), guid(3)}},
		{subPath, "atScope()", []string{root, guid(1)}},
		{"", "atScope()", []string{root}},
		{"", "", []string{root, guid(1), guid(2), guid(3), guid(4), guid(5)}},
		{rg1Path, "principalId eq '" + vm + "'", []string{guid(2)}},
		{rg1Path, "principalId eq '" + strings.ToUpper(id1) + "'", []string{guid(1), guid(4)}},
		{subPath, "principalId eq '" + vm + "'", []string{guid(2), guid(5)}},
		{rg1Path, "assignedTo('" + vm + "')", []string{guid(2), guid(3)}},
		{rg1Path, "assignedto('" + id1 + "')", []string{guid(1), guid(4)}},
		{rg1Path, "atScope() and assignedTo('" + id1 + "')", []string{guid(1)}},
		{subPath + "/resourceGroups/rg10", "assignedTo('" + vm + "')", []string{guid(5)}},
	} {
		slices.Sort(row.want)
		for _, name := range []string{"$filter", "%24filter", "$FILTER"} {
			if got := r.names(r.get(r.arm(row.scope+assignments+newest+"&"+name+"="+url.QueryEscape(row.filter)), owner)); !slices.Equal(got, row.want) {
				t.Errorf("%s %q: %v, want %v", row.scope, row.filter, got, row.want)
			}
		}
	}
	for _, filter := range []string{"principalId eq " + vm, "principalId eq ''", "atScope() and principalId eq '" + vm + "'", "assignedTo('a') and assignedTo('b')", "roleDefinitionId eq 'x'", "atScope(", "assignedTo()"} {
		r.expect(filter, r.get(r.arm(rg1Path+assignments+newest+"&$filter="+url.QueryEscape(filter)), owner), 400,
			refusal("UnsupportedQuery", "The filter '"+filter+"' is not supported. Supported filters are either 'atScope()' or 'principalId eq '{value}' or assignedTo('{value}')'."))
	}
	// Inherited ones keep their own scope, and name their role as the request's subscription sees it.
	a := r.get(r.arm(rg1Path+assignments+newest+"&$filter=atScope()"), owner)
	for _, want := range []string{`"scope":"/",`, `"id":"` + assignments + "/" + root + `"`, `"roleDefinitionId":"` + subPath + definitions + "/" + ownerRole + `"`} {
		if !strings.Contains(a.body, want) {
			t.Errorf("%s is not in %s", want, a.body)
		}
	}
	if a := r.get(r.arm(assignments+newest), owner); !strings.Contains(a.body, `"roleDefinitionId":"`+definitions+"/"+ownerRole+`"`) {
		t.Error(a.body)
	}
}

// A member of a group may what the group may; a new grant counts at once, or after the
// world's delay; what is taken away is gone.
func TestGrantsTakeEffect(t *testing.T) { onCarriers(t, checkGrantsTakeEffect) }

func checkGrantsTakeEffect(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld+"switches: {rolePropagation: 5m}\n")
	owner, member := bearer(r.adminToken()), bearer(r.machineToken("https://management.azure.com/", ""))
	r.emu.Clock().Freeze()
	see := func(group string, want int) {
		t.Helper()
		if a := r.get(r.arm(subPath+"/resourceGroups/"+group+"?api-version=2021-04-01"), member); a.status != want {
			t.Errorf("%s: %d %s, want %d", group, a.status, a.body, want)
		}
	}
	grant := r.arm(rg1Path + assignments + "/" + guid(1) + newest)
	see("rg1", 403)
	if a := r.put(grant, grantBody(readerRole, ids.Named(tenant, "group", "outer"), ""), owner); a.status != 201 || !strings.Contains(a.body, `"principalType":"Group"`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	r.emu.Clock().Advance(5*time.Minute - time.Second)
	see("rg1", 403)
	r.put(grant, grantBody(readerRole, ids.Named(tenant, "group", "outer"), ""), owner) // the same again starts no new delay
	r.emu.Clock().Advance(time.Second)
	see("rg1", 200)
	see("rg10", 403)
	r.do("DELETE", grant, "", owner)
	see("rg1", 403)
}

func TestTheLastAdministratorStays(t *testing.T) { onCarriers(t, checkTheLastAdministratorStays) }

func checkTheLastAdministratorStays(t *testing.T, open opener) {
	r := openText(t, open, grantsWorld)
	owner := bearer(r.adminToken())
	last := r.names(r.get(r.arm(subPath+assignments+newest+"&$filter=principalId%20eq%20'"+ids.Named(tenant, "servicePrincipal", "linarite-admin")+"'"), owner))
	if len(last) != 1 {
		t.Fatal(last)
	}
	at := r.arm(subPath + assignments + "/" + last[0] + newest)
	r.expect("the last", r.do("DELETE", at, "", owner), 412, refusal("CannotDeleteLastRbacAdminAssignment", "Cannot delete the last RBAC admin assignment"))
	if a := r.put(r.arm(subPath+assignments+"/"+guid(1)+newest), grantBody("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", id1, ""), owner); a.status != 201 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := r.do("DELETE", at, "", owner); a.status != 200 {
		t.Errorf("one of two: %d %s", a.status, a.body)
	}
}
