package blob

import (
	"context"
	"time"

	"github.com/onsi/gomega"

	"github.com/linarite/linarite/conformance/match"
	"github.com/linarite/linarite/conformance/suite"
)

// writeConditionSpecs are about conditions of writes.
func writeConditionSpecs() []suite.Spec {
	return []suite.Spec{
		{ID: "BLOB-COND-005/pairs", Title: "lets the tag count of a pair of conditions", Run: writePairs},
		{ID: "BLOB-COND-006/others", Title: "refuses other pairs of conditions", Run: writeOtherPairs},
		{ID: "BLOB-COND-007/refused", Title: "refuses a write whose condition is not met", Run: writeRefused},
		{ID: "BLOB-COND-008/none", Title: "refuses If-Match for a blob that is not there", Run: writeNone},
		{ID: "BLOB-COND-012/container", Title: "takes times as conditions for containers", Needs: []string{"blob.container", "blob.container.acl"},
			Run: containerConditions},
	}
}

func writePairs(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	for _, row := range []struct {
		conditions []string
		status     int
	}{
		{[]string{ifMatch, c.old, ifUnmodified, c.modified}, 412},
		{[]string{ifNone, c.tag, ifModified, c.before}, 412},
		{[]string{ifMatch, c.tag, ifUnmodified, c.before}, 200}, // changes the tag, not the one below
		{[]string{ifNone, c.old, ifModified, c.modified}, 200},
		{[]string{ifNone, c.old}, 200},
		{[]string{ifModified, c.before}, 200},
	} {
		a := t.Send(ctx, on(settingMetadata(t, c.path, "color", "red"), row.conditions...))
		t.Rule("BLOB-COND-005").Expect(a, row.conditions...).To(match.Status(row.status))
	}
}

func writeOtherPairs(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	for _, pair := range [][]string{
		{ifMatch, c.tag, ifNone, c.old}, {ifMatch, c.tag, ifModified, c.before}, {ifNone, c.old, ifUnmodified, c.modified}, {ifModified, c.before, ifUnmodified, c.modified},
	} {
		a := t.Send(ctx, on(settingMetadata(t, c.path, "color", "red"), pair...))
		refused(t, "BLOB-COND-006", a, 400, "MultipleConditionHeadersNotSupported", pair[0], pair[2])
	}
	t.Require(t.Send(ctx, on(settingMetadata(t, c.path), ifMatch, c.tag)), match.Status(200), "one condition")
}

func writeRefused(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	stage(ctx, t, c.path, "a", "other")
	writes := map[string]func() *suite.Request{
		"Put Blob":          func() *suite.Request { return putting(t, c.path, "other") },
		"Put Block List":    func() *suite.Request { return committing(t, c.path, "Latest", "a") },
		"Set Blob Metadata": func() *suite.Request { return settingMetadata(t, c.path, "color", "red") },
		"Set Blob Properties": func() *suite.Request {
			return t.Blob("PUT", c.path+"?comp=properties").Set("x-ms-blob-content-type", "a/b")
		},
		"Delete Blob": func() *suite.Request { return t.Blob("DELETE", c.path) },
	}
	for what, write := range writes {
		for name, value := range map[string]string{ifMatch: c.old, ifNone: c.tag, ifModified: c.modified, ifUnmodified: c.before} {
			refused(t, "BLOB-COND-007", t.Send(ctx, on(write(), name, value)), 412, "ConditionNotMet", what, name)
		}
	}
	t.Require(t.Send(ctx, t.Blob("GET", c.path)), gomega.And(match.Body(hello), match.Header("ETag", c.tag)), "the blob as it was")
	for _, what := range []string{"Set Blob Metadata", "Put Blob", "Delete Blob"} {
		t.Require(t.Send(ctx, on(writes[what](), ifNone, c.old)), done(), what+" whose condition is met")
	}
}

func writeNone(ctx context.Context, t *suite.T) {
	c := newChanged(ctx, t)
	path := c.path + "2"
	for _, tag := range []string{"*", c.tag} {
		for what, r := range map[string]*suite.Request{"Put Blob": putting(t, path, "x"), "Set Blob Metadata": settingMetadata(t, path), "Delete Blob": t.Blob("DELETE", path)} {
			refused(t, "BLOB-COND-008", t.Send(ctx, on(r, ifMatch, tag)), 412, "ConditionNotMet", what)
		}
	}
	t.Require(t.Send(ctx, on(putting(t, c.path, "x"), ifMatch, "*")), match.Status(201), "a blob that is there")
}

func containerConditions(ctx context.Context, t *suite.T) {
	name := t.Container(ctx)
	head := t.Send(ctx, t.Blob("GET", name+"?restype=container"))
	t.Require(head, match.HasHeader("x-ms-lease-state"), "the container")
	at := modifiedOf(t, head)
	modified, before := date(at), date(at.Add(-time.Hour))
	metadata := func() *suite.Request { return t.Blob("PUT", name+"?restype=container&comp=metadata") }
	acl := func() *suite.Request { return settingACL(t, name, "") }
	remove := func() *suite.Request { return t.Blob("DELETE", name+"?restype=container") }
	unmet := func(what string, r *suite.Request, name, value string) {
		refused(t, "BLOB-COND-012", t.Send(ctx, on(r, name, value)), 412, "ConditionNotMet", what, name)
	}
	unmet("Set Container Metadata", metadata(), ifModified, modified)
	unmet("Set Container ACL", acl(), ifModified, modified)
	unmet("Set Container ACL", acl(), ifUnmodified, before)
	unmet("Delete Container", remove(), ifModified, modified)
	unmet("Delete Container", remove(), ifUnmodified, before)
	for what, r := range map[string]*suite.Request{"Set Container Metadata": metadata(), "Set Container ACL": acl()} {
		t.Rule("BLOB-COND-012").Expect(t.Send(ctx, on(r, ifModified, before)), what).To(match.Status(200))
	}
	t.Rule("BLOB-COND-012").Expect(t.Send(ctx, on(remove(), ifModified, before)), "Delete Container").To(done())
}
