package arm

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/ids"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// vaultBody is what PUT and PATCH read.
type vaultBody struct {
	Location   string             `json:"location"`
	Tags       *map[string]string `json:"tags"`
	Properties *vaultProperties   `json:"properties"`

	ID         any `json:"id"`
	Name       any `json:"name"`
	Type       any `json:"type"`
	SystemData any `json:"systemData"`
}

// vaultProperties are the properties that are kept; others are allowed.
type vaultProperties struct {
	TenantID            string
	SKU                 *vaultSKU
	Policies            []policyEntry
	RBAC                *bool
	SoftDelete          *bool
	RetentionDays       *int
	PurgeProtection     *bool
	ForDeployment       *bool
	ForDisks            *bool
	ForTemplates        *bool
	PublicNetworkAccess string
}

// UnmarshalJSON lets members through that a world has no use for.
func (p *vaultProperties) UnmarshalJSON(data []byte) error {
	var known struct {
		TenantID            string        `json:"tenantId"`
		SKU                 *vaultSKU     `json:"sku"`
		Policies            []policyEntry `json:"accessPolicies"`
		RBAC                *bool         `json:"enableRbacAuthorization"`
		SoftDelete          *bool         `json:"enableSoftDelete"`
		RetentionDays       *int          `json:"softDeleteRetentionInDays"`
		PurgeProtection     *bool         `json:"enablePurgeProtection"`
		ForDeployment       *bool         `json:"enabledForDeployment"`
		ForDisks            *bool         `json:"enabledForDiskEncryption"`
		ForTemplates        *bool         `json:"enabledForTemplateDeployment"`
		PublicNetworkAccess string        `json:"publicNetworkAccess"`
	}
	err := json.Unmarshal(data, &known)
	*p = vaultProperties(known)
	return err
}

type vaultSKU struct {
	Family string `json:"family"`
	Name   string `json:"name"`
}

type policyEntry struct {
	TenantID      string            `json:"tenantId"`
	ObjectID      string            `json:"objectId"`
	ApplicationID string            `json:"applicationId,omitempty"`
	Permissions   policyPermissions `json:"permissions"`
}

type policyPermissions struct {
	Keys         []string `json:"keys,omitempty"`
	Secrets      []string `json:"secrets,omitempty"`
	Certificates []string `json:"certificates,omitempty"`
	Storage      []string `json:"storage,omitempty"`
}

type vaultAnswer struct {
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   string            `json:"location"`
	Tags       map[string]string `json:"tags"`
	System     *systemData       `json:"systemData,omitempty"`
	Properties vaultProps        `json:"properties"`
}

type systemData struct {
	CreatedBy    string `json:"createdBy"`
	CreatedType  string `json:"createdByType"`
	CreatedAt    string `json:"createdAt"`
	ModifiedBy   string `json:"lastModifiedBy"`
	ModifiedType string `json:"lastModifiedByType"`
	ModifiedAt   string `json:"lastModifiedAt"`
}

type vaultProps struct {
	SKU             vaultSKU      `json:"sku"`
	TenantID        string        `json:"tenantId"`
	Policies        []policyEntry `json:"accessPolicies"`
	ForDeployment   bool          `json:"enabledForDeployment"`
	ForDisks        *bool         `json:"enabledForDiskEncryption,omitempty"`
	ForTemplates    *bool         `json:"enabledForTemplateDeployment,omitempty"`
	SoftDelete      *bool         `json:"enableSoftDelete,omitempty"`
	RetentionDays   *int          `json:"softDeleteRetentionInDays,omitempty"`
	RBAC            *bool         `json:"enableRbacAuthorization,omitempty"`
	PurgeProtection *bool         `json:"enablePurgeProtection,omitempty"`
	URI             string        `json:"vaultUri"`
	Provisioning    string        `json:"provisioningState,omitempty"`
	PublicNetwork   string        `json:"publicNetworkAccess,omitempty"`
}

// answerVault shows a vault; one that is just being made is not in the DNS yet, and its
// URI has no slash at the end.
func answerVault(c *wire.Call, v state.Vault, fresh bool) vaultAnswer {
	p := vaultProps{
		SKU: vaultSKU{"A", v.SKU}, TenantID: v.TenantID, Policies: answerPolicies(v.Policies),
		ForDeployment: v.EnabledForDeployment != nil && *v.EnabledForDeployment, ForDisks: v.EnabledForDiskEncryption, ForTemplates: v.EnabledForTemplateDeployment,
		URI: "https://" + strings.ToLower(v.Name) + "." + c.World.Cloud.DNS.Vault + "/", Provisioning: "Succeeded",
	}
	if fresh {
		p.URI, p.Provisioning = strings.TrimSuffix(p.URI, "/"), "RegisteringDns"
	}
	if c.Version > "2018-02-14" {
		p.SoftDelete, p.RetentionDays = &v.SoftDelete, &v.RetentionDays
	}
	if v.RBAC {
		p.RBAC = &v.RBAC
	}
	if v.PurgeProtection {
		p.PurgeProtection = &v.PurgeProtection
	}
	if c.Version >= "2021-10-01" {
		p.PublicNetwork = v.PublicNetworkAccess
	}
	a := vaultAnswer{ID: v.ID, Name: v.Name, Type: vaultType, Location: v.Location, Tags: tagsOf(v.Tags), Properties: p}
	if c.Version >= "2021-06-01-preview" {
		a.System = &systemData{v.CreatedBy, "Application", milliseconds(v.CreatedAt), v.UpdatedBy, "Application", milliseconds(v.UpdatedAt)}
	}
	return a
}

