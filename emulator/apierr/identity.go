package apierr

// Refusals of the instance metadata service, identity category.
const (
	IMDSMetadataHeader     Kind = "imds.MetadataHeader"
	IMDSForwarded          Kind = "imds.Forwarded"
	IMDSVersion            Kind = "imds.Version"
	IMDSResourceMissing    Kind = "imds.ResourceMissing"
	IMDSResourceUnknown    Kind = "imds.ResourceUnknown"
	IMDSIdentityNotFound   Kind = "imds.IdentityNotFound"
	IMDSIdentityAmbiguous  Kind = "imds.IdentityAmbiguous"
	IMDSSelectorsExclusive Kind = "imds.SelectorsExclusive"
	IMDSDuplicate          Kind = "imds.Duplicate"
	IMDSMalformedQuery     Kind = "imds.MalformedQuery"
	IMDSNotFound           Kind = "imds.NotFound"
	IMDSMethod             Kind = "imds.Method"
	IMDSUpdating           Kind = "imds.Updating"
	IMDSThrottled          Kind = "imds.Throttled"
	IMDSFailed             Kind = "imds.Failed"
)

// Texts where no capture is public say what the documentation says in our words;
// their rules stand as unverified.
var imdsRows = map[Kind]row{
	IMDSMetadataHeader:     {rule: "IMDS-TOKEN-002", status: 400, code: "invalid_request", text: "Required metadata header not specified"},
	IMDSForwarded:          {rule: "IMDS-TOKEN-009", status: 400, code: "invalid_request", text: "X-Forwarded-For header is not allowed on requests to the metadata service"},
	IMDSVersion:            {rule: "IMDS-TOKEN-012", status: 400, code: "invalid_request", text: "Bad request. api-version is invalid or was not specified in the request. For more information refer to aka.ms/azureimds"},
	IMDSResourceMissing:    {rule: "IMDS-TOKEN-010", status: 400, code: "invalid_request", text: "Required query variable 'resource' is missing"},
	IMDSResourceUnknown:    {rule: "IMDS-TOKEN-050", status: 400, code: "invalid_resource", text: "%s"},
	IMDSIdentityNotFound:   {rule: "IMDS-TOKEN-031", status: 400, code: "invalid_request", text: "Identity not found"},
	IMDSIdentityAmbiguous:  {rule: "IMDS-TOKEN-026", status: 400, code: "invalid_request", text: "Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"},
	IMDSSelectorsExclusive: {rule: "IMDS-TOKEN-017", status: 400, code: "invalid_request", text: "The query variables client_id, object_id and msi_res_id are mutually exclusive"},
	IMDSDuplicate:          {rule: "IMDS-TOKEN-015", status: 400, code: "invalid_request", text: "Query variable '%s' was specified more than once"},
	IMDSMalformedQuery:     {rule: "IMDS-TOKEN-070", status: 400, code: "invalid_request", text: "The query string is malformed"},
	IMDSNotFound:           {rule: "IMDS-TOKEN-054", status: 404, code: "Not Found"},
	IMDSMethod:             {rule: "IMDS-TOKEN-053", status: 405, code: "method_not_allowed", text: "The http method is not allowed"},
	IMDSUpdating:           {rule: "IMDS-TOKEN-055", status: 410, code: "service_unavailable", text: "The metadata service is being updated"},
	IMDSThrottled:          {rule: "IMDS-TOKEN-072", status: 429, code: "invalid_request", text: "Temporarily throttled, too many requests"},
	IMDSFailed:             {rule: "IMDS-TOKEN-073", status: 500, code: "unknown", text: "Failed to retrieve token from the Active directory. For details see logs in <file path>"},
}

// Refusals of App Service's token endpoint.
const (
	AppServiceHeader    Kind = "appservice.Header"
	AppServiceVersion   Kind = "appservice.Version"
	AppServiceResource  Kind = "appservice.Resource"
	AppServiceIdentity  Kind = "appservice.Identity"
	AppServiceSelectors Kind = "appservice.Selectors"
	AppServiceAudience  Kind = "appservice.Audience"
	AppServiceMethod    Kind = "appservice.Method"
	AppServiceQuery     Kind = "appservice.Query"
	AppServiceNotFound  Kind = "appservice.NotFound"
)

var appServiceRows = map[Kind]row{
	AppServiceHeader:    {rule: "IMDS-APPSVC-003", status: 401, text: "The X-IDENTITY-HEADER header is missing or does not match."},
	AppServiceVersion:   {rule: "IMDS-APPSVC-023", status: 400, text: "The api-version '%s' is not supported. Supported versions are '2017-09-01', '2019-08-01'."},
	AppServiceResource:  {rule: "IMDS-APPSVC-024", status: 400, text: "The query parameter 'resource' is required."},
	AppServiceIdentity:  {rule: "IMDS-APPSVC-017", status: 400, text: "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."},
	AppServiceSelectors: {rule: "IMDS-APPSVC-025", status: 400, text: "Only one of client_id, principal_id, object_id and mi_res_id may be specified."},
	AppServiceAudience:  {rule: "IMDS-APPSVC-019", status: 500, text: "%s"},
	AppServiceMethod:    {rule: "IMDS-APPSVC-026", status: 405, text: "The endpoint only accepts GET requests."},
	AppServiceQuery:     {rule: "IMDS-APPSVC-027", status: 400, text: "The query string is malformed."},
	AppServiceNotFound:  {rule: "IMDS-APPSVC-028", status: 404, text: "Not Found"},
}

