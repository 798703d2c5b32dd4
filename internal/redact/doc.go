// Package redact makes what a request or an answer says fit for logs, the journal, reports and
// people. It is the one place that does, for the emulator and for the client library alike.
// What is not named here is shown.
package redact
