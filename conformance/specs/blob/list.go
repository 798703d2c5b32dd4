package blob

import (
	"context"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// listSpecs are about listing blobs.
func listSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-LIST-001/order", Title: "lists blobs in the order of their names", Run: listOrder},
		{ID: "BLOB-LIST-002/parameters", Title: "repeats the parameters of a list", Run: listParameters},
		{ID: "BLOB-LIST-003/delimiter", Title: "rolls names up by a delimiter", Run: listDelimiter},
		{ID: "BLOB-LIST-004/size", Title: "counts blobs and prefixes alike", Run: listSize},
		{ID: "BLOB-LIST-005/none", Title: "refuses pages without entries", Covers: []string{"BLOB-COMMON-043"}, Run: listNoSize},
		{ID: "BLOB-LIST-006/pages", Title: "continues a list at its marker", Covers: []string{"BLOB-LIST-007"}, Run: listPages},
		{ID: "BLOB-LIST-008/marker", Title: "refuses a marker of somebody else's", Run: listBadMarker},
		{ID: "BLOB-LIST-009/include", Title: "adds to a list what include names", Needs: []string{"blob.tags", "blob.block", "blob.metadata"}, Run: listInclude},
		{ID: "BLOB-LIST-010/unknown", Title: "refuses an include that it does not know", Run: listBadInclude},
		{ID: "BLOB-LIST-011/encoded", Title: "encodes names that XML cannot have", Run: listEncoded},
		{ID: "BLOB-LIST-013/crc64", Title: "lists blobs with an empty CRC-64", Run: listedCRC64},
		{ID: "BLOB-LIST-012/snapshots", Title: "refuses a delimiter with snapshots or versions", Run: listDelimitedSnapshots},
	}
}

// filled is a container with blobs of names, which are their contents too.
func filled(ctx context.Context, t *suite.T, blobs ...string) (container string) {
	container = t.Container(ctx)
	for _, name := range blobs {
		t.PutBlob(ctx, container+"/"+strings.ReplaceAll(suite.Path(name), "%2F", "/"), name)
	}
	return container
}

// list is a List Blobs with parameters: names and values in turn.
func list(ctx context.Context, t *suite.T, container string, pairs ...string) *wire.Answer {
	r := t.Blob("GET", container+"?restype=container&comp=list")
	for i := 0; i+1 < len(pairs); i += 2 {
		r.Query(pairs[i], pairs[i+1])
	}
	return t.Send(ctx, r)
}

// listing is a list that has to succeed.
func listing(ctx context.Context, t *suite.T, container string, pairs ...string) *wire.Answer {
	a := list(ctx, t, container, pairs...)
	t.Require(a, match.Root("EnumerationResults"), "a list")
	return a
}

const blobName = "Blobs/Blob/Name"

func listOrder(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "b", "a/b", "ä", "B", "a", "a b")
	a := list(ctx, t, container)
	rule := t.Rule("BLOB-LIST-001")
	rule.Expect(a).To(match.Status(200))
	rule.Expect(a).To(match.Body(gomega.HavePrefix("\ufeff<?xml ")))
	rule.Expect(a).To(match.Root("EnumerationResults"))
	headers(t, "BLOB-LIST-001", a, "Content-Type", gomega.HavePrefix("application/xml"), "Transfer-Encoding", "chunked")
	rule.Expect(a).To(match.All(blobName, []string{"B", "a", "a b", "a/b", "b", "ä"}))
	for property, want := range map[string]any{"Content-Length": "1", "Content-Type": "text/plain", "Content-MD5": md5Of("B"), "BlobType": "BlockBlob",
		"LeaseStatus": "unlocked", "LeaseState": "available", "Last-Modified": there(), "Etag": there(), "Creation-Time": there(), "ServerEncrypted": "true"} {
		rule.Expect(a).To(match.XML("Blobs/Blob/Properties/"+property, want))
	}
}

