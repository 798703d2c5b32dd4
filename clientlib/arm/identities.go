package arm

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

const identities = "Microsoft.ManagedIdentity/userAssignedIdentities"

// Identity is a user-assigned managed identity.
type Identity struct {
	ID         string             `json:"id,omitempty"`
	Name       string             `json:"name,omitempty"`
	Location   string             `json:"location"`
	Tags       map[string]string  `json:"tags,omitempty"`
	Properties IdentityProperties `json:"properties,omitzero"`
}

// IdentityProperties are only read.
type IdentityProperties struct {
	TenantID string `json:"tenantId"`
	// PrincipalID is who roles are given to, ClientID what programs name.
	PrincipalID string `json:"principalId"`
	ClientID    string `json:"clientId"`
}

// IdentityID is the id of a user-assigned identity.
func (c *Client) IdentityID(group, name string) string { return c.ResourceID(group, identities, name) }

// Identity reads a user-assigned identity: User Assigned Identities - Get.
func (c *Client) Identity(ctx context.Context, group, name string) (Identity, error) {
	var out Identity
	err := c.Get(ctx, c.IdentityID(group, name), VersionIdentity, &out)
	return out, err
}

// PutIdentity makes a user-assigned identity, or sets the tags of the one that is there: User Assigned Identities -
// Create Or Update.
func (c *Client) PutIdentity(ctx context.Context, group, name string, i Identity) (Identity, error) {
	op, err := c.Put(ctx, c.IdentityID(group, name), VersionIdentity, Identity{Location: c.location(i.Location), Tags: i.Tags})
	if err != nil {
		return Identity{}, err
	}
	var out Identity
	err = op.Wait(ctx, &out)
	return out, err
}

// DeleteIdentity deletes a user-assigned identity. Machines keep naming it, and its role assignments stay.
func (c *Client) DeleteIdentity(ctx context.Context, group, name string) error {
	return c.gone(ctx, c.IdentityID(group, name), VersionIdentity)
}

// Identities lists the user-assigned identities of a group, or with "" of the subscription.
func (c *Client) Identities(ctx context.Context, group string) iter.Seq2[Identity, error] {
	return List[Identity](ctx, c, c.under(group)+"/providers/"+identities, VersionIdentity, "")
}

// Federation lets tokens of a foreign issuer stand for an identity: workload identity.
type Federation struct {
	// Name is the credential's, only read.
	Name      string   `json:"-"`
	Issuer    string   `json:"issuer"`
	Subject   string   `json:"subject"`
	Audiences []string `json:"audiences"`
}

// PutFederation makes or changes a federated credential of a user-assigned identity: Federated Identity Credentials -
// Create Or Update. Azure refuses two at once under one identity.
func (c *Client) PutFederation(ctx context.Context, group, identity, name string, f Federation) error {
	op, err := c.Put(ctx, c.IdentityID(group, identity)+ID("federatedIdentityCredentials", name), VersionIdentity, map[string]any{"properties": f})
	if err != nil {
		return err
	}
	return op.Wait(ctx, nil)
}

// DeleteFederation deletes a federated credential of a user-assigned identity: Federated Identity Credentials - Delete.
func (c *Client) DeleteFederation(ctx context.Context, group, identity, name string) error {
	return c.gone(ctx, c.IdentityID(group, identity)+ID("federatedIdentityCredentials", name), VersionIdentity)
}

// Federations lists the federated credentials of a user-assigned identity: Federated Identity Credentials - List.
func (c *Client) Federations(ctx context.Context, group, identity string) iter.Seq2[Federation, error] {
	return func(yield func(Federation, error) bool) {
		type item struct {
			Name       string
			Properties Federation
		}
		for i, err := range List[item](ctx, c, c.IdentityID(group, identity)+"/federatedIdentityCredentials", VersionIdentity, "") {
			i.Properties.Name = i.Name
			if !yield(i.Properties, err) {
				return
			}
		}
	}
}

// Kinds of machines.
const (
	VirtualMachine = "Microsoft.Compute/virtualMachines"
	ScaleSet       = "Microsoft.Compute/virtualMachineScaleSets"
)

// MachineIdentity is the identities that a machine has.
type MachineIdentity struct {
	// Type is SystemAssigned, UserAssigned, "SystemAssigned, UserAssigned" or None.
	Type string `json:"type"`
	// PrincipalID is of the system-assigned identity.
	PrincipalID string `json:"principalId,omitempty"`
	TenantID    string `json:"tenantId,omitempty"`
	// UserAssigned are by resource id, in whatever case somebody has written it.
	UserAssigned map[string]IdentityProperties `json:"userAssignedIdentities,omitempty"`
}

// System tells whether there is a system-assigned identity.
func (m MachineIdentity) System() bool {
	return strings.Contains(strings.ToLower(m.Type), "systemassigned")
}

// Machine is a virtual machine or a scale set.
type Machine struct {
	ID       string            `json:"id"`
	Name     string            `json:"name"`
	Location string            `json:"location"`
	Tags     map[string]string `json:"tags,omitempty"`
	Identity MachineIdentity   `json:"identity"`
}

// MachineID is the id of a machine; kind is VirtualMachine or ScaleSet.
func (c *Client) MachineID(group, kind, name string) string { return c.ResourceID(group, kind, name) }

// Machine reads a machine by its id: Virtual Machines - Get.
func (c *Client) Machine(ctx context.Context, id string) (Machine, error) {
	var out Machine
	err := c.Get(ctx, id, VersionCompute, &out)
	return out, err
}

// AssignIdentity gives a machine a user-assigned identity, beside what it has: the system-assigned one and others
// stay. It is there for the machine's metadata service when the operation is done: Virtual Machines - Update. The
// instances of a scale set whose upgrade policy is manual have it once they are updated themselves.
func (c *Client) AssignIdentity(ctx context.Context, machine, identity string) (Machine, error) {
	return c.changeIdentity(ctx, machine, identity, true)
}

// UnassignIdentity takes a user-assigned identity from a machine.
func (c *Client) UnassignIdentity(ctx context.Context, machine, identity string) (Machine, error) {
	return c.changeIdentity(ctx, machine, identity, false)
}

func (c *Client) changeIdentity(ctx context.Context, machine, identity string, assign bool) (Machine, error) {
	m, err := c.Machine(ctx, machine)
	if err != nil {
		return Machine{}, err
	}
	others, key := 0, ""
	for id := range m.Identity.UserAssigned {
		if SameID(id, identity) {
			key = id
		} else {
			others++
		}
	}
	if assign == (key != "") {
		return m, nil
	}
	type change struct {
		Type         string                     `json:"type"`
		UserAssigned map[string]json.RawMessage `json:"userAssignedIdentities,omitempty"`
	}
	want := change{UserAssigned: map[string]json.RawMessage{identity: json.RawMessage("{}")}}
	if !assign {
		want.UserAssigned = map[string]json.RawMessage{key: json.RawMessage("null")}
	}
	switch user := assign || others > 0; {
	case user && m.Identity.System():
		want.Type = "SystemAssigned, UserAssigned"
	case user:
		want.Type = "UserAssigned"
	case m.Identity.System():
		want = change{Type: "SystemAssigned"}
	default:
		want = change{Type: "None"}
	}
	op, err := c.Patch(ctx, machine, VersionCompute, map[string]any{"identity": want})
	if err != nil {
		return Machine{}, fmt.Errorf("the identities of %s: %w", machine, err)
	}
	var out Machine
	err = op.Wait(ctx, &out)
	return out, err
}
