package explain

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/journal"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/internal/redact"
)

// credential is a federated credential with whose it is.
type credential struct {
	owner string
	state.FederatedCredential
}

// federations says which federated credential of the world comes nearest to a foreign token
// that none of its client's trusted, and what keeps the two apart.
func federations(e journal.Entry, w World) []string {
	if !strings.HasPrefix(string(e.Kind), "entra.Federation") {
		return nil
	}
	all := credentials(w.Tx)
	if len(all) == 0 {
		return []string{"No identity and no application of the world has a federated credential."}
	}
	said := *e.Claims
	if said.Audience == cloud.AppTokenExchange && w.Cloud.IsOwnIssuer(said.Issuer) { // credentials name it by its URI
		said.Audience = w.Cloud.Entra.TokenExchangeAudience
	}
	nearest := slices.MinFunc(all, func(a, b credential) int { return len(a.apart(said)) - len(b.apart(said)) })
	says := "The nearest federated credential of the world is " + nearest.Name + " of " + nearest.owner + ": it trusts the subject " + nearest.Subject +
		" of the issuer " + nearest.Issuer + " for " + strings.Join(nearest.Audiences, ", ") + "."
	if apart := nearest.apart(said); len(apart) > 0 {
		return []string{says, "The token differs in its " + strings.Join(apart, " and its ") + "."}
	}
	if e.Kind == apierr.EntraFederationNone {
		return []string{says, "The token would fit, but the client that asked is another."}
	}
	return []string{says}
}

// exchangeMend says what mends a refusal of a token of Entra ID's own, which an application is
// to trust; of others it says the usual.
func exchangeMend(e journal.Entry, w World) Mend {
	text := wordsOf(e.Kind)
	if e.Claims == nil || !cloud.IsEntraIssuer(e.Claims.Issuer) {
		return Mend{Text: text}
	}
	switch {
	case e.Kind == apierr.EntraFederationIssuer && !strings.HasSuffix(e.Claims.Issuer, "/v2.0"):
		text = "Get the managed identity's token for the resource " + w.Cloud.Entra.TokenExchangeAudience + ": for other services it has another issuer, which no application can trust."
	case e.Kind == apierr.EntraFederationKey, e.Kind == apierr.EntraFederationSignature:
		text = "Get a fresh token in this world, from a machine's metadata service for one. Client libraries keep tokens for as long as their process runs."
	case e.Kind == apierr.EntraFederationMachine && !w.Tx.Principals.Has(strings.ToLower(e.Claims.Subject)):
		text = "This world has no identity with the object id " + e.Claims.Subject + ": make it again, and give the application a credential with its new object id."
	}
	return Mend{Text: text}
}

func credentials(tx *state.Tx) (all []credential) {
	for i := range tx.Identities.All() {
		for _, f := range i.Federated {
			all = append(all, credential{"the identity " + i.Name, f})
		}
	}
	for a := range tx.Applications.All() {
		for _, f := range a.Federated {
			all = append(all, credential{"the application " + a.Name, f})
		}
	}
	return all
}

// apart names what of a token a credential does not trust. The journal has taken out of the
// claims what looks like a secret.
func (c credential) apart(said journal.Claims) (names []string) {
	if redact.Text(c.Issuer) != said.Issuer {
		names = append(names, "issuer")
	}
	if redact.Text(c.Subject) != said.Subject {
		names = append(names, "subject")
	}
	if !slices.ContainsFunc(c.Audiences, func(a string) bool { return redact.Text(a) == said.Audience }) {
		names = append(names, "audience")
	}
	return names
}
