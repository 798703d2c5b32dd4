package advise

import (
	"errors"
	"time"
)

// Options say what to advise on. The zero value means all that was allowed, for everybody.
type Options struct {
	// IncludeRefused counts what was refused for lack of a right as well: what it would have taken.
	IncludeRefused bool
	// Principal limits the advice to one, by its object id.
	Principal string
	// Narrowest assigns roles on single secrets too.
	Narrowest bool
	// Merge lifts a role to the scope above where it would stand at so many scopes, or more, below
	// that; 0 never.
	Merge int
}

// ErrOptions is wrapped by errors about options that mean nothing.
var ErrOptions = errors.New("advice not understood")

// ErrProof is wrapped by the error of a plan that does not do what it should: a bug.
var ErrProof = errors.New("the advice does not hold")

// Plan is the advice.
type Plan struct {
	// At is the world's time.
	At time.Time `json:"at"`
	// Principals are those that did something, by kind and name.
	Principals []Principal `json:"principals"`
	// Notes are sentences about what the advice does not cover.
	Notes []string `json:"notes,omitempty"`
	Proof Proof    `json:"proof"`
}

// Proof is what replay found, on a fork in which the principals have what was advised and nothing else.
type Proof struct {
	// Needs were replayed, Allowed of them allowed: all.
	Needs   int `json:"needs"`
	Allowed int `json:"allowed"`
	// Grants, assignments and permissions, were dropped one at a time; dropping any of Necessary
	// refused a need: all.
	Grants    int `json:"grants"`
	Necessary int `json:"necessary"`
}

// Principal is what one principal needs.
type Principal struct {
	ObjectID string `json:"objectId"`
	ClientID string `json:"clientId"`
	TenantID string `json:"tenantId"`
	// Ref names the principal as world files do: machine/NAME, identity/NAME, application/NAME.
	Ref   string `json:"ref"`
	Needs []Need `json:"needs"`
	// Assignments are the roles to assign, the widest scope first.
	Assignments []Assignment `json:"assignments"`
	// Policies are access policies of vaults that decide by those.
	Policies []Policy `json:"policies,omitempty"`
	// Unmet are needs that no built-in role grants: they take a custom role.
	Unmet []Need `json:"unmet,omitempty"`
	// Surplus are the assignments that the principal has and that the plan does without.
	Surplus []Held `json:"surplus,omitempty"`
}

// Need is a right that was asked for.
type Need struct {
	// Action is an action, where Data is set a data action; of a vault's access policy it is a
	// family and a permission, such as secrets/get, and Policy is set.
	Action string `json:"action"`
	Data   bool   `json:"data,omitempty"`
	Policy bool   `json:"policy,omitempty"`
	// Scope is the id of what was acted on, Place where a grant for it belongs.
	Scope string `json:"scope"`
	Place string `json:"place"`
	// Times counts how often it was asked for, Refused how often of those in vain.
	Times   int `json:"times"`
	Refused int `json:"refused,omitempty"`
}

// Assignment is a role to assign.
type Assignment struct {
	Role   string `json:"role"`
	RoleID string `json:"roleId"`
	Scope  string `json:"scope"`
	// For are the needs that it grants.
	For []Need `json:"for"`
	// Merged are the scopes below that it stands for, where it was lifted.
	Merged []string `json:"merged,omitempty"`
	// There tells that the principal has it already.
	There bool `json:"there,omitempty"`
}

// Policy is the access policy that a principal needs in a vault: its permissions, sorted.
type Policy struct {
	Vault        string   `json:"vault"`
	VaultID      string   `json:"vaultId"`
	Keys         []string `json:"keys,omitempty"`
	Secrets      []string `json:"secrets,omitempty"`
	Certificates []string `json:"certificates,omitempty"`
	Storage      []string `json:"storage,omitempty"`
	// Surplus are the permissions that the principal has there beside, such as secrets/delete.
	Surplus []string `json:"surplus,omitempty"`
}

// Held is an assignment that there is.
type Held struct {
	ID     string `json:"id"`
	Role   string `json:"role"`
	RoleID string `json:"roleId"`
	Scope  string `json:"scope"`
	// Group is the object id of the directory group through which the principal has it.
	Group string `json:"group,omitempty"`
	// Wider tells that it grants something that was done, more widely than advised; otherwise
	// nothing that was done rests on it.
	Wider bool `json:"wider,omitempty"`
}
