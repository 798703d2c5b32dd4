package blob

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// refusalSpecs are about checksums, and what is refused of any operation.
func refusalSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-COMMON-017/comp", Title: "refuses a comp that it does not know", Run: unknownComp},
		{ID: "BLOB-COMMON-051/snapshot", Title: "refuses a URL that it cannot read in fewer words", Run: unreadableURL},
		{ID: "BLOB-COMMON-018/verb", Title: "refuses a verb that the resource does not support", Run: wrongVerb},
		{ID: "BLOB-COMMON-028/md5", Title: "refuses a body that its MD5 does not fit", Run: wrongMD5},
		{ID: "BLOB-COMMON-029/md5", Title: "refuses an MD5 that is none", Run: badMD5},
		{ID: "BLOB-COMMON-030/crc64", Title: "refuses a body that its CRC-64 does not fit", Run: wrongCRC64},
		{ID: "BLOB-COMMON-031/both", Title: "refuses two checksums", Run: twoChecksums},
		{ID: "BLOB-COMMON-032/crc64", Title: "computes CRC-64 as everybody does", Needs: []string{"blob.put"}, Run: knownCRC64},
		{ID: "BLOB-COMMON-033/limit", Title: "refuses a body that is too long, naming the limit", Needs: []string{"blob.block"}, Run: tooLong},
		{ID: "BLOB-COMMON-034/length", Title: "refuses a body without a length", Run: noLength},
		{ID: "BLOB-COMMON-035/form", Title: "refuses XML that is not well-formed", Needs: []string{"blob.block"}, Run: badXML},
		{ID: "BLOB-COMMON-036/value", Title: "refuses XML with a value of another form", Needs: []string{"blob.container.acl"}, Run: badXMLValue},
		{ID: "BLOB-COMMON-042/blockid", Title: "refuses a block without an id", Needs: []string{"blob.block"}, Run: noBlockID},
		{ID: "BLOB-COMMON-041/tier", Title: "names the header that is missing", Needs: []string{"blob.tier"}, Run: noTier},
		{ID: "BLOB-COMMON-044/level", Title: "names the header whose value is not of its form", Needs: []string{"blob.container.acl"}, Run: badLevel},
		{ID: "BLOB-COMMON-045/structured", Title: "refuses a header that asks for what it cannot do", Run: unsupportedHeader},
		{ID: "BLOB-COMMON-046/lease", Title: "refuses a lease id for a blob that is not leased", Run: blobNotLeased},
		{ID: "BLOB-COMMON-047/lease", Title: "refuses a lease id for a container that is not leased", Needs: []string{"blob.container"}, Run: containerNotLeased},
	}
}

func unknownComp(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, t.Blob("GET", path+"?comp=nonsense"))
	refused(t, "BLOB-COMMON-017", a, 400, "InvalidQueryParameterValue")
	names(t, "BLOB-COMMON-017", a, "QueryParameterName", "comp")
	names(t, "BLOB-COMMON-017", a, "QueryParameterValue", "nonsense")
	t.Require(t.Send(ctx, t.Blob("GET", path+"?comp=metadata")), match.Status(200), "a comp that it knows")
}

func unreadableURL(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, t.Blob("GET", path+"?snapshot=1"))
	rule := t.Rule("BLOB-COMMON-051")
	rule.Expect(a).To(match.Status(400))
	rule.Expect(a).To(match.XML("Code", "InvalidQueryParameterValue"))
	rule.Expect(a).To(match.Body(gomega.MatchRegexp(`\?>\r?\n<Error>`)))
	headers(t, "BLOB-COMMON-051", a, "x-ms-error-code", match.Absent(), "x-ms-version", match.Absent())
	a = t.Send(ctx, t.Blob("GET", path+"?snapshot=2020-01-01T00:00:00.0000000Z"))
	t.Require(a, gomega.And(match.Status(404), match.HasHeader("x-ms-version")), "the time of a snapshot that there is not")
}

func wrongVerb(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	refused(t, "BLOB-COMMON-018", t.Send(ctx, t.Blob("DELETE", path+"?comp=metadata")), 405, "UnsupportedHttpVerb")
	t.Require(t.Send(ctx, t.Blob("GET", path+"?comp=metadata")), match.Status(200), "another verb")
	holds(ctx, t, path, hello)
}

