package arm

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/linarite/linarite/emulator/cloud"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// UnmarshalJSON reads the settings that are kept. Others are allowed: the service has
// many, and clients send back all they got.
func (p *accountSettings) UnmarshalJSON(data []byte) error {
	var known struct {
		AccessTier            *string `json:"accessTier"`
		AllowBlobPublicAccess *bool   `json:"allowBlobPublicAccess"`
		AllowSharedKeyAccess  *bool   `json:"allowSharedKeyAccess"`
		MinimumTLSVersion     *string `json:"minimumTlsVersion"`
		HTTPSOnly             *bool   `json:"supportsHttpsTrafficOnly"`
	}
	err := json.Unmarshal(data, &known)
	*p = accountSettings(known)
	return err
}

// accountAnswer stands in the order of the service since December 2017.
type accountAnswer struct {
	SKU        skuAnswer         `json:"sku"`
	Kind       string            `json:"kind"`
	ID         string            `json:"id"`
	Name       string            `json:"name"`
	Type       string            `json:"type"`
	Location   string            `json:"location"`
	Tags       map[string]string `json:"tags"`
	Properties accountProps      `json:"properties"`
}

type skuAnswer struct {
	Name string `json:"name"`
	Tier string `json:"tier"`
}

type accountProps struct {
	KeyCreation        *keyCreation      `json:"keyCreationTime,omitempty"`
	PrivateEndpoints   *[]string         `json:"privateEndpointConnections,omitempty"`
	MinimumTLS         string            `json:"minimumTlsVersion,omitempty"`
	BlobPublic         *bool             `json:"allowBlobPublicAccess,omitempty"`
	SharedKey          *bool             `json:"allowSharedKeyAccess,omitempty"`
	Network            *networkACLs      `json:"networkAcls,omitempty"`
	TrustedDirectories []string          `json:"trustedDirectories,omitempty"`
	HTTPSOnly          *bool             `json:"supportsHttpsTrafficOnly,omitempty"`
	Encryption         encryption        `json:"encryption"`
	AccessTier         string            `json:"accessTier,omitempty"`
	Provisioning       string            `json:"provisioningState"`
	Created            string            `json:"creationTime"`
	Endpoints          accountEndpoints  `json:"primaryEndpoints"`
	PrimaryLocation    string            `json:"primaryLocation"`
	PrimaryStatus      string            `json:"statusOfPrimary"`
	SecondaryLocation  string            `json:"secondaryLocation,omitempty"`
	SecondaryStatus    string            `json:"statusOfSecondary,omitempty"`
	SecondaryEndpoints *accountEndpoints `json:"secondaryEndpoints,omitempty"`
}

type keyCreation struct {
	Key1 string `json:"key1"`
	Key2 string `json:"key2"`
}

type networkACLs struct {
	IPv6    *[]string `json:"ipv6Rules,omitempty"`
	Bypass  string    `json:"bypass"`
	Virtual []string  `json:"virtualNetworkRules"`
	IP      []string  `json:"ipRules"`
	Default string    `json:"defaultAction"`
}

type encryption struct {
	Services  encryptedServices `json:"services"`
	KeySource string            `json:"keySource"`
}

type encryptedServices struct {
	File *encrypted `json:"file,omitempty"`
	Blob encrypted  `json:"blob"`
}

type encrypted struct {
	KeyType string `json:"keyType,omitempty"`
	Enabled bool   `json:"enabled"`
	Since   string `json:"lastEnabledTime"`
}

type accountEndpoints struct {
	DFS   string `json:"dfs,omitempty"`
	Web   string `json:"web,omitempty"`
	Blob  string `json:"blob,omitempty"`
	Queue string `json:"queue,omitempty"`
	Table string `json:"table,omitempty"`
	File  string `json:"file,omitempty"`
}

