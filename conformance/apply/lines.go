package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/linarite/linarite/clientlib/arm"
	"github.com/linarite/linarite/conformance/ledger"
)

// typeOf is the type of the resource that a line of a kind names, as arm.ParseID reads it; "" for a resource group.
func typeOf(kind string) (want string, known bool) {
	want, known = map[string]string{
		"group":           "",
		"identity":        "Microsoft.ManagedIdentity/userAssignedIdentities",
		"federation":      "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
		"storageAccount":  "Microsoft.Storage/storageAccounts",
		"container":       "Microsoft.Storage/storageAccounts/blobServices/containers",
		"blob":            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs",
		"vault":           "Microsoft.KeyVault/vaults",
		"secret":          "Microsoft.KeyVault/vaults/secrets",
		"policy":          "Microsoft.KeyVault/vaults/accessPolicies",
		deployerPolicy:    "Microsoft.KeyVault/vaults/accessPolicies",
		"role":            "Microsoft.Authorization/roleDefinitions",
		"roleAssignment":  "Microsoft.Authorization/roleAssignments",
		deployerRole:      "Microsoft.Authorization/roleAssignments",
		"machineIdentity": arm.VirtualMachine,
	}[kind]
	return want, known
}

// odd says why a line is none that Apply writes, "" if it may be one: a ledger is a file, and whoever can write to it
// must not thereby choose what a sweep deletes.
func odd(e ledger.Entry) string {
	id := e.ID
	if e.Kind == "machineIdentity" || e.Kind == deployerPolicy {
		id, _, _ = strings.Cut(id, "#")
	}
	p, err := arm.ParseID(id)
	want, known := typeOf(e.Kind)
	switch {
	case !known:
		return "nobody knows how to delete a " + e.Kind
	case err != nil:
		return err.Error()
	case e.Kind == "machineIdentity" && strings.EqualFold(p.Type, arm.ScaleSet):
		return ""
	case !strings.EqualFold(p.Type, want) || want == "" && p.Group == "":
		return "it is no id of a " + e.Kind
	}
	return ""
}

// foreignAssignment tells whether a role assignment is there, and why it is none that Apply makes, whose names follow
// from what they say.
func foreignAssignment(ctx context.Context, c *arm.Client, id string) (there bool, why string, err error) {
	var is arm.Assignment
	err = c.Get(ctx, id, arm.VersionAuthorization, &is)
	if missing(err) {
		return false, "", nil // no more than a line in the ledger
	}
	if err != nil {
		return false, "", err
	}
	role := is.Properties.RoleDefinitionID
	want := guid("assignment", strings.TrimSuffix(is.Properties.Scope, "/"), role[strings.LastIndexByte(role, '/')+1:], is.Properties.PrincipalID)
	if !strings.EqualFold(is.Name, want) {
		return true, fmt.Sprintf("linarite apply would have called it %s", want), nil
	}
	return true, "", nil
}