// otherMD5 and otherCRC64 fit no content of these specs.
const (
	otherMD5   = "AAAAAAAAAAAAAAAAAAAAAA=="
	otherCRC64 = "AAAAAAAAAAE="
)

func wrongMD5(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	for what, r := range map[string]*suite.Request{"Put Blob": putting(t, path, hello), "Put Block": staging(t, path+"2", blockID("a"), hello)} {
		refused(t, "BLOB-COMMON-028", t.Send(ctx, r.Clone().Set("Content-MD5", otherMD5)), 400, "Md5Mismatch", what)
		t.Require(t.Send(ctx, r.Set("Content-MD5", helloMD5)), match.Status(201), what+" with the right one")
	}
	holds(ctx, t, path, hello)
	commit(ctx, t, path+"2", "Latest", "a")
	holds(ctx, t, path+"2", hello)
}

func badMD5(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	for _, bad := range []string{"not base64!", encoded(15)} {
		refused(t, "BLOB-COMMON-029", t.Send(ctx, putting(t, path, hello).Set("Content-MD5", bad)), 400, "InvalidMd5", bad)
	}
	t.Require(t.Send(ctx, putting(t, path, hello).Set("Content-MD5", helloMD5)), match.Status(201), "a right one")
	holds(ctx, t, path, hello)
}

func wrongCRC64(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	for what, r := range map[string]*suite.Request{"Put Blob": putting(t, path, hello), "Put Block": staging(t, path+"2", blockID("a"), hello)} {
		refused(t, "BLOB-COMMON-030", t.Send(ctx, r.Clone().Set("x-ms-content-crc64", otherCRC64)), 400, "Crc64Mismatch", what)
		t.Require(t.Send(ctx, r.Set("x-ms-content-crc64", helloCRC64)), match.Status(201), what+" with the right one")
	}
	holds(ctx, t, path, hello)
	commit(ctx, t, path+"2", "Latest", "a")
	holds(ctx, t, path+"2", hello)
}

func twoChecksums(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	r := putting(t, path, hello).Set("Content-MD5", helloMD5)
	refused(t, "BLOB-COMMON-031", t.Send(ctx, r.Clone().Set("x-ms-content-crc64", helloCRC64)), 400, "BothCrc64AndMd5HeaderPresent")
	t.Require(t.Send(ctx, r), match.Status(201), "one")
	holds(ctx, t, path, hello)
}

func knownCRC64(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	for content, sum := range map[string]string{hello: helloCRC64, strings.Repeat("\x00", zeros): zerosCRC64} {
		headers(t, "BLOB-COMMON-032", t.Send(ctx, putting(t, path, content).Set("x-ms-version", "2019-12-12")), "x-ms-content-crc64", sum)
		holds(ctx, t, path, content)
	}
}

func tooLong(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	long := strings.Repeat("x", 4*mib+1)
	a := t.Send(ctx, staging(t, path, blockID("a"), long).Set("x-ms-version", "2015-12-11"))
	refused(t, "BLOB-COMMON-033", a, 413, "RequestBodyTooLarge")
	names(t, "BLOB-COMMON-033", a, "MaxLimit", "4194304")
	stage(ctx, t, path, "a", "x")
	commit(ctx, t, path, "Latest", "a")
	holds(ctx, t, path, "x")
}

func noLength(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	bare := putting(t, path, "")
	bare.Body, bare.NoLength = nil, true
	refused(t, "BLOB-COMMON-034", t.Send(ctx, bare), 411, "MissingContentLengthHeader")
	t.Require(t.Send(ctx, putting(t, path, "")), match.Status(201), "with a length of 0")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("Content-Length", "0"), "the blob")
}

func badXML(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", "x")
	a := t.Send(ctx, t.Blob("PUT", path+"?comp=blocklist").Text("<BlockList><Latest>"+blockID("a")+"</BlockList>"))
	refused(t, "BLOB-COMMON-035", a, 400, "InvalidXmlDocument")
	names(t, "BLOB-COMMON-035", a, "Code", "InvalidXmlDocument")
	for _, element := range []string{"LineNumber", "LinePosition", "Reason"} {
		t.Rule("BLOB-COMMON-035").Expect(a).To(match.XML(element, gomega.Not(gomega.BeEmpty())))
	}
	commit(ctx, t, path, "Latest", "a")
	holds(ctx, t, path, "x")
}

