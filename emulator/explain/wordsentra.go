package explain

import "github.com/linarite/linarite/emulator/apierr"

// assertionWords say what mends a refusal of a client assertion.
var assertionWords = map[apierr.Kind]string{
	apierr.EntraAssertionType:      "Say client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer: there is no other.",
	apierr.EntraAssertionMalformed: "Send a signed JSON Web Token with iss, sub, aud and exp, and nothing around it: a file's last line break must not come along.",
	apierr.EntraAssertionAlgorithm: "Sign with RS256, or with PS256: a secret signs no assertion, and an unsigned one is worth nothing.",
	apierr.EntraAssertionAudiences: "Have the token made for one audience alone.",
	apierr.EntraAssertionTime: "Have a fresh token made: read the file again, since Kubernetes replaces it before it expires. " +
		"Where the world's clock was moved, `linarite federated-token` signs by that clock.",
	apierr.EntraAssertionSubject:     "Put the client id into both iss and sub of the assertion.",
	apierr.EntraAssertionClient:      "Send as client_id the one that iss and sub name.",
	apierr.EntraAssertionAudience:    "Make the assertion for the URL of this tenant's token endpoint, at a login host of this world's cloud.",
	apierr.EntraCertificateUnknown:   "Give the application the certificate in the world file (certificates), or sign with the key of one that it has. The assertion names it by x5t or x5t#S256.",
	apierr.EntraCertificateExpired:   "Sign with the key of a certificate that is still good, or move the world's clock: it decides.",
	apierr.EntraCertificateSignature: "Sign with the private key that belongs to the certificate which the assertion names.",
	apierr.EntraFederationNone: "Give the client a federated credential that trusts the token: federated in the world file, or `az identity federated-credential create`. " +
		"A machine's own identity cannot have one.",
	apierr.EntraFederationOwn:     "Use a token of another issuer. An application may trust a managed identity's token, another managed identity may not; and the token's issuer is that of version 2.0, which it has for the resource api://AzureADTokenExchange.",
	apierr.EntraFederationTenant:  "Log in to the tenant of the managed identity: an application trusts those of its own tenant alone.",
	apierr.EntraFederationMachine: "Send a token that a user-assigned identity got for the resource api://AzureADTokenExchange, from a machine's metadata service for one. Neither an application's own token is taken nor a system-assigned identity's.",
	apierr.EntraFederationIssuer: "Make the credential's issuer and the token's the same, letter by letter: a slash at the end counts. " +
		"`linarite federated-token --client-id ID` prints a token that fits.",
	apierr.EntraFederationSubject:   "Make the credential's subject and the token's the same: a pod's is system:serviceaccount:NAMESPACE:NAME of its service account, a managed identity's its object id.",
	apierr.EntraFederationCase:      "Write the credential's subject in the token's own letters: upper and lower case count.",
	apierr.EntraFederationAudience:  "Have the token made for the credential's audience: a pod's projected volume names it, and the token that every pod has is for another.",
	apierr.EntraFederationUnreached: "Name the issuer's keys in the world file (issuers), or have the token signed here with `linarite federated-token`: nothing is asked outside the world.",
	apierr.EntraFederationKey:       "Give the world the keys that the issuer has now: the token is signed with one that it did not publish here.",
	apierr.EntraFederationSignature: "Have a fresh token made: this one was changed on the way, or its issuer has another key of the same id by now.",
}
