// Package address adds an address to the loopback interface, so that a process can answer
// where clients look for the metadata service: 169.254.169.254 is nobody's in a container
// or a pod until somebody takes it.
package address
