package emulator_test

import (
	"net/url"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/fault"
	"github.com/linarite/linarite/emulator/state"
)

// machines is a world whose machines have one, two and no user-assigned identities.
const machinesWorld = `schema: linarite/world/1
tenant: {id: ` + tenant + `}
subscriptions:
- id: ` + subscription + `
  groups:
  - name: rg
    machines:
    - {name: two, identity: {user: [first, second]}}
    - {name: none}
    - {name: site, kind: appservice}
    identities:
    - {name: first, clientId: 00001111-aaaa-2222-bbbb-3333cccc0001}
    - {name: second, clientId: 00001111-aaaa-2222-bbbb-3333cccc0002}
    - {name: other, clientId: 00001111-aaaa-2222-bbbb-3333cccc0003}
`

func identityActs() []act {
	const good = "?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F"
	imds := func(kind apierr.Kind, what, method, path string, headers ...string) act {
		return act{kind, what, "", func(s *scene) { s.ask(method, "http://169.254.169.254"+path, "", headers...) }}
	}
	const meta, path = "Metadata: true", "/metadata/identity/oauth2/token"
	on := func(kind apierr.Kind, what, machine, query string) act {
		return act{kind, what, machinesWorld, func(s *scene) { s.machine = machine; s.ask("GET", tokenURL+good+query, "", meta) }}
	}
	site := func(kind apierr.Kind, method, path string, query ...string) act {
		return act{kind, "", machinesWorld, func(s *scene) {
			s.machine = "site"
			secret := s.field(s.ask("GET", "http://127.0.0.1:4280/_linarite/v1/way", ""), "identityHeader")
			s.ask(method, "http://127.0.0.1:4280"+path+strings.Join(query, ""), "", "X-IDENTITY-HEADER: "+secret)
		}}
	}
	const msi, version = "/msi/token", "?api-version=2019-08-01"
	return []act{
		imds(apierr.IMDSMetadataHeader, "", "GET", path+good),
		imds(apierr.IMDSForwarded, "", "GET", path+good, meta, "X-Forwarded-For: 10.0.0.1"),
		imds(apierr.IMDSVersion, "", "GET", path+"?resource=x", meta),
		imds(apierr.IMDSResourceMissing, "", "GET", path+"?api-version=2018-02-01", meta),
		imds(apierr.IMDSResourceUnknown, "", "GET", path+"?api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.cn", meta),
		imds(apierr.IMDSIdentityNotFound, "no such identity", "GET", path+good+"&client_id=99999999-9999-9999-9999-999999999999", meta),
		imds(apierr.IMDSSelectorsExclusive, "", "GET", path+good+"&client_id=a&object_id=b", meta),
		imds(apierr.IMDSDuplicate, "", "GET", path+good+"&resource=x", meta),
		imds(apierr.IMDSMalformedQuery, "", "GET", path+good+"&x=%zz", meta),
		imds(apierr.IMDSNotFound, "", "GET", "/metadata/Identity/oauth2/token", meta),
		imds(apierr.IMDSMethod, "", "POST", path+good, meta),
		on(apierr.IMDSIdentityAmbiguous, "", "two", ""),
		on(apierr.IMDSIdentityNotFound, "not assigned", "two", "&client_id=00001111-aaaa-2222-bbbb-3333cccc0003"),
		on(apierr.IMDSIdentityNotFound, "no identity at all", "none", ""),
		{apierr.IMDSUpdating, "", strings.Replace(machinesWorld, "tenant:", "switches: {imdsReadyAfter: 5m}\ntenant:", 1), func(s *scene) {
			s.ask("GET", tokenURL+good, "", meta)
		}},
		{apierr.AppServiceHeader, "", machinesWorld, func(s *scene) {
			s.ask("GET", "http://127.0.0.1:4280"+msi+version+"&resource=x", "", "X-IDENTITY-HEADER: not-the-secret-at-all")
		}},
		site(apierr.AppServiceVersion, "GET", msi, "?api-version=2018-09-01"),
		site(apierr.AppServiceResource, "GET", msi, version),
		site(apierr.AppServiceIdentity, "GET", msi, version, "&resource=https%3A%2F%2Fvault.azure.net"),
		site(apierr.AppServiceSelectors, "GET", msi, version, "&resource=x&client_id=a&object_id=b"),
		site(apierr.AppServiceMethod, "POST", msi, version),
		site(apierr.AppServiceQuery, "GET", msi, version, "&x=%zz"),
		site(apierr.AppServiceNotFound, "GET", "/msi/other", version),
		{apierr.AppServiceAudience, "", "", func(s *scene) {
			secret := s.field(s.ask("GET", "http://127.0.0.1:4280/_linarite/v1/way", ""), "identityHeader")
			s.ask("GET", "http://127.0.0.1:4280"+msi+version+"&resource=https%3A%2F%2Fnobody.example.com", "", "X-IDENTITY-HEADER: "+secret)
		}},
	}
}

