package blob

import (
	"context"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// propertySpecs are about changing what describes a blob, and about deleting it.
func propertySpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-PROP-001/cleared", Title: "clears properties that are not sent", Run: setProperties},
		{ID: "BLOB-PROP-002/replace", Title: "replaces the metadata of a blob", Needs: []string{"blob.metadata"}, Run: setMetadata},
		{ID: "BLOB-PROP-009/tier", Title: "sets the tier of a blob", Run: setTier},
		{ID: "BLOB-PROP-010/unknown", Title: "refuses a tier that there is not", Covers: []string{"BLOB-COMMON-044"}, Run: setBadTier},
		{ID: "BLOB-PROP-011/archived", Title: "refuses the content of an archived blob", Run: getArchived},
		{ID: "BLOB-PROP-012/inferred", Title: "says which tiers are the account's", Run: inferredTier},
		{ID: "BLOB-PROP-013/delete", Title: "deletes a blob", Run: deleteBlob},
		{ID: "BLOB-PROP-014/snapshots", Title: "refuses to delete snapshots in a way that it does not know", Run: deleteOddly},
	}
}

func setProperties(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello, "x-ms-blob-content-disposition", "inline", "x-ms-blob-cache-control", "no-cache")
	r := t.Blob("PUT", path+"?comp=properties").Set("x-ms-blob-cache-control", "no-store")
	t.Rule("BLOB-PROP-001").Expect(t.Send(ctx, r)).To(match.Status(200))
	headers(t, "BLOB-PROP-001", t.Send(ctx, t.Blob("HEAD", path)), "Cache-Control", "no-store", "Content-Disposition", match.Absent(),
		"Content-Type", match.Absent(), "Content-MD5", match.Absent())
	r = t.Blob("PUT", path+"?comp=properties").Set("x-ms-blob-content-type", "text/html").Set("x-ms-blob-content-md5", helloMD5)
	t.Rule("BLOB-PROP-001").Expect(t.Send(ctx, r)).To(match.Status(200))
	headers(t, "BLOB-PROP-001", t.Send(ctx, t.Blob("HEAD", path)), "Cache-Control", match.Absent(),
		"Content-Type", "text/html", "Content-MD5", helloMD5)
}

// settingMetadata is a Set Blob Metadata: names and values in turn.
func settingMetadata(t *suite.T, path string, pairs ...string) *suite.Request {
	r := t.Blob("PUT", path+"?comp=metadata")
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Set("x-ms-meta-"+pairs[i], pairs[i+1])
	}
	return r
}

func setMetadata(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello, "x-ms-meta-first", "1", "x-ms-meta-both", "1")
	a := t.Send(ctx, settingMetadata(t, path, "second", "2", "both", "2"))
	t.Rule("BLOB-PROP-002").Expect(a).To(match.Status(200))
	headers(t, "BLOB-PROP-002", a, "x-ms-request-server-encrypted", "true")
	headers(t, "BLOB-PROP-002", t.Send(ctx, t.Blob("HEAD", path)),
		"x-ms-meta-first", match.Absent(), "x-ms-meta-both", "2", "x-ms-meta-second", "2")
	t.Require(t.Send(ctx, settingMetadata(t, path)), done(), "setting none")
	headers(t, "BLOB-PROP-002", t.Send(ctx, t.Blob("HEAD", path)), "ETag", there(), "x-ms-meta-both", match.Absent())
	holds(ctx, t, path, hello)
}

// settingTier is a Set Blob Tier.
func settingTier(t *suite.T, path, tier string) *suite.Request {
	return t.Blob("PUT", path+"?comp=tier").Set("x-ms-access-tier", tier)
}

func setTier(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	for _, tier := range []string{"Cool", "Hot", "Archive"} {
		t.Rule("BLOB-PROP-009").Expect(t.Send(ctx, settingTier(t, path, tier)), tier).To(match.Status(200))
		headers(t, "BLOB-PROP-009", t.Send(ctx, t.Blob("HEAD", path)), "x-ms-access-tier", tier)
	}
	t.Rule("BLOB-PROP-009").Expect(t.Send(ctx, settingTier(t, path, "Hot")), "out of the archive").To(match.Status(202))
}

func setBadTier(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, settingTier(t, path, "Tepid"))
	refused(t, "BLOB-PROP-010", a, 400, "InvalidHeaderValue")
	names(t, "BLOB-COMMON-044", a, "HeaderName", "x-ms-access-tier")
	t.Require(t.Send(ctx, settingTier(t, path, "Cool")), done(), "a tier that there is")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("x-ms-access-tier", "Cool"), "the tier")
}

func getArchived(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	t.Require(t.Send(ctx, settingTier(t, path, "Archive")), done(), "archiving")
	refused(t, "BLOB-PROP-011", t.Send(ctx, t.Blob("GET", path)), 409, "BlobArchived")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("x-ms-access-tier", "Archive"), "the properties")
}

func inferredTier(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	headers(t, "BLOB-PROP-012", t.Send(ctx, t.Blob("HEAD", path)),
		"x-ms-access-tier", gomega.BeElementOf("Hot", "Cool", "Cold"), "x-ms-access-tier-inferred", "true")
	t.Require(t.Send(ctx, settingTier(t, path, "Hot")), done(), "setting a tier")
	set := t.Send(ctx, t.Blob("HEAD", path))
	headers(t, "BLOB-PROP-012", set, "x-ms-access-tier", "Hot")
	t.Rule("BLOB-PROP-012").Expect(set, "a tier that was set").NotTo(match.Header("x-ms-access-tier-inferred", "true"))
}

func deleteBlob(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, t.Blob("DELETE", path))
	t.Rule("BLOB-PROP-013").Expect(a).To(match.Status(202))
	headers(t, "BLOB-PROP-013", a, "x-ms-delete-type-permanent", gomega.BeElementOf("true", "false"))
	t.Require(t.Send(ctx, t.Blob("GET", path)), match.Status(404), "the blob when it is deleted")
}

func deleteOddly(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, t.Blob("DELETE", path).Set("x-ms-delete-snapshots", "some"))
	refused(t, "BLOB-PROP-014", a, 400, "InvalidHeaderValue")
	holds(ctx, t, path, hello)
	t.Require(t.Send(ctx, t.Blob("DELETE", path).Set("x-ms-delete-snapshots", "include")), match.Status(202), "deleting")
}
