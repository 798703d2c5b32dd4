package blob

import (
	"context"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/clientlib/wire"
	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// blockSpecs are about staging blocks, and the ids of blocks.
func blockSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-PUT-010/answer", Title: "answers Put Block with a checksum and no tag", Run: putBlock},
		{ID: "BLOB-PUT-011/length", Title: "refuses a block id of another length", Run: blockIDLength},
		{ID: "BLOB-PUT-012/form", Title: "refuses a block id that is not base64 of at most 64 bytes", Run: blockIDForm},
		{ID: "BLOB-PUT-013/empty", Title: "refuses a block without content", Run: emptyBlock},
		{ID: "BLOB-PUT-014/again", Title: "replaces a staged block of the same id", Run: stagedAgain},
		{ID: "BLOB-PUT-017/order", Title: "commits blocks in the order of the list", Run: commitOrder},
		{ID: "BLOB-PUT-017/kinds", Title: "looks for blocks where the list says", Run: commitKinds},
		{ID: "BLOB-PUT-018/none", Title: "refuses a list with a block that is not there", Run: commitNone},
		{ID: "BLOB-PUT-019/long", Title: "refuses a list of more than 50,000 blocks", Run: commitTooMany},
		{ID: "BLOB-PUT-020/dropped", Title: "drops staged blocks that the list does not name", Run: commitDrops},
		{ID: "BLOB-PUT-021/headers", Title: "takes the type of a block list for the XML's", Run: commitHeaders},
		{ID: "BLOB-PUT-022/types", Title: "lists the blocks of the type that is asked for", Run: listBlocks},
		{ID: "BLOB-PUT-023/staged", Title: "lists blocks that are staged alone without tag and length", Run: listStaged},
		{ID: "BLOB-PUT-024/hidden", Title: "does not find a blob that is not committed", Run: notCommitted},
	}
}

func putBlock(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	a := t.Send(ctx, staging(t, path, blockID("a"), hello))
	t.Rule("BLOB-PUT-010").Expect(a).To(match.Status(201))
	headers(t, "BLOB-PUT-010", a, "x-ms-content-crc64", there(), "ETag", match.Absent())
	a = t.Send(ctx, staging(t, path, blockID("b"), hello).Set("Content-MD5", helloMD5))
	headers(t, "BLOB-PUT-010", a, "Content-MD5", helloMD5, "ETag", match.Absent())
	commit(ctx, t, path, "Latest", "a", "Latest", "b")
	holds(ctx, t, path, hello+hello)
}

func blockIDLength(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "aa", "x")
	refused(t, "BLOB-PUT-011", t.Send(ctx, staging(t, path, blockID("bbbb"), "y")), 400, "InvalidBlobOrBlock")
	stage(ctx, t, path, "bb", "y")
	commit(ctx, t, path, "Latest", "aa", "Latest", "bb")
	holds(ctx, t, path, "xy")
}

func blockIDForm(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	for what, id := range map[string]string{"not base64": "!not-base64!", "65 bytes": blockID(strings.Repeat("a", 65))} {
		refused(t, "BLOB-PUT-012", t.Send(ctx, staging(t, path, id, "x")), 400, "InvalidBlockId", what)
	}
	longest := strings.Repeat("a", 64)
	stage(ctx, t, path, longest, "x")
	commit(ctx, t, path, "Latest", longest)
	holds(ctx, t, path, "x")
}

func emptyBlock(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	a := t.Send(ctx, staging(t, path, blockID("a"), ""))
	refused(t, "BLOB-PUT-013", a, 400, "InvalidHeaderValue")
	names(t, "BLOB-PUT-013", a, "HeaderName", "Content-Length")
	stage(ctx, t, path, "a", "x")
	commit(ctx, t, path, "Latest", "a")
	holds(ctx, t, path, "x")
}

func stagedAgain(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", "first", "a", "second")
	list := t.Send(ctx, t.Blob("GET", path+"?comp=blocklist&blocklisttype=uncommitted"))
	t.Rule("BLOB-PUT-014").Expect(list).To(match.All("UncommittedBlocks/Block/Size", []string{"6"}))
	commit(ctx, t, path, "Latest", "a")
	t.Rule("BLOB-PUT-014").Expect(t.Send(ctx, t.Blob("GET", path))).To(match.Body("second"))
}

func commitOrder(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", "first-", "b", "second-")
	a := t.Send(ctx, committing(t, path, "Uncommitted", "b", "Latest", "a"))
	t.Rule("BLOB-PUT-017").Expect(a).To(match.Status(201))
	t.Rule("BLOB-PUT-017").Expect(t.Send(ctx, t.Blob("GET", path))).To(match.Body("second-first-"))
}

func commitKinds(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	content := func(want, about string) {
		t.Rule("BLOB-PUT-017").Expect(t.Send(ctx, t.Blob("GET", path)), about).To(match.Body(want))
	}
	stage(ctx, t, path, "a", "old-", "b", "b-")
	commit(ctx, t, path, "Latest", "a", "Latest", "b")
	stage(ctx, t, path, "a", "new-")
	commit(ctx, t, path, "Committed", "a", "Uncommitted", "a", "Latest", "b")
	content("old-new-b-", "each kind")
	stage(ctx, t, path, "b", "staged-")
	commit(ctx, t, path, "Latest", "b")
	content("staged-", "the latest of a staged and a committed block")
}