func entraActs() []act {
	const absent = "99999999-9999-9999-9999-999999999999"
	const base = "grant_type=client_credentials&client_id=" + admin
	const scope = "&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default"
	const good = base + "&client_secret=linarite" + scope
	post := func(kind apierr.Kind, what, tenantID, body string) act {
		return act{kind, what, "", func(s *scene) { s.form("/"+tenantID+"/oauth2/v2.0/token", body) }}
	}
	get := func(kind apierr.Kind, path string) act {
		return act{kind, "", "", func(s *scene) { s.ask("GET", "https://login.microsoftonline.com"+path, "") }}
	}
	return []act{
		post(apierr.EntraTenantUnknown, "", absent, good),
		post(apierr.EntraTenantInvalid, "", "nonsense", good),
		post(apierr.EntraParameterMissing, "", tenant, base),
		post(apierr.EntraResourceParameter, "", tenant, good+"&resource=x"),
		post(apierr.EntraScope, "", tenant, base+"&scope=https%3A%2F%2Fmanagement.azure.com%2F"),
		post(apierr.EntraGrantType, "", tenant, strings.Replace(good, "client_credentials", "magic", 1)),
		post(apierr.EntraClientUnknown, "", tenant, strings.Replace(good, admin, tutorialID, 1)),
		post(apierr.EntraCredentialMissing, "", tenant, base+scope),
		post(apierr.EntraSecretInvalid, "", tenant, strings.Replace(good, "linarite", "azurite", 1)),
		post(apierr.EntraResource, "", tenant, base+"&client_secret=linarite&scope=https%3A%2F%2Fvault.azure.cn%2F.default"),
		post(apierr.EntraParameterTwice, "", tenant, good+"&client_id="+tutorialID),
		post(apierr.EntraMalformed, "", tenant, "%zz"),
		get(apierr.EntraTenantUnknownOIDC, "/"+absent+"/v2.0/.well-known/openid-configuration"),
		get(apierr.EntraTenantInvalidOIDC, "/nonsense/v2.0/.well-known/openid-configuration"),
		get(apierr.EntraInstance, "/common/discovery/instance?api-version=1.1&authorization_endpoint=https%3A%2F%2Flogin.example.com%2Fcommon"),
		get(apierr.EntraPOSTOnly, "/"+tenant+"/oauth2/v2.0/token"),
		get(apierr.EntraNotFound, "/"+tenant+"/nothing"),
		{apierr.EntraNoPrincipal, "", "", func(s *scene) {
			s.change(func(tx *state.Tx) {
				p, _ := tx.PrincipalByAppID(admin)
				tx.Principals.Delete(p.ObjectID)
			})
			s.form("/"+tenant+"/oauth2/v2.0/token", good)
		}},
	}
}

