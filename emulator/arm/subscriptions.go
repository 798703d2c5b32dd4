package arm

import (
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/arm/types"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

const (
	oneSubscription = "/subscriptions/{subscription}"
	allProviders    = oneSubscription + "/providers"
)

func subscriptionOperations() []wire.Operation {
	v := frontDoorVersions()
	return []wire.Operation{
		{Name: "Tenants_List", Method: "GET", Path: "/tenants", Versions: v, Filtered: true, View: listTenants},
		{Name: "Subscriptions_List", Method: "GET", Path: "/subscriptions", Versions: v, Filtered: true, View: listSubscriptions},
		{Name: "Subscriptions_Get", Method: "GET", Path: oneSubscription, Versions: v, View: getSubscription},
		{Name: "Subscriptions_ListLocations", Method: "GET", Path: oneSubscription + "/locations", Versions: v, Action: "Microsoft.Resources/subscriptions/locations/read", View: listLocations},
		{Name: "Providers_List", Method: "GET", Path: allProviders, Versions: v, Action: "Microsoft.Resources/subscriptions/providers/read", View: listProviders},
		{Name: "Providers_Get", Method: "GET", Path: allProviders + "/{namespace}", Versions: v, Action: "Microsoft.Resources/subscriptions/providers/read", View: getProvider},
		{Name: "Providers_Register", Method: "POST", Path: allProviders + "/{namespace}/register", Versions: v, Action: "Microsoft.Resources/subscriptions/providers/read", View: getProvider},
	}
}

// list is ARM's list: value is never null.
type list[T any] struct {
	Value    []T    `json:"value"`
	NextLink string `json:"nextLink,omitempty"`
}

type tenantAnswer struct {
	ID            string   `json:"id"`
	TenantID      string   `json:"tenantId"`
	Category      string   `json:"tenantCategory,omitempty"`
	DisplayName   string   `json:"displayName,omitempty"`
	Domains       []string `json:"domains,omitempty"`
	DefaultDomain string   `json:"defaultDomain,omitempty"`
	Type          string   `json:"tenantType,omitempty"`
}

// listTenants shows the caller's own tenant: a valid token is all it takes.
func listTenants(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	out := list[tenantAnswer]{Value: []tenantAnswer{}}
	if t, ok := tx.Tenants.Get(strings.ToLower(c.Caller.TenantID())); ok {
		a := tenantAnswer{ID: "/tenants/" + t.ID, TenantID: t.ID}
		if c.Version >= "2019-11-01" {
			a.Category, a.DisplayName, a.Domains, a.DefaultDomain, a.Type = "Home", t.DisplayName, []string{t.Domain}, t.Domain, "AAD"
		}
		out.Value = append(out.Value, a)
	}
	return wire.OK(out), nil
}

type subscriptionAnswer struct {
	ID          string             `json:"id"`
	Source      string             `json:"authorizationSource,omitempty"`
	ManagedBy   *[]string          `json:"managedByTenants,omitempty"`
	Subscribed  string             `json:"subscriptionId"`
	TenantID    string             `json:"tenantId,omitempty"`
	DisplayName string             `json:"displayName"`
	State       string             `json:"state"`
	Policies    subscriptionPolicy `json:"subscriptionPolicies"`
}

type subscriptionPolicy struct {
	Placement string `json:"locationPlacementId"`
	Quota     string `json:"quotaId"`
	Spending  string `json:"spendingLimit"`
}

func answerSubscription(s state.Subscription, version string) subscriptionAnswer {
	a := subscriptionAnswer{
		ID: armid.Subscription(s.ID).String(), Subscribed: s.ID, DisplayName: s.DisplayName, State: s.State,
		Policies: subscriptionPolicy{"Public_2014-09-01", "PayAsYouGo_2014-09-01", "Off"},
	}
	if version > "2016-06-01" {
		a.Source, a.ManagedBy, a.TenantID = "RoleBased", &[]string{}, s.TenantID
	}
	return a
}

type subscriptionList struct {
	Value []subscriptionAnswer `json:"value"`
	Count *subscriptionCount   `json:"count,omitempty"`
}

type subscriptionCount struct {
	Type  string `json:"type"`
	Value int    `json:"value"`
}

// listSubscriptions shows those on which the caller has any assignment.
func listSubscriptions(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	out := subscriptionList{Value: []subscriptionAnswer{}}
	facts := c.Facts(tx)
	for s := range tx.Subscriptions.All() {
		same := strings.EqualFold(s.TenantID, c.Caller.TenantID())
		if same && rbac.Any(facts, c.Caller.ObjectID(), armid.Subscription(s.ID).String(), c.Now) {
			out.Value = append(out.Value, answerSubscription(s, c.Version))
		}
	}
	if c.Version > "2016-06-01" {
		out.Count = &subscriptionCount{"Total", len(out.Value)}
	}
	return wire.OK(out), nil
}

func getSubscription(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	s, _ := tx.Subscriptions.Get(strings.ToLower(c.Var("subscription")))
	return wire.OK(answerSubscription(s, c.Version)), nil
}

type locationAnswer struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Type     string `json:"type,omitempty"`
	Display  string `json:"displayName"`
	Regional string `json:"regionalDisplayName"`
}

func listLocations(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	out := list[locationAnswer]{Value: []locationAnswer{}}
	at := armid.Subscription(strings.ToLower(c.Var("subscription"))).String()
	for _, l := range c.World.Cloud.Locations {
		a := locationAnswer{ID: at + "/locations/" + l.Name, Name: l.Name, Display: l.DisplayName, Regional: l.DisplayName}
		if c.Version >= "2021-01-01" {
			a.Type = "Region"
		}
		out.Value = append(out.Value, a)
	}
	return wire.OK(out), nil
}

type providerAnswer struct {
	ID        string               `json:"id"`
	Namespace string               `json:"namespace"`
	Types     []providerTypeAnswer `json:"resourceTypes"`
	State     string               `json:"registrationState"`
	Policy    string               `json:"registrationPolicy"`
}

type providerTypeAnswer struct {
	Type         string   `json:"resourceType"`
	Locations    []string `json:"locations"`
	Versions     []string `json:"apiVersions"`
	Capabilities string   `json:"capabilities"`
}

// answerProvider shows a provider; all that there are, are registered.
func answerProvider(c *wire.Call, namespace string) providerAnswer {
	a := providerAnswer{
		ID:        armid.Subscription(strings.ToLower(c.Var("subscription"))).String() + "/providers/" + namespace,
		Namespace: namespace, State: "Registered", Policy: "RegistrationRequired",
	}
	for _, t := range types.All() {
		if t.Namespace != namespace {
			continue
		}
		row := providerTypeAnswer{Type: t.Name, Locations: []string{}, Versions: t.Versions, Capabilities: "None"}
		if !t.Global {
			row.Capabilities = "SupportsTags, SupportsLocation"
			for _, l := range c.World.Cloud.Locations {
				row.Locations = append(row.Locations, l.DisplayName)
			}
		}
		a.Types = append(a.Types, row)
	}
	return a
}

func listProviders(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	out := list[providerAnswer]{}
	for _, namespace := range types.Namespaces() {
		out.Value = append(out.Value, answerProvider(c, namespace))
	}
	return wire.OK(out), nil
}

func getProvider(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	known := types.Namespaces()
	i := slices.IndexFunc(known, func(n string) bool { return strings.EqualFold(n, c.Var("namespace")) })
	if i < 0 {
		return wire.Response{}, wire.Refuse(apierr.ARMNamespaceInvalid, c.Var("namespace"))
	}
	return wire.OK(answerProvider(c, known[i])), nil
}
