package control

import (
	_ "embed"
	"net/url"
	"strings"

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

func (a *api) health(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	return wire.OK(struct {
		Status  string `json:"status"`
		Version string `json:"version"`
		World   string `json:"world"`
		Cloud   string `json:"cloud"`
		Time    string `json:"time"`
		Commit  uint64 `json:"commit"`
	}{"ok", a.Version, c.World.Name, c.World.Cloud.Name, c.Now.Format("2006-01-02T15:04:05.000Z"), tx.CommitNumber()}), nil
}

func (a *api) readCA(c *wire.Call) error {
	pem, err := a.CA()
	c.Input = pem
	return err
}

func ca(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	return wire.Response{Body: c.Input.([]byte), ContentType: "application/x-pem-file"}, nil
}

// place is the user of a proxy by which callers come where this one is, empty for the
// machine of the served world that all are on by default.
func place(c *wire.Call) string {
	machine := ""
	if c.Origin.Machine != "" {
		machine = c.Machine.Name
	}
	if c.Origin.World == "" && !strings.Contains(machine, ".") {
		return machine
	}
	return c.Origin.World + "." + machine
}

// way is what `linarite env` needs to send clients here.
func (a *api) way(c *wire.Call, _ *state.Tx) (wire.Response, error) {
	base := c.Scheme() + "://" + c.Request.Host
	proxy, door := base, base
	if user := place(c); user != "" {
		proxy = c.Scheme() + "://" + url.UserPassword(user, "linarite").String() + "@" + c.Request.Host
		door += "/~" + url.PathEscape(user)
	}
	return wire.OK(struct {
		Proxy            string `json:"proxy"`
		IdentityEndpoint string `json:"identityEndpoint"`
		IdentityHeader   string `json:"identityHeader"`
		CLICloud         string `json:"cliCloud"`
		ARMEndpoint      string `json:"armEndpoint"`
		Machine          string `json:"machine"`
	}{proxy, door + "/msi/token", a.AppServiceSecret, c.World.Cloud.CLIName, c.World.Cloud.ARM.Endpoint, c.Machine.ID}), nil
}

//go:embed openapi.yaml
var description []byte

// openAPI is the description of this API.
func openAPI(*wire.Call, *state.Tx) (wire.Response, error) {
	return wire.Response{Body: description, ContentType: "application/yaml"}, nil
}
