// Package dns answers for every name there is, and asks nobody.
//
// A sealed world has one name server, and this is it: names of the emulated
// cloud resolve to an address, all others do not exist. The message format and
// the response codes are those of RFC 1035; empty and negative answers carry
// the SOA record that RFC 2308 wants; a query's letters keep their case, which
// some resolvers use as a nonce (draft-vixie-dnsext-dns0x20); EDNS is answered
// as RFC 6891 asks, ANY as RFC 8482 allows.
//
// The server is authoritative for the root, so that resolvers take its "no"
// for a no: glibc and Go read an empty answer without the authoritative flag
// as a broken delegation and try again.
//
// Forwarding is the one exception, for a world that is not sealed: the names that
// it does not know it asks others for.
package dns
