package cloud

import "strings"

// Resource is an application that Entra ID issues tokens for.
type Resource struct {
	// AppID is the application id, empty where it is not known with certainty.
	AppID string
	// DisplayName is the name of its service principal.
	DisplayName string
	Service     Service
}

// Version2 tells whether tokens for the resource are of version 2.0: the resource's
// registration decides (ENTRA-JWT-009). Of those that a cloud knows here it is one, at which
// managed identities get the tokens that applications may trust.
func (r Resource) Version2() bool { return r.AppID == AppTokenExchange }

// Application ids of Microsoft's own services, the same in every cloud.
//
// Source: "Verify first-party Microsoft applications in sign-in reports" and the pages of
// the services named.
const (
	AppARM           = "797f4846-ba00-4fd7-ba43-dac1f8f63013"
	AppStorage       = "e406a681-f3d4-42a8-90b6-c2b029497af1"
	AppKeyVault      = "cfa8b339-82a2-471a-a3c9-0fc0be7a4093"
	AppManagedHSM    = "589d5083-6f11-4d30-a62a-a4b316a14abf"
	AppGraph         = "00000003-0000-0000-c000-000000000000"
	AppAADGraph      = "00000002-0000-0000-c000-000000000000"
	AppTokenExchange = "fb60f99c-7a34-4190-8149-302f77469936"
	appSQL           = "022907d3-0f1b-48f7-badc-1ba6abab6d66"
	appServiceBus    = "80a10ef9-8168-493d-abf9-3297c4ef6e3c"
	appEventHubs     = "80369ed6-5f11-4dd9-bef3-692475845e77"
	appCosmos        = "a232010e-820c-4083-83bb-3ace5fc29d0b"
	appOSSDatabases  = "123cd850-d9df-40bd-94d5-c9f07b7fa203"
	appBatch         = "ddbf3205-c6bd-46ae-8127-60eb93363864"
	appConfiguration = "35ffadb3-7fc1-497e-b61b-381d28e744cc"
	appLogAnalytics  = "ca7f3f0b-7d91-482c-8e09-c5d840d0eac5"
	appInsights      = "f5c26e74-f226-4ae8-85f0-b4af0080ac9e"
	appDataLake      = "e9f49c6b-5ce5-44c8-925d-015017e9f7ad"
	appRegistry      = "6a0ec4d3-30cb-4a83-91c0-ae56bc0e3d26"
	appRedis         = "acca5fbb-b7e4-4009-81f1-37e38fd66d78"
	appCognitive     = "7d312290-28c8-473c-a0ed-8e53749b6d6d"
	appDatabricks    = "2ff814a6-3304-4ab8-85cb-cd0e6f879c1d"
	appKubernetes    = "6dae42f8-4368-4678-94ff-3960e28e3630"
)

// known is a resource with the URIs that name it in one cloud, without trailing slash.
type known struct {
	Resource
	uris []string
}

// Audience finds what a resource string means to this cloud's token service: the URI of a
// service with or without its trailing slash, the URI of one storage account or vault, or
// an application id. What another cloud only knows is not found (AADSTS500011).
//
// Being known is not being right: Entra ID issues tokens for https://vault.azure.net/ and
// for the host of one vault, which Key Vault then refuses. The service judges.
func (c *Cloud) Audience(resource string) (Resource, bool) {
	uri := strings.TrimSuffix(strings.ToLower(resource), "/")
	if uri == "" {
		return Resource{}, false
	}
	for _, candidate := range c.resources() {
		if uri == candidate.AppID {
			return candidate.Resource, true
		}
		for _, name := range candidate.uris {
			if uri == name {
				return candidate.Resource, true
			}
		}
	}
	return c.perResource(uri)
}

// perResource reads the URI of one storage account, vault or managed HSM.
func (c *Cloud) perResource(uri string) (Resource, bool) {
	host, ok := strings.CutPrefix(uri, "https://")
	if !ok || hostname(host) != host {
		return Resource{}, false
	}
	service, _, ok := c.Resolve(host)
	if !ok {
		return Resource{}, false
	}
	switch service {
	case Blob, Queue, Table, File, DFS:
		return Resource{AppStorage, "Azure Storage", Storage}, true
	case Vault:
		return Resource{AppKeyVault, "Azure Key Vault", Vault}, true
	case ManagedHSM:
		return Resource{AppManagedHSM, "Azure Key Vault Managed HSM", ManagedHSM}, true
	default:
		return Resource{}, false
	}
}

func (c *Cloud) resources() []known {
	e := c.Endpoints
	return []known{
		entry(AppARM, "Windows Azure Service Management API", ARM, c.ARM.Audiences...),
		entry(AppStorage, "Azure Storage", Storage, e.Storage),
		entry(AppKeyVault, "Azure Key Vault", Vault, e.Vault),
		entry(AppManagedHSM, "Azure Key Vault Managed HSM", ManagedHSM, e.ManagedHSM),
		entry(AppGraph, "Microsoft Graph", Graph, e.MicrosoftGraph),
		entry(AppAADGraph, "Windows Azure Active Directory", AADGraph, e.AADGraph, "https://"+c.Entra.CloudGraphHostName),
		entry(AppTokenExchange, "Azure AD Token Exchange", Other, c.Entra.TokenExchangeAudience),
		entry(appSQL, "Azure SQL Database", Other, e.SQL),
		entry(appOSSDatabases, "Azure OSSRDBMS Database", Other, e.OSSDatabases),
		entry(appCosmos, "Azure Cosmos DB", Other, e.Cosmos),
		entry(appBatch, "Microsoft Azure Batch", Other, e.Batch),
		entry(appConfiguration, "Azure App Configuration", Other, e.AppConfiguration),
		entry(appLogAnalytics, "Log Analytics API", Other, e.LogAnalytics),
		entry(appInsights, "Application Insights API", Other, e.AppInsights),
		entry(appDataLake, "Azure Data Lake", Other, e.DataLake),
		entry("", "Azure Synapse", Other, e.Synapse),
		entry("", "Microsoft Azure Attestation", Other, e.Attestation),
		entry("", "Azure Monitor", Other, e.Monitor),
		entry("", "Azure Media Services", Other, e.Media),
		// One audience for all clouds (Azure/go-autorest environments.go).
		entry(appServiceBus, "Microsoft.ServiceBus", Other, "https://servicebus.azure.net"),
		entry(appEventHubs, "Microsoft.EventHubs", Other, "https://eventhubs.azure.net"),
		entry(appRegistry, "Azure Container Registry", Other, "https://containerregistry.azure.net"),
		entry(appRedis, "Azure Cache for Redis", Other, "https://redis.azure.com"),
		entry(appCognitive, "Microsoft Cognitive Services", Other, e.Cognitive),
		// Known by their ids only.
		entry(appDatabricks, "AzureDatabricks", Other),
		entry(appKubernetes, "Azure Kubernetes Service AAD Server", Other),
	}
}

func entry(appID, name string, service Service, uris ...string) known {
	k := known{Resource: Resource{appID, name, service}}
	for _, uri := range uris {
		if uri != "" {
			k.uris = append(k.uris, strings.ToLower(strings.TrimSuffix(uri, "/")))
		}
	}
	return k
}
