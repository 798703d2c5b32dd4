package suite

import (
	"strings"

	"github.com/linarite/linarite/clientlib/cloud"
)

// World is what a run has on its target: names and addresses, never a secret, so that it can
// be handed from one process to another.
type World struct {
	// RunID is in the name and the tags of everything that the run makes.
	RunID string `json:"runId"`
	// Expires is when everybody may delete what the run has left.
	Expires string `json:"expires,omitempty"`
	Cloud   string `json:"cloud"`
	// Tenant, Subscription and Group are where it stands; Location is the group's.
	Tenant       string `json:"tenant,omitempty"`
	Subscription string `json:"subscription,omitempty"`
	Group        string `json:"group,omitempty"`
	Location     string `json:"location,omitempty"`
	// Account is a storage account, of StorageV2, that takes https only; Vault a key vault whose
	// own policies decide, RBACVault one where role assignments do. Both soft-delete.
	Account   string `json:"account,omitempty"`
	Vault     string `json:"vault,omitempty"`
	RBACVault string `json:"rbacVault,omitempty"`
	// Machine is the resource id of the virtual machine that the metadata service speaks for,
	// MachinePrincipal the object id of its own identity, which is the deployer's too where the
	// target says so. It may read and write data in Account and both vaults.
	Machine          string `json:"machine,omitempty"`
	MachinePrincipal string `json:"machinePrincipal,omitempty"`
	// Spare is the resource id of a machine without a purpose, whose identities may come and go.
	Spare string `json:"spare,omitempty"`
	// Endpoints are the base URLs, without a slash at the end; Blob is the account's own.
	IMDS       string `json:"imds,omitempty"`
	Login      string `json:"login,omitempty"`
	ARM        string `json:"arm,omitempty"`
	Graph      string `json:"graph,omitempty"`
	Blob       string `json:"blob,omitempty"`
	AppService string `json:"appService,omitempty"`
	// VaultURL has %s for the name of a vault.
	VaultURL string `json:"vaultUrl,omitempty"`
}

// CloudData is the cloud of the world.
func (w World) CloudData() cloud.Cloud {
	c, ok := cloud.ByName(w.Cloud)
	if !ok {
		c = cloud.Public()
	}
	return c
}

// SubscriptionID is the resource id of the subscription.
func (w World) SubscriptionID() string { return "/subscriptions/" + w.Subscription }

// GroupID is the resource id of the run's group.
func (w World) GroupID() string { return w.SubscriptionID() + "/resourceGroups/" + w.Group }

// AccountID is the resource id of the storage account.
func (w World) AccountID() string {
	return w.GroupID() + "/providers/Microsoft.Storage/storageAccounts/" + w.Account
}

// VaultID is the resource id of a vault of the run.
func (w World) VaultID(name string) string {
	return w.GroupID() + "/providers/Microsoft.KeyVault/vaults/" + name
}

// VaultBase is the address of a vault.
func (w World) VaultBase(name string) string { return strings.ReplaceAll(w.VaultURL, "%s", name) }

// The tags of everything that a run makes on real Azure and that can carry tags.
const (
	RunTag     = "linarite-run"
	ExpiresTag = "linarite-expires"
	SuiteTag   = "linarite-suite"
)

// Tags mark what a run makes, so that nothing else is ever deleted.
func (w World) Tags() map[string]string {
	tags := map[string]string{RunTag: w.RunID, SuiteTag: "conformance"}
	if w.Expires != "" {
		tags[ExpiresTag] = w.Expires
	}
	return tags
}
