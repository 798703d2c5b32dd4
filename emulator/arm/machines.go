package arm

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

const (
	vmType  = "Microsoft.Compute/virtualMachines"
	setType = "Microsoft.Compute/virtualMachineScaleSets"
)

func machineOperations() []wire.Operation {
	var out []wire.Operation
	for kind, prefix := range map[string]string{vmType: "VirtualMachines", setType: "VirtualMachineScaleSets"} {
		at := under(kind) + "/{name}"
		out = append(out,
			wire.Operation{Name: prefix + "_List", Method: "GET", Path: under(kind), Type: kind, View: listMachines(kind)},
			wire.Operation{Name: prefix + "_ListAll", Method: "GET", Path: inSubscription(kind), Type: kind, View: listMachines(kind)},
			wire.Operation{Name: prefix + "_Get", Method: "GET", Path: at, Type: kind, View: getMachine(kind)},
			wire.Operation{Name: prefix + "_Update", Method: "PATCH", Path: at, Type: kind, Prepare: readJSON[machineBody]("VirtualMachineUpdate"), Update: patchMachine(kind)},
			wire.Operation{Name: prefix + "_Delete", Method: "DELETE", Path: at, Type: kind, Update: deleteMachine(kind)},
		)
	}
	slices.SortFunc(out, func(a, b wire.Operation) int { return strings.Compare(a.Name, b.Name) })
	return append(out, wire.Operation{
		Name: "Operations_Get", Method: "GET", Path: inSubscription("Microsoft.Compute/locations/{location}/operations/{operation}"),
		Action: "Microsoft.Compute/locations/operations/read", Filtered: true, View: pollAsync,
	})
}

// machineBody is what PATCH reads: tags and identity change, the rest is let through.
type machineBody struct {
	Tags     *map[string]string `json:"tags"`
	Identity *identityChange    `json:"identity"`

	ID         any `json:"id"`
	Name       any `json:"name"`
	Type       any `json:"type"`
	Location   any `json:"location"`
	Properties any `json:"properties"`
	SKU        any `json:"sku"`
	Plan       any `json:"plan"`
	Zones      any `json:"zones"`
	ETag       any `json:"etag"`
	Resources  any `json:"resources"`
}

// identityChange is an identity block: ids with {} are kept or added, ids with null go.
type identityChange struct {
	Type        *string                     `json:"type"`
	UserIDs     map[string]*json.RawMessage `json:"userAssignedIdentities"`
	PrincipalID any                         `json:"principalId"`
	TenantID    any                         `json:"tenantId"`
}

type machineAnswer struct {
	Name       string            `json:"name"`
	ID         string            `json:"id"`
	Type       string            `json:"type"`
	Location   string            `json:"location"`
	Tags       map[string]string `json:"tags,omitempty"`
	Identity   *identityBlock    `json:"identity,omitempty"`
	SKU        *machineSKU       `json:"sku,omitempty"`
	Properties any               `json:"properties"`
}

type identityBlock struct {
	Type        string                   `json:"type"`
	PrincipalID string                   `json:"principalId,omitempty"`
	TenantID    string                   `json:"tenantId,omitempty"`
	UserIDs     map[string]*assignedUser `json:"userAssignedIdentities,omitempty"`
}

type assignedUser struct {
	PrincipalID string `json:"principalId,omitempty"`
	ClientID    string `json:"clientId,omitempty"`
}

type machineSKU struct {
	Name     string `json:"name"`
	Tier     string `json:"tier"`
	Capacity int    `json:"capacity"`
}

// machineOf tells whether a stored machine is of an ARM type.
func machineOf(kind string, m state.Machine) bool {
	return m.Kind == state.MachineVM && kind == vmType || m.Kind == state.MachineVMSS && kind == setType
}

func findMachine(c *wire.Call, tx *state.Tx, kind string) (state.Machine, error) {
	if _, err := findGroup(c, tx); err != nil {
		return state.Machine{}, err
	}
	m, ok := tx.Machines.Get(armid.Resource(c.Var("subscription"), c.Var("group"), kind, c.Var("name")).Key())
	if !ok || !machineOf(kind, m) {
		return m, missing(c, kind, c.Var("name"))
	}
	return m, nil
}

// answerMachine shows a machine; fresh ids are those that a running update adds, which
// are not resolved yet.
func answerMachine(tx *state.Tx, m state.Machine, provisioning string, fresh []string) machineAnswer {
	a := machineAnswer{Name: m.Name, ID: m.ID, Location: m.Location, Tags: m.Tags, Identity: identityOf(tx, m, fresh)}
	if m.Kind == state.MachineVMSS {
		a.Type, a.SKU = setType, &machineSKU{"Standard_D2s_v5", "Standard", m.Instances}
		a.Properties = setProperties(m, provisioning)
		return a
	}
	a.Type, a.Properties = vmType, vmProperties(m, provisioning)
	return a
}

