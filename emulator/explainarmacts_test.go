package emulator_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
)

// many writes n members of an object of JSON.
func many(n int) string {
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf(`"t%d":""`, i))
	}
	return strings.Join(members, ",")
}

func armActs() []act {
	group := subPath + "/resourceGroups/"
	owner := func(kind apierr.Kind, method, path, body string) act {
		return act{kind, "", "", func(s *scene) { s.owner(method, path, body) }}
	}
	held := func(kind apierr.Kind, what string, header func(*scene) string) act {
		return act{kind, what, "", func(s *scene) { s.armAs(header(s), "GET", group+"DevTest", "") }}
	}
	own := func(what, world, method, path string) act {
		return act{apierr.ARMForbidden, what, world, func(s *scene) { s.own(method, path, "{}") }}
	}
	nameless := someone(tenant, "", armResource)
	return []act{
		{apierr.ARMVersionMissing, "", "", func(s *scene) { s.ask("GET", "https://management.azure.com"+group+"DevTest", "") }},
		owner(apierr.ARMVersionInvalid, "GET", group+"DevTest?api-version=2001-01-01", ""),
		owner(apierr.ARMProviderVersion, "GET", devTest+"/providers/Microsoft.Storage/storageAccounts/tutorialstore?api-version=2001-01-01", ""),
		owner(apierr.ARMTypeInvalid, "GET", devTest+"/providers/Microsoft.Storage/things/x", ""),
		owner(apierr.ARMTypeVersion, "GET", group+"DevTest"+assignments+"?api-version=2001-01-01", ""),
		owner(apierr.ARMResourceNotFound, "GET", devTest+"/providers/Microsoft.Compute/virtualMachines/vm2?api-version=2024-07-01", ""),
		owner(apierr.ARMMetadataVersion, "GET", "/metadata/endpoints?api-version=1999-01-01", ""),

		held(apierr.ARMNoHeader, "", func(*scene) string { return "X: y" }),
		held(apierr.ARMHeaderInvalid, "", func(*scene) string { return "Authorization: Bearer" }),
		held(apierr.ARMTokenInvalid, "no token", func(*scene) string { return bearer("nonsense") }),
		held(apierr.ARMTokenInvalid, "of another cloud", func(s *scene) string {
			china, err := signer(s, cloud.China()).Issue(someone(tenant, "99999999-9999-9999-9999-999999999999", "https://management.chinacloudapi.cn/"), noon)
			if err != nil {
				s.Fatal(err)
			}
			return bearer(china.Raw)
		}),
		held(apierr.ARMTokenNoObject, "", func(s *scene) string {
			token, err := signer(s, cloud.Public()).Issue(nameless, noon)
			if err != nil {
				s.Fatal(err)
			}
			return bearer(token.Raw)
		}),
		held(apierr.ARMTokenExpired, "", func(s *scene) string {
			token := s.token(armResource, "")
			s.emu.Clock().Advance(24*time.Hour + time.Second)
			return token
		}),
		held(apierr.ARMTokenNotYet, "", func(s *scene) string { return s.forged(tenant, armResource, noon.Add(48*time.Hour)) }),
		held(apierr.ARMTokenAudience, "", func(s *scene) string { return s.token(storageResource, "") }),
		held(apierr.ARMTokenTenant, "", func(s *scene) string { return s.forged("bbbbcccc-1111-dddd-2222-eeee3333ffff", armResource, noon) }),

		own("the role lacks the action", "", "PUT", group+"DevTest"),
		own("elsewhere", "testdata/rg1-rg10.yaml", "GET", group+"rg10"),
		own("no assignment", machinesWorldWithNobody, "GET", group+"rg"),
		own("nothing to do with it", "", "GET", subPath),
		own("what no built-in role grants", "", "POST", machineAt+"/unheardOf"),
		{apierr.ARMForbidden, "excluded by notActions", grantsWorld, func(s *scene) {
			s.armAs(s.login("c0000000-0000-0000-0000-000000000001", "s", armResource), "PUT", rg1Path+assignments+"/"+guid(1)+newest, grantBody(readerRole, id1, ""))
		}},
		{apierr.ARMForbidden, "pending", grantsWorld + "switches: {rolePropagation: 5m}\n", func(s *scene) {
			s.owner("PUT", rg1Path+assignments+"/"+guid(1)+newest, grantBody(readerRole, ids.Named(tenant, "group", "outer"), ""))
			s.own("GET", rg1Path, "")
		}},
		{apierr.ARMForbidden, "a condition", grantsWorld, func(s *scene) {
			s.owner("PUT", rg1Path+assignments+"/"+guid(1)+newest, grantBody(readerRole, ids.Named(tenant, "machine.principalId", rg1Path+"/providers/Microsoft.Compute/virtualMachines/vm"), `,"condition":"(true)","conditionVersion":"2.0"`))
			s.own("GET", rg1Path, "")
		}},
		{apierr.ARMForbidden, "a data role asked for an action", grantsWorld, func(s *scene) {
			const dataReader = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
			s.owner("PUT", rg1Path+assignments+"/"+guid(1)+newest, grantBody(dataReader, ids.Named(tenant, "machine.principalId", rg1Path+"/providers/Microsoft.Compute/virtualMachines/vm"), ""))
			s.own("GET", rg1Path+"/providers/Microsoft.Storage/storageAccounts/x/blobServices/default/containers/c/blobs/b", "")
		}},

		owner(apierr.ARMSubscriptionInvalid, "GET", "/subscriptions/mine/resourceGroups", ""),
		owner(apierr.ARMSubscriptionMissing, "GET", "/resourceGroups/DevTest", ""),
		owner(apierr.ARMSubscriptionNotFound, "GET", "/subscriptions/99999999-9999-9999-9999-999999999999/resourceGroups", ""),
		owner(apierr.ARMNamespaceInvalid, "GET", devTest+"/providers/Microsoft.None/things/x", ""),
		owner(apierr.ARMNotFound, "GET", subPath+"/operationresults/nothing", ""),
		owner(apierr.ARMMethod, "PUT", machineAt+"?api-version=2024-07-01", "{}"),
		owner(apierr.ARMGroupNotFound, "GET", group+"rg2", ""),
		{apierr.ARMGroupDeleting, "", "testdata/eventual.yaml", func(s *scene) {
			s.owner("DELETE", group+"rg", "")
			s.owner("PUT", group+"rg", `{"location":"westus"}`)
		}},
		owner(apierr.ARMGroupName, "PUT", group+"a%21b", `{"location":"westus"}`),
		owner(apierr.ARMGroupLocation, "PUT", group+"new", `{"location":"atlantis"}`),
		owner(apierr.ARMGroupLocationConflict, "PUT", group+"DevTest", `{"location":"eastus"}`),
		owner(apierr.ARMLocationRequired, "PUT", group+"new", `{}`),
		owner(apierr.ARMContentInvalid, "PUT", group+"new", `{"location":`),
		owner(apierr.ARMContentTooLarge, "PUT", group+"new", `{"location":"`+strings.Repeat("x", 5<<20)+`"}`),
		{apierr.ARMMediaType, "", "", func(s *scene) {
			s.ask("PUT", "https://management.azure.com"+group+"new?api-version=2021-04-01", "{}", s.login(admin, "linarite", armResource), "Content-Type: text/plain")
		}},
		owner(apierr.ARMFilterInvalid, "GET", subPath+"/resourceGroups?$filter=name%20eq%20'a'", ""),
		owner(apierr.ARMSkipTokenInvalid, "GET", subPath+"/resourceGroups?$skiptoken=%20", ""),
		owner(apierr.ARMTopInvalid, "GET", subPath+"/resourceGroups?$top=0", ""),
		owner(apierr.ARMTagsTooMany, "PUT", group+"new", `{"location":"westus","tags":{`+many(51)+`}}`),
		owner(apierr.ARMTagNameInvalid, "PUT", group+"new", `{"location":"westus","tags":{"a/b":""}}`),
		owner(apierr.ARMTagNameTooLong, "PUT", group+"new", `{"location":"westus","tags":{"`+strings.Repeat("x", 513)+`":""}}`),
		owner(apierr.ARMTagValueTooLong, "PUT", group+"new", `{"location":"westus","tags":{"a":"`+strings.Repeat("x", 257)+`"}}`),
	}
}

