package emulator_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/linarite/linarite/emulator"
	"github.com/linarite/linarite/emulator/state"
)

// An application without a secret: it trusts the identity of the machine that it runs on.
func TestApplicationTrustsMachine(t *testing.T) {
	onCarriers(t, func(t *testing.T, open opener) {
		r := open(t, emulator.Options{})
		portal, id := r.emu.Application("portal"), r.emu.Identity("tutorial-id")
		r.emu.Grant(portal, "Storage Blob Data Reader", r.emu.StorageAccount("tutorialstore").Container("files"))
		selector := "&client_id=" + id.ClientID()
		assertion := r.machineToken(podAudience, selector)
		for name, want := range map[string]string{
			"aud": "fb60f99c-7a34-4190-8149-302f77469936", "iss": entraIssuer, "ver": "2.0", "azp": id.ClientID(), "azpacr": "2", "idtyp": "app",
			"oid": id.PrincipalID(), "sub": id.PrincipalID(), "tid": tenant, "appid": "", "appidacr": "", "idp": "",
		} {
			if said := claim(t, assertion, name); said != want {
				t.Errorf("%s is %q, want %q", name, said, want)
			}
		}
		for at, names := range [][]string{{"x5t"}, {"xms_rd", "xms_tcdt", "appid"}} {
			for _, name := range names {
				if text := string(part(t, assertion, at)); strings.Contains(text, `"`+name+`"`) {
					t.Errorf("a token of version 2.0 has %s: %s", name, text)
				}
			}
		}
		r.refusedAs("nobody is trusted yet", r.asserts(portal.ClientID(), assertion, storage), 401, "70025")
		portal.Trust(entraIssuer, id.PrincipalID())
		portal.Trust(entraIssuer, id.PrincipalID())
		token := r.field(r.want("the application", r.asserts(portal.ClientID(), assertion, storage), 200), "access_token")
		for name, want := range map[string]string{"aud": storage, "appid": portal.ClientID(), "appidacr": "2", "oid": portal.PrincipalID(), "ver": "1.0", "azp": ""} {
			if said := claim(t, token, name); said != want {
				t.Errorf("%s is %q, want %q", name, said, want)
			}
		}
		blob := r.get("https://tutorialstore.blob.core.windows.net/files/hello_world.txt", bearer(token), "x-ms-version: 2021-08-06")
		if r.want("the blob", blob, 200); blob.body != "Hello world! :)" {
			t.Errorf("the blob is %q", blob.body)
		}
		// By the id of its resource, the token is the same kind.
		r.want("by id", r.asserts(portal.ClientID(), r.machineToken("fb60f99c-7a34-4190-8149-302f77469936", selector), storage), 200)
		// It is for the exchange alone.
		r.want("at storage", r.get("https://tutorialstore.blob.core.windows.net/files/hello_world.txt", bearer(assertion), "x-ms-version: 2021-08-06"), 401)
		arm := r.get("https://management.azure.com/subscriptions/"+subscription+"?api-version=2021-04-01", bearer(assertion))
		if r.want("at Resource Manager", arm, 401); !strings.Contains(arm.body, "InvalidAuthenticationTokenAudience") {
			t.Errorf("Resource Manager says %s", arm.body)
		}
		r.want("at Graph", r.get(graphResource+"/v1.0/servicePrincipals", bearer(assertion)), 401)
		r.want("at the vault", r.get("https://mytestkeyvault.vault.azure.net/secrets?api-version=7.4", bearer(assertion)), 401)
	})
}

