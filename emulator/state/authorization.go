package state

import "time"

// RoleDefinition is a named set of permissions. Built-in roles are data
// (fixtures/roles) and are merged by the reader, not stored; only custom roles
// live in the store.
//
// Source: arm.md 6.1.
type RoleDefinition struct {
	// ID is the GUID of the role, lower case.
	ID string
	// Name is the role's display name, such as "Reader".
	Name        string
	Description string
	// BuiltIn tells "BuiltInRole" from "CustomRole".
	BuiltIn bool
	// AssignableScopes are resource ids at or below which the role may be assigned.
	AssignableScopes []string
	Permissions      []Permission
	CreatedOn        time.Time
	UpdatedOn        time.Time
	CreatedBy        string
	UpdatedBy        string
}

// Permission is one entry of a role. A notAction takes away from the actions of
// the same entry only.
type Permission struct {
	Actions          []string
	NotActions       []string
	DataActions      []string
	NotDataActions   []string
	ConditionVersion string
	Condition        string
}

// RoleAssignment binds a principal to a role at a scope.
//
// Source: arm.md 6.3.
type RoleAssignment struct {
	// ID is the GUID that names the assignment, lower case.
	ID string
	// Scope is the resource id the assignment stands at, as the caller wrote it;
	// "/" is the tenant root.
	Scope string
	// RoleID is the GUID of the role definition, lower case.
	RoleID string
	// PrincipalID is the object id of a user, group or service principal, lower case.
	PrincipalID string
	// PrincipalType is User, Group or ServicePrincipal.
	PrincipalType    string
	Description      string
	Condition        string
	ConditionVersion string
	CreatedOn        time.Time
	UpdatedOn        time.Time
	CreatedBy        string
	UpdatedBy        string
	// EffectiveFrom is when the assignment starts to count, by the world's clock:
	// Azure spreads assignments within minutes, and a world may imitate that.
	EffectiveFrom time.Time
}
