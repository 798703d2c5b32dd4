package cloud

import "strings"

// The documents of GET {arm}/metadata/endpoints, members in wire order.

type metadata2015 struct {
	GalleryEndpoint string         `json:"galleryEndpoint"`
	GraphEndpoint   string         `json:"graphEndpoint"`
	PortalEndpoint  string         `json:"portalEndpoint"`
	GraphAudience   string         `json:"graphAudience,omitempty"`
	Authentication  authentication `json:"authentication"`
	// CloudEndpoint came with 2018-01-01, as did graphAudience.
	CloudEndpoint *cloudEndpoints `json:"cloudEndpoint,omitempty"`
}

type authentication struct {
	LoginEndpoint    string   `json:"loginEndpoint"`
	Audiences        []string `json:"audiences"`
	Tenant           string   `json:"tenant,omitempty"`
	IdentityProvider string   `json:"identityProvider,omitempty"`
}

type cloudEndpoints struct {
	Public      cloudEndpoint `json:"public"`
	ChinaCloud  cloudEndpoint `json:"chinaCloud"`
	USGovCloud  cloudEndpoint `json:"usGovCloud"`
	GermanCloud cloudEndpoint `json:"germanCloud"`
}

type cloudEndpoint struct {
	Endpoint  string   `json:"endpoint"`
	Locations []string `json:"locations"`
}

type metadata2019 struct {
	Portal                  string         `json:"portal"`
	Authentication          authentication `json:"authentication"`
	Media                   string         `json:"media"`
	GraphAudience           string         `json:"graphAudience"`
	Graph                   string         `json:"graph"`
	Name                    string         `json:"name"`
	Suffixes                suffixes       `json:"suffixes"`
	Batch                   string         `json:"batch"`
	ResourceManager         string         `json:"resourceManager"`
	VMImageAliasDoc         string         `json:"vmImageAliasDoc"`
	ActiveDirectoryDataLake string         `json:"activeDirectoryDataLake,omitempty"`
	SQLManagement           string         `json:"sqlManagement"`
	Gallery                 string         `json:"gallery,omitempty"`

	// 2022-09-01 has these and no gallery.
	MicrosoftGraphResourceID              string `json:"microsoftGraphResourceId,omitempty"`
	AppInsightsResourceID                 string `json:"appInsightsResourceId,omitempty"`
	AppInsightsTelemetryChannelResourceID string `json:"appInsightsTelemetryChannelResourceId,omitempty"`
	AttestationResourceID                 string `json:"attestationResourceId,omitempty"`
	SynapseAnalyticsResourceID            string `json:"synapseAnalyticsResourceId,omitempty"`
	LogAnalyticsResourceID                string `json:"logAnalyticsResourceId,omitempty"`
	OSSRDBMSResourceID                    string `json:"ossrDbmsResourceId,omitempty"`
}

type suffixes struct {
	AzureDataLakeStoreFileSystem        string `json:"azureDataLakeStoreFileSystem,omitempty"`
	ACRLoginServer                      string `json:"acrLoginServer,omitempty"`
	SQLServerHostname                   string `json:"sqlServerHostname"`
	AzureDataLakeAnalyticsCatalogAndJob string `json:"azureDataLakeAnalyticsCatalogAndJob,omitempty"`
	KeyVaultDNS                         string `json:"keyVaultDns"`
	Storage                             string `json:"storage"`
	// An empty front door suffix is printed, unlike the others.
	AzureFrontDoorEndpointSuffix string `json:"azureFrontDoorEndpointSuffix"`

	StorageSyncEndpointSuffix string `json:"storageSyncEndpointSuffix,omitempty"`
	MHSMDNS                   string `json:"mhsmDns,omitempty"`
	MySQLServerEndpoint       string `json:"mysqlServerEndpoint,omitempty"`
	PostgreSQLServerEndpoint  string `json:"postgresqlServerEndpoint,omitempty"`
	MariaDBServerEndpoint     string `json:"mariadbServerEndpoint,omitempty"`
	SynapseAnalytics          string `json:"synapseAnalytics,omitempty"`
	AttestationEndpoint       string `json:"attestationEndpoint,omitempty"`
}

const vmImageAliases = "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json"

// MetadataEndpoints returns the body of /metadata/endpoints for an api-version, to be
// encoded as JSON; ok is false for a version that the service does not have.
//
// The public documents and the array of 2019-05-01 are as captured
// (hashicorp/go-azure-sdk sdk/internal/metadata client_test.go). The 2015, 2018 and 2022
// documents of the other clouds follow the way those clouds print the array, and the
// shapes of 2018-05-01 and 2020-06-01 those of the versions before them (unverified).
func (c *Cloud) MetadataEndpoints(apiVersion string) (body any, ok bool) {
	switch apiVersion {
	case "1.0", "2015-01-01":
		return c.metadata2015(), true
	case "2018-01-01", "2018-05-01":
		return c.metadata2018(), true
	case "2019-05-01", "2020-06-01":
		return metadataOfAll(), true
	case "2022-09-01":
		return c.metadata2022(), true
	default:
		return nil, false
	}
}

func (c *Cloud) metadata2015() metadata2015 {
	return metadata2015{
		GalleryEndpoint: c.printed(c.Endpoints.Gallery),
		GraphEndpoint:   c.printed(c.Endpoints.AADGraph),
		PortalEndpoint:  c.printed(c.Endpoints.Portal),
		Authentication:  c.authentication("", ""),
	}
}

