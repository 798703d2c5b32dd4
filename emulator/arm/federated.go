package arm

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

const (
	federatedName = "federatedIdentityCredentials"
	federatedType = identityType + "/" + federatedName
	// putFederatedName is the operation of writes, of which Azure takes one at a time.
	putFederatedName = "FederatedIdentityCredentials_CreateOrUpdate"
)

func federatedOperations() []wire.Operation {
	all := under(identityType) + identityPath + "/" + federatedName
	at := all + "/{credential}"
	return []wire.Operation{
		{Name: "FederatedIdentityCredentials_List", Method: "GET", Path: all, Type: federatedType, View: listFederated},
		{Name: "FederatedIdentityCredentials_Get", Method: "GET", Path: at, Type: federatedType, View: getFederated},
		{Name: putFederatedName, Method: "PUT", Path: at, Type: federatedType, Prepare: readJSON[federatedBody]("FederatedIdentityCredential"), Update: putFederated},
		{Name: "FederatedIdentityCredentials_Delete", Method: "DELETE", Path: at, Type: federatedType, Update: deleteFederated},
	}
}

// federatedBody is what PUT reads; what only answers have changes nothing.
type federatedBody struct {
	Properties *struct {
		Issuer    string   `json:"issuer"`
		Subject   string   `json:"subject"`
		Audiences []string `json:"audiences"`
	} `json:"properties"`

	ID         any `json:"id"`
	Name       any `json:"name"`
	Type       any `json:"type"`
	SystemData any `json:"systemData"`
}

// federatedAnswer has neither location nor tags (ARM-MSI-012).
type federatedAnswer struct {
	ID         string              `json:"id"`
	Name       string              `json:"name"`
	Type       string              `json:"type"`
	Properties federatedProperties `json:"properties"`
}

type federatedProperties struct {
	Issuer    string   `json:"issuer"`
	Subject   string   `json:"subject"`
	Audiences []string `json:"audiences"`
}

func answerFederated(i state.Identity, f state.FederatedCredential) federatedAnswer {
	return federatedAnswer{
		ID: i.ID + "/" + federatedName + "/" + f.Name, Name: f.Name, Type: federatedType,
		Properties: federatedProperties{Issuer: f.Issuer, Subject: f.Subject, Audiences: f.Audiences},
	}
}

// parentIdentity finds the identity that the path names. That it is not there is the front
// door's own refusal, before the provider looks at anything (ARM-MSI-021).
func parentIdentity(c *wire.Call, tx *state.Tx, verb string) (state.Identity, error) {
	g, err := findGroup(c, tx)
	if err != nil {
		return state.Identity{}, err
	}
	i, ok := tx.Identities.Get(identityKey(c))
	if !ok {
		return i, wire.Refuse(apierr.ARMParentMissing, verb, "userAssignedIdentities/"+federatedName, idIn(g, identityType, c.Var("name")).String())
	}
	return i, nil
}

// federatedAt is the place of a credential among those of an identity, or -1.
func federatedAt(i state.Identity, name string) int {
	return slices.IndexFunc(i.Federated, func(f state.FederatedCredential) bool { return strings.EqualFold(f.Name, name) })
}

func getFederated(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	i, err := parentIdentity(c, tx, "read")
	if err != nil {
		return wire.Response{}, err
	}
	at := federatedAt(i, c.Var("credential"))
	if at < 0 {
		return wire.Response{}, missing(c, identityType+"/"+i.Name+"/"+federatedName, c.Var("credential"))
	}
	return wire.OK(answerFederated(i, i.Federated[at])), nil
}

// federatedPage is a page of a list.
type federatedPage struct {
	Value    []federatedAnswer `json:"value"`
	NextLink string            `json:"nextLink,omitempty"`
}

func listFederated(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	i, err := parentIdentity(c, tx, "read")
	if err != nil {
		return wire.Response{}, err
	}
	after, limit, err := paging(c)
	if err != nil {
		return wire.Response{}, err
	}
	key := func(f state.FederatedCredential) string { return strings.ToLower(f.Name) }
	sorted := slices.SortedFunc(slices.Values(i.Federated), func(a, b state.FederatedCredential) int { return strings.Compare(key(a), key(b)) })
	page, next := wire.Page(slices.Values(sorted), key, after, limit)
	out := federatedPage{Value: make([]federatedAnswer, len(page))}
	for n, f := range page {
		out.Value[n] = answerFederated(i, f)
	}
	if next != "" {
		out.NextLink = wire.NextLink(c, wire.SkipToken(next))
	}
	return wire.OK(out), nil
}

func putFederated(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	i, err := parentIdentity(c, tx, "write")
	if err != nil {
		return wire.Response{}, err
	}
	f, err := checkFederated(c.Var("credential"), c.Input.(federatedBody))
	if err != nil {
		return wire.Response{}, err
	}
	at := federatedAt(i, c.Var("credential"))
	for n, other := range i.Federated {
		if n != at && other.Issuer == f.Issuer && other.Subject == f.Subject {
			return wire.Response{}, wire.Refuse(apierr.ARMFederatedTaken)
		}
	}
	if at >= 0 {
		f.Name = i.Federated[at].Name // as it was made
		i.Federated[at] = f
		tx.Identities.Put(i)
		return wire.OK(answerFederated(i, f)), nil
	}
	if len(i.Federated) >= state.FederatedLimit {
		return wire.Response{}, wire.Refuse(apierr.ARMFederatedLimit, i.ID, state.FederatedLimit)
	}
	i.Federated = append(i.Federated, f)
	tx.Identities.Put(i)
	answer := answerFederated(i, f)
	return wire.Response{Status: http.StatusCreated, Body: answer}.With("Location", answer.ID), nil // relative, as this provider has it
}

var federatedNames = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]{2,119}$`)

// checkFederated reads a credential out of a body. What issuer and subject say is not
// looked at: that no such token exists shows when one is exchanged.
func checkFederated(name string, body federatedBody) (state.FederatedCredential, error) {
	var f state.FederatedCredential
	p := body.Properties
	switch {
	case !federatedNames.MatchString(name):
		return f, wire.Refuse(apierr.ARMFederatedName, name)
	case p == nil || p.Issuer == "" || p.Subject == "" || p.Audiences == nil || slices.Contains(p.Audiences, ""):
		return f, wire.Refuse(apierr.ARMFederatedEmpty)
	case len(p.Audiences) != 1:
		return f, wire.Refuse(apierr.ARMFederatedAudiences)
	}
	for _, one := range []struct{ member, value string }{{"issuer", p.Issuer}, {"subject", p.Subject}, {"audiences", p.Audiences[0]}} {
		if utf8.RuneCountInString(one.value) > state.FederatedLength {
			return f, wire.Refuse(apierr.ARMFederatedTooLong, one.member, state.FederatedLength)
		}
	}
	return state.FederatedCredential{Name: name, Issuer: p.Issuer, Subject: p.Subject, Audiences: p.Audiences}, nil
}

func deleteFederated(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	i, err := parentIdentity(c, tx, "delete")
	if err != nil {
		return wire.Response{}, err
	}
	at := federatedAt(i, c.Var("credential"))
	if at < 0 {
		return wire.Response{Status: http.StatusNoContent}, nil
	}
	id := answerFederated(i, i.Federated[at]).ID
	i.Federated = slices.Delete(i.Federated, at, at+1)
	tx.Identities.Put(i)
	forgetAssignments(tx, id)
	return wire.Response{}, nil
}
