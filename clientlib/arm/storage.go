package arm

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"strings"
	"time"
)

const accounts = "Microsoft.Storage/storageAccounts"

// Account is a storage account. Members left nil when it is made are as Azure's own defaults.
type Account struct {
	ID       string            `json:"id,omitempty"`
	Name     string            `json:"name,omitempty"`
	Location string            `json:"location"`
	Tags     map[string]string `json:"tags,omitempty"`
	// Kind is StorageV2 if empty; SKU.Name is Standard_LRS.
	Kind       string            `json:"kind"`
	SKU        SKU               `json:"sku"`
	Properties AccountProperties `json:"properties"`
}

// SKU says what is paid for.
type SKU struct {
	Name   string `json:"name"`
	Family string `json:"family,omitempty"` // of vaults: A
}

// AccountProperties are an account's switches and addresses.
type AccountProperties struct {
	HTTPSOnly         *bool  `json:"supportsHttpsTrafficOnly,omitempty"`
	AllowSharedKey    *bool  `json:"allowSharedKeyAccess,omitempty"`
	AllowPublicAccess *bool  `json:"allowBlobPublicAccess,omitempty"`
	MinimumTLS        string `json:"minimumTlsVersion,omitempty"`
	// PrimaryEndpoints are only read. Blob ends in a slash.
	PrimaryEndpoints *Endpoints `json:"primaryEndpoints,omitempty"`
	State            string     `json:"provisioningState,omitempty"`
}

// Endpoints are the addresses of an account.
type Endpoints struct {
	Blob string `json:"blob"`
}

// AccountID is the id of a storage account.
func (c *Client) AccountID(group, name string) string { return c.ResourceID(group, accounts, name) }

// Account reads a storage account: Storage Accounts - Get Properties.
func (c *Client) Account(ctx context.Context, group, name string) (Account, error) {
	var out Account
	err := c.Get(ctx, c.AccountID(group, name), VersionStorage, &out)
	return out, err
}

// PutAccount makes a storage account, and waits until it is there; properties of one that is there are merged:
// Storage Accounts - Create.
func (c *Client) PutAccount(ctx context.Context, group, name string, a Account) (Account, error) {
	a.ID, a.Name, a.Location = "", "", c.location(a.Location)
	a.Kind, a.SKU.Name = cmp.Or(a.Kind, "StorageV2"), cmp.Or(a.SKU.Name, "Standard_LRS")
	a.Properties.PrimaryEndpoints, a.Properties.State = nil, ""
	op, err := c.Put(ctx, c.AccountID(group, name), VersionStorage, a)
	if err != nil {
		return Account{}, err
	}
	var out Account
	err = op.Wait(ctx, &out)
	return out, err
}

// DeleteAccount deletes a storage account: Storage Accounts - Delete.
func (c *Client) DeleteAccount(ctx context.Context, group, name string) error {
	return c.gone(ctx, c.AccountID(group, name), VersionStorage)
}

// gone deletes a resource and waits.
func (c *Client) gone(ctx context.Context, id, version string) error {
	op, err := c.Delete(ctx, id, version)
	if err != nil {
		return err
	}
	return op.Wait(ctx, nil)
}

// Accounts lists the storage accounts of a group, or with "" of the subscription: Storage Accounts - List.
func (c *Client) Accounts(ctx context.Context, group string) iter.Seq2[Account, error] {
	return List[Account](ctx, c, c.under(group)+"/providers/"+accounts, VersionStorage, "")
}

// under is a group's id, or the subscription's.
func (c *Client) under(group string) string {
	if group == "" {
		return c.SubscriptionID()
	}
	return c.GroupID(group)
}

