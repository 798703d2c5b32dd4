// Package emulator is Linarite as other programs use it: a world of Azure's managed
// identities in this process.
//
// Open makes a world from a starter world or a world file. Handler answers its
// requests; Serve puts them on sockets; Seal runs a command inside the world, with
// Azure's own addresses and names.
//
// A world is Azure Resource Manager, Entra ID and the instance metadata service on one
// state: a token comes from a machine's identity, is verified by whoever receives it,
// and opens what role assignments say.
package emulator
