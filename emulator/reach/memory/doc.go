// Package memory carries HTTP inside a process: between clients and handlers, without
// sockets or ports.
//
// There are two carriers. Codec is an http.RoundTripper that writes each request as bytes
// and reads it again as a server does, and the same with the answer (RFC 9112), because a
// handler that is called directly is not asked by HTTP: the case of names, framing and
// what a status forbids would be lost. Pipe makes connections with a whole
// server at their other end, for clients that want to dial.
//
// Both make everything they need when they are asked, in the goroutine that asks. So they
// work in a bubble of testing/synctest, wherever they were made.
package memory
