package cloud

import (
	"net/url"
	"slices"
	"strings"
)

// Cloud is one Azure cloud. The functions of this package return a new value at each
// call, so a caller owns what it gets; treat it as read-only once it is shared.
//
// URLs keep or lack their trailing slash as the az CLI has them, which is inconsistent on
// purpose: clients compare audiences as strings. DNS suffixes have no leading dot.
type Cloud struct {
	// Name is the name used here and in world files: public, china or usgov.
	Name string
	// CLIName is the name in the az CLI and in ARM's metadata, such as AzureCloud.
	CLIName string
	// GoName is the name in hashicorp/go-azure-sdk and Terraform, such as Public.
	GoName string
	// EnvironmentName is azEnvironment in the instance metadata, such as AzurePublicCloud.
	EnvironmentName string
	// DefaultLocation is the region of what names none, in canonical form.
	DefaultLocation string
	// Locations are the regions, in the order the service lists them.
	Locations []Location

	Entra TokenService
	ARM   ResourceManager

	// Endpoints are URLs: addresses of services, audiences of their tokens, or both.
	Endpoints Endpoints
	// DNS holds the suffixes under which resources get their host names.
	DNS DNS
}

// Location is a region.
type Location struct {
	// Name is the canonical form, such as westus; DisplayName the printed one, West US.
	Name, DisplayName string
	// Paired is the region that geo-redundant storage copies to (ARM-STORAGE-021); empty for
	// regions that have none.
	Paired string
}

// TokenService is what a cloud's token service is called and says of itself.
type TokenService struct {
	// LoginHosts are the host names of the token service, aliases included. The first is
	// the one that its documents (discovery, instance discovery) name.
	LoginHosts []string
	// V1IssuerHost and V2IssuerHost stand in the iss claim of v1.0 and v2.0 tokens.
	V1IssuerHost, V2IssuerHost string
	// LoginEndpoint is the token service as the az CLI and ARM's metadata name it.
	LoginEndpoint string
	// TokenExchangeAudience is the audience of federated credentials.
	TokenExchangeAudience string
	// TenantRegionScope, CloudInstanceName, CloudGraphHostName, MSGraphHost and RBACURL
	// are members of the OpenID Connect discovery document. An empty TenantRegionScope is
	// printed as null.
	TenantRegionScope  string
	CloudInstanceName  string
	CloudGraphHostName string
	MSGraphHost        string
	RBACURL            string
}

// ResourceManager is the resource manager of a cloud.
type ResourceManager struct {
	// Endpoint is the base URL, as the az CLI has it. Hosts are its names.
	Endpoint string
	Hosts    []string
	// Audiences are those that the resource manager accepts, in the order in which its
	// error InvalidAuthenticationTokenAudience lists them.
	Audiences []string
	// ChallengeAuthority is the URL before the tenant, with its slash, in the
	// WWW-Authenticate header and in the message of InvalidAuthenticationTokenTenant.
	ChallengeAuthority string
}

// Endpoints are the URLs of a cloud's services. An empty one means that the cloud lacks
// the service or that the az CLI does not know it.
type Endpoints struct {
	Portal string
	// ClassicManagement is the service management API before ARM, and still the audience
	// that most clients ask for when they mean ARM.
	ClassicManagement string
	SQLManagement     string
	Gallery           string
	Media             string
	// Storage is the audience of all storage accounts, the same in every cloud.
	Storage string
	// Vault and ManagedHSM are audiences: a vault's own host is under DNS.Vault.
	Vault, ManagedHSM string
	MicrosoftGraph    string
	AADGraph          string
	Batch             string
	SQL               string
	OSSDatabases      string
	LogAnalytics      string
	AppInsights       string
	// AppInsightsTelemetry is where telemetry is posted.
	AppInsightsTelemetry string
	Synapse              string
	Attestation          string
	DataLake             string
	AppConfiguration     string
	Cosmos               string
	Monitor              string
	Cognitive            string
}

// DNS are the suffixes of a cloud's resources. An empty one means that there is none.
type DNS struct {
	// Storage is the part after the service: {account}.blob.{Storage}.
	Storage           string
	Vault             string
	ManagedHSM        string
	Registry          string
	SQL               string
	ServiceBus        string
	MySQL             string
	PostgreSQL        string
	MariaDB           string
	Cosmos            string
	AppConfiguration  string
	Synapse           string
	Attestation       string
	DataLakeStore     string
	DataLakeAnalytics string
	FrontDoor         string
	StorageSync       string
}

// V1Issuer is the iss claim of v1.0 tokens, with its trailing slash. ARM, Storage and Key
// Vault get such tokens from both endpoints.
func (c *Cloud) V1Issuer(tenant string) string {
	return "https://" + c.Entra.V1IssuerHost + "/" + tenant + "/"
}

// V2Issuer is the iss claim of v2.0 tokens, without a trailing slash.
func (c *Cloud) V2Issuer(tenant string) string {
	return "https://" + c.Entra.V2IssuerHost + "/" + tenant + "/v2.0"
}

// IsOwnIssuer tells whether an issuer of tokens, a URL, is the cloud's own token service.
func (c *Cloud) IsOwnIssuer(issuer string) bool {
	u, err := url.Parse(issuer)
	if err != nil {
		return false
	}
	service, _, ok := c.Resolve(u.Host)
	return ok && service == Login || strings.EqualFold(u.Host, c.Entra.V1IssuerHost) || strings.EqualFold(u.Host, c.Entra.V2IssuerHost)
}

// IsEntraIssuer tells whether an issuer of tokens is the token service of any cloud: none
// lets anybody else sign for it.
func IsEntraIssuer(issuer string) bool {
	return slices.ContainsFunc(All(), func(c *Cloud) bool { return c.IsOwnIssuer(issuer) })
}

// Challenge is the authorization_uri of ARM's 401: the authority of the tenant, or of none
// for a request that names no subscription.
func (c *Cloud) Challenge(tenant string) string {
	return c.ARM.ChallengeAuthority + tenant
}