// What an application does not trust, and what nobody may.
func TestApplicationTrustsNobodyElse(t *testing.T) {
	s := stage(t, "")
	portal, id := s.emu.Application("portal"), s.emu.Identity("tutorial-id")
	machine := s.emu.VM("tutorial-vm")
	portal.Trust(entraIssuer, id.PrincipalID())
	good := s.machineToken(podAudience, "&client_id="+id.ClientID())
	refused := func(what, clientID, assertion, number string) {
		t.Helper()
		s.refusedAs(what, s.asserts(clientID, assertion, storage), 401, number)
	}
	s.want("the identity", s.asserts(portal.ClientID(), good, storage), 200)
	refused("changed on the way", portal.ClientID(), tampered(good), "50013")
	refused("signed by another key", portal.ClientID(), foreignToken(func(c *said) {
		c.Issuer, c.Subject, c.Audience = entraIssuer, id.PrincipalID(), []string{"fb60f99c-7a34-4190-8149-302f77469936"}
	}), "7000272")
	refused("another application", admin, good, "70025")
	refused("for storage", portal.ClientID(), s.machineToken(storage, "&client_id="+id.ClientID()), "700211")
	own := s.machineToken(podAudience, "")
	refused("the machine's own, not trusted", portal.ClientID(), own, "700213")
	portal.Trust(entraIssuer, machine.PrincipalID())
	refused("the machine's own, trusted", portal.ClientID(), own, "700226")
	portal.Trust(entraIssuer, portal.PrincipalID())
	mine := s.field(s.form("/"+tenant+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {portal.ClientID()}, "client_secret": {portal.Secret()}, "scope": {podAudience + "/.default"},
	}.Encode()), "access_token")
	refused("the application's own", portal.ClientID(), mine, "700226")

	// A managed identity trusts none of Entra's own, and no application one of another tenant or of version 1.0.
	other := s.emu.Identity("other-id")
	other.Trust(entraIssuer, id.PrincipalID())
	refused("for an identity", other.ClientID(), good, "700222")
	const elsewhere = "https://login.microsoftonline.com/bbbbcccc-1111-dddd-2222-eeeeffff3333/v2.0"
	portal.Trust(elsewhere, id.PrincipalID())
	refused("of another tenant", portal.ClientID(), foreignToken(func(c *said) { c.Issuer, c.Subject = elsewhere, id.PrincipalID() }), "700236")
	const version1 = "https://sts.windows.net/" + tenant + "/"
	portal.Trust(version1, id.PrincipalID())
	refused("of version 1.0", portal.ClientID(), foreignToken(func(c *said) { c.Issuer, c.Subject = version1, id.PrincipalID() }), "700222")

	// No cloud lets others sign for its Entra ID.
	for _, there := range []string{"https://login.partner.microsoftonline.cn/" + tenant + "/v2.0", "https://login.microsoftonline.us/" + tenant + "/v2.0"} {
		portal.Trust(there, id.PrincipalID())
		refused("of another cloud", portal.ClientID(), foreignToken(func(c *said) { c.Issuer, c.Subject = there, id.PrincipalID() }), "700236")
		a := s.control("POST", "federated-tokens", `{"issuer":"`+there+`","subject":"`+id.PrincipalID()+`"}`)
		if a.status != 400 || !strings.Contains(a.body, "is Entra ID itself") {
			t.Errorf("%d %s", a.status, a.body)
		}
	}

	// A credential names the exchange by its URI; the id is another audience.
	s.change(func(tx *state.Tx) {
		app, _ := tx.Applications.Get(portal.ClientID())
		app.Federated = []state.FederatedCredential{{Name: "by-id", Issuer: entraIssuer, Subject: id.PrincipalID(), Audiences: []string{"fb60f99c-7a34-4190-8149-302f77469936"}}}
		tx.Applications.Put(app)
	})
	refused("trusted by id", portal.ClientID(), good, "700212")
	s.change(func(tx *state.Tx) {
		app, _ := tx.Applications.Get(portal.ClientID())
		app.Federated[0].Audiences = []string{podAudience}
		tx.Applications.Put(app)
	})
	s.want("by its URI", s.asserts(portal.ClientID(), good, storage), 200)
	s.emu.Clock().Advance(25 * time.Hour)
	refused("a day old", portal.ClientID(), good, "700024")
}

// Only Entra ID's own tokens name the exchange by its id.
func TestExchangeByID(t *testing.T) {
	s := stage(t, listedWorld())
	byID := foreignToken(func(c *said) { c.Audience = []string{"fb60f99c-7a34-4190-8149-302f77469936"} })
	s.refusedAs("of a cluster", s.asserts(appID, byID, storage), 401, "700212")
}

// What mends a refusal of Entra ID's own tokens.
func TestApplicationTrustsMachineExplained(t *testing.T) {
	s := stage(t, "")
	portal, id := s.emu.Application("portal"), s.emu.Identity("tutorial-id")
	portal.Trust(entraIssuer, id.PrincipalID())
	mend := func(assertion, number, want string) {
		t.Helper()
		s.refusedAs(want, s.asserts(portal.ClientID(), assertion, storage), 401, number)
		if m := s.explained().Mend; !strings.Contains(m.Text, want) {
			t.Errorf("want %q in %q", want, m.Text)
		}
	}
	mend(s.machineToken(storage, "&client_id="+id.ClientID()), "700211", "for the resource api://AzureADTokenExchange")
	good := s.machineToken(podAudience, "&client_id="+id.ClientID())
	mend(tampered(good), "50013", "a fresh token in this world")
	s.change(func(tx *state.Tx) { tx.Principals.Delete(id.PrincipalID()) })
	mend(good, "700226", "no identity with the object id "+id.PrincipalID())

	china := openCodec(t, emulator.Options{Cloud: "china"})
	theirs := china.machineToken(podAudience+"China", "&client_id="+china.emu.Identity("tutorial-id").ClientID())
	s.want("of another cloud", s.get("https://management.azure.com/subscriptions/"+subscription+"?api-version=2021-04-01", bearer(theirs)), 401)
	if why := strings.Join(s.explained().Why, " "); !strings.Contains(why, "It is of the cloud china; this world is of the cloud public.") {
		t.Error(why)
	}
}

// Credentials that Trust makes have names of their own, and one for another audience is told of.
func TestTrustNames(t *testing.T) {
	s := stage(t, "")
	portal := s.emu.Application("portal")
	for _, subject := range []string{"one", "two", "three"} {
		portal.Trust("https://x.example/", subject)
	}
	s.change(func(tx *state.Tx) {
		app, _ := tx.Applications.Get(portal.ClientID())
		app.Federated = app.Federated[1:]
		tx.Applications.Put(app)
	})
	portal.Trust("https://x.example/", "four")
	s.change(func(tx *state.Tx) {
		app, _ := tx.Applications.Get(portal.ClientID())
		if n := len(app.Federated); n != 3 || app.Federated[n-1].Name == app.Federated[n-2].Name {
			t.Errorf("%+v", app.Federated)
		}
	})

	f := &fakeTest{}
	wantErrors(t, "another audience", f.run(func() {
		emu := emulator.New(f)
		app := emu.Application("portal")
		_ = emu.State().Update(func(tx *state.Tx) error {
			kept, _ := tx.Applications.Get(app.ClientID())
			kept.Federated = []state.FederatedCredential{{Name: "other", Issuer: entraIssuer, Subject: "one", Audiences: []string{"api://other"}}}
			tx.Applications.Put(kept)
			return nil
		})
		app.Trust(entraIssuer, "one")
	}), "the credential other trusts this subject already, for api://other and not for api://AzureADTokenExchange")
}