func answerPolicies(in []state.AccessPolicy) []policyEntry {
	out := []policyEntry{}
	for _, p := range in {
		out = append(out, policyEntry{p.TenantID, p.ObjectID, p.ApplicationID, policyPermissions{p.Keys, p.Secrets, p.Certificates, p.Storage}})
	}
	return out
}

func readPolicies(in []policyEntry) ([]state.AccessPolicy, error) {
	var out []state.AccessPolicy
	for _, p := range in {
		if !ids.IsGUID(p.TenantID) || !ids.IsGUID(p.ObjectID) {
			return nil, wire.Refuse(apierr.ARMVaultBadRequest, "An invalid value was provided for 'accessPolicies': tenantId and objectId must be GUIDs.")
		}
		out = append(out, state.AccessPolicy{
			TenantID: strings.ToLower(p.TenantID), ObjectID: strings.ToLower(p.ObjectID), ApplicationID: strings.ToLower(p.ApplicationID),
			Keys: p.Permissions.Keys, Secrets: p.Permissions.Secrets, Certificates: p.Permissions.Certificates, Storage: p.Permissions.Storage,
		})
	}
	return out, nil
}

// policiesBody is what accessPolicies/add, replace and remove read.
type policiesBody struct {
	Properties struct {
		Policies []policyEntry `json:"accessPolicies"`
	} `json:"properties"`

	ID       any `json:"id"`
	Name     any `json:"name"`
	Type     any `json:"type"`
	Location any `json:"location"`
}

type policiesAnswer struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Properties struct {
		Policies []policyEntry `json:"accessPolicies"`
	} `json:"properties"`
}

// changePolicies adds to, replaces or takes from the entries named; others stay.
func changePolicies(c *wire.Call, tx *state.Tx) (wire.Response, error) {
	if _, err := writable(c, tx); err != nil {
		return wire.Response{}, err
	}
	v, err := findVault(c, tx)
	if err != nil {
		return wire.Response{}, err
	}
	given, err := readPolicies(c.Input.(policiesBody).Properties.Policies)
	if err != nil {
		return wire.Response{}, err
	}
	merge, ok := map[string]func(has, given []string) []string{
		"add": union, "replace": func(_, given []string) []string { return given }, "remove": without,
	}[strings.ToLower(c.Var("operation"))]
	if !ok {
		return wire.Response{}, wire.Refuse(apierr.ARMVaultBadRequest, "The access policy operation must be add, replace or remove.")
	}
	for _, p := range given {
		i := slices.IndexFunc(v.Policies, func(has state.AccessPolicy) bool {
			return has.TenantID == p.TenantID && has.ObjectID == p.ObjectID && has.ApplicationID == p.ApplicationID
		})
		if i < 0 {
			v.Policies = append(v.Policies, state.AccessPolicy{TenantID: p.TenantID, ObjectID: p.ObjectID, ApplicationID: p.ApplicationID})
			i = len(v.Policies) - 1
		}
		has := &v.Policies[i]
		has.Keys, has.Secrets = merge(has.Keys, p.Keys), merge(has.Secrets, p.Secrets)
		has.Certificates, has.Storage = merge(has.Certificates, p.Certificates), merge(has.Storage, p.Storage)
	}
	v.Policies = slices.DeleteFunc(v.Policies, func(p state.AccessPolicy) bool {
		return len(p.Keys)+len(p.Secrets)+len(p.Certificates)+len(p.Storage) == 0
	})
	v.UpdatedAt, v.UpdatedBy = c.Now, c.Caller.ObjectID()
	tx.Vaults.Put(v)
	answer := policiesAnswer{ID: v.ID + "/accessPolicies/", Type: vaultType + "/accessPolicies"}
	answer.Properties.Policies = answerPolicies(v.Policies)
	return wire.OK(answer), nil
}

func union(has, given []string) []string {
	for _, g := range given {
		if _, there := one(has, g); !there {
			has = append(has, g)
		}
	}
	return has
}

func without(has, given []string) []string {
	return slices.DeleteFunc(has, func(h string) bool { _, named := one(given, h); return named })
}
