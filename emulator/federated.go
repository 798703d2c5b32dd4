package emulator

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/worldfile"
)

// FederatedToken says what a token of another issuer is to say. What is left out is taken from
// the one federated credential of the world that fits the rest.
type FederatedToken struct {
	// Issuer, Subject and Audience are the claims iss, sub and aud: of a Kubernetes service
	// account, system:serviceaccount:NAMESPACE:NAME is the subject.
	Issuer, Subject, Audience string
	// Life counts from now on. Default: an hour.
	Life time.Duration
	// ClientID is the client id of the identity or application whose federated credentials are
	// looked at. Default: those of all.
	ClientID string
}

// FederatedToken signs a token in the name of another issuer, as a Kubernetes cluster projects
// it into a pod: what Entra ID takes for a client assertion where a federated credential trusts
// it. The world signs for every issuer whose keys it was not given.
func (e *Emulator) FederatedToken(f FederatedToken) string {
	e.test.Helper()
	full := identity.Foreign{Issuer: f.Issuer, Subject: f.Subject, Audience: f.Audience, Life: f.Life}
	var err error
	e.world.State.View(func(tx *state.Tx) { full, err = e.world.Tokens.Complete(tx, full, f.ClientID) })
	var raw string
	if err == nil {
		raw, _, err = e.world.Tokens.SignForeign(full, e.world.Clock.Now())
	}
	if err != nil {
		e.fatal("FederatedToken: %v", err)
	}
	return raw
}

// Trust gives the identity a federated credential: tokens of the issuer about the subject,
// for the cloud's own audience, get a token of the identity from then on. One that is there
// stays.
func (i *Identity) Trust(issuer, subject string) {
	i.e.test.Helper()
	i.e.change(func(tx *state.Tx, _ *worldfile.Adder) error {
		kept, ok := tx.Identities.Get(state.ResourceKey(i.id))
		if !ok {
			return fmt.Errorf("%s is not there any more", i.id)
		}
		var err error
		if kept.Federated, err = i.e.trusting(kept.Federated, issuer, subject); err == nil {
			tx.Identities.Put(kept)
		}
		return err
	})
}

// trusting are the credentials with one for the issuer and the subject.
func (e *Emulator) trusting(all []state.FederatedCredential, issuer, subject string) ([]state.FederatedCredential, error) {
	audience := e.world.Cloud.Entra.TokenExchangeAudience
	for _, f := range all {
		if f.Issuer == issuer && f.Subject == subject {
			if !slices.Contains(f.Audiences, audience) {
				return nil, fmt.Errorf("the credential %s trusts this subject already, for %s and not for %s", f.Name, strings.Join(f.Audiences, ", "), audience)
			}
			return all, nil
		}
	}
	name := ""
	taken := func(f state.FederatedCredential) bool { return strings.EqualFold(f.Name, name) }
	for n := len(all) + 1; name == "" || slices.ContainsFunc(all, taken); n++ {
		name = fmt.Sprintf("trusted-%d", n)
	}
	return append(slices.Clip(all), state.FederatedCredential{Name: name, Issuer: issuer, Subject: subject, Audiences: []string{audience}}), nil
}
