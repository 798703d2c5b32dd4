package blob

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// nameSpecs are about the names of containers, blobs, parameters and metadata.
func nameSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-COMMON-019/case", Title: "takes names of parameters in any case", Needs: []string{"blob.list"}, Run: parameterCase},
		{ID: "BLOB-COMMON-020/slashes", Title: "takes an encoded slash for a slash, and keeps two", Run: slashes},
		{ID: "BLOB-COMMON-021/backslash", Title: "takes a backslash for a slash", Run: backslash},
		{ID: "BLOB-COMMON-022/root", Title: "takes a path of one segment for a blob of the root container", Run: rootContainer},
		{ID: "BLOB-COMMON-023/case", Title: "keeps the case of names of metadata", Run: metadataCase},
		{ID: "BLOB-COMMON-024/form", Title: "refuses names of metadata that are no identifiers", Run: metadataForm},
		{ID: "BLOB-COMMON-025/twice", Title: "refuses metadata of the same name twice", Needs: []string{"blob.auth.bearer"}, Run: metadataTwice},
		{ID: "BLOB-COMMON-026/large", Title: "refuses metadata of more than 8 KiB", Run: metadataLarge},
		{ID: "BLOB-COMMON-027/empty", Title: "refuses metadata without a name", Run: metadataEmpty},
		{ID: "BLOB-COMMON-037/characters", Title: "refuses names that are none of containers", Run: containerNames},
		{ID: "BLOB-COMMON-038/length", Title: "refuses names of containers that are too short or too long", Run: containerNameLength},
		{ID: "BLOB-COMMON-039/length", Title: "refuses a name of a blob that is too long", Run: blobNameLength},
	}
}

func parameterCase(ctx context.Context, t *suite.T) {
	container := filled(ctx, t, "a", "b")
	a := t.Send(ctx, t.Blob("GET", container+"?Comp=list&maxResults=1&resType=container"))
	t.Rule("BLOB-COMMON-019").Expect(a).To(match.All(blobName, []string{"a"}))
	t.Rule("BLOB-COMMON-019").Expect(a).To(match.XML("MaxResults", "1"))
}

func slashes(ctx context.Context, t *suite.T) {
	container := t.Container(ctx)
	t.PutBlob(ctx, container+"/dir%2Fx", "one")
	t.PutBlob(ctx, container+"/dir//x", "two")
	for path, content := range map[string]string{"/dir/x": "one", "/dir%2Fx": "one", "/dir//x": "two", "/dir%2F/x": "two"} {
		t.Rule("BLOB-COMMON-020").Expect(t.Send(ctx, t.Blob("GET", container+path)), path).To(match.Body(content))
	}
	t.Rule("BLOB-COMMON-020").Expect(listing(ctx, t, container)).To(match.All(blobName, []string{"dir//x", "dir/x"}))
}

func backslash(ctx context.Context, t *suite.T) {
	container := t.Container(ctx)
	t.PutBlob(ctx, container+"/dir%5Cx", hello)
	t.Rule("BLOB-COMMON-021").Expect(t.Send(ctx, t.Blob("GET", container+"/dir/x"))).To(match.Body(hello))
}

// rootContainer makes the root container where there is none, and leaves it: its name would be
// taken for a while, and others may have blobs in it.
func rootContainer(ctx context.Context, t *suite.T) {
	t.Require(t.Send(ctx, t.Blob("PUT", "$root?restype=container")), match.Status(gomega.BeElementOf(201, 409)), "the root container")
	name := t.Unique("b")
	t.Cleanup(func(ctx context.Context) { t.Send(ctx, t.Blob("DELETE", "$root/"+name)) })
	t.Rule("BLOB-COMMON-022").Expect(t.Send(ctx, putting(t, name, hello))).To(match.Status(201))
	t.Rule("BLOB-COMMON-022").Expect(t.Send(ctx, t.Blob("GET", "$root/"+name))).To(match.Body(hello))
	t.Rule("BLOB-COMMON-022").Expect(t.Send(ctx, t.Blob("GET", name))).To(match.Body(hello))
}