func commitNone(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", "x")
	for _, kind := range []string{"Latest", "Committed"} {
		refused(t, "BLOB-PUT-018", t.Send(ctx, committing(t, path, "Latest", "a", kind, "b")), 400, "InvalidBlockList", kind)
	}
	commit(ctx, t, path, "Latest", "a")
	holds(ctx, t, path, "x")
}

func commitTooMany(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", "x")
	list := func(n int) *suite.Request {
		return t.Blob("PUT", path+"?comp=blocklist").Text("<BlockList>" + strings.Repeat("<Latest>"+blockID("a")+"</Latest>", n) + "</BlockList>")
	}
	refused(t, "BLOB-PUT-019", t.Send(ctx, list(50_001)), 400, "BlockListTooLong")
	t.Require(t.Send(ctx, list(50_000)), match.Status(201), "50,000 blocks")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Header("Content-Length", "50000"), "50,000 bytes")
}

func commitDrops(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", "x", "b", "y")
	commit(ctx, t, path, "Latest", "a")
	holds(ctx, t, path, "x")
	a := t.Send(ctx, committing(t, path, "Uncommitted", "b"))
	t.Rule("BLOB-PUT-020").Expect(a).To(match.Status(400))
	list := t.Send(ctx, t.Blob("GET", path+"?comp=blocklist&blocklisttype=uncommitted"))
	t.Require(list, match.Root("BlockList"), "the list of blocks")
	t.Rule("BLOB-PUT-020").Expect(list).To(match.All("UncommittedBlocks/Block/Name", gomega.BeEmpty()))
}

func commitHeaders(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", hello)
	a := t.Send(ctx, committing(t, path, "Latest", "a").Set("Content-Type", "application/xml"))
	t.Require(a, match.Status(201), "committing")
	holds(ctx, t, path, hello)
	head := t.Send(ctx, t.Blob("HEAD", path))
	headers(t, "BLOB-PUT-021", head, "Content-Type", "application/octet-stream", "Content-MD5", match.Absent())
	a = t.Send(ctx, committing(t, path, "Latest", "a").Set("x-ms-blob-content-type", "text/html").Set("x-ms-blob-content-md5", helloMD5))
	t.Require(a, match.Status(201), "committing again")
	headers(t, "BLOB-PUT-021", t.Send(ctx, t.Blob("HEAD", path)), "Content-Type", "text/html", "Content-MD5", helloMD5)
}

// blockNames are the ids in a list of blocks.
func blockNames(a *wire.Answer, kind string) []string {
	root, err := match.ParseXML(a.Body)
	if err != nil {
		return nil
	}
	return root.Texts(kind + "Blocks/Block/Name")
}

func listBlocks(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "c", "3", "a", "1", "b", "2")
	list := func(query string) *wire.Answer { return t.Send(ctx, t.Blob("GET", path+"?comp=blocklist"+query)) }
	rule := t.Rule("BLOB-PUT-022")
	a, b, c := blockID("a"), blockID("b"), blockID("c")
	rule.Expect(blockNames(list("&blocklisttype=uncommitted"), "Uncommitted"), "staged").To(gomega.Equal([]string{a, b, c}))
	commit(ctx, t, path, "Latest", "c", "Latest", "a")
	stage(ctx, t, path, "d", "4")
	for _, query := range []string{"", "&blocklisttype=committed"} {
		answer := list(query)
		rule.Expect(answer, query).To(match.Children("", []string{"CommittedBlocks"}))
		rule.Expect(blockNames(answer, "Committed"), query).To(gomega.Equal([]string{c, a}))
	}
	all := list("&blocklisttype=all")
	rule.Expect(blockNames(all, "Committed"), "all").To(gomega.Equal([]string{c, a}))
	rule.Expect(blockNames(all, "Uncommitted"), "all").To(gomega.Equal([]string{blockID("d")}))
}

func listStaged(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", "x")
	list := func() *wire.Answer {
		a := t.Send(ctx, t.Blob("GET", path+"?comp=blocklist&blocklisttype=all"))
		t.Require(a, match.Root("BlockList"), "the list of blocks")
		return a
	}
	headers(t, "BLOB-PUT-023", list(), "ETag", match.Absent(), "x-ms-blob-content-length", match.Absent())
	commit(ctx, t, path, "Latest", "a")
	t.Require(list(), match.HasHeader("ETag"), "the tag when it is committed")
	t.Require(list(), match.Header("x-ms-blob-content-length", "1"), "the length when it is committed")
}

func notCommitted(ctx context.Context, t *suite.T) {
	path := t.Container(ctx) + "/b"
	stage(ctx, t, path, "a", "x")
	for _, method := range []string{"GET", "HEAD"} {
		refused(t, "BLOB-PUT-024", t.Send(ctx, t.Blob(method, path)), 404, "BlobNotFound", method)
	}
	commit(ctx, t, path, "Latest", "a")
	holds(ctx, t, path, "x")
	t.Require(t.Send(ctx, t.Blob("HEAD", path)), match.Status(200), "the committed blob")
}
