// Package clock is the one place where Linarite reads the time.
//
// Every world has one Clock. Tokens, caches, leases and whatever else carries a
// date follow it, so moving it moves all of them together. Two things follow the
// host instead, because clients do too: TLS certificates and the window in which
// a request's x-ms-date is accepted; they use Host.
package clock
