package apierr

// Refusals of Entra ID about client assertions.
const (
	EntraAssertionType        Kind = "entra.AssertionType"
	EntraAssertionMalformed   Kind = "entra.AssertionMalformed"
	EntraAssertionAlgorithm   Kind = "entra.AssertionAlgorithm"
	EntraAssertionAudiences   Kind = "entra.AssertionAudiences"
	EntraAssertionSubject     Kind = "entra.AssertionSubject"
	EntraAssertionClient      Kind = "entra.AssertionClient"
	EntraAssertionAudience    Kind = "entra.AssertionAudience"
	EntraAssertionTime        Kind = "entra.AssertionTime"
	EntraCertificateUnknown   Kind = "entra.CertificateUnknown"
	EntraCertificateExpired   Kind = "entra.CertificateExpired"
	EntraCertificateSignature Kind = "entra.CertificateSignature"
	EntraFederationNone       Kind = "entra.FederationNone"
	EntraFederationOwn        Kind = "entra.FederationOwn"
	EntraFederationTenant     Kind = "entra.FederationTenant"
	EntraFederationMachine    Kind = "entra.FederationMachine"
	EntraFederationIssuer     Kind = "entra.FederationIssuer"
	EntraFederationSubject    Kind = "entra.FederationSubject"
	EntraFederationCase       Kind = "entra.FederationCase"
	EntraFederationAudience   Kind = "entra.FederationAudience"
	EntraFederationUnreached  Kind = "entra.FederationUnreached"
	EntraFederationKey        Kind = "entra.FederationKey"
	EntraFederationSignature  Kind = "entra.FederationSignature"
)

// The texts about assertions that several refusals share.
const (
	certificateHelp = ", Please visit the Azure Portal, Graph Explorer or directly use MS Graph to see configured keys for app Id '%s'. " +
		"Review the documentation at https://docs.microsoft.com/en-us/graph/deployments to determine the corresponding service endpoint and " +
		"https://docs.microsoft.com/en-us/graph/api/application-get?view=graph-rest-1.0&tabs=http to build a query request URL, such as 'https://graph.microsoft.com/beta/applications/%s']."
	certificateDocs = " Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."
	federationHelp  = " Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
	noRecord        = "No matching federated identity record found for presented assertion "
)

// entraAssertionRows are the refusals of client assertions: of clients' own, signed with a
// certificate, and of foreign ones that a federated credential has to trust.
var entraAssertionRows = map[Kind]row{
	EntraAssertionType:      {rule: "ENTRA-ASSERT-005", status: 401, code: "invalid_client", number: 7000216, text: "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type."},
	EntraAssertionMalformed: {rule: "ENTRA-ASSERT-006", status: 400, code: "invalid_request", number: 50027, text: "JWT token is invalid or malformed."},
	EntraAssertionAlgorithm: {rule: "ENTRA-ASSERT-007", status: 400, code: "invalid_request", number: 5002730, text: "Invalid JWT token. Unsupported key for the signing algorithm."},
	EntraAssertionAudiences: {rule: "ENTRA-ASSERT-008", status: 400, code: "invalid_request", number: 5002741, text: "Number of audience values in the provided client credential exceed maximum allowed. %d audience values provided, maximum allowed is 1."},
	EntraAssertionTime: {rule: "ENTRA-ASSERT-009", status: 401, code: "invalid_client", number: 700024, text: "Client assertion is not within its valid time range. " +
		"Current time: %s, assertion valid from %s, expiry time of assertion %s." + certificateDocs},
	EntraAssertionSubject:  {rule: "ENTRA-CERT-004", status: 401, code: "invalid_client", number: 50048, text: "Subject must match the issuer claim in the client assertion."},
	EntraAssertionClient:   {rule: "ENTRA-CERT-005", status: 401, code: "invalid_client", number: 700021, text: "Client assertion application identifier doesn't match 'client_id' parameter." + certificateDocs},
	EntraAssertionAudience: {rule: "ENTRA-CERT-006", status: 401, code: "invalid_client", number: 700023, text: "Client assertion audience claim does not match Realm issuer." + certificateDocs},
	EntraCertificateUnknown: {rule: "ENTRA-CERT-003", status: 401, code: "invalid_client", number: 700027, text: "The certificate with identifier used to sign the client assertion is not registered on application. " +
		"[Reason - The key was not found., Thumbprint of key used by client: '%s'" + certificateHelp},
	EntraCertificateExpired: {rule: "ENTRA-CERT-008", status: 401, code: "invalid_client", number: 700027, text: "The certificate with identifier used to sign the client assertion is expired on application. " +
		"[Reason - The key used is expired., Thumbprint of key used by client: '%s', Found key 'Start=%s, End=%s'" + certificateHelp},
	EntraCertificateSignature: {rule: "ENTRA-CERT-007", status: 401, code: "invalid_client", number: 700027, text: "Client assertion failed signature validation. " +
		"[Reason - Key was found, but use of the key to verify the signature failed., Thumbprint of key used by client: '%s', Found key 'Start=%s, End=%s'" + certificateHelp},
	EntraFederationNone:    {rule: "ENTRA-FED-003", status: 401, code: "invalid_client", number: 70025, text: "The client '%s'(%s) has no configured federated identity credentials."},
	EntraFederationOwn:     {rule: "ENTRA-FED-012", status: 401, code: "invalid_client", number: 700222, text: "AAD-issued tokens may not be used for federated identity flows."},
	EntraFederationMachine: {rule: "ENTRA-FED-014", status: 401, code: "invalid_client", number: 700226, text: "Only MSI tokens may be used as Federated Identity Credentials for AAD issuer."},
	EntraFederationTenant:  {rule: "ENTRA-FED-015", status: 401, code: "invalid_client", number: 700236, text: "Entra ID tokens issued by issuer '%s' may not be used for federated identity credential flows for applications or managed identities registered in this tenant."},
	EntraFederationIssuer:  {rule: "ENTRA-FED-004", status: 401, code: "invalid_client", number: 700211, text: noRecord + "issuer '%s'." + federationHelp},
	EntraFederationSubject: {rule: "ENTRA-FED-005", status: 401, code: "invalid_client", number: 700213, text: noRecord + "subject '%s'." + federationHelp},
	EntraFederationCase: {rule: "ENTRA-FED-006", status: 401, code: "invalid_client", number: 7002138, text: noRecord + "subject '%s'. " +
		"The subject matches with case-insensitive comparison, but not with case-sensitive comparison. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. " +
		"See documentation at: https://learn.microsoft.com/entra/workload-id/workload-identity-federation. " +
		"See breaking change notification and remediation at: https://learn.microsoft.com/en-us/entra/identity-platform/reference-breaking-changes#august-2024."},
	EntraFederationAudience:  {rule: "ENTRA-FED-007", status: 401, code: "invalid_client", number: 700212, text: noRecord + "audience '%s'." + federationHelp},
	EntraFederationUnreached: {rule: "ENTRA-FED-008", status: 400, code: "invalid_request", number: 50166, text: "Request to External OIDC endpoint failed."},
	EntraFederationKey: {rule: "ENTRA-FED-009", status: 401, code: "invalid_client", number: 7000272, text: "The certificate with identifier %s used to sign the federated credential could not be found in the metadata of identity provider %s. " +
		"Please validate that your Identity Provider's metadata exposes the key used to sign the incoming token."},
	EntraFederationSignature: {rule: "ENTRA-FED-010", status: 401, code: "invalid_client", number: 50013, text: "Assertion failed signature validation. " +
		"[Reason - Key was found, but use of the key to verify the signature failed., Thumbprint of key used by client: '%s']."},
}
