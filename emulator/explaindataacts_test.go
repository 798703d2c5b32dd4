package emulator_test

import (
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/storageauth"
)

func vaultActs() []act {
	vault := "https://vault.azure.net"
	one := func(s *scene) string { return s.vault("polvault", "/secrets/One") }
	held := func(kind apierr.Kind, header func(*scene) string) act {
		return act{kind, "", vaultsWorld, func(s *scene) { s.ask("GET", one(s), "", header(s)) }}
	}
	as := func(kind apierr.Kind, what, name, who, method, path, body string) act {
		return act{kind, what, vaultsWorld, func(s *scene) { s.secret(name, who, method, path, body) }}
	}
	after := func(kind apierr.Kind, how func(*state.Vault), steps ...string) act {
		return act{kind, "", vaultsWorld, func(s *scene) {
			if how != nil {
				s.changeVault("polvault", how)
			}
			for _, step := range steps {
				method, path, _ := strings.Cut(step, " ")
				s.secret("polvault", worker, method, path, `{"value":"x"}`)
			}
		}}
	}
	hard := func(v *state.Vault) { v.SoftDelete = false }
	return []act{
		held(apierr.VaultNoToken, func(*scene) string { return "X: y" }),
		held(apierr.VaultTokenUnreadable, func(*scene) string { return bearer("nonsense") }),
		held(apierr.VaultTokenKey, func(s *scene) string {
			token := strings.TrimPrefix(s.token(vault, ""), "Authorization: Bearer ")
			return bearer(reheaded(s, token, `{"typ":"JWT","alg":"none"}`, func(string) []byte { return nil }))
		}),
		held(apierr.VaultTokenExpired, func(s *scene) string { return s.forged(tenant, vault, noon.Add(-48*time.Hour)) }),
		held(apierr.VaultTokenNotYet, func(s *scene) string { return s.forged(tenant, vault, noon.Add(48*time.Hour)) }),
		held(apierr.VaultTokenAudience, func(s *scene) string { return s.token(armResource, "") }),
		held(apierr.VaultTokenIssuer, func(s *scene) string { return s.forged("bbbbcccc-1111-dddd-2222-eeee3333ffff", vault, noon) }),
		after(apierr.VaultConnection, func(v *state.Vault) { v.PublicNetworkAccess = "Disabled" }, "GET /secrets/One"),
		{apierr.VaultVersion, "", vaultsWorld, func(s *scene) {
			s.ask("GET", "https://polvault.vault.azure.net/secrets/One?api-version=1", "", s.token(vault, ""))
		}},
		as(apierr.VaultMethod, "", "polvault", "", "POST", "/secrets/One", "{}"),
		as(apierr.VaultPath, "", "polvault", "", "GET", "/nothing", ""),
		as(apierr.VaultNoPolicy, "", "polvault", nobody, "GET", "/secrets/One", ""),
		as(apierr.VaultPolicy, "", "polvault", "", "PUT", "/secrets/New", `{"value":"x"}`),
		{apierr.VaultPolicyBehalf, "", vaultsWorld, func(s *scene) {
			object := claim(s, strings.TrimPrefix(s.token(vault, nobody), "Authorization: Bearer "), "oid")
			s.changeVault("polvault", func(v *state.Vault) {
				v.Policies = append(v.Policies, state.AccessPolicy{TenantID: tenant, ObjectID: object, ApplicationID: "00001111-aaaa-2222-bbbb-3333cccc5555", Secrets: []string{"get"}})
			})
			s.secret("polvault", nobody, "GET", "/secrets/One", "")
		}},
		as(apierr.VaultRBAC, "another secret", "rolevault", "", "GET", "/secrets/One1", ""),
		as(apierr.VaultRBAC, "Owner opens no secret", "rolevault", nobody, "GET", "/secrets/One", ""),
		as(apierr.VaultObjectName, "", "polvault", worker, "PUT", "/secrets/in_valid", `{"value":"x"}`),
		as(apierr.VaultProperty, "", "polvault", worker, "PUT", "/secrets/New", `{}`),
		as(apierr.VaultSkipToken, "", "polvault", worker, "GET", "/secrets?$skiptoken=%20", ""),
		as(apierr.VaultSecretNotFound, "", "polvault", worker, "GET", "/secrets/absent", ""),
		{apierr.VaultSecretDisabled, "", vaultsWorld, func(s *scene) {
			s.secret("polvault", worker, "PATCH", "/secrets/One", `{"attributes":{"enabled":false}}`)
			s.secret("polvault", worker, "GET", "/secrets/One", "")
		}},
		after(apierr.VaultSecretDeleted, nil, "DELETE /secrets/One", "PUT /secrets/One"),
		{apierr.VaultSecretBeingDeleted, "", vaultsWorld, func(s *scene) {
			s.change(func(tx *state.Tx) { tx.SetSwitches(state.Switches{EventualDelete: time.Minute}) })
			s.secret("polvault", worker, "DELETE", "/secrets/One", "")
			s.secret("polvault", worker, "PUT", "/secrets/One", `{"value":"x"}`)
		}},
		as(apierr.VaultDeletedSecretNotFound, "", "polvault", worker, "GET", "/deletedsecrets/absent", ""),
		after(apierr.VaultNoSoftDelete, hard, "GET /deletedsecrets"),
		after(apierr.VaultPurgeProtected, func(v *state.Vault) { v.PurgeProtection = true }, "DELETE /secrets/One", "DELETE /deletedsecrets/One"),
		as(apierr.VaultBackupMalformed, "", "polvault", worker, "POST", "/secrets/restore", `{"value":"AAAA"}`),
		{apierr.VaultRestoreConflict, "", vaultsWorld, func(s *scene) {
			backup := s.secret("polvault", worker, "POST", "/secrets/One/backup", "")
			s.secret("polvault", worker, "POST", "/secrets/restore", backup.body)
		}},
	}
}