// Refusals of Entra ID.
const (
	EntraTenantUnknown     Kind = "entra.TenantUnknown"
	EntraTenantUnknownOIDC Kind = "entra.TenantUnknownOIDC"
	EntraTenantInvalid     Kind = "entra.TenantInvalid"
	EntraTenantInvalidOIDC Kind = "entra.TenantInvalidOIDC"
	EntraInstance          Kind = "entra.Instance"
	EntraResource          Kind = "entra.Resource"
	EntraParameterMissing  Kind = "entra.ParameterMissing"
	EntraPOSTOnly          Kind = "entra.POSTOnly"
	EntraParameterTwice    Kind = "entra.ParameterTwice"
	EntraMalformed         Kind = "entra.Malformed"
	EntraNotFound          Kind = "entra.NotFound"
	EntraResourceParameter Kind = "entra.ResourceParameter"
	EntraScope             Kind = "entra.Scope"
	EntraGrantType         Kind = "entra.GrantType"
	EntraClientUnknown     Kind = "entra.ClientUnknown"
	EntraCredentialMissing Kind = "entra.CredentialMissing"
	EntraSecretInvalid     Kind = "entra.SecretInvalid"
	EntraNoPrincipal       Kind = "entra.NoPrincipal"
	EntraThrottled         Kind = "entra.Throttled"
	EntraUnavailable       Kind = "entra.Unavailable"
	EntraFailed            Kind = "entra.Failed"
)

const (
	tenantUnknown = "Tenant '%s' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."
	tenantInvalid = "Specified tenant identifier '%s' is neither a valid DNS name, nor a valid external domain."
)

var entraRows = map[Kind]row{
	EntraTenantUnknown:     {rule: "ENTRA-TOKEN-020", status: 400, code: "invalid_request", number: 90002, text: tenantUnknown},
	EntraTenantUnknownOIDC: {rule: "ENTRA-OIDC-018", status: 400, code: "invalid_tenant", number: 90002, text: tenantUnknown},
	EntraTenantInvalid:     {rule: "ENTRA-TOKEN-021", status: 400, code: "invalid_request", number: 900023, text: tenantInvalid},
	EntraTenantInvalidOIDC: {rule: "ENTRA-OIDC-018", status: 400, code: "invalid_tenant", number: 900023, text: tenantInvalid},
	EntraInstance:          {rule: "ENTRA-OIDC-032", status: 400, code: "invalid_instance", number: 50049, text: "Unknown or invalid instance."},
	EntraResource: {rule: "ENTRA-TOKEN-018", status: 400, code: "invalid_resource", number: 500011, text: "The resource principal named %s was not found in the tenant named %s. " +
		"This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."},
	EntraParameterMissing:  {rule: "ENTRA-TOKEN-014", status: 400, code: "invalid_request", number: 900144, text: "The request body must contain the following parameter: '%s'."},
	EntraPOSTOnly:          {rule: "ENTRA-TOKEN-022", status: 400, code: "invalid_request", number: 900561, text: "The endpoint only accepts POST requests. Received a %s request."},
	EntraParameterTwice:    {rule: "ENTRA-TOKEN-030", status: 400, code: "invalid_request", number: 9000411, text: "The request is not properly formatted. The parameter '%s' is duplicated."},
	EntraMalformed:         {rule: "ENTRA-TOKEN-023", status: 400, code: "invalid_request", number: 9002313, text: "Invalid request. Request is malformed or invalid."},
	EntraNotFound:          {rule: "ENTRA-TOKEN-025", status: 404, code: "not_found", number: 90013, text: "Invalid input received from the user."},
	EntraResourceParameter: {rule: "ENTRA-TOKEN-019", status: 400, code: "invalid_request", number: 901002, text: "The 'resource' request parameter is not supported."},
	EntraScope: {rule: "ENTRA-TOKEN-017", status: 400, code: "invalid_scope", number: 1002012, text: "The provided value for scope %s is not valid. " +
		"Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."},
	EntraGrantType: {rule: "ENTRA-TOKEN-016", status: 400, code: "unsupported_grant_type", number: 70003, text: "The app requested an unsupported grant type '%s'."},
	EntraClientUnknown: {rule: "ENTRA-TOKEN-012", status: 400, code: "unauthorized_client", number: 700016, text: "Application with identifier '%s' was not found in the directory '%s'. " +
		"This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."},
	EntraThrottled:         {rule: "ENTRA-TOKEN-026", status: 429, code: "throttled", number: 90055, text: "Too Many Requests"}, // the text is all of the answer
	EntraUnavailable:       {rule: "ENTRA-TOKEN-027", status: 503, code: "temporarily_unavailable", number: 90033, text: "A transient error has occurred. Please try again."},
	EntraFailed:            {rule: "ENTRA-TOKEN-028", status: 500, code: "server_error", number: 90041, text: "A transient error has occurred. Please try again."},
	EntraCredentialMissing: {rule: "ENTRA-TOKEN-013", status: 401, code: "invalid_client", number: 7000216, text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."},
	EntraSecretInvalid: {rule: "ENTRA-TOKEN-011", status: 401, code: "invalid_client", number: 7000215, text: "Invalid client secret provided. " +
		"Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '%s'."},
	EntraNoPrincipal: {rule: "ENTRA-TOKEN-024", status: 401, code: "invalid_client", number: 7000229, text: "The client application %s is missing service principal in the tenant %s. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119"},
}
