// Package clientlib is what the clients of Linarite's library have in common: one seam for the transport, one chain of
// policies, one error, one way to try again. Its neighbours do the work: identity gets tokens, arm speaks to Resource
// Manager, blob and vault to the data planes, cloud has the addresses, and wire sends anything, right or wrong.
//
// The zero value of Options works. A program of the usual kind is three lines:
//
//	cred, err := identity.Find(identity.Options{})
//	store, err := blob.New("tutorialstore", cred, clientlib.Options{})
//	_, err = store.Container("files").Blob("hello_world.txt").Download(ctx, os.Stdout, nil)
//
// # What a call does
//
// A call passes Options.PerCall once, and then for each try: the service's own policies (authentication),
// Options.PerTry, the log, the transport. Answers of 2xx come back; any other is an *Error with what the service said,
// after as many tries as Retry allows. Bodies of answers that are not streamed are read within the try, so that an
// answer cut short is asked for again.
//
// # What is never shown
//
// Tokens, keys, signatures and secret values appear in no error, no log and no %v of a value of this library.
package clientlib
