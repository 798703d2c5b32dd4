package state

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Subscription is where resource groups live.
type Subscription struct {
	// ID is the subscription's GUID, lower case.
	ID          string
	TenantID    string
	DisplayName string
	// State is Enabled, Warned, PastDue, Disabled or Deleted.
	State string
}

// ResourceGroup is a resource group. Names compare without regard to case; the
// spelling of the first PUT is kept.
type ResourceGroup struct {
	SubscriptionID string
	Name           string
	// Location is normalised: lower case, no blanks.
	Location  string
	ManagedBy string
	// Tags is nil where none were ever given: such a group shows no tags member.
	Tags map[string]string
	// GoneAt is the instant from which a group that was deleted is gone; until then it
	// shows itself as Deleting. Zero for a group that is there to stay.
	GoneAt time.Time
}

// Deleting tells whether the group was deleted and is not gone yet.
func (g ResourceGroup) Deleting() bool { return !g.GoneAt.IsZero() }

// MachineKind is where code with a managed identity runs.
type MachineKind string

// The kinds of Machine.
const (
	MachineVM         MachineKind = "vm"
	MachineVMSS       MachineKind = "vmss"
	MachineAppService MachineKind = "appservice"
	MachineArc        MachineKind = "arc"
	MachineAKS        MachineKind = "aks"
)

// Machine is a host with managed identities: what IMDS speaks for.
type Machine struct {
	// ID is the ARM id, in the spelling of its creation.
	ID             string
	Name           string
	SubscriptionID string
	ResourceGroup  string
	Kind           MachineKind
	Location       string
	// Instances counts the instances of a scale set, 1 otherwise.
	Instances int
	// Address is the IP address by which IMDS tells callers apart, empty where the
	// way in tells.
	Address string
	// VMID is the machine's GUID.
	VMID string
	// SystemPrincipal is the object id of the system-assigned identity, empty without.
	SystemPrincipal string
	// UserIdentities are the ARM ids of the user-assigned identities.
	UserIdentities []string
	Tags           map[string]string
}

// HasIdentity tells whether the user-assigned identity is assigned to the machine.
func (m Machine) HasIdentity(identityID string) bool {
	return slices.ContainsFunc(m.UserIdentities, func(id string) bool { return strings.EqualFold(id, identityID) })
}

// Identity is a user-assigned managed identity.
type Identity struct {
	// ID is the ARM id; this provider spells "resourcegroups" in lower case.
	ID             string
	Name           string
	SubscriptionID string
	ResourceGroup  string
	Location       string
	TenantID       string
	ClientID       string
	PrincipalID    string
	Tags           map[string]string
	Federated      []FederatedCredential
}

// Switches are Azure's awkward truths, off unless asked for.
type Switches struct {
	// RolePropagation delays the effect of a new role assignment.
	RolePropagation time.Duration
	// EventualDelete keeps deleted things visible in lists for so long.
	EventualDelete time.Duration
	// IMDSReadyAfter makes IMDS answer 410 for so long after the world's start.
	IMDSReadyAfter time.Duration
	// TokenLife is the life of a managed identity's token; zero means 24 hours.
	TokenLife time.Duration
}

var subscriptions = &definition[Subscription]{
	name: "subscriptions",
	key:  func(s Subscription) string { return strings.ToLower(s.ID) },
}

// GroupKey is the key of a resource group.
func GroupKey(subscriptionID, name string) string {
	return strings.ToLower(subscriptionID) + "/" + strings.ToLower(name)
}

var resourceGroups = &definition[ResourceGroup]{
	name: "resourceGroups",
	key:  func(g ResourceGroup) string { return GroupKey(g.SubscriptionID, g.Name) },
	clone: func(g ResourceGroup) ResourceGroup {
		g.Tags = maps.Clone(g.Tags)
		return g
	},
}

// ResourceKey is the key of anything that has an ARM id.
func ResourceKey(id string) string { return strings.ToLower(id) }

var machines = &definition[Machine]{
	name: "machines",
	key:  func(m Machine) string { return ResourceKey(m.ID) },
	clone: func(m Machine) Machine {
		m.UserIdentities = slices.Clone(m.UserIdentities)
		m.Tags = maps.Clone(m.Tags)
		return m
	},
}

var identities = &definition[Identity]{
	name: "identities",
	key:  func(i Identity) string { return ResourceKey(i.ID) },
	clone: func(i Identity) Identity {
		i.Tags = maps.Clone(i.Tags)
		i.Federated = cloneFederated(i.Federated)
		return i
	},
}

var roles = &definition[RoleDefinition]{
	name:  "roleDefinitions",
	key:   func(r RoleDefinition) string { return strings.ToLower(r.ID) },
	clone: RoleDefinition.clone,
}

var assignments = &definition[RoleAssignment]{
	name:    "roleAssignments",
	key:     func(a RoleAssignment) string { return strings.ToLower(a.ID) },
	indexes: []func(RoleAssignment) string{func(a RoleAssignment) string { return strings.ToLower(a.PrincipalID) }},
}

func (r RoleDefinition) clone() RoleDefinition {
	r.AssignableScopes = slices.Clone(r.AssignableScopes)
	r.Permissions = slices.Clone(r.Permissions)
	for i, p := range r.Permissions {
		p.Actions = slices.Clone(p.Actions)
		p.NotActions = slices.Clone(p.NotActions)
		p.DataActions = slices.Clone(p.DataActions)
		p.NotDataActions = slices.Clone(p.NotDataActions)
		r.Permissions[i] = p
	}
	return r
}
