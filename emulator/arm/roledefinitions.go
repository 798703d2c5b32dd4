package arm

import (
	"net/http"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
	"github.com/linarite/linarite/fixtures/roles"
)

// definitionBody is what PUT reads. The members that only answers have change nothing.
type definitionBody struct {
	Properties *struct {
		RoleName         string             `json:"roleName"`
		Description      string             `json:"description"`
		Type             string             `json:"type"`
		Permissions      []permissionAnswer `json:"permissions"`
		AssignableScopes []string           `json:"assignableScopes"`

		CreatedOn any `json:"createdOn"`
		UpdatedOn any `json:"updatedOn"`
		CreatedBy any `json:"createdBy"`
		UpdatedBy any `json:"updatedBy"`
	} `json:"properties"`
	ID   any `json:"id"`
	Name any `json:"name"`
	Type any `json:"type"`
}

// definitionAnswer has the member order of the service.
type definitionAnswer struct {
	Properties definitionProperties `json:"properties"`
	ID         string               `json:"id"`
	Type       string               `json:"type"`
	Name       string               `json:"name"`
}

type definitionProperties struct {
	RoleName         string             `json:"roleName"`
	Type             string             `json:"type"`
	Description      nullable           `json:"description"`
	AssignableScopes []string           `json:"assignableScopes"`
	Permissions      []permissionAnswer `json:"permissions"`
	CreatedOn        string             `json:"createdOn"`
	UpdatedOn        string             `json:"updatedOn"`
	CreatedBy        nullable           `json:"createdBy"`
	UpdatedBy        nullable           `json:"updatedBy"`
}

const customRole = "CustomRole"

func roleType(r state.RoleDefinition) string {
	if r.BuiltIn {
		return "BuiltInRole"
	}
	return customRole
}

func answerDefinition(at armid.ID, r state.RoleDefinition) definitionAnswer {
	return definitionAnswer{
		Properties: definitionProperties{
			RoleName: r.Name, Type: roleType(r), Description: nullable(r.Description), AssignableScopes: shown(r.AssignableScopes), Permissions: answerPermissions(r.Permissions),
			CreatedOn: authzTime(r.CreatedOn), UpdatedOn: authzTime(r.UpdatedOn), CreatedBy: nullable(r.CreatedBy), UpdatedBy: nullable(r.UpdatedBy),
		},
		ID: qualified(at, r.ID), Type: definitionType, Name: r.ID,
	}
}

func getDefinition(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, err := scopeOf(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	r, ok := rbac.FactsOf(tx).RoleDefinition(c.Var("name"))
	if !ok {
		return wire.Response{}, wire.Refuse(apierr.AuthzRoleMissing, c.Var("name"))
	}
	return wire.OK(answerDefinition(at.id, r)), nil
}

// listDefinitions shows custom roles before the built-in ones.
func listDefinitions(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, err := scopeOf(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	match, err := definitionFilter(c.Query.Get("$filter"), at.text)
	if err != nil {
		return wire.Response{}, err
	}
	out := list[definitionAnswer]{Value: []definitionAnswer{}}
	for r := range tx.Roles.All() {
		if match(r) {
			out.Value = append(out.Value, answerDefinition(at.id, r))
		}
	}
	for _, r := range rbac.BuiltInRoles() {
		if match(r) {
			out.Value = append(out.Value, answerDefinition(at.id, r))
		}
	}
	return wire.OK(out), nil
}

// maxRoles is how many custom roles a tenant may have, documented.
const maxRoles = 5000

// putDefinition creates or replaces a custom role: 201 either way (ARM-AUTHZ-042).
func putDefinition(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, err := scopeOf(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	asked, err := askedDefinition(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if old, ok := tx.Roles.Get(asked.ID); ok {
		asked.CreatedOn, asked.CreatedBy = old.CreatedOn, old.CreatedBy
	} else if tx.Roles.Len() >= maxRoles {
		return wire.Response{}, wire.Refuse(apierr.AuthzRoleLimit)
	}
	tx.Roles.Put(asked)
	asked.CreatedOn, asked.CreatedBy = asked.UpdatedOn, ""
	return wire.Response{Status: http.StatusCreated, Body: answerDefinition(at.id, asked)}, nil
}

// askedDefinition is the role that the request asks for, as if it were new.
func askedDefinition(c *wire.Call, tx *state.Tx) (state.RoleDefinition, error) {
	r := state.RoleDefinition{ID: strings.ToLower(c.Var("name")), CreatedOn: c.Now, UpdatedOn: c.Now, CreatedBy: c.Caller.ObjectID(), UpdatedBy: c.Caller.ObjectID()}
	p := c.Input.(definitionBody).Properties
	switch {
	case !ids.IsGUID(r.ID):
		return r, wire.Refuse(apierr.AuthzRoleID, c.Var("name"))
	case p == nil || p.RoleName == "" || len(p.Permissions) == 0 || len(p.AssignableScopes) == 0 || p.Type != "" && !strings.EqualFold(p.Type, customRole):
		return r, wire.Refuse(apierr.AuthzBadFormat)
	}
	r.Name, r.Description, r.AssignableScopes = p.RoleName, p.Description, p.AssignableScopes
	for _, e := range p.Permissions {
		r.Permissions = append(r.Permissions, state.Permission(e))
	}
	for i, s := range p.AssignableScopes {
		if err := checkAssignableScope(c, tx, r.ID, i, s); err != nil {
			return r, err
		}
	}
	if err := notBuiltIn(r.ID); err != nil {
		return r, err
	}
	return r, uniqueName(tx, r)
}

// checkAssignableScope refuses what a custom role cannot be assignable at, and scopes at
// which the caller may not define roles.
func checkAssignableScope(c *wire.Call, tx *state.Tx, role string, index int, scope string) error {
	id, err := armid.Parse(scope)
	if err != nil || id.Type() != armid.TypeSubscription && id.Type() != armid.TypeResourceGroup {
		return wire.Refuse(apierr.AuthzRoleScope, scope, index)
	}
	return allow(c, tx, definitionType+"/write", id.Extend(definitionType, role).String())
}

// notBuiltIn refuses to touch a built-in role.
func notBuiltIn(id string) error {
	if r, ok := roles.ByID(id); ok {
		return wire.Refuse(apierr.AuthzBuiltInRole, r.Name)
	}
	return nil
}

// uniqueName refuses a name that another role of the tenant has.
func uniqueName(tx *state.Tx, r state.RoleDefinition) error {
	if _, ok := roles.ByName(r.Name); ok {
		return wire.Refuse(apierr.AuthzRoleName)
	}
	for other := range tx.Roles.All() {
		if other.ID != r.ID && strings.EqualFold(other.Name, r.Name) {
			return wire.Refuse(apierr.AuthzRoleName)
		}
	}
	return nil
}

// deleteDefinition answers with what it deleted. A role in use stays.
func deleteDefinition(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, err := scopeOf(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if err := notBuiltIn(c.Var("name")); err != nil {
		return wire.Response{}, err
	}
	r, ok := tx.Roles.Get(strings.ToLower(c.Var("name")))
	if !ok {
		return wire.Response{Status: http.StatusNoContent}, nil
	}
	for a := range tx.Assignments.All() {
		if a.RoleID == r.ID {
			return wire.Response{}, wire.Refuse(apierr.AuthzRoleInUse, r.Name)
		}
	}
	tx.Roles.Delete(r.ID)
	return wire.OK(answerDefinition(at.id, r)), nil
}