// Availability says whether a name may be taken, and if not, why.
type Availability struct {
	Free    bool   `json:"nameAvailable"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// AccountName asks whether a name of a storage account is free, in all of the cloud: Storage Accounts - Check Name
// Availability.
func (c *Client) AccountName(ctx context.Context, name string) (Availability, error) {
	return c.available(ctx, accounts, name, VersionStorage)
}

func (c *Client) available(ctx context.Context, kind, name, version string) (out Availability, err error) {
	provider, _, _ := strings.Cut(kind, "/")
	err = c.Post(ctx, c.SubscriptionID()+"/providers/"+provider+"/checkNameAvailability", version, map[string]string{"name": name, "type": kind}, &out)
	return out, err
}

// Key is a key of a storage account. Printing it does not show its value.
type Key struct {
	// Name is key1 or key2.
	Name string `json:"keyName"`
	// Value is the key in base64, as package blob takes it.
	Value string `json:"value"`
}

// String hides the value.
func (k Key) String() string { return k.Name + ": REDACTED" }

// GoString hides the value.
func (k Key) GoString() string { return k.String() }

// MarshalText hides the value: a log of JSON shows what is in a struct.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// LogValue hides the value.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

type keyList struct {
	Keys []Key `json:"keys"`
}

// Keys reads the keys of a storage account: Storage Accounts - List Keys.
func (c *Client) Keys(ctx context.Context, group, account string) ([]Key, error) {
	var out keyList
	err := c.Post(ctx, c.AccountID(group, account)+"/listKeys", VersionStorage, nil, &out)
	if err == nil && len(out.Keys) == 0 {
		err = fmt.Errorf("arm: no keys came for account %s", account)
	}
	return out.Keys, err
}

// RegenerateKey makes a key anew, key1 or key2; whatever the old one has signed stops working. It returns all keys:
// Storage Accounts - Regenerate Key.
func (c *Client) RegenerateKey(ctx context.Context, group, account, key string) ([]Key, error) {
	var out keyList
	err := c.Post(ctx, c.AccountID(group, account)+"/regenerateKey", VersionStorage, map[string]string{"keyName": key}, &out)
	return out.Keys, err
}

// ServiceSAS says what a service SAS, made by Resource Manager with an account key, shall allow.
type ServiceSAS struct {
	// Container, and Blob unless all of the container's blobs are meant.
	Container, Blob string
	// Permissions are letters in the order that Storage wants: racwd, and l for a container.
	Permissions string
	// Expires is required; Starts is optional.
	Expires, Starts time.Time
	// HTTPToo allows it over http.
	HTTPToo bool
	// Key is key1 or key2; key1 if empty.
	Key string
}

// ServiceSAS makes a service SAS: Storage Accounts - List Service SAS. What it returns is a secret; it has no "?".
func (c *Client) ServiceSAS(ctx context.Context, group, account string, s ServiceSAS) (string, error) {
	resource, kind := "/blob/"+account+"/"+s.Container, "c"
	if s.Blob != "" {
		resource, kind = resource+"/"+s.Blob, "b"
	}
	body := signed(s.Permissions, s.Starts, s.Expires, s.HTTPToo, s.Key)
	body["canonicalizedResource"], body["signedResource"] = resource, kind
	var out struct {
		Token string `json:"serviceSasToken"`
	}
	err := c.Post(ctx, c.AccountID(group, account)+"/listServiceSas", VersionStorage, body, &out)
	return out.Token, err
}

// AccountSAS says what an account SAS, made by Resource Manager with an account key, shall allow.
type AccountSAS struct {
	// ResourceTypes are letters of sco: service, container, object.
	ResourceTypes string
	// Permissions are letters of rwdlacup.
	Permissions     string
	Expires, Starts time.Time
	HTTPToo         bool
	Key             string
}

// AccountSAS makes an account SAS for Blob storage: Storage Accounts - List Account SAS. What it returns is a secret;
// it has no "?".
func (c *Client) AccountSAS(ctx context.Context, group, account string, s AccountSAS) (string, error) {
	body := signed(s.Permissions, s.Starts, s.Expires, s.HTTPToo, s.Key)
	body["signedServices"], body["signedResourceTypes"] = "b", s.ResourceTypes
	var out struct {
		Token string `json:"accountSasToken"`
	}
	err := c.Post(ctx, c.AccountID(group, account)+"/listAccountSas", VersionStorage, body, &out)
	return out.Token, err
}

func signed(permissions string, starts, expires time.Time, httpToo bool, key string) map[string]string {
	body := map[string]string{
		"signedPermission": permissions, "signedProtocol": "https", "signedExpiry": expires.UTC().Format(time.RFC3339), "keyToSign": cmp.Or(key, "key1"),
	}
	if httpToo {
		body["signedProtocol"] = "https,http"
	}
	if !starts.IsZero() {
		body["signedStart"] = starts.UTC().Format(time.RFC3339)
	}
	return body
}