var machinesWorldWithNobody = strings.Replace(machinesWorld, "user: [first, second]", "system: true", 1)

func armProviderActs() []act {
	owner := func(kind apierr.Kind, method, path, body string) act {
		return act{kind, "", "", func(s *scene) { s.owner(method, path, body) }}
	}
	const (
		storage  = devTest + "/providers/Microsoft.Storage/storageAccounts/"
		account  = `{"sku":{"name":"Standard_LRS"},"kind":"StorageV2","location":"westus"}`
		vault    = `{"location":"westus","properties":{"tenantId":"` + tenant + `","sku":{"family":"A","name":"standard"},"accessPolicies":[]}}`
		accounts = "?api-version=2023-05-01"
		vaults   = "?api-version=2023-02-01"
		machine  = machineAt + "?api-version=2024-07-01"
		other    = subPath + "/resourceGroups/other"
	)
	attach := func(id string) string {
		return `{"identity":{"type":"SystemAssigned, UserAssigned","userAssignedIdentities":{"` + id + `":{}}}}`
	}
	elsewhere := func(kind apierr.Kind, path, body string) act {
		return act{kind, "", "", func(s *scene) {
			s.owner("PUT", other, `{"location":"westus"}`)
			s.owner("PUT", other+path, body)
		}}
	}
	return []act{
		owner(apierr.ARMTypeLocation, "PUT", storage+"fresh1"+accounts, strings.Replace(account, "westus", "atlantis", 1)),
		owner(apierr.ARMLocationConflict, "PUT", storage+"tutorialstore"+accounts, strings.Replace(account, "westus", "eastus", 1)),
		owner(apierr.ARMLinkedID, "PATCH", machine, attach("tutorial-id")),
		owner(apierr.ARMIdentityOperation, "PATCH", machine, attach(identityAt+"nobody")),
		{apierr.ARMLinkedForbidden, "", strings.Replace(grantsWorld, "role: User Access Administrator, scope: rg1", "role: Virtual Machine Contributor, scope: rg1", 1), func(s *scene) {
			s.armAs(s.login("c0000000-0000-0000-0000-000000000002", "s", armResource), "PATCH", rg1Path+"/providers/Microsoft.Compute/virtualMachines/vm?api-version=2024-07-01",
				attach(rg1Path+"/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1"))
		}},
		owner(apierr.ARMIdentityName, "PUT", identityAt+"a%21?api-version=2023-01-31", `{"location":"westus"}`),
		owner(apierr.StorageAccountName, "PUT", storage+"Not-Valid"+accounts, account),
		elsewhere(apierr.StorageAccountTaken, "/providers/Microsoft.Storage/storageAccounts/tutorialstore"+accounts, account),
		owner(apierr.StorageParameters, "PUT", storage+"fresh1"+accounts, `{"location":"westus"}`),
		elsewhere(apierr.ARMVaultTaken, "/providers/Microsoft.KeyVault/vaults/mytestkeyvault"+vaults, vault),
		owner(apierr.ARMVaultName, "PUT", vaultAt+"a--b"+vaults, vault),
		owner(apierr.ARMVaultBadRequest, "PUT", vaultAt+"fresh"+vaults, `{"location":"westus","properties":{}}`),
		{apierr.ARMVaultModeForbidden, "", strings.Replace(vaultsWorld2, "ROLE", "Key Vault Contributor", 1), func(s *scene) {
			s.own("PATCH", subPath+"/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/some-vault"+vaults, `{"properties":{"enableRbacAuthorization":true}}`)
		}},
		owner(apierr.ARMVaultDeletedNotFound, "GET", subPath+"/providers/Microsoft.KeyVault/locations/westus/deletedVaults/gone"+vaults, ""),
	}
}

