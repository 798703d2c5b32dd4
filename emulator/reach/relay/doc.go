// Package relay joins connections end to end and looks at nothing in them: a sealed
// world's ports with a running server (Tunnel, by CONNECT, RFC 9110, section 9.3.6), with
// one service of the host (Host), or with a port inside of it.
package relay