// assertionActs ask with client assertions, of the world kubernetes but where it says otherwise.
func assertionActs() []act {
	const scope = "grant_type=client_credentials&scope=https%3A%2F%2Fstorage.azure.com%2F.default"
	with := func(kind apierr.Kind, clientID, world string, assertion func(*scene) string, more ...string) act {
		return act{kind, "", world, func(s *scene) {
			form := url.Values{"client_id": {clientID}, "client_assertion_type": {jwtBearer}}
			for i := 0; i < len(more); i += 2 {
				form.Set(more[i], more[i+1])
			}
			form.Set("client_assertion", assertion(s))
			s.form("/"+tenant+"/oauth2/v2.0/token", scope+"&"+form.Encode())
		}}
	}
	pod := func(kind apierr.Kind, change func(*said)) act {
		return with(kind, appID, "kubernetes", func(*scene) string { return foreignToken(change) })
	}
	daemon := func(kind apierr.Kind, change func(*said)) act {
		return with(kind, daemonID, daemonWorld(), func(*scene) string { return ownAssertion(change) })
	}
	text := func(s string) func(*scene) string { return func(*scene) string { return s } }
	return []act{
		with(apierr.EntraAssertionType, appID, "kubernetes", text(foreignToken(nil)), "client_assertion_type", "urn:saml"),
		with(apierr.EntraAssertionMalformed, appID, "kubernetes", text("no.token.at-all")),
		with(apierr.EntraAssertionAlgorithm, appID, "kubernetes", text(unsigned())),
		pod(apierr.EntraAssertionAudiences, func(c *said) { c.Audience = []string{podAudience, "https://kubernetes.default.svc"} }),
		with(apierr.EntraFederationNone, admin, "kubernetes", text(foreignToken(nil))),
		with(apierr.EntraFederationOwn, appID, "kubernetes", func(s *scene) string {
			s.emu.Identity("app-id").Trust(entraIssuer, podSubject)
			return foreignToken(func(c *said) { c.Issuer = entraIssuer })
		}),
		with(apierr.EntraFederationMachine, admin, "kubernetes", func(s *scene) string {
			application := s.emu.Application("linarite-admin")
			application.Trust(entraIssuer, application.PrincipalID())
			return strings.TrimPrefix(s.login(admin, "linarite", podAudience), bearer(""))
		}),
		with(apierr.EntraFederationTenant, admin, "kubernetes", func(s *scene) string {
			const other = "https://login.microsoftonline.com/bbbbcccc-1111-dddd-2222-eeeeffff3333/v2.0"
			s.emu.Application("linarite-admin").Trust(other, podSubject)
			return foreignToken(func(c *said) { c.Issuer = other })
		}),
		pod(apierr.EntraFederationIssuer, func(c *said) { c.Issuer = strings.TrimSuffix(podIssuer, "/") }),
		pod(apierr.EntraFederationSubject, func(c *said) { c.Subject = "system:serviceaccount:default:other" }),
		pod(apierr.EntraFederationCase, func(c *said) { c.Subject = "system:serviceaccount:default:App" }),
		pod(apierr.EntraFederationAudience, func(c *said) { c.Audience = []string{"https://kubernetes.default.svc"} }),
		pod(apierr.EntraFederationUnreached, nil),
		with(apierr.EntraFederationKey, appID, listedWorld(), text(foreignToken(func(c *said) { c.keyID = "another" }))),
		with(apierr.EntraFederationSignature, appID, listedWorld(), text(tampered(foreignToken(nil)))),
		with(apierr.EntraAssertionTime, appID, listedWorld(), text(foreignToken(func(c *said) { c.Expires = noon.Add(-time.Hour).Unix() }))),
		daemon(apierr.EntraAssertionSubject, func(c *said) { c.Subject = admin }),
		daemon(apierr.EntraAssertionClient, func(c *said) { c.Issuer, c.Subject = admin, admin }),
		daemon(apierr.EntraAssertionAudience, func(c *said) {
			c.Audience = []string{"https://login.chinacloudapi.cn/" + tenant + "/oauth2/v2.0/token"}
		}),
		daemon(apierr.EntraCertificateUnknown, func(c *said) { c.thumbprint = "AAECAwQFBgcICQoLDA0ODxAREhM" }),
		with(apierr.EntraCertificateSignature, daemonID, daemonWorld(), text(tampered(ownAssertion(nil)))),
		with(apierr.EntraCertificateExpired, oldDaemonID, daemonWorld(), text(oldAssertion())),
	}
}

