package arm

import (
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/armid"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// Types of the authorization provider: extension types, which stand at every scope.
const (
	assignmentType = "Microsoft.Authorization/roleAssignments"
	definitionType = "Microsoft.Authorization/roleDefinitions"
	permissionType = "Microsoft.Authorization/permissions"
	denyType       = "Microsoft.Authorization/denyAssignments"
	classicType    = "Microsoft.Authorization/classicAdministrators"
)

// authorizationOperations is the provider's map. Each operation stands twice, because
// the tenant root is a scope without a segment.
func authorizationOperations() []wire.Operation {
	ops := []wire.Operation{{Name: "ClassicAdministrators_List", Method: "GET", Path: inSubscription(classicType), Type: classicType, View: listNone}}
	for _, scope := range []string{"", "/{scope...}"} {
		at := func(kind string) string { return scope + "/providers/" + kind }
		// Whoever is in the directory may read the built-in roles at the root.
		open := scope == ""
		ops = append(ops,
			wire.Operation{Name: "RoleAssignments_ListForScope", Method: "GET", Path: at(assignmentType), Type: assignmentType, View: listAssignments},
			wire.Operation{Name: "RoleAssignments_Get", Method: "GET", Path: at(assignmentType) + "/{name}", Type: assignmentType, View: getAssignment},
			wire.Operation{Name: "RoleAssignments_Create", Method: "PUT", Path: at(assignmentType) + "/{name}", Type: assignmentType,
				Prepare: readJSON[assignmentBody]("RoleAssignment"), Update: putAssignment},
			wire.Operation{Name: "RoleAssignments_Delete", Method: "DELETE", Path: at(assignmentType) + "/{name}", Type: assignmentType, Update: deleteAssignment},
			wire.Operation{Name: "RoleDefinitions_List", Method: "GET", Path: at(definitionType), Type: definitionType, Filtered: open, View: listDefinitions},
			wire.Operation{Name: "RoleDefinitions_Get", Method: "GET", Path: at(definitionType) + "/{name}", Type: definitionType, Filtered: open, View: getDefinition},
			wire.Operation{Name: "RoleDefinitions_CreateOrUpdate", Method: "PUT", Path: at(definitionType) + "/{name}", Type: definitionType,
				Prepare: readJSON[definitionBody]("RoleDefinition"), Update: putDefinition},
			wire.Operation{Name: "RoleDefinitions_Delete", Method: "DELETE", Path: at(definitionType) + "/{name}", Type: definitionType, Update: deleteDefinition},
			wire.Operation{Name: "Permissions_List", Method: "GET", Path: at(permissionType), Type: permissionType, View: listPermissions},
			wire.Operation{Name: "DenyAssignments_ListForScope", Method: "GET", Path: at(denyType), Type: denyType, View: listNone},
		)
	}
	return ops
}

// place is the scope that an extension resource stands at.
type place struct {
	id armid.ID
	// text is the scope as the caller wrote it: answers repeat it so (ARM-AUTHZ-004).
	text string
}

// extend is the id of an extension resource there.
func (p place) extend(kind, name string) string {
	return strings.TrimSuffix(p.text, "/") + "/providers/" + kind + "/" + name
}

// scopeOf reads the scope off the path. Its group must be there.
func scopeOf(c *wire.Call, tx *state.Tx) (place, error) {
	p := place{text: "/" + c.Var("scope")}
	var err error
	if p.id, err = armid.Parse(p.text); err != nil || !strings.EqualFold(p.text, p.id.String()) {
		return p, wire.Refuse(apierr.ARMNotFound, c.Path)
	}
	if group := p.id.ResourceGroup(); group != "" {
		if _, ok := tx.Group(p.id.Subscription(), group, c.Now); !ok {
			return p, wire.Refuse(apierr.ARMGroupNotFound, group)
		}
	}
	return p, nil
}

// existing reads the scope off the path and refuses one where nothing is.
func existing(c *wire.Call, tx *state.Tx) (place, error) {
	p, err := scopeOf(c, tx)
	if err != nil || exists(tx, p.id, c.Now) {
		return p, err
	}
	group := p.id.ResourceGroup()
	if group == "" {
		group = "<null>"
	}
	text := p.id.String()
	below := text[strings.LastIndex(text, "/providers/")+len("/providers/"):]
	return p, wire.Refuse(apierr.ARMResourceNotFound, below, group)
}

// exists tells whether the thing with an id is there at an instant. Of the children of
// resources only those that the world keeps are looked for; others count as there when
// their parent is.
func exists(tx *state.Tx, id armid.ID, now time.Time) bool {
	switch kind := id.Type(); strings.ToLower(kind) {
	case strings.ToLower(armid.TypeTenant):
		return true
	case strings.ToLower(armid.TypeSubscription):
		return tx.Subscriptions.Has(strings.ToLower(id.Subscription()))
	case strings.ToLower(armid.TypeResourceGroup):
		_, ok := tx.Group(id.Subscription(), id.ResourceGroup(), now)
		return ok
	case "microsoft.storage/storageaccounts":
		a, ok := tx.Accounts.Get(strings.ToLower(id.Name()))
		return ok && armid.Equal(a.ID, id.String())
	case "microsoft.storage/storageaccounts/blobservices/containers":
		account := id.Parent().Parent()
		return exists(tx, account, now) && tx.Containers.Has(state.ContainerKey(strings.ToLower(account.Name()), id.Name()))
	case "microsoft.keyvault/vaults":
		v, ok := tx.Vaults.Get(state.VaultKey(id.Name()))
		return ok && armid.Equal(v.ID, id.String())
	case "microsoft.managedidentity/userassignedidentities":
		return tx.Identities.Has(state.ResourceKey(id.String()))
	case strings.ToLower(federatedType):
		i, ok := tx.Identities.Get(state.ResourceKey(id.Parent().String()))
		return ok && federatedAt(i, id.Name()) >= 0
	default:
		if strings.Count(kind, "/") > 1 {
			return exists(tx, id.Parent(), now)
		}
		return tx.Machines.Has(state.ResourceKey(id.String()))
	}
}

// listNone answers the lists of what a world never has: deny assignments and classic
// administrators (ARM-AUTHZ-054, ARM-AUTHZ-055).
func listNone(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := scopeOf(c, tx); err != nil {
		return wire.Response{}, err
	}
	return wire.OK(list[struct{}]{Value: []struct{}{}}), nil
}

// authzTime is how the provider writes instants.
func authzTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// nullable is a text that is null where there is none.
type nullable string

// MarshalJSON writes null for the empty text.
func (n nullable) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return wire.JSON(string(n))
}

// qualified is a role's id as answers write it: with the subscription that the request
// names, whatever the scope, and without one at the root (ARM-AUTHZ-037).
func qualified(at armid.ID, roleID string) string {
	var scope armid.ID
	if s := at.Subscription(); s != "" {
		scope = armid.Subscription(s)
	}
	return scope.Extend(definitionType, roleID).String()
}