func (c *Cloud) metadata2018() metadata2015 {
	m := c.metadata2015()
	m.GraphAudience = c.printed(c.Endpoints.AADGraph)
	m.Authentication = c.authentication("common", "AAD")
	m.CloudEndpoint = &cloudEndpoints{
		Public:      Public().cloudEndpoint(),
		ChinaCloud:  China().cloudEndpoint(),
		USGovCloud:  USGov().cloudEndpoint(),
		GermanCloud: cloudEndpoint{"management.microsoftazure.de", []string{"germanycentral", "germanynortheast"}},
	}
	return m
}

func (c *Cloud) cloudEndpoint() cloudEndpoint {
	e := cloudEndpoint{Endpoint: c.ARM.Hosts[0]}
	for _, location := range c.Locations {
		e.Locations = append(e.Locations, location.Name)
	}
	return e
}

func metadataOfAll() []metadata2019 {
	var all []metadata2019
	for _, c := range All() {
		all = append(all, c.metadata2019())
	}
	return append(all, germanMetadata())
}

func (c *Cloud) metadata2019() metadata2019 {
	return metadata2019{
		Portal:         c.Endpoints.Portal,
		Authentication: c.authentication("common", "AAD"),
		Media:          c.Endpoints.Media,
		GraphAudience:  c.printed(c.Endpoints.AADGraph),
		Graph:          c.printed(c.Endpoints.AADGraph),
		Name:           c.CLIName,
		Suffixes: suffixes{
			AzureDataLakeStoreFileSystem:        c.DNS.DataLakeStore,
			ACRLoginServer:                      c.DNS.Registry,
			SQLServerHostname:                   c.DNS.SQL,
			AzureDataLakeAnalyticsCatalogAndJob: c.DNS.DataLakeAnalytics,
			KeyVaultDNS:                         c.DNS.Vault,
			Storage:                             c.DNS.Storage,
			AzureFrontDoorEndpointSuffix:        c.DNS.FrontDoor,
		},
		Batch:                   c.printed(c.Endpoints.Batch),
		ResourceManager:         c.printed(c.ARM.Endpoint),
		VMImageAliasDoc:         vmImageAliases,
		ActiveDirectoryDataLake: c.Endpoints.DataLake,
		SQLManagement:           c.printed(c.Endpoints.SQLManagement),
		Gallery:                 c.printed(c.Endpoints.Gallery),
	}
}

func (c *Cloud) metadata2022() metadata2019 {
	m := c.metadata2019()
	m.Gallery = ""
	m.Authentication.LoginEndpoint = c.Entra.LoginEndpoint
	s := &m.Suffixes
	s.StorageSyncEndpointSuffix = c.DNS.StorageSync
	s.MHSMDNS = c.DNS.ManagedHSM
	s.MySQLServerEndpoint = c.DNS.MySQL
	s.PostgreSQLServerEndpoint = c.DNS.PostgreSQL
	s.MariaDBServerEndpoint = c.DNS.MariaDB
	s.SynapseAnalytics = c.DNS.Synapse
	s.AttestationEndpoint = c.DNS.Attestation
	m.MicrosoftGraphResourceID = c.printed(c.Endpoints.MicrosoftGraph)
	m.AppInsightsResourceID = c.Endpoints.AppInsights
	m.AppInsightsTelemetryChannelResourceID = c.Endpoints.AppInsightsTelemetry
	m.AttestationResourceID = c.Endpoints.Attestation
	m.SynapseAnalyticsResourceID = c.Endpoints.Synapse
	m.LogAnalyticsResourceID = c.Endpoints.LogAnalytics
	m.OSSRDBMSResourceID = c.Endpoints.OSSDatabases
	return m
}

func (c *Cloud) authentication(tenant, provider string) authentication {
	return authentication{
		LoginEndpoint:    c.printed(c.Entra.LoginEndpoint),
		Audiences:        []string{c.printed(c.Endpoints.ClassicManagement), c.printed(c.ARM.Endpoint)},
		Tenant:           tenant,
		IdentityProvider: provider,
	}
}

// printed is a URL as the metadata documents print it: the public cloud ends it in a
// slash, the others do not.
func (c *Cloud) printed(raw string) string {
	bare := strings.TrimSuffix(raw, "/")
	if c.CLIName == "AzureCloud" {
		return bare + "/"
	}
	return bare
}

// germanMetadata is the entry of the cloud that closed in 2021; the array still has it.
func germanMetadata() metadata2019 {
	return metadata2019{
		Portal: "https://portal.microsoftazure.de",
		Authentication: authentication{
			LoginEndpoint:    "https://login.microsoftonline.de",
			Audiences:        []string{"https://management.core.cloudapi.de", "https://management.microsoftazure.de"},
			Tenant:           "common",
			IdentityProvider: "AAD",
		},
		Media:           "https://rest.media.cloudapi.de",
		GraphAudience:   "https://graph.cloudapi.de",
		Graph:           "https://graph.cloudapi.de",
		Name:            "AzureGermanCloud",
		Suffixes:        suffixes{SQLServerHostname: "database.cloudapi.de", KeyVaultDNS: "vault.microsoftazure.de", Storage: "core.cloudapi.de"},
		Batch:           "https://batch.cloudapi.de",
		ResourceManager: "https://management.microsoftazure.de",
		VMImageAliasDoc: vmImageAliases,
		SQLManagement:   "https://management.core.cloudapi.de:8443",
		Gallery:         "https://gallery.cloudapi.de",
	}
}
