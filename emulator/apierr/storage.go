package apierr

// Refusals of Blob storage that are not about who asks.
const (
	StorageHTTPSRequired            Kind = "storage.HTTPSRequired"
	StorageHeaderValue              Kind = "storage.HeaderValue"
	StorageHeaderMissing            Kind = "storage.HeaderMissing"
	StorageHeaderUnsupported        Kind = "storage.HeaderUnsupported"
	StorageQueryValue               Kind = "storage.QueryValue"
	StorageQueryMissing             Kind = "storage.QueryMissing"
	StorageQueryRange               Kind = "storage.QueryRange"
	StorageVerb                     Kind = "storage.Verb"
	StorageURI                      Kind = "storage.URI"
	StorageResourceName             Kind = "storage.ResourceName"
	StorageInputRange               Kind = "storage.InputRange"
	StorageLength                   Kind = "storage.Length"
	StorageTooLarge                 Kind = "storage.TooLarge"
	StorageXML                      Kind = "storage.XML"
	StorageXMLValue                 Kind = "storage.XMLValue"
	StorageMD5Invalid               Kind = "storage.MD5Invalid"
	StorageMD5Mismatch              Kind = "storage.MD5Mismatch"
	StorageCRC64Mismatch            Kind = "storage.CRC64Mismatch"
	StorageTwoChecksums             Kind = "storage.TwoChecksums"
	StorageMetadataInvalid          Kind = "storage.MetadataInvalid"
	StorageMetadataEmpty            Kind = "storage.MetadataEmpty"
	StorageMetadataTooLarge         Kind = "storage.MetadataTooLarge"
	StorageConditionNotMet          Kind = "storage.ConditionNotMet"
	StorageNotModified              Kind = "storage.NotModified"
	StorageConditionUnsatisfied     Kind = "storage.ConditionUnsatisfied"
	StorageConditionsMany           Kind = "storage.ConditionsMany"
	StorageSecondaryWrite           Kind = "storage.SecondaryWrite"
	StoragePublicAccess             Kind = "storage.PublicAccess"
	StorageContainerExists          Kind = "storage.ContainerExists"
	StorageContainerNotFound        Kind = "storage.ContainerNotFound"
	StorageBlobExists               Kind = "storage.BlobExists"
	StorageBlobNotFound             Kind = "storage.BlobNotFound"
	StorageBlobArchived             Kind = "storage.BlobArchived"
	StorageLeaseNotPresent          Kind = "storage.LeaseNotPresent"
	StorageContainerLeaseNotPresent Kind = "storage.ContainerLeaseNotPresent"
	StorageRange                    Kind = "storage.Range"
	StorageBlockID                  Kind = "storage.BlockID"
	StorageBlockLength              Kind = "storage.BlockLength"
	StorageBlockList                Kind = "storage.BlockList"
	StorageBlockListTooLong         Kind = "storage.BlockListTooLong"
	StorageBlockCount               Kind = "storage.BlockCount"
	StorageTagsTooLarge             Kind = "storage.TagsTooLarge"
	StorageTagEmpty                 Kind = "storage.TagEmpty"
	StorageTagTwice                 Kind = "storage.TagTwice"
	StorageTagInvalid               Kind = "storage.TagInvalid"
	StorageResourceNotFound         Kind = "storage.ResourceNotFound"
	StorageNotEmulated              Kind = "storage.NotEmulated"
	StorageSibling                  Kind = "storage.Sibling"
	StorageCORS                     Kind = "storage.CORS"
	StorageCORSHeader               Kind = "storage.CORSHeader"
	StorageBusy                     Kind = "storage.Busy"
	StorageInternal                 Kind = "storage.Internal"
	StorageTimedOut                 Kind = "storage.TimedOut"
	StorageNotKept                  Kind = "storage.NotKept"
)