func storageActs() []act {
	on := func(kind apierr.Kind, what, method, path, body string, headers ...string) act {
		return act{kind, what, "", func(s *scene) { s.files(); s.store(method, path, body, headers...) }}
	}
	const block = "x-ms-blob-type: BlockBlob"
	return []act{
		{apierr.StorageHTTPSRequired, "", "", func(s *scene) { s.ask("GET", "http://tutorialstore.blob.core.windows.net/files/hello_world.txt", "") }},
		on(apierr.StorageHeaderValue, "", "PUT", "/files/b", "x", block, "x-ms-access-tier: Lukewarm"),
		on(apierr.StorageHeaderMissing, "", "PUT", "/files/b", "x"),
		on(apierr.StorageHeaderUnsupported, "", "PUT", "/files/b", "x", block, "x-ms-structured-body: XSM/1.0; properties=crc64", "x-ms-structured-content-length: 1"),
		on(apierr.StorageQueryValue, "", "GET", "/files/a?comp=nonsense", ""),
		on(apierr.StorageQueryMissing, "", "PUT", "/files/b?comp=block", "x"),
		on(apierr.StorageQueryRange, "", "GET", "/files?restype=container&comp=list&maxresults=0", ""),
		on(apierr.StorageVerb, "", "POST", "/files/a", ""),
		on(apierr.StorageURI, "", "PUT", "/files/", "x", block),
		on(apierr.StorageResourceName, "", "PUT", "/FILES?restype=container", ""),
		on(apierr.StorageInputRange, "", "PUT", "/ab?restype=container", ""),
		on(apierr.StorageLength, "", "PUT", "/files/b", "", block),
		{apierr.StorageTooLarge, "", "", func(s *scene) {
			s.files()
			s.store("PUT", "/files/b?comp=block&blockid=YQ%3D%3D", strings.Repeat("x", 4<<20+1), "x-ms-version: 2015-12-11")
		}},
		on(apierr.StorageXML, "", "PUT", "/files/b?comp=blocklist", "<BlockList><Latest>"),
		on(apierr.StorageXMLValue, "", "PUT", "/?restype=service&comp=properties", "<StorageServiceProperties><DeleteRetentionPolicy><Enabled>maybe</Enabled></DeleteRetentionPolicy></StorageServiceProperties>"),
		on(apierr.StorageMD5Invalid, "", "PUT", "/files/b", "x", block, "Content-MD5: AAAA"),
		on(apierr.StorageMD5Mismatch, "", "PUT", "/files/b", "x", block, "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA=="),
		on(apierr.StorageCRC64Mismatch, "", "PUT", "/files/b", "x", block, "x-ms-content-crc64: AAAAAAAAAAA="),
		on(apierr.StorageTwoChecksums, "", "PUT", "/files/b", "x", block, "Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==", "x-ms-content-crc64: AAAAAAAAAAA="),
		on(apierr.StorageMetadataInvalid, "", "PUT", "/files/b", "x", block, "x-ms-meta-1a: x"),
		on(apierr.StorageMetadataEmpty, "", "PUT", "/files/b", "x", block, "x-ms-meta-: x"),
		on(apierr.StorageMetadataTooLarge, "", "PUT", "/files/b", "x", block, "x-ms-meta-a: "+strings.Repeat("x", 8<<10)),
		on(apierr.StorageConditionNotMet, "", "PUT", "/files/a", "x", block, `If-Match: "0x1"`),
		on(apierr.StorageNotModified, "", "GET", "/files/a", "", "If-Modified-Since: "+noon.Add(time.Hour).Format("Mon, 02 Jan 2006 15:04:05 GMT")),
		on(apierr.StorageConditionUnsatisfied, "", "GET", "/files/a", "", "If-None-Match: *"),
		on(apierr.StorageConditionsMany, "", "PUT", "/files/a", "x", block, `If-Match: "0x1"`, `If-None-Match: "0x2"`),
		{apierr.StorageSecondaryWrite, "", "", func(s *scene) {
			s.changeAccount(devAccount, func(a *state.StorageAccount) { a.SKU = "Standard_RAGRS" })
			target := s.blob(devAccount+"-secondary", "/files/a")
			s.ask("PUT", target, "x", s.signature("PUT", target, "x", block)...)
		}},
		{apierr.StoragePublicAccess, "", "", func(s *scene) {
			s.changeAccount(devAccount, func(a *state.StorageAccount) { a.AllowBlobPublicAccess = false })
			s.store("PUT", "/open?restype=container", "", "x-ms-blob-public-access: blob")
		}},
		on(apierr.StorageContainerExists, "", "PUT", "/files?restype=container", ""),
		on(apierr.StorageContainerNotFound, "", "GET", "/nowhere/a", ""),
		on(apierr.StorageBlobExists, "", "PUT", "/files/a", "x", block, "If-None-Match: *"),
		on(apierr.StorageBlobNotFound, "", "GET", "/files/b", ""),
		{apierr.StorageBlobArchived, "", "", func(s *scene) {
			s.files()
			s.store("PUT", "/files/a?comp=tier", "", "x-ms-access-tier: Archive")
			s.store("GET", "/files/a", "")
		}},
		on(apierr.StorageLeaseNotPresent, "", "PUT", "/files/a", "x", block, "x-ms-lease-id: 11111111-1111-1111-1111-111111111111"),
		on(apierr.StorageContainerLeaseNotPresent, "", "DELETE", "/files?restype=container", "", "x-ms-lease-id: 11111111-1111-1111-1111-111111111111"),
		on(apierr.StorageRange, "", "GET", "/files/a", "", "x-ms-range: bytes=10-"),
		on(apierr.StorageBlockID, "", "PUT", "/files/b?comp=block&blockid=a", "x"),
		{apierr.StorageBlockLength, "", "", func(s *scene) {
			s.files()
			s.store("PUT", "/files/b?comp=block&blockid=YQ%3D%3D", "x")
			s.store("PUT", "/files/b?comp=block&blockid=YWFhYQ%3D%3D", "x")
		}},
		on(apierr.StorageBlockList, "", "PUT", "/files/b?comp=blocklist", "<BlockList><Latest>YQ==</Latest></BlockList>"),
		on(apierr.StorageBlockListTooLong, "", "PUT", "/files/b?comp=blocklist", "<BlockList>"+strings.Repeat("<Latest>YQ==</Latest>", 50_001)+"</BlockList>"),
		{apierr.StorageBlockCount, "", "", func(s *scene) {
			s.files()
			s.change(func(tx *state.Tx) {
				tx.Uncommitted.Put(state.Uncommitted{Account: devAccount, Container: "files", Name: "b", Blocks: 100_000, IDLength: 4, Created: noon, Touched: noon})
			})
			s.store("PUT", "/files/b?comp=block&blockid=YQ%3D%3D", "x")
		}},
		on(apierr.StorageTagsTooLarge, "", "PUT", "/files/b", "x", block, "x-ms-tags: a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1&j=1&k=1"),
		on(apierr.StorageTagEmpty, "", "PUT", "/files/b", "x", block, "x-ms-tags: =1"),
		on(apierr.StorageTagTwice, "", "PUT", "/files/b", "x", block, "x-ms-tags: a=1&a=2"),
		on(apierr.StorageTagInvalid, "", "PUT", "/files/b", "x", block, "x-ms-tags: a=%21"),
		on(apierr.StorageNotEmulated, "", "PUT", "/files/a?comp=lease", ""),
		{apierr.StorageSibling, "", "", func(s *scene) {
			s.ask("PUT", strings.Replace(s.blob("tutorialstore", "/jobs"), ".blob.", ".queue.", 1), "")
		}},
		on(apierr.StorageCORS, "", "OPTIONS", "/files/a", "", "Origin: http://a.example", "Access-Control-Request-Method: PUT"),
		on(apierr.StorageCORSHeader, "", "OPTIONS", "/files/a", "", "Origin: http://a.example"),
	}
}

