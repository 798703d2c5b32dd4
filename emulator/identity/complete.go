package identity

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/state"
)

// Bounds of the life of a foreign token. Kubernetes projects for an hour unless it is asked
// otherwise.
const (
	defaultForeignLife = time.Hour
	maxForeignLife     = 366 * 24 * time.Hour
)

// Complete fills what is left out from the one federated credential of the world that fits
// what is there: of the client with the id, or of any where that is empty. A token that says
// its issuer and subject needs no credential; its audience is then the cloud's. The errors
// are sentences for people.
func (t *Tokens) Complete(tx *state.Tx, f Foreign, clientID string) (Foreign, error) {
	if f.Life == 0 {
		f.Life = defaultForeignLife
	}
	if f.Life < time.Second || f.Life > maxForeignLife {
		return f, errors.New("a token lives for a second at least, and for a year at most")
	}
	all, err := federatedOf(tx, clientID)
	if err != nil {
		return f, err
	}
	var fit []Foreign
	for _, c := range all {
		if len(c.Audiences) == 0 {
			continue // as a state may have it that somebody wrote: it trusts nothing
		}
		one := Foreign{c.Issuer, c.Subject, c.Audiences[0], f.Life}
		if agrees(f.Issuer, c.Issuer) && agrees(f.Subject, c.Subject) && (f.Audience == "" || slices.Contains(c.Audiences, f.Audience)) && !slices.Contains(fit, one) {
			fit = append(fit, one)
		}
	}
	if can := t.signable(tx, fit); len(can) > 0 {
		fit = can
	}
	switch {
	case f.Issuer != "" && f.Subject != "":
		if f.Audience == "" {
			f.Audience = t.cloud.Entra.TokenExchangeAudience
			if len(fit) > 0 {
				f.Audience = fit[0].Audience
			}
		}
	case len(fit) == 1:
		if f.Audience == "" {
			f.Audience = fit[0].Audience
		}
		f.Issuer, f.Subject = fit[0].Issuer, fit[0].Subject
	case len(fit) == 0:
		return f, fmt.Errorf("no federated credential fits: say issuer and subject, or use what one of these has: %s", list(all))
	default:
		return f, fmt.Errorf("more than one federated credential fits, say which subject and issuer: %s", listForeign(fit))
	}
	return f, t.signsFor(tx, f.Issuer)
}

// signable are those whose issuers do not sign for themselves.
func (t *Tokens) signable(tx *state.Tx, all []Foreign) (can []Foreign) {
	for _, f := range all {
		if t.signsFor(tx, f.Issuer) == nil {
			can = append(can, f)
		}
	}
	return can
}

// signsFor refuses issuers that sign for themselves.
func (t *Tokens) signsFor(tx *state.Tx, issuer string) error {
	u, err := url.Parse(issuer)
	if err != nil {
		return fmt.Errorf("the issuer %q is no https URL", issuer)
	}
	service, _, _ := t.cloud.Resolve(u.Host)
	switch {
	case tx.Issuers.Has(issuer):
		return fmt.Errorf("the keys of %s came with the world: only who has the private key can sign for it", issuer)
	case !strings.HasPrefix(issuer, "https://"):
		return fmt.Errorf("the issuer %q is no https URL", issuer)
	case service == cloud.Blob:
		return fmt.Errorf("the keys of %s are those that it publishes in this world's Blob storage: only who has the private key can sign for it", issuer)
	case cloud.IsEntraIssuer(issuer):
		return fmt.Errorf("the issuer %s is Entra ID itself: a managed identity gets such a token, for the resource %s", issuer, t.cloud.Entra.TokenExchangeAudience)
	}
	return nil
}

func agrees(asked, has string) bool { return asked == "" || asked == has }

// federatedOf lists the federated credentials of a client, or of all.
func federatedOf(tx *state.Tx, clientID string) (all []state.FederatedCredential, err error) {
	found := clientID == ""
	for i := range tx.Identities.All() {
		if clientID == "" || strings.EqualFold(i.ClientID, clientID) {
			all, found = append(all, i.Federated...), true
		}
	}
	for a := range tx.Applications.All() {
		if clientID == "" || strings.EqualFold(a.AppID, clientID) {
			all, found = append(all, a.Federated...), true
		}
	}
	if !found {
		return nil, fmt.Errorf("no user-assigned identity and no application has the client id %q", clientID)
	}
	return all, nil
}

func list(all []state.FederatedCredential) string {
	if len(all) == 0 {
		return "there is none"
	}
	var out []Foreign
	for _, c := range all {
		out = append(out, Foreign{Issuer: c.Issuer, Subject: c.Subject})
	}
	return listForeign(out)
}

// maxListed bounds how many credentials an error names.
const maxListed = 5

func listForeign(all []Foreign) string {
	var out []string
	for _, f := range all {
		if len(out) == maxListed {
			out = append(out, fmt.Sprintf("and %d more", len(all)-maxListed))
			break
		}
		out = append(out, fmt.Sprintf("subject %s of issuer %s", f.Subject, f.Issuer))
	}
	return strings.Join(out, "; ")
}
