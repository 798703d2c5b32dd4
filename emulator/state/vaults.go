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

var vaults = &definition[Vault]{
	name: "vaults",
	key:  func(v Vault) string { return strings.ToLower(v.Name) },
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

// SecretKey is the key of a version of a secret: the versions of a secret lie together.
func SecretKey(vault, name, version string) string {
	return strings.ToLower(vault+"\x00"+name) + "\x00" + version
}

var secrets = &definition[Secret]{
	name: "secrets",
	key:  func(s Secret) string { return SecretKey(s.Vault, s.Name, s.Version) },
	clone: func(s Secret) Secret {
		s.Tags = maps.Clone(s.Tags)
		return s
	},
}