func storageAccessActs() []act {
	hello := "/files/hello_world.txt"
	token := func(kind apierr.Kind, what string, header func(*scene) string, more ...string) act {
		return act{kind, what, "", func(s *scene) {
			target := s.blob("tutorialstore", hello)
			s.ask("GET", target, "", append(more, header(s))...)
		}}
	}
	machine := func(s *scene) string { return s.token(storageResource, "") }
	other := func(s *scene) string { return s.token(armResource, "") }
	signed := func(kind apierr.Kind, what, method, path string, sas storageauth.SAS, headers ...string) act {
		return act{kind, what, "", func(s *scene) {
			s.files()
			s.ask(method, s.blob(devAccount, path+map[bool]string{true: "&", false: "?"}[strings.Contains(path, "?")]+s.sas(sas)), "x", append(headers, "x-ms-blob-type: BlockBlob")...)
		}}
	}
	read := storageauth.SAS{Resource: "c", Permissions: "r"}
	const failed = apierr.StorageAuthenticationFailed
	return []act{
		token(failed, "a version without tokens", machine),
		{failed, "a token over http", "", func(s *scene) {
			s.ask("GET", "http://"+devAccount+".blob.core.windows.net/files/a", "", machine(s), version2021)
		}},
		token(failed, "another service's token, before challenges", other, version2017),
		token(failed, "a signature by a wrong key", func(*scene) string {
			return "Authorization: SharedKey tutorialstore:bm90IHRoZSBrZXkgb2YgdGhlIGFjY291bnQgYXQgYWxs"
		},
			version2021, "x-ms-date: "+noon.Format("Mon, 02 Jan 2006 15:04:05 GMT"), "x-ms-copy-source: https://elsewhere.example.com/c/b?sp=r&sig=c2VjcmV0IHNpZ25hdHVyZSBvZiBhIHNvdXJjZQ%3D%3D"),
		token(failed, "an old signature", func(*scene) string {
			return "Authorization: SharedKey tutorialstore:bm90IHRoZSBrZXkgb2YgdGhlIGFjY291bnQgYXQgYWxs"
		},
			version2021, "x-ms-date: Mon, 02 Jan 2006 15:04:05 GMT"),
		{failed, "a shared access signature that was altered", "", func(s *scene) {
			s.files()
			s.ask("GET", s.blob(devAccount, "/files/a?"+strings.Replace(s.sas(read), "sp=r", "sp=rw", 1)), "")
		}},
		{failed, "a shared access signature that has expired", "", func(s *scene) {
			s.files()
			sas := s.sas(storageauth.SAS{Resource: "c", Permissions: "r", Start: "2025-01-01"})
			s.emu.Clock().Advance(2 * time.Hour)
			s.ask("GET", s.blob(devAccount, "/files/a?"+sas), "")
		}},
		signed(failed, "no such policy", "GET", "/files/a", storageauth.SAS{Resource: "c", Identifier: "none"}),
		signed(failed, "another level", "GET", "/?comp=list", read),

		token(apierr.StorageAuthenticationInfo, "", func(*scene) string { return "Authorization: Basic YTpi" }, version2021),
		token(apierr.StorageBearerInvalid, "another service's token", other, version2021),
		token(apierr.StorageBearerInvalid, "another tenant's token", func(s *scene) string { return s.forged("bbbbcccc-1111-dddd-2222-eeee3333ffff", storageResource, noon) }, version2021),
		token(apierr.StorageBearerInvalid, "another cloud's token", func(s *scene) string {
			china, err := signer(s, cloud.China()).Issue(someone(tenant, "99999999-9999-9999-9999-999999999999", storageResource), noon)
			if err != nil {
				s.Fatal(err)
			}
			return bearer(china.Raw)
		}, version2021),
		token(apierr.StorageNoAuthentication, "", func(*scene) string { return "X: y" }, version2021),
		token(apierr.StorageResourceNotFound, "", func(*scene) string { return "X: y" }),
		{apierr.StorageKeysForbidden, "", "", func(s *scene) {
			no := false
			s.changeAccount(devAccount, func(a *state.StorageAccount) { a.AllowSharedKeyAccess = &no })
			s.store("GET", "/?comp=list", "")
		}},
		{apierr.StoragePermission, "by role, a reader writes", "", func(s *scene) {
			s.data("PUT", "/files/new", "x", "x-ms-blob-type: BlockBlob")
		}},
		{apierr.StoragePermission, "by role, Owner opens no blob", "testdata/two-in-a-group.yaml", func(s *scene) {
			s.machine = "owner"
			s.ask("GET", s.blob("sharedstore", "/files/a.txt"), "", machine(s), version2021)
		}},
		{apierr.StoragePermission, "by role, a container that is not there", "testdata/two-in-a-group.yaml", func(s *scene) {
			s.machine = "stranger"
			s.ask("PUT", s.blob("sharedstore", "/new?restype=container"), "", machine(s), version2021)
		}},
		signed(apierr.StoragePermission, "by signature", "DELETE", "/files/a", read),
		signed(apierr.StorageFailure, "", "GET", "/files?restype=container&comp=acl", read),
		signed(apierr.StorageSourceIP, "", "GET", "/files/a", storageauth.SAS{Resource: "c", Permissions: "r", IP: "10.0.0.1"}),
		{apierr.StorageProtocol, "", "", func(s *scene) {
			s.files()
			s.ask("GET", "http://"+devAccount+".blob.core.windows.net/files/a?"+s.sas(storageauth.SAS{Resource: "c", Permissions: "r", Protocol: "https"}), "")
		}},
		signed(apierr.StorageService, "", "GET", "/files/a", storageauth.SAS{Kind: storageauth.KindAccount, Services: "q", ResourceTypes: "o", Permissions: "r"}),
		signed(apierr.StorageResourceType, "", "GET", "/files/a", storageauth.SAS{Kind: storageauth.KindAccount, Services: "b", ResourceTypes: "c", Permissions: "r"}),
		signed(apierr.StorageOverwrite, "", "PUT", "/files/a", storageauth.SAS{Resource: "c", Permissions: "c"}),
	}
}
