package arm

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/linarite/linarite/clientlib"
)

const authorization = "/providers/Microsoft.Authorization"

// RoleDefinition is a role: built in, or custom.
type RoleDefinition struct {
	ID string `json:"id,omitempty"`
	// Name is the GUID that ends the id.
	Name       string         `json:"name,omitempty"`
	Properties RoleProperties `json:"properties"`
}

// RoleProperties say what a role allows.
type RoleProperties struct {
	// RoleName is what people call it: "Storage Blob Data Reader".
	RoleName    string `json:"roleName"`
	Description string `json:"description,omitempty"`
	// Type is BuiltInRole or CustomRole.
	Type             string       `json:"type,omitempty"`
	Permissions      []Permission `json:"permissions"`
	AssignableScopes []string     `json:"assignableScopes"`
}

// Permission is what is allowed, and what is taken away from that.
type Permission struct {
	Actions        []string `json:"actions,omitempty"`
	NotActions     []string `json:"notActions,omitempty"`
	DataActions    []string `json:"dataActions,omitempty"`
	NotDataActions []string `json:"notDataActions,omitempty"`
}

// RoleByName finds a role that can be assigned at a scope by what people call it: Role Definitions - List.
func (c *Client) RoleByName(ctx context.Context, scope, name string) (RoleDefinition, error) {
	filter := "roleName eq " + quoted(name)
	for role, err := range List[RoleDefinition](ctx, c, strings.TrimSuffix(scope, "/")+authorization+"/roleDefinitions", VersionAuthorization, filter) {
		if err != nil || strings.EqualFold(role.Properties.RoleName, name) {
			return role, err
		}
	}
	return RoleDefinition{}, fmt.Errorf("arm: no role is called %q at %s", name, scope)
}

// PutRole makes or changes a custom role: Role Definitions - Create Or Update. Its Name is a GUID; if it is empty, it is
// made from the scope and the role's name, so that the same call twice makes one role.
func (c *Client) PutRole(ctx context.Context, scope string, r RoleDefinition) (RoleDefinition, error) {
	name := r.Name
	if name == "" {
		name = guidOf(strings.TrimSuffix(scope, "/"), r.Properties.RoleName)
	}
	r.ID, r.Name, r.Properties.Type = "", "", "CustomRole"
	if len(r.Properties.AssignableScopes) == 0 {
		r.Properties.AssignableScopes = []string{scope}
	}
	op, err := c.Put(ctx, strings.TrimSuffix(scope, "/")+authorization+ID("roleDefinitions", name), VersionAuthorization, r)
	if err != nil {
		return RoleDefinition{}, err
	}
	var out RoleDefinition
	err = op.Wait(ctx, &out)
	return out, err
}

// DeleteRole deletes a custom role by its id.
func (c *Client) DeleteRole(ctx context.Context, id string) error {
	return c.gone(ctx, id, VersionAuthorization)
}

// Assignment is a role that somebody has at a scope and below.
type Assignment struct {
	ID string `json:"id,omitempty"`
	// Name is the GUID that ends the id.
	Name       string               `json:"name,omitempty"`
	Properties AssignmentProperties `json:"properties"`
}

// AssignmentProperties say who, what and where.
type AssignmentProperties struct {
	// RoleDefinitionID is a role's id, PrincipalID the object id of an identity, a user or a group.
	RoleDefinitionID string `json:"roleDefinitionId"`
	PrincipalID      string `json:"principalId"`
	// PrincipalType is ServicePrincipal for identities and applications, User or Group.
	PrincipalType string `json:"principalType,omitempty"`
	Scope         string `json:"scope,omitempty"`
}

// Assign gives a principal a role at a scope: Role Assignments - Create. Done twice, it is done once: the assignment's
// name is made from who, what and where, and one that is there under another name is good too.
//
// principalType is ServicePrincipal if empty. With it, a principal that was made a moment ago may be assigned to
// before it is known everywhere ("Troubleshoot Azure RBAC", Microsoft documentation). Where Resource Manager answers
// PrincipalNotFound all the same, it is asked every 5 seconds for up to 3 minutes, as the Azure CLI does; once only if
// Retry.Tries is 1. It may take 10 minutes until the role counts.
func (c *Client) Assign(ctx context.Context, scope, roleDefinitionID, principalID, principalType string) (Assignment, error) {
	if principalType == "" {
		principalType = "ServicePrincipal"
	}
	scope = strings.TrimSuffix(scope, "/")
	role := roleDefinitionID[strings.LastIndexByte(roleDefinitionID, '/')+1:]
	want := Assignment{Properties: AssignmentProperties{RoleDefinitionID: roleDefinitionID, PrincipalID: principalID, PrincipalType: principalType}}
	op, err := c.putAssignment(ctx, scope+authorization+ID("roleAssignments", guidOf(scope, role, principalID)), want)
	if clientlib.HasCode(err, "RoleAssignmentExists") {
		return c.assigned(ctx, scope, role, principalID)
	}
	if err != nil {
		return Assignment{}, err
	}
	var out Assignment
	err = op.Wait(ctx, &out)
	return out, err
}

// putAssignment makes an assignment, and waits for a principal that is not known yet.
func (c *Client) putAssignment(ctx context.Context, id string, want Assignment) (*Operation, error) {
	const pause, longest = 5 * time.Second, 3 * time.Minute
	o := c.pipeline.Options()
	for began := o.Clock.Now(); ; {
		op, err := c.Put(ctx, id, VersionAuthorization, want)
		if !clientlib.HasCode(err, "PrincipalNotFound") || o.Retry.Tries == 1 || o.Clock.Now().Sub(began) >= longest {
			return op, err
		}
		if ended := clientlib.Sleep(ctx, o.Clock, pause); ended != nil {
			return nil, fmt.Errorf("%w (%w)", err, ended)
		}
	}
}

// AssignRole is Assign with a role by its name, for an identity or an application.
func (c *Client) AssignRole(ctx context.Context, scope, roleName, principalID string) (Assignment, error) {
	role, err := c.RoleByName(ctx, scope, roleName)
	if err != nil {
		return Assignment{}, err
	}
	return c.Assign(ctx, scope, role.ID, principalID, "")
}

// assigned finds the assignment that stands in the way of another one.
func (c *Client) assigned(ctx context.Context, scope, role, principal string) (Assignment, error) {
	for a, err := range c.Assignments(ctx, scope, principal) {
		if err != nil {
			return Assignment{}, err
		}
		if SameID(a.Properties.Scope, scope) && strings.HasSuffix(strings.ToLower(a.Properties.RoleDefinitionID), "/"+strings.ToLower(role)) {
			return a, nil
		}
	}
	return Assignment{}, fmt.Errorf("arm: the role assignment exists already, and the list at %s does not show it", scope)
}

// Assignments lists role assignments at, above and below a scope; those of one principal unless that is "":
// Role Assignments - List For Scope.
func (c *Client) Assignments(ctx context.Context, scope, principalID string) iter.Seq2[Assignment, error] {
	filter := ""
	if principalID != "" {
		filter = "principalId eq " + quoted(principalID)
	}
	return List[Assignment](ctx, c, strings.TrimSuffix(scope, "/")+authorization+"/roleAssignments", VersionAuthorization, filter)
}

// Unassign deletes a role assignment by its id.
func (c *Client) Unassign(ctx context.Context, id string) error {
	return c.gone(ctx, id, VersionAuthorization)
}

// quoted is a text as filters have it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// guidOf makes a GUID from texts, without regard to case: the same from the same.
func guidOf(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.Join(texts, "\n"))))
	b := sum[:16]
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80 // RFC 9562: version 8, custom
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
