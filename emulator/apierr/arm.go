package apierr

// Refusals of Azure Resource Manager's front door and of its resource group provider.
const (
	ARMVersionMissing        Kind = "arm.VersionMissing"
	ARMVersionInvalid        Kind = "arm.VersionInvalid"
	ARMProviderVersion       Kind = "arm.ProviderVersion"
	ARMTypeInvalid           Kind = "arm.TypeInvalid"
	ARMTypeVersion           Kind = "arm.TypeVersion"
	ARMResourceNotFound      Kind = "arm.ResourceNotFound"
	ARMNoHeader              Kind = "arm.NoHeader"
	ARMHeaderInvalid         Kind = "arm.HeaderInvalid"
	ARMTokenInvalid          Kind = "arm.TokenInvalid"
	ARMTokenNoObject         Kind = "arm.TokenNoObject"
	ARMTokenExpired          Kind = "arm.TokenExpired"
	ARMTokenNotYet           Kind = "arm.TokenNotYet"
	ARMTokenAudience         Kind = "arm.TokenAudience"
	ARMTokenTenant           Kind = "arm.TokenTenant"
	ARMForbidden             Kind = "arm.Forbidden"
	ARMSubscriptionInvalid   Kind = "arm.SubscriptionInvalid"
	ARMSubscriptionMissing   Kind = "arm.SubscriptionMissing"
	ARMSubscriptionNotFound  Kind = "arm.SubscriptionNotFound"
	ARMGroupNotFound         Kind = "arm.GroupNotFound"
	ARMGroupDeleting         Kind = "arm.GroupDeleting"
	ARMGroupName             Kind = "arm.GroupName"
	ARMGroupLocation         Kind = "arm.GroupLocation"
	ARMGroupLocationConflict Kind = "arm.GroupLocationConflict"
	ARMLocationRequired      Kind = "arm.LocationRequired"
	ARMNamespaceInvalid      Kind = "arm.NamespaceInvalid"
	ARMContentInvalid        Kind = "arm.ContentInvalid"
	ARMContentTooLarge       Kind = "arm.ContentTooLarge"
	ARMMediaType             Kind = "arm.MediaType"
	ARMFilterInvalid         Kind = "arm.FilterInvalid"
	ARMSkipTokenInvalid      Kind = "arm.SkipTokenInvalid"
	ARMTopInvalid            Kind = "arm.TopInvalid"
	ARMTagsTooMany           Kind = "arm.TagsTooMany"
	ARMTagNameInvalid        Kind = "arm.TagNameInvalid"
	ARMTagNameTooLong        Kind = "arm.TagNameTooLong"
	ARMTagValueTooLong       Kind = "arm.TagValueTooLong"
	ARMMethod                Kind = "arm.Method"
	ARMNotFound              Kind = "arm.NotFound"
	ARMMetadataVersion       Kind = "arm.MetadataVersion"
	ARMThrottled             Kind = "arm.Throttled"
	ARMInternal              Kind = "arm.Internal"
	ARMTimeout               Kind = "arm.Timeout"
	ARMGatewayTimeout        Kind = "arm.GatewayTimeout"
)

const diagnostics = "Diagnostic information: timestamp '%s', subscription id '%s', tracking id '%s', request correlation id '%s'."

