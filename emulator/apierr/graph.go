package apierr

// Refusals of Microsoft Graph.
const (
	GraphNoToken       Kind = "graph.NoToken"
	GraphNotAToken     Kind = "graph.NotAToken"
	GraphTokenInvalid  Kind = "graph.TokenInvalid"
	GraphTokenExpired  Kind = "graph.TokenExpired"
	GraphTokenNotYet   Kind = "graph.TokenNotYet"
	GraphTokenAudience Kind = "graph.TokenAudience"
	GraphNobody        Kind = "graph.Nobody"
	GraphForbidden     Kind = "graph.Forbidden"
	GraphMissing       Kind = "graph.Missing"
	GraphMe            Kind = "graph.Me"
	GraphSegment       Kind = "graph.Segment"
	GraphVersion       Kind = "graph.Version"
	GraphMethod        Kind = "graph.Method"
	GraphFilter        Kind = "graph.Filter"
	GraphFilterClause  Kind = "graph.FilterClause"
	GraphBody          Kind = "graph.Body"
	GraphTop           Kind = "graph.Top"
	GraphSkipToken     Kind = "graph.SkipToken"
	GraphThrottled     Kind = "graph.Throttled"
)

var graphRows = map[Kind]row{
	GraphNoToken:       {rule: "ENTRA-GRAPH-002", status: 401, code: "InvalidAuthenticationToken", text: "Access token is empty."},
	GraphNotAToken:     {rule: "ENTRA-GRAPH-003", status: 401, code: "InvalidAuthenticationToken", text: "CompactToken parsing failed with error code: 80049217"},
	GraphTokenInvalid:  {rule: "ENTRA-GRAPH-004", status: 401, code: "InvalidAuthenticationToken", text: "Access token validation failure."},
	GraphTokenExpired:  {rule: "ENTRA-GRAPH-005", status: 401, code: "InvalidAuthenticationToken", text: "Lifetime validation failed, the token is expired."},
	GraphTokenNotYet:   {rule: "ENTRA-GRAPH-006", status: 401, code: "InvalidAuthenticationToken", text: "Lifetime validation failed, the token is not yet valid."},
	GraphTokenAudience: {rule: "ENTRA-GRAPH-007", status: 401, code: "InvalidAuthenticationToken", text: "Access token validation failure. Invalid audience."},
	GraphNobody:        {rule: "ENTRA-GRAPH-010", status: 401, code: "Authorization_IdentityNotFound", text: "The identity of the calling application could not be established."},
	GraphForbidden:     {rule: "ENTRA-GRAPH-011", status: 403, code: "Authorization_RequestDenied", text: "Insufficient privileges to complete the operation."},
	GraphMissing:       {rule: "ENTRA-GRAPH-013", status: 404, code: "Request_ResourceNotFound", text: "Resource '%s' does not exist or one of its queried reference-property objects are not present."},
	GraphMe:            {rule: "ENTRA-GRAPH-014", status: 400, code: "BadRequest", text: "/me request is only valid with delegated authentication flow."},
	GraphSegment:       {rule: "ENTRA-GRAPH-015", status: 400, code: "BadRequest", text: "Resource not found for the segment '%s'."},
	GraphVersion:       {rule: "ENTRA-GRAPH-016", status: 400, code: "BadRequest", text: "Invalid version: %s"},
	GraphMethod:        {rule: "ENTRA-GRAPH-017", status: 405, code: "Request_BadRequest", text: "Specified HTTP method is not allowed for the request target."},
	GraphFilter:        {rule: "ENTRA-GRAPH-025", status: 400, code: "Request_UnsupportedQuery", text: "Unsupported or invalid query filter clause specified for property '%s' of resource '%s'."},
	GraphFilterClause:  {rule: "ENTRA-GRAPH-026", status: 400, code: "BadRequest", text: "Invalid filter clause: '%s'."},
	GraphBody:          {rule: "ENTRA-GRAPH-032", status: 400, code: "BadRequest", text: "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."},
	GraphTop:           {rule: "ENTRA-GRAPH-028", status: 400, code: "BadRequest", text: "Invalid value '%s' for $top query option found. The $top query option requires a positive integer value."},
	GraphSkipToken:     {rule: "ENTRA-GRAPH-029", status: 400, code: "BadRequest", text: "The $skiptoken '%s' is invalid."},
	GraphThrottled:     {rule: "ENTRA-GRAPH-034", status: 429, code: "TooManyRequests", text: "Too many requests from Identifier:%s under category:aadgraph.app.tenant. Please try again later."},
}
