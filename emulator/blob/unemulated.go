package blob

import (
	"strings"

	"github.com/linarite/linarite/emulator/apierr"
	"github.com/linarite/linarite/emulator/state"
	"github.com/linarite/linarite/emulator/wire"
)

// unemulated lists what the service can do and Linarite cannot: a request for it is
// refused in words, with a status that clients do not try again, and never answered as
// if it had been done.
func unemulated() []wire.Operation {
	var ops []wire.Operation
	add := func(name, what, method, path string, when func(*wire.Call) bool) {
		ops = append(ops, wire.Operation{
			Name: name, Method: method, Path: path, When: when, Anonymous: true, // refused whatever the caller may
			View: func(*wire.Call, *state.Tx) (wire.Response, error) {
				return wire.Response{}, wire.Refuse(apierr.StorageNotEmulated, what)
			},
		})
	}
	add("Service_GetStatistics", "the statistics of replication", "GET", onService, on("service", "stats"))
	add("Service_GetUserDelegationKey", "user delegation keys", "POST", onService, on("service", "userdelegationkey"))
	add("Service_FilterBlobs", "finding blobs by tags", "GET", onService, comp("blobs"))
	add("Service_SubmitBatch", "batches", "POST", onService, comp("batch"))
	add("Container_FilterBlobs", "finding blobs by tags", "GET", onContainer, comp("blobs"))
	add("Container_SubmitBatch", "batches", "POST", onContainer, comp("batch"))
	add("Container_Lease", "leases", "PUT", onContainer, comp("lease"))
	add("Container_Restore", "restoring containers", "PUT", onContainer, comp("undelete"))
	add("Container_Rename", "renaming containers", "PUT", onContainer, comp("rename"))
	add("Blob_Lease", "leases", "PUT", onBlob, comp("lease"))
	add("Blob_CreateSnapshot", "snapshots", "PUT", onBlob, comp("snapshot"))
	add("Blob_Undelete", "soft delete", "PUT", onBlob, comp("undelete"))
	add("Blob_SetExpiry", "expiry of blobs", "PUT", onBlob, comp("expiry"))
	add("Blob_SetImmutabilityPolicy", "immutability policies", "PUT", onBlob, comp("immutabilityPolicies"))
	add("Blob_DeleteImmutabilityPolicy", "immutability policies", "DELETE", onBlob, comp("immutabilityPolicies"))
	add("Blob_SetLegalHold", "legal holds", "PUT", onBlob, comp("legalhold"))
	add("Blob_Query", "queries of content", "POST", onBlob, comp("query"))
	add("Blob_AbortCopyFromURL", "copies", "PUT", onBlob, comp("copy"))
	add("PageBlob_CopyIncremental", "copies", "PUT", onBlob, comp("incrementalcopy"))
	add("Blob_StartCopyFromURL", "copies", "PUT", onBlob, copies(""))
	add("BlockBlob_StageBlockFromURL", "copies", "PUT", onBlob, copies("block"))
	add("AppendBlob_Create", "append blobs", "PUT", onBlob, ofType("AppendBlob"))
	add("AppendBlob_AppendBlock", "append blobs", "PUT", onBlob, comp("appendblock"))
	add("AppendBlob_Seal", "append blobs", "PUT", onBlob, comp("seal"))
	add("PageBlob_Create", "page blobs", "PUT", onBlob, ofType("PageBlob"))
	add("PageBlob_UploadPages", "page blobs", "PUT", onBlob, comp("page"))
	add("PageBlob_GetPageRanges", "page blobs", "GET", onBlob, comp("pagelist"))
	return ops
}

func copies(where string) func(*wire.Call) bool {
	return func(c *wire.Call) bool {
		return comp(where)(c) && c.Request.Header.Get("x-ms-copy-source") != ""
	}
}

func ofType(kind string) func(*wire.Call) bool {
	return func(c *wire.Call) bool {
		h := c.Request.Header
		return comp("")(c) && h.Get("x-ms-copy-source") == "" && strings.EqualFold(h.Get("x-ms-blob-type"), kind)
	}
}
