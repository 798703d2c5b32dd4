//go:build !unix

package persist

// syncFolder does nothing: here a folder cannot be opened to be synced, and a rename is
// written through.
func syncFolder(string) error { return nil }
