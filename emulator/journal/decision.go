package journal

import (
	"strings"

	"github.com/linarite/linarite/emulator/armid"
)

// Reason says in one word why an authorisation decision fell as it did.
type Reason string

// The reasons of a Decision.
const (
	// ReasonAllowed: an assignment at or above the scope grants the action.
	ReasonAllowed Reason = "allowed"
	// ReasonNoAssignment: the principal has no assignment that has anything to do with
	// the action or the scope.
	ReasonNoAssignment Reason = "no-assignment"
	// ReasonElsewhere: an assignment would grant the action, but at a scope that
	// does not contain the one asked for.
	ReasonElsewhere Reason = "assignment-elsewhere"
	// ReasonPending: an assignment will grant the action, but is not yet effective.
	ReasonPending Reason = "assignment-pending"
	// ReasonCondition: a role in scope grants the action, but the role or its assignment
	// has a condition, and conditions are not evaluated: they never grant.
	ReasonCondition Reason = "condition-not-evaluated"
	// ReasonExcluded: a role in scope names the action, and takes it back by notActions.
	ReasonExcluded Reason = "excluded-by-not-actions"
	// ReasonWrongKind: a role in scope names the action among its actions where a
	// data action is needed, or the other way round.
	ReasonWrongKind Reason = "wrong-kind-of-action"
	// ReasonRoleLacks: the roles in scope do not name the action.
	ReasonRoleLacks Reason = "role-lacks-action"
	// ReasonPolicy: the data plane's own access policy decided (Key Vault policies).
	ReasonPolicy Reason = "access-policy"
)

// Reasons lists every Reason: the one list.
func Reasons() []Reason {
	return []Reason{
		ReasonAllowed, ReasonNoAssignment, ReasonElsewhere, ReasonPending, ReasonCondition, ReasonExcluded, ReasonWrongKind, ReasonRoleLacks, ReasonPolicy,
	}
}

// Decision is the answer to "may this principal do this here", with what it rests on.
// It is a plain value: it can be stored, printed and compared.
type Decision struct {
	Allowed bool `json:"allowed"`
	// Principal is the object id of the caller.
	Principal string `json:"principal"`
	// Action is the action or data action asked for, such as
	// "Microsoft.Resources/subscriptions/resourceGroups/read".
	Action string `json:"action"`
	// Data is true where Action is a data action.
	Data bool `json:"data,omitempty"`
	// Scope is the resource id acted on.
	Scope  string `json:"scope"`
	Reason Reason `json:"reason"`
	// Assignment is the one that allowed the action, or else the nearest to doing so.
	Assignment *Assignment `json:"assignment,omitempty"`
	// Considered counts the assignments that were looked at.
	Considered int `json:"considered"`
}

// Rule is the id of the rule by which the decision fell; empty for access policies, whose
// refusals name their own.
func (d *Decision) Rule() string {
	switch d.Reason {
	case ReasonAllowed:
		return "RBAC-EVAL-005"
	case ReasonNoAssignment:
		return "RBAC-EVAL-001"
	case ReasonElsewhere:
		return d.scopeRule()
	case ReasonPending:
		return "RBAC-EVAL-023"
	case ReasonCondition:
		return "RBAC-EVAL-025"
	case ReasonExcluded:
		if d.Data {
			return "RBAC-EVAL-008"
		}
		return "RBAC-EVAL-003"
	case ReasonWrongKind:
		return "RBAC-EVAL-006"
	case ReasonRoleLacks:
		return "RBAC-EVAL-002"
	}
	return ""
}

// scopeRule says which rule on scopes keeps the nearest assignment from counting.
func (d *Decision) scopeRule() string {
	if d.Assignment == nil {
		return ""
	}
	at, err := armid.Parse(d.Assignment.Scope)
	asked, err2 := armid.Parse(d.Scope)
	switch {
	case err != nil || err2 != nil:
	case at.ResourceGroup() != "" && asked.ResourceGroup() == "":
		return "RBAC-SCOPE-005" // a group, asked was the subscription
	case at.ResourceGroup() != "" && !strings.EqualFold(at.ResourceGroup(), asked.ResourceGroup()):
		return "RBAC-SCOPE-006" // another group
	case at.Type() != armid.TypeResourceGroup && at.ResourceGroup() != "":
		return "RBAC-SCOPE-007" // a neighbour in the group
	}
	return "RBAC-SCOPE-008"
}

// Assignment is a role assignment as a Decision cites it.
type Assignment struct {
	ID string `json:"id"`
	// Role is the display name, RoleID the GUID.
	Role   string `json:"role"`
	RoleID string `json:"roleId"`
	Scope  string `json:"scope"`
	// Through is the object id of the group by which the principal has it, empty when direct.
	Through string `json:"through,omitempty"`
}