func identityOf(tx *state.Tx, m state.Machine, fresh []string) *identityBlock {
	b := &identityBlock{Type: identityKind(m.SystemPrincipal != "", len(m.UserIdentities) > 0)}
	if b.Type == "None" {
		return nil
	}
	if m.SystemPrincipal != "" {
		p, _ := tx.Principals.Get(m.SystemPrincipal)
		b.PrincipalID, b.TenantID = m.SystemPrincipal, p.TenantID
	}
	for _, id := range m.UserIdentities {
		if b.UserIDs == nil {
			b.UserIDs = map[string]*assignedUser{}
		}
		user := &assignedUser{}
		if i, ok := tx.Identities.Get(state.ResourceKey(id)); ok && !containsID(fresh, id) {
			user.PrincipalID, user.ClientID = i.PrincipalID, i.ClientID
		}
		b.UserIDs[id] = user
	}
	return b
}

// identityKind spells the kinds of identity as Compute does.
func identityKind(system, user bool) string {
	switch {
	case system && user:
		return "SystemAssigned, UserAssigned"
	case system:
		return "SystemAssigned"
	case user:
		return "UserAssigned"
	}
	return "None"
}

func containsID(ids []string, id string) bool {
	return slices.ContainsFunc(ids, func(other string) bool { return armid.Equal(other, id) })
}

func getMachine(kind string) func(*wire.Call, *state.Tx) (wire.Response, error) {
	return func(c *wire.Call, tx *state.Tx) (wire.Response, error) {
		m, err := findMachine(c, tx, kind)
		if err != nil {
			return wire.Response{}, err
		}
		return wire.OK(answerMachine(tx, m, "Succeeded", nil)), nil
	}
}

func listMachines(kind string) func(*wire.Call, *state.Tx) (wire.Response, error) {
	return func(c *wire.Call, tx *state.Tx) (wire.Response, error) {
		prefix, err := below(c, tx)
		if err != nil {
			return wire.Response{}, err
		}
		out := list[machineAnswer]{Value: []machineAnswer{}}
		for m := range tx.Machines.Prefix(prefix) {
			if machineOf(kind, m) {
				out.Value = append(out.Value, answerMachine(tx, m, "Succeeded", nil))
			}
		}
		return wire.OK(out), nil
	}
}

func deleteMachine(kind string) func(*wire.Call, *state.Tx) (wire.Response, error) {
	return func(c *wire.Call, tx *state.Tx) (wire.Response, error) {
		m, err := findMachine(c, tx, kind)
		if e, ok := err.(*apierr.Error); ok && e.Kind == apierr.ARMResourceNotFound { //nolint:errorlint // made just above
			return wire.Response{Status: http.StatusNoContent}, nil
		}
		if err != nil {
			return wire.Response{}, err
		}
		tx.Machines.Delete(state.ResourceKey(m.ID))
		tx.Principals.Delete(m.SystemPrincipal)
		forgetAssignments(tx, m.ID)
		return asyncAnswer(c, tx, "delete-machine", m, wire.Response{Status: http.StatusAccepted}), nil
	}
}

// asyncAnswer adds the header that clients poll by.
func asyncAnswer(c *wire.Call, tx *state.Tx, what string, m state.Machine, r wire.Response) wire.Response {
	op := start(c, tx, what, m.ID, c.Now)
	path := armid.Subscription(m.SubscriptionID).String() + "/providers/Microsoft.Compute/locations/" + m.Location + "/operations/" + op.ID
	return r.With("Azure-AsyncOperation", pollURL(c, path)).With("azure-asyncnotification", "Enabled").With("Retry-After", pollAfter)
}

// patchMachine changes tags and identities.
func patchMachine(kind string) func(*wire.Call, *state.Tx) (wire.Response, error) {
	return func(c *wire.Call, tx *state.Tx) (wire.Response, error) {
		body := c.Input.(machineBody)
		if _, err := writable(c, tx); err != nil {
			return wire.Response{}, err
		}
		m, err := findMachine(c, tx, kind)
		if err != nil {
			return wire.Response{}, err
		}
		if err := retag(&m.Tags, body.Tags); err != nil {
			return wire.Response{}, err
		}
		before := m.UserIdentities
		if body.Identity != nil {
			if m, err = reassign(c, tx, m, *body.Identity); err != nil {
				return wire.Response{}, err
			}
		}
		tx.Machines.Put(m)
		fresh := slices.DeleteFunc(slices.Clone(m.UserIdentities), func(id string) bool { return containsID(before, id) })
		return asyncAnswer(c, tx, "update-machine", m, wire.OK(answerMachine(tx, m, "Updating", fresh))), nil
	}
}
