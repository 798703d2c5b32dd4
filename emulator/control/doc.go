// Package control is Linarite's own API, under /_linarite/v1/ on a loopback host: what
// a person or a tool asks of the emulator itself. docs/control.md introduces it, and
// openapi.yaml describes it.
//
// It answers only requests that name a loopback host and that no web page of another
// site can have sent, so that neither DNS rebinding nor a cross-site post reaches it.
package control
