package imds

import (
	"errors"
	"strconv"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/identity"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// tokenAnswer has the members in alphabetical order, all strings. refresh_token is
// what the tutorial of 2017 shows, always empty.
type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	ClientID     string `json:"client_id"`
	ExpiresIn    string `json:"expires_in"`
	ExpiresOn    string `json:"expires_on"`
	ExtExpiresIn string `json:"ext_expires_in"`
	NotBefore    string `json:"not_before"`
	// ObjectID and ResourceID echo the selector that was used.
	ObjectID     string `json:"object_id,omitempty"`
	ResourceID   string `json:"msi_res_id,omitempty"`
	RefreshToken string `json:"refresh_token"`
	Resource     string `json:"resource"`
	TokenType    string `json:"token_type"`
}

func getToken(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if err := ready(c, tx); err != nil {
		return wire.Response{}, err
	}
	resource := c.Query.Get("resource")
	if resource == "" {
		return wire.Response{}, wire.Refuse(apierr.IMDSResourceMissing)
	}
	sel, err := selectorOf(c)
	if err != nil {
		return wire.Response{}, err
	}
	principal, err := sel.find(tx, c.Machine)
	if err != nil {
		return wire.Response{}, err
	}
	if c.Query.Get("bypass_cache") == "true" { // IMDS-TOKEN-064
		c.World.Tokens.Forget(c.Machine.ID, principal.ObjectID, resource)
	}
	token, err := mint(c, tx, principal, resource)
	if err != nil {
		return wire.Response{}, err
	}
	answer := tokenAnswer{
		AccessToken: token.Raw, ClientID: token.ClientID,
		ExpiresIn: seconds(token.ExpiresIn(c.Now)), ExpiresOn: seconds(token.ExpiresOn.Unix()),
		ExtExpiresIn: seconds(token.ExtExpiresIn()), NotBefore: seconds(token.NotBefore.Unix()),
		Resource: token.Resource, TokenType: "Bearer",
	}
	switch sel.kind {
	case byObject:
		answer.ObjectID = sel.value
	case byResource:
		answer.ResourceID = sel.value
	}
	return wire.OK(answer), nil
}

func seconds(n int64) string { return strconv.FormatInt(n, 10) }

// ready answers 410 while the metadata service comes up, by the world's switch.
func ready(c *wire.Call, tx *state.Tx) error {
	// A world that never was unready is not, though its clock may be set to before its start.
	after := tx.Switches().IMDSReadyAfter
	if after > 0 && c.Now.Before(c.World.Started.Add(after)) {
		return wire.Refuse(apierr.IMDSUpdating)
	}
	return nil
}

// mint takes the token from the host's cache or has one issued. What Entra refuses,
// IMDS relays.
func mint(c *wire.Call, tx *state.Tx, p state.Principal, resource string) (identity.Token, error) {
	tenant, _ := tx.Tenants.Get(p.TenantID)
	token, err := c.World.Tokens.ForMachine(identity.Request{
		Principal: p, Tenant: tenant, Resource: resource, HostID: c.Machine.ID, Life: tx.Switches().TokenLife,
	}, c.Now)
	if errors.Is(err, identity.ErrUnknownResource) {
		relayed := apierr.New(apierr.EntraResource, resource, tenant.DisplayName)
		return token, wire.Refuse(apierr.IMDSResourceUnknown, wire.EntraText(c, relayed))
	}
	return token, err
}

// selector is the caller's choice among a machine's identities.
type selector struct {
	kind  selectorKind
	value string
}

type selectorKind int

const (
	none selectorKind = iota
	byClient
	byObject
	byResource
)

// selectorOf reads the three selectors, which exclude each other. mi_res_id is App
// Service's spelling; some clients send it here.
func selectorOf(c *wire.Call) (selector, error) {
	var sel selector
	for _, s := range [...]struct {
		name string
		kind selectorKind
	}{{"client_id", byClient}, {"object_id", byObject}, {"msi_res_id", byResource}, {"mi_res_id", byResource}} {
		value := c.Query.Get(s.name)
		if value == "" {
			continue
		}
		if sel.kind != none {
			return sel, wire.Refuse(apierr.IMDSSelectorsExclusive)
		}
		sel = selector{s.kind, value}
	}
	return sel, nil
}

// find is the principal that the machine may speak for: the system-assigned identity
// unless another is named; a single user-assigned one where there is no other.
func (s selector) find(tx *state.Tx, m state.Machine) (state.Principal, error) {
	if s.kind == none {
		return unnamed(tx, m)
	}
	if sabotage.On(sabotage.IMDSOtherMachine) {
		for identity := range tx.Identities.All() {
			if s.means(identity) {
				return principal(tx, identity.PrincipalID)
			}
		}
	}
	for _, id := range m.UserIdentities {
		identity, ok := tx.Identities.Get(state.ResourceKey(id))
		if ok && s.means(identity) {
			return principal(tx, identity.PrincipalID)
		}
	}
	if own, ok := tx.Principals.Get(m.SystemPrincipal); ok && s.meansSystem(own) {
		return own, nil
	}
	return state.Principal{}, wire.Refuse(apierr.IMDSIdentityNotFound)
}

func unnamed(tx *state.Tx, m state.Machine) (state.Principal, error) {
	switch {
	case m.SystemPrincipal != "":
		return principal(tx, m.SystemPrincipal)
	case len(m.UserIdentities) == 1:
		if identity, ok := tx.Identities.Get(state.ResourceKey(m.UserIdentities[0])); ok {
			return principal(tx, identity.PrincipalID)
		}
	case len(m.UserIdentities) > 1:
		return state.Principal{}, wire.Refuse(apierr.IMDSIdentityAmbiguous)
	}
	return state.Principal{}, wire.Refuse(apierr.IMDSIdentityNotFound)
}

func principal(tx *state.Tx, objectID string) (state.Principal, error) {
	if p, ok := tx.Principals.Get(strings.ToLower(objectID)); ok {
		return p, nil
	}
	return state.Principal{}, wire.Refuse(apierr.IMDSIdentityNotFound)
}

func (s selector) means(i state.Identity) bool {
	switch s.kind {
	case byClient:
		return strings.EqualFold(s.value, i.ClientID)
	case byObject:
		return strings.EqualFold(s.value, i.PrincipalID)
	default:
		return armid.Equal(s.value, i.ID)
	}
}

// meansSystem accepts the system-assigned identity's own ids as selectors. Whether
// Azure does is not known.
func (s selector) meansSystem(p state.Principal) bool {
	switch s.kind {
	case byClient:
		return strings.EqualFold(s.value, p.AppID)
	case byObject:
		return strings.EqualFold(s.value, p.ObjectID)
	default:
		return false
	}
}

func getInfo(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if err := ready(c, tx); err != nil {
		return wire.Response{}, err
	}
	return wire.OK(struct {
		TenantID string `json:"tenantId"`
	}{tenantOf(tx, c.Machine)}), nil
}

func tenantOf(tx *state.Tx, m state.Machine) string {
	sub, _ := tx.Subscriptions.Get(m.SubscriptionID)
	return sub.TenantID
}

func getVersions(*wire.Call, *state.Tx) (wire.Response, error) {
	return wire.OK(struct {
		Versions []string `json:"apiVersions"`
	}{versions()}), nil
}
