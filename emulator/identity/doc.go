// Package identity issues and verifies the access tokens of Entra ID: JSON Web
// Tokens (RFC 7519) signed with RS256, carrying the claims that managed identities
// and applications get.
//
// Verification has no way round it: a Caller can be made only by Verify, and only
// a Caller can be authorised. What a plane answers to a bad token is the plane's
// business; here are only the reasons.
//
// Sources: Microsoft identity platform, "Access token claims reference"; RFC 7515,
// 7517, 7519.
package identity