// vaultsWorld2 has a machine with a role at a vault of access policies.
const vaultsWorld2 = `schema: linarite/world/1
tenant: {id: ` + tenant + `}
subscriptions:
- id: ` + subscription + `
  groups:
  - name: rg
    machines: [{name: vm, identity: {system: true}}]
    vaults: [{name: some-vault, mode: policy}]
grants:
- {principal: machine/vm, role: ROLE, scope: rg/some-vault}
`

func authorizationActs() []act {
	const unknown = "99999999-aaaa-bbbb-cccc-dddddddddddd"
	assign := func(kind apierr.Kind, name, body string, before ...func(*scene)) act {
		return act{kind, "", grantsWorld, func(s *scene) {
			for _, f := range before {
				f(s)
			}
			s.owner("PUT", rg1Path+assignments+"/"+name+newest, body)
		}}
	}
	define := func(kind apierr.Kind, name, body string, before ...func(*scene)) act {
		return act{kind, "", grantsWorld, func(s *scene) {
			for _, f := range before {
				f(s)
			}
			s.owner("PUT", subPath+definitions+"/"+name+newest, body)
		}}
	}
	owner := func(kind apierr.Kind, method, path string) act {
		return act{kind, "", grantsWorld, func(s *scene) { s.owner(method, path, "") }}
	}
	first := func(s *scene) {
		s.owner("PUT", rg1Path+assignments+"/"+guid(1)+newest, grantBody(readerRole, id1, ""))
	}
	return []act{
		assign(apierr.AuthzBadFormat, guid(3), `{}`),
		assign(apierr.AuthzPrincipalInvalid, guid(3), grantBody(readerRole, "me", "")),
		assign(apierr.AuthzPrincipalNotFound, guid(3), grantBody(readerRole, unknown, "")),
		assign(apierr.AuthzPrincipalType, guid(3), grantBody(ownerRole, id1, `,"principalType":"User"`)),
		assign(apierr.AuthzApplication, guid(3), grantBody(readerRole, ids.Named(tenant, "applicationObject", "nobody"), "")),
		assign(apierr.AuthzAssignmentID, "mine", grantBody(readerRole, id1, "")),
		assign(apierr.AuthzAssignmentExists, guid(2), grantBody(readerRole, id1, ""), first),
		assign(apierr.AuthzAssignmentUpdate, guid(1), grantBody(ownerRole, id1, ""), first),
		owner(apierr.AuthzAssignmentMissing, "GET", rg1Path+assignments+"/"+guid(9)+newest),
		assign(apierr.AuthzAssignmentLimit, guid(3), grantBody(readerRole, id1, ""), func(s *scene) {
			s.change(func(tx *state.Tx) {
				for n := range 4000 {
					tx.Assignments.Put(state.RoleAssignment{ID: fmt.Sprintf("b0000000-0000-0000-0000-%012d", n), Scope: subPath, RoleID: readerRole, PrincipalID: fmt.Sprintf("c0000000-0000-0000-0000-%012d", n)})
				}
			})
		}),
		owner(apierr.AuthzAssignmentFilter, "GET", rg1Path+assignments+newest+"&$filter=x"),
		{apierr.AuthzLastAdmin, "", grantsWorld, func(s *scene) {
			at := ""
			s.change(func(tx *state.Tx) {
				for a := range tx.Assignments.All() {
					if a.RoleID == ownerRole {
						at = a.ID
					}
				}
			})
			s.owner("DELETE", subPath+assignments+"/"+at+newest, "")
		}},
		assign(apierr.AuthzRoleID, guid(3), grantBody("Reader", id1, "")),
		assign(apierr.AuthzRoleMissing, guid(3), grantBody(unknown, id1, "")),
		define(apierr.AuthzRoleName, guid(1), roleBody("reader", "", subPath)),
		{apierr.AuthzRoleInUse, "", grantsWorld, func(s *scene) {
			s.owner("PUT", rg1Path+assignments+"/"+guid(1)+newest, grantBody(lister, id1, ""))
			s.owner("DELETE", rg1Path+definitions+"/"+lister+newest, "")
		}},
		define(apierr.AuthzRoleLimit, guid(1), roleBody("one more", "", subPath), func(s *scene) {
			s.change(func(tx *state.Tx) {
				for n := range 5000 {
					tx.Roles.Put(state.RoleDefinition{ID: fmt.Sprintf("b0000000-0000-0000-0000-%012d", n), Name: fmt.Sprint("r", n), AssignableScopes: []string{subPath}})
				}
			})
		}),
		define(apierr.AuthzRoleScope, guid(1), roleBody("r", "", "rg1")),
		owner(apierr.AuthzRoleFilter, "GET", subPath+definitions+newest+"&$filter=name%20eq%20'x'"),
		define(apierr.AuthzBuiltInRole, readerRole, roleBody("r", "", subPath)),
	}
}