var armRows = map[Kind]row{
	ARMProviderVersion:  {rule: "ARM-COMMON-007", status: 400, code: "NoRegisteredProviderFound", text: "No registered resource provider found for location '%s' and API version '%s' for type '%s'. The supported api-versions are '%s'. The supported locations are '%s'."},
	ARMTypeInvalid:      {rule: "ARM-COMMON-041", status: 404, code: "InvalidResourceType", text: "The resource type could not be found in the namespace '%s' for api version '%s'."},
	ARMTypeVersion:      {rule: "ARM-COMMON-041", status: 404, code: "InvalidResourceType", text: "The resource type '%s' could not be found in the namespace '%s' for api version '%s'. The supported api-versions are '%s'."},
	ARMResourceNotFound: {rule: "ARM-COMMON-043", status: 404, code: "ResourceNotFound", text: "The Resource '%s' under resource group '%s' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix"},
	ARMVersionMissing:   {rule: "ARM-COMMON-001", status: 400, code: "MissingApiVersionParameter", text: "The api-version query parameter (?api-version=) is required for all requests."},
	ARMVersionInvalid:   {rule: "ARM-COMMON-005", status: 400, code: "InvalidApiVersionParameter", text: "The api-version '%s' is invalid. The supported versions are '%s'."},
	ARMNoHeader:         {rule: "ARM-COMMON-010", status: 401, code: "AuthenticationFailed", text: "Authentication failed. The 'Authorization' header is missing."},
	ARMHeaderInvalid:    {rule: "ARM-COMMON-012", status: 401, code: "AuthenticationFailedInvalidHeader", text: "Authentication failed. The 'Authorization' header is provided in an invalid format."},
	ARMTokenInvalid:     {rule: "ARM-COMMON-015", status: 401, code: "InvalidAuthenticationToken", text: "The access token is invalid."},
	ARMTokenNoObject: {rule: "ARM-COMMON-085", status: 401, code: "InvalidAuthenticationToken", text: "The received access token is not valid: at least one of the claims 'puid' or 'altsecid' or 'oid' should be present. " +
		"If you are accessing as an application please make sure service principal is properly created in the tenant."},
	ARMTokenExpired:  {rule: "ARM-COMMON-017", status: 401, code: "ExpiredAuthenticationToken", text: "The access token expiry UTC time '%s' is earlier than current UTC time '%s'."},
	ARMTokenNotYet:   {rule: "ARM-COMMON-086", status: 401, code: "InvalidAuthenticationToken", text: "The access token is invalid."},
	ARMTokenAudience: {rule: "ARM-COMMON-019", status: 401, code: "InvalidAuthenticationTokenAudience", text: "The access token has been obtained for wrong audience or resource '%s'. It should exactly match with one of the allowed audiences '%s'."},
	ARMTokenTenant: {rule: "ARM-COMMON-022", status: 401, code: "InvalidAuthenticationTokenTenant", text: "The access token is from the wrong issuer '%s'. It must match the tenant '%s' associated with this subscription. " +
		"Please use the authority (URL) '%s' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, " +
		"but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later."},
	ARMThrottled: {rule: "ARM-COMMON-090", status: 429, code: "SubscriptionRequestsThrottled", text: "Number of '%s' requests for subscription '%s' actor '%s' exceeded. " +
		"Please try again after '%d' seconds after additional tokens are available. Refer to https://aka.ms/arm-throttling for additional information."},
	ARMInternal:             {rule: "ARM-COMMON-091", status: 500, code: "InternalServerError", text: "Encountered internal server error. " + diagnostics},
	ARMTimeout:              {rule: "ARM-COMMON-092", status: 503, code: "ServerTimeout", text: "The request timed out. " + diagnostics},
	ARMGatewayTimeout:       {rule: "ARM-COMMON-093", status: 504, code: "GatewayTimeout", backend: true, text: "The gateway did not receive a response from '%s' within the specified time period."},
	ARMForbidden:            {rule: "ARM-COMMON-032", status: 403, code: "AuthorizationFailed", text: "The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials."},
	ARMSubscriptionInvalid:  {rule: "ARM-COMMON-031", status: 400, code: "InvalidSubscriptionId", text: "The provided subscription identifier '%s' is malformed or invalid."},
	ARMSubscriptionMissing:  {rule: "ARM-COMMON-080", status: 404, code: "MissingSubscription", text: "The request did not have a provided subscription. All requests must have an associated subscription Id."},
	ARMSubscriptionNotFound: {rule: "ARM-COMMON-029", status: 404, code: "SubscriptionNotFound", text: "The subscription '%s' could not be found."},
	ARMGroupNotFound:        {rule: "ARM-GROUP-002", status: 404, code: "ResourceGroupNotFound", text: "Resource group '%s' could not be found."},
	ARMGroupDeleting:        {rule: "ARM-GROUP-031", status: 409, code: "ResourceGroupBeingDeleted", text: "The resource group '%s' is in deprovisioning state and cannot perform this operation."},
	ARMGroupName:            {rule: "ARM-GROUP-022", status: 400, code: "InvalidResourceGroup", text: "The provided resource group name '%s' has these invalid characters: '%s'. The name can only be a letter, digit, '-', '.', '(', ')' or '_'."},
	ARMGroupLocation:        {rule: "ARM-GROUP-032", status: 400, code: "LocationNotAvailableForResourceGroup", text: "The provided location '%s' is not available for resource group. List of available regions is '%s'."},
	ARMGroupLocationConflict: {rule: "ARM-GROUP-019", status: 409, code: "InvalidResourceGroupLocation",
		text: "Invalid resource group location '%s'. The Resource group already exists in location '%s'."},
	ARMLocationRequired: {rule: "ARM-GROUP-017", status: 400, code: "LocationRequired", text: "The location property is required for this definition."},
	ARMNamespaceInvalid: {rule: "ARM-COMMON-042", status: 404, code: "InvalidResourceNamespace", text: "The resource namespace '%s' is invalid."},
	ARMContentInvalid:   {rule: "ARM-COMMON-072", status: 400, code: "InvalidRequestContent", text: "The request content was invalid and could not be deserialized: '%s'."},
	ARMContentTooLarge:  {rule: "ARM-COMMON-074", status: 413, code: "RequestContentTooLarge", text: "The request content size exceeds the maximum size of %d bytes."},
	ARMMediaType:        {rule: "ARM-COMMON-073", status: 415, code: "UnsupportedMediaType", text: "The content media type '%s' is not supported. Only 'application/json' is supported."},
	ARMFilterInvalid:    {rule: "ARM-GROUP-033", status: 400, code: "InvalidFilterInQueryString", text: "Invalid $filter '%s' specified in the query string."},
	ARMSkipTokenInvalid: {rule: "ARM-COMMON-083", status: 400, code: "InvalidSkipToken", text: "The $skiptoken '%s' is invalid."},
	ARMTopInvalid:       {rule: "ARM-COMMON-084", status: 400, code: "InvalidTopInQueryString", text: "Invalid $top '%s' specified in the query string."},
	ARMTagsTooMany:      {rule: "ARM-COMMON-075", status: 400, code: "TooManyTags", text: "The number of tags on the resource is '%d'. The maximum number of tags is '%d'."},
	ARMTagNameInvalid:   {rule: "ARM-COMMON-076", status: 400, code: "InvalidTagNameCharacters", text: "The tag name '%s' has these invalid characters: '<,>,%%,&,\\,?,/'."},
	ARMTagNameTooLong:   {rule: "ARM-COMMON-077", status: 400, code: "InvalidTagName", text: "The tag name must be non-null, non-empty and non-whitespace only, and at most %d characters."},
	ARMTagValueTooLong:  {rule: "ARM-COMMON-078", status: 400, code: "InvalidTagValue", text: "The value of the tag '%s' is longer than %d characters."},
	ARMMethod:           {rule: "ARM-COMMON-079", status: 405, code: "HttpMethodNotAllowed", text: "The HTTP method '%s' is not supported at scope '%s'."},
	ARMNotFound:         {rule: "ARM-COMMON-081", status: 404, code: "NotFound", text: "No route matches the path '%s'."},
	ARMMetadataVersion:  {rule: "ARM-COMMON-082", status: 400, code: "InvalidApiVersionParameter", text: "The api-version '%s' is invalid. The supported versions are '%s'."},
}