const graphResource = "https://graph.microsoft.com"

func graphActs() []act {
	ask := func(kind apierr.Kind, method, path string, headers ...string) act {
		return act{kind, "", "", func(s *scene) { s.ask(method, graphResource+path, "{", headers...) }}
	}
	logged := func(kind apierr.Kind, method, path string) act {
		return act{kind, "", "", func(s *scene) {
			s.ask(method, graphResource+path, "{", s.login(admin, "linarite", graphResource), jsonType)
		}}
	}
	held := func(kind apierr.Kind, token func(*scene) string) act {
		return act{kind, "", "", func(s *scene) { s.ask("GET", graphResource+"/v1.0/groups", "", token(s)) }}
	}
	return []act{
		ask(apierr.GraphNoToken, "GET", "/v1.0/groups"),
		ask(apierr.GraphNotAToken, "GET", "/v1.0/groups", "Authorization: Bearer nonsense"),
		held(apierr.GraphTokenInvalid, func(s *scene) string { return s.token(graphResource, "") + "x" }),
		held(apierr.GraphTokenExpired, func(s *scene) string { return s.forged(tenant, graphResource, noon.Add(-48*time.Hour)) }),
		held(apierr.GraphTokenNotYet, func(s *scene) string { return s.forged(tenant, graphResource, noon.Add(48*time.Hour)) }),
		held(apierr.GraphTokenAudience, func(s *scene) string { return s.token(armResource, "") }),
		held(apierr.GraphNobody, func(s *scene) string { return s.forged(tenant, graphResource, noon) }),
		held(apierr.GraphForbidden, func(s *scene) string { return s.token(graphResource, "") }),
		logged(apierr.GraphMissing, "GET", "/v1.0/groups/99999999-9999-9999-9999-999999999999"),
		logged(apierr.GraphMe, "GET", "/v1.0/me"),
		logged(apierr.GraphSegment, "GET", "/v1.0/devices"),
		logged(apierr.GraphVersion, "GET", "/v2.0/groups"),
		logged(apierr.GraphMethod, "DELETE", "/v1.0/groups"),
		logged(apierr.GraphFilter, "GET", "/v1.0/groups?$filter=mail%20eq%20'x'"),
		logged(apierr.GraphFilterClause, "GET", "/v1.0/groups?$filter=displayName%20eq"),
		logged(apierr.GraphBody, "POST", "/v1.0/directoryObjects/getByIds"),
		logged(apierr.GraphTop, "GET", "/v1.0/groups?$top=0"),
		logged(apierr.GraphSkipToken, "GET", "/v1.0/groups?$skiptoken=%20"),
	}
}

func frontActs() []act {
	get := func(kind apierr.Kind, target string, headers ...string) act {
		return act{kind, "", "", func(s *scene) { s.ask("GET", target, "", headers...) }}
	}
	return []act{
		get(apierr.FrontHost, "https://management.chinacloudapi.cn/subscriptions?api-version=2016-06-01"),
		get(apierr.FrontPath, "http://127.0.0.1:4280/nothing"),
		get(apierr.FrontPlaintext, "http://management.azure.com/subscriptions?api-version=2016-06-01"),
		{apierr.FrontStranger, "", "testdata/addresses.yaml", func(s *scene) {
			far(s.emu, "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net")
		}},
		get(apierr.FrontAccount, "https://nostore.blob.core.windows.net/files/a"),
		get(apierr.FrontVault, "https://novault.vault.azure.net/secrets/a?api-version=7.4"),
		{apierr.FrontVaultFamily, "", vaultsWorld, func(s *scene) { s.secret("polvault", "", "GET", "/keys", "") }},
	}
}

