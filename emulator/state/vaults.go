package state

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Vault is a key vault. Its name is its key: names are unique in all of Azure.
type Vault struct {
	// ID is the ARM id, in the spelling of its creation.
	ID             string
	Name           string
	SubscriptionID string
	ResourceGroup  string
	Location       string
	TenantID       string
	// SKU is standard or premium.
	SKU  string
	Tags map[string]string
	// RBAC makes role assignments decide on the data plane; otherwise Policies do.
	RBAC     bool
	Policies []AccessPolicy
	// SoftDelete keeps deleted objects for RetentionDays.
	SoftDelete                                                                   bool
	RetentionDays                                                                int
	PurgeProtection                                                              bool
	EnabledForDeployment, EnabledForDiskEncryption, EnabledForTemplateDeployment *bool
	PublicNetworkAccess                                                          string
	CreatedAt                                                                    time.Time
	UpdatedAt                                                                    time.Time
	CreatedBy                                                                    string
	UpdatedBy                                                                    string
}

// AccessPolicy gives a principal permissions on the objects of a vault. Permissions are
// in the service's own spelling.
type AccessPolicy struct {
	TenantID      string
	ObjectID      string
	ApplicationID string
	Keys          []string
	Secrets       []string
	Certificates  []string
	Storage       []string
}

// Secret is one version of a secret.
type Secret struct {
	// Vault is the vault's name, lower case.
	Vault string
	// Name is in the spelling of the first set; it compares without regard to case.
	Name string
	// Version is 32 lower-case hex digits.
	Version     string
	Value       string
	ContentType string
	Tags        map[string]string
	Enabled     bool
	// NotBefore and Expires are zero where not set.
	NotBefore time.Time
	Expires   time.Time
	Created   time.Time
	Updated   time.Time
	// Seq orders the versions of a secret: the greatest is the current one.
	Seq int
}

// DeletedSecret marks a secret of a vault with soft delete as deleted: its versions stay
// where they are until it is recovered, purged or past its time.
type DeletedSecret struct {
	// Vault is the vault's name, lower case.
	Vault string
	// Name is in the spelling of the secret.
	Name    string
	Deleted time.Time
	// Purge is when the service purges the secret by itself.
	Purge time.Time
}

var vaults = &definition[Vault]{
	name: "vaults",
	key:  func(v Vault) string { return VaultKey(v.Name) },
	clone: func(v Vault) Vault {
		v.Tags = maps.Clone(v.Tags)
		v.Policies = slices.Clone(v.Policies)
		for i, p := range v.Policies {
			p.Keys, p.Secrets = slices.Clone(p.Keys), slices.Clone(p.Secrets)
			p.Certificates, p.Storage = slices.Clone(p.Certificates), slices.Clone(p.Storage)
			v.Policies[i] = p
		}
		return v
	},
	indexes: []func(Vault) string{func(v Vault) string { return GroupKey(v.SubscriptionID, v.ResourceGroup) }},
}

// VaultKey is the key of a vault.
func VaultKey(vault string) string { return strings.ToLower(vault) }

// SecretsOf is what the keys of a vault's secrets begin with.
func SecretsOf(vault string) string { return VaultKey(vault) + "\x00" }

// VersionsOf is what the keys of a secret's versions begin with: they lie together, in
// the order of their names.
func VersionsOf(vault, name string) string { return SecretsOf(vault) + strings.ToLower(name) + "\x00" }

// SecretKey is the key of a version of a secret.
func SecretKey(vault, name, version string) string { return VersionsOf(vault, name) + version }

// DeletedSecretKey is the key of the mark of a deleted secret.
func DeletedSecretKey(vault, name string) string { return SecretsOf(vault) + strings.ToLower(name) }

var secrets = &definition[Secret]{
	name: "secrets",
	key:  func(s Secret) string { return SecretKey(s.Vault, s.Name, s.Version) },
	clone: func(s Secret) Secret {
		s.Tags = maps.Clone(s.Tags)
		return s
	},
}

var deletedSecrets = &definition[DeletedSecret]{
	name: "deletedSecrets",
	key:  func(d DeletedSecret) string { return DeletedSecretKey(d.Vault, d.Name) },
}
