package entra

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// jwtBearer is the only type of client assertion (RFC 7523, section 2.2).
const jwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// readAssertion reads the client assertion, and what its issuer publishes, before any lock
// is taken. What is wrong with it is said when its turn comes.
func (g *grant) readAssertion(c *wire.Call) {
	raw := g.form.Get("client_assertion")
	if raw == "" {
		return
	}
	c.Assertion = raw
	if g.assertion, g.malformed = identity.ParseAssertion(raw); g.malformed == nil {
		g.published = g.lookUp(c)
	}
}

// asserted believes a client's assertion, or says why not. One that the client issued itself
// is signed with its certificate; any other needs a federated credential.
func (g *grant) asserted(c *wire.Call, tx *state.Tx, tenant state.Tenant, who client) error {
	switch kind := g.form.Get("client_assertion_type"); {
	case kind == "":
		return wire.Refuse(apierr.EntraParameterMissing, "client_assertion_type")
	case kind != jwtBearer:
		return wire.Refuse(apierr.EntraAssertionType)
	case errors.Is(g.malformed, identity.ErrAssertionAlgorithm):
		return wire.Refuse(apierr.EntraAssertionAlgorithm)
	case g.malformed != nil:
		return wire.Refuse(apierr.EntraAssertionMalformed)
	case len(g.assertion.Audiences) > 1:
		return wire.Refuse(apierr.EntraAssertionAudiences, len(g.assertion.Audiences))
	}
	check := g.federated
	if ids.IsGUID(g.assertion.Issuer) {
		check = g.certified
	}
	if err := check(c, tx, tenant, who); err != nil {
		return err
	}
	return g.inTime(c.Now)
}

// skew is how far the clock of whoever made an assertion may stand from the service's. No
// document says; five minutes is what Microsoft's own libraries allow.
const skew = 5 * time.Minute

func (g *grant) inTime(now time.Time) error {
	a := g.assertion
	if now.Before(a.Expires.Add(skew)) && !now.Before(a.NotBefore.Add(-skew)) || sabotage.On(sabotage.AssertionTime) {
		return nil
	}
	const layout = "2006-01-02T15:04:05.0000000Z"
	return wire.Refuse(apierr.EntraAssertionTime, now.UTC().Format(layout), a.NotBefore.Format(layout), a.Expires.Format(layout))
}

// certified checks an assertion of the client itself: names, audience, certificate, signature.
func (g *grant) certified(c *wire.Call, _ *state.Tx, tenant state.Tenant, who client) error {
	a := g.assertion
	switch {
	case !strings.EqualFold(a.Issuer, a.Subject):
		return wire.Refuse(apierr.EntraAssertionSubject)
	case !strings.EqualFold(a.Issuer, who.id):
		return wire.Refuse(apierr.EntraAssertionClient)
	case !forTenant(c, tenant, a.Audiences[0]):
		return wire.Refuse(apierr.EntraAssertionAudience)
	}
	cert, err := a.VerifyCertificate(who.certificates)
	if errors.Is(err, identity.ErrAssertionKey) {
		return wire.Refuse(apierr.EntraCertificateUnknown, a.Thumbprint(), who.id, who.id)
	}
	const layout = "01/02/2006 15:04:05"
	from, until := cert.NotBefore.UTC().Format(layout), cert.NotAfter.UTC().Format(layout)
	switch {
	case err != nil:
		return wire.Refuse(apierr.EntraCertificateSignature, a.Thumbprint(), from, until, who.id, who.id)
	case c.Now.After(cert.NotAfter), c.Now.Before(cert.NotBefore): // ENTRA-CERT-009: the same words
		return wire.Refuse(apierr.EntraCertificateExpired, a.Thumbprint(), from, until, who.id, who.id)
	}
	return nil
}

// forTenant tells whether an audience is this tenant's token service, by any of its names and
// in any of its forms.
func forTenant(c *wire.Call, tenant state.Tenant, audience string) bool {
	rest, ok := strings.CutPrefix(strings.ToLower(audience), "https://")
	if !ok {
		return false
	}
	host, path, _ := strings.Cut(rest, "/")
	name, form, _ := strings.Cut(path, "/")
	entra := c.World.Cloud.Entra
	hosts := append(slices.Clone(entra.LoginHosts), entra.V1IssuerHost, entra.V2IssuerHost)
	return slices.Contains(hosts, host) && (strings.EqualFold(name, tenant.ID) || tenant.Domain != "" && strings.EqualFold(name, tenant.Domain)) &&
		slices.Contains([]string{"", "v2.0", "oauth2/token", "oauth2/v2.0/token"}, strings.TrimSuffix(form, "/"))
}
