// Package emulator is Linarite as other programs use it: a world of Azure's managed
// identities in this process.
//
// A world is Azure Resource Manager, Entra ID, Blob storage, Key Vault and the instance
// metadata service on one state: a token comes from a machine's identity, is verified by
// whoever receives it, and opens what role assignments say.
//
// # In a test
//
// New makes a world that ends with the test. Handles arrange what is in it and who may do
// what; Client is the transport to give to any Azure SDK, with production URLs:
//
//	emu := emulator.New(t)
//	files := emu.StorageAccount("acct").Container("files")
//	emu.Grant(emu.Machine(), "Storage Blob Data Reader", files)
//	options := azcore.ClientOptions{Transport: emu.Client()}
//
// Worlds do not know of each other: hundreds can run in parallel, all with the same names.
// They work in bubbles of testing/synctest, where waiting takes no time. Main runs a whole
// test binary inside a sealed world, for code that takes no transport.
//
// # Elsewhere
//
// Open makes a world from a starter world or a world file, without a test. Handler answers
// its requests; Serve puts them on sockets; Env leads child processes to those; Seal runs a
// command inside the world, with Azure's own addresses and names.
package emulator