// sevenDigits is how this provider writes instants.
func sevenDigits(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// answerAccount shows an account as the version asked for knows it.
func answerAccount(c *wire.Call, a state.StorageAccount) accountAnswer {
	v, created := c.Version, sevenDigits(a.CreatedAt)
	p := accountProps{
		Encryption: encryptionAt(v, created), Provisioning: "Succeeded", Created: created,
		Endpoints: endpointsOf(c, a, ""), PrimaryLocation: a.Location, PrimaryStatus: "available",
	}
	if a.Kind != "Storage" {
		p.AccessTier = a.AccessTier
	}
	p.SharedKey = a.AllowSharedKeyAccess
	if v >= "2016-12-01" {
		p.HTTPSOnly = &a.HTTPSOnly
	}
	if v >= "2017-06-01" {
		p.Network = &networkACLs{Bypass: "AzureServices", Virtual: []string{}, IP: []string{}, Default: "Allow"}
	}
	if v >= "2019-06-01" {
		p.PrivateEndpoints = &[]string{}
	}
	if v >= "2021-08-01" {
		p.KeyCreation = &keyCreation{sevenDigits(a.Keys[0].CreatedAt), sevenDigits(a.Keys[1].CreatedAt)}
	}
	if v >= "2021-09-01" {
		p.MinimumTLS, p.BlobPublic = a.MinimumTLSVersion, &a.AllowBlobPublicAccess
	}
	if v >= "2023-05-01" {
		p.Network.IPv6 = &[]string{}
	}
	geo := strings.Contains(a.SKU, "GRS") || strings.Contains(a.SKU, "GZRS")
	if geo {
		p.SecondaryLocation, p.SecondaryStatus = otherLocation(c, a.Location), "available"
	}
	if strings.Contains(a.SKU, "_RA") {
		secondary := endpointsOf(c, a, "-secondary")
		secondary.File = ""
		p.SecondaryEndpoints = &secondary
	}
	tier, _, _ := strings.Cut(a.SKU, "_")
	return accountAnswer{
		SKU: skuAnswer{a.SKU, strings.TrimSuffix(tier, "V2")}, Kind: a.Kind, ID: a.ID, Name: a.Name, Type: storageType,
		Location: a.Location, Tags: tagsOf(a.Tags), Properties: p,
	}
}

func encryptionAt(version, since string) encryption {
	e := encryption{KeySource: "Microsoft.Storage", Services: encryptedServices{Blob: encrypted{Enabled: true, Since: since}}}
	if version >= "2017-06-01" {
		e.Services.File = &encrypted{Enabled: true, Since: since}
	}
	if version >= "2019-06-01" {
		e.Services.Blob.KeyType, e.Services.File.KeyType = "Account", "Account"
	}
	return e
}

// endpointsOf lists the services that an account of its kind has.
func endpointsOf(c *wire.Call, a state.StorageAccount, suffix string) accountEndpoints {
	at := func(service string) string {
		return "https://" + a.Name + suffix + "." + service + "." + c.World.Cloud.DNS.Storage + "/"
	}
	e := accountEndpoints{Blob: at("blob")}
	premium := strings.HasPrefix(a.SKU, "Premium")
	switch {
	case a.Kind == "StorageV2" && premium:
		e.Web = at("z21.web")
	case a.Kind == "StorageV2":
		e.DFS, e.Web, e.Queue, e.Table, e.File = at("dfs"), at("z21.web"), at("queue"), at("table"), at("file")
	case a.Kind == "BlobStorage":
		e.DFS, e.Table = at("dfs"), at("table")
	case a.Kind == "Storage" && !premium:
		e.Queue, e.Table, e.File = at("queue"), at("table"), at("file")
	case a.Kind == "FileStorage":
		e = accountEndpoints{File: at("file")}
	}
	return e
}

// otherLocation is the region that a copy of the data would be in (ARM-STORAGE-021). Azure
// refuses such copies in regions without a pair; here any other region takes them.
func otherLocation(c *wire.Call, location string) string {
	all := c.World.Cloud.Locations
	at := slices.IndexFunc(all, func(l cloud.Location) bool { return l.Name == location })
	if at >= 0 && all[at].Paired != "" {
		return all[at].Paired
	}
	for _, l := range all {
		if l.Name != location {
			return l.Name
		}
	}
	return location
}