func listParameters(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "d/1", "d/2")
	marker := textOf(t, listing(ctx, t, container, "maxresults", "1"), "NextMarker")
	a := listing(ctx, t, container, "delimiter", "/", "maxresults", "7", "marker", marker, "prefix", "d/")
	rule := t.Rule("BLOB-LIST-002")
	rule.Expect(a).To(match.Children("", []string{"Prefix", "Marker", "MaxResults", "Delimiter", "Blobs", "NextMarker"}))
	for element, want := range map[string]string{"Prefix": "d/", "Marker": marker, "MaxResults": "7", "Delimiter": "/"} {
		rule.Expect(a).To(match.XML(element, want))
	}
	rule.Expect(listing(ctx, t, container)).To(match.Children("", []string{"Blobs", "NextMarker"}))
}

// textOf is the text of an element, which has to be there.
func textOf(t *suite.T, a *wire.Answer, path string) string {
	root, err := match.ParseXML(a.Body)
	t.Require(err, gomega.Succeed(), "the body")
	e := root.Find(path)
	if e == nil || e.Text == "" {
		t.Broken("no %s in %s", path, a.Body)
	}
	return e.Text
}

func listDelimiter(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a", "d/1", "d/e/2", "d", "z")
	a := listing(ctx, t, container, "delimiter", "/")
	rule := t.Rule("BLOB-LIST-003")
	rule.Expect(a).To(match.Children("Blobs", []string{"Blob", "Blob", "BlobPrefix", "Blob"}))
	rule.Expect(a).To(match.All(blobName, []string{"a", "d", "z"}))
	rule.Expect(a).To(match.All("Blobs/BlobPrefix/Name", []string{"d/"}))
	a = listing(ctx, t, container, "delimiter", "/", "prefix", "d/")
	rule.Expect(a).To(match.All(blobName, []string{"d/1"}))
	rule.Expect(a).To(match.All("Blobs/BlobPrefix/Name", []string{"d/e/"}))
}

func listSize(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a", "d/1", "d/2", "z")
	rule := t.Rule("BLOB-LIST-004")
	rule.Expect(listing(ctx, t, container, "delimiter", "/", "maxresults", "2")).To(match.Children("Blobs", gomega.ConsistOf("Blob", "BlobPrefix")))
	a := list(ctx, t, container, "maxresults", "5001")
	rule.Expect(a).To(match.Status(200))
	rule.Expect(a).To(match.All(blobName, gomega.HaveLen(4)))
}

func listNoSize(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a", "b")
	for _, size := range []string{"0", "-1"} {
		a := list(ctx, t, container, "maxresults", size)
		refused(t, "BLOB-LIST-005", a, 400, "OutOfRangeQueryParameterValue", size)
		names(t, "BLOB-COMMON-043", a, "QueryParameterName", "maxresults")
		names(t, "BLOB-COMMON-043", a, "QueryParameterValue", size)
		names(t, "BLOB-COMMON-043", a, "MinimumAllowed", "1")
		names(t, "BLOB-COMMON-043", a, "MaximumAllowed", "5000")
	}
	t.Require(list(ctx, t, container, "maxresults", "1"), match.All(blobName, []string{"a"}), "a page of one")
}

func listPages(ctx context.Context, t *suite.T) {
	all := []string{"a", "b", "c/1", "c/2", "ö"}
	container := filled(ctx, t, all...)
	var got []string
	marker := ""
	for range 20 { // a page may be shorter than was asked for
		a := listing(ctx, t, container, "maxresults", "2", "marker", marker)
		root, err := match.ParseXML(a.Body)
		t.Require(err, gomega.Succeed())
		page := root.Texts(blobName)
		t.Rule("BLOB-LIST-006").Expect(len(page)).To(gomega.BeNumerically("<=", 2))
		got = append(got, page...)
		marker = strings.Join(root.Texts("NextMarker"), "")
		if marker == "" {
			break
		}
		t.Rule("BLOB-LIST-007").Expect(marker).To(gomega.MatchRegexp(`^2!\d+![A-Za-z0-9+/]+-{0,2}$`))
	}
	t.Rule("BLOB-LIST-006").Expect(marker, "the marker of the last page").To(gomega.BeEmpty())
	t.Rule("BLOB-LIST-006").Expect(got, "all pages").To(gomega.Equal(all))
	t.Require(slices.Contains(got, "a"), gomega.BeTrue(), "the first blob")
}

