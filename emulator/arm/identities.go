package arm

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

const (
	identityType = "Microsoft.ManagedIdentity/userAssignedIdentities"
	identityPath = "/{name}"
)

func identityOperations() []wire.Operation {
	at := under(identityType) + identityPath
	return []wire.Operation{
		{Name: "UserAssignedIdentities_ListByResourceGroup", Method: "GET", Path: under(identityType), Type: identityType, View: listIdentities},
		{Name: "UserAssignedIdentities_ListBySubscription", Method: "GET", Path: inSubscription(identityType), Type: identityType, View: listIdentities},
		{Name: "UserAssignedIdentities_Get", Method: "GET", Path: at, Type: identityType, View: getIdentity},
		{Name: "UserAssignedIdentities_CreateOrUpdate", Method: "PUT", Path: at, Type: identityType, Prepare: readJSON[identityBody]("Identity"), Update: putIdentity},
		{Name: "UserAssignedIdentities_Update", Method: "PATCH", Path: at, Type: identityType, Prepare: readJSON[identityBody]("Identity"), Update: patchIdentity},
		{Name: "UserAssignedIdentities_Delete", Method: "DELETE", Path: at, Type: identityType, Update: deleteIdentity},
	}
}

// identityBody is what PUT and PATCH read; what only answers have changes nothing.
type identityBody struct {
	Location string             `json:"location"`
	Tags     *map[string]string `json:"tags"`

	ID         any `json:"id"`
	Name       any `json:"name"`
	Type       any `json:"type"`
	Properties any `json:"properties"`
	SystemData any `json:"systemData"`
}

// identityAnswer stands in the order of 2023-01-31's older captures.
type identityAnswer struct {
	ID         string             `json:"id"`
	Name       string             `json:"name"`
	Type       string             `json:"type"`
	Location   string             `json:"location"`
	Tags       map[string]string  `json:"tags"`
	Properties identityProperties `json:"properties"`
}

type identityProperties struct {
	Isolation   string `json:"isolationScope,omitempty"`
	TenantID    string `json:"tenantId"`
	PrincipalID string `json:"principalId"`
	ClientID    string `json:"clientId"`
	SecretURL   string `json:"clientSecretUrl,omitempty"`
}

func answerIdentity(c *wire.Call, i state.Identity) identityAnswer {
	a := identityAnswer{
		ID: i.ID, Name: i.Name, Type: identityType, Location: i.Location, Tags: tagsOf(i.Tags),
		Properties: identityProperties{TenantID: i.TenantID, PrincipalID: i.PrincipalID, ClientID: i.ClientID},
	}
	switch c.Version {
	case "2015-08-31-preview", "2021-09-30-preview":
		a.Properties.SecretURL = "https://control-" + i.Location + ".identity.azure.net" + i.ID + "/credentials?tid=" + i.TenantID + "&oid=" + i.PrincipalID + "&aid=" + i.ClientID
	}
	if c.Version >= "2024-11-30" {
		a.Properties.Isolation = "None"
	}
	return a
}

func identityKey(c *wire.Call) string {
	return armid.Resource(c.Var("subscription"), c.Var("group"), identityType, c.Var("name")).Key()
}

func findIdentity(c *wire.Call, tx *state.Tx) (state.Identity, error) {
	if _, err := findGroup(c, tx); err != nil {
		return state.Identity{}, err
	}
	i, ok := tx.Identities.Get(identityKey(c))
	if !ok {
		return i, missing(c, identityType, c.Var("name"))
	}
	return i, nil
}

func getIdentity(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	i, err := findIdentity(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(answerIdentity(c, i)), nil
}

func listIdentities(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	prefix, err := below(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	out := list[identityAnswer]{Value: []identityAnswer{}}
	for i := range tx.Identities.Prefix(prefix) {
		out.Value = append(out.Value, answerIdentity(c, i))
	}
	return wire.OK(out), nil
}

var identityName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]{2,127}$`)

func putIdentity(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	body := c.Input.(identityBody)
	g, err := writable(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if !identityName.MatchString(c.Var("name")) {
		return wire.Response{}, wire.Refuse(apierr.ARMIdentityName, c.Var("name"))
	}
	location, err := located(c, identityType, body.Location)
	if err != nil {
		return wire.Response{}, err
	}
	i, exists := tx.Identities.Get(identityKey(c))
	status := http.StatusOK
	switch {
	case !exists:
		status = http.StatusCreated
		i = newIdentity(c, tx, g, location)
	case i.Location != location:
		return wire.Response{}, elsewhere(i.Name, i.Location, g.Name, location)
	}
	if err := retag(&i.Tags, body.Tags); err != nil {
		return wire.Response{}, err
	}
	tx.Identities.Put(i)
	answer := wire.Response{Status: status, Body: answerIdentity(c, i)}
	if !exists {
		answer = answer.With("Location", i.ID) // relative, as this provider has it
	}
	return answer, nil
}

// newIdentity makes the identity's principal too. The same name made again has other ids.
func newIdentity(c *wire.Call, tx *state.Tx, g state.ResourceGroup, location string) state.Identity {
	sub, _ := tx.Subscriptions.Get(g.SubscriptionID)
	id := idIn(g, identityType, c.Var("name")).String()
	i := state.Identity{
		ID: strings.Replace(id, "/resourceGroups/", "/resourcegroups/", 1), Name: c.Var("name"), SubscriptionID: g.SubscriptionID,
		ResourceGroup: g.Name, Location: location, TenantID: sub.TenantID, ClientID: c.World.IDs.GUID(), PrincipalID: c.World.IDs.GUID(),
	}
	tx.Principals.Put(state.Principal{
		ObjectID: i.PrincipalID, AppID: i.ClientID, TenantID: i.TenantID, DisplayName: i.Name, Kind: state.PrincipalUserAssigned, ResourceID: i.ID,
	})
	return i
}

// retag replaces tags where some were given.
func retag(tags *map[string]string, given *map[string]string) error {
	if given == nil {
		return nil
	}
	if err := checkTags(*given); err != nil {
		return err
	}
	*tags = *given
	return nil
}

func patchIdentity(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	i, err := findIdentity(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if err := retag(&i.Tags, c.Input.(identityBody).Tags); err != nil {
		return wire.Response{}, err
	}
	tx.Identities.Put(i)
	return wire.OK(answerIdentity(c, i)), nil
}

// deleteIdentity takes the principal and the federated credentials along. Machines go on naming the identity, and role
// assignments to it stay as orphans.
func deleteIdentity(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	i, ok := tx.Identities.Get(identityKey(c))
	if !ok {
		return wire.Response{Status: http.StatusNoContent}, nil
	}
	tx.Identities.Delete(identityKey(c))
	tx.Principals.Delete(strings.ToLower(i.PrincipalID))
	forgetAssignments(tx, i.ID)
	return wire.Response{}, nil
}
