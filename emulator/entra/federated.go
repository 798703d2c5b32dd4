package entra

import (
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// federated checks a foreign assertion: whether a credential of the client trusts it, and
// then whether its issuer has signed it. Issuer, subject and audience match letter by letter
// (ENTRA-FED-005).
func (g *grant) federated(c *wire.Call, tx *state.Tx, tenant state.Tenant, who client) error {
	a := g.assertion
	if len(who.federated) == 0 {
		return wire.Refuse(apierr.EntraFederationNone, who.id, who.name)
	}
	if err := trusted(c.World.Cloud, who.federated, a); err != nil {
		return err
	}
	if cloud.IsEntraIssuer(a.Issuer) {
		return g.exchanged(c, tx, tenant, who)
	}
	keys, own, err := g.keys(c, tx)
	if err != nil {
		return wire.Refuse(apierr.EntraFederationUnreached)
	}
	return signature(a.Verify(keys), own, a)
}

// exchanged checks a token of Entra ID's own: an application may trust that which a
// user-assigned identity of its tenant got for the token exchange, and no managed identity
// may (ENTRA-FED-012 to ENTRA-FED-016).
func (g *grant) exchanged(c *wire.Call, tx *state.Tx, tenant state.Tenant, who client) error {
	a := g.assertion
	switch {
	case who.managed(), !strings.HasSuffix(a.Issuer, "/v2.0"):
		return wire.Refuse(apierr.EntraFederationOwn)
	case a.Issuer != c.World.Cloud.V2Issuer(tenant.ID):
		return wire.Refuse(apierr.EntraFederationTenant, a.Issuer)
	}
	if err := signature(c.World.Tokens.VerifyExchanged(a), false, a); err != nil {
		return err
	}
	if p, ok := tx.Principals.Get(strings.ToLower(a.Subject)); !ok || p.Kind != state.PrincipalUserAssigned {
		return wire.Refuse(apierr.EntraFederationMachine)
	}
	return nil
}

// signature says what came of verifying a foreign assertion. The keys are the world's own where
// nobody knows the issuer's.
func signature(err error, own bool, a identity.Assertion) error {
	if sabotage.On(sabotage.AssertionSignature) {
		return nil
	}
	switch {
	case errors.Is(err, identity.ErrAssertionKey) && own:
		return wire.Refuse(apierr.EntraFederationUnreached)
	case errors.Is(err, identity.ErrAssertionKey):
		return wire.Refuse(apierr.EntraFederationKey, a.Thumbprint(), a.Issuer)
	case err != nil:
		return wire.Refuse(apierr.EntraFederationSignature, a.Thumbprint())
	}
	return nil
}

// trusted looks for a credential that trusts the assertion: the refusal names the first of
// issuer, subject and audience that none has. Credentials name the token exchange by its
// URI, Entra ID's own tokens by its application id.
func trusted(in *cloud.Cloud, credentials []state.FederatedCredential, a identity.Assertion) error {
	left := kept(credentials, func(f state.FederatedCredential) bool { return f.Issuer == a.Issuer })
	if len(left) == 0 {
		return wire.Refuse(apierr.EntraFederationIssuer, a.Issuer)
	}
	exact := kept(left, func(f state.FederatedCredential) bool {
		return f.Subject == a.Subject || sabotage.On(sabotage.AssertionSubject) && strings.EqualFold(f.Subject, a.Subject)
	})
	if len(exact) == 0 {
		if len(kept(left, func(f state.FederatedCredential) bool { return strings.EqualFold(f.Subject, a.Subject) })) > 0 {
			return wire.Refuse(apierr.EntraFederationCase, a.Subject)
		}
		return wire.Refuse(apierr.EntraFederationSubject, a.Subject)
	}
	audience := a.Audiences[0]
	if audience == cloud.AppTokenExchange && in.IsOwnIssuer(a.Issuer) {
		audience = in.Entra.TokenExchangeAudience
	}
	if !slices.ContainsFunc(exact, func(f state.FederatedCredential) bool { return slices.Contains(f.Audiences, audience) }) {
		return wire.Refuse(apierr.EntraFederationAudience, audience)
	}
	return nil
}

func kept(in []state.FederatedCredential, keep func(state.FederatedCredential) bool) (out []state.FederatedCredential) {
	for _, f := range in {
		if keep(f) {
			out = append(out, f)
		}
	}
	return out
}

// publishedKeys are an issuer's keys as it publishes them, or why they could not be read.
type publishedKeys struct {
	tried bool
	keys  identity.KeySet
	err   error
}

// keys finds the keys of the assertion's issuer: those that came with the world, those that
// it publishes in it, or else the world's own, with which it signs for issuers that are
// nowhere (own). Nothing is asked outside.
func (g *grant) keys(c *wire.Call, tx *state.Tx) (keys identity.KeySet, own bool, err error) {
	if known, ok := tx.Issuers.Get(g.assertion.Issuer); ok {
		keys, err = identity.ParseKeySet([]byte(known.Keys))
		return keys, false, err
	}
	if g.published.tried {
		return g.published.keys, false, g.published.err
	}
	return c.World.Tokens.OwnKeys(), true, nil
}

// maxDocument bounds what an issuer publishes, in bytes.
const maxDocument = 1 << 20

// lookUp reads the keys of an issuer that publishes them in the world's own Blob storage, as
// clusters do that somebody runs himself: its discovery document, and what that names. It
// is asked only for issuers that a credential of the client trusts.
func (g *grant) lookUp(c *wire.Call) (p publishedKeys) {
	issuer := g.assertion.Issuer
	u, err := url.Parse(issuer)
	if err != nil {
		return p
	}
	if service, _, ok := c.World.Cloud.Resolve(u.Host); !ok || service != cloud.Blob {
		return p
	}
	trusted := false
	c.World.State.View(func(tx *state.Tx) {
		if tx.Issuers.Has(issuer) {
			return
		}
		for tenant := range tx.Tenants.All() {
			who, _ := clientOf(tx, tenant, g.form.Get("client_id"))
			trusted = trusted || slices.ContainsFunc(who.federated, func(f state.FederatedCredential) bool { return f.Issuer == issuer })
		}
	})
	if !trusted {
		return p
	}
	p.tried = true
	p.keys, p.err = discover(c, issuer)
	return p
}

// discover follows OpenID Connect Discovery 1.0, section 4: the document must name the issuer
// that it was asked for.
func discover(c *wire.Call, issuer string) (identity.KeySet, error) {
	ctx := c.Request.Context()
	text, err := c.World.Published(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", maxDocument)
	if err != nil {
		return identity.KeySet{}, err
	}
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return identity.KeySet{}, err
	}
	if document.Issuer != issuer {
		return identity.KeySet{}, errors.New("the discovery document is another issuer's")
	}
	if text, err = c.World.Published(ctx, document.Keys, maxDocument); err != nil {
		return identity.KeySet{}, err
	}
	return identity.ParseKeySet(text)
}