// Refusals of Blob storage about who asks.
const (
	StorageAuthenticationFailed Kind = "storage.AuthenticationFailed"
	StorageAuthenticationInfo   Kind = "storage.AuthenticationInfo"
	StorageBearerInvalid        Kind = "storage.BearerInvalid"
	StorageNoAuthentication     Kind = "storage.NoAuthentication"
	StorageKeysForbidden        Kind = "storage.KeysForbidden"
	StoragePermission           Kind = "storage.Permission"
	StorageFailure              Kind = "storage.Failure"
	StorageSourceIP             Kind = "storage.SourceIP"
	StorageProtocol             Kind = "storage.Protocol"
	StorageService              Kind = "storage.Service"
	StorageResourceType         Kind = "storage.ResourceType"
	StorageOverwrite            Kind = "storage.Overwrite"
)

const (
	conditionText   = "The condition specified using HTTP conditional header(s) is not met."
	headerValueText = "The value for one of the HTTP headers is not in the correct format."
	challengedText  = "Server failed to authenticate the request. Please refer to the information in the www-authenticate header."
	notAuthorized   = "This request is not authorized to perform this operation"
)

var storageRows = map[Kind]row{
	StorageHTTPSRequired:            {rule: "BLOB-COMMON-016", status: 400, code: "AccountRequiresHttps", gateway: true, text: "The account being accessed does not support http."},
	StorageHeaderValue:              {rule: "BLOB-COMMON-044", status: 400, code: "InvalidHeaderValue", text: headerValueText},
	StorageHeaderMissing:            {rule: "BLOB-COMMON-041", status: 400, code: "MissingRequiredHeader", text: "An HTTP header that's mandatory for this request is not specified."},
	StorageHeaderUnsupported:        {rule: "BLOB-COMMON-045", status: 400, code: "UnsupportedHeader", text: "One of the HTTP headers specified in the request is not supported."},
	StorageQueryValue:               {rule: "BLOB-COMMON-017", status: 400, code: "InvalidQueryParameterValue", text: "Value for one of the query parameters specified in the request URI is invalid."},
	StorageQueryMissing:             {rule: "BLOB-COMMON-042", status: 400, code: "MissingRequiredQueryParameter", text: "A query parameter that's mandatory for this request is not specified."},
	StorageQueryRange:               {rule: "BLOB-COMMON-043", status: 400, code: "OutOfRangeQueryParameterValue", text: "One of the query parameters specified in the request URI is outside the permissible range."},
	StorageVerb:                     {rule: "BLOB-COMMON-018", status: 405, code: "UnsupportedHttpVerb", text: "The resource doesn't support specified Http Verb."},
	StorageURI:                      {rule: "BLOB-COMMON-039", status: 400, code: "InvalidUri", text: "The requested URI does not represent any resource on the server."},
	StorageResourceName:             {rule: "BLOB-COMMON-037", status: 400, code: "InvalidResourceName", text: "The specifed resource name contains invalid characters."},
	StorageInputRange:               {rule: "BLOB-COMMON-038", status: 400, code: "OutOfRangeInput", text: "One of the request inputs is out of range."},
	StorageLength:                   {rule: "BLOB-COMMON-034", status: 411, code: "MissingContentLengthHeader", text: "Content-Length HTTP header was not specified."},
	StorageTooLarge:                 {rule: "BLOB-COMMON-033", status: 413, code: "RequestBodyTooLarge", text: "The request body is too large and exceeds the maximum permissible limit."},
	StorageXML:                      {rule: "BLOB-COMMON-035", status: 400, code: "InvalidXmlDocument", text: "XML specified is not syntactically valid."},
	StorageXMLValue:                 {rule: "BLOB-COMMON-036", status: 400, code: "InvalidXmlNodeValue", text: "The value for one of the XML nodes is not in the correct format."},
	StorageMD5Invalid:               {rule: "BLOB-COMMON-029", status: 400, code: "InvalidMd5", text: "The MD5 value specified in the request is invalid. MD5 value must be 128 bits and base64 encoded."},
	StorageMD5Mismatch:              {rule: "BLOB-COMMON-028", status: 400, code: "Md5Mismatch", text: "The MD5 value specified in the request did not match with the MD5 value calculated by the server."},
	StorageCRC64Mismatch:            {rule: "BLOB-COMMON-030", status: 400, code: "Crc64Mismatch", text: "The CRC64 value specified in the request did not match with the CRC64 value calculated by the server."},
	StorageTwoChecksums:             {rule: "BLOB-COMMON-031", status: 400, code: "BothCrc64AndMd5HeaderPresent", text: "Both x-ms-content-crc64 header and Content-MD5 header are present."},
	StorageMetadataInvalid:          {rule: "BLOB-COMMON-024", status: 400, code: "InvalidMetadata", text: "The metadata specified is invalid. It has characters that are not permitted."},
	StorageMetadataEmpty:            {rule: "BLOB-COMMON-027", status: 400, code: "EmptyMetadataKey", text: "The key for one of the metadata key-value pairs is empty."},
	StorageMetadataTooLarge:         {rule: "BLOB-COMMON-026", status: 400, code: "MetadataTooLarge", text: "The size of the specified metadata exceeds the maximum size permitted."},
	StorageConditionNotMet:          {rule: "BLOB-COND-007", status: 412, code: "ConditionNotMet", text: conditionText},
	StorageNotModified:              {rule: "BLOB-COND-003", status: 304, code: "ConditionNotMet", text: conditionText},
	StorageConditionUnsatisfied:     {rule: "BLOB-COND-004", status: 400, code: "UnsatisfiableCondition", text: "The request includes an unsatisfiable condition for this operation."},
	StorageConditionsMany:           {rule: "BLOB-COND-006", status: 400, code: "MultipleConditionHeadersNotSupported", text: "Multiple condition headers are not supported."},
	StorageSecondaryWrite:           {rule: "BLOB-COMMON-040", status: 403, code: "InsufficientAccountPermissions", text: "Write operations are not allowed."},
	StoragePublicAccess:             {rule: "BLOB-CONT-012", status: 409, code: "PublicAccessNotPermitted", text: "Public access is not permitted on this storage account."},
	StorageContainerExists:          {rule: "BLOB-CONT-002", status: 409, code: "ContainerAlreadyExists", text: "The specified container already exists."},
	StorageContainerNotFound:        {rule: "BLOB-CONT-003", status: 404, code: "ContainerNotFound", text: "The specified container does not exist."},
	StorageBlobExists:               {rule: "BLOB-PUT-008", status: 409, code: "BlobAlreadyExists", text: "The specified blob already exists."},
	StorageBlobNotFound:             {rule: "BLOB-GET-002", status: 404, code: "BlobNotFound", text: "The specified blob does not exist."},
	StorageBlobArchived:             {rule: "BLOB-PROP-011", status: 409, code: "BlobArchived", text: "This operation is not permitted on an archived blob."},
	StorageLeaseNotPresent:          {rule: "BLOB-COMMON-046", status: 412, code: "LeaseNotPresentWithBlobOperation", text: "There is currently no lease on the blob."},
	StorageContainerLeaseNotPresent: {rule: "BLOB-COMMON-047", status: 412, code: "LeaseNotPresentWithContainerOperation", text: "There is currently no lease on the container."},
	StorageRange:                    {rule: "BLOB-GET-005", status: 416, code: "InvalidRange", text: "The range specified is invalid for the current size of the resource."},
	StorageBlockID:                  {rule: "BLOB-PUT-012", status: 400, code: "InvalidBlockId", text: "The specified block ID is invalid. The block ID must be Base64-encoded."},
	StorageBlockLength:              {rule: "BLOB-PUT-011", status: 400, code: "InvalidBlobOrBlock", text: "The specified blob or block content is invalid."},
	StorageBlockList:                {rule: "BLOB-PUT-018", status: 400, code: "InvalidBlockList", text: "The specified block list is invalid."},
	StorageBlockListTooLong:         {rule: "BLOB-PUT-019", status: 400, code: "BlockListTooLong", text: "The block list may not contain more than 50,000 blocks."},
	StorageBlockCount:               {rule: "BLOB-PUT-016", status: 409, code: "BlockCountExceedsLimit", text: "The uncommitted block count cannot exceed the maximum limit of 100,000 blocks."},
	StorageTagsTooLarge:             {rule: "BLOB-PROP-004", status: 400, code: "TagsTooLarge", text: "The tags specified exceed the maximum permissible limit."},
	StorageTagEmpty:                 {rule: "BLOB-PROP-005", status: 400, code: "EmptyTagName", text: "The name of one of the tag key-value pairs is empty."},
	StorageTagTwice:                 {rule: "BLOB-PROP-006", status: 400, code: "DuplicateTagNames", text: "The tags specified contain duplicate names."},
	StorageTagInvalid:               {rule: "BLOB-PROP-007", status: 400, code: "InvalidTag", text: "The tags specified are invalid. They have characters that are not permitted."},
	StorageResourceNotFound:         {rule: "BLOB-AUTH-020", status: 404, code: "ResourceNotFound", text: "The specified resource does not exist."},
	StorageBusy:                     {rule: "BLOB-COMMON-048", status: 503, code: "ServerBusy", text: "The server is busy."},
	StorageInternal:                 {rule: "BLOB-COMMON-049", status: 500, code: "InternalError", text: "Server encountered an internal error. Please try again after some time."},
	StorageTimedOut:                 {rule: "BLOB-COMMON-050", status: 500, code: "OperationTimedOut", text: "Operation could not be completed within the specified time."},
	StorageNotKept:                  {status: 503, code: "ServerBusy", text: notKept},
	StorageNotEmulated:              {status: 501, code: "NotImplemented", text: "Linarite does not emulate %s. See docs/divergences.md, and use what it names instead."},
	StorageSibling:                  {status: 501, code: "NotImplemented", text: "Linarite does not emulate %s: it answers %s. See docs/azurite-dropin.md; the account is served as Blob storage."},
	StorageCORS:                     {rule: "BLOB-CORS-003", status: 403, code: "CorsPreflightFailure", text: "CORS not enabled or no matching rule found for this request."},
	StorageCORSHeader:               {rule: "BLOB-CORS-004", status: 400, code: "InvalidHeaderValue", text: "A required CORS header is not present."},

	StorageAuthenticationFailed: {rule: "BLOB-AUTH-024", status: 403, code: "AuthenticationFailed", gateway: true,
		text: "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature."},
	StorageAuthenticationInfo: {rule: "BLOB-AUTH-016", status: 400, code: "InvalidAuthenticationInfo", gateway: true,
		text: "Authentication information is not given in the correct format. Check the value of Authorization header."},
	StorageBearerInvalid:    {rule: "BLOB-AUTH-009", status: 401, code: "InvalidAuthenticationInfo", gateway: true, text: challengedText},
	StorageNoAuthentication: {rule: "BLOB-AUTH-019", status: 401, code: "NoAuthenticationInformation", gateway: true, text: challengedText},
	StorageKeysForbidden:    {rule: "BLOB-AUTH-017", status: 403, code: "KeyBasedAuthenticationNotPermitted", gateway: true, text: "Key based authentication is not permitted on this storage account."},
	StoragePermission:       {rule: "BLOB-AUTH-013", status: 403, code: "AuthorizationPermissionMismatch", text: notAuthorized + " using this permission."},
	StorageFailure:          {rule: "BLOB-AUTH-030", status: 403, code: "AuthorizationFailure", text: notAuthorized + "."},
	StorageSourceIP:         {rule: "BLOB-AUTH-026", status: 403, code: "AuthorizationSourceIPMismatch", text: notAuthorized + " using this source IP %s."},
	StorageProtocol:         {rule: "BLOB-AUTH-027", status: 403, code: "AuthorizationProtocolMismatch", text: notAuthorized + " using this protocol."},
	StorageService:          {rule: "BLOB-AUTH-028", status: 403, code: "AuthorizationServiceMismatch", text: notAuthorized + " using this service."},
	StorageResourceType:     {rule: "BLOB-AUTH-029", status: 403, code: "AuthorizationResourceTypeMismatch", text: notAuthorized + " using this resource type."},
	StorageOverwrite:        {rule: "BLOB-AUTH-031", status: 403, code: "UnauthorizedBlobOverwrite", text: "This request is not authorized to perform blob overwrites."},
}