// metadataNames are the names of the metadata in an answer as they came.
func metadataNames(a *wire.Answer) []string {
	var out []string
	for _, f := range a.Header {
		if strings.HasPrefix(strings.ToLower(f.Name), "x-ms-meta-") {
			out = append(out, f.Name[len("x-ms-meta-"):])
		}
	}
	return out
}

func metadataCase(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello, "x-ms-meta-CamelCase", "1", "x-ms-meta-lower", "2")
	for _, r := range []*suite.Request{t.Blob("GET", path), t.Blob("HEAD", path), t.Blob("GET", path+"?comp=metadata")} {
		t.Rule("BLOB-COMMON-023").Expect(metadataNames(t.Send(ctx, r)), r.Method).To(gomega.ContainElements("CamelCase", "lower"))
	}
}

func metadataForm(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	for _, name := range []string{"1st", "a-b", "a.b"} {
		refused(t, "BLOB-COMMON-024", t.Send(ctx, settingMetadata(t, path, name, "v")), 400, "InvalidMetadata", name)
	}
	t.Require(t.Send(ctx, settingMetadata(t, path, "_a1", "v")), match.Status(200), "an identifier")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("x-ms-meta-_a1", "v"), "the metadata")
}

func metadataTwice(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	r := func() *suite.Request { return t.As(t.Deployer(), settingMetadata(t, path, "color", "red")) }
	t.Until(ctx, 200, r)
	for _, name := range []string{"x-ms-meta-color", "x-ms-meta-Color"} {
		twice := r()
		twice.Header.Add(name, "blue")
		refused(t, "BLOB-COMMON-025", t.Send(ctx, twice), 400, "InvalidMetadata", name)
	}
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("x-ms-meta-color", "red"), "the metadata")
}

func metadataLarge(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	largest := strings.Repeat("v", 8<<10-len("color"))
	refused(t, "BLOB-COMMON-026", t.Send(ctx, settingMetadata(t, path, "color", largest+"v")), 400, "MetadataTooLarge")
	t.Require(t.Send(ctx, settingMetadata(t, path, "color", largest)), match.Status(200), "8 KiB")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("x-ms-meta-color", largest), "the metadata")
}

func metadataEmpty(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	refused(t, "BLOB-COMMON-027", t.Send(ctx, settingMetadata(t, path, "", "v")), 400, "EmptyMetadataKey")
	t.Require(t.Send(ctx, settingMetadata(t, path, "a", "v")), match.Status(200), "a name")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("x-ms-meta-a", "v"), "the metadata")
}

// making is a Create Container; a container that is made by mistake is deleted.
func making(ctx context.Context, t *suite.T, name string) *wire.Answer {
	a := t.Send(ctx, t.Blob("PUT", name+"?restype=container"))
	if a.Status == 201 {
		t.OwnsContainer(name)
	}
	return a
}

func containerNames(ctx context.Context, t *suite.T) {
	good := t.Container(ctx)
	for _, name := range []string{strings.ToUpper(good), good + "_", good + "-", "-" + good, good + "--a"} {
		refused(t, "BLOB-COMMON-037", making(ctx, t, name), 400, "InvalidResourceName", name)
		refused(t, "BLOB-COMMON-037", t.Send(ctx, t.Blob("GET", name+"/b")), 400, "InvalidResourceName", name)
	}
	t.Require(making(ctx, t, good+"-a"), match.Status(201), "a name of a container")
}

func containerNameLength(ctx context.Context, t *suite.T) {
	good := t.Unique("c")
	long := good + strings.Repeat("x", 63-len(good))
	for _, name := range []string{"ab", long + "x"} {
		refused(t, "BLOB-COMMON-038", making(ctx, t, name), 400, "OutOfRangeInput", name)
	}
	t.Require(making(ctx, t, long), match.Status(201), "63 characters")
	t.Require(t.Send(ctx, t.Blob("GET", long+"?restype=container")), match.HasHeader("x-ms-lease-state"), "the container")
}

func blobNameLength(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/" + strings.Repeat("n", 1024)
	refused(t, "BLOB-COMMON-039", t.Send(ctx, putting(t, path+"n", hello)), 400, "InvalidUri")
	t.PutBlob(ctx, path, hello)
	holds(ctx, t, path, hello)
}
