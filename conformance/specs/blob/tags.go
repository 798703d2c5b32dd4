package blob

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// tagSpecs are about the tags of blobs.
func tagSpecs() []suite.Spec {
	bad := func(rule, slug, title, code string, bad map[string]string) suite.Spec {
		return suite.Spec{ID: rule + "/" + slug, Title: title, Run: func(ctx context.Context, t *suite.T) { badTags(ctx, t, rule, code, bad) }}
	}
	strange := map[string]string{}
	for _, c := range strings.Split("! * @ # $ % ^ ( ) [ ] { } | \\ ? ' , ; ~ ` ä \u0661", " ") {
		strange["in a key "+c], strange["in a value "+c] = tags("k"+c, "v"), tags("k", "v"+c)
	}
	eleven := make([]string, 0, 22)
	for i := range 11 {
		eleven = append(eleven, fmt.Sprint("k", i), "v")
	}
	return []suite.Spec{
		{ID: "BLOB-PROP-003/round", Title: "keeps tags as they were set", Run: setTags},
		bad("BLOB-PROP-004", "large", "refuses tags that are too many or too long", "TagsTooLarge", map[string]string{
			"eleven": tags(eleven...), "a key of 129": tags(strings.Repeat("k", 129), "v"), "a value of 257": tags("k", strings.Repeat("v", 257))}),
		bad("BLOB-PROP-005", "empty", "refuses a tag without a key", "EmptyTagName", map[string]string{"no key": tags("", "v")}),
		bad("BLOB-PROP-006", "twice", "refuses the same key twice", "DuplicateTagNames", map[string]string{"twice": tags("k", "v", "k", "w")}),
		bad("BLOB-PROP-007", "characters", "refuses tags with other characters", "InvalidTag", strange),
		{ID: "BLOB-PROP-008/count", Title: "answers how many tags a blob has", Run: countTags},
	}
}

// tags is the XML of tags: keys and values in turn.
func tags(pairs ...string) string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="utf-8"?><Tags><TagSet>`)
	for i := 0; i+1 < len(pairs); i += 2 {
		b.WriteString("<Tag><Key>" + pairs[i] + "</Key><Value>" + pairs[i+1] + "</Value></Tag>")
	}
	b.WriteString("</TagSet></Tags>")
	return b.String()
}

// settingTags is a Set Blob Tags.
func settingTags(t *suite.T, path, body string) *suite.Request {
	return t.Blob("PUT", path+"?comp=tags").Text(body)
}

func setTags(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello)
	for _, pairs := range [][]string{{"a", "1", "key 2", "+-.:=_/ x"}, {"b", ""}, {}} {
		t.Rule("BLOB-PROP-003").Expect(t.Send(ctx, settingTags(t, path, tags(pairs...)))).To(match.Status(204))
		var keys, values []string
		for i := 0; i+1 < len(pairs); i += 2 {
			keys, values = append(keys, pairs[i]), append(values, pairs[i+1])
		}
		a := t.Send(ctx, t.Blob("GET", path+"?comp=tags"))
		t.Rule("BLOB-PROP-003").Expect(a).To(match.Root("Tags"))
		t.Rule("BLOB-PROP-003").Expect(a).To(match.All("TagSet/Tag/Key", gomega.ConsistOf(keys)))
		t.Rule("BLOB-PROP-003").Expect(a).To(match.All("TagSet/Tag/Value", gomega.ConsistOf(values)))
	}
}

func badTags(ctx context.Context, t *suite.T, rule, code string, bad map[string]string) {
	path := stored(ctx, t, hello)
	for _, what := range slices.Sorted(maps.Keys(bad)) {
		refused(t, rule, t.Send(ctx, settingTags(t, path, bad[what])), 400, code, what)
	}
	t.Require(t.Send(ctx, settingTags(t, path, tags(strings.Repeat("k", 128), strings.Repeat("v", 256), "b", "+-.:=_/ "))), done(), "what is allowed")
	t.Require(t.Send(ctx, t.Blob("GET", path+"?comp=tags")), match.All("TagSet/Tag/Key", gomega.HaveLen(2)), "the tags")
}

func countTags(ctx context.Context, t *suite.T) {
	path := stored(ctx, t, hello, "x-ms-tags", "a=1&b=2")
	for _, method := range []string{"GET", "HEAD"} {
		headers(t, "BLOB-PROP-008", t.Send(ctx, t.Blob(method, path)), "x-ms-tag-count", "2")
	}
	t.Require(t.Send(ctx, settingTags(t, path, tags())), done(), "taking the tags away")
	for _, method := range []string{"GET", "HEAD"} {
		headers(t, "BLOB-PROP-008", t.Send(ctx, t.Blob(method, path)), "ETag", there(), "x-ms-tag-count", match.Absent())
	}
}
