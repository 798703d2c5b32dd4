package control

import (
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

type machineView struct {
	ID              string   `json:"id"`
	Name            string   `json:"name"`
	Kind            string   `json:"kind"`
	Location        string   `json:"location"`
	SystemPrincipal string   `json:"systemPrincipalId,omitempty"`
	SystemClient    string   `json:"systemClientId,omitempty"`
	Identities      []string `json:"identities,omitempty"`
}

func machines(_ *wire.Call, tx *state.Tx) (wire.Response, error) {
	out := []machineView{}
	for m := range tx.Machines.All() {
		p, _ := tx.Principals.Get(m.SystemPrincipal)
		out = append(out, machineView{m.ID, m.Name, string(m.Kind), m.Location, m.SystemPrincipal, p.AppID, m.UserIdentities})
	}
	return wire.OK(struct {
		Machines []machineView `json:"machines"`
	}{out}), nil
}

type worldView struct {
	Name          string             `json:"name"`
	Cloud         string             `json:"cloud"`
	Tenants       []tenantView       `json:"tenants"`
	Subscriptions []subscriptionView `json:"subscriptions"`
	Identities    []identityView     `json:"identities"`
	Assignments   int                `json:"roleAssignments"`
}

type tenantView struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Domain string `json:"domain"`
}

type subscriptionView struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Groups []string `json:"resourceGroups"`
}

type identityView struct {
	ID          string `json:"id"`
	ClientID    string `json:"clientId"`
	PrincipalID string `json:"principalId"`
}

// world shows the names and ids of a world; it holds no secret.
func world(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	v := worldView{
		Name: c.World.Name, Cloud: c.World.Cloud.Name, Tenants: []tenantView{}, Subscriptions: []subscriptionView{},
		Identities: []identityView{}, Assignments: tx.Assignments.Len(),
	}
	for t := range tx.Tenants.All() {
		v.Tenants = append(v.Tenants, tenantView{t.ID, t.DisplayName, t.Domain})
	}
	for s := range tx.Subscriptions.All() {
		sub := subscriptionView{s.ID, s.DisplayName, []string{}}
		for g := range tx.ResourceGroups.Prefix(s.ID + "/") {
			sub.Groups = append(sub.Groups, g.Name)
		}
		v.Subscriptions = append(v.Subscriptions, sub)
	}
	for i := range tx.Identities.All() {
		v.Identities = append(v.Identities, identityView{i.ID, i.ClientID, i.PrincipalID})
	}
	return wire.OK(v), nil
}
