// Package doctor says what works on this machine and why something does not: which ways
// lead unmodified clients to a world, and what on the machine leads them past it.
//
// What it knows of clients is in docs/proxy.md; what sealed worlds depend on is package
// sandbox's. It looks and changes nothing. Nothing is sent anywhere but to the front door on
// loopback, unless Probe is asked for.
package doctor
