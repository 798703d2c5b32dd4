// Package pki makes the certificates Linarite answers with: one certificate
// authority per installation, and a short-lived leaf for each host name a client
// asks for.
//
// The authority is made on the machine it serves and is never shipped. It is
// name-constrained (RFC 5280, section 4.2.1.10, critical): a client that trusts it
// accepts it for the clouds' host names and for loopback, and for nothing else, so
// that a stolen key cannot speak for the rest of the web.
//
// Certificates follow RFC 5280 as strict verifiers read it (OpenSSL's
// X509_V_FLAG_X509_STRICT, which Python 3.13 sets by default): key identifiers,
// critical basic constraints and key usage. Server name indication is RFC 6066,
// section 3. Times are the host's, not the world's, because clients check them
// against the host's clock.
package pki
