// Package blob is a client of Azure Blob Storage: containers, block blobs, shared access signatures, leases, copies.
//
//	store, err := blob.New("https://tutorialstore.blob.core.windows.net", cred, clientlib.Options{})
//	_, err = store.Container("files").Blob("hello_world.txt").Download(ctx, os.Stdout, nil)
//
// # What can be relied on
//
// An upload is there as a whole or not at all: blocks are staged and then committed by one request. Each request that
// carries content carries its CRC-64 too, which the service verifies before it takes it.
//
// A download that is cut is resumed where it was, on condition that the blob is still the same: two versions never mix.
// So is one of which nothing comes any more.
//
// Memory is bounded: an upload holds Parallel times BlockSize bytes at most, and so does a download in order. See
// UploadOptions and DownloadOptions.
//
// # When requests are tried again
//
// As the service's guidance says: after answers 408, 429, 500 (InternalError, OperationTimedOut), 502, 503 (ServerBusy)
// and 504, and where no answer came. Five tries, with waits that grow from 1 s twofold up to a minute, spread over their
// upper half; Options.Retry changes each of these. Secondary endpoints are not read.
//
// A try may have done its work although no answer came. What is written again is written with the same content, so
// that nothing is there twice; where a condition makes the second try fail, see UploadOptions.Conditions and
// Blob.Delete for what is made of it.
//
// # Names
//
// Any name goes that the service takes, as it is: package blob escapes it for the URL. A name with a backslash is
// refused, because the service would take it for another.
package blob