func listBadMarker(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a", "b")
	refused(t, "BLOB-LIST-008", list(ctx, t, container, "marker", "nonsense"), 400, "InvalidQueryParameterValue")
	marker := textOf(t, listing(ctx, t, container, "maxresults", "1"), "NextMarker")
	t.Require(list(ctx, t, container, "marker", marker), match.All(blobName, gomega.ContainElement("b")), "the service's own marker")
}

func listInclude(ctx context.Context, t *suite.T) {
	container := t.Container(ctx)
	t.PutBlob(ctx, container+"/a", "x", "x-ms-meta-color", "red", "x-ms-tags", "k=v")
	stage(ctx, t, container+"/b", "a", "y")
	rule := t.Rule("BLOB-LIST-009")
	plain := listing(ctx, t, container)
	rule.Expect(plain).To(match.All(blobName, []string{"a"}))
	rule.Expect(plain).To(match.XML("Blobs/Blob/Metadata", match.Absent()))
	rule.Expect(plain).To(match.XML("Blobs/Blob/Tags", match.Absent()))
	rule.Expect(listing(ctx, t, container, "include", "metadata")).To(match.XML("Blobs/Blob/Metadata/color", "red"))
	tagged := listing(ctx, t, container, "include", "tags")
	rule.Expect(tagged).To(match.XML("Blobs/Blob/Tags/TagSet/Tag/Key", "k"))
	rule.Expect(tagged).To(match.XML("Blobs/Blob/Tags/TagSet/Tag/Value", "v"))
	all := listing(ctx, t, container, "include", "metadata,uncommittedblobs")
	rule.Expect(all).To(match.All(blobName, []string{"a", "b"}))
	rule.Expect(all).To(match.XML("Blobs/Blob/Metadata/color", "red"))
}

func listBadInclude(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a")
	refused(t, "BLOB-LIST-010", list(ctx, t, container, "include", "nonsense"), 400, "InvalidQueryParameterValue")
	t.Require(list(ctx, t, container, "include", "metadata"), match.All(blobName, []string{"a"}), "one that it knows")
}

func listEncoded(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a", "dir/100%-\ufffe.txt", "dir/100%-\uffff.txt")
	a := t.Send(ctx, t.Blob("GET", container+"?restype=container&comp=list").Set("x-ms-version", "2021-02-12"))
	rule := t.Rule("BLOB-LIST-011")
	for name, want := range map[string]string{"Blobs/Blob[1]/Name": "dir%2F100%25-%EF%BF%BE.txt", "Blobs/Blob[2]/Name": "dir%2F100%25-%EF%BF%BF.txt"} {
		rule.Expect(a).To(match.XML(name, want))
		rule.Expect(a).To(match.Attribute(name, "Encoded", "true"))
	}
	t.Require(a, match.Attribute(blobName, "Encoded", match.Absent()), "a name without such characters")
}

func listedCRC64(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a")
	a := t.Send(ctx, t.Blob("GET", container+"?restype=container&comp=list").Set("x-ms-version", "2019-02-02"))
	t.Require(a, match.All(blobName, []string{"a"}), "the list")
	joined := func(names []string) string { return strings.Join(names, " ") }
	t.Rule("BLOB-LIST-013").Expect(a).To(match.Children("Blobs/Blob/Properties",
		gomega.WithTransform(joined, gomega.ContainSubstring("Content-Language Content-CRC64 Content-MD5"))))
	t.Rule("BLOB-LIST-013").Expect(a).To(match.XML("Blobs/Blob/Properties/Content-CRC64", ""))
}

func listDelimitedSnapshots(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a")
	for _, with := range []string{"snapshots", "versions", "metadata,versions"} {
		refused(t, "BLOB-LIST-012", list(ctx, t, container, "delimiter", "/", "include", with), 400, "InvalidQueryParameterValue", with)
	}
	t.Require(list(ctx, t, container, "delimiter", "/", "include", "metadata"), match.All(blobName, []string{"a"}), "without snapshots")
}
