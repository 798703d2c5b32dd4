// Package entra is the token service of Entra ID: OpenID Connect discovery, keys,
// instance discovery, and the client-credentials grant of both endpoint versions.
//
// Sources: Microsoft identity platform, "OAuth 2.0 client credentials flow" and
// "OpenID Connect on the Microsoft identity platform"; OpenID Connect Discovery 1.0.
package entra
