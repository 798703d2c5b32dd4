package entra

import (
	"crypto/subtle"
	"net/url"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// grant is a token request as it was read.
type grant struct {
	form url.Values
	// assertion is the client's; malformed says what kept it from being read.
	assertion identity.Assertion
	malformed error
	// published are the keys that the assertion's issuer publishes in this world's Blob
	// storage, where a credential of the client trusts such an issuer.
	published publishedKeys
}

// client is who asks for a token, and what may prove it.
type client struct {
	id, name     string
	principal    state.Principal
	secrets      []string
	certificates [][]byte
	federated    []state.FederatedCredential
}

// managed tells that the client is a managed identity.
func (who client) managed() bool {
	return who.principal.ObjectID != "" && who.principal.Kind != state.PrincipalApplication
}

// clientOf finds an application, or a managed identity, by its client id. A managed identity
// has no application object, and no secret.
func clientOf(tx *state.Tx, tenant state.Tenant, id string) (client, bool) {
	p, known := tx.PrincipalByAppID(strings.ToLower(id))
	if app, ok := tx.Applications.Get(strings.ToLower(id)); ok && strings.EqualFold(app.TenantID, tenant.ID) {
		return client{id: app.AppID, name: app.Name, principal: p, secrets: app.Secrets, certificates: app.Certificates, federated: app.Federated}, true
	}
	if !known || p.Kind == state.PrincipalApplication || !strings.EqualFold(p.TenantID, tenant.ID) {
		return client{}, false
	}
	found := client{id: p.AppID, name: p.DisplayName, principal: p}
	if identity, ok := tx.Identities.Get(state.ResourceKey(p.ResourceID)); ok {
		found.federated = identity.Federated
	}
	return found, true
}

// authenticate finds who the client is, and believes it or not.
func (g *grant) authenticate(c *wire.Call, tx *state.Tx, tenant state.Tenant) (state.Principal, error) {
	none := state.Principal{}
	id := g.form.Get("client_id")
	asserted := g.form.Get("client_assertion") != ""
	who, ok := clientOf(tx, tenant, id)
	if !ok || !asserted && who.managed() {
		return none, wire.Refuse(apierr.EntraClientUnknown, id, tenant.DisplayName)
	}
	switch {
	case asserted:
		if err := g.asserted(c, tx, tenant, who); err != nil {
			return none, err
		}
	case g.form.Get("client_secret") == "":
		return none, wire.Refuse(apierr.EntraCredentialMissing)
	case !who.knows(g.form.Get("client_secret")):
		return none, wire.Refuse(apierr.EntraSecretInvalid, id)
	}
	if who.principal.ObjectID == "" {
		return none, wire.Refuse(apierr.EntraNoPrincipal, id, tenant.ID)
	}
	return who.principal, nil
}

func (who client) knows(secret string) bool {
	for _, good := range who.secrets {
		if subtle.ConstantTimeCompare([]byte(good), []byte(secret)) == 1 {
			return true
		}
	}
	return false
}
