package arm

import (
	"cmp"
	"context"
	"iter"
)

const vaults = "Microsoft.KeyVault/vaults"

// Vault is a key vault.
type Vault struct {
	ID         string            `json:"id,omitempty"`
	Name       string            `json:"name,omitempty"`
	Location   string            `json:"location"`
	Tags       map[string]string `json:"tags,omitempty"`
	Properties VaultProperties   `json:"properties"`
}

// VaultProperties say who may do what in a vault, and what happens to what is deleted.
type VaultProperties struct {
	// TenantID is required when a vault is made.
	TenantID string `json:"tenantId"`
	SKU      SKU    `json:"sku"`
	// RBAC makes roles count, and AccessPolicies not.
	RBAC     *bool          `json:"enableRbacAuthorization,omitempty"`
	Policies []AccessPolicy `json:"accessPolicies"`
	// SoftDelete is true for every new vault in Azure, and RetentionDays 7 to 90.
	SoftDelete      *bool `json:"enableSoftDelete,omitempty"`
	RetentionDays   int   `json:"softDeleteRetentionInDays,omitempty"`
	PurgeProtection *bool `json:"enablePurgeProtection,omitempty"`
	// CreateMode is empty, or recover.
	CreateMode string `json:"createMode,omitempty"`
	// URI is where the vault's secrets are, only read. It ends in a slash.
	URI   string `json:"vaultUri,omitempty"`
	State string `json:"provisioningState,omitempty"`
}

// AccessPolicy says what a principal may do in a vault that is not under RBAC.
type AccessPolicy struct {
	TenantID    string           `json:"tenantId"`
	ObjectID    string           `json:"objectId"`
	Permissions VaultPermissions `json:"permissions"`
}

// VaultPermissions are words such as get, list, set.
type VaultPermissions struct {
	Keys         []string `json:"keys,omitempty"`
	Secrets      []string `json:"secrets,omitempty"`
	Certificates []string `json:"certificates,omitempty"`
}

// VaultID is the id of a vault.
func (c *Client) VaultID(group, name string) string { return c.ResourceID(group, vaults, name) }

// Vault reads a vault: Vaults - Get.
func (c *Client) Vault(ctx context.Context, group, name string) (Vault, error) {
	var out Vault
	err := c.Get(ctx, c.VaultID(group, name), VersionKeyVault, &out)
	return out, err
}

// PutVault makes a vault, and waits until its name can be resolved, or replaces the one that is there, policies and
// all: Vaults - Create Or Update.
func (c *Client) PutVault(ctx context.Context, group, name string, v Vault) (Vault, error) {
	v.ID, v.Name, v.Location = "", "", c.location(v.Location)
	v.Properties.SKU = SKU{Name: cmp.Or(v.Properties.SKU.Name, "standard"), Family: "A"}
	v.Properties.URI, v.Properties.State = "", ""
	if v.Properties.Policies == nil {
		v.Properties.Policies = []AccessPolicy{}
	}
	op, err := c.Put(ctx, c.VaultID(group, name), VersionKeyVault, v)
	if err != nil {
		return Vault{}, err
	}
	var out Vault
	err = op.Wait(ctx, &out)
	return out, err
}

// AddPolicies adds permissions to what principals have in a vault: Vaults - Update Access Policy.
func (c *Client) AddPolicies(ctx context.Context, group, name string, p ...AccessPolicy) error {
	return c.policies(ctx, group, name, "add", p)
}

// RemovePolicies takes permissions away.
func (c *Client) RemovePolicies(ctx context.Context, group, name string, p ...AccessPolicy) error {
	return c.policies(ctx, group, name, "remove", p)
}

func (c *Client) policies(ctx context.Context, group, name, what string, p []AccessPolicy) error {
	op, err := c.Put(ctx, c.VaultID(group, name)+"/accessPolicies/"+what, VersionKeyVault,
		map[string]any{"properties": map[string]any{"accessPolicies": p}})
	if err != nil {
		return err
	}
	return op.Wait(ctx, nil)
}

// DeleteVault deletes a vault. Its name stays taken until it is purged, or its time is over.
func (c *Client) DeleteVault(ctx context.Context, group, name string) error {
	return c.gone(ctx, c.VaultID(group, name), VersionKeyVault)
}

// RecoverVault brings a deleted vault back, with all that was in it.
func (c *Client) RecoverVault(ctx context.Context, group, name string, v Vault) (Vault, error) {
	v.Properties.CreateMode = "recover"
	return c.PutVault(ctx, group, name, v)
}

// PurgeVault ends a deleted vault for good, and sets its name free: Vaults - Purge Deleted.
func (c *Client) PurgeVault(ctx context.Context, location, name string) (*Operation, error) {
	return c.Begin(ctx, c.SubscriptionID()+"/providers/Microsoft.KeyVault"+ID("locations", location, "deletedVaults", name, "purge"), VersionKeyVault, nil)
}

// Vaults lists the vaults of a group, or with "" of the subscription.
func (c *Client) Vaults(ctx context.Context, group string) iter.Seq2[Vault, error] {
	return List[Vault](ctx, c, c.under(group)+"/providers/"+vaults, VersionKeyVault, "")
}

// VaultName asks whether a name of a vault is free, in all of the cloud: Vaults - Check Name Availability.
func (c *Client) VaultName(ctx context.Context, name string) (Availability, error) {
	return c.available(ctx, vaults, name, VersionKeyVault)
}
