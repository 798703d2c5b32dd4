package arm

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/rbac"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

const vaultType = "Microsoft.KeyVault/vaults"

func vaultOperations() []wire.Operation {
	at := under(vaultType) + "/{vault}"
	policies := readJSON[policiesBody]("VaultAccessPolicyParameters")
	return []wire.Operation{
		{
			Name: "Vaults_CheckNameAvailability", Method: "POST", Path: inSubscription("Microsoft.KeyVault/checkNameAvailability"), Type: vaultType,
			Action: "Microsoft.KeyVault/checkNameAvailability/read", Prepare: readJSON[nameCheck]("VaultCheckNameAvailabilityParameters"), View: checkVaultName,
		},
		{Name: "Vaults_ListByResourceGroup", Method: "GET", Path: under(vaultType), Type: vaultType, View: listVaults},
		{Name: "Vaults_ListBySubscription", Method: "GET", Path: inSubscription(vaultType), Type: vaultType, View: listVaults},
		{Name: "Vaults_Get", Method: "GET", Path: at, Type: vaultType, View: getVault},
		{Name: "Vaults_CreateOrUpdate", Method: "PUT", Path: at, Type: vaultType, Prepare: readJSON[vaultBody]("VaultCreateOrUpdateParameters"), Update: putVault},
		{Name: "Vaults_Update", Method: "PATCH", Path: at, Type: vaultType, Prepare: readJSON[vaultBody]("VaultPatchParameters"), Update: patchVault},
		{Name: "Vaults_Delete", Method: "DELETE", Path: at, Type: vaultType, Update: deleteVault},
		{Name: "Vaults_UpdateAccessPolicy", Method: "PUT", Path: at + "/accessPolicies/{operation}", Type: vaultType, Action: vaultType + "/accessPolicies/write", Prepare: policies, Update: changePolicies},
		{Name: "Vaults_ListDeleted", Method: "GET", Path: inSubscription("Microsoft.KeyVault/deletedVaults"), Type: "Microsoft.KeyVault/deletedVaults", View: listDeletedVaults},
		{
			Name: "Vaults_GetDeleted", Method: "GET", Path: inSubscription("Microsoft.KeyVault/locations/{location}/deletedVaults/{vault}"), Type: "Microsoft.KeyVault/deletedVaults",
			Action: "Microsoft.KeyVault/locations/deletedVaults/read", View: getDeletedVault,
		},
	}
}

var vaultName = regexp.MustCompile(`^[a-zA-Z](?:-?[a-zA-Z0-9])+$`)

func validVaultName(name string) bool {
	return len(name) >= 3 && len(name) <= 24 && vaultName.MatchString(name)
}

func checkVaultName(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	name := c.Input.(nameCheck).Name
	switch {
	case !validVaultName(name):
		return wire.OK(nameAnswer{Reason: "AccountNameInvalid", Message: apierr.New(apierr.ARMVaultName, name).Message}), nil
	case tx.Vaults.Has(strings.ToLower(name)):
		return wire.OK(nameAnswer{Reason: "AlreadyExists", Message: apierr.New(apierr.ARMVaultTaken, name).Message}), nil
	}
	return wire.OK(nameAnswer{Available: true}), nil
}

func findVault(c *wire.Call, tx *state.Tx) (state.Vault, error) {
	if _, err := findGroup(c, tx); err != nil {
		return state.Vault{}, err
	}
	v, ok := tx.Vaults.Get(strings.ToLower(c.Var("vault")))
	if !ok || !sameGroup(c, v.SubscriptionID, v.ResourceGroup) {
		return v, missing(c, vaultType, c.Var("vault"))
	}
	return v, nil
}