// lostActs play changes that could not be kept.
func lostActs() []act {
	full := func(s *scene) {
		if err := s.emu.State().KeepBy(fullDisk{}, false); err != nil {
			s.Fatal(err)
		}
	}
	return []act{
		{apierr.FrontNotKept, "", "", func(s *scene) {
			full(s)
			s.owner("PUT", "/subscriptions/"+subscription+"/resourceGroups/new", `{"location":"westus"}`)
		}},
		{apierr.StorageNotKept, "", "", func(s *scene) {
			s.files()
			full(s)
			s.store("PUT", "/files/b", "hello", "x-ms-blob-type: BlockBlob")
		}},
	}
}

// faultActs play planned faults, in the words of each plane: nothing but the plan mends them.
func faultActs() []act {
	planned := func(kind apierr.Kind, effect fault.Effect, ask func(*scene)) act {
		plane, _, _ := strings.Cut(string(kind), ".")
		if plane == "storage" {
			plane = "blob"
		}
		return act{kind, "planned", "", func(s *scene) {
			s.emu.Faults().Add(fault.Rule{Match: fault.Match{Plane: plane}, Effect: effect})
			ask(s)
		}}
	}
	imds := func(s *scene) {
		s.ask("GET", tokenURL+"?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com%2F", "", "Metadata: true")
	}
	arm := func(s *scene) { s.own("GET", "/subscriptions/"+subscription+"/resourceGroups/DevTest", "") }
	login := func(s *scene) {
		s.form("/"+tenant+"/oauth2/v2.0/token", "grant_type=client_credentials&client_id="+admin+"&client_secret=linarite&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F.default")
	}
	graph := func(s *scene) {
		s.ask("GET", "https://graph.microsoft.com/v1.0/servicePrincipals", "", s.login(admin, "linarite", "https://graph.microsoft.com"))
	}
	blob := func(s *scene) { s.data("GET", "/files/hello_world.txt", "") }
	vault := func(s *scene) { s.secret("mytestkeyvault", "", "GET", "/secrets/MyTestSecret", "") }
	status := func(n int) fault.Effect { return fault.Effect{Status: n} }
	return []act{
		planned(apierr.IMDSThrottled, status(429), imds), planned(apierr.IMDSFailed, status(500), imds),
		planned(apierr.EntraThrottled, status(429), login), planned(apierr.EntraUnavailable, status(503), login), planned(apierr.EntraFailed, status(500), login),
		planned(apierr.ARMThrottled, status(429), arm), planned(apierr.ARMInternal, status(500), arm),
		planned(apierr.ARMFederatedAtOnce, status(409), func(s *scene) {
			s.owner("PUT", federatedPath+"one"+federatedVersion, trusted("https://issuer.example.com/", "s", exchange))
		}),
		planned(apierr.ARMTimeout, status(503), arm), planned(apierr.ARMGatewayTimeout, status(504), arm),
		planned(apierr.GraphThrottled, status(429), graph),
		planned(apierr.StorageBusy, status(503), blob), planned(apierr.StorageInternal, status(500), blob),
		planned(apierr.StorageTimedOut, fault.Effect{Status: 500, Code: "OperationTimedOut"}, blob),
		planned(apierr.VaultThrottled, status(429), vault), planned(apierr.VaultReadOnly, status(503), vault),
		// Worlds of one process share their keys: those of New, and this one.
		{apierr.FrontOtherWorld, "", embedded, func(s *scene) { s.stranger(1) }},
		{apierr.FrontOtherWorldAgain, "", embedded, func(s *scene) { s.stranger(2) }},
	}
}

// stranger asks with a token of another world, one request so many times.
func (s *scene) stranger(times int) {
	s.Helper()
	token := stage(s.TB, embedded).token(armResource, "")
	for range times {
		s.ask("GET", "https://management.azure.com/subscriptions/"+subscription+"/resourceGroups/DevTest?api-version=2021-04-01", "", token)
	}
}
