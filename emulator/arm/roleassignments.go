package arm

import (
	"net/http"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/sabotage"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// assignmentBody is what PUT reads. The members that only answers have change nothing.
type assignmentBody struct {
	Properties *struct {
		RoleDefinitionID string  `json:"roleDefinitionId"`
		PrincipalID      string  `json:"principalId"`
		PrincipalType    *string `json:"principalType"`
		Description      *string `json:"description"`
		Condition        *string `json:"condition"`
		ConditionVersion *string `json:"conditionVersion"`

		DelegatedIdentity any `json:"delegatedManagedIdentityResourceId"`
		CanDelegate       any `json:"canDelegate"`
		Scope             any `json:"scope"`
		CreatedOn         any `json:"createdOn"`
		UpdatedOn         any `json:"updatedOn"`
		CreatedBy         any `json:"createdBy"`
		UpdatedBy         any `json:"updatedBy"`
	} `json:"properties"`
	ID   any `json:"id"`
	Name any `json:"name"`
	Type any `json:"type"`
}

// assignmentAnswer has the member order of the service. Which properties it has depends
// on the api-version (ARM-AUTHZ-007, ARM-AUTHZ-008).
type assignmentAnswer struct {
	Properties assignmentProperties `json:"properties"`
	ID         string               `json:"id"`
	Type       string               `json:"type"`
	Name       string               `json:"name"`
}

type assignmentProperties struct {
	RoleDefinitionID  string    `json:"roleDefinitionId"`
	PrincipalID       string    `json:"principalId"`
	PrincipalType     string    `json:"principalType,omitempty"`
	Scope             string    `json:"scope"`
	Condition         *nullable `json:"condition,omitempty"`
	ConditionVersion  *nullable `json:"conditionVersion,omitempty"`
	CreatedOn         string    `json:"createdOn"`
	UpdatedOn         string    `json:"updatedOn"`
	CreatedBy         nullable  `json:"createdBy"`
	UpdatedBy         nullable  `json:"updatedBy"`
	DelegatedIdentity *nullable `json:"delegatedManagedIdentityResourceId,omitempty"`
	Description       *nullable `json:"description,omitempty"`
}

// The first api-versions whose answers have principalType, and conditions with what
// came along with them.
const (
	principalTypeSince = "2018"
	conditionSince     = "2020"
)

func answerAssignment(c *wire.Call, at armid.ID, a state.RoleAssignment) assignmentAnswer {
	p := assignmentProperties{
		RoleDefinitionID: qualified(at, a.RoleID), PrincipalID: a.PrincipalID, Scope: a.Scope,
		CreatedOn: authzTime(a.CreatedOn), UpdatedOn: authzTime(a.UpdatedOn), CreatedBy: nullable(a.CreatedBy), UpdatedBy: nullable(a.UpdatedBy),
	}
	if c.Version >= principalTypeSince {
		p.PrincipalType = a.PrincipalType
	}
	if c.Version >= conditionSince {
		condition, version, description := nullable(a.Condition), nullable(a.ConditionVersion), nullable(a.Description)
		p.Condition, p.ConditionVersion, p.Description, p.DelegatedIdentity = &condition, &version, &description, new(nullable)
	}
	return assignmentAnswer{Properties: p, ID: place{text: a.Scope}.extend(assignmentType, a.ID), Type: assignmentType, Name: a.ID}
}

// putLag is by how much the answer to a PUT dates the creation before the update, an
// update's answer too: about what was recorded. Reads show the true instant.
const putLag = time.Second

// answerPut is the answer to a PUT: it does not know yet who created the assignment, and
// dates the creation by the request itself (ARM-AUTHZ-009).
func answerPut(c *wire.Call, at armid.ID, a state.RoleAssignment) wire.Response {
	a.CreatedBy, a.CreatedOn = "", a.UpdatedOn
	if c.Version >= conditionSince {
		a.CreatedOn = a.UpdatedOn.Add(-putLag)
	}
	return wire.Response{Status: http.StatusCreated, Body: answerAssignment(c, at, a)}
}

// findAssignment looks for the assignment that the path names: it must stand at that
// very scope.
func findAssignment(c *wire.Call, tx *state.Tx) (place, state.RoleAssignment, bool, error) {
	at, err := scopeOf(c, tx)
	a, ok := tx.Assignments.Get(strings.ToLower(c.Var("name")))
	return at, a, ok && armid.Equal(a.Scope, at.text), err
}

func getAssignment(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, a, ok, err := findAssignment(c, tx)
	switch {
	case err != nil:
		return wire.Response{}, err
	case !ok:
		return wire.Response{}, wire.Refuse(apierr.AuthzAssignmentMissing, c.Var("name"))
	}
	return wire.OK(answerAssignment(c, at.id, a)), nil
}

// listAssignments shows the assignments at the scope, above and below, as the filter says.
func listAssignments(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, err := scopeOf(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	match, err := assignmentFilter(tx, c.Query.Get("$filter"), at.text)
	if err != nil {
		return wire.Response{}, err
	}
	out := list[assignmentAnswer]{Value: []assignmentAnswer{}}
	for a := range tx.Assignments.All() {
		if match(a) {
			out.Value = append(out.Value, answerAssignment(c, at.id, a))
		}
	}
	return wire.OK(out), nil
}

// maxAssignments is how many a subscription may have, documented.
const maxAssignments = 4000

// putAssignment creates an assignment, or changes its condition and description: the
// rest of an assignment is fixed.
func putAssignment(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, err := existing(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	asked, err := askedAssignment(c, tx, at)
	if err != nil {
		return wire.Response{}, err
	}
	a, exists := tx.Assignments.Get(asked.ID)
	switch {
	case exists && !sameGrant(a, asked):
		return wire.Response{}, wire.Refuse(apierr.AuthzAssignmentUpdate)
	case exists:
		asked.Scope, asked.CreatedOn, asked.CreatedBy, asked.EffectiveFrom = a.Scope, a.CreatedOn, a.CreatedBy, a.EffectiveFrom
	default:
		if err := roomFor(tx, asked, at.id); err != nil {
			return wire.Response{}, err
		}
	}
	tx.Assignments.Put(asked)
	return answerPut(c, at.id, asked), nil
}

// askedAssignment is the assignment that the request asks for, as if it were new.
func askedAssignment(c *wire.Call, tx *state.Tx, at place) (state.RoleAssignment, error) {
	none := state.RoleAssignment{}
	p := c.Input.(assignmentBody).Properties
	switch name := c.Var("name"); {
	case !ids.IsGUID(name):
		return none, wire.Refuse(apierr.AuthzAssignmentID, name)
	case p == nil:
		return none, wire.Refuse(apierr.AuthzBadFormat)
	case !ids.IsGUID(p.PrincipalID):
		return none, wire.Refuse(apierr.AuthzPrincipalInvalid)
	}
	roleID, err := roleOf(tx, p.RoleDefinitionID, at.id)
	if err != nil {
		return none, err
	}
	principal := strings.ToLower(p.PrincipalID)
	kind, err := principalType(c, tx, principal, deref(p.PrincipalType))
	if err != nil {
		return none, err
	}
	return state.RoleAssignment{
		ID: strings.ToLower(c.Var("name")), Scope: at.text, RoleID: roleID, PrincipalID: principal, PrincipalType: kind,
		Description: deref(p.Description), Condition: deref(p.Condition), ConditionVersion: deref(p.ConditionVersion),
		CreatedOn: c.Now, UpdatedOn: c.Now, CreatedBy: c.Caller.ObjectID(), UpdatedBy: c.Caller.ObjectID(),
		EffectiveFrom: c.Now.Add(tx.Switches().RolePropagation),
	}, nil
}

// roleOf reads a role's id, in whatever scope it is qualified, and finds the role among
// those that may be assigned at the scope.
func roleOf(tx *state.Tx, given string, at armid.ID) (string, error) {
	id, err := armid.Parse(given)
	if err != nil || !strings.EqualFold(id.Type(), definitionType) {
		return "", wire.Refuse(apierr.AuthzBadFormat)
	}
	if !ids.IsGUID(id.Name()) {
		return "", wire.Refuse(apierr.AuthzRoleID, id.Name())
	}
	role, ok := rbac.FactsOf(tx).RoleDefinition(id.Name())
	if !ok || !assignable(role, at.String()) {
		return "", wire.Refuse(apierr.AuthzRoleMissing, id.Name())
	}
	return role.ID, nil
}

// principalType finds out what a principal is, and compares with what the request says
// it is. A principal that the directory does not know is taken for what the request
// says, because directories lag (ARM-AUTHZ-017).
func principalType(c *wire.Call, tx *state.Tx, id, said string) (string, error) {
	var is string
	switch {
	case tx.Principals.Has(id):
		is = "ServicePrincipal"
	case tx.DirectoryGroups.Has(id):
		is = "Group"
	default:
		for app := range tx.Applications.All() {
			if strings.EqualFold(app.ObjectID, id) {
				return "", wire.Refuse(apierr.AuthzApplication)
			}
		}
	}
	switch known, ok := canonicalPrincipalType(said); {
	case said == "" && is == "":
		return "", wire.Refuse(apierr.AuthzPrincipalNotFound, hex32(id), c.Caller.TenantID())
	case said == "":
		return is, nil
	case !ok:
		return "", wire.Refuse(apierr.AuthzBadFormat)
	case is != "" && is != known:
		return "", wire.Refuse(apierr.AuthzPrincipalType, hex32(id), is, known)
	default:
		return known, nil
	}
}

// canonicalPrincipalType spells a principal type as the service does.
func canonicalPrincipalType(said string) (string, bool) {
	for _, known := range []string{"User", "Group", "ServicePrincipal", "ForeignGroup", "Device"} {
		if strings.EqualFold(said, known) {
			return known, true
		}
	}
	return "", false
}

// hex32 is a GUID as the provider's messages write it: without dashes.
func hex32(guid string) string { return strings.ReplaceAll(strings.ToLower(guid), "-", "") }

// sameGrant tells whether two assignments give the same role to the same principal at
// the same scope.
func sameGrant(a, b state.RoleAssignment) bool {
	return a.RoleID == b.RoleID && a.PrincipalID == b.PrincipalID && armid.Equal(a.Scope, b.Scope)
}

// roomFor refuses an assignment that exists already under another id, and one too many.
func roomFor(tx *state.Tx, asked state.RoleAssignment, at armid.ID) error {
	for a := range tx.RoleAssignmentsOf(asked.PrincipalID) {
		if sameGrant(a, asked) {
			return wire.Refuse(apierr.AuthzAssignmentExists, hex32(a.ID))
		}
	}
	if at.Subscription() == "" || tx.Assignments.Len() < maxAssignments {
		return nil
	}
	count := 0
	for a := range tx.Assignments.All() {
		if armid.Contains(armid.Subscription(at.Subscription()).String(), a.Scope) {
			count++
		}
	}
	if count >= maxAssignments {
		return wire.Refuse(apierr.AuthzAssignmentLimit)
	}
	return nil
}

// deleteAssignment answers with what it deleted, as of the deletion.
func deleteAssignment(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	at, a, ok, err := findAssignment(c, tx)
	switch {
	case err != nil:
		return wire.Response{}, err
	case !ok:
		return wire.Response{Status: http.StatusNoContent}, nil
	case lastAdmin(tx, a):
		return wire.Response{}, wire.Refuse(apierr.AuthzLastAdmin)
	}
	if !sabotage.On(sabotage.RBACDeleted) {
		tx.Assignments.Delete(a.ID)
	}
	a.UpdatedOn, a.UpdatedBy = c.Now, c.Caller.ObjectID()
	return wire.OK(answerAssignment(c, at.id, a)), nil
}

// lastAdmin tells whether an assignment is the only one at its subscription, inherited
// ones not counted, by which somebody may assign roles.
func lastAdmin(tx *state.Tx, a state.RoleAssignment) bool {
	scope, err := armid.Parse(a.Scope)
	if err != nil || scope.Type() != armid.TypeSubscription || !adminRole(a.RoleID) {
		return false
	}
	for other := range tx.Assignments.All() {
		if other.ID != a.ID && adminRole(other.RoleID) && armid.Equal(other.Scope, a.Scope) {
			return false
		}
	}
	return true
}

// adminRole tells Owner and User Access Administrator.
func adminRole(id string) bool {
	return id == "8e3af657-a8ff-443c-a75c-2fe8c4bcb635" || id == "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
}