func getVault(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	v, err := findVault(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	return wire.OK(answerVault(c, v, false)), nil
}

func listVaults(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	prefix, err := below(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	out := list[vaultAnswer]{Value: []vaultAnswer{}}
	for v := range tx.Vaults.All() {
		if strings.HasPrefix(state.ResourceKey(v.ID), prefix) {
			out.Value = append(out.Value, answerVault(c, v, false))
		}
	}
	return wire.OK(out), nil
}

// putVault creates or replaces. The answer to both is 200.
func putVault(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	body := c.Input.(vaultBody)
	g, err := writable(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	location, err := located(c, vaultType, body.Location)
	if err != nil {
		return wire.Response{}, err
	}
	if body.Properties == nil {
		return wire.Response{}, wire.Refuse(apierr.ARMContentInvalid, "Required property 'properties' not found in JSON. Path '', line 1, position 2.")
	}
	name := c.Var("vault")
	v, exists := tx.Vaults.Get(strings.ToLower(name))
	switch {
	case exists && !sameGroup(c, v.SubscriptionID, v.ResourceGroup):
		return wire.Response{}, wire.Refuse(apierr.ARMVaultTaken, name)
	case exists && v.Location != location:
		return wire.Response{}, elsewhere(v.Name, v.Location, g.Name, location)
	case !exists && !validVaultName(name):
		return wire.Response{}, wire.Refuse(apierr.ARMVaultName, name)
	case !exists:
		v = state.Vault{
			ID: idIn(g, vaultType, name).String(), Name: name, SubscriptionID: g.SubscriptionID, ResourceGroup: g.Name, Location: location,
			SoftDelete: true, RetentionDays: 90, RBAC: c.Version >= "2026-02-01", PublicNetworkAccess: "Enabled", CreatedAt: c.Now, CreatedBy: c.Caller.ObjectID(),
		}
	}
	if err := changeVault(c, tx, &v, *body.Properties, true); err != nil {
		return wire.Response{}, err
	}
	if err := retag(&v.Tags, body.Tags); err != nil {
		return wire.Response{}, err
	}
	tx.Vaults.Put(v)
	return wire.OK(answerVault(c, v, !exists)), nil
}

func patchVault(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	body := c.Input.(vaultBody)
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	v, err := findVault(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	if body.Properties != nil {
		if err := changeVault(c, tx, &v, *body.Properties, false); err != nil {
			return wire.Response{}, err
		}
	}
	if err := retag(&v.Tags, body.Tags); err != nil {
		return wire.Response{}, err
	}
	tx.Vaults.Put(v)
	return wire.OK(answerVault(c, v, false)), nil
}

// changeVault merges properties into a vault; whole tells a PUT, which must name tenant
// and SKU, and replaces the policies.
func changeVault(c *wire.Call, tx *state.Tx, v *state.Vault, p vaultProperties, whole bool) error {
	if whole && (!ids.IsGUID(p.TenantID) || p.SKU == nil) {
		return wire.Refuse(apierr.ARMVaultBadRequest, "The parameters tenantId and sku are required, tenantId as a GUID.")
	}
	if p.TenantID != "" {
		v.TenantID = strings.ToLower(p.TenantID)
	}
	if p.SKU != nil {
		sku, ok := one([]string{"standard", "premium"}, p.SKU.Name)
		if !ok {
			return wire.Refuse(apierr.ARMVaultBadRequest, "The sku must be standard or premium.")
		}
		v.SKU = sku
	}
	if p.Policies != nil || whole {
		policies, err := readPolicies(p.Policies)
		if err != nil {
			return err
		}
		v.Policies = policies
	}
	if p.RBAC != nil && *p.RBAC != v.RBAC {
		if err := mayChangeMode(c, tx, v); err != nil {
			return err
		}
		v.RBAC = *p.RBAC
	}
	if err := changeRetention(v, p); err != nil {
		return err
	}
	set(&v.EnabledForDeployment, p.ForDeployment)
	set(&v.EnabledForDiskEncryption, p.ForDisks)
	set(&v.EnabledForTemplateDeployment, p.ForTemplates)
	if p.PublicNetworkAccess != "" {
		v.PublicNetworkAccess = p.PublicNetworkAccess
	}
	v.UpdatedAt, v.UpdatedBy = c.Now, c.Caller.ObjectID()
	return nil
}

func set[T any](to **T, given *T) {
	if given != nil {
		value := *given
		*to = &value
	}
}

// mayChangeMode: changing who decides takes the right to assign roles. A vault that is
// being made has no mode to change.
func mayChangeMode(c *wire.Call, tx *state.Tx, v *state.Vault) error {
	if !tx.Vaults.Has(strings.ToLower(v.Name)) {
		return nil
	}
	const action = "Microsoft.Authorization/roleAssignments/write"
	d := rbac.Decide(c.Facts(tx), rbac.Query{PrincipalID: c.Caller.ObjectID(), Action: action, Scope: v.ID, Now: c.Now})
	c.DecidedToo(d)
	if d.Allowed {
		return nil
	}
	return wire.Refuse(apierr.ARMVaultModeForbidden, c.Caller.ObjectID(), v.ID)
}

func changeRetention(v *state.Vault, p vaultProperties) error {
	fresh := v.UpdatedAt.IsZero()
	if p.SoftDelete != nil && fresh {
		v.SoftDelete = *p.SoftDelete
	}
	if p.RetentionDays != nil {
		if !fresh && *p.RetentionDays != v.RetentionDays {
			return wire.Refuse(apierr.ARMVaultBadRequest, `The property "softDeleteRetentionInDays" has been set already and it can't be modified.`)
		}
		v.RetentionDays = *p.RetentionDays
	}
	if p.PurgeProtection != nil {
		if v.PurgeProtection && !*p.PurgeProtection {
			return wire.Refuse(apierr.ARMVaultBadRequest, `The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.`)
		}
		v.PurgeProtection = *p.PurgeProtection
	}
	return nil
}

func deleteVault(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	v, ok := tx.Vaults.Get(strings.ToLower(c.Var("vault")))
	if !ok || !sameGroup(c, v.SubscriptionID, v.ResourceGroup) {
		return wire.Response{Status: http.StatusNoContent}, nil
	}
	removeVault(tx, v.Name)
	forgetAssignments(tx, v.ID)
	return wire.Response{}, nil
}

// No vault is kept after its deletion yet.

func listDeletedVaults(*wire.Call, *state.Tx) (wire.Response, error) {
	return wire.OK(list[struct{}]{Value: []struct{}{}}), nil
}

func getDeletedVault(*wire.Call, *state.Tx) (wire.Response, error) {
	return wire.Response{}, wire.Refuse(apierr.ARMVaultDeletedNotFound)
}

// milliseconds is how this provider writes instants: without trailing zeros.
func milliseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.999Z") }