func badXMLValue(ctx context.Context, t *suite.T) {
	name := t.Container(ctx)
	body := func(expiry string) string {
		return "<SignedIdentifiers><SignedIdentifier><Id>a</Id><AccessPolicy><Expiry>" + expiry + "</Expiry><Permission>r</Permission></AccessPolicy></SignedIdentifier></SignedIdentifiers>"
	}
	refused(t, "BLOB-COMMON-036", t.Send(ctx, settingACL(t, name, body("someday"))), 400, "InvalidXmlNodeValue")
	t.Require(t.Send(ctx, settingACL(t, name, body("2099-01-01"))), match.Status(200), "a date")
	t.Require(getACL(ctx, t, name), match.XML("SignedIdentifier/Id", "a"), "the policy")
}

func noBlockID(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	a := t.Send(ctx, t.Blob("PUT", path+"?comp=block").Text("x"))
	refused(t, "BLOB-COMMON-042", a, 400, "MissingRequiredQueryParameter")
	names(t, "BLOB-COMMON-042", a, "QueryParameterName", "blockid")
	stage(ctx, t, path, "a", "x")
	commit(ctx, t, path, "Latest", "a")
	holds(ctx, t, path, "x")
}

func noTier(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	a := t.Send(ctx, t.Blob("PUT", path+"?comp=tier"))
	refused(t, "BLOB-COMMON-041", a, 400, "MissingRequiredHeader")
	names(t, "BLOB-COMMON-041", a, "HeaderName", "x-ms-access-tier")
	t.Require(t.Send(ctx, settingTier(t, path, "Cool")), done(), "with the header")
}

func badLevel(ctx context.Context, t *suite.T) {
	name := t.Unique("c")
	a := t.Send(ctx, t.Blob("PUT", name+"?restype=container").Set("x-ms-blob-public-access", "everybody"))
	refused(t, "BLOB-COMMON-044", a, 400, "InvalidHeaderValue")
	names(t, "BLOB-COMMON-044", a, "HeaderName", "x-ms-blob-public-access")
	names(t, "BLOB-COMMON-044", a, "HeaderValue", "everybody")
	t.ContainerNamed(ctx, name, "x-ms-blob-public-access", "blob")
	t.Require(t.Send(ctx, t.Blob("GET", name+"?restype=container")), match.HasHeader("x-ms-lease-state"), "the container")
}

func unsupportedHeader(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	a := t.Send(ctx, putting(t, path, hello).Set("x-ms-structured-body", "XSM/9.0; properties=none").Set("x-ms-structured-content-length", "11"))
	refused(t, "BLOB-COMMON-045", a, 400, "UnsupportedHeader")
	names(t, "BLOB-COMMON-045", a, "HeaderName", "x-ms-structured-body")
	t.PutBlob(ctx, path, hello)
	holds(ctx, t, path, hello)
}

func blobNotLeased(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	for what, r := range map[string]*suite.Request{
		"Get Blob": t.Blob("GET", path), "Set Blob Metadata": settingMetadata(t, path), "Put Blob": putting(t, path, "x"),
	} {
		refused(t, "BLOB-COMMON-046", t.Send(ctx, r.Set("x-ms-lease-id", suite.GUID())), 412, "LeaseNotPresentWithBlobOperation", what)
	}
	holds(ctx, t, path, hello)
}

func containerNotLeased(ctx context.Context, t *suite.T) {
	name := t.Container(ctx)
	for what, r := range map[string]*suite.Request{
		"Get Container Properties": t.Blob("GET", name+"?restype=container"), "Delete Container": t.Blob("DELETE", name+"?restype=container"),
	} {
		refused(t, "BLOB-COMMON-047", t.Send(ctx, r.Set("x-ms-lease-id", suite.GUID())), 412, "LeaseNotPresentWithContainerOperation", what)
	}
	t.Require(t.Send(ctx, t.Blob("GET", name+"?restype=container")), match.HasHeader("x-ms-lease-state"), "the container")
}
